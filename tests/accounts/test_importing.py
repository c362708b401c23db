"""People from a table: what a table may be, and what is said of one that may not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keycell.accounts.errors import Invalid
from keycell.accounts.importing import LONGEST_TABLE, MOST_ROWS, Row, read_table


def test_a_table_as_spreadsheets_write_it() -> None:
    """RFC4180-2: quotes, empty lines, a mark before all, semicolons, columns in any order."""
    told = '\ufeffEmail;Login;Name;Roles\r\na@b.example;ann;"Example; Ann";editor  wiki\r\n;;;\r\n'
    assert read_table(told) == [
        Row(line=2, login="ann", name="Example; Ann", email="a@b.example",
            roles=("editor", "wiki")),
    ]  # fmt: skip
    assert read_table("login\nann\n\nbob") == [Row(line=2, login="ann"), Row(line=4, login="bob")]
    assert read_table('login,name\nann,"A\nB"\nbob,B')[1].line == 4
    assert read_table("login") == []


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("", "must name the columns"),
        ("name,email\nAnn,a@b.example", "must name the columns"),
        ("login,password\nann,secret", "no column password"),
        ("login,shoes\nann,42", "unknown column 'shoes'"),
        ("login,login\nann,bob", "twice"),
        ("login\nann,more", "line 2 has 2 cells, expected 1"),
        ('login\n"ann', "line 2 is no CSV"),
        ("login\n" + "a\n" * (MOST_ROWS + 1), f"at most {MOST_ROWS} people"),
        ("login\n" + "a" * LONGEST_TABLE, f"at most {LONGEST_TABLE}"),
    ],
)
def test_what_is_no_table(table: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        read_table(table)


@given(st.text())
def test_whatever_it_is_it_is_read_or_refused(rest: str) -> None:
    try:
        found = read_table(f"login,name\n{rest}")
    except Invalid:
        return
    assert len(found) <= MOST_ROWS
