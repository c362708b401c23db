"""`keycell serve` as those who run it know it: starts, refuses to start, is proxied, stops."""

import base64
import json
import os
import re
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

import keycell as package
from keycell.settings import SETTINGS, Settings

from .cli.test_schemas import check
from .postgres import Postgres
from .server import KEYCELL, Server, keycell, serving, serving_by_itself
from .waiting import is_read, is_refused, until

KEY = base64.urlsafe_b64encode(bytes(range(32))).rstrip(b"=").decode()

AWAY = 'keycell_check{check="database"} 0\n'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("serve") / "data") as running:
        yield running


def test_it_starts_on_an_empty_folder_and_is_small(tmp_path: Path) -> None:
    """How long it takes is measured by the bench."""
    with serving_by_itself(tmp_path / "data") as server:
        link = server.setup_link()
        assert re.fullmatch(rf"{server.url}/setup#[\w-]{{43}}", link)
        memory = Path(f"/proc/{server.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", memory)
        assert found
        assert int(found[1]) < 100 * 1024
        # What strangers upload is decoded by other processes, which alone load what does it.
        assert "/PIL/" not in Path(f"/proc/{server.pid}/maps").read_text()
        assert server.stop() == 0
    with serving_by_itself(tmp_path / "data") as again:
        assert "/setup#" in again.log.read_text()
        assert again.setup_link() != link


def test_a_program_is_told_where_it_is_and_how_to_begin(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--json") as server:
        told = json.loads(server.log.read_text().splitlines()[0])
    check("serve", told)
    assert told["url"] == server.url
    assert told["setup"].startswith(f"{server.url}/setup#")
    with serving(tmp_path / "data", "--quiet") as again:
        assert "is starting" not in again.log.read_text()
        assert again.setup_link() != told["setup"]


def test_secrets_are_in_private_files(server: Server) -> None:
    for path in server.data.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path


def test_health_readiness_and_metrics(server: Server) -> None:
    assert httpx2.get(f"{server.url}/healthz").json() == {"status": "ok"}
    ready = httpx2.get(f"{server.url}/readyz").json()
    assert ready == {"status": "ready", "checks": {"database": "good"}}
    shown = httpx2.get(f"{server.url}/metrics")
    assert shown.headers["content-type"].startswith("text/plain")
    assert 'keycell_requests_total{method="GET",path="/healthz",status="200"}' in shown.text
    assert 'keycell_check{check="database"} 1\n' in shown.text


def test_p23_every_answer_says_when_it_was_given(server: Server) -> None:
    """RFC9110-6.6.1, PROTOCOL-P23: the documents that are sent as they stand, too."""
    for path in ("/oidc/userinfo", "/a/tree/stat/x", "/oidc/.well-known/openid-configuration"):
        assert "date" in httpx2.get(f"{server.url}{path}").headers


def test_what_strangers_send_makes_no_series_of_its_own(server: Server) -> None:
    """Prometheus keeps a series for every label that was ever seen."""

    def series() -> set[str]:
        shown = httpx2.get(f"{server.url}/metrics").text
        return {line.rpartition(" ")[0] for line in shown.splitlines() if line[:1] != "#"}

    def send(n: int) -> None:
        httpx2.get(f"{server.url}/nowhere/{n}")
        httpx2.get(f"{server.url}/oidc/register/client-{n}")
        httpx2.get(f"{server.url}/assets/{n}/x.css")
        httpx2.request(f"MOVE{n}", f"{server.url}/oauth2/login")

    send(0)
    before = series()
    for n in range(1, 30):
        send(n)
    assert series() == before
    assert 'keycell_requests_total{method="GET",path="other",status="404"}' in before


def test_attack_81_a_proxy_is_believed_only_where_it_is_named(tmp_path: Path) -> None:
    """ATTACKS: X-Forwarded-For of strangers changes nothing."""
    forwarded = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
    form = {"grant_type": "client_credentials", "client_id": "no", "client_secret": "no"}
    for flags, expected in (
        ((), "127.0.0.1"),
        (("--trusted-proxy", "127.0.0.1", "--public-url", "https://id.example"), "203.0.113.9"),
    ):
        data = tmp_path / str(len(flags))
        with serving(data, "--access-log", *flags) as server:
            httpx2.post(f"{server.url}/oidc/oauth2/token", data=form, headers=forwarded)
            httpx2.get(f"{server.url}/healthz", headers=forwarded)
        ips = {
            json.loads(line).get("ip")
            for line in server.log.read_text().splitlines()
            if line.startswith("{") and '"answered"' in line
        }
        assert expected in ips
        assert ("203.0.113.9" in ips) == bool(flags)


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_waits_for_the_answers_under_way(tmp_path: Path, asked: signal.Signals) -> None:
    form = b"grant_type=client_credentials&client_id=nobody&client_secret=nothing"
    head = (
        b"POST /oidc/oauth2/token HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: %d\r\n\r\n" % len(form)
    )
    with serving_by_itself(tmp_path / "data") as server:
        under_way = socket.create_connection(("localhost", server.port))
        under_way.sendall(head + form[:10])
        until(lambda: is_read(under_way))
        os.kill(server.pid, asked)
        until(lambda: is_refused(server.port))
        assert server.is_running
        under_way.sendall(form[10:])
        with under_way.makefile("rb") as answer:
            assert answer.readline().startswith(b"HTTP/1.1 401")
        under_way.close()
        assert server.stop(asked) == 0
        assert "Traceback" not in server.log.read_text()


def test_two_workers_count_together_and_stop_cleanly(tmp_path: Path) -> None:
    folder = tmp_path / "tmp"
    folder.mkdir()
    with serving(tmp_path / "data", "--workers", "2", TMPDIR=str(folder)) as server:
        for _ in range(40):
            httpx2.get(f"{server.url}/healthz")
        shown = httpx2.get(f"{server.url}/metrics").text
        found = re.search(r'path="/healthz",status="200"\} (\d+)', shown)
        assert found
        assert int(float(found[1])) == 40
        assert server.stop(signal.SIGINT) == 0
    assert list(folder.iterdir()) == []


def test_a_killed_server_starts_again(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving_by_itself(data) as server:
        server.stop(signal.SIGKILL)
        server.start()
        assert httpx2.get(f"{server.url}/readyz").status_code == 200


def test_a_database_that_goes_away_is_a_503_until_it_is_back(
    tmp_path: Path, postgres: Postgres
) -> None:
    with postgres.database() as url:
        environment = {"KEYCELL_SEALING_KEY": KEY}
        with serving(tmp_path / "data", "--database", url, **environment) as server:
            made = keycell("admin", "client", "add", "App", "--grant-type", "client_credentials",
                           "--database", url, "--json",
                           environment=environment).stdout  # fmt: skip
            client = json.loads(made)
            form = {"grant_type": "client_credentials"}
            auth = (client["client_id"], client["client_secret"])
            token = f"{server.url}/oidc/oauth2/token"
            assert httpx2.post(token, data=form, auth=auth).status_code == 200
            with postgres.away():
                unknown = httpx2.post(token, data=form, auth=("unknown", "x"))
                assert unknown.status_code == 503
                assert unknown.json()["error"] == "temporarily_unavailable"
                assert unknown.headers["retry-after"]
                assert httpx2.get(f"{server.url}/readyz").status_code == 503
                assert httpx2.get(f"{server.url}/healthz").status_code == 200
                counted = httpx2.get(f"{server.url}/metrics")
                assert counted.status_code == 200
                assert AWAY in counted.text
                assert httpx2.get(f"{server.url}/oauth2/login").status_code in (200, 503)
            assert httpx2.get(f"{server.url}/readyz").status_code == 200
            assert AWAY not in httpx2.get(f"{server.url}/metrics").text
            assert httpx2.post(token, data=form, auth=auth).status_code == 200


async def hello(_request: Request) -> Response:
    return PlainTextResponse("hello")


@pytest.fixture
async def mounted(tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    made = package.create_app(Settings(data=tmp_path / "data", public_url="http://localhost"))
    app = Starlette(routes=[Route("/hello", hello), Mount("/", made)])
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as http:
        yield http
    await made.stop()


async def test_it_mounts_inside_another_application(mounted: httpx2.AsyncClient) -> None:
    """decisions/0023."""
    assert (await mounted.get("/hello")).text == "hello"
    document = (await mounted.get("/oidc/.well-known/openid-configuration")).json()
    assert document["issuer"] == "http://localhost/oidc"
    assert (await mounted.get("/oauth2/login")).status_code == 200


def test_every_flag_has_an_environment_variable() -> None:
    said = keycell("serve", "--help", environment={"COLUMNS": "200", "TERM": "dumb"}).stdout
    for name in SETTINGS:
        if name == "sealing_key":
            continue
        flag = {"trusted_proxies": "trusted-proxy", "fetch_networks": "fetch-network"}.get(name)
        assert f"--{flag or name.replace('_', '-')}" in said
    assert "KEYCELL_" in said
    assert os.path.exists(KEYCELL)  # noqa: PTH110
