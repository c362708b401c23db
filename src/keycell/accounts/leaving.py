"""Leaving: an account is removed for good a while after its person asked, unless they sign in.

From the asking on nothing acts in the person's name. What goes with the account is said in
decisions/0042 and decisions/0057.
"""

import contextlib
from dataclasses import replace
from datetime import datetime, timedelta

from keycell.accounts.audit import SYSTEM, AuditEvent, Origin, about
from keycell.accounts.errors import ChangedMeanwhile, LastAdministrator, WrongCredentials
from keycell.accounts.letters import Letter, LetterKind
from keycell.accounts.mailing import can_be_told, named, notice, post, spoken, written
from keycell.accounts.people import Account
from keycell.accounts.ports import People
from keycell.accounts.ports_mail import NO_MAIL, Mailing

_TRIES = 5
_MOST_AT_ONCE = 20


async def ask_to_leave(
    people: People,
    account: Account,
    grace: timedelta,
    event: AuditEvent,
    language: str = "en",
) -> Account:
    """Let an account be removed after a while, and end what acts in its name at once.

    Raises LastAdministrator, ChangedMeanwhile.
    """
    leaves_at = event.at + grace
    leaving = replace(account, leaves_at=leaves_at, updated_at=event.at)
    told = notice(
        people,
        account,
        LetterKind.LEAVING,
        event.origin,
        language,
        until=written(leaves_at, account),
    )
    if not await people.accounts.leave(account, leaving, event, told):
        raise ChangedMeanwhile
    return leaving


async def stay(people: People, account: Account, actor: str, origin: Origin) -> Account:
    """Keep an account that was to be removed; one that was not is left alone.

    Raises WrongCredentials where it is gone by now.
    """
    found: Account | None = account
    for _ in range(_TRIES):
        if found is None:
            raise WrongCredentials
        if found.leaves_at is None:
            return found
        now = people.clock()
        kept = replace(found, leaves_at=None, updated_at=now)
        event = AuditEvent(
            at=now,
            actor=actor,
            action="account.kept",
            target=account.login,
            origin=origin,
            detail=about(account.sub),
        )
        told = notice(people, kept, LetterKind.STAYS, origin, "en")
        if await people.accounts.update(found, kept, event, told):
            return kept
        found = await people.accounts.find(account.sub)
    raise ChangedMeanwhile


async def remove_due(people: People, now: datetime) -> int:
    """Remove some accounts whose time has come, for good; tell how many."""
    done = 0
    for account in await people.accounts.due(now, _MOST_AT_ONCE):
        event = AuditEvent(at=now, actor=SYSTEM, action="account.removed", target=account.login)
        # The last administrator waits until there is another.
        with contextlib.suppress(LastAdministrator):
            done += await people.accounts.remove_due(account, event, _farewell(people, account))
    return done


def _farewell(people: People, account: Account) -> Mailing:
    if not can_be_told(people, account) or account.email is None:
        return NO_MAIL
    letter = Letter(
        kind=LetterKind.REMOVED, to=account.email, language=spoken(account, "en"),
        values=named(account),
    )  # fmt: skip
    return Mailing((post(people, letter),))
