"""Telling people that a link of theirs was used, that they are named, or are shared with."""

from collections.abc import Collection
from contextlib import suppress
from datetime import timedelta
from urllib.parse import quote, urlencode

from keycell.accounts.errors import Throttled
from keycell.accounts.letters import MOST_WAITING, Letter, LetterKind
from keycell.accounts.mailing import named, post, spoken, wants, written
from keycell.accounts.ports import People
from keycell.accounts.throttle import Limit, Slot
from keycell.files.commenting import named_in
from keycell.files.comments import Comment
from keycell.files.finding import Located, names_of
from keycell.files.linking import Visit
from keycell.files.ports import Files
from keycell.files.spaces import Space

AT_MOST_EVERY = timedelta(hours=1)
"""However often a link is used: whoever has it could fill its owner's mailbox."""
SHARED = Limit(20, timedelta(minutes=1), timedelta(minutes=15), timedelta(hours=1))
"""Letters of one person to another: who shares and takes back again and again fills no mailbox."""
SHARED_BY = Limit(600, timedelta(minutes=1), timedelta(minutes=15), timedelta(hours=1))
"""Letters of one person to all others: who shares with everybody again and again leaves room in
the outbox for codes and new passwords."""


async def tell_owner(files: Files, people: People, visited: Visit, kind: LetterKind) -> None:
    """Write to whose a link is that it was used, unless they were told within the hour."""
    link, now = visited.link, files.clock()
    if not link.tells:
        return
    account = await files.accounts.find(link.sub)
    if account is None or account.email is None or not await wants(people, account, kind):
        return
    # Claimed before it is posted: of many who come at once, one writes.
    if not await files.links.claim_telling(link.link_id, now, now - AT_MOST_EVERY):
        return
    letter = Letter(
        kind=kind, to=account.email, language=spoken(account, "en"),
        values={**named(account), "label": link.label, "when": written(now, account)},
    )  # fmt: skip
    await people.mail.outbox.put(post(people, letter), MOST_WAITING)


async def tell_shared(
    files: Files, people: People, by: str, space: Space, newcomers: Collection[str]
) -> None:
    """Write to whom somebody shares a space with; a group's members find it among their spaces."""
    name = (await names_of(files, {by})).get(by, "")
    for sub in newcomers:
        account = await files.accounts.find(sub)
        if account is None or account.email is None or sub == by:
            continue
        if not await wants(people, account, LetterKind.SHARED):
            continue
        with suppress(Throttled):
            slots = (
                Slot(people.mac("throttle", f"shared\0{by}\0{sub}".encode()), SHARED),
                Slot(people.mac("throttle", f"shared\0{by}".encode()), SHARED_BY),
            )
            await people.throttles.take(slots, people.clock())
            values = {
                **named(account), "by": name, "file": space.label,
                "link": f"/files/{quote(space.slug)}",
            }  # fmt: skip
            letter = Letter(
                kind=LetterKind.SHARED, to=account.email, language=spoken(account, "en"),
                values=values,
            )  # fmt: skip
            await people.mail.outbox.put(post(people, letter), MOST_WAITING)


async def tell_named(files: Files, people: People, comment: Comment) -> int:
    """Write to whom a comment names; give how many are written to."""
    named_by = (await names_of(files, {comment.said_by})).get(comment.said_by, "")
    told = 0
    for account, located in await named_in(files, comment):
        if account.email is None or not await wants(people, account, LetterKind.NAMED):
            continue
        path = located.path
        file = located.space.label if path.is_space else path.name
        values = {
            **named(account), "by": named_by, "file": file, "said": comment.said,
            "when": written(comment.said_at, account), "link": _page_of(located),
        }  # fmt: skip
        letter = Letter(
            kind=LetterKind.NAMED, to=account.email, language=spoken(account, "en"), values=values
        )
        await people.mail.outbox.put(post(people, letter), MOST_WAITING)
        told += 1
    return told


def _page_of(located: Located) -> str:
    """Give where the web frontend shows a node's details, with its comments."""
    path = located.path
    if path.is_space:
        return f"/files/{quote(path.slug)}"
    return f"/files/{quote(str(path.parent))}?{urlencode({'about': path.name})}"
