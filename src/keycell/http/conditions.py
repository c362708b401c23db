"""Conditional and partial requests: what a reader is to be given. RFC9110-13, RFC9110-14."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from keycell.files.nodes import Conditions
from keycell.values import dataclass

_TAG = re.compile(r'\s*(W/)?"([^"]*)"\s*(?:,|$)')
_RANGE = re.compile(r"bytes=\s*([0-9]{0,18})\s*-\s*([0-9]{0,18})\s*")
"""No file has more bytes than that many digits say; Python would not read thousands of them."""
_MOST_TAGS = 100
_LONGEST = 8192


@dataclass(frozen=True, slots=True)
class Given:
    """The bytes from ``start`` up to ``end``; partial or all there are."""

    start: int
    end: int
    is_partial: bool


@dataclass(frozen=True, slots=True)
class NotModified:
    """The reader has it already: 304."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A condition does not hold: 412."""


@dataclass(frozen=True, slots=True)
class Unsatisfiable:
    """The range begins beyond the end: 416."""


Decision = Given | NotModified | Refused | Unsatisfiable


def decide(headers: Mapping[str, str], etag: str, changed_at: datetime, size: int) -> Decision:
    """Decide what a GET or HEAD is answered by, in the order of RFC9110-13.2.2."""
    moment = changed_at.replace(microsecond=0)
    match, none_match = headers.get("if-match"), headers.get("if-none-match")
    if match is not None:
        if not _is_listed(match, etag):
            return Refused()
    elif (since := _date(headers.get("if-unmodified-since"))) is not None and moment > since:
        return Refused()
    if none_match is not None:
        if _is_listed(none_match, etag, weak=True):
            return NotModified()
    elif (since := _date(headers.get("if-modified-since"))) is not None and moment <= since:
        return NotModified()
    if "range" in headers and _range_stands(headers.get("if-range"), etag, moment):
        return _read_range(headers["range"], size)
    return Given(0, size, is_partial=False)


def _is_listed(header: str, etag: str, *, weak: bool = False) -> bool:
    if header.strip() == "*":
        return True
    return any(tag == etag for is_weak, tag in read_tags(header) if weak or not is_weak)


def read_tags(header: str) -> list[tuple[bool, str]]:
    """Read a list of entity tags, each with whether it is a weak one. RFC9110-8.8.3.

    A single tag without its quotes is taken too: some programs forget them.
    """
    header = header[:_LONGEST]
    tags = [(bool(weak), tag) for weak, tag in _TAG.findall(header)[:_MOST_TAGS]]
    return tags or [(False, header.strip())]


def write_conditions(headers: Mapping[str, str]) -> Conditions:
    """Read what a write is bound to, and in which folder. RFC9110-13.1.1, RFC9110-13.1.2."""
    return Conditions(
        if_match=_tags(headers.get("if-match")),
        if_none_match=_tags(headers.get("if-none-match"), weak=True),
        parent=headers.get("x-keycell-parent"),
    )


def _tags(header: str | None, *, weak: bool = False) -> tuple[str, ...] | None:
    if header is None:
        return None
    if header.strip() == "*":
        return ("*",)
    return tuple(tag for is_weak, tag in read_tags(header) if weak or not is_weak)


def _range_stands(if_range: str | None, etag: str, moment: datetime) -> bool:
    # RFC9110-13.1.5: otherwise the whole is what the reader needs.
    if if_range is None:
        return True
    if if_range.lstrip().startswith(('"', "W/")):
        return (False, etag) in read_tags(if_range)
    return _date(if_range) == moment


def _read_range(header: str, size: int) -> Decision:
    # Several ranges at once may be answered by the whole. RFC9110-14.2.
    found = _RANGE.fullmatch(header.strip()) if len(header) < _LONGEST else None
    if found is None or found[1] == found[2] == "":
        return Given(0, size, is_partial=False)
    if not found[1]:
        length = min(int(found[2]), size)
        return Given(size - length, size, is_partial=True) if length else Unsatisfiable()
    start = int(found[1])
    end = min(int(found[2]) + 1, size) if found[2] else size
    if found[2] and int(found[2]) < start:
        return Given(0, size, is_partial=False)
    return Given(start, end, is_partial=True) if start < size else Unsatisfiable()


def _date(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, IndexError, OverflowError):
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def http_date(moment: datetime) -> str:
    """Write a moment as headers do. RFC9110-5.6.7."""
    return format_datetime(moment.astimezone(UTC).replace(microsecond=0), usegmt=True)
