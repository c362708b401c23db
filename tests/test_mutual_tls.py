"""Mutual TLS of our own: `keycell serve --mtls-port`, with real certificates. RFC8705."""

import contextlib
import json
import os
import signal
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx2
import pytest

from .application import CALLBACK, PASSWORD, VERIFIER, Application
from .certificates import NAME, Certificate, authority, certificate
from .postgres import free_port
from .server import Server, keycell, keycell_json, serving
from .test_tls import pem
from .waiting import is_read, is_refused, until

CA = authority()
MINE = certificate(NAME, issuer=authority("CN=Between", CA))
ITSELF = certificate("CN=whoever")
_METHOD = "token_endpoint_auth_method"


@dataclass(frozen=True)
class Running:
    """A server with its two ports, and what its clients trust."""

    server: Server
    mtls: str
    trusted: Path
    folder: Path

    @contextmanager
    def http(
        self, shown: Certificate | None, *, at: str | None = None, tls_1_2: bool = False
    ) -> Iterator[httpx2.Client]:
        """Speak HTTP over TLS, with a certificate or without."""
        with httpx2.Client(
            verify=self.context(shown, tls_1_2=tls_1_2), base_url=at or self.mtls, timeout=20
        ) as http:
            yield http

    def context(self, shown: Certificate | None, *, tls_1_2: bool = False) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.trusted))
        if tls_1_2:
            context.maximum_version = ssl.TLSVersion.TLSv1_2
        if shown is not None:
            context.load_cert_chain(*shown.write(self.folder / shown.x5t))
        return context

    def add(self, *grant_types: str, **metadata: object) -> str:
        told = keycell_json(
            "admin", "client", "add", "App", "--metadata", json.dumps(metadata),
            *(f"--redirect-uri={CALLBACK}" for one in grant_types if one[0] == "a"),
            *(f"--grant-type={one}" for one in grant_types), "--data", str(self.server.data),
        )  # fmt: skip
        assert "client_secret" not in told
        client_id: str = told["client_id"]
        return client_id


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("mtls")
    chain, private = pem(folder / "localhost")
    (folder / "ca.pem").write_text(CA.pem)
    port = free_port()
    flags = (
        "--tls-cert", str(chain), "--tls-key", str(private), "--mtls-port", str(port),
        "--client-ca", str(folder / "ca.pem"), "--workers", "2",
    )  # fmt: skip
    with serving(folder / "data", *flags) as server:
        yield Running(server, f"https://localhost:{port}", chain, folder)
        assert server.stop() == 0
        assert "Traceback" not in server.log.read_text()


def own_token(http: httpx2.Client, client_id: str) -> httpx2.Response:
    form = {"grant_type": "client_credentials", "client_id": client_id}
    return http.post("/oidc/oauth2/token", data=form)


@pytest.mark.parametrize("tls_1_2", [False, True])
def test_clients_are_known_by_what_they_show(running: Running, tls_1_2: bool) -> None:  # noqa: FBT001
    """RFC8705-2.1, RFC8705-2.2, P17: and at the other port nobody shows anything."""
    by_name = running.add(
        "client_credentials", **{_METHOD: "tls_client_auth", "tls_client_auth_subject_dn": NAME}
    )
    alone = running.add(
        "client_credentials", **{_METHOD: "self_signed_tls_client_auth", "jwks": ITSELF.jwks}
    )
    for client_id, shown in ((by_name, MINE), (alone, ITSELF)):
        for one in (MINE, ITSELF, None):
            with running.http(one, tls_1_2=tls_1_2) as http:
                told = own_token(http, client_id)
                assert told.status_code == (200 if one is shown else 401), told.text
                assert "date" in told.headers
        with running.http(shown, at=running.server.url, tls_1_2=tls_1_2) as http:
            assert own_token(http, client_id).status_code == 401


def test_the_metadata_says_where_to_go(running: Running) -> None:
    """RFC8705-3.3, RFC8705-5, PROTOCOL-P1: each alias answers there."""
    with running.http(None, at=running.server.url) as http:
        told = http.get("/oidc/.well-known/openid-configuration").json()
    assert told["tls_client_certificate_bound_access_tokens"] is True
    assert {"tls_client_auth", "self_signed_tls_client_auth"} <= set(
        told["token_endpoint_auth_methods_supported"]
    )
    aliases = told["mtls_endpoint_aliases"]
    with running.http(MINE) as http:
        for name, address in aliases.items():
            assert address.startswith(f"{running.mtls}/oidc/"), name
            method = "GET" if name == "userinfo_endpoint" else "POST"
            assert http.request(method, address).status_code == 401, name
        # The issuer is one, wherever one asks.
        again = http.get("/oidc/.well-known/openid-configuration").json()
    assert again["issuer"] == told["issuer"] == f"{running.server.url}/oidc"


def test_a_bound_token_carries_files_both_ways(running: Running) -> None:
    """RFC8705-3, RFC8705-4: megabytes through our TLS, and not a byte without the certificate."""
    client_id = running.add(
        "authorization_code", "refresh_token",
        **{_METHOD: "none", "tls_client_certificate_bound_access_tokens": True},
    )  # fmt: skip
    keycell("admin", "user", "add", "ann", "--password-stdin", "--data",
            str(running.server.data), stdin=PASSWORD)  # fmt: skip
    with running.http(None, at=running.server.url) as person:
        code = Application(client_id, "").code(
            person, "openid offline_access files.read files.write"
        )
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER, "client_id": client_id}  # fmt: skip
    with running.http(None) as http:
        assert http.post("/oidc/oauth2/token", data=form).json()["error"] == "invalid_request"
    sent = bytes(range(256)) * 20_000
    with running.http(ITSELF) as http:
        tokens = http.post("/oidc/oauth2/token", data=form).json()
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        place = "/io/personal-files/large.bin"
        assert http.put(place, content=sent, headers=bearer).status_code == 200
        with http.stream("GET", place, headers=bearer) as got:
            time.sleep(0.3)  # It has to wait for us meanwhile.
            assert got.read() == sent
        again = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"],
                 "client_id": client_id}  # fmt: skip
        assert http.post("/oidc/oauth2/token", data=again).status_code == 200
    for thief, at in ((MINE, running.mtls), (None, running.mtls), (None, running.server.url)):
        with running.http(thief, at=at) as http:
            assert http.get(place, headers=bearer).status_code == 401
            assert http.get("/oidc/userinfo", headers=bearer).status_code == 401


def test_a_certificate_without_its_key_is_nobodys(running: Running) -> None:
    """RFC8446-4.4.3: who shows it must sign with its key."""
    theirs, mine = ITSELF.write(running.folder / "theirs"), MINE.write(running.folder / "mine")
    with pytest.raises(ssl.SSLError):
        running.context(None).load_cert_chain(theirs[0], mine[1])
    # The library would not even send it; OpenSSL at our end asks for the signature all the same.


def test_strangers_cost_nothing(running: Running) -> None:
    """RFC8446-6.2: nonsense, silence, and half a handshake end the connection and no more."""
    port = int(running.mtls.rpartition(":")[2])
    plain = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    for sent in (plain, b"\x16\x03\x01\x02\x00" + b"x" * 512, b"\x00" * 70_000):
        with socket.create_connection(("localhost", port), 15) as stranger:
            stranger.sendall(sent)
            with contextlib.suppress(ConnectionResetError):
                assert b"HTTP" not in stranger.recv(4096)
    idle = [socket.create_connection(("localhost", port)) for _ in range(20)]
    old = running.context(None)
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with (
        socket.create_connection(("localhost", port), 15) as under, pytest.raises(ssl.SSLError),
    ):  # fmt: skip
        old.wrap_socket(under, server_hostname="localhost")
    with running.http(ITSELF) as http:
        assert http.get("/readyz").status_code == 200
    for one in idle:
        one.close()


def test_a_stop_waits_for_the_answers_under_way(tmp_path: Path) -> None:
    """As at the other port: and the stores are there for as long as somebody needs them."""
    chain, private = pem(tmp_path / "localhost")
    port = free_port()
    flags = ("--tls-cert", str(chain), "--tls-key", str(private), "--mtls-port", str(port))
    form = b"grant_type=client_credentials&client_id=nobody&client_secret=nothing"
    head = (
        b"POST /oidc/oauth2/token HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: %d\r\n\r\n" % len(form)
    )
    with serving(tmp_path / "data", *flags) as server:
        context = ssl.create_default_context(cafile=str(chain))
        context.load_cert_chain(*ITSELF.write(tmp_path / "client"))
        with (
            socket.create_connection(("localhost", port), 20) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as under_way,
        ):
            under_way.sendall(head + form[:10])
            until(lambda: is_read(under_way))
            os.kill(server.pid, signal.SIGTERM)
            until(lambda: is_refused(port))
            under_way.sendall(form[10:])
            with under_way.makefile("rb") as answer:
                assert answer.readline().startswith(b"HTTP/1.1 401")
        assert server.stop() == 0
        told = server.log.read_text()
    assert "Traceback" not in told
    assert told.count("Make the first administrator") == 1


def test_what_does_not_go_together(tmp_path: Path) -> None:
    """Told in a sentence, before anything starts."""
    chain, private = pem(tmp_path / "localhost")
    tls = ("--tls-cert", str(chain), "--tls-key", str(private))
    ca = ("--client-ca", str(chain))
    for flags, told in (
        (("--mtls-port", "8443"), "--tls-cert"),
        ((*tls, "--mtls-port", "8080"), "another port"),
        ((*tls, "--mtls-port", "70000"), "65535"),
        (("--client-cert-header", "Client-Cert"), "--trusted-proxy"),
        (("--client-cert-header", "Client Cert", "--trusted-proxy", "::1"), "a name like"),
        (ca, "--mtls-port"),
        (("--mtls-url", "https://mtls.example"), "--mtls-port"),
        ((*tls, "--mtls-port", "8443", "--mtls-url", "http://localhost"), "https"),
        ((*tls, "--mtls-port", "8443", "--client-ca", "nowhere"), "no such file"),
    ):
        done = keycell("serve", "--data", str(tmp_path / "data"), *flags, code=2)
        assert told in done.stderr, flags
    free = ("--port", str(free_port()), "--mtls-port", str(free_port()))
    none = ("--client-ca", str(private))
    done = keycell("serve", "--data", str(tmp_path / "data"), *tls, *free, *none, code=1)
    assert "expected certificates in PEM" in done.stderr


def test_a_proxy_sends_what_it_saw(tmp_path: Path) -> None:
    """RFC9440-4, attack 47: by a header that it replaces, and that nobody else may send."""
    (tmp_path / "ca.pem").write_text(CA.pem)
    seen = (
        "--client-cert-header", "X-SSL-Cert", "--client-ca", str(tmp_path / "ca.pem"),
        "--public-url", "https://id.example", "--mtls-url", "https://mtls.example",
    )  # fmt: skip
    mine = certificate(NAME, issuer=CA)
    header = {"X-SSL-Cert": quote(mine.pem), "X-Forwarded-For": "203.0.113.9"}
    for proxy, status in (("127.0.0.1", 200), ("203.0.113.0/24", 401)):
        data = tmp_path / proxy.replace("/", "-")
        with serving(data, *seen, "--trusted-proxy", proxy) as server:
            client_id = keycell_json(
                "admin", "client", "add", "App", "--data", str(data), "--metadata",
                json.dumps({_METHOD: "tls_client_auth", "tls_client_auth_subject_dn": NAME}),
            )["client_id"]  # fmt: skip
            form = {"grant_type": "client_credentials", "client_id": client_id}
            told = httpx2.post(f"{server.url}/oidc/oauth2/token", data=form, headers=header)
            assert told.status_code == status, told.text
            document = httpx2.get(f"{server.url}/oidc/.well-known/openid-configuration").json()
            aliases = document["mtls_endpoint_aliases"]
            assert aliases["token_endpoint"] == "https://mtls.example/oidc/oauth2/token"
