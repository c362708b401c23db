"""The account's pages for passkeys, authenticator apps and recovery codes.

Who wants to change something has just signed in, by a second factor where there is one.
"""

import base64
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keycell.accounts import factor_changes as flows
from keycell.accounts.errors import ClockOff, FactorRefused, Invalid, LastWayIn
from keycell.accounts.factor_changes import Gate
from keycell.accounts.factors import (
    FEW_CODES,
    RECOVERY_CODES,
    Factor,
    Factors,
    Passkey,
    key_of,
    provider_name,
)
from keycell.accounts.passkeys import Answer, pose, read_new_passkey
from keycell.accounts.people import Account
from keycell.accounts.sessions import Session
from keycell.accounts.signin import Arrival
from keycell.http.edge import Edge, half_visitor_of
from keycell.http.enrolling import after_enrolment
from keycell.http.forms import browser_of, csrf_for, keep_browser, read_form, set_cookie
from keycell.http.qr import drawn
from keycell.http.render import language_of, when
from keycell.http.wire import NO_STORE, json_answer, origin_of
from keycell.oauth.step_up import FRESH_FOR

HERE = "/account/basic/factors"
_CONFIRM = "/oauth2/login?to=factors&confirm=1"
_ENROLLED = "keycell_enrolled"
"""The cookie of who has just enrolled their first factor."""

Fields = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Person:
    """Whose factors these are, as they sit at their browser."""

    account: Account
    session: Session
    factors: Factors
    is_fresh: bool


async def _person(edge: Edge, request: Request) -> _Person | None:
    visitor = await half_visitor_of(edge, request)
    if visitor.account is None or visitor.session is None:
        return None
    account, session = visitor.account, visitor.session
    factors = await edge.people.factors.of_account(account.sub)
    enrolled = request.cookies.get(edge.cookie(_ENROLLED), "")
    fresh = flows.may_change(edge.people, account, session, factors, enrolled)
    return _Person(account, session, factors, fresh)


async def page(edge: Edge, request: Request) -> Response:
    """Show the factors, or the login page to whoever is not signed in."""
    person = await _person(edge, request)
    if person is None:
        return RedirectResponse("/oauth2/login?to=factors", 303, NO_STORE)
    done = request.query_params.get("done", "")
    return _show_factors(edge, request, person, {"done": done})


def _show_factors(
    edge: Edge, request: Request, person: _Person, told: Mapping[str, str]
) -> Response:
    language, factors = language_of(request), person.factors
    context: dict[str, object] = {
        "login": person.account.login,
        "passkeys": [_view(one, language) for one in factors.passkeys],
        "apps": [_view(one, language) for one in factors.apps],
        "are_set": factors.are_set,
        "codes_left": factors.codes_left,
        "codes": RECOVERY_CODES,
        "few": FEW_CODES,
        "is_fresh": person.is_fresh,
        "confirm": _CONFIRM,
        "signal": _signal(edge, person),
        "new": _creation(edge, request, person) if person.is_fresh else None,
        "done": "", "error": "",
    }  # fmt: skip
    return _page(edge, request, "factors", context | dict(told), 400 if "error" in told else 200)


def _view(factor: Factor, language: str) -> dict[str, object]:
    return {
        "key": key_of(factor),
        "name": factor.name,
        "provider": provider_name(factor.aaguid) if isinstance(factor, Passkey) else "",
        "is_synced": isinstance(factor, Passkey) and factor.is_synced,
        "created": when(factor.created_at, language),
        "used": when(factor.last_used_at, language) if factor.last_used_at else "",
    }


def _signal(edge: Edge, person: _Person) -> dict[str, str]:
    """Give what tells the keepers of passkeys which ones are good here. WebAuthn-5.1.10."""
    return {
        "rp_id": edge.people.authenticators.rp_id,
        "user": _encode(person.account.sub),
        "name": person.account.login,
        "display": person.account.display_name,
        "known": " ".join(one.credential_id for one in person.factors.passkeys),
    }


def _encode(sub: str) -> str:
    return base64.urlsafe_b64encode(sub.encode()).rstrip(b"=").decode()


def _creation(edge: Edge, request: Request, person: _Person) -> dict[str, str] | None:
    makers = edge.people.authenticators
    if not makers.rp_id:
        return None
    browser, _ = browser_of(edge, request)
    challenge = pose(edge.people, "adding", browser, person.account.sub)
    options = makers.creation_options(challenge.secret, person.account, person.factors.passkeys)
    return {"rp_id": makers.rp_id, "options": options, "challenge": challenge.sealed}


def _page(
    edge: Edge, request: Request, name: str, context: Mapping[str, object], status: int = 200
) -> Response:
    browser, is_new = browser_of(edge, request)
    proof = {"csrf": csrf_for(edge, browser, "account")}
    response = edge.pages.page(language_of(request), name, proof | dict(context), status=status)
    if is_new:
        keep_browser(edge, response, browser)
    return response


Action = Callable[[Edge, Request, _Person, Fields], Awaitable[Response]]


async def _act(edge: Edge, request: Request, action: Action) -> Response:
    """Do what a form asks, if who sends it has just proved who they are."""
    fields = await read_form(edge, request, bound_by=None)
    person = await _person(edge, request)
    if person is None or not person.is_fresh:
        return RedirectResponse(_CONFIRM, 303, NO_STORE)
    try:
        return await action(edge, request, person, fields)
    except LastWayIn:
        told = "last"
    except Invalid:
        told = "name"
    except FactorRefused as refusal:
        told = refusal.why
    return _show_factors(edge, request, person, {"error": told})


async def app_page(edge: Edge, request: Request) -> Response:
    """Show the secret that an authenticator app is to know."""
    person = await _person(edge, request)
    if person is None or not person.is_fresh:
        return RedirectResponse(_CONFIRM, 303, NO_STORE)
    secret, sealed = flows.offer_app(edge.people, person.account)
    return _show_app(edge, request, person.account, secret, sealed, {})


def _show_app(
    edge: Edge,
    request: Request,
    account: Account,
    secret: bytes,
    sealed: str,
    told: Mapping[str, object],
) -> Response:
    codes = edge.people.one_time_codes
    address = codes.address(secret, account)
    typed = codes.typed(secret)
    context: dict[str, object] = {
        "login": account.login, "sealed": sealed, "address": address, "qr": drawn(address),
        "typed": " ".join(typed[at : at + 4] for at in range(0, len(typed), 4)),
        "name": "", "error": "", "minutes": 0,
    }  # fmt: skip
    status = 400 if "error" in told else 200
    return _page(edge, request, "factor_app", context | dict(told), status)


async def add_app(edge: Edge, request: Request) -> Response:
    """Take the first code of an authenticator app."""
    return await _act(edge, request, _add_app)


async def _add_app(edge: Edge, request: Request, person: _Person, fields: Fields) -> Response:
    account, sealed = person.account, fields.get("sealed", "")
    name = fields.get("name", "").strip() or "Authenticator app"
    secret = flows.offered_secret(edge.people, account, sealed)
    told: dict[str, object] = {"name": name[:100]}
    try:
        app = await flows.read_new_app(edge.people, account, sealed, fields.get("code", ""), name)
    except ClockOff as refusal:
        told |= {"error": "clock", "minutes": max(1, round(abs(refusal.seconds) / 60))}
        return _show_app(edge, request, account, secret, sealed, told)
    except Invalid:
        return _show_app(edge, request, account, secret, sealed, told | {"error": "name"})
    except FactorRefused:
        return _show_app(edge, request, account, secret, sealed, told | {"error": "wrong"})
    return await _add(edge, request, person, app)


async def add_passkey(edge: Edge, request: Request) -> Response:
    """Take a passkey that the browser has just made."""
    return await _act(edge, request, _add_passkey)


async def _add_passkey(edge: Edge, request: Request, person: _Person, fields: Fields) -> Response:
    browser, _ = browser_of(edge, request)
    answer = Answer(fields.get("challenge", ""), fields.get("credential", ""), browser)
    arrival = Arrival(device=None, session=None, origin=origin_of(request))
    passkey = await read_new_passkey(edge.people, person.account, answer, arrival)
    return await _add(edge, request, person, passkey)


async def _add(edge: Edge, request: Request, person: _Person, factor: Factor) -> Response:
    sid, origin = person.session.sid, origin_of(request)
    gate = await flows.add(edge.people, person.account, factor, sid, origin)
    return _done("added") if gate is None else _show_gate(edge, request, person, gate)


async def make_codes(edge: Edge, request: Request) -> Response:
    """Make new recovery codes."""
    return await _act(edge, request, _make_codes)


async def _make_codes(edge: Edge, request: Request, person: _Person, _fields: Fields) -> Response:
    gate = flows.make_codes(edge.people, person.account, person.session.sid)
    return _show_gate(edge, request, person, gate)


def _show_gate(edge: Edge, request: Request, person: _Person, gate: Gate) -> Response:
    lines = _file(edge, person.account, gate.codes)
    context = {
        "codes": gate.codes,
        "sealed": gate.sealed,
        "is_first": not person.factors.are_set,
        "file": f"data:text/plain;charset=utf-8,{quote(lines)}",
    }
    return _page(edge, request, "recovery_codes", context)


def _file(edge: Edge, account: Account, codes: Sequence[str]) -> str:
    heading = f"Keycell {edge.settings.base_url} {account.login}"
    return "\n".join((heading, "", *codes, ""))


async def keep(edge: Edge, request: Request) -> Response:
    """Keep what waited for the person to have their recovery codes."""
    return await _act(edge, request, _keep)


async def _keep(edge: Edge, request: Request, person: _Person, fields: Fields) -> Response:
    if fields.get("saved") != "yes":
        raise FactorRefused("unsaved")
    sealed, sid = fields.get("sealed", ""), person.session.sid
    await flows.pass_gate(edge.people, person.account, sealed, sid, origin_of(request))
    response = after_enrolment(edge, request) or _done("kept")
    proof = flows.seal_enrolment(edge.people, person.account, sid)
    set_cookie(edge, response, _ENROLLED, proof, int(FRESH_FOR.total_seconds()))
    return response


async def rename(edge: Edge, request: Request) -> Response:
    """Give a factor another name."""
    return await _act(edge, request, _rename)


async def _rename(edge: Edge, request: Request, person: _Person, fields: Fields) -> Response:
    key, name = fields.get("key", ""), fields.get("name", "")
    await flows.rename(edge.people, person.account, key, name, origin_of(request))
    return _done("renamed")


async def remove(edge: Edge, request: Request) -> Response:
    """Remove a factor."""
    return await _act(edge, request, _remove)


async def _remove(edge: Edge, request: Request, person: _Person, fields: Fields) -> Response:
    await flows.remove(edge.people, person.account, fields.get("key", ""), origin_of(request))
    return _done("removed")


def _done(what: str) -> Response:
    return RedirectResponse(f"{HERE}?done={what}", 303, NO_STORE)


async def passkey_endpoints(edge: Edge, _request: Request) -> Response:
    """Lead keepers of passkeys to where they are made and managed. W3C passkey-endpoints."""
    here = f"{edge.settings.base_url}{HERE}"
    return json_answer({"enroll": here, "manage": here}, headers=NO_STORE)


PAGES: Mapping[str, Mapping[str, Callable[[Edge, Request], Awaitable[Response]]]] = {
    "/.well-known/passkey-endpoints": {"GET": passkey_endpoints},
    HERE: {"GET": page},
    f"{HERE}/app": {"GET": app_page, "POST": add_app},
    f"{HERE}/passkey": {"POST": add_passkey},
    f"{HERE}/codes": {"POST": make_codes},
    f"{HERE}/keep": {"POST": keep},
    f"{HERE}/rename": {"POST": rename},
    f"{HERE}/remove": {"POST": remove},
}
