"""The two servers, each on the one core, and how each is made ready."""

import contextlib
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2

from bench.machine import SERVER_CORE, node

HERE = Path(__file__).parent
CALLBACK = "https://app.example/callback"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
PASSWORD = "correct horse battery"
KEYCELL = str(Path(sys.executable).with_name("keycell"))


@dataclass(frozen=True)
class Paths:
    """Where a server has its endpoints."""

    discovery: str
    jwks: str
    authorize: str
    token: str
    introspect: str
    userinfo: str
    par: str


@dataclass
class Peer:
    """A running server, with a client registered and a person signed in."""

    name: str
    port: int
    pid: int
    paths: Paths
    client_id: str
    secret: str
    plain_id: str
    """Whose access tokens UserInfo and introspection take."""
    es256_id: str
    """Whose ID tokens are signed by ES256; everybody else's by RS256."""
    scope: str
    started_in: float
    cookie: str = ""
    idle_mb: float = 0.0
    secrets: dict[str, str] = field(default_factory=dict)
    """Of the clients that have one of their own."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def authorize_path(self, client_id: str) -> str:
        query = {
            "client_id": client_id, "redirect_uri": CALLBACK, "response_type": "code",
            "scope": self.scope, "state": "state-1234", "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }  # fmt: skip
        return f"{self.paths.authorize}?{urlencode(query)}"

    def post(self, path: str, client_id: str, **form: str) -> httpx2.Response:
        auth = (client_id, self.secret_of(client_id))
        return httpx2.post(f"{self.url}{path}", data=form, auth=auth)

    def client_of(self, alg: str) -> str:
        """Give the client whose ID tokens are signed by this algorithm."""
        return self.client_id if alg == "RS256" else self.es256_id

    def secret_of(self, client_id: str) -> str:
        """Give a client's secret."""
        return self.secrets.get(client_id, self.secret)

    def code(self, client_id: str) -> str:
        """Get a code for the person who is signed in."""
        response = httpx2.get(
            self.url + self.authorize_path(client_id), headers={"Cookie": self.cookie}
        )
        return code_of(response)

    def tokens(self, client_id: str) -> dict[str, str]:
        """Exchange a fresh code."""
        response = self.post(
            self.paths.token, client_id, grant_type="authorization_code",
            code=self.code(client_id), redirect_uri=CALLBACK, code_verifier=VERIFIER,
        )  # fmt: skip
        assert response.status_code == 200, response.text
        found: dict[str, str] = response.json()
        return found


def code_of(response: httpx2.Response) -> str:
    """Give the code that an authorization response carries."""
    location = response.headers.get("location", "")
    found = parse_qs(urlsplit(location).query).get("code")
    assert found, f"{response.status_code} {location} {response.text[:300]}"
    return found[0]


@contextlib.contextmanager
def keycell(folder: Path) -> Iterator[Peer]:
    """Keycell as `keycell serve` starts it, on SQLite with every commit synced."""
    with serving_keycell(folder, set_up_keycell(folder)) as peer:
        yield peer


def set_up_keycell(folder: Path) -> list[dict[str, str]]:
    """Add a person and two clients: of ID tokens by RS256, and by ES256."""
    data = ["--data", str(folder)]
    subprocess.run([KEYCELL, "admin", "user", "add", "ann", "--name", "Ann Example", "--email",
                    "ann@example.org", "--password-stdin", *data],
                   input=PASSWORD, text=True, check=True, capture_output=True)  # fmt: skip
    return [add_client(KEYCELL, alg, data) for alg in ("RS256", "ES256")]


@contextlib.contextmanager
def serving_keycell(
    folder: Path, clients: list[dict[str, str]], name: str = "Keycell"
) -> Iterator[Peer]:
    """Serve a data folder."""
    client, es256 = clients
    port = free_port()
    command = [KEYCELL, "serve", "--port", str(port), "--log-level", "warning",
               "--data", str(folder)]  # fmt: skip
    with running(command, port, "/readyz", {}) as (pid, started_in):
        yield Peer(
            name=name, port=port, pid=pid, started_in=started_in,
            paths=Paths("/oidc/.well-known/openid-configuration", "/oidc/.well-known/jwks.json",
                        "/oidc/oauth2/auth", "/oidc/oauth2/token", "/oidc/oauth2/introspect",
                        "/oidc/userinfo", "/oidc/oauth2/par"),
            client_id=client["client_id"], secret=client["client_secret"],
            plain_id=client["client_id"], es256_id=es256["client_id"],
            secrets={es256["client_id"]: es256["client_secret"]},
            scope="openid profile email offline_access",
        )  # fmt: skip


def add_client(command: str, alg: str, data: list[str]) -> dict[str, str]:
    """Register a client whose ID tokens are signed by this algorithm."""
    signed = ("id_token_signed_response_alg", "introspection_signed_response_alg")
    metadata = json.dumps(dict.fromkeys(signed, alg))
    made = subprocess.run(
        [command, "admin", "client", "add", f"Bench {alg}", "--redirect-uri", CALLBACK,
         "--grant-type", "authorization_code", "--grant-type", "refresh_token", "--grant-type",
         "client_credentials", "--metadata", metadata, "--json", *data],
        text=True, check=True, capture_output=True,
    )  # fmt: skip
    found: dict[str, str] = json.loads(made.stdout)
    return found


def sign_in_to_keycell(peer: Peer) -> None:
    """Walk through the login and consent pages as a browser does."""
    with httpx2.Client(base_url=peer.url, follow_redirects=False) as http:
        page = follow(http, http.get(peer.authorize_path(peer.client_id)))
        page = submit(http, page, username="ann", password=PASSWORD)
        code_of(consented(http, page))
        page = follow(http, http.get(peer.authorize_path(peer.es256_id)))
        code_of(consented(http, page))
        peer.cookie = cookies(http)


def consented(http: httpx2.Client, page: httpx2.Response) -> httpx2.Response:
    """Consent where it is asked: it is remembered with the data folder."""
    return page if "location" in page.headers else submit(http, page, action="accept")


@contextlib.contextmanager
def oidc_provider(_folder: Path) -> Iterator[Peer]:
    """node-oidc-provider as its documentation starts it."""
    if not (HERE / "node_modules").exists():
        install = ["npm", "ci", "--no-audit", "--no-fund"]
        subprocess.run(install, cwd=HERE, check=True, stdout=sys.stderr)
    port, secret = free_port(), secrets.token_urlsafe(32)
    environment = {"PORT": str(port), "SECRET": secret, "NODE_ENV": "production"}
    with running([node(), str(HERE / "oidc_provider.mjs")], port, "/jwks", environment) as (
        pid, started_in,
    ):  # fmt: skip
        yield Peer(
            name="oidc-provider", port=port, pid=pid, started_in=started_in,
            paths=Paths("/.well-known/openid-configuration", "/jwks", "/auth", "/token",
                        "/token/introspection", "/me", "/request"),
            client_id="bench", secret=secret, plain_id="plain", es256_id="es256",
            scope="openid profile email api",
        )  # fmt: skip


def sign_in_to_oidc_provider(peer: Peer) -> None:
    """Walk through its development pages, once for each client."""
    with httpx2.Client(base_url=peer.url, follow_redirects=False) as http:
        for client_id in (peer.client_id, peer.plain_id, peer.es256_id):
            page = follow(http, http.get(peer.authorize_path(client_id)))
            while "location" not in page.headers:
                page = submit(http, page, login="ann", password="x")
            code_of(page)
        peer.cookie = cookies(http)


def cookies(http: httpx2.Client) -> str:
    """Give the cookies that go with every request, in the form of a header."""
    kept = [cookie for cookie in http.cookies.jar if cookie.path == "/"]
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in kept)


def follow(http: httpx2.Client, response: httpx2.Response) -> httpx2.Response:
    """Follow redirects within the server."""
    while (location := response.headers.get("location", "")) and "code=" not in location:
        response = http.get(location)
    return response


def submit(http: httpx2.Client, page: httpx2.Response, **fields: str) -> httpx2.Response:
    """Send the page's form with its hidden fields."""
    action = re.search(r'<form[^>]* action="([^"]+)"', page.text)
    assert action, page.text[:500]
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    return follow(http, http.post(action[1], data=hidden | fields))


@contextlib.contextmanager
def running(
    command: list[str], port: int, path: str, environment: dict[str, str]
) -> Iterator[tuple[int, float]]:
    """Run a server on the servers' core; give its process and how long it took to answer."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("KEYCELL_")}
    started = time.perf_counter()
    process = subprocess.Popen(
        ["taskset", "-c", SERVER_CORE, *command], env=clean | environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while True:
            with contextlib.suppress(httpx2.TransportError):
                if httpx2.get(f"http://127.0.0.1:{port}{path}").status_code == 200:
                    break
            if process.poll() is not None:
                raise RuntimeError(f"{command[0]} ended with {process.returncode}")
            time.sleep(0.01)
        yield process.pid, time.perf_counter() - started
    finally:
        process.terminate()
        process.wait(30)


def free_port() -> int:
    """Give a port of loopback that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
