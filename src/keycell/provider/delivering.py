"""Telling clients in the background, again and again until they take it, refuse it or it is over.

Another try is for what may pass: no answer, no connection, an error of the client's server. What a
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
    """Something that a client is to be told."""

    @property
    def client_id(self) -> str:
        """Whom to tell."""
        ...

    @property
    def tries(self) -> int:
        """How often it was tried, this time included."""
        ...


D = TypeVar("D", bound=Due)


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
class Delivery(Generic[D]):
    """One kind of thing that clients are told, and how."""

    what: str
    outbox: Outbox[D]
    is_wanted: Callable[[Client], bool]
    send: Callable[[Client, D], Awaitable[Refusal | None]]
    """None if it was taken, otherwise why not."""
    until: Callable[[D], datetime]
    """From when on it is of no use to tell it."""
    note: Callable[[D, str, str], Awaitable[None]]
    """Keeps how it ended, ``ok`` or ``failed``, and why."""


async def deliver(provider: Provider, delivery: Delivery[D]) -> int:
    """Tell all who are due; give how many were taken up."""
    total = 0
    while True:
        now = provider.clock()
        due = await delivery.outbox.take(now, now + _LEASE, _MOST_AT_ONCE)
        if not due:
            return total
        total += len(due)
        await asyncio.gather(*(_tell(provider, delivery, one) for one in due))


async def _tell(provider: Provider, delivery: Delivery[D], one: D) -> None:
    client = await provider.clients.find(one.client_id)
    if client is None or client.disabled or not delivery.is_wanted(client):
        await delivery.outbox.done(one)
        return
    refused = await _sent(delivery, client, one)
    if refused is None:
        await delivery.note(one, "ok", "")
        await delivery.outbox.done(one)
        return
    log.warning("%s does not take %s: %s", one.client_id, delivery.what, refused.why)
    again = next_try(one.tries, provider.clock(), delivery.until(one))
    if again is not None and not refused.is_final:
        await delivery.outbox.put_off(one, again)
        return
    await delivery.note(one, "failed", refused.why)
    await delivery.outbox.done(one)


async def _sent(delivery: Delivery[D], client: Client, one: D) -> Refusal | None:
    try:
        return await delivery.send(client, one)
    except Exception as error:
        # What one client registered must not keep the others from being told.
        log.exception("telling %s failed", one.client_id)
        return Refusal(type(error).__name__)
