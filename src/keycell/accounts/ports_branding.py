"""What showing the installation by its own name and colours needs of the world."""

from collections.abc import Callable, Mapping
from typing import Protocol

from keycell.accounts.audit import AuditEvent
from keycell.accounts.branding import Brandings, Shown


class BrandingStore(Protocol):
    """How the installation shows itself."""

    @property
    def shown(self) -> Shown:
        """What is published, as far as this process was told."""
        ...

    async def load(self) -> None:
        """Read anew what is published: another process changed it."""
        ...

    async def all(self) -> Brandings:
        """Give the draft, what is published, and what was before."""
        ...

    async def logo(self, digest: str) -> bytes | None:
        """Find the bytes of a logo."""
        ...

    async def change(
        self,
        decide: Callable[[Brandings], Brandings],
        added: Mapping[str, bytes],
        event: AuditEvent | None,
    ) -> Brandings:
        """Keep what is decided of what is there, and forget the logos that nothing has then.

        The event is kept if that is shown from now on, and says what.
        """
        ...
