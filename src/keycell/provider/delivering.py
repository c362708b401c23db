"""Telling others in the background, again and again until they take it, refuse it or it is over.

Another try is for what may pass: no answer, no connection, an error of the other's server. What a
client refuses is refused, a token that it does not know above all. OIDCBCL-2.5, CIBA-10.2.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from keycell.oauth.clients import Client
from keycell.oauth.logout import next_try
from keycell.provider.ports import Provider
from keycell.provider.ports_logout import Refusal

log = logging.getLogger(__name__)

_LEASE = timedelta(minutes=1)
_MOST_AT_ONCE = 8


class Due(Protocol):
    """Something that somebody is to be told."""

    @property
    def tries(self) -> int:
        """How often it was tried, this time included."""
        ...


class DueToClient(Due, Protocol):
    """Something that a client is to be told."""

    @property
    def client_id(self) -> str:
        """Whom to tell."""
        ...


D = TypeVar("D", bound=Due)
T = TypeVar("T")


class Outbox(Protocol[D]):
    """What is to be told, due at a moment, and in one process's hands at a time."""

    async def take(self, now: datetime, until: datetime, most: int) -> Sequence[D]:
        """Take some that are due, for nobody else until a moment; a try is counted."""
        ...

    async def put_off(self, due: D, at: datetime, /) -> None:
        """Try one again at a moment."""
        ...

    async def done(self, due: D, /) -> None:
        """Forget one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery(Generic[D, T]):
    """One kind of thing that others are told, and how."""

    what: str
    outbox: Outbox[D]
    find: Callable[[D], Awaitable[T | None]]
    """Gives whom to tell; None if nobody wants to know it any more."""
    send: Callable[[T, D], Awaitable[Refusal | None]]
    """None if it was taken, otherwise why not."""
    whom: Callable[[D], str]
    """Gives the name of who is told, for the log."""
    until: Callable[[D], datetime]
    """From when on it is of no use to tell it."""
    note: Callable[[D, str, str], Awaitable[None]]
    """Keeps how it ended, ``ok`` or ``failed``, and why."""
    most_at_once: int = _MOST_AT_ONCE


def client_of(
    provider: Provider, is_wanted: Callable[[Client], bool]
) -> Callable[[DueToClient], Awaitable[Client | None]]:
    """Give what finds the client to tell, while it stands and wants to be told."""

    async def find(one: DueToClient) -> Client | None:
        client = await provider.clients.find(one.client_id)
        is_told = client is not None and not client.disabled and is_wanted(client)
        return client if is_told else None

    return find


async def deliver(clock: Callable[[], datetime], delivery: Delivery[D, T]) -> int:
    """Tell all who are due; give how many were taken up."""
    total = 0
    while True:
        now = clock()
        due = await delivery.outbox.take(now, now + _LEASE, delivery.most_at_once)
        if not due:
            return total
        total += len(due)
        await asyncio.gather(*(_tell(clock, delivery, one) for one in due))


async def _tell(clock: Callable[[], datetime], delivery: Delivery[D, T], one: D) -> None:
    whom = await delivery.find(one)
    if whom is None:
        await delivery.outbox.done(one)
        return
    refused = await _sent(delivery, whom, one)
    if refused is None:
        await delivery.note(one, "ok", "")
        await delivery.outbox.done(one)
        return
    log.warning("%s does not take %s: %s", delivery.whom(one), delivery.what, refused.why)
    again = next_try(one.tries, clock(), delivery.until(one))
    if again is not None and not refused.is_final:
        await delivery.outbox.put_off(one, again)
        return
    await delivery.note(one, "failed", refused.why)
    await delivery.outbox.done(one)


async def _sent(delivery: Delivery[D, T], whom: T, one: D) -> Refusal | None:
    try:
        return await delivery.send(whom, one)
    except Exception as error:
        # What one of them registered must not keep the others from being told.
        log.exception("telling %s failed", delivery.whom(one))
        return Refusal(type(error).__name__)
