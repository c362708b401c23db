"""The device authorization endpoint, and the page on which a person decides about a device."""

from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keycell.accounts.errors import Throttled
from keycell.accounts.throttle import network_of
from keycell.accounts.waiting_browsers import WaitingBrowser
from keycell.http import another_device
from keycell.http.edge import Edge, visitor_of, words_of
from keycell.http.ended import ended_page
from keycell.http.forms import browser_of, csrf_for, keep_browser, read_form
from keycell.http.oidc import CLIENT_PARAMS, authenticated_client
from keycell.http.refusals import not_for_them
from keycell.http.render import language_of, when
from keycell.http.ticket_pages import account_view, client_view
from keycell.http.wire import NO_STORE, form_pairs, json_answer, origin_of, share_with
from keycell.http.words import sentences
from keycell.oauth.device import format_user_code, read_user_code
from keycell.oauth.params import read_params
from keycell.own.scopes import places
from keycell.provider import device as flows
from keycell.provider.authorize import Visitor
from keycell.provider.device import Waiting
from keycell.provider.waiting import MayNot, NotWaiting, decide

HERE = "/oauth2/device"
_LONGEST_TYPED = 40


async def authorize(edge: Edge, request: Request) -> Response:
    """Serve RFC8628-3.1."""
    pairs = await form_pairs(request)
    client = await authenticated_client(edge, request, read_params(pairs, CLIENT_PARAMS))
    share_with(request, client.metadata.allowed_cors_origins)
    begun = await flows.begin(edge.provider, client, pairs, origin_of(request))
    return json_answer(begun, headers=NO_STORE)


async def page(edge: Edge, request: Request) -> Response:
    """Ask for a code, or, once it was found, whether the device may be signed in. RFC8628-3.3."""
    visitor = await visitor_of(edge, request)
    typed = _typed(request.query_params.get("user_code", ""))
    if visitor.account is None:
        query = urlencode({"user_code": typed})
        return RedirectResponse(f"/oauth2/login?{query}", 303, NO_STORE)
    sealed = request.query_params.get("ticket")
    if sealed is None and request.query_params.get("prompt") == "login":
        query = urlencode({"user_code": typed, "other": ""})
        return RedirectResponse(f"/oauth2/login?{query}", 303, NO_STORE)
    if sealed is None:
        return _ask_code(edge, request, {"typed": typed})
    try:
        waiting = await flows.open_shown(edge.provider, sealed, visitor)
    except MayNot as refusal:
        return not_for_them(edge, request, refusal)
    except NotWaiting:
        return _ask_code(edge, request, {"error": "over"}, 400)
    return _ask_consent(edge, request, waiting, visitor)


async def submit(edge: Edge, request: Request) -> Response:
    """Take what the page sends: a code, or a decision."""
    fields = await read_form(edge, request, bound_by="ticket")
    visitor = await visitor_of(edge, request)
    if visitor.account is None:
        return RedirectResponse(HERE, 303, NO_STORE)
    action = fields.get("action")
    if action == "find":
        return await _find(edge, request, visitor, fields.get("user_code", ""))
    if action == "other":
        return RedirectResponse("/oauth2/login?user_code=&other=", 303, NO_STORE)
    return await _decide(edge, request, visitor, fields)


async def _decide(
    edge: Edge, request: Request, visitor: Visitor, fields: Mapping[str, str]
) -> Response:
    try:
        waiting, is_allowed = await decide(edge.provider, edge.people, flows, visitor, fields)
    except MayNot as refusal:
        return not_for_them(edge, request, refusal)
    except NotWaiting:
        return _ask_code(edge, request, {"error": "over"}, 400)
    return _end(edge, request, waiting, allowed=is_allowed)


async def _find(edge: Edge, request: Request, visitor: Visitor, typed: str) -> Response:
    shown = _typed(typed)
    try:
        found = await flows.look_up(edge.provider, visitor, typed)
    except NotWaiting:
        return _ask_code(edge, request, {"error": "wrong", "typed": shown}, 400)
    except Throttled as refusal:
        context = {"error": "throttled", "typed": shown, "wait": refusal.wait}
        return _ask_code(edge, request, context, 429)
    if isinstance(found, WaitingBrowser):
        return RedirectResponse(another_device.ALLOW, 303, NO_STORE)
    sealed = flows.seal_shown(edge.provider, found.awaited.device_id, visitor)
    return RedirectResponse(f"{HERE}?{urlencode({'ticket': sealed})}", 303, NO_STORE)


def _typed(text: str) -> str:
    """Give a code as the field shows it: what is none stays as it was typed."""
    code = read_user_code(text)
    return text[:_LONGEST_TYPED] if code is None else format_user_code(code)


def _ask_code(
    edge: Edge, request: Request, context: Mapping[str, object], status: int = 200
) -> Response:
    filled = {"error": None, "typed": "", "wait": 0} | dict(context)
    return _page(edge, request, "device", "", filled, status)


def _ask_consent(edge: Edge, request: Request, waiting: Waiting, visitor: Visitor) -> Response:
    device, language = waiting.awaited, language_of(request)
    words = edge.pages.words(language)
    told = places(device.details, (), words) + sentences(device.scope, (), (), words)
    context: dict[str, object] = {
        "client": client_view(waiting.client, "", language),
        "client_id": waiting.client.client_id,
        "account": account_view(visitor),
        "device": {
            "name": device.device_name,
            "agent": device.user_agent,
            "ip": device.ip,
            "is_near": network_of(device.ip) == network_of(visitor.origin.ip),
            "began": when(device.created_at, language),
        },
        "sentences": [sentence for sentence, _ in told],
    }
    sealed = flows.seal_shown(edge.provider, device.device_id, visitor)
    return _page(edge, request, "device_consent", sealed, context)


def _page(
    edge: Edge,
    request: Request,
    name: str,
    ticket: str,
    context: Mapping[str, object],
    status: int = 200,
) -> Response:
    browser, is_new = browser_of(edge, request)
    kept = {"ticket": ticket} if ticket else {"user_code": context.get("typed", "")}

    def switch(language: str) -> str:
        return f"{HERE}?{urlencode({**kept, 'lang': language})}"

    filled = {"ticket": ticket, "csrf": csrf_for(edge, browser, ticket), "switch": switch}
    response = edge.pages.page(language_of(request), name, {**filled, **context}, status=status)
    if is_new:
        keep_browser(edge, response, browser)
    return response


def _end(edge: Edge, request: Request, waiting: Waiting, *, allowed: bool) -> Response:
    words = words_of(edge, request)
    name = waiting.awaited.device_name or waiting.client.name
    if allowed:
        title = words("The device is signed in")
        sentence = words("%s goes on by itself in a moment. You can close this page.") % name
    else:
        title = words("The device was not signed in")
        sentence = words("%s gets nothing. You can close this page.") % name
    onward = ("/account/basic", words("To your account"))
    return ended_page(edge, request, title, sentence, onward)


PAGES: Mapping[str, Mapping[str, Callable[[Edge, Request], Awaitable[Response]]]] = {
    HERE: {"GET": page, "POST": submit},
    **another_device.PAGES,
}
