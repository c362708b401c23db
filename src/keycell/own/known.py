"""Which of the browsers that are signed in their person may not know. UX-P02."""

from collections.abc import Sequence
from dataclasses import replace

from keycell.accounts.audit import AuditEvent, Search
from keycell.accounts.sessions import Session, browser_label
from keycell.accounts.throttle import network_of
from keycell.administration.call import Document, Nothing
from keycell.own.holder import Holder

_MOST, _AMONG = 500, 20_000


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
    looked_for = Search(before=None, beyond="", most=_MOST, among=_AMONG,
                        action="session.started", who=frozenset({holder.account.sub}))  # fmt: skip
    found, _ = await holder.people.audit.search(looked_for)
    began = [event for _, event in found if event.actor == holder.account.sub]
    return frozenset(one.sid for one in fresh if is_unknown(one, began))


def is_unknown(session: Session, began: Sequence[AuditEvent]) -> bool:
    """Tell whether a sign-in is unlike all that came before it; the very first is like itself."""
    before = {
        _kind(one.origin.user_agent, one.origin.ip)
        for one in began
        if one.at <= session.created_at and one.target != session.sid
    }
    return bool(before) and _kind(session.user_agent, session.ip) not in before


def _kind(user_agent: str, ip: str) -> tuple[str, str]:
    return browser_label(user_agent), network_of(ip)


async def know_all(holder: Holder, _asked: Nothing) -> Document:
    """Say that one knows every browser that is signed in."""
    now = holder.people.clock()
    await holder.people.preferences.change(
        holder.account.sub, lambda chosen: replace(chosen, known_at=now)
    )
    return {"known_at": now.isoformat()}
