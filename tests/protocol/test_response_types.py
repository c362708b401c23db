"""PROTOCOL A: what comes by the browser, for clients that registered it. Implicit and hybrid."""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest

from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.oauth.response_types import RESPONSE_TYPES
from keycell.provider.register import Made

from ..conftest import BASE, CALLBACK, Browser, add_client, answer, keep_client
from ..halves import left_half
from .test_requests import finish

FROM_THE_FRONT = RESPONSE_TYPES[1:-1]
BOTH = ["authorization_code", "implicit", "refresh_token"]


async def add_front(world: World, *kinds: str, **metadata: object) -> Made:
    wanted: dict[str, Any] = {
        "response_types": list(kinds or FROM_THE_FRONT), "grant_types": BOTH,
    }  # fmt: skip
    return await add_client(world, **(wanted | metadata))


async def ask(browser: Browser, made: Made, kind: str, **params: str) -> httpx2.Response:
    query = {"response_type": kind, "nonce": "n-0S6"} | params
    return await browser.authorize(made, **query)


async def told(browser: Browser, made: Made, kind: str, **params: str) -> dict[str, str]:
    return await finish(browser, await ask(browser, made, kind, **params))


def claims_of(world: World, token: str) -> dict[str, Any]:
    claims = world.keyring.verify(token, "JWT")
    assert claims is not None
    return dict(claims)


@pytest.mark.parametrize("kind", FROM_THE_FRONT)
async def test_a11_each_kind_brings_what_it_names_in_the_fragment(
    browser: Browser, world: World, ann: Account, kind: str
) -> None:
    """OAuth2-MRT-3, OAuth2-MRT-5, OIDCC-3.2.2.5, OIDCC-3.3.2.5, PROTOCOL-A11, PROTOCOL-A2."""
    made = await add_front(world, kind)
    page = await browser.log_in(await ask(browser, made, kind))
    done = await browser.submit(page, action="accept")
    address = urlsplit(done.headers["location"])
    assert not address.query
    found = dict(parse_qsl(address.fragment))
    token = {"access_token", "token_type", "expires_in", "scope"}
    expected = {"state", "iss", "session_state"} | (token if "token" in kind.split() else set())
    assert set(found) == expected | set(kind.split()) & {"code", "id_token"}
    assert (found["state"], found["iss"]) == ("state-1234", f"{BASE}/oidc")
    if "token" in kind.split():
        assert (found["token_type"], found["expires_in"]) == ("Bearer", "600")
        assert (await browser.userinfo(found["access_token"])).json() == {"sub": ann.sub}


@pytest.mark.parametrize("kind", FROM_THE_FRONT)
@pytest.mark.parametrize("alg", ["RS256", "EdDSA"])
async def test_a13_an_id_token_vouches_for_what_comes_with_it(
    browser: Browser, world: World, ann: Account, kind: str, alg: str
) -> None:
    """OIDCC-3.2.2.10, OIDCC-3.3.2.11, FAPI1-ADV-5.1, PROTOCOL-A13, PROTOCOL-I1, PROTOCOL-I2."""
    made = await add_front(world, kind, id_token_signed_response_alg=alg)
    found = await told(browser, made, kind, state="é-state")
    if "id_token" not in found:
        return
    claims = claims_of(world, found["id_token"])
    hashes = {
        "at_hash": found.get("access_token"), "c_hash": found.get("code"), "s_hash": "é-state",
    }  # fmt: skip
    for name, value in hashes.items():
        assert claims.get(name) == (left_half(value, alg) if value else None)
    assert (claims["nonce"], claims["aud"]) == ("n-0S6", made.client.client_id)
    assert set(claims) - set(hashes) == {
        "iss", "sub", "aud", "exp", "iat", "auth_time", "acr", "amr", "nonce",
    }  # fmt: skip


@pytest.mark.parametrize("kind", [kind for kind in FROM_THE_FRONT if "code" in kind])
async def test_a16_a_code_of_the_hybrid_flow_is_exchanged_as_any(
    browser: Browser, world: World, ann: Account, kind: str
) -> None:
    """OIDCC-3.3.3, RFC7636-4.6, PROTOCOL-A16, PROTOCOL-T3: used again, it ends both tokens."""
    made = await add_front(world, kind)
    found = await told(browser, made, kind, scope="openid offline_access")
    wrong = await browser.exchange(made, found["code"], code_verifier="x" * 43)
    assert wrong.json()["error"] == "invalid_grant"
    tokens = (await browser.exchange(made, found["code"])).json()
    assert tokens["refresh_token"]
    claims = claims_of(world, tokens["id_token"])
    assert claims["at_hash"] == left_half(tokens["access_token"], "RS256")
    if "id_token" in found:
        first = claims_of(world, found["id_token"])
        assert all(first[name] == claims[name] for name in ("iss", "sub", "auth_time", "nonce"))
    again = await browser.exchange(made, found["code"])
    assert again.json()["error"] == "invalid_grant"
    for token in (tokens.get("access_token"), found.get("access_token")):
        assert token is None or (await browser.userinfo(token)).status_code == 401


async def test_a16_a_public_client_proves_its_code_alone(
    browser: Browser, world: World, ann: Account
) -> None:
    """RFC9700-2.1.1, PROTOCOL-A16: PKCE is for who gets a code."""
    made = await add_front(world, token_endpoint_auth_method="none")
    bare = {"code_challenge": "", "code_challenge_method": ""}
    assert "id_token" in await told(browser, made, "id_token", **bare)
    refused = answer(await ask(browser, made, "code id_token", **bare))
    assert refused["error"] == "invalid_request"


@pytest.mark.parametrize("kind", FROM_THE_FRONT)
async def test_a4_an_id_token_from_the_front_needs_a_nonce(
    browser: Browser, world: World, ann: Account, kind: str
) -> None:
    """OIDCC-3.2.2.1, OIDCC-3.3.2.11, PROTOCOL-A4: with code token there is none to bind."""
    made = await add_front(world, kind)
    page = await ask(browser, made, kind, nonce="")
    if "id_token" not in kind:
        tokens = await browser.exchange(made, (await finish(browser, page))["code"])
        assert "nonce" not in claims_of(world, tokens.json()["id_token"])
        return
    assert "#error=" in page.headers["location"]
    assert (answer(page)["error"], answer(page)["state"]) == ("invalid_request", "state-1234")


@pytest.mark.parametrize("kind", FROM_THE_FRONT)
async def test_a11_as_a_form_where_asked_and_never_in_a_query(
    browser: Browser, world: World, ann: Account, kind: str
) -> None:
    """OAuth2-FPRM-2, OAuth2-MRT-2.1, PROTOCOL-A11, attack 8."""
    made = await add_front(world, kind)
    await told(browser, made, kind)
    posted = await ask(browser, made, kind, response_mode="form_post", state='"><script>x')
    assert posted.status_code == 200
    assert f'action="{CALLBACK}"' in posted.text
    assert "<script>x" not in posted.text
    for name in {"token": "access_token"}.get(kind, kind).split():
        told_as = "access_token" if name == "token" else name
        assert f'name="{told_as}"' in posted.text
    refused = await ask(browser, made, kind, response_mode="query")
    assert "#error=invalid_request" in refused.headers["location"]
    assert not {"access_token", "id_token", "code"} & set(answer(refused))


@pytest.mark.parametrize(
    "kind", ["", "x", "token", "code code", "id_token x", "code none", "CODE"]
)
async def test_a3_other_kinds_are_refused_where_the_answer_was_to_go(
    browser: Browser, world: World, kind: str
) -> None:
    """RFC6749-3.1.1, RFC6749-4.2.2.1, PROTOCOL-A3, attack 11."""
    made = await add_front(world, *RESPONSE_TYPES)
    refused = await ask(browser, made, kind)
    expected = "unsupported_response_type" if kind else "invalid_request"
    assert (answer(refused)["error"], answer(refused)["state"]) == (expected, "state-1234")
    is_front = {"token", "id_token"} & set(kind.split())
    assert ("#" in refused.headers["location"]) == bool(is_front)


async def test_the_order_of_a_kinds_values_does_not_count(
    browser: Browser, world: World, ann: Account
) -> None:
    """OAuth2-MRT-3."""
    made = await add_front(world, "token id_token code")
    assert made.client.metadata.response_types == ("code id_token token",)
    found = await told(browser, made, "id_token code token")
    assert {"code", "id_token", "access_token"} <= set(found)


async def test_a17_a18_where_claims_go(browser: Browser, world: World, ann: Account) -> None:
    """OIDCC-5.4, OIDCC-5.5, PROTOCOL-A17, PROTOCOL-A18: without UserInfo the ID token tells."""
    made = await add_front(world)
    scope = "openid profile email phone address"
    alone = claims_of(world, (await told(browser, made, "id_token", scope=scope))["id_token"])
    assert (alone["name"], alone["email"]) == ("Ann Example", "ann@example.org")
    assert {"address", "phone_number", "zoneinfo", "preferred_username"} <= set(alone)
    wish = json.dumps({"id_token": {"name": {"essential": True}}})
    for kind in ("id_token token", "code id_token", "code id_token token"):
        found = await told(browser, made, kind, scope=scope)
        assert not {"name", "email"} & set(claims_of(world, found["id_token"]))
        found = await told(browser, made, kind, claims=wish)
        assert claims_of(world, found["id_token"])["name"] == "Ann Example"


async def test_no_refresh_token_comes_of_an_implicit_grant(
    browser: Browser, world: World, ann: Account
) -> None:
    """OIDCC-11, RFC6749-4.2.2: what only a code leads to is not even asked for."""
    made = await add_front(world)
    found = await told(browser, made, "id_token token", scope="openid offline_access")
    assert found["scope"] == "openid"
    assert "refresh_token" not in found


async def test_without_openid_there_is_no_id_token(
    browser: Browser, world: World, ann: Account
) -> None:
    """OIDCC-3.2.2.1."""
    made = await add_front(world)
    refused = answer(await ask(browser, made, "id_token token", scope="profile"))
    assert refused["error"] == "invalid_request"


async def test_an_opaque_token_from_the_front_opens_what_it_says(
    browser: Browser, world: World, ann: Account
) -> None:
    """RFC6749-1.4: it is kept with its grant, and ends with it."""
    made = await add_front(world)
    await keep_client(world, replace(made.client, access_token_format="opaque"))
    found = await told(browser, made, "code token")
    assert found["access_token"].startswith("kca_")
    assert (await browser.userinfo(found["access_token"])).json() == {"sub": ann.sub}
    for _ in range(2):
        await browser.exchange(made, found["code"])
    assert (await browser.userinfo(found["access_token"])).status_code == 401


async def test_silent_answers_need_a_session_and_a_consent(
    browser: Browser, world: World, ann: Account
) -> None:
    """OIDCC-3.1.2.1, PROTOCOL-A6."""
    made = await add_front(world)
    refused = await ask(browser, made, "id_token token", prompt="none")
    assert "#error=login_required" in refused.headers["location"]
    await told(browser, made, "id_token token")
    again = answer(await ask(browser, made, "id_token token", prompt="none"))
    assert again["access_token"]


async def test_r7_what_goes_together_is_registered(browser: Browser) -> None:
    """OIDCR-2, PROTOCOL-R7."""
    wanted: dict[str, Any] = {
        "redirect_uris": [CALLBACK], "response_types": ["token id_token", "code"],
        "grant_types": ["implicit", "authorization_code"],
    }  # fmt: skip
    made = await browser.http.post("/oidc/register", json=wanted)
    assert made.status_code == 201
    assert made.json()["response_types"] == ["id_token token", "code"]
    for wrong, error in (
        ({"grant_types": ["authorization_code"]}, "invalid_client_metadata"),
        ({"grant_types": ["implicit"]}, "invalid_client_metadata"),
        ({"redirect_uris": ["http://127.0.0.1/cb"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://localhost/cb"]}, "invalid_redirect_uri"),
    ):
        refused = await browser.http.post("/oidc/register", json=wanted | wrong)
        assert (refused.status_code, refused.json()["error"]) == (400, error)


async def test_d3_d4_every_kind_that_is_listed_works(
    browser: Browser, world: World, ann: Account
) -> None:
    """OIDCD-3, PROTOCOL-D3, PROTOCOL-D4: each in each mode that is listed and fits."""
    document = (await browser.http.get("/oidc/.well-known/openid-configuration")).json()
    kinds, modes = document["response_types_supported"], document["response_modes_supported"]
    made = await add_front(world, *kinds)
    await told(browser, made, "code")
    for kind in kinds:
        for mode in modes:
            page = await ask(browser, made, kind, response_mode=mode)
            found = page.text if mode.startswith("form_post") else str(answer(page))
            if mode.endswith("jwt"):
                assert "response" in found
            elif mode == "query" and kind not in ("code", "none"):
                assert answer(page)["error"] == "invalid_request"
            elif mode == "form_post":
                assert 'name="error"' not in page.text
            else:
                assert "error" not in answer(page)
    assert "implicit" in document["grant_types_supported"]
