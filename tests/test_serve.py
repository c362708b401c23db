"""`keycell serve` as those who run it know it: starts, refuses to start, is proxied, stops."""

import base64
import json
import os
import re
import signal
import sqlite3
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

import keycell as package
from keycell.settings import Settings

from .postgres import Postgres, free_port
from .server import KEYCELL, Server, keycell, serving

KEY = base64.urlsafe_b64encode(bytes(range(32))).rstrip(b"=").decode()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("serve") / "data") as running:
        yield running


def test_it_starts_on_an_empty_folder_within_two_seconds(tmp_path: Path) -> None:
    """A generous bound on a noisy machine; the figure itself is measured by the bench."""
    with serving(tmp_path / "data") as server:
        link = server.setup_link()
        assert re.fullmatch(rf"{server.url}/setup#[\w-]{{43}}", link)
        memory = Path(f"/proc/{server.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", memory)
        assert found
        assert int(found[1]) < 100 * 1024
        started = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - started < 5
    with serving(tmp_path / "data") as again:
        assert "/setup#" in again.log.read_text()
        assert again.setup_link() != link


def test_secrets_are_in_private_files(server: Server) -> None:
    for path in server.data.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path


def test_health_readiness_and_metrics(server: Server) -> None:
    assert httpx2.get(f"{server.url}/healthz").json() == {"status": "ok"}
    assert httpx2.get(f"{server.url}/readyz").json() == {"status": "ready"}
    httpx2.get(f"{server.url}/nowhere/{'x' * 50}")
    shown = httpx2.get(f"{server.url}/metrics")
    assert shown.headers["content-type"].startswith("text/plain")
    assert 'keycell_requests_total{method="GET",path="other",status="404"}' in shown.text


def test_every_answer_has_a_request_id_that_the_log_knows(server: Server) -> None:
    response = httpx2.post(f"{server.url}/oidc/oauth2/token", data={"grant_type": "x"})
    assert response.headers["x-request-id"] == response.json()["request_id"]


def refusal(*arguments: str, **environment: str) -> str:
    """Give the sentence with which a start ends."""
    done = keycell("serve", "--port", str(free_port()), *arguments, code=1,
                   environment=environment)  # fmt: skip
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("error: ")
    return done.stderr


def test_a_wrong_start_ends_with_one_sentence(tmp_path: Path) -> None:
    data = ("--data", str(tmp_path / "data"))
    assert "https" in refusal(*data, "--public-url", "http://id.example.org")
    assert "root of its origin" in refusal(*data, "--public-url", "https://id.example/sub")
    assert "go together" in refusal(*data, "--tls-cert", "/etc/hostname")
    assert "no such file" in refusal(*data, "--tls-cert", "/no", "--tls-key", "/no")
    assert "KEYCELL_SEALING_KEY" in refusal(*data, "--database", "postgresql://127.0.0.1/x")
    assert "expected postgresql" in refusal(*data, "--database", "mysql://x")
    assert "1 to 65535" in refusal(*data, KEYCELL_PORT="99999")
    assert "expected a number" in refusal(*data, KEYCELL_WORKERS="many")
    assert "registration" in refusal(*data, "--registration", "maybe")
    assert "10.0.0.0/8" in refusal(*data, "--trusted-proxy", "my-proxy")
    away = f"postgresql://keycell@127.0.0.1:{free_port()}/none"
    assert refusal(*data, "--database", away, KEYCELL_SEALING_KEY=KEY)
    assert "43 characters" in refusal(*data, KEYCELL_SEALING_KEY="short")


def test_a_wrong_store_ends_with_one_sentence(tmp_path: Path) -> None:
    data = tmp_path / "data"
    keycell("admin", "user", "list", "--data", str(data))
    kept = (data / "sealing.key").read_text()
    (data / "sealing.key").write_text(KEY)
    assert "sealing key is not the one" in refusal("--data", str(data))
    (data / "sealing.key").write_text(kept)
    (data / "sealing.key").chmod(0o644)
    assert "chmod 600" in refusal("--data", str(data))
    (data / "sealing.key").chmod(0o600)
    with sqlite3.connect(data / "keycell.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    assert "later version" in refusal("--data", str(data))
    (data / "keycell.db").write_bytes(b"not a database" * 1000)
    assert refusal("--data", str(data))


def test_a_port_that_is_taken_is_said(server: Server, tmp_path: Path) -> None:
    done = subprocess.run(
        [KEYCELL, "serve", "--data", str(tmp_path / "data"), "--port", str(server.port)],
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert f"port {server.port}" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    chain, private = folder / "cert.pem", folder / "key.pem"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return chain, private


def test_tls_by_flags(tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    chain, private = certificate
    flags = ("--tls-cert", str(chain), "--tls-key", str(private))
    with serving(tmp_path / "data", *flags) as server:
        trusted = ssl.create_default_context(cafile=str(chain))
        with httpx2.Client(verify=trusted, base_url=server.url) as http:
            document = http.get("/oidc/.well-known/openid-configuration").json()
            assert document["issuer"] == f"{server.url}/oidc"
            page = http.get("/oauth2/login")
        cookie = page.headers["set-cookie"]
        assert cookie.startswith("__Host-")
        assert "Secure" in cookie
        assert "max-age=" in page.headers["strict-transport-security"]


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


def test_two_workers_count_together_and_stop_cleanly(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--workers", "2") as server:
        for _ in range(40):
            httpx2.get(f"{server.url}/healthz")
        shown = httpx2.get(f"{server.url}/metrics").text
        found = re.search(r'path="/healthz",status="200"\} (\d+)', shown)
        assert found
        assert int(float(found[1])) == 40
        assert server.stop(signal.SIGINT) == 0


def test_a_killed_server_starts_again(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data) as server:
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
            postgres.stop()
            unknown = httpx2.post(token, data=form, auth=("unknown", "x"))
            assert unknown.status_code == 503
            assert unknown.json()["error"] == "temporarily_unavailable"
            assert unknown.headers["retry-after"]
            assert httpx2.get(f"{server.url}/readyz").status_code == 503
            assert httpx2.get(f"{server.url}/healthz").status_code == 200
            assert httpx2.get(f"{server.url}/oauth2/login").status_code in (200, 503)
            postgres.start()
            assert httpx2.get(f"{server.url}/readyz").status_code == 200
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
    for name in Settings.__dataclass_fields__:
        if name == "sealing_key":
            continue
        flag = {"trusted_proxies": "trusted-proxy", "fetch_networks": "fetch-network"}.get(name)
        assert f"--{flag or name.replace('_', '-')}" in said
    assert "KEYCELL_" in said
    assert os.path.exists(KEYCELL)  # noqa: PTH110
