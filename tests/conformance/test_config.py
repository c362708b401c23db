"""What the metadata and the keys say. PROTOCOL 3.1."""

from typing import Any

from .provider import Provider

_KEY_TYPES = {"RSA", "EC", "OKP"}
_PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


def test_oidcc_discovery_endpoint_verification(provider: Provider) -> None:
    """PROTOCOL-D1 to PROTOCOL-D9."""
    told = provider.metadata
    assert told["issuer"] == provider.issuer
    ends = {name for name in told if name.endswith("_endpoint")} | {"jwks_uri"}
    assert all(str(told[name]).startswith("https://") for name in ends)
    assert "userinfo_endpoint" in ends
    kinds = {frozenset(kind.split()) for kind in told["response_types_supported"]}
    assert {frozenset(each.split()) for each in ("code", "id_token", "id_token token")} <= kinds
    assert "RS256" in told["id_token_signing_alg_values_supported"]
    assert "public" in told["subject_types_supported"]
    assert {"authorization_code", "implicit", "refresh_token"} <= set(
        told["grant_types_supported"]
    )
    assert "openid" in told["scopes_supported"]
    assert told["claims_supported"]
    assert {"en", "fr"} <= set(told["ui_locales_supported"])
    assert told["request_uri_parameter_supported"] is told["request_parameter_supported"] is True
    assert "RS256" in told["request_object_signing_alg_values_supported"]
    assert "client_secret_basic" in told["token_endpoint_auth_methods_supported"]
    _check_keys(provider.jwks()["keys"])


def _check_keys(keys: list[dict[str, Any]]) -> None:
    assert len({key["kid"] for key in keys}) == len(keys)
    assert {key["kty"] for key in keys} <= _KEY_TYPES
    assert not any(_PRIVATE & key.keys() for key in keys)


def test_oidcc_rp_initiated_logout_discovery_endpoint_verification(provider: Provider) -> None:
    """OIDCRP-2.1."""
    assert provider.metadata["end_session_endpoint"].startswith("https://")


def test_oidcc_backchannel_logout_discovery_endpoint_verification(provider: Provider) -> None:
    """PROTOCOL-B1."""
    assert provider.metadata["backchannel_logout_supported"] is True
    assert provider.metadata["backchannel_logout_session_supported"] is True


def test_oidcc_frontchannel_logout_discovery_endpoint_verification(provider: Provider) -> None:
    """PROTOCOL-F1."""
    assert provider.metadata["frontchannel_logout_supported"] is True
    assert provider.metadata["frontchannel_logout_session_supported"] is True


def test_oidcc_session_management_discovery_endpoint_verification(provider: Provider) -> None:
    """PROTOCOL-S1."""
    assert provider.metadata["check_session_iframe"].startswith("https://")
