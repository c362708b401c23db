"""The modules of the dynamic and third-party-initiated plans. PROTOCOL 3.6."""

import time
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from ..waiting import until
from .application import CALLBACK, Application, ask_to_register, register
from .provider import Provider
from .robot import Answer, Robot, Shown

OTHER = "https://app.example/other"


def public(key: RSAKey | ECKey) -> dict[str, Any]:
    """Give the keys as an application publishes them: without a name."""
    told = dict(key.as_dict(private=False))
    told.pop("kid", None)
    return {"keys": [told]}


def published(
    provider: Provider, path: str, key: RSAKey | ECKey, **metadata: object
) -> Application:
    provider.site.documents[path] = public(key)
    wanted: dict[str, Any] = {
        "jwks_uri": f"{provider.site.url}{path}", "token_endpoint_auth_method": "private_key_jwt",
        "grant_types": ["authorization_code", "refresh_token"],
    }  # fmt: skip
    return register(provider, key, **(wanted | metadata))


def refused(provider: Provider, **metadata: object) -> str:
    response = ask_to_register(provider, **metadata)
    assert response.status_code == 400
    return str(response.json()["error"])


def test_oidcc_idtoken_rs256(provider: Provider, robot: Robot) -> None:
    """PROTOCOL-I1."""
    application = register(provider, id_token_signed_response_alg="RS256")
    application.id_token(application.answered(robot), "code")


def test_oidcc_userinfo_rs256(provider: Provider, robot: Robot) -> None:
    """PROTOCOL-U5."""
    application = register(provider, userinfo_signed_response_alg="RS256")
    given = application.tokens(application.answered(robot))
    bearer = {"Authorization": f"Bearer {given['access_token']}"}
    with provider.http() as http:
        told = http.get(provider.metadata["userinfo_endpoint"], headers=bearer)
    assert told.headers["content-type"] == "application/jwt"
    keys = KeySet.import_key_set(provider.jwks())  # type: ignore[arg-type]
    claims = jwt.decode(told.text, keys, algorithms=["RS256"]).claims
    assert (claims["iss"], claims["aud"]) == (provider.issuer, application.client_id)
    assert claims["sub"]
    assert "nonce" not in claims


def test_oidcc_ensure_redirect_uri_in_authorization_request(
    provider: Provider, robot: Robot
) -> None:
    """PROTOCOL-A9."""
    application = register(provider, redirect_uris=[CALLBACK, OTHER])
    assert_nowhere(application.ask(robot, redirect_uri=""))


def assert_nowhere(found: Answer | Shown) -> None:
    assert isinstance(found, Shown)
    assert found.status == 400
    assert "invalid redirect_uri" in found.text


def test_oidcc_redirect_uri_query_ok(provider: Provider, robot: Robot) -> None:
    """oidcc-redirect-uri-query-OK. PROTOCOL-A9."""
    application = register(provider, redirect_uris=[f"{CALLBACK}?a=1"])
    found = application.ask(robot)
    assert isinstance(found, Answer)
    assert found.params["a"] == "1"
    application.tokens(Answer(f"{CALLBACK}?a=1", found.mode, found.params))


@pytest.mark.parametrize(
    ("registered", "sent"),
    [(f"{CALLBACK}?a=1", f"{CALLBACK}?a=2"), (CALLBACK, f"{CALLBACK}?a=1")],
    ids=["redirect-uri-query-mismatch", "redirect-uri-query-added"],
)
def test_oidcc_redirect_uri_query(
    provider: Provider, robot: Robot, registered: str, sent: str
) -> None:
    """oidcc-redirect-uri-query-mismatch and -added. PROTOCOL-A9."""
    application = register(provider, redirect_uris=[registered])
    assert_nowhere(application.ask(robot, redirect_uri=sent))


def test_oidcc_redirect_uri_regfrag(provider: Provider) -> None:
    """PROTOCOL-R3."""
    assert refused(provider, redirect_uris=[f"{CALLBACK}#here"]) == "invalid_redirect_uri"


@pytest.mark.parametrize("name", ["logo_uri", "policy_uri", "tos_uri"])
def test_oidcc_registration_of_what_people_see(
    provider: Provider, robot: Robot, name: str
) -> None:
    """oidcc-registration-logo-uri, -policy-uri and -tos-uri. PROTOCOL-R7."""
    address = f"{provider.site.url}/{name}"
    metadata: dict[str, Any] = {name: address}
    page = register(provider, **metadata).ask(robot, stop_at="login-submit")
    assert isinstance(page, Shown)
    # A logo is shown by us: a browser that loaded it would tell another site of the person.
    shown = "<img src=" if name == "logo_uri" else f'<a href="{address}"'
    assert shown in page.text


def test_oidcc_registration_jwks_uri(provider: Provider, robot: Robot) -> None:
    """PROTOCOL-T2."""
    application = published(provider, "/keys", RSAKey.generate_key(2048))
    application.tokens(application.answered(robot))


def test_oidcc_ensure_client_assertion_with_iss_aud_succeeds(
    provider: Provider, robot: Robot
) -> None:
    """PROTOCOL-T2."""
    application = published(provider, "/keys-aud", ECKey.generate_key("P-256"))
    for audience in (provider.issuer, provider.metadata["token_endpoint"]):
        proof = application.asserted(audience)
        application.tokens(application.answered(robot), **proof)


def test_oidcc_registration_sector_uri(provider: Provider) -> None:
    """PROTOCOL-R4."""
    provider.site.documents["/sector"] = [CALLBACK, OTHER]
    register(
        provider, redirect_uris=[CALLBACK, OTHER], subject_type="pairwise",
        sector_identifier_uri=f"{provider.site.url}/sector",
    )  # fmt: skip


def test_oidcc_registration_sector_bad(provider: Provider) -> None:
    """PROTOCOL-R4."""
    provider.site.documents["/bad-sector"] = [OTHER]
    said = refused(
        provider, subject_type="pairwise",
        sector_identifier_uri=f"{provider.site.url}/bad-sector",
    )  # fmt: skip
    assert said == "invalid_client_metadata"


def signing(provider: Provider) -> set[str]:
    return {key["kid"] for key in provider.jwks()["keys"] if key["use"] == "sig"}


def test_oidcc_server_rotate_keys(provider: Provider, robot: Robot) -> None:
    """PROTOCOL-D10."""
    before = signing(provider)
    provider.admin("keys", "rotate", "--urgent")
    until(lambda: before < signing(provider))
    application = register(provider)
    application.id_token(application.answered(robot), "code")


def test_oidcc_refresh_token_rp_key_rotation(provider: Provider, robot: Robot) -> None:
    """PROTOCOL-T5."""
    application = published(provider, "/rotated", RSAKey.generate_key(2048))
    answer = application.answered(robot, scope="openid offline_access", prompt="consent")
    given = application.tokens(answer)
    application.key = RSAKey.generate_key(2048)
    provider.site.documents["/rotated"] = public(application.key)
    until(lambda: application.refresh(given["refresh_token"]).status_code == 200)


def test_oidcc_request_uri_signed_rs256(provider: Provider, robot: Robot) -> None:
    """PROTOCOL-A14, PROTOCOL-A15: the registered address has a fragment, the key no name."""
    key = RSAKey.generate_key(2048)
    address = f"{provider.site.url}/object#{'0' * 43}"
    application = published(
        provider, "/signing", key, request_uris=[address], request_object_signing_alg="RS256"
    )
    now = int(time.time())
    inside = {
        "iss": application.client_id, "aud": provider.issuer, "iat": now, "nbf": now,
        "exp": now + 300, "client_id": application.client_id, "response_type": "code",
        "redirect_uri": CALLBACK, "scope": "openid", "state": "inside", "nonce": "inside",
    }  # fmt: skip
    signed = jwt.encode({"alg": "RS256"}, inside, key, algorithms=["RS256"])
    provider.site.documents["/object"] = signed
    url = provider.metadata["authorization_endpoint"]
    query = {
        "client_id": application.client_id, "response_type": "code", "scope": "openid",
        "request_uri": address, "state": "outside", "redirect_uri": CALLBACK,
    }  # fmt: skip
    found = robot.visit(url, query)
    assert isinstance(found, Answer)
    assert found.params["state"] == "inside"
    claims = application.claims(application.tokens(found)["id_token"])
    assert claims["nonce"] == "inside"


@pytest.mark.parametrize("by_reference", [False, True])
def test_oidcc_unsigned_objects_are_rejected_as_unsupported(
    provider: Provider, robot: Robot, *, by_reference: bool
) -> None:
    """What `none` is listed for, is held; it is listed nowhere.

    oidcc-idtoken-unsigned, oidcc-request-uri-unsigned,
    oidcc-ensure-request-object-with-redirect-uri,
    oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported and
    oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported.
    """
    told = provider.metadata
    for name in ("id_token_signing_alg_values_supported",
                 "request_object_signing_alg_values_supported"):  # fmt: skip
        assert "none" not in told[name]
    assert refused(provider, id_token_signed_response_alg="none") == "invalid_client_metadata"
    unsigned = "eyJhbGciOiJub25lIn0.eyJyZXNwb25zZV90eXBlIjoiY29kZSJ9."
    provider.site.documents["/unsigned"] = unsigned
    address = f"{provider.site.url}/unsigned"
    application = register(provider, request_uris=[address])
    sent: dict[str, Any] = {"request_uri": address} if by_reference else {"request": unsigned}
    found = application.ask(robot, **sent)
    assert isinstance(found, Answer)
    assert found.error in ("invalid_request_object", "request_not_supported",
                           "request_uri_not_supported")  # fmt: skip


def test_oidcc_3rd_party_init_login(provider: Provider) -> None:
    """PROTOCOL-R5, PROTOCOL-R2."""
    application = register(provider, initiate_login_uri="https://app.example/login")
    bearer = {"Authorization": f"Bearer {application.document['registration_access_token']}"}
    url = application.document["registration_client_uri"]
    with provider.http() as http:
        kept = http.get(url, headers=bearer)
        gone = http.delete(url, headers=bearer)
    assert kept.status_code == 200
    assert kept.json()["initiate_login_uri"] == "https://app.example/login"
    assert gone.status_code == 204


def test_oidcc_3rd_party_init_login_nohttps(provider: Provider) -> None:
    """PROTOCOL-R5."""
    said = refused(provider, initiate_login_uri="http://app.example/login")
    assert said == "invalid_client_metadata"
