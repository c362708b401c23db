"""Signing out, and the page that shows a code to copy."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keycell.http.authorize import SESSION_COOKIE
from keycell.http.edge import Edge, visitor_of
from keycell.http.forms import (
    ForeignForm,
    browser_of,
    csrf_for,
    drop_cookie,
    keep_browser,
    read_form,
)
from keycell.http.refusals import Refusal, no_such_request, say_no
from keycell.http.render import language_of
from keycell.http.wire import NO_STORE, form_pairs, query_pairs
from keycell.oauth.clients import form_action_source
from keycell.oauth.errors import InvalidRequest
from keycell.provider import logout as flows
from keycell.provider.tickets import TicketRefused


async def logout(edge: Edge, request: Request) -> Response:
    """Serve the end_session_endpoint. OIDCRIL-2."""
    pairs = await form_pairs(request) if request.method == "POST" else query_pairs(request)
    try:
        asked = await flows.read_logout(edge.provider, pairs)
    except InvalidRequest as error:
        words = edge.pages.translations(language_of(request)).gettext
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
    visitor = await visitor_of(edge, request)
    if visitor.session is None:
        return _left(edge, asked.redirect_to)
    if not flows.must_confirm(edge.provider, asked, visitor.session):
        await flows.end_session(edge.provider, visitor.session, visitor.origin)
        return _left(edge, asked.redirect_to)
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


async def confirm(edge: Edge, request: Request) -> Response:
    """Take what the logout page sends."""
    try:
        fields = await read_form(edge, request, bound_by="ticket")
        way_back = flows.open_way_back(edge.provider, fields.get("ticket", ""))
    except (ForeignForm, TicketRefused):
        return no_such_request(edge, request)
    visitor = await visitor_of(edge, request)
    if fields.get("action") != "logout":
        return RedirectResponse("/", 303, NO_STORE)
    if visitor.session is not None:
        await flows.end_session(edge.provider, visitor.session, visitor.origin)
    return _left(edge, way_back)


def _left(edge: Edge, way_back: str | None) -> Response:
    location = way_back or "/oauth2/logout"
    response = Response(b"", 303, {**NO_STORE, "Location": location})
    drop_cookie(edge, response, SESSION_COOKIE)
    return response


async def ended(edge: Edge, request: Request) -> Response:
    """Say that the person is signed out."""
    words = edge.pages.translations(language_of(request)).gettext
    title = words("You are logged out")
    context = {
        "title": title,
        "sentence": words("This browser is signed out of Keycell."),
        # The words that scripts look for, in every language.
        "words": "" if title == "You are logged out" else "You are logged out",
        "link": "/oauth2/login",
        "label": words("Sign in again"),
    }
    return edge.pages.page(language_of(request), "ended", context)


async def out_of_band(edge: Edge, request: Request) -> Response:
    """Show an authorization code for a program that cannot be reached. RFC6749-4.1.2."""
    params = dict(query_pairs(request))
    context = {"code": params.get("code", "")[:500], "error": params.get("error", "")[:200]}
    return edge.pages.page(language_of(request), "oob", context)
