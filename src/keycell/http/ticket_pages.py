"""The pages that carry a pending request: what they show, and the proof in their forms."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from keycell.accounts.factors import Passkey
from keycell.accounts.passkeys import Purpose, pose
from keycell.accounts.sessions import is_confined
from keycell.http.edge import Edge
from keycell.http.forms import browser_of, csrf_for, keep_browser
from keycell.http.render import language_of, when
from keycell.oauth.authorization import AuthorizationRequest
from keycell.oauth.clients import Client, form_action_source
from keycell.oauth.languages import in_language
from keycell.provider.authorize import Ask, Visitor
from keycell.provider.tickets import seal_ticket

SESSION_COOKIE = "keycell_session"
DEVICE_COOKIE = "keycell_device"
TRUSTED_COOKIE = "keycell_trusted"
"""What those who trust this browser are known by; its rows keep digests."""
BY_CODE = "/oauth2/code"
"""Where somebody signs in by a code that is mailed to them."""
_LONGEST_CODE = 40
_PLACES = {
    "factors": "/account/basic/factors",
    "requests": "/oauth2/requests",
    "removal": "/account/basic/removal",
    "browser": "/oauth2/another/allow",
}
"""Where whoever signs in without a request may want to go."""


AT_FIRST: Mapping[str, object] = {
    "again": False, "username": "", "error": None, "wait": 0, "user_code": None, "to": None,
    "passkey": None, "another": "", "by_code": "",
}  # fmt: skip
"""What the login page says before anything was tried: only what every installation has."""


def home(user_code: str | None, to: str | None) -> str:
    """Give where whoever signs in without a request goes: their account, or a device's page."""
    if user_code is not None:
        return f"/oauth2/device?{urlencode({'user_code': user_code[:_LONGEST_CODE]})}"
    return _PLACES.get(to or "", "/account/basic")


def show_login(
    edge: Edge, request: Request, ask: Ask | None, context: Mapping[str, object], status: int = 200
) -> Response:
    """Show the login page."""
    client = None
    if ask is not None:
        client = asking_view(request, ask)
    passkey = passkey_view(edge, request, "sign-in")
    filled = {**AT_FIRST, "client": client, "passkey": passkey, **context}
    filled["another"] = another_place(edge, request, filled)
    filled["by_code"] = _by_code(edge, ask, filled)
    return ticket_page(edge, request, "login", ask, filled, status)


def _by_code(edge: Edge, ask: Ask | None, kept: Mapping[str, object]) -> str:
    """Say where a page leads whoever wants a code by mail; empty where there is none."""
    if not edge.people.mail_codes:
        return ""
    ticket = seal_ticket(edge.provider, ask.ticket) if ask is not None else None
    query = {"ticket": ticket, "user_code": kept["user_code"], "to": kept["to"]}
    said = {name: str(value) for name, value in query.items() if value is not None}
    return f"{BY_CODE}?{urlencode(said)}" if said else BY_CODE


def another_place(edge: Edge, request: Request, kept: Mapping[str, object]) -> str:
    """Say where a page offers to sign in with another device: "first", "last" or not at all.

    Whoever enters the code of a device, or allows one, is at that other device already.
    """
    if not edge.people.another_device or kept["user_code"] is not None or kept["to"] == "browser":
        return ""
    return "first" if is_confined(request.headers.get("user-agent", "")) else "last"


def passkey_view(
    edge: Edge, request: Request, purpose: Purpose, sub: str = "", known: Sequence[Passkey] = ()
) -> dict[str, str] | None:
    """Give what a page needs to ask for a passkey; None where there can be none."""
    rp_id = edge.people.authenticators.rp_id
    if not rp_id:
        return None
    browser, _ = browser_of(edge, request)
    challenge = pose(edge.people, purpose, browser, sub)
    options = edge.people.authenticators.request_options(challenge.secret, known)
    return {"rp_id": rp_id, "options": options, "challenge": challenge.sealed}


def ticket_page(
    edge: Edge,
    request: Request,
    name: str,
    ask: Ask | None,
    context: Mapping[str, object],
    status: int = 200,
) -> Response:
    """Show a page whose forms carry a request, or none."""
    asked = ask.request if ask is not None else None
    ticket = seal_ticket(edge.provider, ask.ticket) if ask is not None else ""
    browser, is_new = browser_of(edge, request)
    # Some of these pages answer a POST of an address that has no GET.
    path = "/oauth2/login" if name == "login" else request.url.path

    def switch(language: str) -> str:
        query = {"ticket": ticket} if ticket else {}
        for kept in ("user_code", "to", "way", "wait"):
            if context.get(kept) is not None:
                query[kept] = str(context[kept])
        return f"{path}?{urlencode({**query, 'lang': language})}"

    response = edge.pages.page(
        language_of(request, asked.ui_locales if asked else None),
        name,
        {"ticket": ticket, "csrf": csrf_for(edge, browser, ticket), "switch": switch, **context},
        status=status,
        form_targets=_targets(asked),
    )
    if is_new:
        keep_browser(edge, response, browser)
    return response


def _targets(asked: AuthorizationRequest | None) -> tuple[str, ...]:
    # A form that ends at the client by a redirect must be allowed to end there.
    return () if asked is None else (form_action_source(asked.target.redirect_uri),)


def asking_view(request: Request, ask: Ask) -> dict[str, object]:
    """Give what a page says of the client that asks."""
    asked = ask.request
    language = language_of(request, asked.ui_locales)
    return client_view(asked.client, asked.target.redirect_uri, language)


def client_view(client: Client, redirect_uri: str, language: str) -> dict[str, object]:
    """Give what a page says of a client, in the reader's language. OIDCR-2.1."""
    metadata = client.metadata
    parts = urlsplit(redirect_uri)
    return {
        "name": client.named(in_language(client, "client_name", language)),
        "host": parts.netloc or f"{parts.scheme}:",
        "is_first_party": client.is_first_party,
        "test_until": None if client.test_until is None else when(client.test_until, language),
        "logo": f"/oauth2/logo/{quote(client.client_id, safe='')}" if metadata.logo_uri else None,
        "policy_uri": in_language(client, "policy_uri", language),
        "tos_uri": in_language(client, "tos_uri", language),
    }


def account_view(visitor: Visitor) -> dict[str, object]:
    """Give what a page says of who is signed in."""
    account = visitor.account
    assert account is not None  # noqa: S101  (these pages are shown to who is signed in)
    return {"name": account.display_name, "email": account.email, "login": account.login}
