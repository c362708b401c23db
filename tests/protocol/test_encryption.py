"""Answers that are encrypted to clients. OIDCC-10.2, JARM-2.2, RFC9701-5, PROTOCOL D."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
from joserfc import jwe, jws
from joserfc.jwk import ECKey, RSAKey

from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.outside.encryption import JweKeyring
from keycell.outside.fetch import Fetcher, RemoteKeys
from keycell.provider.register import Made
from keycell.provider.telling import tell
from keycell.server import make_app

from ..conftest import BASE, Browser, add_client, answer
from .test_client_authentication import Published
from .test_userinfo import introspect

KEYS: dict[str, Any] = {
    "RSA": RSAKey.generate_key(2048, {"use": "enc", "kid": "rsa"}),
    "ECDH": ECKey.generate_key("P-256", {"use": "enc", "kid": "ec"}),
}
JWKS = {"keys": [key.as_dict(private=False) for key in KEYS.values()]}
ANSWERS = ("id_token", "userinfo", "introspection", "authorization")
AS_JWT = {"Accept": "application/token-introspection+jwt"}
JWKS_URI = "https://app.example/jwks"


def wish(alg: str, enc: str | None = None, answers: tuple[str, ...] = ANSWERS) -> dict[str, str]:
    """Give the metadata of who wants answers encrypted."""
    wished = {f"{one}_encrypted_response_alg": alg for one in answers}
    return wished | ({f"{one}_encrypted_response_enc": enc for one in answers} if enc else {})


def opened(token: str, alg: str, enc: str) -> str:
    """Open what came as the client would, and hold its header to what was registered."""
    key = KEYS[alg[:3] if alg.startswith("RSA") else "ECDH"]
    found = jwe.decrypt_compact(token, key, algorithms=[alg, enc])
    assert (found.protected["alg"], found.protected["enc"]) == (alg, enc)
    assert found.protected["kid"] == key.kid
    assert "zip" not in found.protected
    inner = (found.plaintext or b"").decode()
    assert (found.protected.get("cty") == "JWT") == (inner.count(".") == 2)
    return inner


def claims_of(world: World, token: str, typ: str = "JWT") -> dict[str, Any]:
    claims = world.keyring.verify(token, typ)
    assert claims is not None
    return dict(claims)


def response_of(page: httpx2.Response) -> str:
    ((name, value),) = parse_qsl(urlsplit(page.headers["location"]).query)
    assert name == "response"
    return value


async def test_whatever_the_metadata_lists_is_done(
    browser: Browser, world: World, ann: Account
) -> None:
    """OIDCD-3, RFC7516-5.1, JARM-4, RFC9701-7: each alg with each enc, and signed within."""
    listed = (await browser.http.get("/oidc/.well-known/openid-configuration")).json()
    algs = listed["id_token_encryption_alg_values_supported"]
    encs = listed["id_token_encryption_enc_values_supported"]
    for one in ANSWERS:
        assert listed[f"{one}_encryption_alg_values_supported"] == algs
        assert listed[f"{one}_encryption_enc_values_supported"] == encs
    assert "RSA1_5" not in algs
    for alg, enc in [(alg, enc) for alg in algs for enc in encs]:
        made = await add_client(
            world, jwks=JWKS, userinfo_signed_response_alg="ES256", **wish(alg, enc)
        )
        page = await browser.authorize(made, response_mode="jwt")
        if 'id="login-submit"' in page.text:
            page = await browser.log_in(page)
        page = await browser.submit(page, action="accept")
        told = claims_of(world, opened(response_of(page), alg, enc))
        tokens = (await browser.exchange(made, told["code"])).json()
        id_token = claims_of(world, opened(tokens["id_token"], alg, enc))
        assert (id_token["sub"], id_token["aud"]) == (ann.sub, made.client.client_id)
        userinfo = await browser.userinfo(tokens["access_token"])
        assert userinfo.headers["content-type"] == "application/jwt"
        assert claims_of(world, opened(userinfo.text, alg, enc))["sub"] == ann.sub
        asked = await introspect(browser, made, tokens["access_token"], **AS_JWT)
        assert asked.headers["content-type"] == AS_JWT["Accept"]
        said = claims_of(world, opened(asked.text, alg, enc), "token-introspection+jwt")
        assert said["token_introspection"]["active"] is True


async def test_userinfo_may_be_encrypted_and_not_signed(
    browser: Browser, world: World, ann: Account
) -> None:
    """OIDCC-5.3.2."""
    made = await add_client(world, jwks=JWKS, **wish("ECDH-ES", "A256GCM", ("userinfo",)))
    tokens = await browser.tokens(made, "openid email")
    assert tokens["id_token"].count(".") == 2, "one answer is encrypted, the others are not"
    told = await browser.userinfo(tokens["access_token"])
    assert told.headers["content-type"] == "application/jwt"
    assert json.loads(opened(told.text, "ECDH-ES", "A256GCM"))["email"] == "ann@example.org"


async def test_who_asks_for_json_gets_it(browser: Browser, world: World, ann: Account) -> None:
    """RFC9701-4: the Accept header says which."""
    made = await add_client(world, jwks=JWKS, **wish("ECDH-ES", answers=("introspection",)))
    tokens = await browser.tokens(made)
    assert (await introspect(browser, made, tokens["access_token"])).json()["active"] is True


async def test_a_no_and_an_error_are_encrypted_too(
    browser: Browser, world: World, ann: Account
) -> None:
    """JARM-2.2."""
    made = await add_client(world, jwks=JWKS, **wish("RSA-OAEP", "A128GCM", ("authorization",)))
    refused = await browser.authorize(made, response_mode="jwt", prompt="none")
    told = claims_of(world, opened(response_of(refused), "RSA-OAEP", "A128GCM"))
    assert told["error"] == "login_required"
    page = await browser.log_in(await browser.authorize(made, response_mode="jwt"))
    page = await browser.submit(page, action="deny")
    told = claims_of(world, opened(response_of(page), "RSA-OAEP", "A128GCM"))
    assert told["error"] == "access_denied"
    plain = await browser.authorize(made, prompt="none")
    assert answer(plain)["error"] == "consent_required", "what is no JWT is not encrypted"


class There(Browser):
    """A browser at a server to which an application publishes keys."""

    published: Published
    remote: RemoteKeys

    def later(self) -> None:
        """A little time goes by."""
        kept = self.remote._kept  # noqa: SLF001
        self.remote._kept = type(kept)((k, (at - 10, v)) for k, (at, v) in kept.items())  # noqa: SLF001


@pytest.fixture
async def there(world: World) -> AsyncIterator[There]:
    published = Published()
    remote = RemoteKeys(published)
    provider = replace(world.provider, encryption=JweKeyring(remote))
    transport = httpx2.ASGITransport(app=make_app(replace(world, provider=provider)))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE) as http:
        found = There(world, http)
        found.published, found.remote = published, remote
        yield found


async def test_a_code_is_not_spent_on_an_answer_that_cannot_be_made(
    there: There, world: World, ann: Account
) -> None:
    """RFC6749-5.2, decisions/0059: the error says what is missed; with the key it goes on."""
    made = await add_client(world, jwks_uri=JWKS_URI, **wish("ECDH-ES", answers=("id_token",)))
    code = await there.code(made)
    there.published.keys = [{**JWKS["keys"][1], "use": "sig"}]
    refused = await there.exchange(made, code)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_client_metadata")
    assert "no key for ECDH-ES" in refused.json()["error_description"]
    there.published.keys = JWKS["keys"]
    there.later()
    tokens = (await there.exchange(made, code)).json()
    inner = opened(tokens["id_token"], "ECDH-ES", "A128CBC-HS256")
    assert claims_of(world, inner)["sub"] == ann.sub


async def test_a_new_key_is_found_where_it_is_published(
    there: There, world: World, ann: Account
) -> None:
    """OIDCC-10.2.1: and nobody makes us ask again and again."""
    made = await add_client(world, jwks_uri=JWKS_URI, **wish("RSA-OAEP", answers=("id_token",)))
    there.published.keys = [JWKS["keys"][1]]
    code = await there.code(made)
    for _ in range(20):
        assert (await there.exchange(made, code)).status_code == 400
    assert there.published.asked == 1
    there.published.keys = JWKS["keys"]
    there.later()
    assert (await there.exchange(made, code)).status_code == 200
    assert there.published.asked == 2


async def test_what_was_to_be_encrypted_never_goes_in_the_clear(
    there: There, world: World, ann: Account
) -> None:
    """JARM-2.2: a page says why, nothing is granted, and an error is not told either."""
    made = await add_client(
        world, jwks_uri=JWKS_URI, **wish("ECDH-ES", answers=("authorization",))
    )
    pushed = await there.http.post(
        "/oidc/oauth2/par", auth=(made.client.client_id, str(made.secret)),
        data={"response_type": "code", "scope": "openid", "response_mode": "jwt",
              "redirect_uri": made.client.metadata.redirect_uris[0]},
    )  # fmt: skip
    by_reference = {"client_id": made.client.client_id} | {
        name: value for name, value in pushed.json().items() if name == "request_uri"
    }
    for asked in ({"response_mode": "jwt"}, {"response_mode": "jwt", "prompt": "none"},
                  {"response_mode": "fragment.jwt", "scope": "nonsense"},
                  {"response_mode": "jwt", "request": "x"}):  # fmt: skip
        page = await there.authorize(made, **asked)
        assert page.status_code == 400
        assert "location" not in page.headers
        assert "the answer must be encrypted" in page.text
        assert "authorization_encrypted_response_alg" in page.text
    page = await there.http.get("/oidc/oauth2/auth", params=by_reference)
    assert page.status_code == 400
    events = [event.action for _, event in await world.audit.page(None, 50)]
    assert "grant.started" not in events
    there.published.keys = JWKS["keys"]
    there.later()
    page = await there.follow(await there.http.get("/oidc/oauth2/auth", params=by_reference))
    page = await there.submit(await there.log_in(page), action="accept")
    inner = opened(response_of(page), "ECDH-ES", "A128CBC-HS256")
    assert claims_of(world, inner)["code"], "the pushed request was not spent meanwhile"


async def test_a_key_that_is_none_is_said_to_be_none(
    browser: Browser, world: World, ann: Account
) -> None:
    """RFC7517-4: registered it fits, and encrypting tells that it does not."""
    bad = {"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"}
    made = await add_client(world, jwks={"keys": [bad]}, **wish("ECDH-ES", answers=("id_token",)))
    refused = await browser.exchange(made, await browser.code(made))
    assert refused.json()["error"] == "invalid_client_metadata"
    assert "nothing can be encrypted to" in refused.json()["error_description"]


async def test_an_answer_that_came_by_the_browser_is_encrypted(
    browser: Browser, world: World, ann: Account
) -> None:
    """OIDCC-3.3.2.11: an ID token in the fragment as one at the token endpoint."""
    made = await add_client(
        world, jwks=JWKS, response_types=["code id_token"],
        grant_types=["authorization_code", "implicit"],
        **wish("ECDH-ES+A256KW", "A256GCM", ("id_token",)),
    )  # fmt: skip
    page = await browser.authorize(made, response_type="code id_token", nonce="n-1")
    page = await browser.submit(await browser.log_in(page), action="accept")
    inner = opened(answer(page)["id_token"], "ECDH-ES+A256KW", "A256GCM")
    assert claims_of(world, inner)["nonce"] == "n-1"


class Sender(Fetcher):
    """Keeps what applications are told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: dict[str, str] = {}

    async def post_form(self, url: str, form: dict[str, str]) -> None:
        self.told[url] = form["logout_token"]


async def signed_in(browser: Browser, world: World) -> tuple[Made, str]:
    made = await add_client(
        world, jwks=JWKS, backchannel_logout_uri="https://app.example/out",
        **wish("ECDH-ES", "A128GCM", ("id_token",)),
    )  # fmt: skip
    return made, (await browser.tokens(made))["id_token"]


async def test_a_logout_token_is_encrypted_as_the_id_tokens_are(
    browser: Browser, world: World, ann: Account
) -> None:
    """OIDCBCL-2.6; and an ID token that was opened is a hint to us, encrypted anew or not."""
    made, encrypted = await signed_in(browser, world)
    hint = opened(encrypted, "ECDH-ES", "A128GCM")
    (ours, *_) = [key for key in world.keyring.public_jwks()["keys"]  # type: ignore[attr-defined]
                  if key.get("use") == "enc" and key["kty"] == "EC"]  # fmt: skip
    header = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": ours["kid"]}
    again = jwe.encrypt_compact(header, hint, ECKey.import_key(ours))
    for sent in (hint, again):
        page = await browser.authorize(made, prompt="none", id_token_hint=sent)
        assert "code" in answer(page)
    other = await browser.authorize(made, prompt="none", id_token_hint=encrypted)
    assert answer(other)["error"] == "invalid_request", "what only the client can open is no hint"
    left = await browser.http.get("/oidc/oauth2/sessions/logout", params={"id_token_hint": again})
    assert left.status_code in (200, 303)
    sender = Sender()
    assert await tell(world.provider, sender) == 1
    token = opened(sender.told["https://app.example/out"], "ECDH-ES", "A128GCM")
    assert jws.extract_compact(token.encode()).protected["typ"] == "logout+jwt"
    assert claims_of(world, token, "logout+jwt")["sub"] == ann.sub
