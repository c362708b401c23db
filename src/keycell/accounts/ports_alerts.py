"""What alerts need of the world."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from keycell.accounts.alerts import Alert, Mark, Rule
from keycell.accounts.audit import AuditEvent
from keycell.accounts.ports_mail import Mailing


class AlertStore(Protocol):
    """The rules, what they raised, and what is not told again for a while."""

    async def all(self, now: datetime) -> Sequence[Alert]:
        """List the rules; those that nobody has set are kept as they are from now on."""
        ...

    async def change(self, alert: Alert, event: AuditEvent, told: Mailing) -> None:
        """Set a rule; what goes on is told again at once."""
        ...

    async def note(self, rule: Rule, at: datetime) -> None:
        """Keep when what a rule waits for happened, if it is later than what is kept."""
        ...

    async def standing(self, rule: Rule) -> Collection[str]:
        """Name what nothing more is told of for a while."""
        ...

    async def due(self, now: datetime) -> Sequence[Mark]:
        """List what one looks at again, for its quiet time is over."""
        ...

    async def begin(self, mark: Mark, event: AuditEvent | None, told: Mailing) -> bool:
        """Raise an alert; False if it is being told already, by another process perhaps.

        Without an event nothing is told, and nothing more is looked at for a while.
        """
        ...

    async def go_on(self, before: Mark, mark: Mark, event: AuditEvent, told: Mailing) -> bool:
        """Raise an alert again; False if another process did, or found that it is over."""
        ...

    async def tell(self, event: AuditEvent, told: Mailing) -> None:
        """Keep an event and letters about it, as if it were an alert."""
        ...

    async def end(self, mark: Mark) -> None:
        """Let the next of it be told at once."""
        ...

    async def count(self, actions: Collection[str], since: str) -> int:
        """Count events of these that were not done, beyond a key."""
        ...

    async def counts(
        self, actions: Collection[str], since: str, least: int, most: int
    ) -> Sequence[tuple[str, int]]:
        """Count them by whose sign-in it was, where there are so many; the most frequent first."""
        ...

    async def waits_since(self) -> datetime | None:
        """Say since when the oldest letter waits."""
        ...
