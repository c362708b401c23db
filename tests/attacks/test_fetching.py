"""Requests that we make on others' behalf: rows 57, 59 and 61 of the attacks to survive."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from keycell.bootstrap import World
from keycell.http.logos import Logos
from keycell.oauth.errors import InvalidClientMetadata
from keycell.outside.client_documents import ClientDocuments
from keycell.outside.fetch import (
    LONGEST_BODY,
    SECONDS,
    Fetcher,
    FetchFailed,
    FetchRefused,
    resolve,
)
from keycell.server import make_app

from ..conftest import BASE, CALLBACK

INSIDE = (
    "127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
    "0.0.0.0", "100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fd00::1", "fe80::1",
    "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "2002:7f00:1::",
    "fec0::1", "::7f00:1", "::ffff:0:7f00:1", "64:ff9b:1::a00:1", "3fff::1", "5f00::1", "4000::1",
)  # fmt: skip


def resolving(*answers: str) -> tuple[Fetcher, list[str]]:
    """A fetcher for which every name means these addresses; and the names it asked for."""
    asked: list[str] = []

    async def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return list(answers)

    return Fetcher(resolve=resolve), asked


async def test_attack_57_61_no_address_inside_is_reached() -> None:
    """decisions/0025, attacks 57 and 61: by name, by number, and hidden among good ones."""
    for address in INSIDE:
        for answers in ((address,), ("93.184.216.34", address)):
            fetcher, _ = resolving(*answers)
            with pytest.raises(FetchRefused):
                await fetcher.get("https://app.example/jwks")
        host = f"[{address}]" if ":" in address else address
        with pytest.raises((FetchRefused, FetchFailed)):
            await Fetcher().get(f"https://{host}/jwks")
    fetcher, _ = resolving("93.184.216.34")
    for url in ("http://app.example/", "ftp://app.example/", "file:///etc/passwd",
                "https://user@app.example/", "gopher://app.example/"):  # fmt: skip
        with pytest.raises(FetchRefused):
            await fetcher.get(url)


async def test_attack_57_61_registering_reaches_nothing_inside(world: World) -> None:
    """OIDCR-5, attacks 57 and 61: the sector document, the keys and the logo."""
    fetcher, asked = resolving("127.0.0.1")
    transport = httpx2.ASGITransport(app=make_app(replace(world, fetcher=fetcher)))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE) as http:
        sector = {"redirect_uris": [CALLBACK], "sector_identifier_uri": "https://in.example/s"}
        refused = await http.post("/oidc/register", json=sector)
        assert refused.json()["error"] == "invalid_client_metadata"
        document = {"redirect_uris": [CALLBACK], "logo_uri": "https://in.example/logo.png"}
        made = (await http.post("/oidc/register", json=document)).json()
        assert (await http.get(f"/oauth2/logo/{made['client_id']}")).status_code == 404
        for path in ("/oauth2/logo/unknown", "/oauth2/logo/%00", "/oauth2/logo/keycell-cli"):
            assert (await http.get(path)).status_code == 404
    assert asked == ["in.example", "in.example"]


@contextlib.asynccontextmanager
async def answering(answer: bytes) -> AsyncIterator[str]:
    """A server that gives one answer to everything."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        gone = contextlib.suppress(ConnectionError, asyncio.IncompleteReadError)
        with contextlib.closing(writer), gone:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            await writer.drain()

    server = await asyncio.start_server(serve, "127.0.0.1")
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/x"


def ok(body: bytes, *headers: bytes) -> bytes:
    lines = [b"HTTP/1.1 200 OK", b"Content-Length: %d" % len(body), *headers, b"", body]
    return b"\r\n".join(lines)


async def test_attack_59_no_redirect_is_followed_and_nothing_is_large() -> None:
    """decisions/0025, attack 59."""
    fetcher = Fetcher(["127.0.0.1/32"])
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    for answer in (
        moved, ok(b"x" * (LONGEST_BODY + 1)), ok(b"x", b"Content-Encoding: gzip"), b"nonsense",
        b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", b"",
    ):  # fmt: skip
        async with answering(answer) as url:
            with pytest.raises(FetchFailed):
                await fetcher.get(url)
            assert await fetcher.get_if_there(url) is None
    async with answering(ok(b"{}")) as url:
        assert await fetcher.get_json(url, is_strangers=True) == {}
    await fetcher.close()


async def test_attack_59_a_name_is_asked_for_once() -> None:
    """decisions/0025, attack 59: what was checked is what is connected to."""
    asked = 0

    async def resolve(_host: str, _port: int) -> list[str]:
        nonlocal asked
        asked += 1
        return ["127.0.0.2"] if asked == 1 else ["127.0.0.1"]

    async with answering(ok(b"{}")) as url:
        port = url.rsplit(":", 1)[1].partition("/")[0]
        fetcher = Fetcher(["127.0.0.0/8"], resolve=resolve)
        with pytest.raises(FetchFailed):
            await fetcher.get(f"http://app.example:{port}/")
        await fetcher.close()
    assert asked == 1


async def never(_host: str, _port: int) -> list[str]:
    await asyncio.Event().wait()
    raise AssertionError


async def test_attack_61_slow_hosts_do_not_pile_up() -> None:
    """decisions/0025: who waits behind them waits no longer than for an answer."""
    fetcher = Fetcher(resolve=never)
    # Four at a time, they would take two minutes.
    async with asyncio.timeout(SECONDS * 6):
        told = await asyncio.gather(
            *(fetcher.get_if_there("https://slow.example/") for _ in range(100))
        )
    assert told == [None] * 100


async def test_attack_61_documents_of_strangers_keep_no_keys_waiting() -> None:
    """CIMD-6, decisions/0061: anybody can name an address; half of the turns are for others."""
    called, are_slow = 0, asyncio.Event()

    async def answers_clients(host: str, port: int) -> list[str]:
        nonlocal called
        called += 1
        if called == 4:
            are_slow.set()
        return ["127.0.0.1"] if host == "app.example" else await never(host, port)

    async with answering(ok(b"{}")) as url:
        fetcher = Fetcher(["127.0.0.0/8"], resolve=answers_clients)
        documents = ClientDocuments(fetcher)
        asked = [
            asyncio.ensure_future(documents.document(f"https://x{number}.example/c.json"))
            for number in range(20)
        ]
        await are_slow.wait()
        port = url.rsplit(":", 1)[1].partition("/")[0]
        assert await fetcher.get_json(f"http://app.example:{port}/jwks", is_strangers=True) == {}
        assert called == 5
        told = await asyncio.gather(*asked, return_exceptions=True)
        assert all(isinstance(one, InvalidClientMetadata) for one in told)
        await fetcher.close()


async def test_attack_58_61_what_anybody_has_us_fetch_keeps_no_keys_waiting() -> None:
    """ATTACKS 58, 61, 89: logos and request objects are fetched for whoever opens a page."""
    looked_up, are_slow = 0, asyncio.Event()

    async def answers_clients(host: str, port: int) -> list[str]:
        nonlocal looked_up
        looked_up += 1
        if looked_up == 4:
            are_slow.set()
        return ["127.0.0.1"] if host == "app.example" else await never(host, port)

    async with answering(ok(b"{}")) as url:
        fetcher, logos = Fetcher(["127.0.0.0/8"], resolve=answers_clients), Logos()
        slow: list[Coroutine[Any, Any, bytes | None]] = [
            *(logos.of(fetcher, f"https://slow.example/{one % 3}.png") for one in range(9)),
            *(fetcher.get_if_there(f"https://x{one}.example/") for one in range(9)),
        ]
        asked = [asyncio.ensure_future(one) for one in slow]
        await are_slow.wait()
        port = url.rsplit(":", 1)[1].partition("/")[0]
        assert await fetcher.get_json(f"http://app.example:{port}/jwks", is_strangers=True) == {}
        assert looked_up == 5
        assert len(logos.under_way) == 3
        assert not any(await asyncio.gather(*asked))
        await fetcher.close()


async def test_attack_61_hosts_without_end_are_not_asked_without_end() -> None:
    """CIMD-6, decisions/0061: one name server makes any number of hosts."""
    fetcher, asked = resolving("127.0.0.1")
    documents = ClientDocuments(fetcher)
    for number in range(100):
        with pytest.raises(InvalidClientMetadata):
            await documents.document(f"https://x{number}.example/c.json")
    assert len(asked) == 60


async def test_names_are_looked_up_by_threads_of_their_own() -> None:
    """decisions/0025: a name server that is slow holds up no list, no mail and no database."""
    free = threading.Event()
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(1))
    held = loop.run_in_executor(None, free.wait, 120)
    try:
        async with asyncio.timeout(60):
            assert set(await resolve("localhost", 80)) <= {"127.0.0.1", "::1"}
    finally:
        free.set()
        await held


PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PNG, "image/png"), (b"\xff\xd8\xff\xe0", "image/jpeg"), (b"GIF89a", "image/gif"),
        (b"RIFF1234WEBPVP8 ", "image/webp"), (b'<svg xmlns="x"></svg>', "image/svg+xml"),
        (b"<html><script>alert(1)</script>", None), (b"", None), (b"%PDF", None),
    ],
)  # fmt: skip
async def test_a_logo_comes_from_us_and_can_do_nothing(
    world: World, content: bytes, kind: str | None
) -> None:
    """OIDCR-2, UX-C01, attack 83."""
    async with answering(ok(content)) as url:
        told = replace(world, fetcher=Fetcher(["127.0.0.1/32"]))
        transport = httpx2.ASGITransport(app=make_app(told))
        async with httpx2.AsyncClient(transport=transport, base_url=BASE) as http:
            document = {"redirect_uris": [CALLBACK], "logo_uri": url}
            made = (await http.post("/oidc/register", json=document)).json()
            path = f"/oauth2/logo/{made['client_id']}"
            query = {"client_id": made["client_id"], "response_type": "code", "scope": "openid"}
            page = await http.get("/oidc/oauth2/auth", params=query)
            page = await http.get(page.headers["location"])
            assert f'<img src="{path}"' in page.text
            assert url not in page.text
            shown = await http.get(path)
            again = await http.get(path)
        await told.fetcher.close()
    assert shown.status_code == (404 if kind is None else 200)
    assert again.content == shown.content == (content if kind else b"")
    assert shown.headers.get("content-type") == kind
    assert "sandbox" in shown.headers["content-security-policy"]
    assert shown.headers["x-content-type-options"] == "nosniff"
