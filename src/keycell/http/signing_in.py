"""What the sign-in pages send: a login with its password, a second factor, or a passkey alone."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keycell.accounts.errors import FactorRefused, Throttled, TooBusy, WrongCredentials
from keycell.accounts.factors import STEP_FOR
from keycell.accounts.passkeys import Answer, end_by_passkey, sign_in_by_passkey
from keycell.accounts.second_steps import (
    Half,
    end_by_app,
    end_by_recovery_code,
    open_half,
    seal_half,
)
from keycell.accounts.signin import Arrival, Attempt, HalfSignedIn, SignedIn, sign_in
from keycell.http import enrolling
from keycell.http.authorize import go_on, login_page, send_back
from keycell.http.edge import Edge, visitor_of
from keycell.http.enrolling import led_to_enrol
from keycell.http.forms import ForeignForm, browser_of, drop_cookie, read_form, set_cookie
from keycell.http.refusals import no_such_request, untrusted
from keycell.http.session_frame import keep_browser_state
from keycell.http.ticket_pages import (
    DEVICE_COOKIE,
    SESSION_COOKIE,
    TRUSTED_COOKIE,
    another_place,
    asking_view,
    home,
    passkey_view,
    show_login,
    ticket_page,
)
from keycell.http.wire import NO_STORE, form_pairs, origin_of
from keycell.oauth.authorization import AuthorizationResponse
from keycell.oauth.claims import ACR_PASSWORD, reaches
from keycell.oauth.errors import UntrustedRedirect
from keycell.oauth.interaction import wished_acr
from keycell.provider import authorize as flows
from keycell.provider.authorize import Ask, Visitor
from keycell.provider.tickets import TicketRefused, open_ticket

STEP_COOKIE = "keycell_step"
"""Brings what a password proved to the page of the second step, which carries it from there."""
_DEVICE_SECONDS = 400 * 24 * 3600
_SESSION_SECONDS = 30 * 24 * 3600
_KEPT = ("ticket", "user_code", "to")

Fields = Mapping[str, str]


async def login(edge: Edge, request: Request) -> Response:
    """Take what the login page sends."""
    try:
        fields = await read_form(edge, request, bound_by="ticket")
    except ForeignForm:
        return await _again(edge, request, {"error": "cookies"}, 400)
    if fields.get("action") == "cancel":
        return await _cancel(edge, request, fields)
    came = arrival_of(edge, request)
    wants_all = await _wants_all(edge, request, fields)
    attempt = Attempt(
        login=fields.get("username", ""),
        password=fields.get("password", ""),
        device=came.device,
        session=came.session,
        origin=came.origin,
        trusted=None if wants_all else came.trusted,
    )
    context: dict[str, object] = {"username": attempt.login[:100]}
    try:
        signed_in = await sign_in(edge.people, attempt)
    except WrongCredentials:
        return await _again(edge, request, context | {"error": "wrong"}, 401)
    except Throttled as refusal:
        context |= {"error": "throttled", "wait": refusal.wait}
        return await _again(edge, request, context, 429)
    except TooBusy:
        return await _again(edge, request, context | {"error": "busy"}, 503)
    if isinstance(signed_in, HalfSignedIn):
        return _to_second_step(edge, request, fields, signed_in)
    return await finish(edge, request, fields, signed_in)


async def _wants_all(edge: Edge, request: Request, fields: Fields) -> bool:
    """Tell whether what is asked wants more than a password: then no trust makes it shorter."""
    if not edge.people.trust_for or edge.cookie(TRUSTED_COOKIE) not in request.cookies:
        return False
    ask, _ = await pending(edge, request, fields.get("ticket", ""))
    if ask is None:
        return False
    wished, rule = wished_acr(ask.request), ask.request.client.access.acr
    wants = ((*wished,), (rule,) if rule else ())
    return any(one and not reaches(ACR_PASSWORD, one) for one in wants)


def _to_second_step(
    edge: Edge, request: Request, fields: Fields, signed_in: HalfSignedIn
) -> Response:
    browser, _ = browser_of(edge, request)
    query = urlencode({name: fields[name] for name in _KEPT if fields.get(name)})
    response = RedirectResponse(f"/oauth2/factor?{query}", 303, NO_STORE)
    sealed = seal_half(edge.people, signed_in, browser)
    set_cookie(edge, response, STEP_COOKIE, sealed, int(STEP_FOR.total_seconds()))
    return response


async def passkey(edge: Edge, request: Request) -> Response:
    """Take a passkey from the login page."""
    try:
        fields = await read_form(edge, request, bound_by="ticket")
    except ForeignForm:
        return await _again(edge, request, {"error": "cookies"}, 400)
    answer = _answer(edge, request, fields)
    try:
        signed_in = await sign_in_by_passkey(edge.people, answer, arrival_of(edge, request))
    except FactorRefused as refusal:
        return await _again(edge, request, {"error": f"passkey-{refusal.why}"}, 401)
    except WrongCredentials:
        return await _again(edge, request, {"error": "passkey-wrong"}, 401)
    return await finish(edge, request, fields, signed_in)


async def factor_page(edge: Edge, request: Request) -> Response:
    """Show the page of the second step; without what the first one proved, the login page."""
    kept = {name: request.query_params.get(name, "") for name in _KEPT}
    browser, _ = browser_of(edge, request)
    step = request.cookies.get(edge.cookie(STEP_COOKIE), "")
    try:
        half = await open_half(edge.people, step, browser)
    except FactorRefused:
        query = urlencode({name: value for name, value in kept.items() if value})
        return RedirectResponse(f"/oauth2/login?{query}", 303, NO_STORE)
    shown = _Shown(kept, step, half, request.query_params.get("way", ""))
    return await _show_factor(edge, request, shown, {}, 200)


async def factor(edge: Edge, request: Request) -> Response:
    """Take what the page of the second step sends."""
    try:
        fields = await read_form(edge, request, bound_by="ticket")
    except ForeignForm:
        return await _again(edge, request, {"error": "cookies"}, 400)
    browser, _ = browser_of(edge, request)
    step = fields.get("step", "")
    try:
        half = await open_half(edge.people, step, browser)
    except FactorRefused:
        return await _again(edge, request, {"error": "late"}, 401)
    shown = _Shown(fields, step, half, fields.get("way", ""))
    try:
        signed_in = await _WAYS[_way(shown)](edge, request, half, fields)
    except FactorRefused as refusal:
        return await _show_factor(edge, request, shown, {"error": refusal.why}, 401)
    except WrongCredentials:
        return await _again(edge, request, {"error": "late"}, 401)
    except Throttled as refusal:
        told = {"error": "throttled", "wait": refusal.wait}
        return await _show_factor(edge, request, shown, told, 429)
    return await finish(edge, request, fields, signed_in)


Way = Callable[[Edge, Request, Half, Fields], Awaitable[SignedIn]]


async def _by_app(edge: Edge, request: Request, half: Half, fields: Fields) -> SignedIn:
    came = _trusting(edge, request, fields)
    return await end_by_app(edge.people, half, fields.get("code", ""), came)


async def _by_recovery(edge: Edge, request: Request, half: Half, fields: Fields) -> SignedIn:
    # Whoever has lost their device may sit at somebody else's: no trust begins so.
    came = arrival_of(edge, request)
    return await end_by_recovery_code(edge.people, half, fields.get("code", ""), came)


async def _by_passkey(edge: Edge, request: Request, half: Half, fields: Fields) -> SignedIn:
    answer = _answer(edge, request, fields)
    return await end_by_passkey(edge.people, half, answer, _trusting(edge, request, fields))


_WAYS: Mapping[str, Way] = {"app": _by_app, "passkey": _by_passkey, "recovery": _by_recovery}


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the page of the second step shows, and for whom."""

    kept: Fields
    step: str
    half: Half
    way: str


def _ways(half: Half) -> list[str]:
    """Give the ways there are for an account, the one that is asked first in front."""
    has = {
        "app": half.factors.apps, "passkey": half.factors.passkeys,
        "recovery": half.factors.codes_left,
    }  # fmt: skip
    return [way for way in _WAYS if has[way]]


def _way(shown: _Shown) -> str:
    ways = _ways(shown.half)
    return shown.way if shown.way in ways else ways[0]


async def _show_factor(
    edge: Edge, request: Request, shown: _Shown, told: Mapping[str, object], status: int
) -> Response:
    ask, other = await pending(edge, request, shown.kept.get("ticket", ""))
    if other is not None:
        return other
    account, way = shown.half.account, _way(shown)
    view = None
    if way == "passkey":
        known = shown.half.factors.passkeys
        view = passkey_view(edge, request, "second-step", account.sub, known)
    context: dict[str, object] = {
        "client": asking_view(request, ask) if ask else None,
        "login": account.login, "way": way, "ways": _ways(shown.half), "step": shown.step,
        "passkey": view, "user_code": shown.kept.get("user_code") or None,
        "to": shown.kept.get("to") or None, "error": None, "wait": 0,
        "trust_days": edge.people.trust_for.days if way != "recovery" else 0,
        "trusts": shown.kept.get("trust") == "yes",
    }  # fmt: skip
    context["another"] = another_place(edge, request, context)
    return ticket_page(edge, request, "factor", ask, context | dict(told), status)


async def pending(edge: Edge, request: Request, sealed: str) -> tuple[Ask | None, Response | None]:
    """Give the request that waits for somebody to sign in, if any, or what is to be said."""
    if not sealed:
        return None, None
    nobody = Visitor(origin_of(request))
    try:
        ticket = open_ticket(edge.provider, sealed)
        outcome = await flows.authorize(edge.provider, ticket, nobody)
    except TicketRefused:
        return None, no_such_request(edge, request)
    except UntrustedRedirect as refusal:
        return None, await untrusted(edge, request, refusal, nobody)
    if isinstance(outcome, AuthorizationResponse):
        return None, send_back(edge, request, outcome)
    return outcome, None


async def finish(edge: Edge, request: Request, fields: Fields, signed_in: SignedIn) -> Response:
    """Let a browser keep its new session, and go on with what it was for."""
    visitor = Visitor(origin_of(request), signed_in.session, signed_in.account)
    response = await _after_login(edge, request, fields, visitor)
    set_cookie(edge, response, SESSION_COOKIE, signed_in.secret, _SESSION_SECONDS)
    keep_browser_state(edge, request, response, signed_in.session)
    set_cookie(edge, response, DEVICE_COOKIE, signed_in.device, _DEVICE_SECONDS)
    if signed_in.trusted is not None:
        seconds = int(edge.people.trust_for.total_seconds())
        set_cookie(edge, response, TRUSTED_COOKIE, signed_in.trusted, seconds)
    if edge.cookie(STEP_COOKIE) in request.cookies:
        drop_cookie(edge, response, STEP_COOKIE)
    return response


async def _after_login(edge: Edge, request: Request, fields: Fields, visitor: Visitor) -> Response:
    led = await led_to_enrol(edge, visitor, fields)
    if led is not None:
        return led
    sealed = fields.get("ticket", "")
    if not sealed:
        onward = home(fields.get("user_code"), fields.get("to"))
        return RedirectResponse(onward, 303, NO_STORE)
    try:
        ticket = open_ticket(edge.provider, sealed)
    except TicketRefused:
        return no_such_request(edge, request)
    return await go_on(edge, request, ticket, visitor)


async def _again(
    edge: Edge, request: Request, context: Mapping[str, object], status: int
) -> Response:
    """Show the login page once more, for the same request."""
    fields = dict(await form_pairs(request))
    ask, other = await pending(edge, request, fields.get("ticket", ""))
    if other is not None:
        return other
    kept = {"user_code": fields.get("user_code"), "to": fields.get("to")}
    return show_login(edge, request, ask, kept | dict(context), status)


async def _cancel(edge: Edge, request: Request, fields: Fields) -> Response:
    visitor = await visitor_of(edge, request)
    try:
        ticket = open_ticket(edge.provider, fields.get("ticket", ""))
        return send_back(edge, request, await flows.deny(edge.provider, ticket, visitor))
    except TicketRefused:
        return no_such_request(edge, request)
    except UntrustedRedirect as refusal:
        return await untrusted(edge, request, refusal, visitor)


def arrival_of(edge: Edge, request: Request) -> Arrival:
    """Give where a browser comes from, and what it brought."""
    return Arrival(
        device=request.cookies.get(edge.cookie(DEVICE_COOKIE)),
        session=request.cookies.get(edge.cookie(SESSION_COOKIE)),
        origin=origin_of(request),
        trusted=request.cookies.get(edge.cookie(TRUSTED_COOKIE)),
    )


def _trusting(edge: Edge, request: Request, fields: Fields) -> Arrival:
    return replace(arrival_of(edge, request), wants_trust=fields.get("trust") == "yes")


def _answer(edge: Edge, request: Request, fields: Fields) -> Answer:
    browser, _ = browser_of(edge, request)
    return Answer(fields.get("challenge", ""), fields.get("credential", ""), browser)


PAGES: Mapping[str, Mapping[str, Callable[[Edge, Request], Awaitable[Response]]]] = {
    "/oauth2/login": {"GET": login_page, "POST": login},
    "/oauth2/factor": {"GET": factor_page, "POST": factor},
    "/oauth2/passkey": {"POST": passkey},
    **enrolling.PAGES,
}
