"""What a person changes about their second factors, and what an administrator takes from them.

The first factor is kept together with recovery codes, and only once the person said that they
have them: nobody is shut out by a lost device.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from keycell.accounts.audit import AuditEvent, Origin, about
from keycell.accounts.errors import ClockOff, FactorRefused
from keycell.accounts.factors import (
    CHALLENGE_FOR,
    RECOVERY_CODES,
    STEP_SECONDS,
    App,
    Factor,
    Factors,
    Passkey,
    check_factor_name,
    free_name,
    is_fresh,
    key_of,
    make_app_secret,
    make_recovery_code,
    read_one_time_code,
    read_recovery_code,
)
from keycell.accounts.letters import LetterKind
from keycell.accounts.mailing import notice
from keycell.accounts.people import Account
from keycell.accounts.ports import People, SealBroken
from keycell.accounts.ports_mail import Mailing
from keycell.accounts.second_steps import CLOCK_REACH, recovery_digest
from keycell.accounts.sessions import Session
from keycell.oauth.step_up import is_recent

_PURPOSE = "factor-to-keep"
_ENROLLED = "factor-enrolled"
_CLOCK_SEARCHED = 120
"""Steps either way in which a code tells that a clock is off: an hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _ToKeep:
    """What waits for a person to say that they have their recovery codes."""

    passkey: Passkey | None
    app: App | None
    codes: tuple[str, ...]
    begun_at: datetime


@dataclass(frozen=True, slots=True)
class Gate:
    """Recovery codes, shown this once, and what is kept once the person has them."""

    codes: Sequence[str]
    sealed: str


def offer_app(people: People, account: Account) -> tuple[bytes, str]:
    """Make a secret for an authenticator app; the page carries it sealed until it is proved."""
    secret = make_app_secret(people.mint())
    return secret, people.sealer.seal("app-secret", secret, account.sub.encode())


def offered_secret(people: People, account: Account, sealed: str) -> bytes:
    """Give the secret that a page brought back, or raise FactorRefused."""
    try:
        return people.sealer.open("app-secret", sealed, account.sub.encode())
    except SealBroken:
        raise FactorRefused("expired") from None


async def read_new_app(
    people: People, account: Account, sealed: str, typed: str, name: str
) -> App:
    """Give an app that showed a right code, or raise FactorRefused, ClockOff or Invalid."""
    chosen = check_factor_name(name)
    secret, now = offered_secret(people, account, sealed), people.clock()
    code = read_one_time_code(typed)
    if code is None:
        raise FactorRefused
    current = int(now.timestamp()) // STEP_SECONDS
    steps = people.one_time_codes.steps_of(secret, code, now, _CLOCK_SEARCHED)
    if not steps:
        raise FactorRefused
    if abs(steps[0] - current) > CLOCK_REACH:
        raise ClockOff((steps[0] - current) * STEP_SECONDS)
    factors = await people.factors.of_account(account.sub)
    return App(
        app_id=people.mint_id(),
        sub=account.sub,
        sealed=sealed,
        name=free_name(chosen, factors.apps),
        last_step=steps[0],
        created_at=now,
    )


async def add(
    people: People, account: Account, factor: Factor, sid: str, by: Origin
) -> Gate | None:
    """Keep a factor; the first one waits behind a gate, with its recovery codes."""
    if not (await people.factors.of_account(account.sub)).are_set:
        return _gate(people, account, factor, sid)
    event = _event(people, account, "factor.added", by, factor)
    if not await people.factors.add(factor, (), event, _letter(people, account, by)):
        raise FactorRefused("full")
    return None


def make_codes(people: People, account: Account, sid: str) -> Gate:
    """Make new recovery codes; the old ones hold until the person has the new."""
    return _gate(people, account, None, sid)


def _gate(people: People, account: Account, factor: Factor | None, sid: str) -> Gate:
    codes = [make_recovery_code(people.mint()) for _ in range(RECOVERY_CODES)]
    digests = (recovery_digest(people, account, read_recovery_code(code) or "") for code in codes)
    kept = _ToKeep(
        passkey=factor if isinstance(factor, Passkey) else None,
        app=factor if isinstance(factor, App) else None,
        codes=tuple(digests),
        begun_at=people.clock(),
    )
    bound = f"{account.sub}\0{sid}".encode()
    return Gate(codes, people.sealer.seal(_PURPOSE, msgspec.json.encode(kept), bound))


async def pass_gate(people: People, account: Account, sealed: str, sid: str, by: Origin) -> None:
    """Keep what waited for the person to have their codes; raise FactorRefused.

    Bound to the session that was shown the codes, and once: what is there already is refused.
    """
    try:
        content = people.sealer.open(_PURPOSE, sealed, f"{account.sub}\0{sid}".encode())
    except SealBroken:
        raise FactorRefused("expired") from None
    kept = msgspec.json.decode(content, type=_ToKeep)
    if people.clock() - kept.begun_at > CHALLENGE_FOR:
        raise FactorRefused("expired")
    if not await people.seen.see("factor-gate", account.sub, kept.codes[0], _end(kept)):
        raise FactorRefused("expired")
    factor, letter = kept.passkey or kept.app, _letter(people, account, by)
    if factor is None:
        event = _event(people, account, "factor.codes", by)
        done = await people.factors.put_codes(account.sub, kept.codes, event, letter)
    else:
        event = _event(people, account, "factor.added", by, factor)
        done = await people.factors.add(factor, kept.codes, event, letter)
    if not done:
        raise FactorRefused("full")


def _end(kept: _ToKeep) -> datetime:
    return kept.begun_at + CHALLENGE_FOR


def seal_enrolment(people: People, account: Account, sid: str) -> str:
    """Give what says that this session showed a factor in the moment it was enrolled."""
    return people.sealer.seal(_ENROLLED, b"", f"{account.sub}\0{sid}".encode())


def may_change(
    people: People, account: Account, session: Session, factors: Factors, sealed: str
) -> bool:
    """Tell whether who sits at a session has just proved enough to change the factors.

    Whoever has just signed in by their password and then enrolled their first factor has shown
    both, here and now. What applications are told of the session stays what its sign-in was:
    enrolling is no authentication. RFC9470-3, RFC8176-1.
    """
    now = people.clock()
    if is_fresh(session, factors, now):
        return True
    try:
        people.sealer.open(_ENROLLED, sealed, f"{account.sub}\0{session.sid}".encode())
    except SealBroken:
        return False
    return is_recent(session.auth_time, session.acr, now, has_second_factor=False)


async def rename(people: People, account: Account, key: str, name: str, by: Origin) -> None:
    """Give a factor another name; raise Invalid, FactorRefused."""
    chosen = check_factor_name(name)
    event = _event(people, account, "factor.renamed", by)
    if not await people.factors.rename(account.sub, key, chosen, event):
        raise FactorRefused("gone")


async def remove(people: People, account: Account, key: str, by: Origin) -> None:
    """Remove a factor; raise LastWayIn, FactorRefused."""
    factors = await people.factors.of_account(account.sub)
    found = [one for one in factors.every if key_of(one) == key]
    if not found:
        raise FactorRefused("gone")
    event = _event(people, account, "factor.removed", by, found[0])
    if not await people.factors.remove(account.sub, key, event, _letter(people, account, by)):
        raise FactorRefused("gone")


async def reset(people: People, account: Account, actor: str, by: Origin) -> int:
    """Remove every factor and recovery code of somebody; tell how many factors there were."""
    event = AuditEvent(
        at=people.clock(), actor=actor, action="factor.reset", target=account.login, origin=by,
        detail=about(account.sub),
    )  # fmt: skip
    return await people.factors.reset(account.sub, event, _letter(people, account, Origin()))


def _letter(people: People, account: Account, by: Origin) -> Mailing:
    """Tell the person: whoever took over a browser must not change this unseen."""
    return notice(people, account, LetterKind.FACTORS_CHANGED, by, "en")


def _event(
    people: People, account: Account, action: str, by: Origin, factor: Factor | None = None
) -> AuditEvent:
    detail: dict[str, object] = {}
    if factor is not None:
        kind = "passkey" if isinstance(factor, Passkey) else "authenticator app"
        detail = {"kind": kind, "name": factor.name}
    return AuditEvent(
        at=people.clock(), actor=account.sub, action=action, target=account.sub,
        origin=by, detail=detail,
    )  # fmt: skip
