"""Administration at a distance: the calls of `keycell admin`, below `/a/keycell/admin/`.

An administrator's token of the scope `admin` is asked for before anything is read.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from keycell.administration.calls import CALLS, PREFIX, Call
from keycell.administration.office import Clash, NotAllowed, NotThere, Office
from keycell.http.bearer import administrator, bearer_access
from keycell.http.config_rest import rest_error
from keycell.http.edge import Edge
from keycell.http.rest.errors import tells_account_errors
from keycell.http.wire import NO_STORE, json_answer, json_body, origin_of, query_pairs
from keycell.oauth.errors import InvalidRequest
from keycell.provider.access import PERSONAL
from keycell.provider.personal_tokens import By, Limits

Endpoint = Callable[[Edge, Request], Awaitable[Response]]


async def office_of(edge: Edge, request: Request) -> Office:
    """Give what an administrator works with; raise InvalidToken or InsufficientScope."""
    account = await administrator(edge, request)
    access = await bearer_access(edge, request)
    # One personal token makes no other. See decisions/0034.
    limits = Limits((), frozenset()) if access.client_id == PERSONAL else None
    return Office(
        provider=edge.provider,
        people=edge.people,
        keys=edge.keys,
        by=By(account.sub, origin_of(request)),
        files_kept=edge.files.limits.trash_kept,
        origins=edge.settings.origins,
        allows_http=edge.settings.insecure_http,
        limits=limits,
    )


def _endpoint(call: Call, method: str) -> Endpoint:
    async def endpoint(edge: Edge, request: Request) -> Response:
        office = await office_of(edge, request)
        said = await _said(request, method)
        try:
            document = await call.answer(office, said)
        except NotThere as error:
            return rest_error(404, "NotFound", str(error))
        except Clash as error:
            return rest_error(409, "Conflict", str(error))
        except NotAllowed as error:
            return rest_error(403, "Forbidden", str(error))
        return json_answer(document, headers=NO_STORE)

    endpoint.__doc__ = call.act.__doc__
    return tells_account_errors(endpoint)


async def _said(request: Request, method: str) -> dict[str, Any]:
    """Give what is asked: of the body or the query, and of the address, which counts more."""
    said: dict[str, Any] = {}
    if method in ("GET", "DELETE"):
        for name, value in query_pairs(request):
            if name in said:
                raise InvalidRequest(f"{name[:50]} is sent more than once; send it once")
            said[name] = value
    elif request.headers.get("content-type") or int(request.headers.get("content-length") or 0):
        body = await json_body(request)
        if not isinstance(body, dict):
            raise InvalidRequest("the body must be a JSON object")
        said |= body
    return said | request.path_params


ADMINISTRATION: Mapping[str, Mapping[str, Endpoint]] = {
    PREFIX + path: {method: _endpoint(call, method) for method, call in calls.items()}
    for path, calls in CALLS.items()
}

Schema = dict[str, Any]


def _schema_of(asks: type, names: set[str]) -> Schema:
    (_,), found = msgspec.json.schema_components([asks], ref_template="{name}")
    schema: Schema = dict(found[asks.__name__])
    kept = {name: one for name, one in schema["properties"].items() if name not in names}
    required = [name for name in schema.get("required", ()) if name not in names]
    return {"type": "object", "properties": kept, "required": required}


def schemas() -> tuple[dict[str, Schema], dict[str, list[Schema]]]:
    """Give the forms of bodies and queries, by method and address."""
    bodies: dict[str, Schema] = {}
    queries: dict[str, list[Schema]] = {}
    for path, calls in CALLS.items():
        names = {part[1:-1] for part in path.split("/") if part.startswith("{")}
        for method, call in calls.items():
            key, schema = f"{method} {PREFIX}{path}", _schema_of(call.asks, names)
            if method in ("POST", "PUT"):
                bodies[key] = {"application/json": {"schema": schema}}
            elif schema["properties"]:
                queries[key] = [
                    {"name": name, "in": "query", "schema": one,
                     "required": name in schema["required"]}
                    for name, one in schema["properties"].items()
                ]  # fmt: skip
    return bodies, queries
