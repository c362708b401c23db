"""The page that leads to a second factor who must have one, before or instead of all else."""

from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keycell.accounts.enrolment import grace_of, must_enrol, skip
from keycell.accounts.people import Account
from keycell.accounts.sessions import Session
from keycell.http.edge import Edge, half_visitor_of
from keycell.http.forms import (
    browser_of,
    csrf_for,
    drop_cookie,
    keep_browser,
    read_form,
    set_cookie,
)
from keycell.http.render import language_of, when
from keycell.http.wire import NO_STORE
from keycell.provider.authorize import Visitor

HERE = "/oauth2/enrol"
_LOGIN = "/oauth2/login"
ONWARD_COOKIE = "keycell_onward"
"""Where whoever sets up a factor wanted to go: what the login page carries, and nothing else."""
_ONWARD_SECONDS = 3600
_LONGEST_ONWARD = 3500
_KEPT = ("ticket", "user_code", "to")

Fields = Mapping[str, str]


async def led_to_enrol(edge: Edge, visitor: Visitor, fields: Fields) -> Response | None:
    """Lead who has just signed in to setting up a second factor, if they must have one."""
    if visitor.session is None or visitor.account is None:
        return None
    if not await must_enrol(edge.people, visitor.session, visitor.account):
        return None
    return RedirectResponse(f"{HERE}?{_query(fields)}", 303, NO_STORE)


async def held_back(edge: Edge, request: Request) -> Response | None:
    """Lead who is signed in, but must set up a second factor first, to doing so."""
    return await led_to_enrol(edge, await half_visitor_of(edge, request), request.query_params)


async def page(edge: Edge, request: Request) -> Response:
    """Say what is wanted, until when, and how often it may still be put off."""
    visitor, fields = await half_visitor_of(edge, request), request.query_params
    session, account = visitor.session, visitor.account
    if session is None or account is None or not await must_enrol(edge.people, session, account):
        return _onward(edge, fields)
    return await _show(edge, request, account, fields)


async def submit(edge: Edge, request: Request) -> Response:
    """Put it off, if that may be."""
    fields = await read_form(edge, request, bound_by="ticket")
    visitor = await half_visitor_of(edge, request)
    session, account = visitor.session, visitor.account
    if session is None or account is None:
        return _onward(edge, fields)
    if await _is_put_off(edge, visitor, session, account):
        return _onward(edge, fields)
    return await _show(edge, request, account, fields, 400)


async def _is_put_off(edge: Edge, visitor: Visitor, session: Session, account: Account) -> bool:
    if not await must_enrol(edge.people, session, account):
        return True
    return await skip(edge.people, session, account, visitor.origin)


async def _show(
    edge: Edge, request: Request, account: Account, fields: Fields, status: int = 200
) -> Response:
    left = await grace_of(edge.people, account)
    if left is None:
        return _onward(edge, fields)
    kept, language = _kept(fields), language_of(request)
    browser, is_new = browser_of(edge, request)
    context: dict[str, object] = {
        "login": account.login,
        "due": when(left.policy.due_at, language),
        "is_due": edge.people.clock() >= left.policy.due_at,
        "is_over": left.is_over,
        "skips_left": left.skips_left,
        "has_passkeys": bool(edge.people.authenticators.rp_id),
        "kept": {name: kept.get(name, "") for name in _KEPT},
        "csrf": csrf_for(edge, browser, kept.get("ticket", "")),
        "switch": lambda one: f"{HERE}?{urlencode({**kept, 'lang': one})}",
    }
    response = edge.pages.page(language, "enrol", context, status=status)
    if is_new:
        keep_browser(edge, response, browser)
    query = urlencode(kept)
    if len(query) <= _LONGEST_ONWARD:
        set_cookie(edge, response, ONWARD_COOKIE, query, _ONWARD_SECONDS)
    return response


def after_enrolment(edge: Edge, request: Request) -> Response | None:
    """Lead back to what was waiting while a factor was set up, if anything was."""
    carried = request.cookies.get(edge.cookie(ONWARD_COOKIE))
    return None if carried is None else _onward(edge, dict(parse_qsl(carried)))


def _onward(edge: Edge, fields: Fields) -> Response:
    response = RedirectResponse(f"{_LOGIN}?{_query(fields)}", 303, NO_STORE)
    drop_cookie(edge, response, ONWARD_COOKIE)
    return response


def _kept(fields: Fields) -> dict[str, str]:
    return {name: fields[name] for name in _KEPT if fields.get(name)}


def _query(fields: Fields) -> str:
    return urlencode(_kept(fields))


PAGES: Mapping[str, Mapping[str, Callable[[Edge, Request], Awaitable[Response]]]] = {
    HERE: {"GET": page, "POST": submit},
}
