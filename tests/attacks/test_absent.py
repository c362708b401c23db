"""What was attacked elsewhere and is not here: rows 41, 53, 54, 77, 78, 80 and 86 among others."""

import ast
import base64
import json
import re
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from joserfc.jwk import RSAKey
from starlette.types import Receive, Scope, Send

import keycell
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.http.app import ROUTES
from keycell.oauth.errors import InvalidClientMetadata
from keycell.outside.jose import ALGORITHMS, JwtKeyring, generate_key
from keycell.provider.register import Made
from keycell.server import make_app

from ..certificates import certificate
from ..conftest import BASE, Browser, add_client

SOURCE = Path(keycell.__file__).parent


def paths() -> str:
    return "\n".join(row.path for row in ROUTES).lower()


async def metadata_of(browser: Browser) -> str:
    return (await browser.http.get("/oidc/.well-known/openid-configuration")).text.lower()


async def test_attack_41_54_77_nobody_signs_in_by_another_provider(browser: Browser) -> None:
    """No ID token of anybody else's is taken, so none is checked too little."""
    assert not [word for word in ("broker", "upstream", "federat", "/callback/", "idp")
                if word in paths()]  # fmt: skip
    page = (await browser.http.get("/oauth2/login")).text
    assert set(re.findall(r"sign in with (\w+ \w+)", page.lower())) == {
        "another device",
        "a device",
    }


async def test_attack_78_there_is_no_saml(browser: Browser) -> None:
    assert "saml" not in paths() + await metadata_of(browser)


async def test_attack_80_no_proxy_asks_us_to_let_somebody_through(browser: Browser) -> None:
    """No forward authentication: no address answers for another application's."""
    for path in (
        "/auth",
        "/verify",
        "/api/verify",
        "/oauth2/auth",
        "/outpost.goauthentik.io/auth",
    ):
        told = await browser.http.get(path, headers={"X-Original-URL": f"{BASE}/files"})
        assert told.status_code == 404, path


def test_attack_86_nothing_that_is_sent_is_run() -> None:
    """No expressions, no policies to be tried: nothing is compiled from what somebody typed."""
    for path in SOURCE.rglob("*.py"):
        tree = ast.parse(path.read_text())
        called = {node.func.id for node in ast.walk(tree)
                  if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}  # fmt: skip
        assert called.isdisjoint({"eval", "exec", "compile"}), path
        named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import)
                 for alias in node.names}  # fmt: skip
        assert named.isdisjoint({"pickle", "marshal", "yaml"}), path


async def test_attack_53_no_old_encryption_is_spoken(browser: Browser, world: World) -> None:
    """RFC8725-3.2: RSA1_5 is offered nowhere, and nobody can register it.

    What is encrypted by it all the same opens nothing: tests/outside/test_encryption.py.
    """
    assert "rsa1_5" not in await metadata_of(browser)
    key = RSAKey.generate_key(2048).as_dict(private=False)
    for name in ("id_token", "userinfo", "introspection", "authorization", "request_object"):
        way = "encryption" if name == "request_object" else "encrypted_response"
        with pytest.raises(InvalidClientMetadata, match="RSA1_5' is not offered"):
            await add_client(world, jwks={"keys": [key]}, **{f"{name}_{way}_alg": "RSA1_5"})


async def test_attack_52_a_large_header_costs_nothing(
    browser: Browser, app: Made, ann: Account
) -> None:
    """RFC8725-3.6, attack 52: what is too long is refused before it is read."""
    large = base64.urlsafe_b64encode(json.dumps({"alg": "ES256", "x": "y" * 60_000}).encode())
    token = large.rstrip(b"=").decode() + ".e30.AAAA"
    told = await browser.userinfo(token[:60_000])
    assert told.status_code == 401
    pushed = await browser.http.post(
        "/oidc/oauth2/par", data={"request": token[:60_000]},
        auth=(app.client.client_id, str(app.secret)),
    )  # fmt: skip
    assert pushed.status_code == 400
    zipped = base64.urlsafe_b64encode(b'{"alg":"ES256","zip":"DEF","typ":"at+jwt"}').decode()
    assert (await browser.userinfo(f"{zipped.rstrip('=')}.e30.AAAA")).status_code == 401


async def test_attack_52_a_header_within_a_header_without_end_is_none(
    browser: Browser, app: Made
) -> None:
    """RFC8725-3.6, attack 52: what is deeper than anything is read is no token of ours."""
    token = base64.urlsafe_b64encode(b"[" * 9_000).decode() + ".e30.AAAA"
    bearer = {"Authorization": f"Bearer {token}"}
    for path in ("/oidc/userinfo", "/a/user/ann", "/io", "/dav/"):
        assert (await browser.http.get(path, headers=bearer)).status_code == 401
    basic = (app.client.client_id, str(app.secret))
    for path in ("/oidc/oauth2/introspect", "/oidc/oauth2/revoke"):
        told = await browser.http.post(path, data={"token": token}, auth=basic)
        assert told.status_code == 200
    left = await browser.http.get("/oidc/oauth2/sessions/logout", params={"id_token_hint": token})
    assert left.status_code < 500
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    proven = await browser.http.post(
        "/oidc/oauth2/token",
        data={"grant_type": "client_credentials", "client_assertion_type": kind,
              "client_assertion": token, "client_id": app.client.client_id},
    )  # fmt: skip
    assert proven.status_code == 401


def test_attack_48_our_own_algorithms_are_by_key_alone() -> None:
    assert not [alg for alg in ALGORITHMS if alg.startswith("HS") or alg == "none"]


async def test_attack_58_60_nothing_is_fetched_that_was_not_registered(
    browser: Browser, world: World, app: Made, ann: Account
) -> None:
    """OIDCC-6.2: no parameter of any endpoint makes the server ask somebody."""
    asked: list[str] = []

    async def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    world.fetcher._resolve = resolve  # noqa: SLF001
    evil = "https://evil.example/x"
    await browser.authorize(app, request_uri=evil)
    await browser.authorize(app, redirect_uri=evil, login_hint=evil, id_token_hint=evil)
    for name in ("jwks_uri", "client_uri", "request_uri", "resource", "subject_token", "url"):
        await browser.token(app, grant_type="client_credentials", **{name: evil})
        await browser.token(app, grant_type="refresh_token", refresh_token="x", **{name: evil})
    await browser.http.get("/oauth2/login", params={"to": evil, "next": evil, "lang": evil})
    await browser.http.post("/oidc/oauth2/introspect", data={"token": "x", "jku": evil})
    assert asked == []


def test_attack_56_a_key_that_is_gone_verifies_nothing() -> None:
    """OIDCC-10.1.1: what a key signed is good for as long as the key is published."""
    keyring = JwtKeyring()
    old, new = (replace(generate_key("ES256"), signs=True) for _ in range(2))
    keyring.load([old])
    token = keyring.sign_now("ES256", "at+jwt", {"sub": "ann"})
    keyring.load([new, replace(old, signs=False)])
    assert keyring.verify(token, "at+jwt") is not None
    keyring.load([new])
    assert keyring.verify(token, "at+jwt") is None


async def test_attack_47_where_no_certificate_is_seen_none_is_believed(
    browser: Browser, world: World
) -> None:
    """RFC8705-2, PROTOCOL-P1: not told to be seen, not offered, not taken from any header."""
    assert "tls" not in await metadata_of(browser)
    by_name = {"token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_san_dns": "app"}
    document = {"redirect_uris": ["https://app.example/cb"]}
    bound = {"tls_client_certificate_bound_access_tokens": True}
    for said in (by_name, bound):
        told = await browser.http.post("/oidc/register", json={**document, **said})
        assert told.json()["error"] == "invalid_client_metadata"
    made = await add_client(world, **by_name)
    for name in ("Client-Cert", "X-Client-Cert", "X-SSL-Client-Cert", "SSL_CLIENT_CERT"):
        told = await browser.http.post(
            "/oidc/oauth2/token", headers={name: ":AAAA:"},
            data={"grant_type": "client_credentials", "client_id": made.client.client_id},
        )  # fmt: skip
        assert told.json()["error"] == "invalid_client", name


async def test_attack_47_where_nobody_asked_for_certificates_none_counts(world: World) -> None:
    """RFC8705-2: a server around us may show one; without a setting of ours it proves nothing."""
    mine = certificate()
    alone = {"token_endpoint_auth_method": "self_signed_tls_client_auth", "jwks": mine.jwks}
    made = await add_client(world, grant_types=["client_credentials"], redirect_uris=[], **alone)
    inner = make_app(world)

    async def around(scope: Scope, receive: Receive, send: Send) -> None:
        await inner(
            {**scope, "extensions": {"tls": {"client_cert_chain": [mine.pem]}}}, receive, send
        )

    transport = httpx2.ASGITransport(app=around)
    async with httpx2.AsyncClient(transport=transport, base_url=BASE) as http:
        told = await http.post(
            "/oidc/oauth2/token",
            data={"grant_type": "client_credentials", "client_id": made.client.client_id},
        )
    assert (told.status_code, told.json()["error"]) == (401, "invalid_client")
