"""Telling people that a public link of theirs was used, where they asked for it."""

from datetime import timedelta

from keycell.accounts.letters import MOST_WAITING, Letter, LetterKind
from keycell.accounts.mailing import can_be_told, named, post, spoken, written
from keycell.accounts.ports import People
from keycell.files.linking import Visit
from keycell.files.ports import Files

AT_MOST_EVERY = timedelta(hours=1)
"""However often a link is used: whoever has it could fill its owner's mailbox."""


async def tell_owner(files: Files, people: People, visited: Visit, kind: LetterKind) -> None:
    """Write to whose a link is that it was used, unless they were told within the hour."""
    link, now = visited.link, files.clock()
    if not link.tells:
        return
    account = await files.accounts.find(link.sub)
    if account is None or account.email is None or not can_be_told(people, account):
        return
    # Claimed before it is posted: of many who come at once, one writes.
    if not await files.links.claim_telling(link.link_id, now, now - AT_MOST_EVERY):
        return
    letter = Letter(
        kind=kind, to=account.email, language=spoken(account, "en"),
        values={**named(account), "label": link.label, "when": written(now)},
    )  # fmt: skip
    await people.mail.outbox.put(post(people, letter), MOST_WAITING)
