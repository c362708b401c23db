"""Which of the browsers that are signed in their person may not know. UX-P02."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypedDict

from keycell.accounts.new_browsers import began, is_unknown
from keycell.accounts.sessions import Session
from keycell.administration.call import Moment, Nothing
from keycell.own.holder import Holder


async def unknown(holder: Holder, sessions: Sequence[Session]) -> frozenset[str]:
    """Give the sessions that began in a kind of browser, or a network, never seen before.

    What began before their person said that they know them all is known, and so is the one they
    sit at.
    """
    since = (await holder.people.preferences.find(holder.account.sub)).known_at
    fresh = [
        one
        for one in sessions
        if one.sid != holder.grant.sid and (since is None or one.created_at > since)
    ]
    if not fresh:
        return frozenset()
    before = await began(holder.people, holder.account.sub)
    return frozenset(one.sid for one in fresh if is_unknown(one, before))


class KnownAll(TypedDict):
    """Since when one knows them all."""

    known_at: Moment


async def know_all(holder: Holder, _asked: Nothing) -> KnownAll:
    """Say that one knows every browser that is signed in."""
    now = holder.people.clock()
    await holder.people.preferences.change(
        holder.account.sub, lambda chosen: replace(chosen, known_at=now)
    )
    return {"known_at": now.isoformat()}
