"""What telling applications needs: an outbox of sessions that ended, and a way out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A session that ended, and a client that had a part in it."""

    sid: str
    client_id: str
    sub: str
    ended_at: datetime
    tries: int = 0


class LogoutOutbox(Protocol):
    """Whom to tell. They are due from the transaction on that ends the session."""

    async def join(self, sid: str, client_id: str, sub: str, at: datetime) -> None:
        """Remember that a client has a part in a session; once for each."""
        ...

    async def clients_of(self, sid: str) -> Sequence[str]:
        """List the clients that have a part in a session."""
        ...

    async def take(self, now: datetime, until: datetime, most: int) -> Sequence[Ended]:
        """Take some that are due, for nobody else until a moment; a try is counted."""
        ...

    async def put_off(self, ended: Ended, at: datetime) -> None:
        """Try one again at a moment."""
        ...

    async def done(self, ended: Ended) -> None:
        """Forget one."""
        ...


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a client did not take what it was told, and whether another time it would."""

    why: str
    is_final: bool = False
    """It would not: what it answered is its word, or the address is none that we go to."""


class ClientSender(Protocol):
    """What carries what clients are told to the addresses that they registered."""

    async def post_form(self, url: str, form: dict[str, str]) -> Refusal | None:
        """Post a form; None if it was taken, otherwise why not."""
        ...

    async def post_json(self, url: str, body: Mapping[str, object], bearer: str) -> Refusal | None:
        """Post JSON with a bearer token; None if it was taken, otherwise why not."""
        ...
