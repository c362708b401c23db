"""PROTOCOL D: discovery and keys, as the conformance suite reads them."""

from typing import Any

import pytest

from keycell.bootstrap import World, load_keys
from keycell.provider.keys import rotate

from ..conftest import BASE, Browser

REGISTERED = {
    "issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint",
    "userinfo_endpoint", "revocation_endpoint", "introspection_endpoint",
    "device_authorization_endpoint", "end_session_endpoint",
    "pushed_authorization_request_endpoint", "backchannel_authentication_endpoint",
    "check_session_iframe", "mtls_endpoint_aliases", "scopes_supported", "claims_supported",
    "response_types_supported", "response_modes_supported", "grant_types_supported",
    "token_endpoint_auth_methods_supported", "revocation_endpoint_auth_methods_supported",
    "introspection_endpoint_auth_methods_supported", "code_challenge_methods_supported",
    "ui_locales_supported", "claims_locales_supported", "claim_types_supported",
    "acr_values_supported", "subject_types_supported", "display_values_supported",
    "prompt_values_supported", "claims_parameter_supported", "request_parameter_supported",
    "request_uri_parameter_supported", "require_request_uri_registration",
    "require_signed_request_object", "require_pushed_authorization_requests",
    "authorization_response_iss_parameter_supported", "authorization_details_types_supported",
    "tls_client_certificate_bound_access_tokens", "frontchannel_logout_supported",
    "frontchannel_logout_session_supported", "backchannel_logout_supported",
    "backchannel_logout_session_supported", "backchannel_token_delivery_modes_supported",
    "backchannel_user_code_parameter_supported",
}  # fmt: skip
"""What the registry of authorization server metadata has of what we could say. RFC8414-7.1."""
LISTINGS = {
    *(f"{one}_signing_alg" for one in (
        "id_token", "userinfo", "introspection", "authorization", "request_object", "dpop",
        "token_endpoint_auth", "revocation_endpoint_auth", "introspection_endpoint_auth",
        "backchannel_authentication_request",
    )),
    *(f"{one}_encryption_{kind}" for kind in ("alg", "enc") for one in (
        "id_token", "userinfo", "introspection", "authorization", "request_object",
    )),
}  # fmt: skip


@pytest.fixture
async def document(browser: Browser) -> dict[str, Any]:
    response = await browser.http.get("/oidc/.well-known/openid-configuration")
    assert response.headers["content-type"] == "application/json"
    found: dict[str, Any] = response.json()
    return found


async def test_d1_the_issuer_is_the_address_without_its_suffix(document: dict[str, Any]) -> None:
    """OIDCD-4.3, PROTOCOL-D1."""
    assert document["issuer"] == f"{BASE}/oidc"


async def test_d1_the_other_addresses_give_the_same(
    browser: Browser, document: dict[str, Any]
) -> None:
    """RFC8414-3, PROTOCOL-D1."""
    for path in (
        "/.well-known/oauth-authorization-server/oidc",
        "/oidc/.well-known/oauth-authorization-server",
    ):
        assert (await browser.http.get(path)).json() == document


async def test_d2_every_endpoint_is_absolute_and_answers(
    browser: Browser, document: dict[str, Any]
) -> None:
    """OIDCD-3, PROTOCOL-D2."""
    named = {k: v for k, v in document.items() if k.endswith("_endpoint") or k == "jwks_uri"}
    assert "userinfo_endpoint" in named
    for uri in named.values():
        assert uri.startswith(BASE)
        response = await browser.http.get(uri.removeprefix(BASE))
        assert response.status_code != 404


async def test_d3_d4_d5_d8_what_is_offered_is_listed(document: dict[str, Any]) -> None:
    """OIDCD-3, PROTOCOL-D3, PROTOCOL-D4, PROTOCOL-D5, PROTOCOL-D8."""
    assert document["response_types_supported"] == [
        "code", "id_token", "id_token token", "code id_token", "code token",
        "code id_token token", "none",
    ]  # fmt: skip
    assert "RS256" in document["id_token_signing_alg_values_supported"]
    assert document["subject_types_supported"]
    granted = {"authorization_code", "refresh_token", "implicit"}
    assert granted <= set(document["grant_types_supported"])
    assert "openid" in document["scopes_supported"]
    assert document["claims_supported"]
    assert set(document["ui_locales_supported"]) == {"en", "fr", "de", "es", "ar"}
    assert "client_secret_basic" in document["token_endpoint_auth_methods_supported"]
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert document["authorization_response_iss_parameter_supported"] is True


async def test_d6_request_objects_are_said_to_be_taken(document: dict[str, Any]) -> None:
    """OIDCD-3, RFC9101-10.5, RFC9126-5, PROTOCOL-D6; tests/protocol/test_requests.py does so."""
    assert document["request_parameter_supported"] is True
    assert document["request_uri_parameter_supported"] is True
    assert document["require_request_uri_registration"] is True
    algorithms = document["request_object_signing_alg_values_supported"]
    assert algorithms == ["RS256", "PS256", "ES256", "EdDSA"]
    assert document["pushed_authorization_request_endpoint"] == f"{BASE}/oidc/oauth2/par"


async def test_d7_no_member_is_of_our_own_invention(document: dict[str, Any]) -> None:
    """RFC8414-7.1, PROTOCOL-D7: each is registered, but for the one of Native SSO."""
    unknown = set(document) - REGISTERED
    is_listing = {f"{one}_values_supported" for one in LISTINGS}
    assert unknown - is_listing == {"native_sso_supported"}


async def test_d9_keys_have_names_and_no_private_half(browser: Browser) -> None:
    """RFC7517-4.5, PROTOCOL-D9."""
    keys = (await browser.http.get("/oidc/.well-known/jwks.json")).json()["keys"]
    names = [key["kid"] for key in keys]
    assert len(set(names)) == len(names) >= 4
    for key in keys:
        assert not {"d", "p", "q", "dp", "dq", "qi", "k"} & set(key)
        assert key["kty"] in ("RSA", "EC", "OKP")
    uses = [key["use"] for key in keys]
    assert uses == ["sig"] * (len(keys) - 2) + ["enc"] * 2, "old clients take the first that fits"


async def test_d10_a_rotation_adds_a_key_and_keeps_the_old_one(
    browser: Browser, world: World
) -> None:
    """OIDCC-10.1.1, PROTOCOL-D10."""
    before = (await browser.http.get("/oidc/.well-known/jwks.json")).json()["keys"]
    for alg in ("RS256", "ES256"):
        await rotate(world.keys, alg, "test", is_urgent=True)
    await load_keys(world)
    after = (await browser.http.get("/oidc/.well-known/jwks.json")).json()["keys"]
    assert {key["kid"] for key in before} < {key["kid"] for key in after}


async def test_v01_scripts_of_any_site_may_read_it(browser: Browser) -> None:
    """decisions/0019."""
    for path in ("/oidc/.well-known/openid-configuration", "/oidc/.well-known/jwks.json"):
        response = await browser.http.get(path, headers={"Origin": "https://elsewhere.example"})
        assert response.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in response.headers
