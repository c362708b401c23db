"""The second step of signing in: what a password has begun, another factor ends.

Between both, the browser carries what was proved in a sealed text, so that several tabs, and
forms that stood open, each go on with their own.
"""

import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime

from keycell.accounts.audit import AuditEvent, Origin
from keycell.accounts.errors import FactorRefused
from keycell.accounts.factors import (
    ONE_TIME,
    PASSWORD,
    SEVERAL,
    STEP_FOR,
    App,
    Factors,
    read_one_time_code,
    read_recovery_code,
)
from keycell.accounts.people import Account
from keycell.accounts.ports import People, SealBroken
from keycell.accounts.signin import Arrival, HalfSignedIn, SignedIn, begin_session, known_device
from keycell.accounts.throttle import FACTOR, FACTOR_EVERYWHERE, KNOWN_BROWSER, Slot, network_of
from keycell.oauth.claims import ACR_MFA

_PURPOSE = "second-step"
CLOCK_REACH = 1
"""A code of the step before or after ours is taken: clocks and fingers are slow. RFC6238-5.2."""


@dataclass(frozen=True, slots=True)
class Half:
    """Whose password was right, and what else they have."""

    account: Account
    factors: Factors


def seal_half(people: People, half: HalfSignedIn, browser: str) -> str:
    """Give what a browser carries to the second step; no other browser can use it."""
    content = [half.account.sub, people.clock().timestamp(), _mark(people, half.account)]
    return people.sealer.seal(_PURPOSE, json.dumps(content).encode(), browser.encode())


async def open_half(people: People, sealed: str, browser: str) -> Half:
    """Give what a browser brought to the second step, or raise FactorRefused."""
    try:
        sub, begun, mark = json.loads(people.sealer.open(_PURPOSE, sealed, browser.encode()))
    except SealBroken:
        raise FactorRefused from None
    if people.clock() - datetime.fromtimestamp(begun, tz=UTC) > STEP_FOR:
        raise FactorRefused
    account = await people.accounts.find(sub)
    if account is None or account.disabled_at is not None:
        raise FactorRefused
    # The password that was right is no more: it proves nothing any longer.
    if not hmac.compare_digest(_mark(people, account), mark):
        raise FactorRefused
    factors = await people.factors.of_account(sub)
    if not factors.are_set:
        raise FactorRefused
    return Half(account, factors)


def _mark(people: People, account: Account) -> str:
    return people.mac("password-mark", (account.password_hash or "").encode())


async def end_by_app(people: People, half: Half, text: str, arrival: Arrival) -> SignedIn:
    """Begin a session by an app's code, or raise FactorRefused or Throttled."""
    count = await Count.take(people, half.account, arrival)
    code = read_one_time_code(text)
    event = used(people, half.account, arrival.origin, ONE_TIME)
    for app in half.factors.apps if code is not None else ():
        step = _newest_step(people, app, code or "")
        if step is not None and await people.factors.spend_step(app.app_id, step, event):
            await count.give_back()
            how = (PASSWORD, ONE_TIME, SEVERAL)
            return await begin_session(people, half.account, arrival, how, ACR_MFA, app.app_id)
    raise refusal(people, half.account, arrival.origin, ONE_TIME)


def _newest_step(people: People, app: App, code: str) -> int | None:
    secret = open_secret(people, app)
    steps = people.one_time_codes.steps_of(secret, code, people.clock(), CLOCK_REACH)
    return max((step for step in steps if step > app.last_step), default=None)


def open_secret(people: People, app: App) -> bytes:
    """Give an app's secret; it was sealed for this account alone."""
    return people.sealer.open("app-secret", app.sealed, app.sub.encode())


async def end_by_recovery_code(
    people: People, half: Half, text: str, arrival: Arrival
) -> SignedIn:
    """Begin a session by a recovery code, or raise FactorRefused or Throttled."""
    count = await Count.take(people, half.account, arrival)
    code = read_recovery_code(text)
    event = used(people, half.account, arrival.origin, "recovery code")
    digest = recovery_digest(people, half.account, code) if code is not None else ""
    if not code or not await people.factors.spend_code(half.account.sub, digest, event):
        raise refusal(people, half.account, arrival.origin, "recovery code")
    await count.give_back()
    return await begin_session(people, half.account, arrival, (PASSWORD, SEVERAL), ACR_MFA)


def recovery_digest(people: People, account: Account, code: str) -> str:
    """Give the form in which a recovery code is kept: of fifty bits, so under a key of ours."""
    return people.mac("recovery-code", f"{account.sub}\0{code}".encode())


def used(people: People, account: Account, origin: Origin, kind: str) -> AuditEvent:
    """Tell that somebody proved a factor."""
    return AuditEvent(
        at=people.clock(), actor=account.sub, action="factor.used", target=account.sub,
        origin=origin, detail={"kind": kind},
    )  # fmt: skip


def refusal(people: People, account: Account, origin: Origin, kind: str) -> FactorRefused:
    """Tell the trail that a factor was refused, and give what to raise."""
    event = AuditEvent(
        at=people.clock(), actor=account.sub, action="factor.refused", target=account.sub,
        origin=origin, result="refused", detail={"kind": kind},
    )  # fmt: skip
    people.audit.note(event)
    return FactorRefused()


@dataclass(frozen=True, slots=True)
class Count:
    """A guess at a code, counted before it is heard.

    Whoever guesses from many networks is slowed down for the account as a whole; the browsers
    that have signed in to it before are not, and neither are passkeys, which nobody guesses.
    """

    people: People
    cleared: str
    lowered: tuple[str, ...]

    @classmethod
    async def take(cls, people: People, account: Account, arrival: Arrival) -> "Count":
        """Count an attempt, or raise Throttled."""
        device = known_device(people, arrival.device, account.key)
        if device is not None:
            own = _key(people, f"known\0{account.sub}\0{device}")
            await people.throttles.take((Slot(own, KNOWN_BROWSER),), people.clock())
            return cls(people, own, ())
        pair = _key(people, f"pair\0{account.sub}\0{network_of(arrival.origin.ip)}")
        everywhere = _key(people, f"account\0{account.sub}")
        slots = (Slot(pair, FACTOR), Slot(everywhere, FACTOR_EVERYWHERE))
        await people.throttles.take(slots, people.clock())
        return cls(people, pair, (everywhere,))

    async def give_back(self) -> None:
        """Forget the failures, after a success."""
        await self.people.throttles.give_back((self.cleared,), self.lowered)


def _key(people: People, text: str) -> str:
    return people.mac("throttle", f"factor\0{text}".encode())
