"""Signing in with another device: the browser that waits, and the page on which it is allowed."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keycell.accounts import another_device as flows
from keycell.accounts.another_device import Asked
from keycell.accounts.errors import NotProved, Throttled, TooBusy, WaitOver
from keycell.accounts.sessions import browser_label
from keycell.accounts.throttle import network_of
from keycell.accounts.waiting_browsers import State
from keycell.http.edge import Edge, visitor_of, words_of
from keycell.http.ended import ended_page
from keycell.http.forms import browser_of, form_page, read_form
from keycell.http.qr import drawn
from keycell.http.refusals import no_such_request
from keycell.http.render import language_of, when
from keycell.http.signing_in import arrival_of, finish, pending
from keycell.http.ticket_pages import account_view, asking_view, client_view, ticket_page
from keycell.http.wire import NO_STORE, json_answer, origin_of
from keycell.oauth.device import format_user_code
from keycell.provider.authorize import Visitor

HERE = "/oauth2/another"
ALLOW = f"{HERE}/allow"
_CODES = "/oauth2/device"
_CONFIRM = "/oauth2/login?to=browser&confirm=1"
_KEPT = ("ticket", "user_code", "to", "wait")

Fields = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Shown:
    """How far a browser is, as its page shows it."""

    state: str
    number: str = ""
    code: str = ""
    wait: int = 0


async def page(edge: Edge, request: Request) -> Response:
    """Show the code of a browser that waits, then the number, or that it is over."""
    fields = _kept(request.query_params)
    if not fields.get("wait"):
        return _to("/oauth2/login", fields)
    browser, _ = browser_of(edge, request)
    try:
        wait = flows.open_wait(edge.people, fields["wait"], browser)
    except WaitOver:
        return await _show(edge, request, fields, _Shown(State.OVER))
    state, number = await flows.look(edge.people, wait, browser)
    return await _show(edge, request, fields, _Shown(state, number, wait.user_code))


async def state(edge: Edge, request: Request) -> Response:
    """Tell the page's script how far its browser is."""
    browser, _ = browser_of(edge, request)
    try:
        wait = flows.open_wait(edge.people, request.query_params.get("wait", ""), browser)
    except WaitOver:
        return json_answer({"state": State.OVER, "number": ""}, headers=NO_STORE)
    found, number = await flows.look(edge.people, wait, browser)
    return json_answer({"state": found, "number": number}, headers=NO_STORE)


async def submit(edge: Edge, request: Request) -> Response:
    """Let a browser begin to wait, or go on once it was allowed to."""
    fields = await read_form(edge, request, bound_by="ticket")
    browser, _ = browser_of(edge, request)
    if fields.get("action") == "begin":
        return await _begin(edge, request, fields, browser)
    try:
        wait = flows.open_wait(edge.people, fields.get("wait", ""), browser)
        found, _ = await flows.look(edge.people, wait, browser)
        if found is not State.ALLOWED:
            return _to(HERE, fields)
        signed_in = await flows.finish(edge.people, wait, browser, arrival_of(edge, request))
    except WaitOver:
        return await _show(edge, request, fields, _Shown(State.OVER), 400)
    return await finish(edge, request, fields, signed_in)


async def _begin(edge: Edge, request: Request, fields: Fields, browser: str) -> Response:
    ask, other = await pending(edge, request, fields.get("ticket", ""))
    if other is not None:
        return other
    client_id = ask.request.client.client_id if ask else ""
    try:
        wait = await flows.begin(edge.people, browser, client_id, origin_of(request))
    except WaitOver:
        return _to("/oauth2/login", fields)
    except (Throttled, TooBusy) as refusal:
        seconds = refusal.wait if isinstance(refusal, Throttled) else 1
        return await _show(edge, request, fields, _Shown("throttled", wait=seconds), 429)
    return _to(HERE, {**fields, "wait": flows.seal_wait(edge.people, wait, browser)})


async def _show(
    edge: Edge, request: Request, fields: Fields, shown: _Shown, status: int = 200
) -> Response:
    ask, other = await pending(edge, request, fields.get("ticket", ""))
    if other is not None:
        return other
    address = edge.provider.endpoints.verification
    parts = urlsplit(address)
    code = format_user_code(shown.code) if shown.code else ""
    context: dict[str, object] = {
        "client": asking_view(request, ask) if ask else None,
        "state": shown.state, "number": shown.number, "code": code, "seconds": shown.wait,
        "host": parts.netloc, "path": parts.path,
        "qr": drawn(f"{address}?{urlencode({'user_code': code})}") if code else "",
        "wait": fields.get("wait") or None,
        "user_code": fields.get("user_code") or None, "to": fields.get("to") or None,
        "back": _query({name: fields.get(name, "") for name in ("ticket", "user_code", "to")}),
    }  # fmt: skip
    return ticket_page(edge, request, "another", ask, context, status)


async def allow_page(edge: Edge, request: Request) -> Response:
    """Ask whoever entered the code of a browser whether it may be signed in as them."""
    visitor = await visitor_of(edge, request)
    try:
        who = await _asked(edge, visitor, None)
    except NotProved:
        return RedirectResponse(_CONFIRM, 303, NO_STORE)
    except WaitOver:
        return _over(edge, request)
    waiting, language = who.waiting, language_of(request)
    client = await edge.provider.clients.find(waiting.client_id) if waiting.client_id else None
    context: dict[str, object] = {
        "client": client_view(client, "", language) if client else None,
        "account": account_view(visitor),
        "label": browser_label(waiting.user_agent),
        "agent": waiting.user_agent,
        "ip": waiting.ip,
        "is_near": network_of(waiting.ip) == network_of(visitor.origin.ip),
        "began": when(waiting.created_at, language),
        "ticket": waiting.wait_id,
        "switch": lambda one: f"{ALLOW}?{urlencode({'lang': one})}",
    }
    return form_page(edge, request, "another_allow", context, bound_to=waiting.wait_id)


async def decide(edge: Edge, request: Request) -> Response:
    """Take what that page sends."""
    fields = await read_form(edge, request, bound_by="ticket")
    visitor = await visitor_of(edge, request)
    try:
        who = await _asked(edge, visitor, fields.get("ticket", ""))
        match fields.get("action"):
            case "accept":
                is_right = await flows.allow(edge.people, who, fields.get("number", ""))
                return _end(edge, request, "allowed" if is_right else "mistyped")
            case "deny":
                await flows.deny(edge.people, who)
                return _end(edge, request, "denied")
    except NotProved:
        return RedirectResponse(_CONFIRM, 303, NO_STORE)
    except WaitOver:
        return _over(edge, request)
    return no_such_request(edge, request)


async def _asked(edge: Edge, visitor: Visitor, wait_id: str | None) -> Asked:
    if visitor.account is None or visitor.session is None:
        raise NotProved
    return await flows.asked(
        edge.people, visitor.account, visitor.session, visitor.origin, wait_id
    )


def _over(edge: Edge, request: Request) -> Response:
    return _end(edge, request, "over")


def _end(edge: Edge, request: Request, what: str) -> Response:
    words = words_of(edge, request)
    title, sentence, status = {
        "allowed": (
            words("The browser is signed in"),
            words("It goes on by itself in a moment, or with its button. You can close this "
                  "page."),
            200,
        ),
        "denied": (
            words("The browser was not signed in"),
            words("It gets nothing. You can close this page."),
            200,
        ),
        "mistyped": (
            words("The browser was not signed in"),
            words("It shows another number. Is it in front of you? If you started this yourself, "
                  "begin again there; if not, you can close this page: nothing happened."),
            400,
        ),
        "over": (
            words("There is nothing to decide"),
            words("This was decided already, or took too long. If the browser still waits, let it "
                  "show a new code."),
            400,
        ),
    }[what]  # fmt: skip
    onward = ("/account/basic", words("To your account"))
    return ended_page(edge, request, title, sentence, onward, status=status)


def _to(path: str, fields: Fields) -> Response:
    return RedirectResponse(f"{path}?{_query(fields)}", 303, NO_STORE)


def _query(fields: Fields) -> str:
    return urlencode(_kept(fields))


def _kept(fields: Fields) -> dict[str, str]:
    return {name: fields[name] for name in _KEPT if fields.get(name)}


PAGES: Mapping[str, Mapping[str, Callable[[Edge, Request], Awaitable[Response]]]] = {
    HERE: {"GET": page, "POST": submit},
    f"{HERE}/state": {"GET": state},
    ALLOW: {"GET": allow_page, "POST": decide},
}
