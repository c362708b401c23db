"""The authorization endpoint and the pages on its way: login, choice, consent."""

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote, urlencode, urlsplit

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keycell.accounts.errors import Throttled, TooBusy, WrongCredentials
from keycell.accounts.signin import Attempt, sign_in
from keycell.http.edge import Edge, visitor_of
from keycell.http.forms import (
    ForeignForm,
    browser_of,
    csrf_for,
    keep_browser,
    read_form,
    set_cookie,
)
from keycell.http.refusals import no_such_request, untrusted
from keycell.http.render import language_of
from keycell.http.wire import NO_STORE, form_pairs, origin_of, query_pairs
from keycell.http.words import places, sentences
from keycell.oauth.authorization import AuthorizationRequest, AuthorizationResponse, location
from keycell.oauth.clients import Client, form_action_source
from keycell.oauth.errors import UntrustedRedirect
from keycell.oauth.interaction import AskConsent, ChooseAccount, LogIn
from keycell.provider import authorize as flows
from keycell.provider.authorize import Ask, Outcome, Visitor
from keycell.provider.tickets import Ticket, TicketRefused, open_ticket, seal_ticket

log = structlog.get_logger(__name__)

SESSION_COOKIE = "keycell_session"
DEVICE_COOKIE = "keycell_device"
_LONGEST_CODE = 40
_DEVICE_SECONDS = 400 * 24 * 3600
_SESSION_SECONDS = 30 * 24 * 3600


async def authorize(edge: Edge, request: Request) -> Response:
    """Serve RFC6749-3.1, OIDCC-3.1.2.1: GET and POST alike."""
    if request.method == "POST":
        return await _posted(edge, request)
    ticket = Ticket(tuple(query_pairs(request)), edge.provider.clock())
    return await _go_on(edge, request, ticket, await visitor_of(edge, request))


async def _posted(edge: Edge, request: Request) -> Response:
    # Browsers keep our cookies back from another site's POST, so the session is not known yet:
    # a GET of our own finds it.
    ticket = Ticket(tuple(await form_pairs(request)), edge.provider.clock())
    try:
        await flows.find_target(edge.provider, ticket)
    except UntrustedRedirect as refusal:
        return untrusted(edge, request, refusal, Visitor(origin_of(request)))
    query = urlencode({"ticket": seal_ticket(edge.provider, ticket)})
    return RedirectResponse(f"/oauth2/login?{query}", 303, NO_STORE)


async def login_page(edge: Edge, request: Request) -> Response:
    """Show the login page of a request, or of none: then it leads to the account."""
    return await _resume(edge, request)


async def consent_page(edge: Edge, request: Request) -> Response:
    """Show the consent page of a request."""
    return await _resume(edge, request)


async def _resume(edge: Edge, request: Request) -> Response:
    sealed = request.query_params.get("ticket")
    visitor = await visitor_of(edge, request)
    if sealed is None:
        user_code = request.query_params.get("user_code")
        if visitor.account is not None and "other" not in request.query_params:
            return RedirectResponse(_home(user_code), 303, NO_STORE)
        return _show_login(edge, request, None, {"user_code": user_code})
    try:
        ticket = open_ticket(edge.provider, sealed)
    except TicketRefused:
        return no_such_request(edge, request)
    return await _go_on(edge, request, ticket, visitor)


def _home(user_code: str | None) -> str:
    """Give where whoever signs in without a request goes: their account, or a device's page."""
    if user_code is None:
        return "/account/basic"
    return f"/oauth2/device?{urlencode({'user_code': user_code[:_LONGEST_CODE]})}"


async def _go_on(edge: Edge, request: Request, ticket: Ticket, visitor: Visitor) -> Response:
    try:
        outcome = await flows.authorize(edge.provider, ticket, visitor)
    except UntrustedRedirect as refusal:
        return untrusted(edge, request, refusal, visitor)
    return _show(edge, request, outcome, visitor)


def _show(edge: Edge, request: Request, outcome: Outcome, visitor: Visitor) -> Response:
    if isinstance(outcome, AuthorizationResponse):
        return _send_back(edge, request, outcome)
    if request.url.path == _page_of(outcome) and request.method == "GET":
        return _show_page(edge, request, outcome, visitor)
    # A GET of its own for each page, so that going back and reloading post nothing again.
    query = {"ticket": seal_ticket(edge.provider, outcome.ticket)}
    if "lang" in request.query_params:
        query["lang"] = request.query_params["lang"]
    return RedirectResponse(f"{_page_of(outcome)}?{urlencode(query)}", 303, NO_STORE)


def _page_of(ask: Ask) -> str:
    match ask.step:
        case LogIn():
            return "/oauth2/login"
        case ChooseAccount():
            return "/oauth2/choose"
        case AskConsent():
            return "/oauth2/consent"


def _show_page(edge: Edge, request: Request, ask: Ask, visitor: Visitor) -> Response:
    if isinstance(ask.step, LogIn):
        account = visitor.account
        again = ask.step.is_again and account is not None
        username = account.login if again and account else ask.request.login_hint or ""
        return _show_login(edge, request, ask, {"again": again, "username": username[:100]})
    context: dict[str, object] = {
        "client": client_view(ask.request.client, ask.request.target.redirect_uri),
        "account": account_view(visitor),
    }
    shown = replace(ask, ticket=replace(ask.ticket, shown_to=_sub(visitor)))
    if isinstance(ask.step, ChooseAccount):
        return _ticket_page(edge, request, "choose", shown, context)
    words = edge.pages.translations(language_of(request, ask.request.ui_locales))
    asked = ask.request.claims.userinfo | ask.request.claims.id_token
    new = ask.step.new_scope | ask.step.new_claims
    told = places(ask.request.details, ask.step.new_details, words)
    told += sentences(ask.request.scope, asked, new, words)
    context["sentences"] = told
    context["has_old"] = not all(is_new for _, is_new in told)
    context["confirming"] = ask.step.is_confirmation
    return _ticket_page(edge, request, "consent", shown, context)


def _show_login(
    edge: Edge, request: Request, ask: Ask | None, context: Mapping[str, object], status: int = 200
) -> Response:
    client = None
    if ask is not None:
        client = client_view(ask.request.client, ask.request.target.redirect_uri)
    filled = {
        "client": client, "again": False, "username": "", "error": None, "wait": 0,
        "user_code": None,
    } | dict(context)  # fmt: skip
    return _ticket_page(edge, request, "login", ask, filled, status)


def _ticket_page(
    edge: Edge,
    request: Request,
    name: str,
    ask: Ask | None,
    context: Mapping[str, object],
    status: int = 200,
) -> Response:
    asked = ask.request if ask is not None else None
    ticket = seal_ticket(edge.provider, ask.ticket) if ask is not None else ""
    browser, is_new = browser_of(edge, request)
    path = request.url.path

    def switch(language: str) -> str:
        query = {"ticket": ticket} if ticket else {}
        if context.get("user_code") is not None:
            query["user_code"] = str(context["user_code"])
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


async def login(edge: Edge, request: Request) -> Response:
    """Take what the login page sends."""
    try:
        fields = await read_form(edge, request, bound_by="ticket")
    except ForeignForm:
        return await _again(edge, request, {"error": "cookies"}, 400)
    if fields.get("action") == "cancel":
        return await _cancel(edge, request, fields)
    attempt = Attempt(
        login=fields.get("username", ""),
        password=fields.get("password", ""),
        device=request.cookies.get(edge.cookie(DEVICE_COOKIE)),
        session=request.cookies.get(edge.cookie(SESSION_COOKIE)),
        origin=origin_of(request),
    )
    context: dict[str, object] = {
        "username": attempt.login[:100], "user_code": fields.get("user_code")
    }  # fmt: skip
    try:
        signed_in = await sign_in(edge.people, attempt)
    except WrongCredentials:
        return await _again(edge, request, context | {"error": "wrong"}, 401)
    except Throttled as refusal:
        context |= {"error": "throttled", "wait": refusal.wait}
        return await _again(edge, request, context, 429)
    except TooBusy:
        return await _again(edge, request, context | {"error": "busy"}, 503)
    visitor = Visitor(attempt.origin, signed_in.session, signed_in.account)
    response = await _after_login(edge, request, fields, visitor)
    set_cookie(edge, response, SESSION_COOKIE, signed_in.secret, _SESSION_SECONDS)
    set_cookie(edge, response, DEVICE_COOKIE, signed_in.device, _DEVICE_SECONDS)
    return response


async def _after_login(
    edge: Edge, request: Request, fields: Mapping[str, str], visitor: Visitor
) -> Response:
    sealed = fields.get("ticket", "")
    if not sealed:
        return RedirectResponse(_home(fields.get("user_code")), 303, NO_STORE)
    try:
        ticket = open_ticket(edge.provider, sealed)
    except TicketRefused:
        return no_such_request(edge, request)
    return await _go_on(edge, request, ticket, visitor)


async def _again(
    edge: Edge, request: Request, context: Mapping[str, object], status: int
) -> Response:
    """Show the login page once more, for the same request."""
    fields = dict(await form_pairs(request))
    sealed = fields.get("ticket", "")
    if not sealed:
        return _show_login(edge, request, None, context, status)
    try:
        ticket = open_ticket(edge.provider, sealed)
        nobody = Visitor(origin_of(request))
        outcome = await flows.authorize(edge.provider, ticket, nobody)
    except TicketRefused:
        return no_such_request(edge, request)
    except UntrustedRedirect as refusal:
        return untrusted(edge, request, refusal, Visitor(origin_of(request)))
    if isinstance(outcome, AuthorizationResponse):
        return _send_back(edge, request, outcome)
    return _show_login(edge, request, outcome, context, status)


async def _cancel(edge: Edge, request: Request, fields: Mapping[str, str]) -> Response:
    visitor = await visitor_of(edge, request)
    try:
        ticket = open_ticket(edge.provider, fields.get("ticket", ""))
        return _send_back(edge, request, await flows.deny(edge.provider, ticket, visitor))
    except TicketRefused:
        return no_such_request(edge, request)
    except UntrustedRedirect as refusal:
        return untrusted(edge, request, refusal, visitor)


async def consent(edge: Edge, request: Request) -> Response:
    """Take what the consent page sends."""
    return await _decide(edge, request)


async def choose(edge: Edge, request: Request) -> Response:
    """Take what the account chooser sends."""
    return await _decide(edge, request)


async def _decide(edge: Edge, request: Request) -> Response:
    try:
        fields = await read_form(edge, request, bound_by="ticket")
        ticket = open_ticket(edge.provider, fields.get("ticket", ""))
    except (ForeignForm, TicketRefused):
        return no_such_request(edge, request)
    visitor = await visitor_of(edge, request)
    # Somebody else may have signed in meanwhile, in another tab: they are asked themselves.
    is_theirs = ticket.shown_to == _sub(visitor)
    try:
        match fields.get("action"):
            case "accept" | "this" if not is_theirs:
                outcome = await flows.authorize(edge.provider, ticket, visitor)
            case "accept":
                outcome = await flows.consent(edge.provider, ticket, visitor)
            case "deny":
                outcome = await flows.deny(edge.provider, ticket, visitor)
            case "this" if visitor.session is not None:
                chosen = replace(ticket, chosen_sid=visitor.session.sid)
                outcome = await flows.authorize(edge.provider, chosen, visitor)
            case "other":
                return _as_somebody_else(edge, ticket)
            case _:
                return no_such_request(edge, request)
    except UntrustedRedirect as refusal:
        return untrusted(edge, request, refusal, visitor)
    return _show(edge, request, outcome, visitor)


def _as_somebody_else(edge: Edge, ticket: Ticket) -> Response:
    """Begin the same request anew, for whoever signs in next."""
    asked = {value for name, text in ticket.pairs if name == "prompt" for value in text.split()}
    prompt = " ".join(sorted((asked | {"login"}) - {"select_account"}))
    pairs = (*(pair for pair in ticket.pairs if pair[0] != "prompt"), ("prompt", prompt))
    anew = Ticket(pairs, edge.provider.clock())
    sealed = seal_ticket(edge.provider, anew)
    return RedirectResponse(f"/oauth2/login?{urlencode({'ticket': sealed})}", 303, NO_STORE)


def _send_back(edge: Edge, request: Request, response: AuthorizationResponse) -> Response:
    target = response.target
    if target.response_mode == "form_post":
        context = {"action": target.redirect_uri, "params": response.params}
        return edge.pages.page(
            language_of(request), "form_post", context,
            form_targets=(form_action_source(target.redirect_uri),),
        )  # fmt: skip
    headers = {**NO_STORE, "Referrer-Policy": "no-referrer", "Location": location(response)}
    return Response(b"", 303, headers)


def client_view(client: Client, redirect_uri: str) -> dict[str, object]:
    """Give what a page says of a client."""
    metadata = client.metadata
    parts = urlsplit(redirect_uri)
    return {
        "name": client.name,
        "host": parts.netloc or f"{parts.scheme}:",
        "is_first_party": client.is_first_party,
        "logo": f"/oauth2/logo/{quote(client.client_id, safe='')}" if metadata.logo_uri else None,
        "policy_uri": metadata.policy_uri,
        "tos_uri": metadata.tos_uri,
    }


def _sub(visitor: Visitor) -> str | None:
    return visitor.account.sub if visitor.account is not None else None


def account_view(visitor: Visitor) -> dict[str, object]:
    """Give what a page says of who is signed in."""
    account = visitor.account
    assert account is not None  # noqa: S101  (these pages are shown to who is signed in)
    return {"name": account.display_name, "email": account.email, "login": account.login}
