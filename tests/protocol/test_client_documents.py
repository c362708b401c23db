"""Clients that no one registered: their identifier is where they describe themselves. CIMD."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from keycell.accounts.audit import AuditEvent
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.oauth.clients import Client
from keycell.outside.client_documents import ClientDocuments
from keycell.outside.fetch import Fetcher
from keycell.provider.client_documents import find_client
from keycell.provider.register import Made
from keycell.server import make_app

from ..conformance.publisher import Site, publishing
from ..conftest import BASE, VERIFIER, Browser, answer, keep_client
from ..test_tls import pem

BACK = "https://app.example/back"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return pem(tmp_path_factory.mktemp("tls") / "localhost")


@pytest.fixture
def site(certificate: tuple[Path, Path]) -> Iterator[Site]:
    with publishing(*certificate) as running:
        running.documents["/c.json"] = document(running)
        yield running


def document(site: Site, path: str = "/c.json", **more: object) -> dict[str, object]:
    return {"client_id": f"{site.url}{path}", "client_name": "Bank", "redirect_uris": [BACK],
            "grant_types": ["authorization_code", "refresh_token"], **more}  # fmt: skip


@pytest.fixture
async def taking(
    world: World, certificate: tuple[Path, Path], ann: Account
) -> AsyncIterator[Browser]:
    """A Keycell that takes documents, and may look for them on this machine."""
    context = ssl.create_default_context(cafile=certificate[0])
    documents = ClientDocuments(Fetcher(("127.0.0.0/8", "::1/128"), context=context))
    settings = replace(world.settings, client_documents=True)
    provider = replace(world.provider, client_documents=documents)
    taken = replace(world, settings=settings, provider=provider)
    transport = httpx2.ASGITransport(app=make_app(taken))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE) as http:
        yield Browser(taken, http)


def client_at(site: Site, path: str = "/c.json") -> Made:
    """What the test's browser asks as: nothing of it is registered."""
    found = Client(client_id=f"{site.url}{path}", came_by="document", created_at=None)  # type: ignore[arg-type]
    metadata = replace(found.metadata, redirect_uris=(BACK,))
    return Made(replace(found, metadata=metadata), None)


async def test_somebody_signs_in_to_it(taking: Browser, site: Site) -> None:
    """CIMD-4, CIMD-6.4: it is read at its address, and the page says where that is."""
    listed = (await taking.http.get("/oidc/.well-known/openid-configuration")).json()
    assert listed["client_id_metadata_document_supported"] is True
    page = await taking.authorize(client_at(site), scope="openid offline_access")
    assert f"Bank ({urlsplit(site.url).netloc})" in page.text
    page = await taking.log_in(page)
    code = answer(await taking.submit(page, action="accept"))["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK,
            "code_verifier": VERIFIER, "client_id": f"{site.url}/c.json"}  # fmt: skip
    tokens = (await taking.http.post("/oidc/oauth2/token", data=form)).json()
    again = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"],
             "client_id": f"{site.url}/c.json"}  # fmt: skip
    # What it said last will do for a refresh, though its server is away.
    site.documents.clear()
    taking.world.provider.client_documents.forget(f"{site.url}/c.json")  # type: ignore[union-attr]
    assert (await taking.http.post("/oidc/oauth2/token", data=again)).status_code == 200
    refused = await taking.authorize(client_at(site))
    assert refused.status_code == 400
    assert "answered 404" in refused.text


async def test_by_default_an_address_is_no_client(browser: Browser, site: Site) -> None:
    """CIMD-5: what is not listed is not done."""
    refused = await browser.authorize(client_at(site))
    assert refused.status_code == 400
    listed = (await browser.http.get("/oidc/.well-known/openid-configuration")).json()
    assert "client_id_metadata_document_supported" not in listed


async def test_what_it_may_not_say_is_refused_on_a_page(taking: Browser, site: Site) -> None:
    """CIMD-4, CIMD-6.6: another's identifier, a secret, too many bytes, no JSON; no redirect."""
    for path, said in {
        "/other": document(site, "/c.json"),
        "/secret": document(site, "/secret", client_secret="x"),
        "/basic": document(site, "/basic", token_endpoint_auth_method="client_secret_basic"),
        "/large": document(site, "/large", more="x" * 6000),
        "/text": "<html>",
        "/script": document(site, "/script", redirect_uris=["javascript:alert(1)"]),
        "/elsewhere": document(site, "/elsewhere", redirect_uris=["https://other.example/back"]),
    }.items():
        site.documents[path] = said
        refused = await taking.authorize(client_at(site, path))
        assert refused.status_code == 400, path
        assert "location" not in refused.headers
        if path != "/elsewhere":
            assert await taking.world.clients.find(f"{site.url}{path}") is None


async def test_attack_61_an_address_inside_is_not_reached(taking: Browser, site: Site) -> None:
    """decisions/0025, attack 61: a client_id is fetched through the guard."""
    guarded = ClientDocuments(Fetcher())
    world = replace(taking.world, provider=replace(
        taking.world.provider, client_documents=guarded))  # fmt: skip
    transport = httpx2.ASGITransport(app=make_app(world))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE) as http:
        refused = await Browser(world, http).authorize(client_at(site))
        assert "not public" in refused.text
        token = await http.post("/oidc/oauth2/token", data={
            "grant_type": "refresh_token", "refresh_token": "x", "client_id": f"{site.url}/c.json",
        })  # fmt: skip
    assert token.json()["error"] == "invalid_client"


async def test_who_is_disabled_stays_so(taking: Browser, site: Site) -> None:
    """Whatever its document says."""
    await taking.authorize(client_at(site))
    found = await taking.world.clients.find(f"{site.url}/c.json")
    assert found is not None
    assert (found.came_by, found.is_public, found.needs_pkce) == ("document", True, True)
    # What strangers name is not kept for long.
    assert found.unused_until == found.created_at + timedelta(days=1)
    off = replace(found, disabled=True)
    event = AuditEvent(
        at=found.created_at, actor="test", action="client.changed", target=found.client_id
    )
    assert await taking.world.clients.update(off.client_id, lambda _: off, event)
    assert (await taking.authorize(client_at(site))).status_code == 400


async def test_who_is_disabled_while_the_document_is_read_stays_so(
    taking: Browser, site: Site
) -> None:
    """However slowly its server answers."""
    await taking.authorize(client_at(site))
    client_id = f"{site.url}/c.json"
    said = document(site, client_name="Shop")

    class Slow:
        """Its server answers once the administrator is done."""

        async def document(self, address: str) -> object:
            found = await taking.world.clients.find(address)
            assert found is not None
            await keep_client(taking.world, replace(found, disabled=True))
            return said

        def forget(self, address: str) -> None:
            raise AssertionError(address)

    provider = replace(taking.world.provider, client_documents=Slow())
    named = await find_client(provider, client_id)
    assert named is not None
    assert named.disabled
    assert named.metadata.client_name == "Shop"


async def test_a_change_of_the_document_is_followed(taking: Browser, site: Site) -> None:
    """CIMD-4.4: once what was kept is over."""
    await taking.authorize(client_at(site))
    site.documents["/c.json"] = document(site, client_name="Shop")
    assert "Bank (" in (await taking.authorize(client_at(site))).text
    taking.world.provider.client_documents.forget(f"{site.url}/c.json")  # type: ignore[union-attr]
    assert "Shop (" in (await taking.authorize(client_at(site))).text


async def test_twenty_at_once_make_one_client(taking: Browser, site: Site) -> None:
    """And one host is not asked without end on behalf of strangers."""
    pages = await asyncio.gather(*(taking.authorize(client_at(site)) for _ in range(20)))
    assert all("Bank (" in page.text for page in pages)
    rows = await taking.world.clients.page("https://", 100)
    assert [one.client_id for one in rows if one.came_by == "document"] == [f"{site.url}/c.json"]
    for number in range(20):
        await taking.authorize(client_at(site, f"/none-{number}"))
    assert "too often" in (await taking.authorize(client_at(site, "/none"))).text
