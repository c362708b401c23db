"""Signing out, and the page that shows a code to copy."""

from collections.abc import Sequence
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keycell.accounts.sessions import Session
from keycell.http.edge import Edge, half_visitor_of, words_of
from keycell.http.ended import ended_page
from keycell.http.forms import browser_of, csrf_for, drop_cookie, keep_browser, read_form
from keycell.http.refusals import Refusal, say_no
from keycell.http.render import language_of
from keycell.http.session_frame import keep_browser_state
from keycell.http.ticket_pages import SESSION_COOKIE
from keycell.http.wire import NO_STORE, form_pairs, origin_of, query_pairs
from keycell.oauth.clients import form_action_source
from keycell.oauth.errors import InvalidRequest
from keycell.provider import logout as flows
from keycell.provider.telling import frames

_FRAMES_SECONDS = 5
"""How long applications have to load before the browser goes on without JavaScript."""


async def logout(edge: Edge, request: Request) -> Response:
    """Serve the end_session_endpoint. OIDCRIL-2."""
    pairs = await form_pairs(request) if request.method == "POST" else query_pairs(request)
    try:
        asked = await flows.read_logout(edge.provider, pairs)
    except InvalidRequest as error:
        words = words_of(edge, request)
        return say_no(
            edge,
            request,
            Refusal(
                title=words("You were not signed out"),
                sentence=words("The application asked for it in a way that is not right."),
                detail=error.description,
                words="invalid request",
                mend=words("You can sign out on your account page."),
            ),
        )
    visitor = await half_visitor_of(edge, request)
    if visitor.session is None:
        if request.method == "POST":
            return _by_get(request, pairs)
        return _left(edge, request, asked.redirect_to)
    if not flows.must_confirm(edge.provider, asked, visitor.session):
        return await _leave(edge, request, visitor.session, asked.redirect_to)
    sealed = flows.seal_way_back(edge.provider, asked)
    browser, is_new = browser_of(edge, request)
    account = visitor.account
    targets = () if asked.redirect_to is None else (form_action_source(asked.redirect_to),)
    context = {
        "ticket": sealed,
        "csrf": csrf_for(edge, browser, sealed),
        "account": {"name": account.display_name if account else ""},
    }
    language = language_of(request, asked.ui_locales)
    response = edge.pages.page(language, "logout", context, form_targets=targets)
    if is_new:
        keep_browser(edge, response, browser)
    return response


def _by_get(request: Request, pairs: Sequence[tuple[str, str]]) -> Response:
    # Browsers keep our cookies back from another site's POST, so the session is not known yet:
    # a GET of our own finds it.
    query = urlencode([(name, value) for name, value in pairs if name in flows.KNOWN and value])
    return RedirectResponse(f"{request.url.path}?{query}", 303, NO_STORE)


async def confirm(edge: Edge, request: Request) -> Response:
    """Take what the logout page sends."""
    fields = await read_form(edge, request, bound_by="ticket")
    way_back = flows.open_way_back(edge.provider, fields.get("ticket", ""))
    visitor = await half_visitor_of(edge, request)
    if fields.get("action") != "logout":
        return RedirectResponse("/", 303, NO_STORE)
    if visitor.session is None:
        return _left(edge, request, way_back)
    return await _leave(edge, request, visitor.session, way_back)


async def _leave(edge: Edge, request: Request, session: Session, way_back: str | None) -> Response:
    """End a session; applications that are told by the browser are told before it goes on."""
    told = await frames(edge.provider, session.sid)
    await flows.end_session(edge.provider, session, origin_of(request))
    if not told:
        return _left(edge, request, way_back)
    context = {"frames": told, "onward": way_back or "/oauth2/logout", "seconds": _FRAMES_SECONDS}
    hosts = [form_action_source(frame.address) for frame in told]
    response = edge.pages.page(language_of(request), "telling", context, frames=hosts)
    response.headers["Referrer-Policy"] = "no-referrer"
    _forget(edge, request, response)
    return response


def _forget(edge: Edge, request: Request, response: Response) -> None:
    drop_cookie(edge, response, SESSION_COOKIE)
    keep_browser_state(edge, request, response, None)


def _left(edge: Edge, request: Request, way_back: str | None) -> Response:
    location = way_back or "/oauth2/logout"
    response = Response(b"", 303, {**NO_STORE, "Location": location})
    _forget(edge, request, response)
    return response


async def ended(edge: Edge, request: Request) -> Response:
    """Say that the person is signed out."""
    words = words_of(edge, request)
    title = words("You are logged out")
    return ended_page(
        edge, request, title, words("This browser is signed out of Keycell."),
        (edge.home("/files", "/oauth2/login"), words("Sign in again")),
        words="" if title == "You are logged out" else "You are logged out",
    )  # fmt: skip


async def out_of_band(edge: Edge, request: Request) -> Response:
    """Show an authorization code for a program that cannot be reached. RFC6749-4.1.2."""
    params = dict(query_pairs(request))
    context = {"code": params.get("code", "")[:500], "error": params.get("error", "")[:200]}
    return edge.pages.page(language_of(request), "oob", context)
