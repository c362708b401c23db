"""Reading parameters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keycell.oauth.errors import InvalidRequest
from keycell.oauth.params import LONGEST_VALUE, read_params, read_repeated, required

KNOWN = frozenset("abc")
PAIRS = st.lists(st.tuples(st.sampled_from("abcxyz"), st.text("12 é", max_size=3)), max_size=8)


def test_a_known_parameter_sent_twice_is_refused() -> None:
    """RFC6749-3.1, RFC6749-3.2."""
    with pytest.raises(InvalidRequest, match="a is sent more than once"):
        read_params([("a", "1"), ("a", "1")], KNOWN)


def test_an_unknown_parameter_sent_twice_is_ignored() -> None:
    """RFC6749-3.1, erratum 5708."""
    assert read_params([("z", "1"), ("z", "2")], KNOWN) == {}


def test_a_parameter_without_a_value_counts_as_omitted() -> None:
    """RFC6749-3.1, RFC6749-4.1.3."""
    params = read_params([("a", ""), ("a", "1")], KNOWN)
    assert params == {"a": "1"}
    assert required(params, "a") == "1"
    with pytest.raises(InvalidRequest, match="b is missing"):
        required(params, "b")


@pytest.mark.parametrize("value", ["a\r\nb", "\x00", "x\x7f", "\x85", "\t"])
def test_a_control_character_is_refused(value: str) -> None:
    with pytest.raises(InvalidRequest, match="control character"):
        read_params([("a", value)], KNOWN)


def test_a_value_is_bounded() -> None:
    assert read_params([("a", "x" * LONGEST_VALUE)], KNOWN)
    with pytest.raises(InvalidRequest, match="at most 16384"):
        read_params([("a", "x" * (LONGEST_VALUE + 1))], KNOWN)


def test_a_resource_may_be_sent_several_times() -> None:
    """RFC8707-2."""
    pairs = [("resource", "x"), ("resource", "y"), ("resource", "x"), ("resource", "")]
    assert read_repeated(pairs, "resource", most=2) == ("x", "y")
    with pytest.raises(InvalidRequest, match="at most 1"):
        read_repeated(pairs, "resource", most=1)


@given(PAIRS)
def test_whatever_is_kept_was_known_and_said_once(pairs: list[tuple[str, str]]) -> None:
    """RFC6749-3.1."""
    said = [pair for pair in pairs if pair[0] in KNOWN and pair[1]]
    if len({name for name, _ in said}) == len(said):
        assert read_params(pairs, KNOWN) == dict(said)
    else:
        with pytest.raises(InvalidRequest):
            read_params(pairs, KNOWN)
