from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keycell.oauth.urlencoded import read_urlencoded, write_urlencoded

MOST = 20
SENT = st.text(alphabet=st.sampled_from("ab=&+%C3A9f0 ;é\u20ac\0~._-/"), max_size=40)
PAIRS = st.lists(st.tuples(st.text(), st.text()), max_size=MOST)


def in_the_librarys_way(text: str) -> list[tuple[str, str]] | type[ValueError]:
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST)
    except ValueError as error:
        return type(error)


@given(SENT)
def test_what_is_read_is_what_the_library_reads(text: str) -> None:
    """RFC6749-B."""
    expected = in_the_librarys_way(text)
    if isinstance(expected, list):
        assert read_urlencoded(text, MOST) == expected
        return
    with pytest.raises(expected):
        read_urlencoded(text, MOST)


@given(PAIRS)
def test_what_is_written_is_what_the_library_writes(pairs: list[tuple[str, str]]) -> None:
    """RFC6749-B."""
    try:
        expected = urlencode(pairs)
    except UnicodeEncodeError:
        with pytest.raises(UnicodeEncodeError):
            write_urlencoded(pairs)
        return
    assert write_urlencoded(pairs) == expected


def test_as_many_as_are_taken_are_read_and_one_more_is_not() -> None:
    """RFC6749-B."""
    assert len(read_urlencoded("&".join(["a=1"] * MOST), MOST)) == MOST
    with pytest.raises(ValueError, match=str(MOST)):
        read_urlencoded("&".join(["a=1"] * (MOST + 1)), MOST)


@pytest.mark.parametrize("sent", ["a=%FF", "%C3=1", "a=%C3é"])
def test_what_is_not_utf_8_is_not_read(sent: str) -> None:
    """RFC6749-B."""
    with pytest.raises(UnicodeDecodeError):
        read_urlencoded(sent, MOST)
