"""Reading what REST clients send: keys in any case, nulls for what is absent, texts within limits.

Their language's decoder takes keys whatever their case and sends null for empty lists, so both are
taken here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from starlette.requests import Request

from keycell.http.wire import WrongType, read_body
from keycell.oauth.errors import InvalidRequest

LONGEST_BODY = 4 * 2**20
_LONGEST_TEXT = 4096
_MOST_DIGITS = 15
_LARGEST = 10**_MOST_DIGITS - 1
_LATEST = 253_402_300_799
"""The last second of the year 9999."""


@dataclass(frozen=True, slots=True)
class Body:
    """A JSON object, by keys whose case does not matter."""

    members: Mapping[str, Any]

    def __contains__(self, name: str) -> bool:
        return name.lower() in self.members

    def says(self, name: str) -> bool:
        """Tell whether something is sent; null is nothing."""
        return self.members.get(name.lower()) is not None

    def text(self, name: str, longest: int = _LONGEST_TEXT) -> str:
        """Give a text; nothing sent is an empty one."""
        value = self.members.get(name.lower())
        if value is None:
            return ""
        if not isinstance(value, str) or len(value) > longest or "\0" in value:
            raise InvalidRequest(f"{name} must be a text of at most {longest} characters, no NUL")
        return value

    def flag(self, name: str) -> bool:
        """Give a truth value; nothing sent is false."""
        value = self.members.get(name.lower())
        if value is not None and not isinstance(value, bool):
            raise InvalidRequest(f"{name} must be true or false")
        return value is True

    def number(self, name: str, most: int = _LARGEST) -> int | None:
        """Give a number that is not negative, sent as one or as a text of digits."""
        value = self.members.get(name.lower())
        if isinstance(value, str) and value.isascii() and value.isdigit():
            value = int(value) if len(value) <= _MOST_DIGITS else -1
        if value is None or value == "":
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
            raise InvalidRequest(f"{name} must be a number from 0 to {most}")
        return value

    def moment(self, name: str) -> datetime | None:
        """Give a moment, sent in seconds since 1970; nothing sent, or 0, is none."""
        seconds = self.number(name, _LATEST)
        return datetime.fromtimestamp(seconds, tz=UTC) if seconds else None

    def texts(self, name: str, most: int) -> list[str]:
        """Give a list of texts."""
        found = self._list(name, most)
        if not all(_is_text(one) for one in found):
            raise InvalidRequest(
                f"{name} must be a list of texts of at most {_LONGEST_TEXT} characters, no NUL"
            )
        return list(found)

    def objects(self, name: str, most: int) -> "list[Body]":
        """Give a list of objects."""
        found = self._list(name, most)
        if not all(isinstance(one, dict) for one in found):
            raise InvalidRequest(f"{name} must be a list of objects")
        return [body_of(one) for one in found]

    def entries(self, name: str, most: int) -> "Mapping[str, Body]":
        """Give an object's objects, by keys that are values: their case matters."""
        value = self.members.get(name.lower())
        if value is None:
            return {}
        if not isinstance(value, dict) or not all(isinstance(one, dict) for one in value.values()):
            raise InvalidRequest(f"{name} must be an object of objects")
        if len(value) > most:
            raise InvalidRequest(f"{name} has {len(value)} members; at most {most} are taken")
        return {key: body_of(one) for key, one in value.items()}

    def object(self, name: str) -> "Body | None":
        """Give an object; None if there is none."""
        value = self.members.get(name.lower())
        if value is not None and not isinstance(value, dict):
            raise InvalidRequest(f"{name} must be an object")
        return None if value is None else body_of(value)

    def _list(self, name: str, most: int) -> Sequence[Any]:
        value = self.members.get(name.lower())
        if value is None:
            return ()
        if not isinstance(value, list):
            raise InvalidRequest(f"{name} must be a list")
        if len(value) > most:
            raise InvalidRequest(f"{name} has {len(value)} members; at most {most} are taken")
        return value


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST_TEXT and "\0" not in value


def body_of(members: Mapping[str, Any]) -> Body:
    """Give an object by its keys in lower case."""
    return Body({name.lower(): value for name, value in members.items()})


async def read_json(request: Request, most: int = LONGEST_BODY) -> Body:
    """Read a request's object of at most so many bytes; no body at all is an empty one."""
    raw = await read_body(request, most)
    if not raw.strip():
        return Body({})
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip()
    if kind.lower() != "application/json":
        raise WrongType("the body must be application/json")
    return parse_object(raw, "the body")


def parse_object(raw: str | bytes, what: str) -> Body:
    """Read an object out of JSON text."""
    try:
        found = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise InvalidRequest(f"{what} is no JSON") from None
    if not isinstance(found, dict):
        raise InvalidRequest(f"{what} must be a JSON object")
    return body_of(found)
