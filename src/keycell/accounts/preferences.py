"""How somebody wants to be shown and told things, on whatever browser they sit at."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal, Protocol, get_args

from keycell.accounts.errors import Invalid
from keycell.values import dataclass

Theme = Literal["auto", "light", "dark"]
THEMES: tuple[Theme, ...] = get_args(Theme)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What somebody chose. Which language and time zone are theirs are claims of the account."""

    theme: Theme | None = None
    """As the system has it, or always the same; of who chose nothing, as the browser keeps it."""
    quiet: tuple[str, ...] = ()
    """What they want no letters of: values of `tellings.Switch`."""
    known_at: datetime | None = None
    """When they said that they know every browser that is signed in as them."""


def read_theme(text: str) -> Theme:
    """Give a theme that there is; raise Invalid."""
    for theme in THEMES:
        if theme == text:
            return theme
    raise Invalid("theme", "theme", f"received {text[:20]!r}; expected {', '.join(THEMES)}")


class PreferenceStore(Protocol):
    """What people chose."""

    async def find(self, sub: str) -> Preferences:
        """Give what somebody chose; what is usual where they chose nothing."""
        ...

    async def change(self, sub: str, change: Callable[[Preferences], Preferences]) -> None:
        """Keep what somebody chooses otherwise; the rest stays as it was chosen meanwhile.

        Raises NotFound if the account is gone.
        """
        ...
