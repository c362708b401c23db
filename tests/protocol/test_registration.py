"""PROTOCOL R: clients register themselves, and manage their registration."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from keycell.accounts.audit import AuditEvent
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.oauth.errors import InvalidClientMetadata
from keycell.oauth.grants import digest
from keycell.provider.register import OPENLY, Made
from keycell.server import make_app

from ..conftest import BASE, CALLBACK, Browser, at_another_time

URIS: dict[str, Any] = {"redirect_uris": [CALLBACK]}
EC = {"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
      "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}  # fmt: skip


async def register(browser: Browser, token: str = "", **metadata: object) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return await browser.http.post("/oidc/register", json=metadata, headers=headers)


def bearer(body: Mapping[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {body['registration_access_token']}"}


async def test_r1_what_a_client_is_told(browser: Browser) -> None:
    """RFC7591-3.2.1, RFC7592-3, PROTOCOL-R1."""
    response = await register(browser, **URIS)
    assert response.status_code == 201
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"
    body = response.json()
    assert body["client_secret"]
    assert body["client_secret_expires_at"] == 0
    assert body["registration_client_uri"] == f"{BASE}/oidc/register/{body['client_id']}"
    assert body["registration_access_token"]
    assert body["client_id_issued_at"]
    assert body["token_endpoint_auth_method"] == "client_secret_basic"
    assert body["response_types"] == ["code"]
    assert body["grant_types"] == ["authorization_code"]


async def test_r2_it_is_read_replaced_and_removed(browser: Browser) -> None:
    """RFC7592-2, PROTOCOL-R2."""
    body = (await register(browser, **URIS, client_name="One")).json()
    path = body["registration_client_uri"].removeprefix(BASE)
    read = await browser.http.get(path, headers=bearer(body))
    assert read.status_code == 200
    assert read.json()["client_name"] == "One"
    assert "client_secret" not in read.json()
    changed = {"client_id": body["client_id"], "redirect_uris": ["https://app.example/new"]}
    put = await browser.http.put(path, json=changed, headers=bearer(body))
    assert put.status_code == 200
    assert put.json()["redirect_uris"] == ["https://app.example/new"]
    assert "client_name" not in put.json()
    gone = await browser.http.delete(path, headers=bearer(body))
    assert gone.status_code == 204
    assert (await browser.http.get(path, headers=bearer(body))).status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "another"},
        {"registration_access_token": "x"},
        {"client_secret_expires_at": 0},
        {"client_secret": "chosen"},
        {"client_secret": 5},
        {"redirect_uris": []},
    ],
)
async def test_r2_a_wrong_replacement_changes_nothing(
    browser: Browser, wrong: dict[str, Any]
) -> None:
    """RFC7592-2.2."""
    body = (await register(browser, **URIS)).json()
    path = body["registration_client_uri"].removeprefix(BASE)
    sent = {"client_id": body["client_id"], **URIS, **wrong}
    put = await browser.http.put(path, json=sent, headers=bearer(body))
    assert put.status_code == 400
    kept = (await browser.http.get(path, headers=bearer(body))).json()
    assert kept["redirect_uris"] == [CALLBACK]


async def test_r2_a_secret_may_be_repeated_and_a_public_client_must_use_pkce(
    browser: Browser,
) -> None:
    """RFC7592-2.2, decisions/0021."""
    body = (await register(browser, **URIS)).json()
    path = body["registration_client_uri"].removeprefix(BASE)
    sent = {"client_id": body["client_id"], "client_secret": body["client_secret"], **URIS}
    assert (await browser.http.put(path, json=sent, headers=bearer(body))).status_code == 200
    client = await browser.world.clients.find(body["client_id"])
    assert client is not None
    assert not client.require_pkce
    sent["token_endpoint_auth_method"] = "none"
    assert (await browser.http.put(path, json=sent, headers=bearer(body))).status_code == 200
    client = await browser.world.clients.find(body["client_id"])
    assert client is not None
    assert client.require_pkce
    assert client.secret_digest is None


async def test_r2_nobody_elses_token_opens_it(browser: Browser) -> None:
    """RFC7592-2: an unknown client and a wrong token are answered alike."""
    one = (await register(browser, **URIS)).json()
    two = (await register(browser, **URIS)).json()
    path = one["registration_client_uri"].removeprefix(BASE)
    answers = [
        await browser.http.get(path, headers=bearer(two)),
        await browser.http.get("/oidc/register/unknown", headers=bearer(two)),
        await browser.http.get(path),
    ]
    assert {one.status_code for one in answers} == {401}
    assert len({one.json()["error_description"] for one in answers}) == 1


@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example/cb#fragment", "app.example/cb", "http://app.example/cb",
        "https://user@app.example/cb", "https:///cb", "javascript:alert(1)", "data:text/html,x",
        "https://app.example/c b", "https://app.example/cb\n", "", "https://app.example:x/",
    ],
)  # fmt: skip
async def test_r3_a_redirect_uri_that_cannot_be(browser: Browser, uri: str) -> None:
    """RFC7591-3.2.2, PROTOCOL-R3."""
    response = await register(browser, redirect_uris=[uri])
    assert response.status_code == 400
    assert response.json()["error"] in ("invalid_redirect_uri", "invalid_client_metadata")


class Documents:
    """Answers for the fetcher's port: what stands at which address."""

    def __init__(self, found: Mapping[str, object]) -> None:
        self._found = found

    async def get_json(self, url: str, *, is_strangers: bool) -> object:
        assert is_strangers
        if url not in self._found:
            raise InvalidClientMetadata("nothing there")
        return self._found[url]


@pytest.fixture
async def sectors(world: World) -> AsyncIterator[Browser]:
    """A server that finds sector documents."""
    found = {
        "https://sector.example/good": [CALLBACK, "https://other.example/cb"],
        "https://sector.example/bad": ["https://other.example/cb"],
        "https://sector.example/odd": {"x": 1},
    }
    told = replace(world, fetcher=Documents(found))  # type: ignore[arg-type]
    transport = httpx2.ASGITransport(app=make_app(told))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE) as http:
        yield Browser(world, http)


async def test_r4_a_sector_lists_its_redirect_uris(sectors: Browser) -> None:
    """OIDCR-5, PROTOCOL-R4."""
    for name, status in (("good", 201), ("bad", 400), ("odd", 400), ("none", 400)):
        response = await register(
            sectors, **URIS, subject_type="pairwise",
            sector_identifier_uri=f"https://sector.example/{name}",
        )  # fmt: skip
        assert response.status_code == status
        if status == 400:
            assert response.json()["error"] == "invalid_client_metadata"
    two_hosts: dict[str, Any] = {"redirect_uris": [CALLBACK, "https://other.example/cb"]}
    refused = await register(sectors, **two_hosts, subject_type="pairwise")
    assert refused.json()["error"] == "invalid_client_metadata"


async def test_r5_where_a_login_is_begun(browser: Browser) -> None:
    """OIDCC-4, PROTOCOL-R5."""
    good = await register(browser, **URIS, initiate_login_uri="https://app.example/login")
    assert good.json()["initiate_login_uri"] == "https://app.example/login"
    bad = await register(browser, **URIS, initiate_login_uri="http://app.example/login")
    assert (bad.status_code, bad.json()["error"]) == (400, "invalid_client_metadata")


async def test_r6_without_a_scope_all_may_be_asked(browser: Browser, ann: Account) -> None:
    """RFC7591-2, PROTOCOL-R6."""
    body = (await register(browser, **URIS)).json()
    client = await browser.world.clients.find(body["client_id"])
    assert client is not None
    made = Made(client, body["client_secret"])
    code = await browser.code(made, scope="openid profile email address phone groups roles")
    token = (await browser.exchange(made, code)).json()["access_token"]
    assert "phone_number" in (await browser.userinfo(token)).json()


async def test_r7_every_field_is_taken_and_told(browser: Browser) -> None:
    """RFC7591-2, OIDCR-2, PROTOCOL-R7."""
    sent: dict[str, Any] = {
        "client_name": "App", "client_name#fr": "Appli", "contacts": ["ops@app.example"],
        "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
        "redirect_uris": [CALLBACK], "token_endpoint_auth_method": "private_key_jwt",
        "jwks": {"keys": [EC]}, "logo_uri": "https://app.example/logo.png",
        "client_uri": "https://app.example/", "policy_uri": "https://app.example/policy",
        "tos_uri": "https://app.example/tos", "request_uris": ["https://app.example/r"],
        "post_logout_redirect_uris": ["https://app.example/bye"],
        "backchannel_logout_uri": "https://app.example/back",
        "backchannel_logout_session_required": True,
        "frontchannel_logout_uri": "https://app.example/front",
        "frontchannel_logout_session_required": True, "subject_type": "pairwise",
        "id_token_signed_response_alg": "ES256", "userinfo_signed_response_alg": "PS256",
        "request_object_signing_alg": "RS256", "initiate_login_uri": "https://app.example/login",
        "id_token_encrypted_response_alg": "ECDH-ES", "request_object_encryption_alg": "RSA-OAEP",
        "id_token_encrypted_response_enc": "A256GCM", "request_object_encryption_enc": "A128GCM",
        "token_endpoint_auth_signing_alg": "ES256", "default_max_age": 3600,
        "require_auth_time": True, "default_acr_values": ["a"], "application_type": "web",
        "software_id": "app", "software_version": "1", "scope": "openid profile",
    }  # fmt: skip
    response = await register(browser, **sent)
    assert response.status_code == 201, response.text
    told = response.json()
    assert "client_secret" not in told
    for name, value in sent.items():
        if name == "scope":
            assert set(told[name].split()) == set(value.split())
        elif name == "jwks":
            assert told[name]["keys"][0]["x"] == EC["x"]
        else:
            assert told[name] == value, name


@pytest.mark.parametrize(
    "wrong",
    [
        {"redirect_uris": "https://app.example/cb"},
        {"redirect_uris": [1]},
        {"redirect_uris": [f"https://app.example/{n}" for n in range(500)]},
        {"client_name": 7},
        {"client_name": "x" * 10_000},
        {"client_name": "a\u0000b"},
        {"grant_types": ["password"]},
        {"response_types": ["id_token token"]},
        {"token_endpoint_auth_method": "tls_magic"},
        {"jwks": {"keys": "x"}},
        {"jwks": {"keys": [EC]}, "jwks_uri": "https://app.example/jwks"},
        {"jwks": {"keys": [{**EC, "d": "x"}]}},
        {"id_token_signed_response_alg": "none"},
        {"id_token_encrypted_response_alg": "RSA-OAEP"},
        {"id_token_encrypted_response_alg": "RSA1_5", "jwks": {"keys": [EC]}},
        {"subject_type": "secret"},
        {"default_max_age": "1"},
        {"default_max_age": True},
        {"default_max_age": -1},
        {"logo_uri": "javascript:alert(1)"},
        {"policy_uri": "ftp://app.example"},
        {"scope": 'a"b'},
        {"scope": ["openid"]},
        {"post_logout_redirect_uris": ["https://app.example/#x"]},
        {"require_auth_time": "yes"},
        {"contacts": ["a\u0000b"]},
        {"audience": ["a\nb"]},
        # OIDCFCL-2: the scheme, host and port of a redirect URI.
        {"frontchannel_logout_uri": "https://elsewhere.example/out"},
        {"frontchannel_logout_uri": "http://app.example/out"},
        {"frontchannel_logout_uri": "https://app.example:8443/out"},
        {"frontchannel_logout_uri": "https://app.example/out#x"},
        # OIDCBCL-2.2
        {"backchannel_logout_uri": "https://app.example/out#x"},
    ],
)
async def test_a_wrong_field_is_named(browser: Browser, wrong: dict[str, Any]) -> None:
    """RFC7591-3.2.2, OIDCFCL-2, OIDCBCL-2.2."""
    response = await register(browser, **{**URIS, **wrong})
    assert response.status_code == 400
    body = response.json()
    assert body["error"] in ("invalid_client_metadata", "invalid_redirect_uri")
    assert any(name.partition("_uri")[0] in body["error_description"] for name in wrong)


async def test_keys_are_needed_where_they_prove_the_client(browser: Browser) -> None:
    """RFC7591-2."""
    response = await register(browser, **URIS, token_endpoint_auth_method="private_key_jwt")
    assert response.status_code == 400
    assert "jwks" in response.json()["error_description"]


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"[]", "application/json", 400),
        (b"{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[" * 60_000, "application/json", 400),
        (b"{}", "text/plain", 415),
        (b'{"client_name": "' + b"x" * 300_000 + b'"}', "application/json", 413),
    ],
)
async def test_a_body_that_is_no_document(
    browser: Browser, content: bytes, kind: str, status: int
) -> None:
    response = await browser.http.post(
        "/oidc/register", content=content, headers={"Content-Type": kind}
    )
    assert response.status_code == status
    assert response.json()["error"] in ("invalid_request", "invalid_client_metadata")


async def test_whoever_registers_without_end_waits(browser: Browser) -> None:
    """RFC7591-3, RFC6585-4: nobody is asked who they are, and what it costs is bounded."""
    refused = 0
    for _ in range(OPENLY.free // 20):
        answers = await asyncio.gather(*(register(browser) for _ in range(20)))
        refused += sum(one.status_code == 429 for one in answers)
    assert refused == 0
    told = await asyncio.gather(*(register(browser, **URIS) for _ in range(20)))
    assert sum(one.status_code == 201 for one in told) <= 1
    last = await register(browser, **URIS)
    assert last.status_code == 429
    assert last.json()["error"] == "temporarily_unavailable"
    assert int(last.headers["retry-after"]) > 0
    async with at_another_time(browser.world, timedelta(hours=2)) as later:
        assert (await register(later, **URIS)).status_code == 201


async def with_policy(world: World, policy: str) -> httpx2.AsyncClient:
    changed = replace(world, settings=replace(world.settings, registration=policy))  # type: ignore[arg-type]
    transport = httpx2.ASGITransport(app=make_app(changed))
    return httpx2.AsyncClient(transport=transport, base_url=BASE)


async def test_closed_is_closed(world: World) -> None:
    """RFC7591-3."""
    async with await with_policy(world, "closed") as http:
        browser = Browser(world, http)
        assert (await register(browser, **URIS)).status_code == 401
        assert (await register(browser, "kcinit_x", **URIS)).status_code == 401
        document = (await http.get("/oidc/.well-known/openid-configuration")).json()
        assert "registration_endpoint" not in document


async def test_an_initial_access_token_is_good_for_so_many(world: World) -> None:
    """RFC7591-3: twenty at once spend it no more often than it says."""
    now = world.provider.clock()
    event = AuditEvent(at=now, actor="test", action="invitation.made")
    await world.clients.keep_initial_token(
        digest("kcinit_secret"), "test", 2, now + timedelta(days=1), event
    )
    async with await with_policy(world, "token") as http:
        browser = Browser(world, http)
        assert (await register(browser, **URIS)).status_code == 401
        # Before anything is fetched: who has no token sends us nowhere.
        sector = {"sector_identifier_uri": "https://127.0.0.1/sector"}
        refused = await register(browser, "kcinit_other", **URIS, **sector)
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_token")
        known = await register(browser, "kcinit_secret", **URIS, **sector)
        assert (known.status_code, known.json()["error"]) == (400, "invalid_client_metadata")
        answers = await asyncio.gather(
            *(register(browser, "kcinit_secret", **URIS) for _ in range(20))
        )
    assert sorted(one.status_code for one in answers) == [201] * 2 + [401] * 18


async def test_what_strangers_register_and_never_use_is_forgotten(
    browser: Browser, world: World, ann: Account
) -> None:
    """decisions/0017."""
    used, unused = [(await register(browser, **URIS)).json() for _ in range(2)]
    client = await world.clients.find(used["client_id"])
    assert client is not None
    assert client.unused_until is not None
    await browser.code(Made(client, used["client_secret"]))
    kept = await world.clients.find(used["client_id"])
    forgotten = await world.clients.find(unused["client_id"])
    assert kept is not None
    assert forgotten is not None
    assert kept.unused_until is None
    assert forgotten.unused_until is not None
    await world.clients.remove(unused["client_id"], world.provider.clock(), AuditEvent(
        at=world.provider.clock(), actor="test", action="client.removed"))  # fmt: skip
    assert not await world.clients.keep(forgotten)


async def test_what_is_registered_lives_by_its_own_times(browser: Browser) -> None:
    """RFC7591-3.2.1."""
    body = (await register(browser, **URIS)).json()
    assert json.dumps(body).count(body["client_secret"]) == 1
    async with at_another_time(browser.world, timedelta(days=400)) as later:
        path = body["registration_client_uri"].removeprefix(BASE)
        assert (await later.http.get(path, headers=bearer(body))).status_code == 200
