"""Whole lists as files, for administrators: below `/a/keycell/admin/`."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from keycell.administration.calls import PREFIX
from keycell.administration.exporting import FILES
from keycell.http import calling
from keycell.http.administering import office_of
from keycell.http.calling import Endpoint, asked_of
from keycell.http.edge import Edge
from keycell.http.rest.errors import tells_account_errors
from keycell.http.wire import NO_STORE

_TYPES = {"jsonl": "application/jsonl", "csv": "text/csv; charset=utf-8; header=present"}


def _endpoint(asks: type, lines_of: Any, name: str, action: str) -> Endpoint:  # noqa: ANN401
    async def endpoint(edge: Edge, request: Request) -> Response:
        office = await office_of(edge, request)
        asked: Any = asked_of(request, asks)
        # Said before the first line goes out, when nothing can be refused any more.
        asked.check()
        await office.people.audit.record(office.event(action, name))
        told = f'attachment; filename="{name}.{asked.format}"'
        headers = {**NO_STORE, "Content-Disposition": told}
        return StreamingResponse(lines_of(office, asked), 200, headers, _TYPES[asked.format])

    endpoint.__doc__ = lines_of.__doc__
    return tells_account_errors(endpoint)


EXPORTS: Mapping[str, Mapping[str, Endpoint]] = {
    PREFIX + path: {"GET": _endpoint(*one)} for path, one in FILES.items()
}
QUERIES = {
    f"GET {PREFIX}{path}": calling.query_schema(calling.schema_of(asks, set()))
    for path, (asks, *_) in FILES.items()
}
