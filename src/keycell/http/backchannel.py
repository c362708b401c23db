"""The backchannel authentication endpoint, and the page on which a person decides. CIBA-7."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keycell.http.edge import Edge, visitor_of
from keycell.http.forms import browser_of, csrf_for, keep_browser, read_form
from keycell.http.oidc import CLIENT_PARAMS, authenticated_client
from keycell.http.refusals import not_for_them
from keycell.http.render import language_of, when
from keycell.http.ticket_pages import account_view, client_view
from keycell.http.wire import NO_STORE, form_pairs, json_answer, origin_of
from keycell.http.words import sentences
from keycell.oauth.params import read_params
from keycell.own.scopes import places
from keycell.provider import backchannel as flows
from keycell.provider.authorize import Visitor
from keycell.provider.backchannel import Waiting
from keycell.provider.waiting import MayNot, NotWaiting, decide

HERE = "/oauth2/requests"
_LOGIN = "/oauth2/login?to=requests"
_STEP_UP = f"{_LOGIN}&other="
"""The login page, though somebody is signed in."""


async def authorize(edge: Edge, request: Request) -> Response:
    """Serve CIBA-7."""
    pairs = tuple(await form_pairs(request))
    client = await authenticated_client(edge, request, read_params(pairs, CLIENT_PARAMS))
    begun = await flows.begin(edge.provider, edge.people, client, pairs, origin_of(request))
    return json_answer(begun, headers=NO_STORE)


async def page(edge: Edge, request: Request) -> Response:
    """Show what waits for whoever is signed in."""
    visitor = await visitor_of(edge, request)
    if visitor.account is None:
        return RedirectResponse(_LOGIN, 303, NO_STORE)
    return await _show(edge, request, visitor)


async def submit(edge: Edge, request: Request) -> Response:
    """Take a decision. CIBA-8."""
    fields = await read_form(edge, request, bound_by="ticket")
    visitor = await visitor_of(edge, request)
    if visitor.account is None:
        return RedirectResponse(_LOGIN, 303, NO_STORE)
    return await _decide(edge, request, visitor, fields)


async def _decide(
    edge: Edge, request: Request, visitor: Visitor, fields: Mapping[str, str]
) -> Response:
    try:
        _, is_allowed = await decide(edge.provider, edge.people, flows, visitor, fields)
    except MayNot as refusal:
        if await flows.can_step_up(edge.provider, visitor, refusal):
            return RedirectResponse(_STEP_UP, 303, NO_STORE)
        return not_for_them(edge, request, refusal)
    except NotWaiting:
        return await _show(edge, request, visitor, "over", 400)
    return await _show(edge, request, visitor, "allowed" if is_allowed else "denied")


async def _show(
    edge: Edge, request: Request, visitor: Visitor, done: str = "", status: int = 200
) -> Response:
    assert visitor.account is not None  # noqa: S101  (the page is shown to who is signed in)
    browser, is_new = browser_of(edge, request)
    found = await flows.waiting_for(edge.provider, visitor.account)
    views = [_view(edge, request, one, visitor) for one in found]
    for view in views:
        view["csrf"] = csrf_for(edge, browser, str(view["ticket"]))

    def switch(language: str) -> str:
        return f"{HERE}?lang={language}"

    context = {
        "requests": views, "account": account_view(visitor), "done": done, "switch": switch,
    }  # fmt: skip
    response = edge.pages.page(language_of(request), "requests", context, status=status)
    if is_new:
        keep_browser(edge, response, browser)
    return response


def _view(edge: Edge, request: Request, one: Waiting, visitor: Visitor) -> dict[str, object]:
    asked, language = one.awaited, language_of(request)
    words = edge.pages.words(language)
    told = places(asked.details, (), words) + sentences(asked.scope, (), (), words)
    return {
        "ticket": flows.seal_shown(edge.provider, asked.request_id, visitor),
        "client": client_view(one.client, "", language),
        "client_id": one.client.client_id,
        "message": asked.binding_message,
        "ip": asked.ip,
        "began": when(asked.created_at, language),
        "until": when(asked.expires_at, language),
        "sentences": [sentence for sentence, _ in told],
    }
