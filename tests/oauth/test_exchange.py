"""RFC8693: what an exchange gives is never more than what came in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keycell.oauth.errors import InvalidScope
from keycell.oauth.exchange import exchanged_scope
from keycell.oauth.scope import KNOWN

SCOPES = st.frozensets(st.sampled_from(sorted(KNOWN)))


@given(SCOPES, st.none() | SCOPES, st.none() | SCOPES)
def test_the_scope_only_narrows(
    held: frozenset[str], registered: frozenset[str] | None, requested: frozenset[str] | None
) -> None:
    """RFC8693-2.1; administration and a life of its own are never handed on."""
    try:
        scope = exchanged_scope(held, registered, requested)
    except InvalidScope:
        assert requested
        return
    assert scope <= held
    assert registered is None or scope <= registered
    assert requested is None or scope <= requested
    assert scope.isdisjoint({"admin", "offline", "offline_access"})


def test_attack_38_administration_is_not_handed_on() -> None:
    """RFC8693-2.1: neither asked for, nor by asking nothing."""
    held = frozenset({"admin", "openid"})
    assert exchanged_scope(held, None, None) == {"openid"}
    with pytest.raises(InvalidScope, match="admin"):
        exchanged_scope(held, None, frozenset({"admin"}))
