"""Registering clients by the REST calls of the system whose addresses we keep.

    /a/config/oauth2clients[/{ClientID}]                       one client each, two spellings
    /a/config/services/pydio.web.oauth/staticClients           the whole array, as a string

Success is 200 and nothing else; errors have the form that its clients read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from keycell.accounts.audit import AuditEvent
from keycell.accounts.people import Account
from keycell.http.bearer import administrator, check_recent_sign_in
from keycell.http.edge import Edge
from keycell.http.wire import NO_STORE, json_answer, json_body, origin_of
from keycell.oauth.clients import CameBy, Client
from keycell.oauth.errors import InvalidClientMetadata
from keycell.oauth.legacy_clients import (
    INACTIVITY,
    LegacyClient,
    read_legacy_client,
    read_legacy_clients,
)
from keycell.oauth.registration import to_document
from keycell.oauth.scope import format_scope
from keycell.provider.ports import Provider
from keycell.provider.register import make_legacy_client
from keycell.provider.test_mode import remove_testers

_FULL_PATH = "services/pydio.web.oauth/staticClients"
_PAGE = 500
_SUCCESS = {"Success": True}


def rest_error(
    status: int, code: str, detail: str, headers: dict[str, str] | None = None
) -> Response:
    """Give an error in the form that the old system's clients read."""
    body = {"Code": code, "Title": detail or code, "Detail": detail or code}
    return json_answer(body, status, {**NO_STORE, **(headers or {})})


def _answer(body: object) -> Response:
    return json_answer(body, headers=NO_STORE)


async def list_clients(edge: Edge, request: Request) -> Response:
    """List the clients that administrators registered."""
    await administrator(edge, request)
    found = [one for one in await _all(edge) if not one.is_first_party]
    if request.query_params.get("case") == "snake":
        return _answer({"staticClients": [_snake(one) for one in found]})
    return _answer({"Clients": [_pascal(one) for one in found]})


async def put_client(edge: Edge, request: Request) -> Response:
    """Register a client, or replace one."""
    account = await administrator(edge, request)
    await check_recent_sign_in(edge, request)
    document = await json_body(request)
    client_id = request.path_params["client_id"]
    if not isinstance(document, dict):
        raise InvalidClientMetadata("the body must be a JSON object")
    for name in ("ClientID", "client_id"):
        if document.get(name, client_id) != client_id:
            raise InvalidClientMetadata(f"{name} is not the one of the address")
    document = {**document, "client_id": client_id}
    document.pop("ClientID", None)
    before = await edge.provider.clients.find(client_id)
    if before is not None and before.is_first_party:
        raise InvalidClientMetadata(f"{client_id} is a first-party client")
    method = "none" if before is None else before.metadata.token_endpoint_auth_method
    legacy = read_legacy_client(document, edge.settings.origins, method=method)
    await _keep(edge, request, account, _Wanted(legacy, before, "rest"))
    return _answer(_SUCCESS)


async def remove_client(edge: Edge, request: Request) -> Response:
    """Remove a client."""
    account = await administrator(edge, request)
    await check_recent_sign_in(edge, request)
    client_id = request.path_params["client_id"]
    client = await edge.provider.clients.find(client_id)
    if client is None:
        return rest_error(404, "NotFound", f"there is no client {client_id}")
    if client.is_first_party:
        return rest_error(403, "Forbidden", "a first-party client cannot be removed")
    await _remove(edge, request, account, client_id)
    return _answer(_SUCCESS)


async def read_static(edge: Edge, request: Request) -> Response:
    """Give the static clients, as JSON inside a string."""
    await administrator(edge, request)
    static = [_snake(one) for one in await _all(edge) if one.came_by == "static"]
    return _answer({"FullPath": _FULL_PATH, "Data": msgspec.json.encode(static).decode()})


async def write_static(edge: Edge, request: Request) -> Response:
    """Replace the static clients; others are left alone, and so are secrets not sent."""
    account = await administrator(edge, request)
    await check_recent_sign_in(edge, request)
    body = await json_body(request)
    text = body.get("Data") if isinstance(body, dict) else None
    if not isinstance(text, str):
        raise InvalidClientMetadata("Data must be a string that holds a JSON array of clients")
    try:
        document = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        raise InvalidClientMetadata("Data holds no JSON") from None
    known = {one.client_id: one for one in await _all(edge)}
    wanted = _wanted(edge, document, known)
    # Everything is checked before anything is written.
    for one in wanted:
        make_legacy_client(edge.provider, one, known.get(one.client_id), "static")
    for one in wanted:
        before = known.get(one.client_id)
        await _keep(edge, request, account, _Wanted(one, before, "static"))
    kept = {one.client_id for one in wanted}
    for client in known.values():
        if client.came_by == "static" and client.client_id not in kept:
            await _remove(edge, request, account, client.client_id)
    return _answer({"FullPath": _FULL_PATH, "Data": text})


def _wanted(edge: Edge, document: object, known: Mapping[str, Client]) -> Sequence[LegacyClient]:
    methods = {
        client_id: one.metadata.token_endpoint_auth_method for client_id, one in known.items()
    }
    wanted = []
    for one in read_legacy_clients(document, edge.settings.origins, methods):
        before = known.get(one.client_id)
        if before is not None and before.is_first_party:
            # Old arrays list them; ours are made at start and left alone.
            continue
        if before is not None and before.came_by != "static":
            raise InvalidClientMetadata(
                f"the client {one.client_id} exists and did not come by this way"
            )
        wanted.append(one)
    if len({one.client_id for one in wanted}) < len(wanted):
        raise InvalidClientMetadata("two clients have one client_id")
    return wanted


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A client as it is to be, and as it was read; None where there was none."""

    legacy: LegacyClient
    before: Client | None
    came_by: CameBy

    def made_of(self, provider: Provider, now: Client | None) -> Client:
        return make_legacy_client(provider, self.legacy, now, self.came_by)


async def _keep(edge: Edge, request: Request, account: Account, wanted: _Wanted) -> None:
    provider, client_id = edge.provider, wanted.legacy.client_id
    event = AuditEvent(
        at=provider.clock(),
        actor=account.sub,
        action="client.added" if wanted.before is None else "client.changed",
        target=client_id,
        client_id=client_id,
        origin=origin_of(request),
    )
    if wanted.before is None:
        is_kept = await provider.clients.add(wanted.made_of(provider, None), event)
    else:
        is_kept = None is not await provider.clients.update(
            client_id, lambda now: wanted.made_of(provider, now), event
        )
    if not is_kept:
        raise InvalidClientMetadata(f"{client_id} was changed meanwhile; send it again")


async def _remove(edge: Edge, request: Request, account: Account, client_id: str) -> None:
    now = edge.provider.clock()
    await remove_testers(edge.people, client_id, account.sub, origin_of(request))
    event = AuditEvent(
        at=now, actor=account.sub, action="client.removed", target=client_id,
        client_id=client_id, origin=origin_of(request),
    )  # fmt: skip
    await edge.provider.clients.remove(client_id, now, event)


async def _all(edge: Edge) -> list[Client]:
    found: list[Client] = []
    after = ""
    while True:
        page = await edge.provider.clients.page(after, _PAGE)
        found.extend(page)
        if len(page) < _PAGE:
            return found
        after = page[-1].client_id


def _snake(client: Client) -> dict[str, object]:
    document = {"client_id": client.client_id, **to_document(client.metadata)}
    if client.revoke_refresh_after is not None:
        document[INACTIVITY] = f"{int(client.revoke_refresh_after.total_seconds())}s"
    return document


def _pascal(client: Client) -> dict[str, object]:
    metadata = client.metadata
    return {
        "ClientID": client.client_id,
        "Name": client.name,
        "GrantTypes": list(metadata.grant_types),
        "RedirectURIs": list(metadata.redirect_uris),
        "ResponseTypes": list(metadata.response_types),
        "Scope": "" if metadata.scope is None else format_scope(metadata.scope),
        "Audience": list(metadata.audience),
    }
