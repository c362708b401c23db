"""How much clients are used: what is to be known before one is switched off or removed."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

from keycell.values import dataclass

LOOKED_BACK = timedelta(days=30)
"""So far back, and among the latest `LOOKED_AT` events at most, the trail is asked."""
LOOKED_AT = 20_000


@dataclass(frozen=True, slots=True)
class Use:
    """How much one client is used."""

    people: int = 0
    """Who allowed it something, or holds a grant of it that stands."""
    grants: int = 0
    """Grants that stand: each with tokens that are good."""
    used_at: datetime | None = None
    """When a grant of it was last begun or renewed, as far as is known."""
    misdirected: int = 0
    """How often it sent somebody with a redirect URI that it did not register, of late."""


NO_USE = Use()


class ClientUses(Protocol):
    """What is known of how clients are used."""

    async def between(self, first: str, last: str, now: datetime) -> Mapping[str, Use]:
        """Tell of the clients from one identifier to another; of those alone that are used."""
        ...
