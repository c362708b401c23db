"""Documents that the connection itself answers: as any other answer, and in its place. RFC9112."""

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from keycell.http.listening import BoundedProtocol

from ..server import Server, serving_by_itself

JWKS = "/oidc/.well-known/jwks.json"
METADATA = "/oidc/.well-known/openid-configuration"
HOST = "Host: id.example\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("at-once") / "data"
    with serving_by_itself(data, "--access-log") as running:
        yield running


async def answers(server: Server, *requests: str) -> list[tuple[int, dict[str, str], bytes]]:
    """Send requests in one piece; give what comes back until the connection is closed."""
    reader, writer = await asyncio.open_connection("localhost", server.port)
    writer.write("".join(requests).encode())
    found: list[tuple[int, dict[str, str], bytes]] = []
    async with asyncio.timeout(60):
        while line := await reader.readline():
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            headers = dict(re.findall(r"([\w-]+): (.*)\r\n", head.lower()))
            body = b""
            if not requests[len(found)].startswith("HEAD"):
                body = await reader.readexactly(int(headers.get("content-length", "0")))
            found.append((int(line.split()[1]), headers, body))
    writer.close()
    await writer.wait_closed()
    return found


def get(path: str, more: str = "", method: str = "GET", version: str = "1.1") -> str:
    return f"{method} {path} HTTP/{version}\r\n{HOST}{more}\r\n"


LAST = get("/healthz", "Connection: close\r\n")


async def test_it_is_the_answer_that_the_application_gives(server: Server) -> None:
    """RFC7517-5, OIDCD-4.2."""
    for path in (JWKS, METADATA):
        # A query is nobody's address here: the application answers.
        (at_once, by_application, _) = await answers(server, get(path), get(f"{path}?x=1"), LAST)
        assert at_once[0] == by_application[0] == 200
        assert at_once[2] == by_application[2]
        assert json.loads(at_once[2])
        for _, headers, _ in (at_once, by_application):
            assert re.fullmatch("[0-9a-f]{16}", headers.pop("x-request-id"))
            assert headers.pop("date")
        assert at_once[1] == by_application[1]
        assert at_once[1]["access-control-allow-origin"] == "*"


async def test_answers_keep_the_order_of_their_requests(server: Server) -> None:
    """RFC9112-9.3.2."""
    paths = [JWKS, METADATA, "/healthz", JWKS, "/readyz", "/oidc/userinfo", METADATA, JWKS] * 5
    found = await answers(server, *map(get, paths), LAST)
    for path, (status, _, body) in zip([*paths, "/healthz"], found, strict=True):
        assert status == (401 if path == "/oidc/userinfo" else 200)
        known = {JWKS: b"keys", METADATA: b"issuer", "/healthz": b"ok", "/readyz": b"ready"}
        assert known.get(path, b"") in body
    assert len({headers["x-request-id"] for _, headers, _ in found}) == len(found)


async def test_a_reader_that_does_not_read_is_not_written_to(server: Server) -> None:
    """RFC9112-9.3.2: what waits for it is bounded, however much it asks for at once."""
    reader, writer = await asyncio.open_connection("localhost", server.port)
    memory = Path(f"/proc/{server.pid}/status")

    def resident() -> int:
        return int(re.findall(r"VmRSS:\s+(\d+)", memory.read_text())[0])

    before = resident()

    async def ask() -> None:
        for _ in range(100):
            writer.write(get(JWKS).encode() * 1000)
            await writer.drain()

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(ask(), 4)
    assert resident() - before < 12_000
    assert reader.exception() is None
    writer.transport.abort()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (get(JWKS, method="HEAD"), 200), (get(JWKS, method="OPTIONS"), 204),
        (get(JWKS, "Content-Length: 0\r\n", method="POST"), 405),
        (get(JWKS, "Content-Length: 5\r\n") + "hello", 200),
        (get(JWKS, "Transfer-Encoding: chunked\r\n") + "3\r\nabc\r\n0\r\n\r\n", 200),
    ],
)  # fmt: skip
async def test_whatever_is_special_is_answered_as_ever(
    server: Server, request_: str, status: int
) -> None:
    """RFC9110-9.3."""
    first, second, _ = await answers(server, request_, get(METADATA), LAST)
    assert (first[0], second[0]) == (status, 200)
    assert b"issuer" in second[2]


@pytest.mark.parametrize(
    "request_",
    [get(JWKS, "Connection: close\r\n"), get(JWKS, version="1.0"),
     get(JWKS, "Connection: keep-alive\r\n", version="1.0")],
)  # fmt: skip
async def test_a_last_request_ends_the_connection(server: Server, request_: str) -> None:
    """RFC9112-9.6."""
    [(status, headers, body)] = await answers(server, request_)
    assert (status, headers["connection"]) == (200, "close")
    assert json.loads(body)["keys"]


def test_it_is_counted_and_logged_like_any_other(server: Server) -> None:
    def counted() -> int:
        shown = httpx2.get(f"{server.url}/metrics").text
        found = re.search(
            rf'keycell_requests_total{{method="GET",path="{JWKS}",status="200"}} (\d+)', shown
        )
        return int(found[1]) if found else 0

    before = counted()
    response = httpx2.get(server.url + JWKS)
    assert counted() == before + 1
    request_id = response.headers["x-request-id"]
    [line] = [line for line in server.log.read_text().splitlines() if request_id in line]
    event = json.loads(line)
    assert (event["event"], event["method"], event["path"]) == ("answered", "GET", JWKS)
    assert (event["status"], event["ip"]) == (200, "127.0.0.1")


class Small:
    """An application with one document."""

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        headers = [(b"content-length", b"3")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"app"})

    def answer_at_once(self, _scope: object, target: bytes) -> bytes | None:
        return b"content-length: 2\r\n\r\ndo" if target == b"/document" else None


class Quick(BoundedProtocol):
    """The same, for those who test its times."""

    head_seconds = 0.3


@contextlib.asynccontextmanager
async def listening(keep_alive: int) -> AsyncIterator[int]:
    """A server that lets idle connections go after some seconds."""
    config = uvicorn.Config(
        Small(), http=Quick, port=0, lifespan="off", log_config=None,
        timeout_keep_alive=keep_alive, proxy_headers=False,
    )  # fmt: skip
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    yield server.servers[0].sockets[0].getsockname()[1]
    await server.shutdown()


@pytest.mark.parametrize(("path", "body"), [("/document", b"do"), ("/other", b"app")])
async def test_an_idle_connection_is_let_go_in_its_time(path: str, body: bytes) -> None:
    """RFC9112-9.5: after an answer it may rest longer than a head may take, but not for ever."""
    loop = asyncio.get_running_loop()
    async with listening(keep_alive=3) as port, asyncio.timeout(60):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for pause in (0, 0.5, 0.5):
            await asyncio.sleep(pause)
            writer.write(get(path).encode())
            await reader.readuntil(b"\r\n\r\n")
            assert await reader.readexactly(len(body)) == body
        answered = loop.time()
        assert await reader.read() == b""
        assert loop.time() - answered > 2.9
        writer.close()
        await writer.wait_closed()


async def test_a_slow_head_after_an_answer_is_not_waited_for() -> None:
    """RFC9110-15.5.9: no longer than a head may take, whatever an idle connection may."""
    async with listening(keep_alive=600) as port, asyncio.timeout(60):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(get("/document").encode() + b"GET /docu")
        await reader.readuntil(b"\r\n\r\ndo")
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()
