"""Uploads that failed, remembered for a minute against a program that sends what is left of them.

Cells' command line repeats a failed PUT without winding the file back: what comes then is nothing,
and taken for an empty file it would be kept in the place of the real one, with success told. So
the attempt after a failed one is answered as that one was, if it brings nothing.
"""

from collections import OrderedDict
from datetime import datetime, timedelta

from starlette.requests import Request

from keycell.http.wire import header_of
from keycell.values import dataclass

BAD_REQUEST = 400
_KEPT = timedelta(seconds=60)
_MOST = 1000
_PROGRAM = "cells-client"

Slot = tuple[bytes, str]


@dataclass(frozen=True, slots=True)
class Failure:
    """How an upload was answered, and when."""

    status: int
    body: bytes
    at: datetime


class FailedPuts:
    """The latest failures, by key and sender."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Slot, Failure] = OrderedDict()

    def keep(self, slot: Slot, failure: Failure) -> None:
        """Remember a failure, in the place of the oldest if there are many."""
        self._kept[slot] = failure
        self._kept.move_to_end(slot)
        if len(self._kept) > _MOST:
            self._kept.popitem(last=False)

    def find(self, slot: Slot, now: datetime) -> Failure | None:
        """Give the failure of a minute ago at most."""
        found = self._kept.get(slot)
        return found if found is not None and now - found.at < _KEPT else None


def slot_of(request: Request) -> Slot | None:
    """Say which upload a request is, if a program of that kind sends it."""
    if request.method != "PUT" or _PROGRAM not in header_of(request, b"user-agent"):
        return None
    if b"uploadId=" in request.scope["query_string"]:
        return None
    return request.scope["raw_path"], request.client.host if request.client else ""
