"""Signing in: who a person is, proved by a password."""

import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import datetime

from keycell.accounts.audit import AuditEvent, Origin
from keycell.accounts.errors import Invalid, TooBusy, WrongCredentials
from keycell.accounts.factors import PASSWORD
from keycell.accounts.leaving import stay
from keycell.accounts.new_browsers import letter_about
from keycell.accounts.passwords import check_length
from keycell.accounts.people import LONGEST_LOGIN, Account, login_key
from keycell.accounts.ports import People
from keycell.accounts.ports_mail import NO_MAIL
from keycell.accounts.sessions import LONGEST_AGENT, SEEN_EVERY, Session, stands
from keycell.accounts.throttle import (
    KNOWN_BROWSER,
    LOGIN,
    NETWORK,
    Slot,
    network_of,
    pair_limit,
)
from keycell.accounts.trust import Shortcut, Trust
from keycell.accounts.trusted import trust_of, trusted_browser, used
from keycell.accounts.waiting_browsers import Lent
from keycell.oauth.claims import ACR_PASSWORD, Authentication


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Where somebody comes from, and what their browser brought with it."""

    device: str | None
    """The cookie of a browser that has signed in before."""
    session: str | None
    """The cookie of a session that a new one replaces."""
    origin: Origin
    trusted: str | None = None
    """The cookie of a browser that people trust."""
    wants_trust: bool = False
    """Whoever proves a second factor now wants to be asked for none here for some days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt(Arrival):
    """What somebody typed."""

    login: str
    password: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session; its secret and the device's mark go into cookies."""

    account: Account
    session: Session
    secret: str
    device: str
    trusted: str | None = None
    """What the cookie of those who trust this browser is from now on, if it is another."""


@dataclass(frozen=True, slots=True)
class HalfSignedIn:
    """The password is right, and the account wants a second factor beside it."""

    account: Account


@dataclass(frozen=True, slots=True)
class _Counted:
    """The keys an attempt counts under."""

    taken: tuple[Slot, ...]
    cleared: tuple[str, ...]
    lowered: tuple[str, ...]


async def sign_in(people: People, attempt: Attempt) -> SignedIn | HalfSignedIn:
    """Begin a browser session or the second step, or raise WrongCredentials or Throttled.

    An unknown login, a wrong password and a disabled account are answered alike, after the
    same work.
    """
    account = await check_credentials(people, attempt)
    if (await people.factors.of_account(account.sub)).are_set:
        return await _by_trust(people, account, attempt) or HalfSignedIn(account)
    return await begin_session(people, account, attempt, (PASSWORD,), ACR_PASSWORD)


async def _by_trust(people: People, account: Account, attempt: Attempt) -> SignedIn | None:
    """Begin a session by a password alone in a browser that its person trusts.

    It says that a password was proved, so it opens nothing that wants more. Who is signed in
    already signs in again to prove more: they are asked for all they have. RFC8176-1.
    """
    browser = await trusted_browser(people, account, attempt.trusted)
    if browser is None:
        return None
    standing = await session_of(people, attempt.session)
    if standing is not None and standing[1].sub == account.sub:
        return None
    shortcut = Shortcut(browser.trust_id, used(people, account, browser, attempt.origin))
    try:
        how = ((PASSWORD,), ACR_PASSWORD)
        return await begin_session(people, account, attempt, *how, shortcut)
    except WrongCredentials:
        # Ended meanwhile, perhaps with the password: the second step looks at both again.
        return None


async def begin_session(
    people: People,
    account: Account,
    arrival: Arrival,
    amr: tuple[str, ...],
    acr: str,
    by: str | Shortcut | Lent = "",
) -> SignedIn:
    """Begin a browser session of somebody who has proved who they are. RFC8176-2.

    ``by`` is the key of a second factor that trust in this browser may begin by, the trust that
    stood in for one, or the sign-in of another device. Whose account was to be removed keeps it.
    Raises WrongCredentials where the account, the password that was proved, that trust or that
    sign-in is no more by now.
    """
    had = account.password_hash
    account = await stay(people, account, account.sub, arrival.origin)
    secret = people.mint()
    now = people.clock()
    # What was proved elsewhere was proved then, and not now. OIDCC-2.
    auth_time = by.auth_time if isinstance(by, Lent) else now
    how = Authentication(auth_time=auth_time, acr=acr, amr=amr)
    session = _session(people, account, arrival, secret, how, now)
    replaced = session_digest(arrival.session) if arrival.session else None
    event = AuditEvent(
        at=now, actor=account.sub, action="session.started", target=session.sid,
        origin=arrival.origin, detail={"amr": list(amr), **_way(by)},
    )  # fmt: skip
    proved = had if PASSWORD in amr else None
    trust, trusted = _trust(people, account, arrival, by)
    told = NO_MAIL
    if not isinstance(by, Lent) and known_device(people, arrival.device, account.key) is None:
        told = await letter_about(people, account, session)
    if not await people.sessions.start(session, replaced, event, proved, trust, told):
        raise WrongCredentials
    device = _mark_device(people, arrival.device, account)
    return SignedIn(account, session, secret, device, trusted)


def _session(
    people: People,
    account: Account,
    arrival: Arrival,
    secret: str,
    how: Authentication,
    now: datetime,
) -> Session:
    return Session(
        sid=people.mint_id(),
        digest=session_digest(secret),
        sub=account.sub,
        auth_time=how.auth_time,
        amr=how.amr,
        acr=how.acr,
        created_at=now,
        seen_at=now,
        ip=arrival.origin.ip,
        user_agent=arrival.origin.user_agent[:LONGEST_AGENT],
    )


def _way(by: str | Shortcut | Lent) -> dict[str, object]:
    return {"from": "another device"} if isinstance(by, Lent) else {}


def _trust(
    people: People, account: Account, arrival: Arrival, by: str | Shortcut | Lent
) -> tuple[Trust | Shortcut | Lent | None, str | None]:
    if isinstance(by, Shortcut | Lent):
        return by, None
    if not (arrival.wants_trust and by and people.trust_for):
        return None, None
    return trust_of(people, account, arrival.trusted, arrival.origin, by)


async def check_credentials(people: People, attempt: Attempt) -> Account:
    """Give the account that login and password prove, counting failures alone."""
    counted = await _count(people, attempt)
    await people.throttles.take(counted.taken, people.clock())
    try:
        account = await _verify(people, attempt)
    except TooBusy:
        # Nobody looked at the password, so nobody has guessed.
        await people.throttles.give_back((), (*counted.cleared, *counted.lowered))
        raise
    except WrongCredentials:
        # Attempts that were not even heard are not told: their number is the attacker's choice.
        people.audit.note(refused(people, attempt))
        raise
    await people.throttles.give_back(counted.cleared, counted.lowered)
    return account


async def _verify(people: People, attempt: Attempt) -> Account:
    account = None
    if len(attempt.login) <= LONGEST_LOGIN:
        account = await people.accounts.find_by_login(attempt.login.strip())
    try:
        password = check_length(attempt.password)
    except Invalid:
        raise WrongCredentials from None
    stored = account.password_hash if account is not None else None
    is_right = await people.passwords.verify(stored, password)
    if account is None or not is_right or account.disabled_at is not None:
        raise WrongCredentials
    if stored is not None and people.passwords.needs_rehash(stored):
        fresh = replace(account, password_hash=await people.passwords.hash(password))
        event = AuditEvent(
            at=people.clock(), actor="system", action="account.password", target=account.sub,
            result="rehashed",
        )  # fmt: skip
        if not await people.accounts.update(account, fresh, event):
            # By another sign-in perhaps, and perhaps the password is another one by now.
            return await _verify(people, attempt)
        # What goes on from here is bound to what is kept: a second step, a stay, a session.
        return fresh
    return account


async def _count(people: People, attempt: Attempt) -> _Counted:
    key = login_key(attempt.login.strip()[:LONGEST_LOGIN])
    device = known_device(people, attempt.device, key)
    if device is not None:
        known = _key(people, "known", f"{key}\0{device}")
        return _Counted((Slot(known, KNOWN_BROWSER),), (known,), ())
    network = network_of(attempt.origin.ip)
    pair = _key(people, "pair", f"{key}\0{network}")
    everywhere, everyone = _key(people, "login", key), _key(people, "network", network)
    failures = await people.throttles.count(everywhere, people.clock())
    slots = (Slot(pair, pair_limit(failures)), Slot(everyone, NETWORK), Slot(everywhere, LOGIN))
    return _Counted(slots, (pair,), (everyone, everywhere))


def _key(people: People, kind: str, text: str) -> str:
    # What was typed into a login field may be a password: the table must not hold it.
    return people.mac("throttle", f"{kind}\0{text}".encode())


def known_device(people: People, device: str | None, key: str) -> str | None:
    """Give the mark of a browser that has signed in as this login before."""
    mark, _, code = (device or "").partition(".")
    if not code or not mark:
        return None
    expected = people.mac("device", f"{mark}\0{key}".encode())
    return mark if hmac.compare_digest(expected, code) else None


def _mark_device(people: People, device: str | None, account: Account) -> str:
    mark = known_device(people, device, account.key) or people.mint_id()
    return f"{mark}.{people.mac('device', f'{mark}{chr(0)}{account.key}'.encode())}"


def refused(people: People, attempt: Attempt) -> AuditEvent:
    """Say that a sign-in was refused."""
    return AuditEvent(
        at=people.clock(),
        actor="",
        action="session.refused",
        # Not what was typed: it may be a password in the wrong field.
        target=audited_login(people, login_key(attempt.login.strip()[:LONGEST_LOGIN])),
        origin=attempt.origin,
        result="refused",
    )


def audited_login(people: People, key: str) -> str:
    """Give how the trail names a login that a sign-in was refused for."""
    return _key(people, "audit", key)[:16]


async def session_of(people: People, cookie: str | None) -> tuple[Session, Account] | None:
    """Find who is signed in to a browser, if the session and the account still stand."""
    if not cookie:
        return None
    found = await people.sessions.find(session_digest(cookie))
    if found is None:
        return None
    now, (session, account) = people.clock(), found
    if not stands(session, now) or not account.stands:
        return None
    if now - session.seen_at >= SEEN_EVERY:
        await people.sessions.touch(session, now)
    return session, account


async def sign_out(
    people: People, session: Session, origin: Origin, now: datetime, actor: str
) -> None:
    """End a browser session."""
    event = AuditEvent(
        at=now, actor=actor, action="session.ended", target=session.sub, origin=origin,
        detail={"sid": session.sid},
    )  # fmt: skip
    await people.sessions.end(session.sid, now, event)


def session_digest(secret: str) -> str:
    """Give the form in which a session's cookie is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()
