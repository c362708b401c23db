"""Tables without borders."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from keycell.cli.output import _in_columns
from keycell.cli.tables import (
    Column,
    filled,
    iso,
    lines_for_people,
    lines_for_programs,
    moment_text,
    plain,
    size_text,
)
from keycell.cli.terminal import Style, Terminal, cells

NAME = Column("name", gives_way=True)
SIZE = Column("size", text=size_text, is_number=True)
BARE = Terminal(is_terminal=True, has_colour=False, width=80)
COLOURED = replace(BARE, has_colour=True)
ROWS: list[dict[str, object]] = [
    {"name": "a.txt", "size": 1234567},
    {"name": "photos of a summer", "size": None},
]


def test_a_person_reads_columns_under_headings() -> None:
    lines = lines_for_people(ROWS, [NAME, SIZE], BARE)
    assert lines == [
        "NAME                  SIZE",
        "a.txt               1.2 MB",
        "photos of a summer",
    ]


def test_a_program_reads_values_between_tabs() -> None:
    assert lines_for_programs(ROWS, [NAME, SIZE]) == ["a.txt\t1234567", "photos of a summer\t"]


def test_a_colour_changes_no_width() -> None:
    blue = Column("name", style=lambda _: Style.BLUE)
    (_, line, *_) = lines_for_people(ROWS, [blue, SIZE], COLOURED)
    assert line == "\x1b[34ma.txt\x1b[0m               1.2 MB"


@given(
    st.lists(st.tuples(st.text(max_size=80), st.integers(0, 10**15)), max_size=5),
    st.integers(40, 100),
)
def test_no_line_is_wider_than_the_terminal(rows: list[tuple[str, int]], width: int) -> None:
    found: list[dict[str, object]] = [{"name": name, "size": size} for name, size in rows]
    for line in lines_for_people(found, [SIZE, NAME], replace(BARE, width=width)):
        assert cells(line) <= width
        assert "\n" not in line


def test_values_as_they_are_read() -> None:
    assert size_text(0) == "0 B"
    assert size_text(999) == "999 B"
    assert size_text(999_999) == "1.0 MB"
    assert size_text(9_800_000_000) == "9.8 GB"
    assert size_text(None) == ""
    assert plain([True, None, 3]) == "yes,,3"
    assert iso(0) == "1970-01-01T00:00:00Z"
    assert iso(None) is None
    assert moment_text(None) == ""
    assert len(moment_text("2026-11-25T19:27:07Z")) == len("2026-11-25 19:27")


def test_a_spare_column_goes_before_others_are_cut_to_less_than_half() -> None:
    columns = [NAME, Column("detail", gives_way=True, is_spare=True)]
    rows = [{"name": "n" * 50, "detail": "d" * 40}]
    assert len(lines_for_people(rows, columns, replace(BARE, width=60))[0].split()) == 2
    (head, line) = lines_for_people(rows, columns, replace(BARE, width=50))
    assert (head.split(), line) == (["NAME"], "n" * 50)


def test_a_column_that_is_empty_in_every_row_is_not_shown() -> None:
    empty = [{"name": "", "size": None}, {"name": "", "size": None}]
    assert filled(ROWS, [NAME, Column("detail"), SIZE]) == [NAME, SIZE]
    assert filled(empty, [NAME, SIZE]) == [NAME]


def test_wide_letters_stand_in_columns() -> None:
    """A tab parts what stands below each other."""
    told = _in_columns(["日本\tfirst", "a\tsecond", "one alone"])
    assert told == ["日本  first", "a     second", "one alone"]
