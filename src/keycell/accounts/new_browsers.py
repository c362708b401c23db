"""Whether a browser was here before: by its mark, or else by its kind and its network. UX-P11."""

from collections.abc import Sequence

from keycell.accounts.audit import AuditEvent, Origin, Search
from keycell.accounts.letters import LetterKind
from keycell.accounts.mailing import notice, wants
from keycell.accounts.people import Account
from keycell.accounts.ports import People
from keycell.accounts.ports_mail import NO_MAIL, Mailing
from keycell.accounts.sessions import Session, browser_label
from keycell.accounts.throttle import network_of

_MOST, _AMONG = 500, 20_000


async def began(people: People, sub: str) -> Sequence[AuditEvent]:
    """List the latest sign-ins of somebody."""
    looked_for = Search(before=None, beyond="", most=_MOST, among=_AMONG,
                        action="session.started", who=frozenset({sub}))  # fmt: skip
    found, _ = await people.audit.search(looked_for)
    return [event for _, event in found if event.actor == sub]


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


async def letter_about(people: People, account: Account, session: Session) -> Mailing:
    """Give the letter about a sign-in by a browser without a mark; none if one like it was here.

    Whoever forgets cookies at the end of each day is not written to each morning.
    """
    if not await wants(people, account, LetterKind.NEW_BROWSER):
        return NO_MAIL
    if not is_unknown(session, await began(people, account.sub)):
        return NO_MAIL
    origin, label = Origin(session.ip, session.user_agent), browser_label(session.user_agent)
    return notice(people, account, LetterKind.NEW_BROWSER, origin, "en", browser=label or "?")
