"""Turns at what takes long: each person has one at a time, in each process."""

from collections.abc import Iterator
from contextlib import contextmanager

from keycell.files.errors import SearchUnderWay


class Turns:
    """Who has a turn."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    @contextmanager
    def of(self, sub: str) -> Iterator[None]:
        """Take a person's turn for as long as this lasts; raise SearchUnderWay if it is taken."""
        if sub in self._taken:
            raise SearchUnderWay
        self._taken.add(sub)
        try:
            yield
        finally:
            self._taken.remove(sub)
