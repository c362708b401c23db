"""In what order people are listed, and which of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from keycell.accounts.errors import Invalid
from keycell.accounts.people import Account

Order = Literal["login", "name", "created"]
State = Literal["", "active", "disabled", "leaving", "administrator", "unguarded"]


# Nothing that a login or a name may hold.
_BETWEEN = "\n"


def cursor_of(account: Account, sort: Order) -> str:
    """Say where a list goes on after somebody, who may be gone by then."""
    match sort:
        case "login":
            return account.key
        case "name":
            return f"{account.key}{_BETWEEN}{account.name}"
        case "created":
            return f"{account.key}{_BETWEEN}{account.created_at.isoformat()}"


def read_cursor(cursor: str, sort: Order) -> tuple[str, str | datetime | None]:
    """Give the login's key of the last one before, and by what they stood in the order."""
    key, between, place = cursor.partition(_BETWEEN)
    if sort == "login":
        return key, None
    if sort == "created":
        try:
            return key, datetime.fromisoformat(place)
        except ValueError:
            raise Invalid("after", "cursor", "received no cursor of this list") from None
    if not between:
        raise Invalid("after", "cursor", "received no cursor of this list")
    return key, place


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """A part of the people: beyond whom, how many, of which state, and in which order."""

    after: str = ""
    """The cursor of the last one before, as `cursor_of` gives it."""
    most: int
    search: str = ""
    """What stands in login, name, address or group, however spelled."""
    state: State = ""
    group: str = ""
    """Who is in it, or in one below; empty for whoever."""
    role: str = ""
    sort: Order = "login"
    is_backwards: bool = False
