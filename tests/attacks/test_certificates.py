"""Certificates that prove nothing: from outside, made up, or another's. RFC8705-7, RFC9440-4."""

import httpx2
import pytest

from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.http.proxied import Proxied
from keycell.server import make_app

from ..certificates import NAME, Certificate, authority, certificate
from ..conftest import BASE, CALLBACK, VERIFIER, Browser, add_client
from ..protocol.certified import (
    BY_NAME,
    CA,
    HEADER,
    OFFLINE,
    OWN,
    bound,
    browser,
    opens,
    post,
    public,
    self_signed,
    settings,
)

__all__ = ["browser", "settings"]


@pytest.fixture
def mine() -> Certificate:
    return certificate(issuer=CA)


async def test_attack_47_a_certificate_in_a_header_from_outside(
    world: World, ann: Account, mine: Certificate
) -> None:
    """RFC9440-4: of whoever is not the proxy, and past the proxy, nothing is believed."""
    client = await add_client(world, **OWN, **BY_NAME)
    inner = make_app(world)
    ways = (
        (Proxied(inner, ("127.0.0.1",), HEADER), "127.0.0.1", 200),
        (Proxied(inner, ("127.0.0.1",), HEADER), "203.0.113.9", 401),
        (Proxied(inner, ("127.0.0.1",), ""), "127.0.0.1", 401),
        (inner, "127.0.0.1", 401),
    )
    for app, ip, status in ways:
        transport = httpx2.ASGITransport(app=app, client=(ip, 1))
        async with httpx2.AsyncClient(transport=transport, base_url=BASE) as http:
            told = await post(Browser(world, http), client, mine, grant_type="client_credentials")
        assert told.status_code == status, ip


async def test_attack_47_a_certificate_that_its_bearer_made_up(
    browser: Browser, world: World, mine: Certificate
) -> None:
    """RFC8705-2.1, RFC5280-6.1: a proxy that asks for any certificate passes on anybody's."""
    client = await add_client(world, **OWN, **BY_NAME)
    same_ca = authority(CA.found.subject.rfc4514_string())
    alone, by_leaf = certificate(NAME), certificate(NAME, issuer=mine)
    by_namesake = certificate(NAME, issuer=same_ca)
    with_real_chain = Certificate(by_namesake.found, by_namesake.key, (CA.found,))
    other = certificate("CN=app2,O=Example", issuer=CA)
    for shown in (alone, by_leaf, by_namesake, with_real_chain, other):
        told = await post(browser, client, shown, grant_type="client_credentials")
        assert (told.status_code, told.json()["error"]) == (401, "invalid_client")
    assert (await post(browser, client, mine, grant_type="client_credentials")).status_code == 200


async def test_attack_47_one_client_is_not_another(
    browser: Browser, world: World, mine: Certificate
) -> None:
    """RFC8705-7.3: a registered certificate is its own client's, and opens no other way in."""
    theirs = certificate()
    registered = await add_client(world, **OWN, **self_signed(theirs))
    by_name = await add_client(world, **OWN, **BY_NAME)
    by_secret = await add_client(world, **OWN)
    for client, shown in ((registered, mine), (by_name, theirs)):
        told = await post(browser, client, shown, grant_type="client_credentials")
        assert told.status_code == 401
    bare = by_secret.client.client_id
    for shown in (mine, theirs):
        told = await browser.http.post(
            "/oidc/oauth2/token", data={"grant_type": "client_credentials", "client_id": bare}
        )
        assert told.status_code == 401, shown
    for by_certificate in (registered, by_name):
        told = await browser.http.post(
            "/oidc/oauth2/token", data={"grant_type": "client_credentials"},
            auth=(by_certificate.client.client_id, "guessed"),
        )  # fmt: skip
        assert told.status_code == 401


async def test_attack_47_a_stolen_token_opens_nothing(
    browser: Browser, world: World, ann: Account, mine: Certificate
) -> None:
    """RFC8705-3, P23: neither bare nor with a thief's certificate, though an authority's."""
    made = await public(world)
    token = (await bound(browser, made, mine))["access_token"]
    for thief in (None, certificate(), certificate(issuer=CA)):
        assert (await opens(browser, token, thief)).status_code == 401
    assert (await opens(browser, token, mine)).status_code == 200


@pytest.mark.parametrize("sent", ["::", ": :", "null", "none", ":AAAA:", ":MAA=:", ":MIIB:"])
async def test_attack_47_what_a_proxy_writes_for_none_is_none(
    browser: Browser, world: World, ann: Account, sent: str
) -> None:
    """RFC8705-3, RFC9440-2.2: all who show none would hold the same, and each other's tokens."""
    made = await public(world)
    code = await browser.code(made, scope=OFFLINE)
    form = {
        "grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER,
        "client_id": made.client.client_id, "redirect_uri": CALLBACK,
    }  # fmt: skip
    told = await browser.http.post("/oidc/oauth2/token", data=form, headers={HEADER: sent})
    assert (told.status_code, told.json()["error"]) == (400, "invalid_request")
