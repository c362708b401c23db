"""Clients of the profile fapi2: each rule of FAPI 2.0, end to end. PROTOCOL 3.8."""

import asyncio
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.oauth.backchannel import sent_object
from keycell.oauth.errors import InvalidClientMetadata, InvalidRequest
from keycell.oauth.registration import to_document
from keycell.oauth.token import BACKCHANNEL
from keycell.provider.register import Made
from keycell.settings import Settings

from ..conftest import (
    CALLBACK,
    VERIFIER,
    Browser,
    add_client,
    answer,
    at_another_time,
    keep_client,
)
from ..holder import Holder
from .fapi2 import (
    ASKED,
    ISSUER,
    PAR,
    TOKEN,
    add,
    code,
    error,
    exchange,
    post,
    proven,
    push,
    refresh,
    signed,
    tokens,
)

pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")


@pytest.fixture
async def made(world: World) -> Made:
    return await add(world)


async def test_p3_to_p21_a_client_gets_tokens_bound_to_its_key(
    browser: Browser, world: World, ann: Account, made: Made
) -> None:
    """RFC7591-2, PROTOCOL-P3, P7, P13, P14, P21: pushed, proved, and signed by ES256."""
    holder = Holder()
    given = await tokens(browser, made, holder)
    assert given["token_type"] == "DPoP"
    claims = world.keyring.verify(given["id_token"], "JWT")
    assert claims is not None
    assert (claims["nonce"], "sid" in claims) == (ASKED["nonce"], False)
    header = jwt.decode(given["id_token"], _key_of(world), algorithms=["ES256"]).header
    assert header["alg"] == "ES256"
    url = f"{ISSUER}/userinfo"
    headers = {
        "Authorization": f"dpOp {given['access_token']}",
        "DPoP": holder.proof(url, "GET", given["access_token"]),
    }
    assert (await browser.http.get(url, headers=headers)).status_code == 200


def _key_of(world: World) -> Any:  # noqa: ANN401  (a key set of joserfc)
    listed: Any = world.keyring.public_jwks()
    return KeySet.import_key_set(listed)


async def test_p9_a_request_that_is_not_pushed_is_refused(
    browser: Browser, ann: Account, made: Made
) -> None:
    """RFC9126-6, PROTOCOL-P9."""
    told = answer(await browser.authorize(made))
    assert (told["error"], told["iss"]) == ("invalid_request", ISSUER)


async def test_p4_a_single_redirect_uri_is_said_too(browser: Browser, made: Made) -> None:
    """FAPI2-SP-5.3.2.2, PROTOCOL-P4."""
    assert error(await push(browser, made, redirect_uri="")) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"redirect_uri": ""}, "invalid_request"),
        ({"code_challenge": "", "code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, "invalid_request"),
        ({"response_type": "code id_token"}, "unauthorized_client"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"redirect_uri": "https://other.example/"}, "invalid_request"),
    ],
)  # fmt: skip
async def test_p4_p5_p6_a_request_is_whole(
    browser: Browser, world: World, changed: dict[str, str], expected: str
) -> None:
    """PROTOCOL-P4, P5, P6, whatever was said of PKCE elsewhere."""
    made = await add(world, redirect_uris=[CALLBACK, CALLBACK + "/2"])
    await keep_client(world, replace(made.client, require_pkce=False))
    refused = await push(browser, made, **changed)
    assert error(refused) == (400, expected)


@pytest.mark.parametrize(
    "said",
    [
        {"aud": [ISSUER]}, {"aud": TOKEN}, {"aud": PAR}, {"aud": "https://other.example"},
        {"sub": None}, {"exp": -400}, {"iat": 400, "exp": 500}, {"nbf": 400}, {"alg": "RS256"},
    ],
)  # fmt: skip
@pytest.mark.parametrize("url", [PAR, TOKEN])
async def test_attack_55_p10_p11_an_assertion_is_for_the_issuer_alone(
    browser: Browser, made: Made, said: dict[str, Any], url: str
) -> None:
    """RFC7523-3, PROTOCOL-P10, P11: as one string, signed by what FAPI 2.0 allows."""
    now = int(time.time())
    claims = {name: now + one if isinstance(one, int) else one for name, one in said.items()}
    alg = str(claims.pop("alg", "ES256"))
    refused = await post(browser, url, proven(made, alg, **claims) | ASKED, Holder())
    assert refused.status_code in (400, 401)
    assert refused.json()["error"] in ("invalid_client", "invalid_request")


@pytest.mark.parametrize("alg", ["ES256", "PS256", "EdDSA"])
async def test_p11_clocks_may_differ_a_little(browser: Browser, made: Made, alg: str) -> None:
    """PROTOCOL-P11."""
    ahead = int(time.time()) + 8
    form = proven(made, alg, iat=ahead, nbf=ahead) | ASKED
    assert (await post(browser, PAR, form)).status_code == 201


async def test_p11_p12_a_client_is_who_it_proves_to_be(
    browser: Browser, world: World, made: Made
) -> None:
    """PROTOCOL-P11, P12."""
    nobody = {"client_id": made.client.client_id} | ASKED
    assert error(await post(browser, PAR, nobody))[1] == "invalid_client"
    other = await add(world)
    mixed = proven(made) | ASKED | {"client_id": other.client.client_id}
    assert error(await post(browser, PAR, mixed))[1] in ("invalid_client", "invalid_request")


async def test_p16_p17_a_code_is_its_clients_and_short_lived(
    browser: Browser, world: World, ann: Account, made: Made
) -> None:
    """PROTOCOL-P16, P17: nor is anything given without a proof."""
    holder, other = Holder(), await add(world)
    found = await code(browser, made)
    assert error(await exchange(browser, made, found, None)) == (400, "invalid_dpop_proof")
    assert error(await exchange(browser, other, found, holder)) == (400, "invalid_grant")
    for verifier in ("", "w" * 43):
        refused = await exchange(browser, made, found, holder, code_verifier=verifier)
        assert error(refused) == (400, "invalid_grant")
    async with at_another_time(world, timedelta(seconds=62)) as later:
        assert await _redeemed_then(later, world, made, found) == (400, "invalid_grant")


async def _redeemed_then(later: Browser, world: World, made: Made, found: str) -> tuple[int, str]:
    ahead = int(later.world.provider.clock().timestamp())
    form = proven(made, iat=ahead, exp=ahead + 60) | {
        "grant_type": "authorization_code", "code": found, "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    }  # fmt: skip
    proof = Holder().proof(TOKEN, iat=ahead)
    return error(await later.http.post(TOKEN, data=form, headers={"DPoP": proof}))


@pytest.fixture
def settings(request: pytest.FixtureRequest) -> Settings:
    """On SQLite, and where a test says so on PostgreSQL."""
    kind = getattr(request, "param", "sqlite")
    found: Settings = request.getfixturevalue(f"settings_on_{kind}")
    return found


@pytest.mark.parametrize("settings", ["sqlite", "postgresql"], indirect=True)
async def test_p20_the_refresh_token_stays_the_same(
    browser: Browser, world: World, ann: Account, made: Made
) -> None:
    """PROTOCOL-P20: by twenty at once as well, and by another key; not by another client."""
    holder = Holder()
    first = (await tokens(browser, made, holder))["refresh_token"]
    answers = await asyncio.gather(
        *(refresh(browser, made, first, holder) for _ in range(20)),
        refresh(browser, made, first, Holder()),
    )
    assert {response.status_code for response in answers} == {200}
    assert {response.json()["refresh_token"] for response in answers} == {first}
    assert len({response.json()["access_token"] for response in answers}) == 21
    assert error(await refresh(browser, made, first, None)) == (400, "invalid_dpop_proof")
    other = await add(world)
    assert error(await refresh(browser, other, first, holder)) == (400, "invalid_grant")
    assert (await refresh(browser, made, first, holder)).status_code == 200


async def test_p20_each_use_keeps_the_refresh_token(
    browser: Browser, world: World, ann: Account, made: Made
) -> None:
    """A grant that is used stays, as one whose token is rotated does; an ended one is ended."""
    first = (await tokens(browser, made, Holder()))["refresh_token"]
    grant_id = first.removeprefix("kcr_").split(".")[0]
    before = await world.provider.grants.find(grant_id)
    await asyncio.sleep(0.01)
    assert (await refresh(browser, made, first, Holder())).status_code == 200
    after = await world.provider.grants.find(grant_id)
    assert before is not None
    assert after is not None
    assert before.refresh is not None
    assert after.refresh is not None
    assert after.refresh.expires_at > before.refresh.expires_at
    form = proven(made) | {"token": first}
    assert (await post(browser, f"{ISSUER}/oauth2/revoke", form)).status_code == 200
    assert error(await refresh(browser, made, first, Holder())) == (400, "invalid_grant")


def request_object(made: Made, alg: str = "ES256", **said: object) -> str:
    now = int(time.time())
    claims: dict[str, object] = {
        **ASKED, "iss": made.client.client_id, "client_id": made.client.client_id,
        "aud": ISSUER, "nbf": now, "exp": now + 300,
    }  # fmt: skip
    return signed(claims | said, alg)


@pytest.mark.parametrize(
    "said",
    [
        {"exp": None}, {"nbf": None}, {"aud": None}, {"aud": "https://other.example"},
        {"exp": 1}, {"nbf": int(time.time()) - 3700}, {"exp": int(time.time()) + 36_000},
        {"alg": "RS256"}, {"iss": ["x"]}, {"client_id": {}}, {"request_uri": "x"},
    ],
)  # fmt: skip
async def test_attack_48_a_request_object_says_for_whom_and_when(
    browser: Browser, made: Made, said: dict[str, Any]
) -> None:
    """RFC9101-4, PROTOCOL 3.8, Message Signing."""
    claims = dict(said)
    sent = request_object(made, str(claims.pop("alg", "ES256")), **claims)
    refused = await post(browser, PAR, proven(made) | {"request": sent})
    assert error(refused) == (400, "invalid_request_object")


async def test_a_request_object_may_be_for_others_too(browser: Browser, world: World) -> None:
    """RFC9101-4, PROTOCOL 3.8: and where it must be signed, nothing else is taken."""
    made = await add(world, require_signed_request_object=True)
    ahead = int(time.time()) + 8
    for said in ({"aud": ["https://other.example", ISSUER]}, {"nbf": ahead, "exp": ahead + 60}):
        sent = request_object(made, **said)
        given = await post(browser, PAR, proven(made) | {"request": sent})
        assert given.status_code == 201, given.text
    assert error(await push(browser, made)) == (400, "invalid_request")


PING: dict[str, object] = {
    "backchannel_token_delivery_mode": "ping",
    "backchannel_client_notification_endpoint": "https://app.example/ping",
}
HALF_ASKING: tuple[dict[str, object], ...] = (
    {},
    PING | {"backchannel_token_delivery_mode": "push"},
    PING | {"backchannel_token_delivery_mode": ["poll"]},
    PING | {"backchannel_client_notification_endpoint": "http://app.example/ping"},
    PING | {"backchannel_authentication_request_signing_alg": "RS256"},
    PING | {"backchannel_authentication_request_signing_alg": "none"},
    PING | {"jwks": None, "token_endpoint_auth_method": "tls_client_auth",
            "tls_client_auth_subject_dn": "CN=x"},
    PING | {"dpop_bound_access_tokens": False},
    PING | {"backchannel_user_code_parameter": True},
)  # fmt: skip


@pytest.mark.parametrize(
    "half",
    [
        {"token_endpoint_auth_method": "client_secret_basic"},
        {"token_endpoint_auth_method": "none"}, {"dpop_bound_access_tokens": False},
        {"require_pushed_authorization_requests": False}, {"response_types": ["code id_token"]},
        {"id_token_signed_response_alg": "RS256"}, {"userinfo_signed_response_alg": "RS256"},
        {"request_object_signing_alg": "RS256"}, {"token_endpoint_auth_signing_alg": "RS256"},
        {"introspection_signed_response_alg": "RS256"}, {"jwks": None},
        {"grant_types": ["authorization_code", "implicit"]}, {"profile": "fapi1"},
        {"redirect_uris": ["http://127.0.0.1/cb"]}, {"profile": ["fapi2"]},
        {"jwks": {"keys": [{"kty": "RSA", "n": "x" * 171, "e": "AQAB"}]}},
        *({"grant_types": [BACKCHANNEL], **one} for one in HALF_ASKING),
    ],
)  # fmt: skip
async def test_the_profile_cannot_be_half_on(world: World, half: dict[str, object]) -> None:
    """RFC7591-2, FAPI-CIBA-5.2.2, decisions/0052, decisions/0068."""
    with pytest.raises(InvalidClientMetadata):
        await add(world, **half)


async def test_the_profile_settles_what_is_not_said(world: World, made: Made) -> None:
    """RFC7591-2: and what is written down again says the same."""
    document = to_document(made.client.metadata)
    assert document["profile"] == "fapi2"
    assert document["token_endpoint_auth_method"] == "private_key_jwt"
    assert document["id_token_signed_response_alg"] == "ES256"
    assert document["dpop_bound_access_tokens"]
    assert document["require_pushed_authorization_requests"]
    again = await add_client(world, **document)
    assert again.client.metadata == made.client.metadata


async def test_the_profile_settles_how_people_are_asked(world: World) -> None:
    """FAPI-CIBA-5.2.2, decisions/0068: signed requests alone; and nothing of it for others."""
    made = await add(world, redirect_uris=[], grant_types=[BACKCHANNEL], **PING)
    document = to_document(made.client.metadata)
    assert document["backchannel_authentication_request_signing_alg"] == "ES256"
    assert document["dpop_bound_access_tokens"]
    with pytest.raises(InvalidRequest, match="send request"):
        sent_object([("scope", "openid"), ("login_hint", "ann")], made.client)
    plain = to_document((await add(world)).client.metadata)
    assert "backchannel_authentication_request_signing_alg" not in plain
