"""`POST /a/frontend/session`: how clients of the old system sign in with a password."""

from starlette.requests import Request
from starlette.responses import Response

from keycell.accounts.errors import Throttled, TooBusy, WrongCredentials
from keycell.http.bearer import bearer_access
from keycell.http.config_rest import rest_error
from keycell.http.edge import Edge
from keycell.http.errors import headers_of
from keycell.http.rest.bodies import Body, read_json
from keycell.http.wire import LONGEST_DOCUMENT, NO_STORE, json_answer, origin_of
from keycell.oauth.errors import InvalidRequest, TokenMissing, quote
from keycell.provider import password_session

_ELSEWHERE = {
    "authorization_code": "exchange codes at /oidc/oauth2/token",
    "refresh": "refresh tokens at /oidc/oauth2/token",
    "external": "send people to /oidc/oauth2/auth",
}


async def session(edge: Edge, request: Request) -> Response:
    """Give a token for a login and a password, or end the one that is shown. No cookie is set."""
    body = await read_json(request, LONGEST_DOCUMENT)
    info = body.object("AuthInfo") or Body({})
    kind = info.text("type") or "credentials"
    if body.flag("Logout") or kind == "logout":
        return await _log_out(edge, request)
    if kind in _ELSEWHERE:
        raise InvalidRequest(f"AuthInfo type {kind} is not taken here: {_ELSEWHERE[kind]}")
    if kind != "credentials":
        raise InvalidRequest(
            f"AuthInfo type {quote(kind)} is unknown; expected credentials or logout"
        )
    return await _log_in(edge, request, info)


async def _log_in(edge: Edge, request: Request, info: Body) -> Response:
    if not info.says("login") or not info.says("password"):
        raise InvalidRequest("AuthInfo must hold the texts login and password")
    login, password = info.text("login"), info.text("password")
    if info.says("challenge"):
        raise InvalidRequest("AuthInfo challenge is not taken here: use /oidc/oauth2/auth")
    try:
        issued = await password_session.begin(
            edge.provider, edge.people, login, password, origin_of(request)
        )
    except WrongCredentials:
        return rest_error(401, "Unauthorized", "login and password do not belong together")
    except password_session.SecondFactorNeeded:
        detail = "this account has a second factor: sign in in a browser, at /oidc/oauth2/auth"
        return rest_error(401, "Unauthorized", detail)
    except Throttled as refusal:
        headers = {**NO_STORE, "Retry-After": str(refusal.wait)}
        return rest_error(429, "TooManyRequests", str(refusal), headers)
    except TooBusy:
        headers = {**NO_STORE, "Retry-After": "2"}
        return rest_error(503, "Unavailable", "too many sign-ins at once", headers)
    until = int(issued.expires_at.timestamp())
    answer = {
        "JWT": issued.access_token,
        "ExpireTime": until,
        # Its time is a text here: so the old system's clients read it.
        "Token": {"AccessToken": issued.access_token, "ExpiresAt": str(until)},
    }
    return json_answer(answer, headers=NO_STORE)


async def _log_out(edge: Edge, request: Request) -> Response:
    try:
        access = await bearer_access(edge, request)
    except TokenMissing as error:
        headers = headers_of(error, edge.settings.base_url, "a")
        return rest_error(401, "Unauthorized", "show the token that is to end", headers)
    # A personal access token is ended where it was made, not by whoever leaves.
    if access.client_id:
        await password_session.end(edge.provider, access, origin_of(request))
    return json_answer({"JWT": "", "ExpireTime": 0}, headers=NO_STORE)
