"""A client of the profile fapi2, and what it sends. PROTOCOL 3.8."""

import time
import uuid
from typing import Any

import httpx2
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from keycell.bootstrap import World
from keycell.oauth.pkce import s256
from keycell.provider.register import Made

from ..conftest import BASE, CALLBACK, VERIFIER, Browser, add_client, answer
from ..holder import Holder

ISSUER = f"{BASE}/oidc"
USERINFO = f"{ISSUER}/userinfo"
TOKEN, PAR = f"{ISSUER}/oauth2/token", f"{ISSUER}/oauth2/par"
TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
KEYS: dict[str, Any] = {
    "ES256": ECKey.generate_key("P-256"),
    "EdDSA": OKPKey.generate_key("Ed25519"),
    "PS256": RSAKey.generate_key(2048),
}
KEYS["RS256"] = KEYS["PS256"]
ASKED = {
    "redirect_uri": CALLBACK, "response_type": "code", "scope": "openid offline_access",
    "state": "s" * 1000, "nonce": "n" * 64, "code_challenge": s256(VERIFIER),
    "code_challenge_method": "S256",
}  # fmt: skip


def public(alg: str = "ES256") -> dict[str, object]:
    key = dict(KEYS[alg].as_dict(private=False))
    key.pop("kid", None)
    return key


async def add(world: World, **metadata: object) -> Made:
    keys = {"keys": [public(alg) for alg in ("ES256", "EdDSA", "PS256")]}
    return await add_client(world, **({"profile": "fapi2", "jwks": keys} | metadata))


def signed(claims: dict[str, object], alg: str = "ES256") -> str:
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode({"alg": alg}, kept, KEYS[alg], algorithms=[alg])


def proven(made: Made, alg: str = "ES256", **said: object) -> dict[str, str]:
    client_id, now = made.client.client_id, int(time.time())
    claims: dict[str, object] = {
        "iss": client_id, "sub": client_id, "aud": ISSUER, "jti": str(uuid.uuid4()),
        "iat": now, "exp": now + 60,
    }  # fmt: skip
    return {
        "client_id": client_id, "client_assertion_type": TYPE,
        "client_assertion": signed(claims | said, alg),
    }  # fmt: skip


async def post(
    browser: Browser, url: str, form: dict[str, str], holder: Holder | None = None
) -> httpx2.Response:
    headers = {"DPoP": holder.proof(url)} if holder else {}
    return await browser.http.post(url, data=form, headers=headers)


async def push(browser: Browser, made: Made, **params: str) -> httpx2.Response:
    form = {name: value for name, value in (ASKED | params).items() if value}
    return await post(browser, PAR, proven(made) | form)


async def code(browser: Browser, made: Made, **params: str) -> str:
    response = await push(browser, made, **params)
    assert response.status_code == 201, response.text
    assert 5 <= response.json()["expires_in"] <= 60
    query = {"client_id": made.client.client_id, "request_uri": response.json()["request_uri"],
             "state": "outer", "nonce": "outer"}  # fmt: skip
    page = await browser.follow(await browser.http.get("/oidc/oauth2/auth", params=query))
    if 'id="login-submit"' in page.text:
        page = await browser.log_in(page)
    if 'id="consent-accept"' in page.text:
        page = await browser.submit(page, action="accept")
    told = answer(page)
    assert set(told) == {"code", "session_state", "state", "iss"}
    assert (told["state"], told["iss"]) == (ASKED["state"], ISSUER)
    return told["code"]


async def exchange(
    browser: Browser, made: Made, code: str, holder: Holder | None, **changed: str
) -> httpx2.Response:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER} | changed  # fmt: skip
    given = {name: value for name, value in form.items() if value}
    return await post(browser, TOKEN, proven(made) | given, holder)


async def refresh(
    browser: Browser, made: Made, token: str, holder: Holder | None
) -> httpx2.Response:
    form = {"grant_type": "refresh_token", "refresh_token": token}
    return await post(browser, TOKEN, proven(made) | form, holder)


async def tokens(browser: Browser, made: Made, holder: Holder) -> dict[str, Any]:
    response = await exchange(browser, made, await code(browser, made), holder)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def error(response: httpx2.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]
