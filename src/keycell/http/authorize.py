"""The authorization endpoint and the pages on its way: login, choice, consent."""

from dataclasses import replace
from urllib.parse import urlencode

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keycell.http.edge import Edge, visitor_of
from keycell.http.enrolling import held_back
from keycell.http.forms import (
    read_form,
)
from keycell.http.refusals import no_such_request, untrusted
from keycell.http.render import language_of
from keycell.http.session_frame import keep_browser_state
from keycell.http.ticket_pages import account_view, asking_view, home, show_login, ticket_page
from keycell.http.wire import NO_STORE, Prepared, form_pairs, origin_of, prepared, query_pairs
from keycell.http.words import sentences
from keycell.oauth.authorization import AuthorizationResponse, location
from keycell.oauth.clients import form_action_source
from keycell.oauth.errors import UntrustedRedirect
from keycell.oauth.interaction import AskConsent, ChooseAccount, LogIn, Refuse
from keycell.own.scopes import places
from keycell.provider import authorize as flows
from keycell.provider.authorize import Ask, Outcome, Visitor
from keycell.provider.requests import begin
from keycell.provider.tickets import Ticket, open_ticket, seal_ticket

log = structlog.get_logger(__name__)
_ASKED_AGAIN = frozenset({"confirm", "other"})

_SENT_BACK = prepared({**NO_STORE, "Referrer-Policy": "no-referrer"})


async def authorize(edge: Edge, request: Request) -> Response:
    """Serve RFC6749-3.1, OIDCC-3.1.2.1: GET and POST alike."""
    if request.method == "POST":
        return await _posted(edge, request)
    visitor = await visitor_of(edge, request)
    try:
        begun = await begin(edge.provider, tuple(query_pairs(request)))
    except UntrustedRedirect as refusal:
        return await untrusted(edge, request, refusal, visitor)
    if isinstance(begun, AuthorizationResponse):
        return send_back(edge, request, begun)
    return await go_on(edge, request, begun, visitor)


async def _posted(edge: Edge, request: Request) -> Response:
    # Browsers keep our cookies back from another site's POST, so the session is not known yet:
    # a GET of our own finds it.
    try:
        ticket = await begin(edge.provider, tuple(await form_pairs(request)))
        if isinstance(ticket, AuthorizationResponse):
            return send_back(edge, request, ticket)
        await flows.find_target(edge.provider, ticket)
    except UntrustedRedirect as refusal:
        return await untrusted(edge, request, refusal, Visitor(origin_of(request)))
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
    if visitor.account is None and not _ASKED_AGAIN & set(request.query_params):
        held = await held_back(edge, request)
        if held is not None:
            return held
    if sealed is None:
        return _without_request(edge, request, visitor)
    return await go_on(edge, request, open_ticket(edge.provider, sealed), visitor)


def _without_request(edge: Edge, request: Request, visitor: Visitor) -> Response:
    asked = request.query_params
    user_code, to = asked.get("user_code"), asked.get("to")
    context: dict[str, object] = {"user_code": user_code, "to": to[:20] if to else None}
    account = visitor.account
    # Who signed in with an account for tests has no page to be led to.
    if account is None or "other" in asked or (account.is_test and user_code is None):
        return show_login(edge, request, None, context)
    if "confirm" in asked:
        context |= {"again": True, "username": account.login}
        return show_login(edge, request, None, context)
    return RedirectResponse(home(user_code, to), 303, NO_STORE)


async def go_on(edge: Edge, request: Request, ticket: Ticket, visitor: Visitor) -> Response:
    """Go on with a request as far as it goes, and answer with what comes next."""
    try:
        outcome = await flows.authorize(edge.provider, ticket, visitor)
    except UntrustedRedirect as refusal:
        return await untrusted(edge, request, refusal, visitor)
    return _show(edge, request, outcome, visitor)


def _show(edge: Edge, request: Request, outcome: Outcome, visitor: Visitor) -> Response:
    if isinstance(outcome, AuthorizationResponse):
        response = send_back(edge, request, outcome)
        keep_browser_state(edge, request, response, visitor.session)
        return response
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
        case Refuse():
            return "/oauth2/refused"


def _show_page(edge: Edge, request: Request, ask: Ask, visitor: Visitor) -> Response:
    if isinstance(ask.step, LogIn):
        account = visitor.account
        again = ask.step.is_again and account is not None
        username = account.login if again and account else ask.request.login_hint or ""
        return show_login(edge, request, ask, {"again": again, "username": username[:100]})
    context: dict[str, object] = {
        "client": asking_view(request, ask),
        "account": account_view(visitor),
    }
    shown = replace(ask, ticket=replace(ask.ticket, shown_to=_sub(visitor)))
    if isinstance(ask.step, Refuse):
        context["why"] = ask.step.why.value
        return ticket_page(edge, request, "refused", shown, context, 403)
    if isinstance(ask.step, ChooseAccount):
        return ticket_page(edge, request, "choose", shown, context)
    context |= _asked_for(edge, request, ask, ask.step)
    return ticket_page(edge, request, "consent", shown, context)


def _asked_for(edge: Edge, request: Request, ask: Ask, step: AskConsent) -> dict[str, object]:
    words = edge.pages.words(language_of(request, ask.request.ui_locales))
    asked = ask.request.claims.userinfo | ask.request.claims.id_token
    new = step.new_scope | step.new_claims
    told = places(ask.request.details, step.new_details, words)
    told += sentences(ask.request.scope, asked, new, words)
    return {
        "sentences": told,
        "has_old": not all(is_new for _, is_new in told),
        "confirming": step.is_confirmation,
    }


async def consent(edge: Edge, request: Request) -> Response:
    """Take what the consent page sends."""
    return await _decide(edge, request)


async def refused(edge: Edge, request: Request) -> Response:
    """Take what the page sends that says no: back to the application, or as somebody else."""
    return await _decide(edge, request)


async def choose(edge: Edge, request: Request) -> Response:
    """Take what the account chooser sends."""
    return await _decide(edge, request)


async def _decide(edge: Edge, request: Request) -> Response:
    fields = await read_form(edge, request, bound_by="ticket")
    ticket = open_ticket(edge.provider, fields.get("ticket", ""))
    visitor = await visitor_of(edge, request)
    # Somebody else may have signed in meanwhile, in another tab: they are asked themselves.
    is_theirs = ticket.shown_to == _sub(visitor)
    try:
        match fields.get("action"):
            case "accept" | "this" if not is_theirs:
                outcome = await flows.authorize(edge.provider, ticket, visitor)
            case "accept":
                lasting = fields.get("lasting")
                outcome = await flows.consent(edge.provider, edge.people, ticket, visitor, lasting)
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
        return await untrusted(edge, request, refusal, visitor)
    return _show(edge, request, outcome, visitor)


def _as_somebody_else(edge: Edge, ticket: Ticket) -> Response:
    """Begin the same request anew, for whoever signs in next."""
    asked = {value for name, text in ticket.pairs if name == "prompt" for value in text.split()}
    prompt = " ".join(sorted((asked | {"login"}) - {"select_account"}))
    pairs = (*(pair for pair in ticket.pairs if pair[0] != "prompt"), ("prompt", prompt))
    anew = replace(
        ticket, pairs=pairs, started_at=edge.provider.clock(), chosen_sid=None, shown_to=None
    )
    sealed = seal_ticket(edge.provider, anew)
    return RedirectResponse(f"/oauth2/login?{urlencode({'ticket': sealed})}", 303, NO_STORE)


def send_back(edge: Edge, request: Request, response: AuthorizationResponse) -> Response:
    """Send a browser back to who asked."""
    target = response.target
    if target.response_mode.startswith("form_post"):
        context = {"action": target.redirect_uri, "params": response.params}
        return edge.pages.page(
            language_of(request), "form_post", context,
            form_targets=(form_action_source(target.redirect_uri),),
        )  # fmt: skip
    return Prepared(303, (*_SENT_BACK, (b"location", location(response).encode("latin-1"))), b"")


def _sub(visitor: Visitor) -> str | None:
    return visitor.account.sub if visitor.account is not None else None
