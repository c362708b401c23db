"""First start: the one-time secret that makes the first administrator."""

import contextlib
import hashlib
from dataclasses import dataclass
from datetime import timedelta

from keycell.accounts.audit import AuditEvent, Origin
from keycell.accounts.errors import SetupRefused, Throttled
from keycell.accounts.passwords import check_password
from keycell.accounts.people import Account, check_email, check_login, check_name
from keycell.accounts.ports import People
from keycell.accounts.throttle import PAIR, Slot, network_of

LIFETIME = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstAdministrator:
    """What the set-up page asks."""

    secret: str
    login: str
    name: str
    email: str
    password: str


async def offer(people: People) -> str | None:
    """Make the set-up secret of this start, if there is no account yet."""
    if not await people.accounts.is_empty():
        return None
    secret = people.mint()
    await people.setup.offer(_digest(secret), people.clock() + LIFETIME)
    return secret


async def complete(people: People, form: FirstAdministrator, origin: Origin) -> Account:
    """Make the first administrator, once; raise Invalid or SetupRefused."""
    login = check_login(form.login.strip())
    email = check_email(form.email.strip()) if form.email.strip() else None
    password = check_password(form.password, login, email, people.passwords.is_common)
    now = people.clock()
    digest = _digest(form.secret.strip())
    # Asked before anything is hashed, so that a guess costs us nothing.
    if not await people.setup.is_offered(digest, now):
        await _tell(people, origin)
        raise SetupRefused
    account = Account(
        sub=people.mint_id(),
        login=login,
        name=check_name(form.name),
        email=email,
        is_admin=True,
        password_hash=await people.passwords.hash(password),
        created_at=now,
        updated_at=now,
    )
    event = AuditEvent(
        at=now, actor=account.sub, action="setup.completed", target=login, origin=origin
    )
    if not await people.setup.complete(digest, account, now, event):
        await _tell(people, origin)
        raise SetupRefused
    return account


async def _tell(people: People, origin: Origin) -> None:
    """Tell of a wrong set-up secret, but not of every one: their number is the sender's choice.

    The right one is always heard: it is beyond guessing.
    """
    now = people.clock()
    key = people.mac("throttle", f"setup\0{network_of(origin.ip)}".encode())
    with contextlib.suppress(Throttled):
        await people.throttles.take((Slot(key, PAIR),), now)
        people.audit.note(
            AuditEvent(
                at=now, actor="", action="setup.refused", target="", origin=origin,
                result="refused",
            )
        )  # fmt: skip


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
