"""PROTOCOL T and I: the token endpoint and ID tokens."""

import hashlib
import time
from base64 import urlsafe_b64encode
from datetime import timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.provider.register import Made

from ..conftest import BASE, CALLBACK, Browser, add_client, at_another_time


async def test_t1_the_answer_is_json_that_nobody_keeps(
    browser: Browser, app: Made, ann: Account
) -> None:
    """RFC6749-5.1, OIDCC-3.1.3.3, PROTOCOL-T1."""
    first = await browser.exchange(app, await browser.code(app, scope="openid offline_access"))
    refreshed = await browser.refresh(app, first.json()["refresh_token"])
    for response in (first, refreshed):
        assert response.headers["content-type"] == "application/json"
        assert response.headers["cache-control"] == "no-store"
        body = response.json()
        assert body["token_type"] == "Bearer"
        assert body["expires_in"] == 600
        assert {"access_token", "id_token", "refresh_token", "scope"} <= set(body)


async def test_t3_a_code_that_comes_again_ends_its_grant(
    browser: Browser, app: Made, ann: Account
) -> None:
    """RFC6749-4.1.2, PROTOCOL-T3, decisions/0008."""
    code = await browser.code(app)
    token = (await browser.exchange(app, code)).json()["access_token"]
    assert (await browser.userinfo(token)).status_code == 200
    again = await browser.exchange(app, code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert (await browser.userinfo(token)).status_code == 401


async def test_t3_a_code_that_leaked_cannot_end_a_grant(
    browser: Browser, app: Made, world: World, ann: Account
) -> None:
    """decisions/0008: with one check failing it is only refused."""
    other = await add_client(world)
    code = await browser.code(app)
    token = (await browser.exchange(app, code)).json()["access_token"]
    for response in (
        await browser.exchange(app, code, code_verifier="x" * 43),
        await browser.exchange(app, code, redirect_uri="https://app.example/other"),
        await browser.exchange(other, code),
    ):
        assert response.json()["error"] == "invalid_grant"
    assert (await browser.userinfo(token)).status_code == 200


async def test_a_code_is_good_for_a_minute(
    browser: Browser, app: Made, world: World, ann: Account
) -> None:
    """RFC6749-4.1.2, decisions/0008."""
    code = await browser.code(app)
    async with at_another_time(world, timedelta(seconds=61)) as later:
        assert (await later.exchange(app, code)).json()["error"] == "invalid_grant"
    assert (await browser.exchange(app, code)).status_code == 200


async def test_a_code_is_bound_to_its_redirect_uri(
    browser: Browser, world: World, ann: Account
) -> None:
    """RFC6749-4.1.3."""
    two = await add_client(world, redirect_uris=[CALLBACK, "https://app.example/other"])
    code = await browser.code(two)
    for uri in ("https://app.example/other", ""):
        refused = await browser.exchange(two, code, redirect_uri=uri)
        assert refused.json()["error"] == "invalid_grant"


async def test_t4_a_refresh_gives_the_same_person_again(
    browser: Browser, app: Made, world: World, ann: Account
) -> None:
    """OIDCC-12.2, PROTOCOL-T4."""
    first = await browser.tokens(app)
    async with at_another_time(world, timedelta(seconds=5)) as later:
        second = (await later.refresh(app, first["refresh_token"], scope="openid")).json()
    one = world.keyring.verify(first["id_token"], "JWT")
    two = world.keyring.verify(second["id_token"], "JWT")
    assert one is not None
    assert two is not None
    for name in ("iss", "sub", "aud", "auth_time", "acr"):
        assert one[name] == two[name]
    assert int(str(two["iat"])) > int(str(one["iat"]))
    assert second["scope"] == "openid"
    assert "nonce" not in two


async def test_t4_anothers_refresh_token_is_refused_and_stays_good(
    browser: Browser, app: Made, world: World, ann: Account
) -> None:
    """RFC6749-6, PROTOCOL-T4."""
    other = await add_client(world)
    tokens = await browser.tokens(app)
    refused = await browser.refresh(other, tokens["refresh_token"])
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert (await browser.refresh(app, tokens["refresh_token"])).status_code == 200


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password", "username": "ann"}, "unsupported_grant_type"),
        ({"grant_type": 'pass"wo\\rd \u00e9'}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, "invalid_request"),
        ({"grant_type": "authorization_code", "code": "x"}, "invalid_grant"),
        ({"grant_type": "authorization_code", "code": "kcc_" + "a" * 22}, "invalid_grant"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": 'x"\\'}, "invalid_grant"),
        ({"grant_type": "client_credentials"}, "unauthorized_client"),
        ({"grant_type": "refresh_token", "refresh_token": "x", "scope": '"'}, "invalid_scope"),
    ],
)
async def test_t6_errors_are_json_of_plain_characters(
    browser: Browser, app: Made, form: dict[str, str], error: str
) -> None:
    """RFC6749-5.2, PROTOCOL-T6."""
    response = await browser.token(app, **form)
    assert response.status_code == 400
    body = response.json()
    assert body["error"] == error
    assert body["status_code"] == 400
    assert body["error_uri"] == f"{BASE}/oauth2/errors#{error}"
    assert response.headers["cache-control"] == "no-store"
    said = body.get("error_description", "")
    assert all(" " <= c <= "~" and c not in '"\\' for c in said)
    assert said or error == "invalid_grant"


async def test_only_post_is_taken(browser: Browser) -> None:
    """RFC6749-3.2."""
    response = await browser.http.get("/oidc/oauth2/token", params={"grant_type": "x"})
    assert response.status_code == 405
    assert "POST" in response.headers["allow"]


async def test_client_credentials_are_the_clients_own(browser: Browser, world: World) -> None:
    """RFC6749-4.4.2, RFC9068-2.2."""
    made = await add_client(world, grant_types=["client_credentials"], redirect_uris=[])
    body = (await browser.token(made, grant_type="client_credentials")).json()
    assert "refresh_token" not in body
    assert "id_token" not in body
    claims = world.keyring.verify(body["access_token"], "at+jwt")
    assert claims is not None
    assert claims["sub"] == claims["client_id"] == made.client.client_id
    assert claims["aud"] == BASE
    for scope in ("openid", "admin", "profile"):
        refused = await browser.token(made, grant_type="client_credentials", scope=scope)
        assert refused.json()["error"] == "invalid_scope"
    assert (await browser.userinfo(body["access_token"])).status_code == 403


async def test_a_public_client_has_no_token_of_its_own(browser: Browser, world: World) -> None:
    """RFC6749-4.4."""
    made = await add_client(world, token_endpoint_auth_method="none")
    refused = await browser.token(made, grant_type="client_credentials")
    assert refused.json()["error"] == "unauthorized_client"


async def test_no_refresh_token_without_offline_access(
    browser: Browser, app: Made, ann: Account
) -> None:
    """OIDCC-11."""
    body = (await browser.exchange(app, await browser.code(app))).json()
    assert "refresh_token" not in body
    old = (await browser.exchange(app, await browser.code(app, scope="openid offline"))).json()
    assert "refresh_token" in old


async def test_i1_the_id_token_is_what_it_must_be(
    browser: Browser, app: Made, ann: Account
) -> None:
    """OIDCC-2, OIDCC-3.1.3.6, PROTOCOL-I1."""
    body = (await browser.exchange(app, await browser.code(app, nonce="n-0S6_WzA2Mj"))).json()
    jwks = (await browser.http.get("/oidc/.well-known/jwks.json")).json()
    token = jwt.decode(body["id_token"], KeySet.import_key_set(jwks), algorithms=["RS256"])
    assert token.header["kid"] in {key["kid"] for key in jwks["keys"]}
    claims = token.claims
    assert claims["iss"] == f"{BASE}/oidc"
    assert claims["aud"] == app.client.client_id
    assert claims["sub"] == ann.sub
    assert claims["nonce"] == "n-0S6_WzA2Mj"
    assert abs(claims["iat"] - time.time()) < 60
    assert claims["exp"] == claims["iat"] + 3600
    assert claims["acr"]
    half = hashlib.sha256(body["access_token"].encode()).digest()[:16]
    assert claims["at_hash"] == urlsafe_b64encode(half).rstrip(b"=").decode()


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("alg", ["RS256", "ES256", "PS256", "EdDSA"])
async def test_i1_another_algorithm_where_it_is_registered(
    browser: Browser, world: World, ann: Account, alg: str
) -> None:
    """OIDCR-2, PROTOCOL-I1."""
    made = await add_client(world, id_token_signed_response_alg=alg)
    body = (await browser.exchange(made, await browser.code(made))).json()
    jwks = (await browser.http.get("/oidc/.well-known/jwks.json")).json()
    keys = KeySet.import_key_set(jwks)
    token = jwt.decode(body["id_token"], keys, algorithms=[alg])
    assert token.header["alg"] == alg
    access = jwt.decode(body["access_token"], keys, algorithms=["ES256"])
    assert access.header["typ"] == "at+jwt"


async def test_i2_nothing_is_in_it_that_was_not_asked(
    browser: Browser, app: Made, ann: Account
) -> None:
    """OIDCC-5.4, PROTOCOL-I2."""
    code = await browser.code(app, scope="openid profile email address phone", nonce="n")
    body = (await browser.exchange(app, code)).json()
    claims = browser.world.keyring.verify(body["id_token"], "JWT")
    assert claims is not None
    assert set(claims) == {
        "iss", "sub", "aud", "exp", "iat", "auth_time", "acr", "amr", "nonce", "at_hash",
    }  # fmt: skip


async def test_the_old_scope_has_its_old_meaning(
    browser: Browser, app: Made, ann: Account
) -> None:
    """decisions/0016."""
    body = (await browser.exchange(app, await browser.code(app, scope="openid pydio"))).json()
    claims = browser.world.keyring.verify(body["id_token"], "JWT")
    assert claims is not None
    assert claims["name"] == "ann"
    assert claims["email"] == "ann@example.org"
    assert claims["authSource"]


async def test_a_pairwise_client_knows_nobody_elses_name_for_a_person(
    browser: Browser, world: World, ann: Account
) -> None:
    """OIDCC-8.1."""
    one = await add_client(world, subject_type="pairwise")
    same = await add_client(world, subject_type="pairwise")
    other = await add_client(
        world, subject_type="pairwise", redirect_uris=["https://other.example/cb"]
    )
    subs = []
    for made in (one, same, other):
        body = (await browser.exchange(made, await browser.code(made))).json()
        claims = browser.world.keyring.verify(body["id_token"], "JWT")
        assert claims is not None
        subs.append(claims["sub"])
        assert (await browser.userinfo(body["access_token"])).json()["sub"] == claims["sub"]
    assert subs[0] == subs[1] != subs[2]
    assert ann.sub not in subs
