"""The pages on which somebody signs in by a code that is mailed to them. UX-L15."""

from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keycell.accounts.errors import NoMail, ProofRefused, Throttled, TooBusy, WrongCredentials
from keycell.accounts.mail_codes import sign_in_by_code
from keycell.accounts.mailing import digest
from keycell.accounts.proofs import ProofKind
from keycell.accounts.recovery import Guess, Wish, ask
from keycell.http.edge import Edge
from keycell.http.forms import browser_of, read_form
from keycell.http.render import language_of
from keycell.http.signing_in import arrival_of, finish, pending
from keycell.http.ticket_pages import BY_CODE, asking_view, ticket_page
from keycell.http.wire import NO_STORE, origin_of

Fields = Mapping[str, str]
_KEPT = ("ticket", "user_code", "to")
_LONGEST_SHOWN = 254


async def page(edge: Edge, request: Request) -> Response:
    """Ask whom to write to, or, once that was said, for the code."""
    asked = request.query_params
    return await _show(edge, request, asked, {"sent": "sent" in asked}, 200)


async def submit(edge: Edge, request: Request) -> Response:
    """Take the wish for a code, or a code."""
    fields = await read_form(edge, request, bound_by="ticket")
    if not edge.people.mail_codes:
        return RedirectResponse("/oauth2/login", 303, NO_STORE)
    if fields.get("action") == "send":
        return await _send(edge, request, fields)
    return await _enter(edge, request, fields)


async def _send(edge: Edge, request: Request, fields: Fields) -> Response:
    """Write, if there is somebody to write to; the answer is the same whether or not."""
    typed = fields.get("username", "")
    browser, _ = browser_of(edge, request)
    wish = Wish(
        typed=typed, asked_by=digest(browser), language=language_of(request),
        origin=origin_of(request), kind=ProofKind.SIGN_IN,
    )  # fmt: skip
    shown: dict[str, object] = {"typed": typed[:_LONGEST_SHOWN]}
    try:
        await ask(edge.people, wish)
    except Throttled as refusal:
        told = shown | {"error": "throttled", "wait": refusal.wait}
        return await _show(edge, request, fields, told, 429)
    except (NoMail, TooBusy):
        return await _show(edge, request, fields, shown | {"error": "busy"}, 503)
    query = urlencode({**_kept(fields), "sent": "1"})
    return RedirectResponse(f"{BY_CODE}?{query}", 303, NO_STORE)


async def _enter(edge: Edge, request: Request, fields: Fields) -> Response:
    browser, _ = browser_of(edge, request)
    guess = Guess(
        code=fields.get("code", ""), typed="", asked_by=digest(browser),
        origin=origin_of(request),
    )  # fmt: skip
    shown: dict[str, object] = {"sent": True}
    try:
        signed_in = await sign_in_by_code(edge.people, guess, arrival_of(edge, request))
    except (ProofRefused, WrongCredentials):
        return await _show(edge, request, fields, shown | {"error": "wrong"}, 401)
    except Throttled as refusal:
        told = shown | {"error": "throttled", "wait": refusal.wait}
        return await _show(edge, request, fields, told, 429)
    return await finish(edge, request, fields, signed_in)


def _kept(fields: Fields) -> dict[str, str]:
    return {name: fields[name] for name in _KEPT if fields.get(name)}


async def _show(
    edge: Edge, request: Request, fields: Fields, told: Mapping[str, object], status: int
) -> Response:
    if not edge.people.mail_codes:
        return RedirectResponse("/oauth2/login", 303, NO_STORE)
    waiting, other = await pending(edge, request, fields.get("ticket", ""))
    if other is not None:
        return other
    kept = _kept(fields)
    after = {**kept, "sent": "1"} if told.get("sent") else kept

    def switch(language: str) -> str:
        return f"{BY_CODE}?{urlencode({**after, 'lang': language})}"

    context: dict[str, object] = {
        "client": asking_view(request, waiting) if waiting else None,
        "user_code": kept.get("user_code"), "to": kept.get("to"), "typed": "", "sent": False,
        "error": None, "wait": 0, "switch": switch, "again": f"{BY_CODE}?{urlencode(kept)}",
        "login": f"/oauth2/login?{urlencode(kept)}",
    }  # fmt: skip
    return ticket_page(edge, request, "mail_code", waiting, context | dict(told), status)


PAGES: Mapping[str, Mapping[str, Callable[[Edge, Request], Awaitable[Response]]]] = {
    BY_CODE: {"GET": page, "POST": submit},
}
