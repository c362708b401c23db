"""The rows of the table: what is asked of both servers, and what a right answer is."""

import base64
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import httpx2

from bench.load import Load, Measured, drive, drive_alike
from bench.peers import CALLBACK, VERIFIER, Peer
from bench.proofs import proof

CHAINS = 64
"""Refresh tokens in circulation, more than there are connections."""
CODES = 3000
PROOFS = 5000
"""For each second of a round: more than either server can take."""

Prepared = Callable[[float], Measured]


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    goal: float | None
    """How many times the peer's rate; None where it is judged by the bare rate of signatures."""
    prepare: Callable[[Peer, Path], Prepared]
    signs: str | None = None
    """By which algorithm ID tokens are signed in it."""


def header_file(folder: Path, **headers: str) -> str:
    """Write headers down for the script; give the file's name."""
    path = Path(tempfile.mkstemp(dir=folder, suffix=".headers")[1])
    path.write_text("".join(f"{name}: {value}\n" for name, value in headers.items()))
    return str(path)


def lines_file(folder: Path, lines: list[str]) -> str:
    """Write lines down for the script; give the file's name."""
    path = Path(tempfile.mkstemp(dir=folder, suffix=".lines")[1])
    path.write_text("".join(f"{line}\n" for line in lines))
    return str(path)


def basic(client_id: str, secret: str) -> str:
    """Write the header of client_secret_basic."""
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


def check_jwt(token: str, alg: str) -> None:
    """See that a token is a JWT signed by this algorithm."""
    head = token.partition(".")[0]
    header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    assert header["alg"] == alg, header


def discovery(peer: Peer, folder: Path) -> Prepared:
    """GET of the metadata."""
    document = httpx2.get(peer.url + peer.paths.discovery).json()
    assert document["token_endpoint"].endswith(peer.paths.token)
    return lambda seconds: drive_alike(peer, peer.paths.discovery, folder, seconds)


def jwks(peer: Peer, folder: Path) -> Prepared:
    """GET of the keys."""
    assert httpx2.get(peer.url + peer.paths.jwks).json()["keys"]
    return lambda seconds: drive_alike(peer, peer.paths.jwks, folder, seconds)


def client_credentials(peer: Peer, folder: Path) -> Prepared:
    """A JWT access token for the client itself."""
    body = peer.post(peer.paths.token, peer.client_id, grant_type="client_credentials").json()
    check_jwt(body["access_token"], "ES256")
    headers = header_file(folder, Authorization=basic(peer.client_id, peer.secret))
    bodies = lines_file(folder, ["grant_type=client_credentials"])
    arguments = ("POST", peer.paths.token, "200", headers, bodies)
    return lambda seconds: drive(peer, Load("plain", arguments), folder, seconds)


def bound_credentials(peer: Peer, folder: Path) -> Prepared:
    """The same, bound to a key by a DPoP proof, which is verified and taken once. RFC9449-5."""
    # By whichever name of this machine the server calls itself.
    url = httpx2.get(peer.url + peer.paths.discovery).json()["token_endpoint"]
    told = httpx2.post(
        peer.url + peer.paths.token, data={"grant_type": "client_credentials"},
        auth=(peer.client_id, peer.secret), headers={"DPoP": proof(url)},
    )  # fmt: skip
    assert told.json().get("token_type") == "DPoP", (peer.name, told.text)
    check_jwt(told.json()["access_token"], "ES256")
    headers = header_file(folder, Authorization=basic(peer.client_id, peer.secret))
    bodies = lines_file(folder, ["grant_type=client_credentials"])

    def go(seconds: float) -> Measured:
        proofs = lines_file(folder, [proof(url) for _ in range(int(PROOFS * seconds))])
        arguments = (peer.paths.token, "200", headers, bodies, proofs)
        return drive(peer, Load("proofs", arguments), folder, seconds)

    return go


def introspection(peer: Peer, folder: Path) -> Prepared:
    """What an access token means: 100 of them in turn."""
    tokens = [peer.tokens(peer.plain_id)["access_token"] for _ in range(100)]
    told = peer.post(peer.paths.introspect, peer.plain_id, token=tokens[0]).json()
    assert told["active"] is True
    secret = basic(peer.plain_id, peer.secret_of(peer.plain_id))
    bodies = lines_file(folder, [urlencode({"token": token}) for token in tokens])
    headers = header_file(folder, Authorization=secret)
    arguments = ("POST", peer.paths.introspect, "200", headers, bodies)
    return lambda seconds: drive(peer, Load("plain", arguments), folder, seconds)


def signed_introspection(peer: Peer, folder: Path) -> Prepared:
    """The same as a JWT, signed by ES256. RFC9701-5."""
    tokens = [peer.tokens(peer.plain_id)["access_token"] for _ in range(100)]
    accept, secret = "application/token-introspection+jwt", peer.secret_of(peer.es256_id)
    told = httpx2.post(
        peer.url + peer.paths.introspect, data={"token": tokens[0]},
        auth=(peer.es256_id, secret), headers={"Accept": accept},
    )  # fmt: skip
    assert told.headers["content-type"].startswith(accept), told.text
    check_jwt(told.text, "ES256")
    headers = header_file(folder, Authorization=basic(peer.es256_id, secret), Accept=accept)
    bodies = lines_file(folder, [urlencode({"token": token}) for token in tokens])
    arguments = ("POST", peer.paths.introspect, "200", headers, bodies)
    return lambda seconds: drive(peer, Load("plain", arguments), folder, seconds)


def userinfo(peer: Peer, folder: Path) -> Prepared:
    """Who somebody is: 100 access tokens in turn."""
    tokens = [peer.tokens(peer.plain_id)["access_token"] for _ in range(100)]
    bearer = {"Authorization": f"Bearer {tokens[0]}"}
    told = httpx2.get(peer.url + peer.paths.userinfo, headers=bearer).json()
    assert told["sub"]
    assert told["name"] == "Ann Example"
    given = lines_file(folder, tokens)
    arguments = ("GET", peer.paths.userinfo, "200", header_file(folder), "-", given)
    return lambda seconds: drive(peer, Load("plain", arguments), folder, seconds)


def refresh(alg: str, peer: Peer, folder: Path) -> Prepared:
    """The next tokens of a grant, with rotation."""
    client_id = peer.client_of(alg)
    first = peer.tokens(client_id)
    check_jwt(first["access_token"], "ES256")
    check_jwt(first["id_token"], alg)
    body = peer.post(
        peer.paths.token, client_id, grant_type="refresh_token",
        refresh_token=first["refresh_token"],
    ).json()  # fmt: skip
    check_jwt(body["id_token"], alg)
    assert body["refresh_token"] != first["refresh_token"]

    def go(seconds: float) -> Measured:
        seeds = [peer.tokens(client_id)["refresh_token"] for _ in range(CHAINS)]
        load = _flow(peer, client_id, "refresh", lines_file(folder, seeds))
        return drive(peer, load, folder, seconds)

    return go


def code_exchange(alg: str, peer: Peer, folder: Path) -> Prepared:
    """Access, ID and refresh token for a code that was made beforehand."""
    client_id = peer.client_of(alg)
    check_jwt(peer.tokens(client_id)["id_token"], alg)

    def go(seconds: float) -> Measured:
        wanted = CODES if seconds > 1 else CODES // 10
        codes = str(folder / "codes")
        making = _flow(peer, client_id, "authorize", "-", codes, wanted)
        drive(peer, making, folder, 0, ends=True)
        return drive(peer, _flow(peer, client_id, "exchange", codes), folder, 0, ends=True)

    return go


def whole_flow(alg: str, peer: Peer, folder: Path) -> Prepared:
    """Authorization by a signed-in session, then the exchange of its code."""
    load = _flow(peer, peer.client_of(alg), "flow", "-")
    return lambda seconds: drive(peer, load, folder, seconds)


def pushed_flow(alg: str, peer: Peer, folder: Path) -> Prepared:
    """A pushed request, its authorization, and the exchange of its code. RFC9126-2."""
    client_id = peer.client_of(alg)
    body = peer.authorize_path(client_id).partition("?")[2]
    plain = _flow(peer, client_id, "flow", "-")
    arguments = (*plain.arguments, peer.paths.par, body)
    load = Load("flow", arguments, per="flows")
    return lambda seconds: drive(peer, load, folder, seconds)


def _flow(
    peer: Peer, client_id: str, mode: str, seeds: str, codes_to: str = "-", wanted: int = 0
) -> Load:
    arguments = (
        mode, peer.paths.token, peer.authorize_path(client_id),
        basic(client_id, peer.secret_of(client_id)), peer.cookie, seeds, codes_to, str(wanted),
    )  # fmt: skip
    return Load("flow", arguments, per="flows" if mode == "flow" else "counted")


def _by(name: str, alg: str, prepare: Callable[[str, Peer, Path], Prepared]) -> Row:
    # RSA takes most of such a row, and takes it of both servers: what can be asked is that little
    # comes on top of it. Where it does not, the servers themselves are compared.
    goal = None if alg == "RS256" else 1.3
    return Row(f"{name}, {alg}", goal, partial(prepare, alg), alg)


ROWS = (
    Row("discovery", 3.0, discovery),
    Row("JWKS", 3.0, jwks),
    Row("client_credentials", 2.0, client_credentials),
    _by("refresh", "RS256", refresh),
    _by("refresh", "ES256", refresh),
    _by("code exchange", "RS256", code_exchange),
    _by("code exchange", "ES256", code_exchange),
    Row("introspection", 1.5, introspection),
    Row("UserInfo", 1.5, userinfo),
    _by("whole code flow", "RS256", whole_flow),
    _by("whole code flow", "ES256", whole_flow),
    Row("introspection, signed", None, signed_introspection),
    Row("client_credentials, DPoP", None, bound_credentials),
    Row("PAR and code flow, ES256", None, partial(pushed_flow, "ES256"), "ES256"),
)
__all__ = ["CALLBACK", "ROWS", "VERIFIER", "Prepared", "Row"]
