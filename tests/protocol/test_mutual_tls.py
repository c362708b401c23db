"""Clients known by a certificate, tokens bound to one. RFC8705, PROTOCOL 3.8: P17, P20, P23."""

import asyncio
import base64
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from cryptography import x509

from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.http.proxied import Proxied
from keycell.oauth.errors import InvalidClientMetadata
from keycell.oauth.pkce import s256
from keycell.oauth.registration import to_document
from keycell.outside.assertions import ClientJwts
from keycell.outside.encryption import JweKeyring
from keycell.outside.fetch import Fetcher, RemoteKeys
from keycell.provider.register import Made
from keycell.server import make_app

from ..certificates import Certificate, certificate
from ..conftest import BASE, VERIFIER, Browser, add_client, at_another_time, keep_client
from ..holder import Holder
from .certified import (
    BOUND,
    BY_NAME,
    CA,
    HEADER,
    OWN,
    USERINFO,
    bound,
    browser,
    certified,
    exchange,
    opens,
    post,
    public,
    refresh,
    self_signed,
    settings,
)

__all__ = ["browser", "settings"]

SANS: dict[str, Any] = {
    "dns": ("app.example", x509.DNSName("app.example")),
    "uri": ("spiffe://example/app", x509.UniformResourceIdentifier("spiffe://example/app")),
    "email": ("app@example.com", x509.RFC822Name("app@example.com")),
}


@pytest.fixture
def mine() -> Certificate:
    return certificate(issuer=CA)


async def itself(browser: Browser, client: Made, shown: Certificate | None) -> httpx2.Response:
    return await post(browser, client, shown, grant_type="client_credentials")


async def test_a_client_is_known_by_the_name_in_its_certificate(
    browser: Browser, world: World, mine: Certificate
) -> None:
    """RFC8705-2.1: at every endpoint that authenticates clients."""
    client = await add_client(world, **OWN, **BY_NAME)
    assert client.secret is None
    told = (await itself(browser, client, mine)).json()
    assert told["token_type"] == "Bearer"
    for path, status in (("introspect", 200), ("revoke", 200)):
        for shown, expected in ((mine, status), (None, 401), (certificate(), 401)):
            form = {"token": told["access_token"]}
            answered = await post(browser, client, shown, f"/oidc/oauth2/{path}", **form)
            assert answered.status_code == expected, path


@pytest.mark.parametrize("kind", SANS)
async def test_or_by_another_name_in_it(browser: Browser, world: World, kind: str) -> None:
    """RFC8705-2.1.2."""
    said, name = SANS[kind]
    client = await add_client(
        world, **OWN, token_endpoint_auth_method="tls_client_auth",
        **{f"tls_client_auth_san_{kind}": said},
    )  # fmt: skip
    theirs = certificate("CN=whoever", issuer=CA, sans=(name,))
    assert (await itself(browser, client, theirs)).status_code == 200
    assert (await itself(browser, client, certificate(issuer=CA))).status_code == 401


async def test_a_client_is_known_by_the_certificate_it_registered(
    browser: Browser, world: World, mine: Certificate
) -> None:
    """RFC8705-2.2: and by no other of the same name, nor by its key alone."""
    client = await add_client(world, **OWN, **self_signed(mine))
    assert (await itself(browser, client, mine)).status_code == 200
    for other in (None, certificate(), certificate(issuer=CA)):
        refused = await itself(browser, client, other)
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    old = certificate(ages=timedelta(days=-2))
    gone = await add_client(world, **OWN, **self_signed(old))
    assert "expired" in (await itself(browser, gone, old)).json()["error_description"]


class _Published(Fetcher):
    """What a client publishes at its address."""

    def __init__(self) -> None:
        super().__init__(())
        self.keys: object = {}
        self.asked = 0

    async def get_json(self, url: str, *, is_strangers: bool) -> object:
        self.asked += 1
        assert (url, is_strangers) == ("https://app.example/jwks", False)
        return self.keys


async def test_a_client_publishes_its_next_certificate(
    browser: Browser, world: World, mine: Certificate
) -> None:
    """RFC8705-2.2.2: keys are read anew for one that is not known, and not again and again."""
    published = _Published()
    remote = RemoteKeys(published)
    provider = replace(world.provider, foreign=ClientJwts(remote, published, JweKeyring(remote)))
    client = await add_client(
        world, **OWN, token_endpoint_auth_method="self_signed_tls_client_auth",
        jwks_uri="https://app.example/jwks",
    )  # fmt: skip
    app = Proxied(make_app(replace(world, provider=provider)), ("127.0.0.1",), HEADER)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=BASE) as http:
        there = Browser(world, http)
        for shown in (mine, certificate()):
            published.keys = shown.jwks
            remote._kept = type(remote._kept)(  # noqa: SLF001  (a little time goes by)
                {uri: (at - 10, keys) for uri, (at, keys) in remote._kept.items()}  # noqa: SLF001
            )
            assert (await itself(there, client, shown)).status_code == 200
        asked = published.asked
        for _ in range(20):
            assert (await itself(there, client, certificate())).status_code == 401
        assert published.asked <= asked + 1


@pytest.mark.parametrize("is_opaque", [False, True])
async def test_a_bound_token_opens_with_its_certificate_alone(
    browser: Browser,
    world: World,
    ann: Account,
    mine: Certificate,
    is_opaque: bool,  # noqa: FBT001
) -> None:
    """RFC8705-3, P23: at UserInfo, by REST, WebDAV and S3; a bearer's scheme, a 401 without."""
    made = await public(world)
    if is_opaque:
        made = Made(replace(made.client, access_token_format="opaque"), None)
        await keep_client(world, made.client)
    token = (await bound(browser, made, mine))["access_token"]
    assert token.startswith("kca_") is is_opaque
    basic = "Basic " + base64.b64encode(f"ann:{token}".encode()).decode()
    for path, method, headers, status in (
        (USERINFO, "GET", {}, 200),
        ("/a/tree/stat/personal-files", "GET", {}, 200),
        ("/dav/personal-files", "PROPFIND", {"Depth": "0"}, 207),
        ("/dav/personal-files", "PROPFIND", {"Depth": "0", "Authorization": basic}, 207),
        ("/io", "GET", {}, 200),
    ):
        told = await opens(browser, token, mine, path, method, **headers)
        assert told.status_code == status, (path, told.text)
        for thief in (None, certificate(issuer=CA), certificate()):
            refused = await opens(browser, token, thief, path, method, **headers)
            assert refused.status_code in (401, 403), path
    refused = await opens(browser, token, None)
    assert refused.headers["www-authenticate"].startswith("Bearer ")
    assert 'error="invalid_token"' in refused.headers["www-authenticate"]
    sent = await browser.http.post(USERINFO, data={"access_token": token}, headers=certified(mine))
    assert sent.status_code == 200
    by_proof = {"DPoP": Holder().proof(f"{BASE}{USERINFO}", "GET", token)}
    refused = await opens(browser, token, mine, Authorization=f"DPoP {token}", **by_proof)
    assert refused.status_code == 401


async def test_whoever_asks_what_a_token_means_hears_of_its_certificate(
    browser: Browser, world: World, mine: Certificate
) -> None:
    """RFC8705-3.2."""
    client = await add_client(world, **OWN, **BY_NAME, **BOUND)
    token = (await itself(browser, client, mine)).json()["access_token"]
    told = (await post(browser, client, mine, "/oidc/oauth2/introspect", token=token)).json()
    assert told["cnf"] == {"x5t#S256": mine.x5t}
    assert told["token_type"] == "Bearer"
    # Who is merely known by a certificate may use its tokens elsewhere.
    loose = await add_client(world, **OWN, **BY_NAME)
    token = (await itself(browser, loose, mine)).json()["access_token"]
    told = (await post(browser, loose, mine, "/oidc/oauth2/introspect", token=token)).json()
    assert "cnf" not in told


async def test_a_client_that_registered_so_gets_no_other_tokens(
    browser: Browser, world: World, ann: Account, mine: Certificate
) -> None:
    """RFC8705-3.4, P17; and no token is bound to two keys."""
    client = await add_client(world, **BOUND)
    code = await browser.code(client)
    without = await exchange(browser, client, None, code)
    assert (without.status_code, without.json()["error"]) == (400, "invalid_request")
    proof = {"DPoP": Holder().proof(f"{BASE}/oidc/oauth2/token")} | certified(mine)
    form = {"grant_type": "client_credentials"}
    both = await browser.http.post(
        "/oidc/oauth2/token", headers=proof, auth=(client.client.client_id, client.secret or ""),
        data=form | {"grant_type": "refresh_token", "refresh_token": "x"},
    )  # fmt: skip
    assert "one key" in both.json()["error_description"]
    assert (await exchange(browser, client, mine, code)).status_code == 200


async def test_a_public_clients_refresh_token_is_bound(
    browser: Browser, world: World, ann: Account, mine: Certificate
) -> None:
    """RFC8705-4, P20: of twenty at once, each gets the one successor."""
    made = await public(world)
    token = (await bound(browser, made, mine))["refresh_token"]
    other = await refresh(browser, made, certificate(issuer=CA), token)
    assert (other.status_code, other.json()["error"]) == (400, "invalid_grant")
    assert (await refresh(browser, made, None, token)).status_code == 400
    # What a thief tried ended nothing.
    told = await asyncio.gather(*(refresh(browser, made, mine, token) for _ in range(20)))
    assert len({one.json()["refresh_token"] for one in told}) == 1
    async with at_another_time(world, timedelta(hours=1)) as later:
        # decisions/0005: who holds the key may ask again later.
        app = Proxied(make_app(later.world), ("127.0.0.1",), HEADER)
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url=BASE) as http:
            again = await refresh(Browser(later.world, http), made, mine, token)
    assert again.json()["refresh_token"] == told[0].json()["refresh_token"]


async def test_a_client_known_by_name_may_renew_its_certificate(
    browser: Browser, world: World, ann: Account, mine: Certificate
) -> None:
    """RFC8705-6.3 leaves it open, P20: what it holds then is bound to the new one."""
    made = await add_client(world, **BY_NAME, **BOUND)
    first = await bound(browser, made, mine)
    renewed = certificate(issuer=CA)
    token = (await refresh(browser, made, renewed, first["refresh_token"])).json()["access_token"]
    assert (await opens(browser, token, mine)).status_code == 401
    assert (await opens(browser, token, renewed)).status_code == 200
    assert (await opens(browser, first["access_token"], mine)).status_code == 200


async def test_a_bound_token_is_exchanged_by_its_holder(
    browser: Browser, world: World, ann: Account, mine: Certificate
) -> None:
    """RFC8693-2.1, RFC8705-3."""
    exchanging = "urn:ietf:params:oauth:grant-type:token-exchange"
    made = await add_client(
        world, **BY_NAME, **BOUND,
        grant_types=["authorization_code", "refresh_token", exchanging],
    )  # fmt: skip
    token = (await bound(browser, made, mine))["access_token"]
    form = {
        "grant_type": exchanging, "subject_token": token,
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
    }  # fmt: skip
    refused = await post(browser, made, certificate(issuer=CA), **form)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")
    told = (await post(browser, made, mine, **form)).json()
    assert (await opens(browser, told["access_token"], None)).status_code == 401
    assert (await opens(browser, told["access_token"], mine)).status_code == 200


async def test_the_profile_fapi2_takes_certificates_for_keys_and_proofs(
    browser: Browser, world: World, ann: Account, mine: Certificate
) -> None:
    """FAPI2-SP-5.3.2.1, FAPI2-SP-5.3.3.1, P17: by either, and never by neither."""
    made = await add_client(world, profile="fapi2", **BY_NAME, **BOUND)
    said = made.client.metadata
    assert said.tls_client_certificate_bound_access_tokens
    assert not said.dpop_bound_access_tokens
    again = await add_client(world, **to_document(said))
    assert again.client.metadata == said
    by_both = await add_client(world, profile="fapi2", **BY_NAME)
    assert by_both.client.metadata.dpop_bound_access_tokens
    for half in (
        {"token_endpoint_auth_method": "none"}, {"dpop_bound_access_tokens": True},
        {"require_pushed_authorization_requests": False},
    ):  # fmt: skip
        with pytest.raises(InvalidClientMetadata):
            await add_client(world, **({"profile": "fapi2"} | BY_NAME | BOUND | half))
    pushed = {
        "response_type": "code", "scope": "openid", "redirect_uri": said.redirect_uris[0],
        "code_challenge": s256(VERIFIER), "code_challenge_method": "S256",
    }  # fmt: skip
    refused = await post(browser, made, None, "/oidc/oauth2/par", **pushed)
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    kept = await post(browser, made, mine, "/oidc/oauth2/par", **pushed)
    assert kept.status_code == 201


async def test_what_is_published_can_be_registered(browser: Browser, mine: Certificate) -> None:
    """RFC7591-3.2.1, RFC8705-3.3, PROTOCOL-P1."""
    told = (await browser.http.get("/oidc/.well-known/openid-configuration")).json()
    assert told["tls_client_certificate_bound_access_tokens"] is True
    assert "mtls_endpoint_aliases" not in told
    for said in (BY_NAME, self_signed(mine)):
        method = said["token_endpoint_auth_method"]
        assert method in told["token_endpoint_auth_methods_supported"]
        document = {"redirect_uris": ["https://app.example/cb"], **said, **BOUND}
        made = await browser.http.post("/oidc/register", json=document)
        assert made.status_code == 201, made.text
        assert "client_secret" not in made.json()
        assert "client_secret_expires_at" not in made.json()
        assert {name: made.json()[name] for name in said} == said
