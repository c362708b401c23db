"""Values to columns and back: moments, sets of words, small documents."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import overload

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)
"""Made once: `json.dumps` makes one for each document that is not of its own form."""


@overload
def micros(moment: datetime) -> int: ...
@overload
def micros(moment: None) -> None: ...
def micros(moment: datetime | None) -> int | None:
    """Give a moment as microseconds since 1970."""
    return None if moment is None else (moment - _EPOCH) // _MICROSECOND


@overload
def moment(micros_: int) -> datetime: ...
@overload
def moment(micros_: None) -> None: ...
def moment(micros_: int | None) -> datetime | None:
    """Give the moment that was kept."""
    # By far quicker than a timedelta made of so many microseconds: rows hold many moments.
    return None if micros_ is None else _EPOCH + micros_ * _MICROSECOND


def words(values: Iterable[str]) -> str:
    """Keep words that hold no space, in one fixed order."""
    return " ".join(sorted(values))


@lru_cache(maxsize=1_000)
def unwords(text: str) -> frozenset[str]:
    """Give the words that were kept."""
    return frozenset(text.split())


def document(value: object) -> str:
    """Keep a small document as JSON."""
    return _JSON.encode(value)
