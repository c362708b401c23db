"""Signing in with another device: a browser begins it, a person decides elsewhere, it goes on."""

import json
from dataclasses import dataclass

from keycell.accounts.audit import AuditEvent, Origin
from keycell.accounts.errors import NotProved, TooBusy, WaitOver, WrongCredentials
from keycell.accounts.letters import LetterKind
from keycell.accounts.mailing import digest, notice
from keycell.accounts.people import Account
from keycell.accounts.ports import People, SealBroken
from keycell.accounts.sessions import LONGEST_AGENT, Session, browser_label, stands
from keycell.accounts.signin import Arrival, SignedIn, begin_session
from keycell.accounts.user_codes import beginning, kept_code
from keycell.accounts.waiting_browsers import (
    LIFETIME,
    Lent,
    State,
    WaitingBrowser,
    is_asked,
    is_number,
    is_proved,
    state_of,
)
from keycell.oauth.device import make_user_code

_PURPOSE = "waiting-browser"
_DRAWN_AT_MOST = 5


@dataclass(frozen=True, slots=True)
class Wait:
    """What the page of a browser that waits carries: which one it is, and the code it shows."""

    wait_id: str
    user_code: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked whether a browser may be signed in, and by which sign-in they would do it."""

    waiting: WaitingBrowser
    account: Account
    session: Session
    origin: Origin


async def begin(people: People, browser: str, client_id: str, origin: Origin) -> Wait:
    """Let a browser wait; raise Throttled, WaitOver where it is turned off."""
    if not people.another_device:
        raise WaitOver
    now = people.clock()
    await people.throttles.take([beginning(people.mac, "browser", origin)], now)
    wait_id = people.mint_id()
    for _ in range(_DRAWN_AT_MOST):
        code = make_user_code(people.mint())
        waiting = WaitingBrowser(
            wait_id=wait_id,
            digest=digest(browser),
            user_code=kept_code(people.mac, code),
            client_id=client_id,
            ip=origin.ip,
            user_agent=origin.user_agent[:LONGEST_AGENT],
            created_at=now,
            expires_at=now + LIFETIME,
        )
        if await people.browsers.start(waiting):
            return Wait(wait_id, code)
    raise TooBusy


def seal_wait(people: People, wait: Wait, browser: str) -> str:
    """Give what the page carries; no other browser can use it."""
    content = json.dumps([wait.wait_id, wait.user_code]).encode()
    return people.sealer.seal(_PURPOSE, content, browser.encode())


def open_wait(people: People, sealed: str, browser: str) -> Wait:
    """Give what a page carried, or raise WaitOver."""
    try:
        wait_id, code = json.loads(people.sealer.open(_PURPOSE, sealed, browser.encode()))
    except SealBroken:
        raise WaitOver from None
    return Wait(wait_id, code)


async def look(people: People, wait: Wait, browser: str) -> tuple[State, str]:
    """Say how far a browser is, and the number that it shows by now."""
    waiting = await people.browsers.find(wait.wait_id)
    state = state_of(waiting, digest(browser), people.clock())
    return state, (waiting.number or "") if waiting and state is State.FOUND else ""


async def finish(people: People, wait: Wait, browser: str, arrival: Arrival) -> SignedIn:
    """Begin the session that was allowed, once; raise WaitOver.

    It says of itself what was proved where it was allowed, and when. OIDCC-2.
    """
    waiting, now = await people.browsers.find(wait.wait_id), people.clock()
    is_allowed = state_of(waiting, digest(browser), now) is State.ALLOWED
    if not people.another_device or not is_allowed or waiting is None or waiting.sid is None:
        raise WaitOver
    session = await people.sessions.find_by_sid(waiting.sid)
    if session is None or not stands(session, now):
        raise WaitOver
    account = await people.accounts.find(session.sub)
    if account is None or not account.stands:
        raise WaitOver
    told = notice(
        people, account, LetterKind.ANOTHER_BROWSER, arrival.origin, "en",
        browser=browser_label(arrival.origin.user_agent) or "?",
    )  # fmt: skip
    lent = Lent(waiting.wait_id, session.sid, session.auth_time, told)
    try:
        signed_in = await begin_session(people, account, arrival, session.amr, session.acr, lent)
    except WrongCredentials:
        raise WaitOver from None
    begun = beginning(people.mac, "browser", Origin(ip=waiting.ip))
    await people.throttles.give_back((), (begun.key,))
    return signed_in


async def asked(
    people: People, account: Account, session: Session, origin: Origin, wait_id: str | None = None
) -> Asked:
    """Give what somebody found and has not decided: this one, or else the last.

    Raises WaitOver, and NotProved where they must first sign in (again).
    """
    now = people.clock()
    if wait_id is None:
        waiting = await people.browsers.found_by(account.sub, now)
    else:
        waiting = await people.browsers.find(wait_id)
    if waiting is None or not is_asked(waiting, account.sub, now):
        raise WaitOver
    factors = await people.factors.of_account(account.sub)
    if not is_proved(waiting, session, has_second_factor=factors.are_set):
        raise NotProved
    return Asked(waiting, account, session, origin)


async def allow(people: People, who: Asked, typed: str) -> bool:
    """Let the browser be signed in: False where the number is another, and then it is over.

    Raises WaitOver where it was decided before.
    """
    is_right = is_number(who.waiting, typed)
    event = _event(people, who, "browser.allowed" if is_right else "browser.mistyped")
    sid = who.session.sid if is_right else None
    if not await people.browsers.decide(who.waiting.wait_id, who.account.sub, sid, event):
        raise WaitOver
    return is_right


async def deny(people: People, who: Asked) -> None:
    """Let the browser not be signed in; raise WaitOver where it was decided before."""
    event = _event(people, who, "browser.denied")
    if not await people.browsers.decide(who.waiting.wait_id, who.account.sub, None, event):
        raise WaitOver


def _event(people: People, who: Asked, action: str) -> AuditEvent:
    results = {"browser.denied": "denied", "browser.mistyped": "refused"}
    return AuditEvent(
        at=people.clock(), actor=who.account.sub, action=action, target=who.account.sub,
        client_id=who.waiting.client_id, origin=who.origin, result=results.get(action, "done"),
        detail={"browser_ip": who.waiting.ip, "browser_agent": who.waiting.user_agent},
    )  # fmt: skip
