"""PROTOCOL U: UserInfo; and what may be asked of a token: introspection and revocation."""

from datetime import timedelta

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from keycell.accounts.administration import Changes, disable, update_account
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.oauth.errors import InvalidClientMetadata
from keycell.oauth.registration import read_client_metadata
from keycell.provider.register import Made

from ..conftest import BASE, Browser, add_client, at_another_time

PROFILE = {
    "name", "given_name", "family_name", "middle_name", "nickname", "preferred_username",
    "profile", "picture", "website", "gender", "birthdate", "zoneinfo", "locale", "updated_at",
}  # fmt: skip


async def access_token(browser: Browser, made: Made, scope: str = "openid") -> str:
    token: str = (await browser.tokens(made, scope))["access_token"]
    return token


async def test_claims_are_told_in_the_languages_asked_for(
    browser: Browser, world: World, app: Made, ann: Account
) -> None:
    """OIDCC-5.2: by ``claims_locales``, and kept with the grant."""
    changes = Changes(claims={"given_name#fr": "Anne", "given_name#de": "Anni"})
    await update_account(world.people, ann, changes, "test")
    code = await browser.code(app, scope="openid profile", claims_locales="fr xx")
    tokens = (await browser.exchange(app, code)).json()
    told = (await browser.userinfo(tokens["access_token"])).json()
    assert told["given_name#fr"] == "Anne"
    assert told["given_name"]
    assert "given_name#de" not in told
    asked = '{"id_token": {"given_name#de": null}}'
    code = await browser.code(app, scope="openid", claims=asked)
    claims = world.keyring.verify((await browser.exchange(app, code)).json()["id_token"], "JWT")
    assert claims is not None
    assert claims["given_name#de"] == "Anni"


async def test_u1_it_answers_in_every_way_of_asking(
    browser: Browser, app: Made, ann: Account
) -> None:
    """OIDCC-5.3.1, RFC6750-2, PROTOCOL-U1."""
    token = await access_token(browser, app)
    bearer = {"Authorization": f"bearer {token}"}
    for response in (
        await browser.http.get("/oidc/userinfo", headers=bearer),
        await browser.http.post("/oidc/userinfo", headers=bearer),
        await browser.http.post("/oidc/userinfo", data={"access_token": token}),
    ):
        assert response.headers["content-type"] == "application/json"
        assert response.json() == {"sub": ann.sub}


async def test_who_never_asks_here_finds_it_in_the_id_token(
    browser: Browser, world: World, ann: Account
) -> None:
    """OIDCC-5.4: an API server of Kubernetes reads nothing else."""
    scope = "openid profile email"
    for registered, told in ((False, set()), (True, PROFILE | {"email", "email_verified"})):
        made = await add_client(world, id_token_scope_claims=registered)
        id_token = (await browser.tokens(made, scope))["id_token"]
        keys = KeySet.import_key_set(
            (await browser.http.get("/oidc/.well-known/jwks.json")).json()
        )
        claims = jwt.decode(id_token, keys).claims
        assert set(claims) & (PROFILE | {"email", "email_verified"}) == told
        assert claims["sub"] == ann.sub


def test_names_in_id_tokens_are_for_clients_that_get_them_by_a_code() -> None:
    """OIDCC-16.11: what comes through the browser is seen on the way."""
    for kinds in (["id_token"], ["code", "code id_token"]):
        document = {
            "redirect_uris": ["https://app.example/cb"], "response_types": kinds,
            "grant_types": ["authorization_code", "implicit"], "id_token_scope_claims": True,
        }  # fmt: skip
        with pytest.raises(InvalidClientMetadata, match="id_token_scope_claims"):
            read_client_metadata(document)


async def test_u2_u4_a_scope_gives_all_its_claims(
    browser: Browser, app: Made, ann: Account
) -> None:
    """OIDCC-5.1, OIDCC-5.4, PROTOCOL-U2, PROTOCOL-U4."""
    token = await access_token(browser, app, "openid profile email address phone groups roles")
    told = (await browser.userinfo(token)).json()
    assert set(told) == PROFILE | {
        "sub", "email", "email_verified", "address", "phone_number", "phone_number_verified",
        "groups", "roles",
    }  # fmt: skip
    assert isinstance(told["updated_at"], int)
    assert isinstance(told["email_verified"], bool)
    assert isinstance(told["phone_number_verified"], bool)
    assert isinstance(told["address"], dict)
    texts = PROFILE - {"updated_at"}
    assert all(isinstance(told[name], str) and told[name] for name in texts)
    assert told["preferred_username"] == "ann"


async def test_u3_mail_alone_tells_no_name(browser: Browser, app: Made, ann: Account) -> None:
    """OIDCC-5.4, PROTOCOL-U3."""
    token = await access_token(browser, app, "openid email")
    assert set((await browser.userinfo(token)).json()) == {"sub", "email", "email_verified"}


async def test_u5_signed_where_it_is_registered(
    browser: Browser, world: World, ann: Account
) -> None:
    """OIDCC-5.3.2, PROTOCOL-U5."""
    made = await add_client(world, userinfo_signed_response_alg="RS256")
    told = await browser.userinfo(await access_token(browser, made))
    assert told.headers["content-type"] == "application/jwt"
    jwks = (await browser.http.get("/oidc/.well-known/jwks.json")).json()
    claims = jwt.decode(told.text, KeySet.import_key_set(jwks), algorithms=["RS256"]).claims
    assert claims == {"sub": ann.sub, "iss": f"{BASE}/oidc", "aud": made.client.client_id}


async def test_a_wrong_token_is_told_in_the_header(
    browser: Browser, app: Made, ann: Account
) -> None:
    """RFC6750-3, RFC6750-3.1."""
    none = await browser.http.get("/oidc/userinfo")
    assert none.status_code == 401
    assert none.headers["www-authenticate"] == (
        f'Bearer realm="keycell", resource_metadata="{BASE}/.well-known/oauth-protected-resource"'
        ', DPoP algs="ES256 PS256 EdDSA"'
    )
    body = await browser.tokens(app)
    for token in ("x", "a.b.c", body["id_token"], body["refresh_token"], "kca_x", "x" * 100_000):
        refused = await browser.userinfo(token)
        assert refused.status_code == 401, token[:40]
        assert 'error="invalid_token"' in refused.headers["www-authenticate"]
    in_query = await browser.http.get(f"/oidc/userinfo?access_token={body['access_token']}")
    assert in_query.status_code == 401
    both = await browser.http.post(
        "/oidc/userinfo",
        data={"access_token": body["access_token"]},
        headers={"Authorization": f"Bearer {body['access_token']}"},
    )
    assert both.status_code == 400


async def test_a_changed_token_is_no_token(browser: Browser, app: Made, ann: Account) -> None:
    """ATTACKS: the signature, the algorithm and the type all count."""
    token = await access_token(browser, app)
    header, payload, signature = token.split(".")
    none = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0"
    for forged in (
        f"{none}.{payload}.",
        f"{none}.{payload}.{signature}",
        f"{header}.{payload}.{signature[:-4]}AAAA",
        f"{header}.{payload[:-2]}AA.{signature}",
        f"{header}.{payload}.{signature}=",
        f"{header}.{payload}.{signature}.",
        f" {token}x",
    ):
        assert (await browser.userinfo(forged)).status_code == 401


async def test_it_needs_the_scope_openid(browser: Browser, app: Made, ann: Account) -> None:
    """OIDCC-5.3, RFC6750-3.1."""
    body = (await browser.exchange(app, await browser.code(app, scope="profile"))).json()
    assert "id_token" not in body
    refused = await browser.userinfo(body["access_token"])
    assert refused.status_code == 403
    assert 'error="insufficient_scope"' in refused.headers["www-authenticate"]
    assert 'scope="openid"' in refused.headers["www-authenticate"]


async def test_it_expires_and_dies_with_the_account(
    browser: Browser, app: Made, world: World, ann: Account
) -> None:
    """decisions/0006: what a person ends is ended at once."""
    token = await access_token(browser, app)
    async with at_another_time(world, timedelta(seconds=601)) as later:
        assert (await later.userinfo(token)).status_code == 401
    await disable(world.people, ann, "test")
    assert (await browser.userinfo(token)).status_code == 401


async def introspect(browser: Browser, made: Made, token: str, **headers: str) -> httpx2.Response:
    assert made.secret is not None
    return await browser.http.post(
        "/oidc/oauth2/introspect",
        data={"token": token},
        auth=(made.client.client_id, made.secret),
        headers=headers,
    )


async def test_introspection_tells_those_whom_it_concerns(
    browser: Browser, world: World, ann: Account
) -> None:
    """RFC7662-2, RFC7662-2.2."""
    server = await add_client(world, client_name="Files")
    app = await add_client(world, audience=[server.client.client_id, "https://files.example/"])
    other = await add_client(world)
    body = await browser.tokens(app)
    told = (await introspect(browser, app, body["access_token"])).json()
    assert told["active"] is True
    assert told["sub"] == ann.sub
    assert told["client_id"] == app.client.client_id
    assert told["scope"] == "offline_access openid"
    assert told["exp"] > told["iat"]
    refresh = (await introspect(browser, app, body["refresh_token"])).json()
    assert refresh["active"] is True
    for token in (body["access_token"], body["refresh_token"], "x", "kca_x", "kcr_x.y.z"):
        assert (await introspect(browser, other, token)).json() == {"active": False}


async def test_introspection_is_signed_for_who_asks_so(
    browser: Browser, app: Made, ann: Account
) -> None:
    """RFC9701-4, RFC9701-5."""
    token = await access_token(browser, app)
    kind = "application/token-introspection+jwt"
    told = await introspect(browser, app, token, Accept=kind)
    assert told.headers["content-type"] == kind
    jwks = (await browser.http.get("/oidc/.well-known/jwks.json")).json()
    signed = jwt.decode(told.text, KeySet.import_key_set(jwks), algorithms=["RS256"])
    assert signed.header["typ"] == "token-introspection+jwt"
    assert signed.claims["aud"] == app.client.client_id
    assert signed.claims["token_introspection"]["active"] is True
    assert "exp" not in signed.claims


async def test_introspection_needs_a_client_that_proves_itself(
    browser: Browser, world: World, app: Made, ann: Account
) -> None:
    """RFC7662-2.1."""
    token = await access_token(browser, app)
    public = await add_client(world, token_endpoint_auth_method="none")
    for form in ({"token": token}, {"token": token, "client_id": public.client.client_id}):
        refused = await browser.http.post("/oidc/oauth2/introspect", data=form)
        assert refused.status_code == 401
    missing = await browser.http.post(
        "/oidc/oauth2/introspect", auth=(app.client.client_id, str(app.secret))
    )
    assert missing.json()["error"] == "invalid_request"


async def revoke(browser: Browser, made: Made, token: str) -> int:
    response = await browser.http.post(
        "/oidc/oauth2/revoke", data={"token": token},
        auth=(made.client.client_id, str(made.secret)),
    )  # fmt: skip
    return response.status_code


async def test_a_refresh_token_given_back_ends_its_grant(
    browser: Browser, app: Made, ann: Account
) -> None:
    """RFC7009-2, RFC7009-2.1."""
    body = await browser.tokens(app)
    assert await revoke(browser, app, body["refresh_token"]) == 200
    assert (await browser.userinfo(body["access_token"])).status_code == 401
    refused = await browser.refresh(app, body["refresh_token"])
    assert refused.json()["error"] == "invalid_grant"
    assert await revoke(browser, app, body["refresh_token"]) == 200


async def test_an_access_token_given_back_goes_alone(
    browser: Browser, app: Made, ann: Account
) -> None:
    """RFC7009-2.1."""
    body = await browser.tokens(app)
    assert await revoke(browser, app, body["access_token"]) == 200
    assert (await browser.userinfo(body["access_token"])).status_code == 401
    again = await browser.refresh(app, body["refresh_token"])
    assert (await browser.userinfo(again.json()["access_token"])).status_code == 200


async def test_anothers_token_cannot_be_given_back(
    browser: Browser, app: Made, world: World, ann: Account
) -> None:
    """RFC7009-2.1: nothing is said, and nothing done."""
    other = await add_client(world)
    body = await browser.tokens(app)
    for token in (body["access_token"], body["refresh_token"], "unknown", "kcr_a.b.c"):
        assert await revoke(browser, other, token) == 200
    assert (await browser.userinfo(body["access_token"])).status_code == 200
    assert (await browser.refresh(app, body["refresh_token"])).status_code == 200


@pytest.mark.parametrize("end", ["session", "consent"])
async def test_what_a_person_ends_is_ended_at_once(
    browser: Browser, app: Made, world: World, ann: Account, end: str
) -> None:
    """decisions/0006."""
    token = (await browser.exchange(app, await browser.code(app))).json()["access_token"]
    assert (await browser.userinfo(token)).status_code == 200
    page = await browser.http.get("/account/basic")
    csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
    if end == "consent":
        form = {"csrf": csrf, "client_id": app.client.client_id}
        await browser.http.post("/account/basic/revoke", data=form)
    else:
        sid = page.text.split('name="sid" value="')[1].split('"')[0]
        await browser.http.post("/account/basic/end-session", data={"csrf": csrf, "sid": sid})
    assert (await browser.userinfo(token)).status_code == 401
