"""Scope: what is asked and what is allowed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keycell.oauth.errors import InvalidScope
from keycell.oauth.scope import KNOWN, format_scope, narrow, parse_scope, wants_offline

SCOPES = st.frozensets(st.sampled_from(sorted(KNOWN)))


@given(SCOPES)
def test_what_is_written_reads_the_same(scope: frozenset[str]) -> None:
    """RFC6749-3.3."""
    assert parse_scope(format_scope(scope)) == scope


@given(SCOPES, st.none() | SCOPES)
def test_a_refresh_never_widens(granted: frozenset[str], asked: frozenset[str] | None) -> None:
    """RFC6749-6."""
    try:
        assert narrow(granted, asked) <= granted
    except InvalidScope:
        assert asked is not None
        assert asked - granted


def test_unknown_values_are_repeated_without_harm() -> None:
    """RFC6749-6: the client says what it said before, and we had dropped what we do not know."""
    assert narrow(frozenset({"openid"}), frozenset({"openid", "custom"})) == {"openid"}


@pytest.mark.parametrize(
    "text", ["a\tb", 'a"b', "a\\b", "é", "x" * 129, " ".join(f"v{n}" for n in range(65))]
)
def test_what_is_no_scope_is_refused(text: str) -> None:
    """RFC6749-3.3."""
    with pytest.raises(InvalidScope):
        parse_scope(text)


@pytest.mark.parametrize(("text", "expected"), [(None, set()), ("  a  a b ", {"a", "b"})])
def test_order_and_repetition_do_not_matter(text: str | None, expected: set[str]) -> None:
    """RFC6749-3.3."""
    assert parse_scope(text) == expected


@pytest.mark.parametrize("value", ["offline", "offline_access"])
def test_both_names_ask_for_a_refresh_token(value: str) -> None:
    """OIDCC-11."""
    assert wants_offline(frozenset({"openid", value}))
    assert not wants_offline(frozenset({"openid"}))
