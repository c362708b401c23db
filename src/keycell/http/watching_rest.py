"""How the server stands and what it was told, for administrators: below `/a/keycell/admin/`.

These look at the process itself, which the calls of administration do not know.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from urllib.parse import urlsplit

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from keycell.administration import trail
from keycell.administration.calls import PREFIX
from keycell.administration.office import PAGE, Office
from keycell.http.administering import office_of
from keycell.http.calling import Endpoint, asked_of
from keycell.http.diagnostics import diagnostics
from keycell.http.edge import Edge
from keycell.http.health import checks, tls_of
from keycell.http.settings_told import told
from keycell.http.wire import NO_STORE, json_answer
from keycell.oauth.sentences import in_english, phrase
from keycell.settings import Settings, variable

_JSONL = "application/jsonl"


async def health(edge: Edge, request: Request) -> Response:
    """Say how everything stands that the server needs."""
    office = await office_of(edge, request)
    found = [one.view(office.words) for one in await checks(edge)]
    now = edge.people.clock().isoformat()
    return json_answer({"now": now, "items": found}, headers=NO_STORE)


async def settings(edge: Edge, request: Request) -> Response:
    """List every setting: what it is for, its value, default, source and what comes of it."""
    office = await office_of(edge, request)
    found = told(edge.settings, office.words)
    return json_answer({"items": found}, headers=NO_STORE)


def _check(name: str, state: str, detail: str, **more: object) -> dict[str, object]:
    return {"check": name, "state": state, "detail": detail, **more}


async def checklist(edge: Edge, request: Request) -> Response:
    """Check what a new server should have, each by a look at how it is now."""
    office = await office_of(edge, request)
    tls_state, tls = tls_of(edge.settings)
    found = [
        _reached(edge.settings, request),
        _check("tls", "done" if tls_state == "good" else "todo", tls.told(office.words)),
        _proxy(office, edge.settings, request),
        _check("mail", "done" if edge.settings.smtp else "todo", edge.settings.mail_from),
        await _first_client(office),
        await _backup(office),
        await _administrators(office),
    ]
    return json_answer({"items": found}, headers=NO_STORE)


def _reached(settings: Settings, request: Request) -> dict[str, object]:
    host = request.headers.get("host", "")
    known = {urlsplit(one).netloc for one in settings.origins}
    state = "done" if host in known else "bad"
    return _check("issuer", state, f"{settings.issuer}", reached_at=host[:200])


def _proxy(office: Office, settings: Settings, request: Request) -> dict[str, object]:
    ip = request.client.host if request.client else ""
    if "x-forwarded-for" in request.headers and not settings.trusted_proxies:
        said = phrase(
            "a proxy tells where requests come from and is not believed: set %(option)s to its "
            "address",
            option=variable("trusted_proxies"),
        )
        return _check("proxy", "bad", said.told(office.words), ip=ip)
    said = phrase("you come from %(address)s", address=ip)
    return _check("proxy", "done", said.told(office.words), ip=ip)


async def _first_client(office: Office) -> dict[str, object]:
    count, after = 0, ""
    while page := await office.provider.clients.page(after, PAGE):
        count += sum(not one.is_first_party for one in page)
        after = page[-1].client_id
    return _check("client", "done" if count else "todo", str(count))


async def _backup(office: Office) -> dict[str, object]:
    made = await trail.latest(office, "backup.made")
    if made is None:
        return _check("backup", "todo", "")
    return _check("backup", "done", made.at.isoformat())


async def _administrators(office: Office) -> dict[str, object]:
    count = await office.people.accounts.count_administrators()
    return _check("administrators", "done" if count > 1 else "todo", str(count))


async def audit_lines(edge: Edge, request: Request) -> Response:
    """Give the trail as JSON lines, the latest first, by the same filters as the list."""
    office = await office_of(edge, request)
    asked = asked_of(request, trail.Asking)
    headers = {**NO_STORE, "Content-Disposition": 'attachment; filename="audit.jsonl"'}
    return StreamingResponse(_lines(office, asked), 200, headers, _JSONL)


async def _lines(office: Office, asked: trail.Asking) -> AsyncIterator[bytes]:
    # Lines are for programs: they are the same whoever fetches them.
    async for one in trail.events(replace(office, words=in_english), asked):
        yield msgspec.json.encode(one) + b"\n"


WATCHING: Mapping[str, Mapping[str, Endpoint]] = {
    f"{PREFIX}health": {"GET": health},
    f"{PREFIX}diagnostics": {"GET": diagnostics},
    f"{PREFIX}settings": {"GET": settings},
    f"{PREFIX}checklist": {"GET": checklist},
    f"{PREFIX}audit.jsonl": {"GET": audit_lines},
}
