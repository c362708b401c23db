"""A Keycell behind a proxy that tells of certificates, and clients that show theirs. RFC8705."""

import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from keycell.bootstrap import World
from keycell.http.proxied import Proxied
from keycell.provider.register import Made
from keycell.server import make_app
from keycell.settings import Settings

from ..certificates import NAME, Certificate, authority
from ..conftest import BASE, VERIFIER, Browser, add_client

HEADER = "Client-Cert"
CA = authority()
TOKEN, USERINFO = "/oidc/oauth2/token", "/oidc/userinfo"
OFFLINE = "openid offline_access files.read"
OWN: dict[str, Any] = {"grant_types": ["client_credentials"], "redirect_uris": []}
BY_NAME = {
    "token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_subject_dn": NAME,
}  # fmt: skip
BOUND = {"tls_client_certificate_bound_access_tokens": True}


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """What a server is told that sits behind a proxy on this machine."""
    authorities = tmp_path / "authorities.pem"
    authorities.write_text(CA.pem)
    return replace(
        settings, trusted_proxies=("127.0.0.1",), client_cert_header=HEADER, client_ca=authorities
    )


@pytest.fixture
async def browser(world: World) -> AsyncIterator[Browser]:
    """Somebody who comes by the proxy."""
    app = Proxied(make_app(world), world.settings.trusted_proxies, HEADER)
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url=BASE) as http:
        yield Browser(world, http)


def certified(made: Certificate | None) -> dict[str, str]:
    """Give what the proxy sends of a certificate."""
    if made is None:
        return {}
    sent = [f":{base64.b64encode(der).decode()}:" for der in made.shown.chain]
    return {HEADER: sent[0], f"{HEADER}-Chain": ", ".join(sent[1:])}


def self_signed(made: Certificate) -> dict[str, Any]:
    return {"token_endpoint_auth_method": "self_signed_tls_client_auth", "jwks": made.jwks}


async def post(
    browser: Browser, client: Made, shown: Certificate | None, path: str = TOKEN, **form: str
) -> httpx2.Response:
    """Ask something as a client that shows a certificate."""
    data = {"client_id": client.client.client_id, **form}
    if client.secret is not None:
        data["client_secret"] = client.secret
    return await browser.http.post(path, data=data, headers=certified(shown))


async def exchange(
    browser: Browser, client: Made, shown: Certificate | None, code: str
) -> httpx2.Response:
    return await post(
        browser, client, shown, grant_type="authorization_code", code=code,
        redirect_uri=client.client.metadata.redirect_uris[0], code_verifier=VERIFIER,
    )  # fmt: skip


async def bound(browser: Browser, client: Made, shown: Certificate) -> dict[str, Any]:
    """Sign Ann in, and give tokens that are bound to a certificate."""
    code = await browser.code(client, scope=OFFLINE)
    response = await exchange(browser, client, shown, code)
    assert response.status_code == 200, response.text
    tokens: dict[str, Any] = response.json()
    assert tokens["token_type"] == "Bearer"
    return tokens


async def refresh(
    browser: Browser, client: Made, shown: Certificate | None, token: str
) -> httpx2.Response:
    return await post(browser, client, shown, grant_type="refresh_token", refresh_token=token)


async def opens(
    browser: Browser, token: str, shown: Certificate | None, path: str = USERINFO,
    method: str = "GET", **headers: str,
) -> httpx2.Response:  # fmt: skip
    """Show a token somewhere."""
    said = {"Authorization": f"Bearer {token}"} | headers | certified(shown)
    return await browser.http.request(method, path, headers=said)


async def public(world: World, **metadata: object) -> Made:
    return await add_client(world, token_endpoint_auth_method="none", **BOUND, **metadata)
