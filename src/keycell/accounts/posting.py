"""Delivering: one letter at a time from the outbox, by whichever process has it in hand."""

import logging

from keycell.accounts.audit import SYSTEM, AuditEvent
from keycell.accounts.letters import LEASE, Letter, LetterKind, Taken, next_try
from keycell.accounts.mailing import opened
from keycell.accounts.ports import People
from keycell.accounts.ports_mail import NotSent
from keycell.accounts.recovery import letters_for

log = logging.getLogger(__name__)


async def deliver(people: People, worker: str) -> bool:
    """Take a letter and send it, or put it off; False if none waits.

    A process that ends between sending and saying so leaves the letter to another after the
    lease: that one may go twice, under one Message-ID. No other does.
    """
    now = people.clock()
    taken = await people.mail.outbox.take(worker, now, now + LEASE)
    if taken is None:
        return False
    letter = opened(people, taken.sealed)
    if letter is None:
        log.warning("a letter was sealed under another key, and is left out")
        await people.mail.outbox.settle(taken.mail_id, worker)
    elif letter.kind is LetterKind.WISH:
        made = await letters_for(people, letter)
        await people.mail.outbox.settle(taken.mail_id, worker, made)
    else:
        await _send(people, worker, taken, letter)
    return True


async def _send(people: People, worker: str, taken: Taken, letter: Letter) -> None:
    try:
        await people.mail.mailer.send(taken.mail_id, letter)
    except NotSent as error:
        until = next_try(taken, people.clock())
        # Whom it is for and what is in it is nobody's who reads logs.
        log.warning("the letter %s (%s) did not go: %s", taken.mail_id, letter.kind, error)
        if error.is_final or until is None:
            await _give_up(people, worker, taken, letter)
        else:
            await people.mail.outbox.put_off(taken.mail_id, worker, until)
    else:
        await people.mail.outbox.settle(taken.mail_id, worker)


async def _give_up(people: People, worker: str, taken: Taken, letter: Letter) -> None:
    await people.mail.outbox.settle(taken.mail_id, worker)
    people.audit.note(
        AuditEvent(
            at=people.clock(), actor=SYSTEM, action="mail.failed", target=letter.kind.value,
            result="refused",
        )
    )  # fmt: skip
