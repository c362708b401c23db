"""What a conditional or partial request is given."""

from datetime import UTC, datetime

import pytest

from keycell.files.nodes import Conditions
from keycell.http.conditions import (
    Decision,
    Given,
    NotModified,
    Refused,
    Unsatisfiable,
    decide,
    http_date,
    write_conditions,
)

AT = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
SAME, BEFORE = "Fri, 02 Jan 2026 03:04:05 GMT", "Fri, 02 Jan 2026 03:04:04 GMT"
WHOLE = Given(0, 10, is_partial=False)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, WHOLE),
        ({"if-match": '"e"'}, WHOLE),
        ({"if-match": "*"}, WHOLE),
        ({"if-match": '"x", "e"'}, WHOLE),
        ({"if-match": '"x"'}, Refused()),
        ({"if-match": 'W/"e"'}, Refused()),
        ({"if-match": "e"}, WHOLE),
        ({"if-unmodified-since": SAME}, WHOLE),
        ({"if-unmodified-since": BEFORE}, Refused()),
        ({"if-match": '"e"', "if-unmodified-since": BEFORE}, WHOLE),
        ({"if-none-match": '"e"'}, NotModified()),
        ({"if-none-match": 'W/"e"'}, NotModified()),
        ({"if-none-match": "*"}, NotModified()),
        ({"if-none-match": '"x"', "if-modified-since": SAME}, WHOLE),
        ({"if-modified-since": SAME}, NotModified()),
        ({"if-modified-since": BEFORE}, WHOLE),
        ({"if-modified-since": "never"}, WHOLE),
        ({"range": "bytes=0-0"}, Given(0, 1, is_partial=True)),
        ({"range": "bytes=2-"}, Given(2, 10, is_partial=True)),
        ({"range": "bytes=2-99"}, Given(2, 10, is_partial=True)),
        ({"range": "bytes=-3"}, Given(7, 10, is_partial=True)),
        ({"range": "bytes=-99"}, Given(0, 10, is_partial=True)),
        ({"range": "bytes=10-"}, Unsatisfiable()),
        ({"range": "bytes=-0"}, Unsatisfiable()),
        ({"range": "bytes=5-2"}, WHOLE),
        ({"range": "bytes=0-1,3-4"}, WHOLE),
        ({"range": "lines=0-1"}, WHOLE),
        ({"range": "bytes=-"}, WHOLE),
        ({"range": "bytes=" + "9" * 9000 + "-"}, WHOLE),
        ({"range": "bytes=0-" + "9" * 5000}, WHOLE),
        ({"range": "bytes=-" + "9" * 5000}, WHOLE),
        ({"range": "bytes=0-1", "if-range": '"e"'}, Given(0, 2, is_partial=True)),
        ({"range": "bytes=0-1", "if-range": '"x"'}, WHOLE),
        ({"range": "bytes=0-1", "if-range": SAME}, Given(0, 2, is_partial=True)),
        ({"range": "bytes=0-1", "if-range": BEFORE}, WHOLE),
    ],
)
def test_a_reader_is_given(headers: dict[str, str], expected: Decision) -> None:
    """RFC9110-13.2.2, RFC9110-14.2."""
    assert decide(headers, "e", AT, 10) == expected


def test_of_nothing_no_part_can_be_given() -> None:
    """RFC9110-14.1.2."""
    assert decide({"range": "bytes=0-"}, "e", AT, 0) == Unsatisfiable()
    assert decide({}, "e", AT, 0) == Given(0, 0, is_partial=False)


def test_a_write_is_bound_to_strong_tags() -> None:
    """RFC9110-13.1.1; to none of a list in whichever form, RFC9110-13.1.2."""
    assert write_conditions({}) == Conditions()
    weak = write_conditions({"if-none-match": 'W/"a", "b"'})
    assert weak == Conditions(if_none_match=("a", "b"))
    assert write_conditions({"if-none-match": "*"}) == Conditions(if_none_match=("*",))
    assert write_conditions({"if-match": '"a", W/"b"'}) == Conditions(if_match=("a",))


def test_moments_are_written_as_headers_do() -> None:
    """RFC9110-5.6.7."""
    assert http_date(AT) == SAME
