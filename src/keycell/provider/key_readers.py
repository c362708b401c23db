"""Which application fetched our published keys, and when: before another one signs, it shows.

The document of keys is open, and nobody says there who they are. But an application fetches it
from where its tokens are asked for, and there it proves who it is. So both are noted by address,
in memory, and what fits together is kept now and then. See decisions/0092.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

NOTED_AGAIN_AFTER = 60.0
"""Seconds in which who comes once more is told nothing new of."""
MOST = 2000
"""So many addresses, and so many of applications, are remembered by a process."""
KEPT = timedelta(days=30)
_NEVER = float("-inf")


@dataclass(frozen=True, slots=True)
class KeyReading:
    """An application's latest look at our keys."""

    client_id: str
    ip: str
    at: datetime


class KeyReaders:
    """Who came of late, as one process heard it; times are seconds of a clock of its own."""

    def __init__(self) -> None:
        self._fetched: dict[str, float] = {}
        self._came: dict[tuple[str, str], float] = {}
        """Applications by their addresses, with the look that was given of each."""

    def fetched(self, ip: str, at: float) -> None:
        """Note who fetched the keys; the oldest make room."""
        before = self._fetched.get(ip)
        if before is not None and at < before + NOTED_AGAIN_AFTER:
            return
        self._fetched.pop(ip, None)
        self._fetched[ip] = at
        if len(self._fetched) > MOST:
            del self._fetched[next(iter(self._fetched))]

    def came(self, client_id: str, ip: str) -> None:
        """Note from where an application proved who it is; the oldest make room."""
        if (client_id, ip) in self._came:
            return
        self._came[client_id, ip] = _NEVER
        if len(self._came) > MOST:
            del self._came[next(iter(self._came))]

    def take(self, at: float, now: datetime) -> list[KeyReading]:
        """Give the looks of applications that were not given before; both times are now."""
        found = []
        for (client_id, ip), given in self._came.items():
            then = self._fetched.get(ip, _NEVER)
            if then > given:
                self._came[client_id, ip] = then
                found.append(KeyReading(client_id, ip, now - timedelta(seconds=at - then)))
        return found
