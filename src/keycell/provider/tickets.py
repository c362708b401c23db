"""Tickets: a pending request, sealed, carried by the pages themselves.

Nothing about a request that waits for a person is kept on the server or in a cookie, so every
tab finishes its own request, and a form that stood open for hours still knows what it was for.
"""

import json
from datetime import UTC, datetime, timedelta

from keycell.accounts.ports import SealBroken
from keycell.provider.ports import Provider
from keycell.values import dataclass

PURPOSE = "ticket"
Pairs = tuple[tuple[str, str], ...]


class TicketRefused(Exception):
    """The ticket is not one of ours, or its time is over."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """A request, when it began, and the session the person chose for it."""

    pairs: Pairs
    started_at: datetime
    chosen_sid: str | None = None
    shown_to: str | None = None
    """Who was asked on the page that carries it: nobody else may answer there."""
    is_signed: bool = False
    """It came as an object that its client signed. RFC9101-4."""
    pushed: str | None = None
    """The digest of the reference under which it was pushed. RFC9126-4."""


def seal_ticket(provider: Provider, ticket: Ticket) -> str:
    """Give the ticket as a page carries it."""
    content = [
        list(ticket.pairs),
        ticket.started_at.timestamp(),
        ticket.chosen_sid,
        ticket.shown_to,
        ticket.is_signed,
        ticket.pushed,
    ]
    return provider.sealer.seal(PURPOSE, json.dumps(content, separators=(",", ":")).encode())


def open_ticket(provider: Provider, sealed: str) -> Ticket:
    """Give the ticket that a page brought back, or raise TicketRefused."""
    try:
        content = json.loads(provider.sealer.open(PURPOSE, sealed))
        pairs, started, chosen, shown_to, is_signed, pushed = content
    except (SealBroken, ValueError) as error:
        raise TicketRefused from error
    started_at = datetime.fromtimestamp(started, tz=UTC)
    if not timedelta(0) <= provider.clock() - started_at <= provider.lifetimes.ticket:
        raise TicketRefused
    named = tuple((str(name), str(value)) for name, value in pairs)
    return Ticket(named, started_at, chosen, shown_to, is_signed, pushed)
