"""The server end of the web frontend: an OpenID client of our own provider that keeps the tokens.

The browser has a cookie and nothing else. What the client asks the provider for, it asks through
the same application, as any other client would through the network. RFC10017-6.1.
"""

import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keycell.accounts.factors import PASSWORD
from keycell.accounts.mailing import can_be_told, spoken
from keycell.accounts.people import Account
from keycell.accounts.ports import SealBroken
from keycell.catalogs import LANGUAGES
from keycell.http import frontend
from keycell.http.brands import told_of
from keycell.http.edge import Edge, words_of
from keycell.http.forms import browser_of, drop_cookie, keep_browser, set_cookie
from keycell.http.refusals import Refusal, no_such_request, say_no
from keycell.http.render import LANGUAGE_COOKIE, Looks, keep_language, language_of, remember
from keycell.http.wire import NO_STORE, ForeignCall, json_answer, origin_of, query_pairs
from keycell.oauth.errors import InvalidGrant, InvalidToken, OAuthError, TemporarilyUnavailable
from keycell.oauth.params import read_params
from keycell.oauth.pkce import s256
from keycell.provider.access import open_token
from keycell.provider.issue import hinted_claims
from keycell.provider.ports import Standing
from keycell.provider.web_sessions import (
    CLIENT_ID,
    WebTokens,
    begin,
    current,
    leave,
    prove,
    read_tokens,
)

COOKIE = "keycell_web"
SCOPE = "openid profile email groups roles files.read files.write admin offline_access"
HOME = "/files"
_TOKEN = "/oidc/oauth2/token"
_PURPOSE = "web login"
_OPEN_FOR = timedelta(hours=1)
_LONGEST_PATH = 2000
_SECONDS = 30 * 24 * 3600
_ANSWERS = frozenset({"code", "state", "iss", "error", "error_description", "error_uri"})


async def login(edge: Edge, request: Request) -> Response:
    """Send the browser to the authorization endpoint. OIDCC-3.1.2.1."""
    back = local_path(request.query_params.get("return_to", HOME))
    origin = _origin(edge, request)
    if origin is None:
        # At another name of ours no cookie and no redirect URI would hold.
        base = edge.settings.base_url
        return RedirectResponse(f"{base}/web/login?{urlencode({'return_to': back})}", 303)
    browser, is_new = browser_of(edge, request)
    verifier, nonce = edge.provider.mint(), edge.provider.mint_id()
    began = int(edge.provider.clock().timestamp())
    kept = json.dumps([verifier, nonce, back, began]).encode()
    query = {
        "client_id": CLIENT_ID,
        "response_type": "code",
        "scope": SCOPE,
        "redirect_uri": f"{origin}/web/callback",
        # Sealed for this browser, so that two tabs may sign in at once and nobody else's answer
        # is taken. RFC6749-10.12.
        "state": edge.provider.sealer.seal(_PURPOSE, kept, browser.encode()),
        "nonce": nonce,
        "code_challenge": s256(verifier),
        "code_challenge_method": "S256",
        "ui_locales": language_of(request),
    }
    if "again" in request.query_params:
        # A call was refused for a sign-in of too long ago. RFC9470-4.
        query["prompt"] = "login"
    response = RedirectResponse(f"/oidc/oauth2/auth?{urlencode(query)}", 303, NO_STORE)
    if is_new:
        keep_browser(edge, response, browser)
    return response


async def callback(edge: Edge, request: Request) -> Response:
    """Take the answer: exchange the code, check the ID token, keep the tokens. OIDCC-3.1.3."""
    params = read_params(query_pairs(request), _ANSWERS)
    began = _opened_state(edge, request, params.get("state", ""))
    origin = _origin(edge, request)
    if began is None or origin is None or params.get("iss") != edge.provider.issuer:
        return no_such_request(edge, request)
    verifier, nonce, back = began
    if "code" not in params:
        return _refused(edge, request, params.get("error", "invalid_request"))
    form = {
        "grant_type": "authorization_code",
        "code": params["code"],
        "redirect_uri": f"{origin}/web/callback",
        "code_verifier": verifier,
    }
    key = edge.provider.proofs.mint_key()
    try:
        answer = await _ask(edge, request, form, key)
    except OAuthError as error:
        return _refused(edge, request, error.error)
    tokens = read_tokens(answer, edge.provider.clock(), key)
    secret = await _begin(edge, request, tokens, nonce)
    if secret is None:
        return no_such_request(edge, request)
    response = RedirectResponse(back, 303, NO_STORE)
    set_cookie(edge, response, COOKIE, secret, _SECONDS)
    return response


async def _begin(edge: Edge, request: Request, tokens: WebTokens, nonce: str) -> str | None:
    """Keep a session for an ID token that is for us and for this very sign-in. OIDCC-3.1.3.7."""
    claims = hinted_claims(edge.provider, tokens.id_token)
    if claims is None or claims.get("aud") != CLIENT_ID:
        return None
    if not hmac.compare_digest(str(claims.get("nonce")), nonce):
        return None
    access = await open_token(edge.provider, tokens.access_token)
    replaced = request.cookies.get(edge.cookie(COOKIE), "")
    return await begin(edge.provider, edge.web_sessions, tokens, access.grant_id or "", replaced)


def _opened_state(edge: Edge, request: Request, state: str) -> tuple[str, str, str] | None:
    browser, _ = browser_of(edge, request)
    try:
        opened = edge.provider.sealer.open(_PURPOSE, state, browser.encode())
    except SealBroken:
        return None
    verifier, nonce, back, began = json.loads(opened)
    if edge.provider.clock() - datetime.fromtimestamp(began, tz=UTC) > _OPEN_FOR:
        return None
    return verifier, nonce, back


def _refused(edge: Edge, request: Request, code: str) -> Response:
    words = words_of(edge, request)
    return say_no(
        edge,
        request,
        Refusal(
            title=words("You were not signed in"),
            sentence=words("The sign-in was not finished."),
            detail=code[:100],
            mend=words("Go to the start page and sign in again."),
        ),
    )


async def logout(edge: Edge, request: Request) -> Response:
    """End the frontend's session and its grant; say where the provider's own ends. OIDCRIL-2."""
    check_write(edge, request)
    secret = request.cookies.get(edge.cookie(COOKIE), "")
    hint = await leave(edge.provider, edge.web_sessions, secret, origin_of(request))
    query = {"client_id": CLIENT_ID} | ({"id_token_hint": hint} if hint else {})
    location = f"/oidc/oauth2/sessions/logout?{urlencode(query)}"
    response = json_answer({"location": location}, headers=NO_STORE)
    drop_cookie(edge, response, COOKIE)
    return response


async def session(edge: Edge, request: Request) -> Response:
    """Say who is signed in, and in which language; 200 too where nobody is.

    ``lang`` is a language that was chosen in the frontend: the server's own pages have it too.
    """
    response = json_answer(await _session(edge, request), headers=NO_STORE)
    keep_language(request, response, is_secure=edge.settings.is_secure)
    return response


async def _session(edge: Edge, request: Request) -> dict[str, object]:
    language = request.cookies.get(LANGUAGE_COOKIE, "")
    answer: dict[str, object] = {
        "signed_in": False, "language": language, "locales": list(LANGUAGES),
    }  # fmt: skip
    tokens = await tokens_of(edge, request)
    if tokens is None:
        return answer
    try:
        access = await open_token(edge.provider, tokens.access_token)
    except InvalidToken:
        return answer
    assert access.standing is not None  # noqa: S101  (a grant of a person's stands behind it)
    account = access.standing.account
    chosen = await edge.people.preferences.find(account.sub)
    answer |= {
        # What its person chose counts in every browser; where they chose nothing, this one's.
        "language": language_kept(account) or language,
        "zone": account.claims.get("zoneinfo", ""),
        "theme": chosen.theme or "",
        "signed_in": True,
        "sub": account.sub,
        "login": account.login,
        "name": account.display_name,
        "email": account.email,
        "group": account.group_path,
        "is_admin": account.is_admin,
        "can_be_told": can_be_told(edge.people, account),
        "auth_time": int(access.standing.authentication.auth_time.timestamp()),
        "may_offer_passkey": await _may_offer_passkey(edge, access.standing),
        "issuer": edge.provider.issuer,
        "public_url": edge.settings.base_url,
        "brand": told_of(edge.people.branding.shown.branding),
    }
    return answer


async def _may_offer_passkey(edge: Edge, standing: Standing) -> bool:
    """Tell whether somebody came in by a password, who has no passkey to come in by."""
    if PASSWORD not in standing.authentication.amr:
        return False
    return not (await edge.people.factors.of_account(standing.account.sub)).passkeys


async def tokens_of(edge: Edge, request: Request) -> WebTokens | None:
    """Give the tokens of the browser that sent a request; None if nobody is signed in there."""
    secret = request.cookies.get(edge.cookie(COOKIE), "")
    if not secret:
        return None

    async def ask(form: Mapping[str, str], key: str) -> Mapping[str, object]:
        return await _ask(edge, request, form, key)

    return await current(edge.provider, edge.web_sessions, secret, ask)


async def _ask(
    edge: Edge, request: Request, form: Mapping[str, str], key: str
) -> Mapping[str, object]:
    """Ask the token endpoint, through the application itself: it needs no name of itself."""
    # Loaded with the first sign-in: seven megabytes that many a server never needs.
    import httpx2  # noqa: PLC0415

    origin = origin_of(request)
    transport = httpx2.ASGITransport(app=request.app, client=(origin.ip, 0))
    secret = edge.provider.sealer.mac("web", CLIENT_ID.encode())
    headers = {"User-Agent": origin.user_agent}
    if key:
        url = f"{edge.settings.base_url}{_TOKEN}"
        headers["DPoP"] = prove(edge.provider, key, "POST", url)
    async with httpx2.AsyncClient(transport=transport, base_url=edge.settings.base_url) as http:
        response = await http.post(
            _TOKEN,
            data=dict(form),
            auth=(CLIENT_ID, secret),
            headers=headers,
        )
    try:
        answer: dict[str, object] = response.json()
    except ValueError:
        raise TemporarilyUnavailable("the token endpoint answered no JSON") from None
    if not response.is_success:
        kind = InvalidGrant if answer.get("error") == "invalid_grant" else TemporarilyUnavailable
        raise kind(str(answer.get("error_description", "")))
    return answer


def check_write(edge: Edge, request: Request) -> None:
    """Refuse what no script of our own page sent, or raise ForeignCall. RFC6749-10.12."""
    origin = request.headers.get("origin")
    if origin not in edge.settings.origins or not request.headers.get("x-requested-with"):
        raise ForeignCall(
            "writes come from our own pages alone: expected Origin to be one of this server's "
            "and X-Requested-With to be sent"
        )
    check_site(request)


def check_site(request: Request) -> None:
    """Refuse what a page of another site caused, as far as the browser says."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise ForeignCall("this is for our own pages alone")


def local_path(path: str) -> str:
    """Give a path of our own to go back to; for anything else, the files."""
    # Browsers read a backslash as a slash, and drop control characters.
    is_plain = all(" " < c <= "~" and c != "\\" for c in path)
    is_local = path.startswith("/") and not path.startswith("//")
    return path if is_plain and is_local and len(path) <= _LONGEST_PATH else HOME


def _origin(edge: Edge, request: Request) -> str | None:
    """Give the origin of ours that the browser came to."""
    host = request.headers.get("host", "")
    return next((one for one in edge.settings.origins if urlsplit(one).netloc == host), None)


async def page(edge: Edge, request: Request) -> Response:
    """Show the frontend, to whoever is signed in."""
    if edge.frontend is None:
        return not_built(edge, request)
    told = await _session(edge, request)
    if not told["signed_in"]:
        path = request.url.path
        query = request.url.query
        back = f"{path}?{query}" if query else path
        return RedirectResponse(f"/web/login?{urlencode({'return_to': back})}", 303, NO_STORE)
    brand = edge.people.branding.shown.branding
    shown = frontend.Shown(request.url.path.split("/")[1], told, brand.name)
    by_link = "lang" in request.query_params
    language = language_of(request) if by_link else str(told["language"]) or language_of(request)
    response = frontend.page(edge.frontend, edge.settings.origins, language, shown)
    looks = Looks(str(told["language"]), str(told["theme"]))
    remember(request, response, looks, is_secure=edge.settings.is_secure)
    return response


def language_kept(account: Account) -> str:
    """Give the language of ours that somebody chose; empty if they chose none that we speak."""
    language = spoken(account, "")
    return language if language in LANGUAGES else ""


def not_built(edge: Edge, request: Request) -> Response:
    """Say that this installation has no frontend."""
    words = words_of(edge, request)
    return say_no(
        edge,
        request,
        Refusal(
            title=words("The web frontend is not part of this installation"),
            sentence=words("Everything else works."),
            mend=words("Whoever runs this server can add it: make build."),
            status=404,
        ),
    )


async def asset(edge: Edge, request: Request) -> Response:
    """Serve a built file."""
    built = edge.frontend.assets.get(request.path_params["name"]) if edge.frontend else None
    if built is None:
        return not_built(edge, request)
    return frontend.asset(built, request.headers.get("accept-encoding", ""))
