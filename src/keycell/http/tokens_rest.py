"""Personal access tokens and access keys by REST.

    POST   /a/auth/token/personal      one of one's own
    POST   /a/auth/token/impersonate   one of somebody else's, for administrators
    POST   /a/auth/token/document      one that reads one file for a short while
    POST   /a/auth/token/revoke        end one; without TokenId, the one that is shown
    POST   /a/auth/tokens              list them
    DELETE /a/auth/tokens/{TokenId}    end one
    GET, POST /a/auth/access-keys      list and make pairs for S3
    DELETE /a/auth/access-keys/{AccessKeyId}

They are made with a token that an application of ours got by a sign-in, never with one of
themselves: what leaked cannot be made to last.
"""

from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from keycell.accounts.people import Account, login_key
from keycell.files.errors import FilesError
from keycell.files.finding import stat
from keycell.files.names import read_path
from keycell.http.bearer import administrator, bearer_access, check_recent_sign_in
from keycell.http.config_rest import rest_error
from keycell.http.edge import Edge
from keycell.http.files_edge import actor_for
from keycell.http.rest.bodies import Body, read_json
from keycell.http.wire import NO_STORE, json_answer, origin_of
from keycell.oauth.errors import InsufficientScope, InvalidRequest
from keycell.oauth.grants import digest
from keycell.provider import access as accesses
from keycell.provider import password_session
from keycell.provider.access import Access
from keycell.provider.personal import PREFIX, AccessKey, PersonalToken, Wish
from keycell.provider.personal_tokens import (
    By,
    Limits,
    make_access_key,
    make_document_token,
    make_token,
    revoke_access_key,
    revoke_token,
    scopes_of,
)

_LONGEST_WINDOW = 10**9
"""Seconds; the rules of personal tokens take far less, and say how much."""
_MOST_SCOPES = 100
_DONE = {"Success": True}


async def make_personal(edge: Edge, request: Request) -> Response:
    """Make a personal access token of one's own."""
    account, limits = await _keeper(edge, request)
    await check_recent_sign_in(edge, request)
    body = await read_json(request)
    login = body.text("UserLogin")
    if login and login_key(login) != account.key:
        return rest_error(403, "Forbidden", "tokens of others are made by impersonate")
    text, _ = await make_token(
        edge.provider, account, _wish(body), By(account.sub, origin_of(request)), limits
    )
    return json_answer({"AccessToken": text}, headers=NO_STORE)


async def impersonate(edge: Edge, request: Request) -> Response:
    """Make a personal access token of somebody else, as an administrator.

    With a token that came of a sign-in: one personal token makes no other. See decisions/0034.
    """
    actor = await administrator(edge, request)
    _check_lasts_not(await bearer_access(edge, request))
    await check_recent_sign_in(edge, request)
    body = await read_json(request)
    account = await edge.people.accounts.find_by_login(body.text("UserLogin"))
    if account is None:
        return rest_error(404, "NotFound", f"there is no account {body.text('UserLogin')}")
    text, _ = await make_token(
        edge.provider, account, _wish(body), By(actor.sub, origin_of(request))
    )
    return json_answer({"AccessToken": text}, headers=NO_STORE)


async def make_document(edge: Edge, request: Request) -> Response:
    """Make a token that reads one file for a short while."""
    account, _ = await _keeper(edge, request)
    access = await bearer_access(edge, request)
    _check_lasts_not(access)
    body = await read_json(request)
    actor = await actor_for(edge, access)
    try:
        located = await stat(edge.files, actor, read_path(body.text("Path")))
    except FilesError:
        return rest_error(404, "NotFound", f"there is nothing at {body.text('Path')[:200]}")
    if located.node.is_folder:
        raise InvalidRequest(
            "Path names a folder; such a token is for one file. For a folder make a personal "
            "access token with the scope node:ID:r"
        )
    text, _ = await make_document_token(
        edge.provider,
        account,
        located.node.node_id,
        body.text("ClientID"),
        By(account.sub, origin_of(request)),
    )
    return json_answer({"AccessToken": text}, headers=NO_STORE)


async def list_tokens(edge: Edge, request: Request) -> Response:
    """List the tokens of one's own, or as an administrator somebody else's."""
    account, _ = await _keeper(edge, request)
    login = (await read_json(request)).text("ByUser")
    owner: Account | None = account
    if login:
        owner = await edge.people.accounts.find_by_login(login)
        if owner is None or owner.sub != account.sub:
            await administrator(edge, request)
    if owner is None:
        return rest_error(404, "NotFound", f"there is no account {login}")
    kept = await edge.provider.personal.of_account(owner.sub, edge.provider.clock())
    return json_answer({"Tokens": [_view(one, owner) for one in kept]}, headers=NO_STORE)


async def remove(edge: Edge, request: Request) -> Response:
    """End a token."""
    return await _revoke(edge, request, request.path_params["token_id"])


async def revoke(edge: Edge, request: Request) -> Response:
    """End a token, by its identifier or itself; without TokenId, the one that is shown."""
    said = (await read_json(request)).text("TokenId")
    if said.startswith(PREFIX):
        # Whoever made one for a document was told nothing else of it.
        held = await edge.provider.personal.find(digest(said))
        return await _revoke(edge, request, held.token.token_id if held is not None else "")
    if said:
        return await _revoke(edge, request, said)
    access = await bearer_access(edge, request)
    by = By(access.sub, origin_of(request))
    if access.client_id == accesses.PERSONAL:
        await revoke_token(edge.provider, access.jti, access.sub, by)
    else:
        await password_session.end(edge.provider, access, by.origin)
    return json_answer({**_DONE, "Message": "the token that was shown is ended"})


async def _revoke(edge: Edge, request: Request, token_id: str) -> Response:
    account, _ = await _keeper(edge, request)
    kept = await edge.provider.personal.get(token_id)
    if kept is not None and kept.sub != account.sub:
        await administrator(edge, request)
    by = By(account.sub, origin_of(request))
    if kept is None or not await revoke_token(edge.provider, token_id, kept.sub, by):
        # It is not said which: a mistaken caller may have sent a secret.
        return rest_error(404, "NotFound", "there is no such token")
    return json_answer({**_DONE, "Message": f"the token {token_id} is ended"})


async def list_keys(edge: Edge, request: Request) -> Response:
    """List one's own access keys."""
    account, _ = await _keeper(edge, request)
    kept = await edge.provider.access_keys.of_account(account.sub, edge.provider.clock())
    return json_answer({"AccessKeys": [_key_view(one) for one in kept]}, headers=NO_STORE)


async def make_key(edge: Edge, request: Request) -> Response:
    """Make an access key of one's own; its secret is given this once."""
    account, limits = await _keeper(edge, request)
    await check_recent_sign_in(edge, request)
    wish = _wish(await read_json(request))
    by = By(account.sub, origin_of(request))
    secret, key = await make_access_key(edge.provider, account, wish, by, limits)
    return json_answer({**_key_view(key), "SecretAccessKey": secret}, headers=NO_STORE)


async def remove_key(edge: Edge, request: Request) -> Response:
    """End one of one's own access keys."""
    account, _ = await _keeper(edge, request)
    key_id = request.path_params["access_key_id"]
    by = By(account.sub, origin_of(request))
    if not await revoke_access_key(edge.provider, key_id, account.sub, by):
        return rest_error(404, "NotFound", f"there is no access key {key_id[:100]}")
    return json_answer(_DONE)


async def _keeper(edge: Edge, request: Request) -> tuple[Account, Limits]:
    """Give who may keep their tokens with this one: it came of a sign-in to one of our clients."""
    access = await bearer_access(edge, request)
    standing = access.standing
    client = await edge.provider.clients.find(access.client_id) if access.client_id else None
    if standing is None or client is None or not client.is_first_party:
        if _administers(access):
            assert access.standing is not None  # noqa: S101  (_administers has seen it)
            return access.standing.account, Limits((), frozenset())
        raise InsufficientScope(
            "admin", instead="a token that came of a sign-in: a personal one keeps no others"
        )
    opened = accesses.opened(access, client)
    return standing.account, Limits(opened, access.scope)


def _check_lasts_not(access: Access) -> None:
    if access.client_id == accesses.PERSONAL:
        raise InsufficientScope("admin", instead="a token that came of a sign-in: one personal "
                                "token makes no other")  # fmt: skip


def _administers(access: Access) -> bool:
    """Tell whether a personal token may look after others' tokens; it makes none of its own."""
    standing = access.standing
    return "admin" in access.scope and standing is not None and standing.account.is_admin


def _wish(body: Body) -> Wish:
    window = body.number("AutoRefresh", _LONGEST_WINDOW)
    return Wish(
        label=body.text("Label"),
        scopes=body.texts("Scopes", _MOST_SCOPES),
        expires_at=body.moment("ExpiresAt"),
        auto_refresh=timedelta(seconds=window) if window else None,
    )


def _view(token: PersonalToken, owner: Account) -> dict[str, object]:
    window = token.auto_refresh
    return {
        "Uuid": token.token_id,
        "Type": "PERSONAL" if token.kind == "personal" else "DOCUMENT",
        "Label": token.label,
        "UserUuid": token.sub,
        "UserLogin": owner.login,
        "Scopes": scopes_of(token),
        "AutoRefreshWindow": 0 if window is None else int(window.total_seconds()),
        "ExpiresAt": str(int(token.expires_at.timestamp())),
        "CreatedAt": str(int(token.created_at.timestamp())),
        "CreatedBy": token.created_by,
        "UpdatedAt": str(int((token.last_used_at or token.created_at).timestamp())),
        "LastUsedAt": _maybe_seconds(token.last_used_at),
    }


def _key_view(key: AccessKey) -> dict[str, object]:
    return {
        "AccessKeyId": key.token_id,
        "Label": key.label,
        "Scopes": scopes_of(key),
        "ExpiresAt": str(int(key.expires_at.timestamp())),
        "CreatedAt": str(int(key.created_at.timestamp())),
        "LastUsedAt": _maybe_seconds(key.last_used_at),
    }


def _maybe_seconds(moment: datetime | None) -> str:
    return "0" if moment is None else str(int(moment.timestamp()))
