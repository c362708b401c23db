"""Registering clients by the REST calls of the system whose addresses we keep.

    /a/config/oauth2clients[/{ClientID}]                       one client each, two spellings
    /a/config/services/pydio.web.oauth/staticClients           the whole array, as a string

Success is 200 and nothing else; errors have the form that its clients read.
"""

from dataclasses import replace

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from keycell.accounts.audit import AuditEvent
from keycell.accounts.people import Account
from keycell.http.bearer import administrator
from keycell.http.edge import Edge
from keycell.http.wire import json_answer, json_body, origin_of
from keycell.oauth.clients import Client
from keycell.oauth.errors import InvalidClientMetadata
from keycell.oauth.legacy_clients import LegacyClient, read_legacy_client, read_legacy_clients
from keycell.oauth.registration import to_document
from keycell.oauth.scope import format_scope
from keycell.provider.register import keep_secret, make_client

_FULL_PATH = "services/pydio.web.oauth/staticClients"
_PAGE = 500
_SUCCESS = {"Success": True}


def rest_error(
    status: int, code: str, detail: str, headers: dict[str, str] | None = None
) -> Response:
    """Give an error in the form that the old system's clients read."""
    body = {"Code": code, "Title": detail or code, "Detail": detail or code}
    return json_answer(body, status, headers)


async def list_clients(edge: Edge, request: Request) -> Response:
    """List the clients that administrators registered."""
    await administrator(edge, request)
    found = [one for one in await _all(edge) if not one.is_first_party]
    if request.query_params.get("case") == "snake":
        return json_answer({"staticClients": [_snake(one) for one in found]})
    return json_answer({"Clients": [_pascal(one) for one in found]})


async def put_client(edge: Edge, request: Request) -> Response:
    """Register a client, or replace one."""
    account = await administrator(edge, request)
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
    has_secret = before is not None and not before.is_public
    legacy = read_legacy_client(document, edge.settings.origins, has_secret=has_secret)
    await _put(edge, request, account, legacy, before, "rest")
    return json_answer(_SUCCESS)


async def remove_client(edge: Edge, request: Request) -> Response:
    """Remove a client."""
    account = await administrator(edge, request)
    client_id = request.path_params["client_id"]
    client = await edge.provider.clients.find(client_id)
    if client is None:
        return rest_error(404, "NotFound", f"there is no client {client_id}")
    if client.is_first_party:
        return rest_error(403, "Forbidden", "a first-party client cannot be removed")
    await _remove(edge, request, account, client_id)
    return json_answer(_SUCCESS)


async def read_static(edge: Edge, request: Request) -> Response:
    """Give the static clients, as JSON inside a string."""
    await administrator(edge, request)
    static = [_snake(one) for one in await _all(edge) if one.came_by == "static"]
    return json_answer({"FullPath": _FULL_PATH, "Data": msgspec.json.encode(static).decode()})


async def write_static(edge: Edge, request: Request) -> Response:
    """Replace the static clients; others are left alone, and so are secrets not sent."""
    account = await administrator(edge, request)
    body = await json_body(request)
    text = body.get("Data") if isinstance(body, dict) else None
    if not isinstance(text, str):
        raise InvalidClientMetadata("Data must be a string that holds a JSON array of clients")
    try:
        document = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        raise InvalidClientMetadata("Data holds no JSON") from None
    wanted = read_legacy_clients(document, edge.settings.origins)
    known = {one.client_id: one for one in await _all(edge)}
    for legacy in wanted:
        before = known.get(legacy.client_id)
        if before is not None and before.came_by != "static":
            raise InvalidClientMetadata(
                f"the client {legacy.client_id} exists and did not come by this way"
            )
    # Everything was checked before anything is written.
    for legacy in wanted:
        await _put(edge, request, account, legacy, known.get(legacy.client_id), "static")
    kept = {legacy.client_id for legacy in wanted}
    for client in known.values():
        if client.came_by == "static" and client.client_id not in kept:
            await _remove(edge, request, account, client.client_id)
    return json_answer({"FullPath": _FULL_PATH, "Data": text})


async def _put(
    edge: Edge,
    request: Request,
    account: Account,
    legacy: LegacyClient,
    before: Client | None,
    came_by: str,
) -> None:
    if before is not None and before.is_first_party:
        raise InvalidClientMetadata(f"{legacy.client_id} is a first-party client")
    metadata = legacy.metadata
    if before is not None and not legacy.client_secret and not before.is_public:
        method = before.metadata.token_endpoint_auth_method
        metadata = replace(metadata, token_endpoint_auth_method=method)
        client = keep_secret(replace(before, metadata=metadata), before)
    else:
        client = make_client(
            edge.provider,
            metadata,
            "static" if came_by == "static" else "rest",
            client_id=legacy.client_id,
            chosen=legacy.client_secret or None,
        ).client
        if before is not None:
            client = replace(client, created_at=before.created_at, came_by=before.came_by)
    event = AuditEvent(
        at=edge.provider.clock(),
        actor=account.sub,
        action="client.added" if before is None else "client.changed",
        target=legacy.client_id,
        client_id=legacy.client_id,
        origin=origin_of(request),
    )
    store = edge.provider.clients
    await (store.add(client, event) if before is None else store.update(client, event))


async def _remove(edge: Edge, request: Request, account: Account, client_id: str) -> None:
    now = edge.provider.clock()
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
    return {"client_id": client.client_id, **to_document(client.metadata)}


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
