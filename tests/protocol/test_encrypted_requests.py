"""Request objects that are encrypted to us. RFC9101-6.1, OIDCC-6.1, PROTOCOL A14."""

import json
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwe
from joserfc.jwk import ECKey, RSAKey

from keycell.accounts.people import Account
from keycell.bootstrap import World, load_keys
from keycell.oauth.encryption import KEY_FAMILIES
from keycell.oauth.keys import KEPT_AFTER
from keycell.provider.keys import maintain, rotate

from ..conftest import CALLBACK, Browser, add_client, answer
from ..provider.test_keys import later
from .test_requests import ASKED, ask, finish, push, signed
from .test_requests import add_signing as signing

ENC = "A256GCM"
KINDS: dict[str, Any] = {"RSA": RSAKey, "EC": ECKey}


async def ours(browser: Browser, kty: str) -> dict[str, Any]:
    """Give the one key that we publish to be encrypted to."""
    listed = (await browser.http.get("/oidc/.well-known/jwks.json")).json()["keys"]
    (found,) = [key for key in listed if key["use"] == "enc" and key["kty"] == kty]
    assert isinstance(found, dict)
    return found


def sealed(key: dict[str, Any], text: str, alg: str = "", enc: str = ENC, **more: str) -> str:
    alg = alg or ("ECDH-ES" if key["kty"] == "EC" else "RSA-OAEP-256")
    header = {"alg": alg, "enc": enc, "kid": key["kid"], "cty": "JWT"} | more
    recipient = KINDS[key["kty"]].import_key(key)
    return jwe.encrypt_compact(header, text, recipient, algorithms=[alg, enc, "DEF"])


async def test_whatever_the_metadata_lists_opens(
    browser: Browser, world: World, ann: Account
) -> None:
    """OIDCD-3, RFC9101-6.1: each alg with each enc, and what is signed within is asked."""
    listed = (await browser.http.get("/oidc/.well-known/openid-configuration")).json()
    made = await signing(world)
    for alg in listed["request_object_encryption_alg_values_supported"]:
        key = await ours(browser, "RSA" if alg.startswith("RSA") else "EC")
        for enc in listed["request_object_encryption_enc_values_supported"]:
            state = f"state-{alg}-{enc}"
            sent = sealed(key, signed(made, state=state), alg, enc)
            told = await finish(browser, await ask(browser, made, request=sent))
            assert told["state"] == state
            pushed = await push(browser, made, request=sent)
            assert pushed.status_code == 201


async def test_a_client_that_must_sign_may_encrypt_too(
    browser: Browser, world: World, ann: Account
) -> None:
    """RFC9101-10.5, OIDCR-2: what is registered says how it may be, and holds nobody to it."""
    made = await signing(
        world, require_signed_request_object=True, request_object_encryption_alg="RSA-OAEP"
    )
    key = await ours(browser, "EC")
    told = await finish(browser, await ask(browser, made, request=sealed(key, signed(made))))
    assert "code" in told
    assert 'id="login-submit"' not in (await ask(browser, made, request=signed(made))).text


@pytest.mark.parametrize("what", ["plain", "none", "twice", "zip", "text", "elsewhere", "long"])
async def test_attack_48_52_what_is_encrypted_is_signed_all_the_same(
    browser: Browser, world: World, what: str
) -> None:
    """RFC9101-6.1, RFC9101-10.1: our keys are public, so encrypting proves nothing."""
    made = await signing(world)
    key = await ours(browser, "EC")
    inner = signed(made)
    sent = {
        "plain": sealed(key, json.dumps(ASKED)),
        "none": sealed(key, f"eyJhbGciOiJub25lIn0.{inner.split('.')[1]}."),
        "twice": sealed(key, sealed(key, inner)),
        "zip": sealed(key, inner, zip="DEF"),
        "text": sealed(key, "x"),
        "elsewhere": sealed({**ECKey.generate_key("P-256").as_dict(private=False),
                             "kid": key["kid"]}, inner),
        "long": sealed(key, signed(made, state="x" * 14_000)),
    }[what]  # fmt: skip
    told = answer(await ask(browser, made, request=sent, redirect_uri=CALLBACK))
    assert told["error"] == "invalid_request_object"
    refused = await push(browser, made, request=sent)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request_object")


async def test_another_clients_object_is_refused_though_it_was_encrypted(
    browser: Browser, world: World
) -> None:
    """RFC9101-6.2: whose it is the signature says."""
    made, other = await signing(world), await add_client(world)
    sent = sealed(await ours(browser, "EC"), signed(other))
    told = answer(await ask(browser, made, request=sent, redirect_uri=CALLBACK))
    assert told["error"] == "invalid_request_object"


async def test_a_key_that_was_published_opens_for_a_while(
    browser: Browser, world: World, ann: Account
) -> None:
    """OIDCC-10.2.1: the new one is published at once, and the old one no more."""
    made = await signing(world)
    before = {kty: await ours(browser, kty) for kty in ("EC", "RSA")}
    for alg in KEY_FAMILIES:
        # Nobody needs to know the next one before, so that it need not be urgent.
        assert await rotate(world.keys, alg, "test", is_urgent=False)
    await load_keys(world)
    for kty, old in before.items():
        fresh = await ours(browser, kty)
        assert fresh["kid"] != old["kid"]
        for key in (old, fresh):
            told = await finish(
                browser, await ask(browser, made, request=sealed(key, signed(made)))
            )
            assert "code" in told
    await maintain(later(world, KEPT_AFTER + timedelta(minutes=1)))
    await load_keys(world)
    for old in before.values():
        told = answer(await ask(browser, made, request=sealed(old, signed(made)),
                                redirect_uri=CALLBACK))  # fmt: skip
        assert told["error"] == "invalid_request_object"
