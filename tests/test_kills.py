"""`kill -9` at each write of the token endpoint and after the last: no answer is lost for good.

A refresh token that was spent without an answer still gives one; a code that was costs one new
sign-in; neither is honoured twice. decisions/0005, decisions/0008.
"""

import contextlib
import itertools
import select
import signal
import socket
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from .application import CALLBACK, VERIFIER, Application, register
from .holder import Holder
from .server import Server, serving
from .stops import PostgresStops, SqliteStops, Stops
from .test_processes import KEY

PATIENCE = 2
"""Seconds until whoever has no answer takes the server for standing still."""
MOST_WRITES = 20
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
KINDS = ("code", "refresh_token")


@dataclass(frozen=True)
class House:
    """A server that can stand still, and an application whose tokens are bound to a key."""

    server: Server
    stops: Stops
    app: Application
    person: httpx2.Client
    holder: Holder
    key: ECKey | None
    """What the application proves itself by; None where it is a secret."""
    keeps_on: bool
    """The database finishes what a server that is gone began to commit."""

    def credential(self, kind: str) -> str:
        """Have the person sign in; give the code, or the refresh token that it is changed for."""
        code = self.app.code(self.person)
        if kind == "code":
            return code
        answer = self.show("code", code)
        assert answer is not None
        return str(answer.json()["refresh_token"])

    def show(self, kind: str, credential: str) -> httpx2.Response | None:
        """Show a code or a refresh token; None if no answer comes."""
        with contextlib.suppress(httpx2.TransportError), httpx2.Client(timeout=PATIENCE) as http:
            return http.send(self.request(kind, credential))
        return None

    def request(self, kind: str, credential: str) -> httpx2.Request:
        """Make the request that shows it: each has a proof, and an assertion, of its own."""
        request = httpx2.Request(
            "POST", self.url, data=form(kind, credential) | self.asserted(),
            headers={"DPoP": self.holder.proof(self.url)},
        )  # fmt: skip
        if self.key is not None:
            return request
        return next(httpx2.BasicAuth(self.app.client_id, self.app.secret).auth_flow(request))

    def asserted(self) -> dict[str, str]:
        if self.key is None:
            return {}
        now, client_id = int(time.time()), self.app.client_id
        claims = {"iss": client_id, "sub": client_id, "aud": f"{self.server.url}/oidc",
                  "jti": uuid.uuid4().hex, "iat": now, "exp": now + 60}  # fmt: skip
        signed = jwt.encode({"alg": "ES256"}, claims, self.key)
        return {"client_assertion_type": ASSERTION, "client_assertion": signed}

    @property
    def url(self) -> str:
        return f"{self.server.url}/oidc/oauth2/token"

    def die(self) -> None:
        """Be killed, and start again with nothing in the way."""
        self.server.stop(signal.SIGKILL)
        self.stops.at(0)
        self.server.start()

    def check(self, kind: str, credential: str) -> bool:
        """Show what was shown without an answer again; tell whether it was still good."""
        answer = self.until_answered(kind, credential)
        if kind == "refresh_token":
            assert answer.status_code == 200, answer.text
        elif answer.status_code != 200:
            assert answer.json()["error"] == "invalid_grant"
            code = self.app.code(self.person)
            assert self.until_answered(kind, code).status_code == 200
            return False
        first = answer.json()["refresh_token"]
        second = self.until_answered("refresh_token", first)
        assert second.status_code == 200, second.text
        assert self.until_answered(kind, credential).status_code == 400
        return True

    def until_answered(self, kind: str, credential: str) -> httpx2.Response:
        for _ in range(5):
            answer = self.show(kind, credential)
            if answer is not None:
                return answer
        raise AssertionError("no answer came")


def form(kind: str, credential: str) -> dict[str, str]:
    if kind == "refresh_token":
        return {"grant_type": "refresh_token", "refresh_token": credential}
    return {"grant_type": "authorization_code", "code": credential, "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER}  # fmt: skip


@pytest.fixture(
    scope="module",
    params=[("sqlite", "secret"), ("sqlite", "key"), ("postgresql", "key")],
    ids="-".join,
)
def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    data = tmp_path_factory.mktemp("kills") / "data"
    database, proof = request.param
    key = ECKey.generate_key("P-256") if proof == "key" else None
    metadata: dict[str, Any] = {}
    if key is not None:
        jwks = {"keys": [key.as_dict(private=False)]}
        metadata = {"token_endpoint_auth_method": "private_key_jwt", "jwks": jwks}
    if database == "sqlite":
        app = register("--data", str(data), **metadata)
        stops: Stops = SqliteStops(data / "keycell.db")
        with serving(data) as server, httpx2.Client(base_url=server.url) as person:
            yield House(server, stops, app, person, Holder(), key, keeps_on=False)
        return
    postgres = request.getfixturevalue("postgres")
    with postgres.database() as url:
        app = register("--database", url, "--data", str(data), environment=KEY, **metadata)
        with (
            serving(data, "--database", url, **KEY) as server,
            httpx2.Client(base_url=server.url) as person,
        ):
            stops = PostgresStops(postgres, url)
            yield House(server, stops, app, person, Holder(), key, keeps_on=True)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kill_at_any_write_costs_nothing(house: House, kind: str) -> None:
    """At the proof's row, the assertion's and the grant's. RFC6749-4.1.2, RFC9700-4.14.2.

    PostgreSQL also stands still when it is about to commit. It goes on to, though its client died:
    what was spent by that is a code whose answer was lost.
    """
    stopped = 0
    for number in itertools.count(1):
        credential = house.credential(kind)
        house.stops.at(number)
        answer = house.show(kind, credential)
        if answer is not None:
            assert answer.status_code == 200, answer.text
            house.stops.at(0)
            break
        stopped += 1
        house.die()
        assert house.check(kind, credential) or (kind, house.keeps_on) == ("code", True)
        assert number < MOST_WRITES
    assert stopped >= 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_kill_after_the_last_write_costs_a_sign_in_at_most(house: House, kind: str) -> None:
    """RFC6749-4.1.2, decisions/0005: the answer is on its way, and nobody hears it."""
    credential = house.credential(kind)
    unheard(house, kind, credential)
    assert house.check(kind, credential) == (kind == "refresh_token")


def unheard(house: House, kind: str, credential: str) -> None:
    """Kill the server when it has answered; the answer is never read."""
    request = house.request(kind, credential)
    lines = [
        f"POST {request.url.path} HTTP/1.1",
        *(f"{k}: {v}" for k, v in request.headers.items()),
    ]
    with socket.create_connection(("127.0.0.1", house.server.port)) as line:
        line.sendall("\r\n".join((*lines, "", "")).encode() + request.read())
        assert select.select([line], [], [], 30)[0]
        house.die()
