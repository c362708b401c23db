"""Requests as signed objects, by reference, and pushed. PROTOCOL A14, A15, P3 to P9."""

import asyncio
import time
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.oauth.pkce import s256
from keycell.outside.assertions import ClientJwts
from keycell.outside.encryption import JweKeyring
from keycell.outside.fetch import Fetcher, RemoteKeys
from keycell.provider.register import Made
from keycell.provider.requests import spend
from keycell.provider.tickets import Ticket
from keycell.server import make_app

from ..conftest import BASE, CALLBACK, VERIFIER, Browser, add_client, answer, at_another_time

AUTH, PAR = "/oidc/oauth2/auth", "/oidc/oauth2/par"
OBJECT_URI = "https://app.example/request.jwt#v1"
KEYS: dict[str, Any] = {
    "RS256": RSAKey.generate_key(2048),
    "PS256": RSAKey.generate_key(2048),
    "ES256": ECKey.generate_key("P-256"),
    "EdDSA": OKPKey.generate_key("Ed25519"),
}
ASKED = {
    "redirect_uri": CALLBACK,
    "response_type": "code",
    "scope": "openid",
    "state": "state-of-the-object",
    "code_challenge": s256(VERIFIER),
    "code_challenge_method": "S256",
}


async def add_signing(world: World, alg: str = "ES256", **metadata: object) -> Made:
    public = KEYS[alg].as_dict(private=False)
    public.pop("kid", None)
    return await add_client(world, jwks={"keys": [public]}, **metadata)


def signed(made: Made, alg: str = "ES256", typ: str = "", **said: object) -> str:
    claims: dict[str, object] = {**ASKED, "iss": made.client.client_id, "aud": f"{BASE}/oidc"}
    claims |= said
    header = {"alg": alg} | ({"typ": typ} if typ else {})
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(header, kept, KEYS[alg], algorithms=[alg])


async def ask(browser: Browser, made: Made, **params: str) -> httpx2.Response:
    query = {"client_id": made.client.client_id} | params
    return await browser.follow(await browser.http.get(AUTH, params=query))


async def finish(browser: Browser, page: httpx2.Response) -> dict[str, str]:
    if 'id="login-submit"' in page.text:
        page = await browser.log_in(page)
    if 'id="consent-accept"' in page.text:
        page = await browser.submit(page, action="accept")
    assert page.status_code == 303, page.text
    return answer(page)


async def push(browser: Browser, made: Made, **params: str) -> httpx2.Response:
    auth = (made.client.client_id, str(made.secret))
    return await browser.http.post(PAR, data=params, auth=auth)


async def pushed(browser: Browser, made: Made, **params: str) -> str:
    response = await push(browser, made, **(ASKED | params))
    assert response.status_code == 201, response.text
    return str(response.json()["request_uri"])


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("alg", list(KEYS))
async def test_a14_what_is_signed_is_what_is_asked(
    browser: Browser, world: World, ann: Account, alg: str
) -> None:
    """RFC9101-5, OIDCC-6.1, PROTOCOL-A14: the query beside it counts for nothing."""
    made = await add_signing(world, alg)
    sent = signed(made, alg, nonce="n-1", max_age=300, claims={"id_token": {"name": None}})
    query = {"scope": "openid email", "state": "of-the-query", "nonce": "other",
             "redirect_uri": "https://other.example/"}  # fmt: skip
    told = await finish(browser, await ask(browser, made, request=sent, **query))
    assert told["state"] == "state-of-the-object"
    tokens = (await browser.exchange(made, told["code"])).json()
    claims = world.keyring.verify(tokens["id_token"], "JWT")
    assert claims is not None
    assert (claims["nonce"], claims["name"]) == ("n-1", "Ann Example")
    assert tokens["scope"] == "openid"


@pytest.mark.parametrize(
    "said",
    [
        {"nbf": time.time() + 8}, {"aud": ["https://x.example", f"{BASE}/oidc"]},
        {"aud": None, "iss": None}, {"exp": time.time() + 3000}, {"typ": "oauth-authz-req+jwt"},
        {"typ": "application/oauth-authz-req+jwt"},
    ],
)  # fmt: skip
async def test_clocks_differ_and_audiences_are_many(
    browser: Browser, world: World, said: dict[str, Any]
) -> None:
    """RFC9101-4, FAPI2-MS-5.3.1."""
    made = await add_signing(world)
    page = await ask(browser, made, request=signed(made, **said))
    assert 'id="login-submit"' in page.text


@pytest.mark.parametrize(
    "said",
    [
        {"aud": "https://x.example"}, {"iss": "another"}, {"client_id": "another"},
        {"sub": "somebody"}, {"exp": 1}, {"exp": "soon"}, {"exp": 1e400}, {"nbf": 10**11},
        {"request": "x"}, {"request_uri": "https://app.example/"}, {"state": 5},
        {"scope": ["openid"]}, {"max_age": True}, {"typ": "client-authentication+jwt"},
        {"typ": "at+jwt"}, {"alg": "RS256"},
    ],
)  # fmt: skip
async def test_an_object_is_its_clients_for_us_and_for_now(
    browser: Browser, world: World, said: dict[str, Any]
) -> None:
    """RFC9101-6.2, RFC9101-10.8, RFC8725-3.11; the error goes where the request says."""
    made = await add_signing(world)
    sent = signed(made, **said)
    told = answer(await ask(browser, made, request=sent, redirect_uri=CALLBACK, state="outer"))
    assert (told["error"], told["state"]) == ("invalid_request_object", "outer")


@pytest.mark.parametrize("sent", ["e30.e30.", "x", "eyJhbGciOiJub25lIn0.e30.", "a.b.c", "é"])
async def test_attack_48_what_is_not_signed_is_refused(
    browser: Browser, world: World, sent: str
) -> None:
    """RFC9101-10.1: on a page where the request does not say where to answer."""
    made = await add_signing(world)
    told = answer(await ask(browser, made, request=sent, redirect_uri=CALLBACK))
    assert told["error"] == "invalid_request_object"
    page = await ask(browser, made, request=sent)
    assert page.status_code == 400
    assert "invalid request object" in page.text
    page = await ask(browser, made, request=sent, redirect_uri="https://evil.example/")
    assert page.status_code == 400
    assert "location" not in page.headers


async def test_a_client_without_keys_signs_nothing(browser: Browser, app: Made) -> None:
    """RFC9101-6.2."""
    told = answer(await ask(browser, app, request=signed(app), redirect_uri=CALLBACK))
    assert told["error"] == "invalid_request_object"


async def test_the_registered_algorithm_alone(browser: Browser, world: World) -> None:
    """RFC9101-10.5."""
    made = await add_signing(world, "RS256", request_object_signing_alg="PS256")
    sent = signed(made, "RS256")
    told = answer(await ask(browser, made, request=sent, redirect_uri=CALLBACK))
    assert told["error"] == "invalid_request_object"


async def test_both_ways_at_once_are_none(browser: Browser, world: World) -> None:
    """RFC9101-5: request and request_uri."""
    made = await add_signing(world, request_uris=[OBJECT_URI])
    told = answer(
        await ask(
            browser, made, request=signed(made), request_uri=OBJECT_URI, redirect_uri=CALLBACK
        )
    )
    assert told["error"] == "invalid_request"
    twice = await browser.http.get(
        AUTH,
        params=[("client_id", made.client.client_id), ("redirect_uri", CALLBACK),
                ("request", "a"), ("request", "b")],
    )  # fmt: skip
    assert answer(twice)["error"] == "invalid_request"


async def test_a_client_that_must_sign(browser: Browser, world: World, ann: Account) -> None:
    """RFC9101-10.5."""
    made = await add_signing(world, require_signed_request_object=True)
    told = answer(await browser.authorize(made))
    assert told["error"] == "invalid_request"
    assert (await finish(browser, await ask(browser, made, request=signed(made))))["code"]
    refused = await push(browser, made, **ASKED)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")
    uri = (await push(browser, made, request=signed(made))).json()["request_uri"]
    assert (await finish(browser, await ask(browser, made, request_uri=uri)))["code"]


class Published(Fetcher):
    """A fetcher whose one address gives what a client publishes at this moment."""

    def __init__(self) -> None:
        super().__init__()
        self.body: bytes | None = None
        self.asked: list[str] = []

    async def get_if_there(self, url: str) -> bytes | None:
        self.asked.append(url)
        return self.body


async def test_a15_an_object_at_a_registered_address(
    browser: Browser, world: World, ann: Account
) -> None:
    """OIDCC-6.2, PROTOCOL-A15: fetched without its fragment; others are not asked at all."""
    documents = Published()
    remote = RemoteKeys(documents)
    jwts = ClientJwts(remote, documents, JweKeyring(remote))
    provider = replace(world.provider, request_objects=jwts)
    transport = httpx2.ASGITransport(app=make_app(replace(world, provider=provider)))
    made = await add_signing(world, "RS256", request_uris=[OBJECT_URI])
    async with httpx2.AsyncClient(transport=transport, base_url=BASE) as http:
        there = Browser(world, http)
        query = {"request_uri": OBJECT_URI, "redirect_uri": CALLBACK}
        for body in (None, b"x" * 20_000):
            documents.body = body
            assert answer(await ask(there, made, **query))["error"] == "invalid_request_uri"
        documents.body = b"nothing signed"
        assert answer(await ask(there, made, **query))["error"] == "invalid_request_object"
        documents.body = signed(made, "RS256").encode() + b"\n"
        assert (await finish(there, await ask(there, made, **query)))["code"]
        assert set(documents.asked) == {"https://app.example/request.jwt"}
        documents.asked.clear()
        for other in ("https://app.example/request.jwt", "http://127.0.0.1/", "file:///etc"):
            told = answer(await ask(there, made, request_uri=other, redirect_uri=CALLBACK))
            assert told["error"] == "invalid_request_uri"
        assert not documents.asked, "ATTACKS: no address is fetched that was not registered"


async def test_p3_p7_a_pushed_request_needs_the_reference_alone(
    browser: Browser, world: World, app: Made, ann: Account
) -> None:
    """RFC9126-2.2, RFC9126-4, PROTOCOL-P3, PROTOCOL-P7."""
    response = await push(browser, app, **ASKED)
    assert response.status_code == 201
    assert response.headers["cache-control"] == "no-store"
    told = response.json()
    assert told["expires_in"] == 60
    assert len(told["request_uri"].removeprefix("urn:ietf:params:oauth:request_uri:")) == 43
    page = await ask(browser, app, request_uri=told["request_uri"], state="x", scope="email")
    answered = await finish(browser, page)
    assert answered["state"] == "state-of-the-object"
    assert (await browser.exchange(app, answered["code"])).status_code == 200


async def test_p7_by_post_too(browser: Browser, app: Made, ann: Account) -> None:
    """OIDCC-3.1.2.1."""
    form = {"client_id": app.client.client_id, "request_uri": await pushed(browser, app)}
    page = await browser.follow(await browser.http.post(AUTH, data=form))
    assert (await finish(browser, page))["code"]


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"redirect_uri": ""}, ""),
        ({"redirect_uri": "https://evil.example/"}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"response_type": ""}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, "invalid_request"),
        ({"request": "e30.e30."}, "invalid_request_object"),
        ({"claims": "{"}, "invalid_request"),
        ({"state": "x" * 5000}, "invalid_request"),
    ],
)
async def test_p4_what_is_wrong_is_told_to_the_client_itself(
    browser: Browser, app: Made, params: dict[str, str], error: str
) -> None:
    """RFC9126-2.3, PROTOCOL-P4."""
    sent = {name: value for name, value in (ASKED | params).items() if value}
    response = await push(browser, app, **sent)
    if not error:
        # The one redirect URI that it registered is meant. RFC6749-3.1.2.3.
        assert response.status_code == 201
        return
    assert (response.status_code, response.json()["error"]) == (400, error)


async def test_p4_who_pushes_proves_who_it_is(browser: Browser, app: Made) -> None:
    """RFC9126-2: as at the token endpoint."""
    no_secret = await browser.http.post(PAR, data=ASKED | {"client_id": app.client.client_id})
    assert (no_secret.status_code, no_secret.json()["error"]) == (401, "invalid_client")
    assert (await browser.http.put(PAR, data=ASKED)).status_code == 405
    twice = await browser.http.post(
        PAR, content="state=a&state=b", auth=(app.client.client_id, str(app.secret)),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )  # fmt: skip
    assert twice.status_code == 400


async def test_p5_another_scope_cannot_be_slipped_in(
    browser: Browser, world: World, ann: Account
) -> None:
    """RFC9101-5: beside an object, a pushed request's other parameters count for nothing."""
    made = await add_signing(world)
    response = await push(browser, made, request=signed(made), scope="openid email files.read")
    page = await ask(browser, made, request_uri=response.json()["request_uri"])
    tokens = (await browser.exchange(made, (await finish(browser, page))["code"])).json()
    assert tokens["scope"] == "openid"


async def test_attack_29_p8_a_reference_is_its_clients_alone(
    browser: Browser, world: World, app: Made
) -> None:
    """RFC9126-2.2, PROTOCOL-P8."""
    other = await add_client(world)
    uri = await pushed(browser, app)
    page = await ask(browser, other, request_uri=uri)
    assert page.status_code == 400
    assert "invalid request_uri" in page.text
    told = answer(await ask(browser, other, request_uri=uri, redirect_uri=CALLBACK))
    assert told["error"] == "invalid_request_uri"


async def test_p8_a_reference_expires(world: World, browser: Browser, app: Made) -> None:
    """RFC9126-4, PROTOCOL-P8."""
    uri = await pushed(browser, app)
    async with at_another_time(world, timedelta(seconds=58)) as soon:
        assert (await ask(soon, app, request_uri=uri)).status_code == 200
    async with at_another_time(world, timedelta(seconds=61)) as late:
        assert (await ask(late, app, request_uri=uri)).status_code == 400


async def test_attack_29_p8_opened_often_answered_once(
    browser: Browser, app: Made, ann: Account
) -> None:
    """RFC9126-4, PROTOCOL-P8: twenty tabs finish at once, one is answered with a code."""
    await browser.code(app)
    uri = await pushed(browser, app, prompt="consent")
    pages = [await ask(browser, app, request_uri=uri) for _ in range(20)]
    assert all('id="consent-accept"' in page.text for page in pages)
    done = await asyncio.gather(*(browser.submit(page, action="accept") for page in pages))
    told = [answer(one) for one in done]
    assert sum("code" in one for one in told) == 1
    assert {one.get("error") for one in told} == {None, "invalid_request_uri"}
    again = await ask(browser, app, request_uri=uri)
    assert answer(await browser.submit(again, action="accept"))["error"] == "invalid_request_uri"


async def test_attack_29_that_it_was_answered_outlives_every_ticket(
    browser: Browser, world: World, app: Made
) -> None:
    """RFC9126-4: also one that was opened in the last moment of the reference."""
    lifetimes, kept = world.provider.lifetimes, []

    class Kept:
        """What is remembered, and until when."""

        async def see(self, _kind: str, _issuer: str, _jti: str, until: datetime) -> bool:
            kept.append(until)
            return True

    opened = world.provider.clock()
    ticket = Ticket((), opened, pushed="digest")
    provider = replace(world.provider, seen=Kept())
    await spend(provider, app.client, ticket)
    last = opened + lifetimes.pushed_request
    assert kept[0] >= last + lifetimes.ticket


async def test_p9_a_client_that_must_push(browser: Browser, world: World, ann: Account) -> None:
    """RFC9126-6, PROTOCOL-P9."""
    made = await add_signing(world, require_pushed_authorization_requests=True)
    assert answer(await browser.authorize(made))["error"] == "invalid_request"
    told = await ask(browser, made, request=signed(made))
    assert answer(told)["error"] == "invalid_request"
    uri = await pushed(browser, made)
    assert (await finish(browser, await ask(browser, made, request_uri=uri)))["code"]


async def test_nothing_that_proves_the_client_is_kept(browser: Browser, world: World) -> None:
    """A secret that came with the form is no part of the request."""
    made = await add_client(world, token_endpoint_auth_method="client_secret_post")
    form = ASKED | {"client_id": made.client.client_id, "client_secret": str(made.secret)}
    response = await browser.http.post(PAR, data=form)
    assert response.status_code == 201
    raw = b"".join(path.read_bytes() for path in world.settings.data.glob("*.db*"))
    assert str(made.secret).encode() not in raw
    handle = response.json()["request_uri"].rpartition(":")[2]
    assert handle.encode() not in raw
