"""Statements over lists of values.

A list is padded to a power of two by its own last value, so that a statement is compiled, and
prepared by the server, for a few lengths alone.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache

from sqlalchemy import BindParameter, ClauseElement, bindparam

from keycell.stores.database import NOTHING, Params, Statement, Verb

MOST_LISTED = 256
"""Values in one statement; longer lists take several."""

Listed = Sequence[BindParameter[str]]


class ListStatement:
    """A statement that wants a list, made by a function of the parameters that stand for it."""

    def __init__(self, make: Callable[[Listed], ClauseElement]) -> None:
        self._of_length = lru_cache(maxsize=None)(lambda length: Statement(make(_binds(length))))

    def steps(self, values: Sequence[str], params: Params = NOTHING) -> Verb[None]:
        """Give the statements, with their parameters, that go through a list."""
        for start in range(0, len(values), MOST_LISTED):
            some = values[start : start + MOST_LISTED]
            length = 1 << (len(some) - 1).bit_length()
            padded = [*some, *[some[-1]] * (length - len(some))]
            named = {f"b_listed_{number}": value for number, value in enumerate(padded)}
            yield self._of_length(length), {**params, **named}


def _binds(length: int) -> Listed:
    return [bindparam(f"b_listed_{number}") for number in range(length)]
