"""What developers look at: issuers, tokens and clients, at a real server."""

import base64
import json
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest
from joserfc import jws
from joserfc.jwk import ECKey, OctKey

from ..postgres import free_port
from ..server import Server, keycell, keycell_json
from .conftest import Person
from .test_login import answering

URI = "https://notes.example/callback"
SECRET = r"eyJ[\w-]+\.[\w-]+\.[\w-]+"


@pytest.fixture(scope="module")
def issuer(server: Server) -> str:
    return f"{server.url}/oidc"


@pytest.fixture(scope="module")
def token(server: Server) -> str:
    """A JWT of a service, as the token endpoint gives it."""
    made = keycell_json("admin", "client", "add", "service", "--data", str(server.data))
    answer = httpx2.post(
        f"{server.url}/oidc/oauth2/token", data={"grant_type": "client_credentials"},
        auth=(made["client_id"], made["client_secret"]),
    )  # fmt: skip
    found: str = answer.json()["access_token"]
    return found


@pytest.fixture(scope="module")
def client_id(server: Server) -> Iterator[str]:
    keycell("admin", "client", "add", "Notes", "--client-id", "notes", "--redirect-uri", URI,
            "--redirect-uri", "http://127.0.0.1/callback", "--data", str(server.data))  # fmt: skip
    yield "notes"
    keycell("admin", "client", "remove", "notes", "--data", str(server.data))


def test_our_own_issuer_is_in_order(ann: Person, issuer: str) -> None:
    told = ann.json("oidc", "discover")
    assert told["ok"] is True
    assert told["metadata"]["issuer"] == issuer
    assert [one["check"] for one in told["items"]] == [
        "issuer", "https", "endpoints", "code flow", "pkce", "signing", "keys",
    ]  # fmt: skip
    said = keycell("oidc", "discover", issuer).stdout
    assert "S256 is offered" in said
    assert f"issuer: {issuer}\n" in said
    assert "MEND" not in said


def test_an_issuer_of_another_name_is_told(server: Server, issuer: str) -> None:
    """OIDCD-4.3: letter by letter."""
    other = f"http://127.0.0.1:{server.port}/oidc"
    done = keycell("oidc", "discover", other, "--json", code=1)
    found = {one["check"]: one for one in json.loads(done.stdout)["items"]}
    assert not found["issuer"]["ok"]
    assert issuer in found["issuer"]["said"]
    assert found["keys"]["ok"]


def test_an_issuer_that_lacks_much() -> None:
    poor = {"issuer": "https://bank.example", "token_endpoint": "http://bank.example/token",
            "code_challenge_methods_supported": ["plain"], "response_types_supported": "code",
            "id_token_signing_alg_values_supported": ["HS256", "none"]}  # fmt: skip
    with answering(json.dumps(poor).encode(), "application/json") as url:
        done = keycell("oidc", "discover", url, "--json", code=1)
    found = {one["check"]: one["said"] for one in json.loads(done.stdout)["items"]}
    assert not any(one["ok"] for one in json.loads(done.stdout)["items"])
    assert "token_endpoint" in found["https"]
    assert "jwks_uri" in found["endpoints"]
    assert "plain" in found["pkce"]


@pytest.mark.parametrize(
    ("body", "status", "code", "said"),
    [
        (b"<h1>Hotel</h1>", "200 OK", 1, "no JSON object"),
        (b"[]", "200 OK", 1, "no JSON object"),
        (b"no", "404 Not Found", 3, "answered 404"),
        (b'"' + b"x" * 1_100_000 + b'"', "200 OK", 1, "more than"),
    ],
)
def test_what_is_no_issuer(body: bytes, status: str, code: int, said: str) -> None:
    with answering(body, "application/json", status) as url:
        assert said in keycell("oidc", "discover", url, code=code).stderr


def test_an_issuer_mistyped_or_away() -> None:
    for typed in ("id.example", "ftp://id.example", "https://a?b", "https://me:x@id.example"):
        keycell("oidc", "discover", typed, code=2)
    keycell("oidc", "discover", f"http://localhost:{free_port()}", code=7)


def test_a_token_of_ours_is_verified(ann: Person, token: str, issuer: str) -> None:
    told = ann.json("oidc", "jwt", stdin=token)
    assert told["is_verified"] is True
    assert told["is_in_time"] is True
    assert told["claims"]["iss"] == issuer
    assert re.search(r"Z, in \d+ (minute|hour|second)s?$", told["times"]["exp"])
    done = ann.types("oidc", "jwt", "-", stdin=f"Bearer {token}\n")
    assert f"verified by the key {told['header']['kid']}" in done.stdout
    # Neither the token nor its signature is to be had from what is printed.
    assert token.rpartition(".")[2] not in done.stdout + done.stderr
    assert not re.search(SECRET, done.stdout + done.stderr)


def refused(ann: Person, token: str, *more: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(
        ann.types("oidc", "jwt", "--json", *more, stdin=token, code=10).stdout
    )
    assert found["is_verified"] is False
    return found


def test_a_token_that_was_changed_is_not(ann: Person, token: str) -> None:
    head, claims, signature = token.split(".")
    read = json.loads(base64.urlsafe_b64decode(claims + "=="))
    other = base64.urlsafe_b64encode(json.dumps(read | {"sub": "root"}).encode()).decode()
    assert "not by the key" in refused(ann, f"{head}.{other.rstrip('=')}.{signature}")["because"]
    said = ann.types("oidc", "jwt", stdin=f"{head}.{other.rstrip('=')}.{signature}", code=10)
    assert "not verified, because the signature" in said.stdout


def test_other_ways_to_sign_are_not_taken(ann: Person, token: str, issuer: str) -> None:
    """RFC8725-3.1: the token does not choose how it is verified."""
    kid = json.loads(base64.urlsafe_b64decode(token.split(".", maxsplit=1)[0] + "=="))["kid"]
    said = json.dumps({"iss": issuer, "exp": 1}).encode()
    shared = OctKey.import_key("x" * 64)
    by_secret = jws.serialize_compact({"alg": "HS256", "kid": kid}, said, shared, ["HS256"])
    found = refused(ann, by_secret)
    assert "secret" in found["because"]
    assert found["is_in_time"] is False
    assert found["times"]["exp"].endswith("days ago")
    mine = ECKey.generate_key("P-256")
    by_me = jws.serialize_compact({"alg": "ES256", "kid": kid}, said, mine, ["ES256"])
    assert "not by the key" in refused(ann, by_me)["because"]
    by_none = jws.serialize_compact({"alg": "ES256", "kid": "mine"}, said, mine, ["ES256"])
    assert "publishes no key" in refused(ann, by_none)["because"]
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    assert "no signature" in refused(ann, f"{head}.{by_me.split('.')[1]}.")["because"]
    of_another = json.dumps({"iss": "https://bank.example"}).encode()
    elsewhere = jws.serialize_compact({"alg": "ES256"}, of_another, mine, ["ES256"])
    assert "bank.example" in refused(ann, elsewhere)["because"]


def test_whose_keys_must_be_said(ann: Person, token: str, tmp_path: Path, issuer: str) -> None:
    nobody = {"KEYCELL_CONFIG_DIR": str(tmp_path)}
    done = keycell("oidc", "jwt", stdin=token, environment=nobody, code=10)
    assert "--issuer" in done.stdout
    keycell("oidc", "jwt", "--issuer", issuer, stdin=token, environment=nobody)
    away = f"http://localhost:{free_port()}"
    assert "cannot be had" in refused(ann, token, "--issuer", away)["because"]


def test_times_that_are_none_stop_nothing(ann: Person, issuer: str) -> None:
    key = ECKey.generate_key("P-256")
    said = json.dumps({"iss": issuer, "exp": "soon", "iat": 1e300, "nbf": time.time() + 7200})
    found = refused(ann, jws.serialize_compact({"alg": "ES256"}, said.encode(), key, ["ES256"]))
    assert list(found["times"]) == ["nbf"]
    assert found["is_in_time"] is False


def test_what_is_no_token(ann: Person, token: str) -> None:
    for text in ("", "nonsense", "a.b.c", "a.b.c.d.e", "x" * 20_000, "é.é.é", f"{token[:9]}.."):
        done = ann.types("oidc", "jwt", stdin=text, code=2)
        assert "Traceback" not in done.stderr
    done = ann.types("oidc", "jwt", token, code=2)
    assert token not in done.stderr


def test_where_a_client_may_be_answered(ann: Person, server: Server, client_id: str) -> None:
    def check(uri: str, code: int) -> Mapping[str, Any]:
        done = keycell("oidc", "redirect-check", client_id, uri, "--data", str(server.data),
                       "--json", code=code)  # fmt: skip
        found: Mapping[str, Any] = json.loads(done.stdout)
        return found

    assert check(URI, 0)["allowed"] is True
    # RFC8252-7.3: any port of a loopback address.
    assert check("http://127.0.0.1:9999/callback", 0)["allowed"] is True
    assert check(f"{URI}/", 1)["part"] == "trailing slash"
    assert check("https://notes.example/Callback", 1)["index"] == len("https://notes.example/")
    assert check("https://notes.example.evil/callback", 1)["part"] == "host"
    assert check("x", 1)["nearest"] is None
    said = keycell("oidc", "redirect-check", client_id, f"{URI}/", "--data", str(server.data),
                   code=1).stdout  # fmt: skip
    assert f"{' ' * (9 + len(URI))}^ trailing slash\n" in said
    keycell("oidc", "redirect-check", "nobody", URI, "--data", str(server.data), code=3)
    # At the server, this is for administrators.
    ann.types("oidc", "redirect-check", client_id, URI, code=5)


def test_a_disabled_client_is_answered_nowhere(server: Server) -> None:
    where = ("--data", str(server.data))
    keycell("admin", "client", "add", "Off", "--client-id", "off", "--redirect-uri", URI, *where)
    keycell("admin", "client", "update", "off", "--disable", *where)
    assert "is disabled" in keycell("oidc", "redirect-check", "off", URI, *where, code=1).stdout


def test_what_cannot_be_rehearsed(ann: Person) -> None:
    for uri in ("https://notes.example/callback", "http://127.0.0.1/c?x=1", "http://a@localhost/"):
        ann.types("oidc", "test-client", "notes", "--redirect-uri", uri, code=2)
    ann.types("oidc", "test-client", "notes", "--secret-stdin", code=2)
    ann.types("oidc", "test-client", "notes", "--auth-method", "private_key_jwt", code=2)


def test_what_a_client_would_be_told(ann: Person, server: Server, client_id: str) -> None:
    asked = ("oidc", "claims", "--user", "ann", "--client", client_id)
    where = ("--data", str(server.data))
    told = keycell_json(*asked, "--scope", "openid profile", *where)
    assert told["userinfo"]["sub"] == told["id_token"]["sub"]
    assert told["id_token"]["aud"] == client_id
    assert (told["scopes"], told["may_sign_in"]) == (["openid", "profile"], True)
    said = keycell(*asked, *where).stdout
    assert said.startswith("ann is asked to allow: ")
    assert f"  aud: {client_id}\n" in said
    keycell("oidc", "claims", "--user", "nobody", "--client", client_id, *where, code=3)
    keycell("oidc", "claims", "--user", "ann", "--client", "nobody", *where, code=3)
    # At the server, this is for administrators.
    ann.types(*asked, code=5)


def test_nobody_signs_in_to_a_client_that_is_disabled(server: Server) -> None:
    where = ("--data", str(server.data))
    keycell("admin", "client", "add", "Shut", "--client-id", "shut", "--redirect-uri", URI, *where)
    keycell("admin", "client", "update", "shut", "--disable", *where)
    done = keycell("oidc", "claims", "--user", "ann", "--client", "shut", *where, code=1)
    assert "ann could not sign in: the application is disabled" in done.stdout


def test_a_device_that_cannot_sign_in(ann: Person, client_id: str) -> None:
    told = json.loads(ann.types("oidc", "device", "--client", client_id, "--json", code=1).stdout)
    assert [(one["check"], one["ok"]) for one in told["items"]] == [
        ("discovery", True), ("code", False),
    ]  # fmt: skip
    ann.types("oidc", "device", "--auth-method", "private_key_jwt", code=2)
    keycell("oidc", "device", "https://a?b", code=2)
