"""In what order people are listed, and which of them."""

from dataclasses import dataclass
from typing import Literal

Order = Literal["login", "name", "created"]
State = Literal["", "active", "disabled", "leaving", "administrator"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """A part of the people: beyond whom, how many, of which state, and in which order."""

    after: str = ""
    """The login's key of the last one before."""
    most: int
    search: str = ""
    """What stands in login, name, address or group, however spelled."""
    state: State = ""
    sort: Order = "login"
    is_backwards: bool = False
