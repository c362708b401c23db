"""Clients at the token endpoint: every method, and what none of them lets through."""

import asyncio
import base64
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from keycell.bootstrap import World
from keycell.outside.assertions import ClientJwts
from keycell.outside.encryption import JweKeyring
from keycell.outside.fetch import Fetcher, RemoteKeys
from keycell.provider.register import Made, give_secret
from keycell.server import make_app

from ..conftest import BASE, Browser, add_client, keep_client

TOKEN = "/oidc/oauth2/token"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
OWN: dict[str, Any] = {"grant_types": ["client_credentials"], "redirect_uris": []}


async def ask(browser: Browser, auth: Any = None, **form: str) -> httpx2.Response:  # noqa: ANN401
    data = {"grant_type": "client_credentials"} | form
    return await browser.http.post(TOKEN, data=data, **({"auth": auth} if auth else {}))


async def test_a_secret_in_the_header_or_in_the_form(browser: Browser, world: World) -> None:
    """RFC6749-2.3.1, PROTOCOL-T2, decisions/0014: taken alike, whichever was registered."""
    for method in ("client_secret_basic", "client_secret_post"):
        made = await add_client(world, **OWN, token_endpoint_auth_method=method)
        client_id, secret = made.client.client_id, str(made.secret)
        assert (await ask(browser, (client_id, secret))).status_code == 200
        posted = await ask(browser, client_id=client_id, client_secret=secret)
        assert posted.status_code == 200


async def test_each_half_of_the_header_is_form_encoded(browser: Browser, world: World) -> None:
    """RFC6749-2.3.1: and those who forget it are understood too."""
    made = await add_client(world, **OWN)
    chosen = "a b+c%d:e/é"
    kept = give_secret(world.provider, made.client, chosen)
    await keep_client(world, kept.client)
    for spelled in (quote(chosen, safe=""), chosen):
        pair = base64.b64encode(f"{made.client.client_id}:{spelled}".encode()).decode()
        response = await browser.http.post(
            TOKEN, data={"grant_type": "client_credentials"},
            headers={"Authorization": f"Basic {pair}"},
        )  # fmt: skip
        assert response.status_code == 200, spelled


async def test_unknown_and_wrong_are_answered_alike(browser: Browser, world: World) -> None:
    """RFC6749-5.2: nobody learns which clients there are."""
    made = await add_client(world, **OWN)
    answers = [
        await ask(browser, (made.client.client_id, "wrong")),
        await ask(browser, ("unknown", "wrong")),
        await ask(browser, (made.client.client_id, str(made.secret)[:-1])),
    ]
    for one in answers:
        assert one.status_code == 401
        assert one.headers["www-authenticate"].startswith("Basic")
        assert one.json()["error"] == "invalid_client"
    assert len({one.json()["error_description"] for one in answers}) == 1


async def test_a_client_with_a_secret_must_show_it(browser: Browser, world: World) -> None:
    """RFC6749-3.2.1."""
    made = await add_client(world, **OWN)
    assert (await ask(browser, client_id=made.client.client_id)).status_code == 401
    empty = await ask(browser, client_id=made.client.client_id, client_secret="")
    assert empty.status_code == 401
    assert (await ask(browser)).status_code == 401
    await keep_client(world, replace(made.client, disabled=True))
    refused = await ask(browser, (made.client.client_id, str(made.secret)))
    assert refused.status_code == 401


@pytest.mark.parametrize(
    "header",
    ["Basic", "Basic  YQ==", "Basic !!!", "Basic YQ==", "Bearer x", "Digest a=b",
     "Basic " + "A" * 9000, "Basic /////w=="],
)  # fmt: skip
async def test_a_malformed_header_is_refused(browser: Browser, header: str) -> None:
    """RFC6749-5.2."""
    response = await browser.http.post(
        TOKEN, data={"grant_type": "client_credentials"}, headers={"Authorization": header}
    )
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")


async def test_more_than_one_method_is_refused(browser: Browser, world: World) -> None:
    """RFC6749-2.3."""
    made = await add_client(world, **OWN)
    auth = (made.client.client_id, str(made.secret))
    twice = await ask(browser, auth, client_secret=str(made.secret))
    assert (twice.status_code, twice.json()["error"]) == (400, "invalid_request")
    other = await ask(browser, auth, client_id="another")
    assert other.status_code == 400
    third = await ask(browser, auth, client_assertion="x", client_assertion_type=ASSERTION)
    assert third.status_code == 400


def claims_of(made: Made, **changed: object) -> dict[str, object]:
    now = int(time.time())
    claims: dict[str, object] = {
        "iss": made.client.client_id,
        "sub": made.client.client_id,
        "aud": f"{BASE}/oidc",
        "iat": now,
        "exp": now + 60,
        "jti": f"jti-{time.monotonic_ns()}",
    } | changed
    return {name: value for name, value in claims.items() if value is not None}


def signed(key: Any, claims: Mapping[str, object], alg: str, **header: str) -> str:  # noqa: ANN401
    return jwt.encode({"alg": alg, **header}, dict(claims), key, algorithms=[alg])


async def assert_with(browser: Browser, made: Made, assertion: str) -> httpx2.Response:
    return await ask(
        browser, client_assertion=assertion, client_assertion_type=ASSERTION,
        client_id=made.client.client_id,
    )  # fmt: skip


async def add_by_secret(world: World) -> tuple[Made, OctKey]:
    made = await add_client(world, **OWN, token_endpoint_auth_method="client_secret_jwt")
    return made, OctKey.import_key(str(made.secret))


async def test_a_secret_that_signs(browser: Browser, world: World) -> None:
    """OIDCC-9, RFC7523-2.2: client_secret_jwt."""
    made, key = await add_by_secret(world)
    good = signed(key, claims_of(made), "HS256")
    assert (await assert_with(browser, made, good)).status_code == 200
    plain = await ask(browser, (made.client.client_id, str(made.secret)))
    assert plain.status_code == 401
    other = signed(OctKey.generate_key(256), claims_of(made), "HS256")
    assert (await assert_with(browser, made, other)).status_code == 401


KEYS: dict[str, Any] = {
    "RS256": RSAKey.generate_key(2048),
    "PS256": RSAKey.generate_key(2048),
    "ES256": ECKey.generate_key("P-256"),
    "EdDSA": OKPKey.generate_key("Ed25519"),
}


async def add_by_key(world: World, alg: str = "ES256", **metadata: object) -> Made:
    public = KEYS[alg].as_dict(private=False)
    public.pop("kid", None)
    wanted = {"jwks": {"keys": [public]}} | metadata
    return await add_client(world, **OWN, token_endpoint_auth_method="private_key_jwt", **wanted)


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("alg", list(KEYS))
async def test_a_key_without_a_name_signs(browser: Browser, world: World, alg: str) -> None:
    """OIDCC-9, RFC7521-4.2: private_key_jwt, PROTOCOL-T2."""
    made = await add_by_key(world, alg)
    for aud in (f"{BASE}/oidc", f"{BASE}{TOKEN}", ["https://x.example", f"{BASE}/oidc"]):
        good = signed(KEYS[alg], claims_of(made, aud=aud), alg)
        assert (await assert_with(browser, made, good)).status_code == 200
        named = signed(KEYS[alg], claims_of(made, aud=aud), alg, kid="any")
        assert (await assert_with(browser, made, named)).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "https://other.example"}, {"aud": None}, {"aud": []}, {"iss": "another"},
        {"exp": None}, {"exp": 1}, {"exp": 10**11}, {"exp": "soon"}, {"exp": 1e400},
        {"iat": 10**10}, {"nbf": 10**10}, {"jti": None}, {"jti": ""}, {"jti": 5},
        {"jti": "x" * 300},
    ],
)  # fmt: skip
async def test_attack_55_an_assertion_that_says_the_wrong_thing(
    browser: Browser, world: World, wrong: dict[str, object]
) -> None:
    """RFC7523-3."""
    made = await add_by_key(world)
    response = await assert_with(
        browser, made, signed(KEYS["ES256"], claims_of(made, **wrong), "ES256")
    )
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")


async def test_attack_48_49_50_an_assertion_that_is_none(browser: Browser, world: World) -> None:
    """RFC7523-3, RFC8725-3.1, attack 48, attack 49."""
    made = await add_by_key(world)
    good = signed(KEYS["ES256"], claims_of(made), "ES256")
    header, payload, _ = good.split(".")
    x = KEYS["ES256"].as_dict(private=False)["x"]
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    for bad in (
        "x", "a.b", "a.b.c.d.e", "é.é.é", f"{none}.{payload}.", f"{header}.{payload}.",
        good[:-6] + "AAAAAA", signed(OctKey.import_key(x), claims_of(made), "HS256"), "x" * 60_000,
        signed(KEYS["RS256"], claims_of(made), "RS256"),
        signed(KEYS["ES256"], claims_of(made), "ES256", jku="https://evil.example/"),
        f"{base64.urlsafe_b64encode(b'[' * 9_000).decode()}.{payload}.AAAA",
    ):  # fmt: skip
        response = await assert_with(browser, made, bad)
        assert response.status_code in (400, 401, 413), bad[:30]
        assert "access_token" not in response.text


async def test_attack_55_an_assertion_counts_once(browser: Browser, world: World) -> None:
    """RFC7523-3, attack: replay."""
    made = await add_by_key(world)
    good = signed(KEYS["ES256"], claims_of(made), "ES256")
    answers = await asyncio.gather(*(assert_with(browser, made, good) for _ in range(20)))
    assert sorted(one.status_code for one in answers) == [200] + [401] * 19


class Published(Fetcher):
    """A fetcher whose one address gives what a client publishes at this moment."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: list[object] = []
        self.asked = 0

    async def get_json(self, url: str, *, is_strangers: bool) -> object:
        assert (url, is_strangers) == ("https://app.example/jwks", False)
        self.asked += 1
        return {"keys": self.keys}


async def test_t5_an_unknown_key_is_looked_for_where_they_are_published(world: World) -> None:
    """OIDCC-10.1.1, PROTOCOL-T5."""
    published = Published()
    remote = RemoteKeys(published)
    jwts = ClientJwts(remote, published, JweKeyring(remote))
    provider = replace(world.provider, foreign=jwts)
    transport = httpx2.ASGITransport(app=make_app(replace(world, provider=provider)))
    made = await add_client(
        world, **OWN, token_endpoint_auth_method="private_key_jwt",
        jwks_uri="https://app.example/jwks",
    )  # fmt: skip
    async with httpx2.AsyncClient(transport=transport, base_url=BASE) as http:
        browser = Browser(world, http)
        for number in range(2):
            key = ECKey.generate_key("P-256", {"kid": f"key{number}"})
            published.keys = [key.as_dict(private=False)]
            remote._kept = type(remote._kept)(  # noqa: SLF001  (a little time goes by)
                {uri: (at - 10, keys) for uri, (at, keys) in remote._kept.items()}  # noqa: SLF001
            )
            good = signed(key, claims_of(made), "ES256", kid=f"key{number}")
            assert (await assert_with(browser, made, good)).status_code == 200
        assert published.asked == 2
        unknown = signed(KEYS["ES256"], claims_of(made), "ES256", kid="key9")
        for _ in range(20):
            assert (await assert_with(browser, made, unknown)).status_code == 401
        assert published.asked == 2, "a stranger cannot make us fetch again and again"
