"""When somebody is told that what they made for a program ends. UX-P07."""

from datetime import UTC, datetime, timedelta

import pytest

from keycell.provider.personal import REMEMBERED, kept_until, next_telling

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)


def tellings(days: float) -> list[float]:
    """Give how many days before its end somebody is told of what was made for so long."""
    end, at, found = BEGUN + timedelta(days=days), BEGUN, []
    while (told := next_telling(BEGUN, end, at)) is not None:
        found.append((end - told) / timedelta(days=1))
        at = told
    return found


@pytest.mark.parametrize(
    ("days", "before"),
    [
        (365, [14, 3, 0]), (90, [14, 3, 0]), (30, [14, 3, 0]), (28, [14, 3, 0]), (27, [3, 0]),
        (7, [3, 0]), (6.9, []), (1, []), (0.01, []),
    ],
)  # fmt: skip
def test_it_is_told_in_the_second_half_of_what_lasts(days: float, before: list[float]) -> None:
    assert tellings(days) == before


def test_what_was_meant_to_end_is_not_kept_beyond_its_end() -> None:
    """DESIGN-14: short tokens, however many are made, leave nothing."""
    end = BEGUN + timedelta(days=7)
    assert kept_until(BEGUN, end) == end + REMEMBERED
    end -= timedelta(seconds=1)
    assert kept_until(BEGUN, end) == end
