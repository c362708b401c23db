"""What applications of one publisher share, decided without a server. NSSO-4.3."""

import pytest

from keycell.oauth.errors import InvalidRequest
from keycell.oauth.native_sso import (
    ds_hash,
    format_device_secret,
    keepable,
    read_suite,
    secret_sid,
    sets_up,
    shared_scope,
)


def test_a_suite_has_a_name_or_is_none() -> None:
    for name in ("", "acme", "a", "acme.example-2_3", "a" * 64):
        assert read_suite(name) == name
    for name in ("No Name", "ACME", "-a", "a" * 65, "é", "a\n"):
        with pytest.raises(InvalidRequest, match="suite"):
            read_suite(name)


def test_a_secret_names_its_session() -> None:
    """NSSO-3.2, NSSO-3.4."""
    sid, proof = "s" * 22, "p" * 43
    secret = format_device_secret(sid, proof)
    assert secret_sid(secret) == sid
    assert len(ds_hash(secret)) == 43
    for other in ("", sid, f"{secret}p", secret[:-1], secret.upper(), f"{secret}\n"):
        assert secret_sid(other) is None


def test_what_is_shared_is_in_both() -> None:
    """NSSO-3.1: and administration is in nothing."""
    granted = frozenset({"openid", "email", "offline_access", "device_sso", "admin"})
    assert shared_scope(granted, None, None) == granted - {"admin"}
    assert shared_scope(granted, frozenset({"openid", "phone"}), None) == {"openid"}
    assert keepable(granted, ("authorization_code",)) == granted - {"offline_access"}
    assert sets_up(granted)
    assert not sets_up(granted - {"openid"})
    assert not sets_up(granted - {"device_sso"})
