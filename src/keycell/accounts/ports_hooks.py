"""What telling others of events needs of the world."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from keycell.accounts.audit import AuditEvent
from keycell.accounts.hooks import Hook, HookCall

Found = Sequence[tuple[str, AuditEvent]]
"""Events with their keys."""


class HookOutbox(Protocol):
    """What one hook is to be told, due at a moment, and in one process's hands at a time."""

    async def take(self, now: datetime, until: datetime, most: int) -> Sequence[HookCall]:
        """Take some that are due, for nobody else until a moment; a try is counted."""
        ...

    async def put_off(self, due: HookCall, at: datetime, /) -> None:
        """Try one again at a moment."""
        ...

    async def done(self, due: HookCall, /) -> None:
        """Forget one that nobody wants; one that is over stays to be read."""
        ...


class HookStore(Protocol):
    """The hooks, and what they are to be told."""

    async def all(self) -> Sequence[Hook]:
        """List them, the oldest first."""
        ...

    async def find(self, hook_id: str) -> Hook | None:
        """Find one."""
        ...

    async def add(self, hook: Hook, most: int, event: AuditEvent) -> bool:
        """Keep a new one; False if there are so many already."""
        ...

    async def change(self, hook: Hook, event: AuditEvent) -> bool:
        """Change what an administrator says of one; False if it is gone."""
        ...

    async def remove(self, hook_id: str, event: AuditEvent) -> bool:
        """Forget one and all that it was to be told; False if it is gone."""
        ...

    async def test(self, hook_id: str, event: AuditEvent) -> str:
        """Keep an event, and let this hook be told of it alone; give the event's key."""
        ...

    async def queue(self, hooks: Sequence[Hook], found: Found, now: datetime) -> int:
        """Let hooks be told of what they want of these events, each once; give how many."""
        ...

    async def trim(self, hook_id: str, before: str) -> None:
        """Forget the oldest that are over, where more are kept than may be."""
        ...

    async def ready(self, now: datetime) -> Sequence[str]:
        """Name the hooks for which something is due."""
        ...

    async def waiting(self, hook_id: str) -> int:
        """Count what a hook is still to be told."""
        ...

    def outbox(self, hook_id: str) -> HookOutbox:
        """Give what a hook is to be told."""
        ...

    async def tried(self, call: HookCall) -> None:
        """Keep what came of an attempt."""
        ...

    async def ended(self, call: HookCall, at: datetime, event: AuditEvent) -> None:
        """Keep that one is over.

        With the event, where it was given up and nothing was taken since the last that was.
        """
        ...

    async def calls(self, hook_id: str, before: str, most: int) -> Sequence[HookCall]:
        """List what a hook was told or is to be, the latest event first."""
        ...

    async def replay(self, hook_id: str, event_id: str, event: AuditEvent) -> bool:
        """Tell one again that is over; False if it is not there, or waits."""
        ...


class Following(Protocol):
    """Reads the trail from where one is in it."""

    async def position(self, name: str, otherwise: str) -> str:
        """Give where one is; where nobody was yet, one begins at ``otherwise``."""
        ...

    async def move(self, name: str, to: str) -> None:
        """Go on to an event, never back."""
        ...

    async def between(self, after: str, until: str, most: int, but: str = "") -> Found:
        """List events beyond one and up to another, the oldest first, but for those of a kind."""
        ...

    async def last(self, until: str) -> str:
        """Give the last event up to one, of whatever kind; nothing where there is none."""
        ...

    async def named(self, event_id: str) -> AuditEvent | None:
        """Find an event."""
        ...


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of posting something: the answer and its beginning, or why there was none."""

    status: int
    answer: str
    why: str = ""
    """Empty where it was taken."""
    is_final: bool = False


class HookSender(Protocol):
    """What carries events to the addresses of hooks."""

    async def post_hook(self, url: str, content: bytes, headers: Mapping[str, str]) -> Answered:
        """Post an event."""
        ...
