"""Each word of `keycell admin` on the store and at a distance: the same documents and refusals."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from ..server import Server, keycell, serving

PASSWORD = "correct horse battery"
OLD = [{"client_id": "old", "client_secret": "s3cret", "redirect_uris": ["https://o.example/"],
        "grant_types": ["authorization_code"]}]  # fmt: skip
# What differs from one server to another: identifiers, secrets, times, and who did it from where.
OWN = frozenset(
    {"sub", "created_at", "expires_at", "kid", "activated_at", "retired_at", "client_secret",
     "access_token", "token_id", "access_key_id", "secret_access_key", "initial_access_token",
     "created_by", "at", "actor", "target", "origin", "sentence", "client_id", "event_id", "next",
     "actor_name", "target_name", "client_name", "leaves_at"}
)  # fmt: skip
Told = tuple[int, Any, str]


@dataclass(frozen=True)
class Way:
    """How the command is told which server it is about."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str]

    def run(self, *words: str, stdin: str = "", code: int = 0) -> Told:
        told = {"stdin": stdin, "code": code, "environment": self.environment}
        done = keycell("admin", *words, *self.arguments, **told)  # type: ignore[arg-type]
        said = json.loads(done.stdout) if done.stdout.startswith("{") else done.stdout
        return done.returncode, plain(said), re.sub(r"\nrequest id: \w+", "", done.stderr)


def plain(said: Any) -> Any:  # noqa: ANN401  (whatever JSON says)
    """Give a document without what every server has for itself."""
    if isinstance(said, dict):
        return {name: "own" if name in OWN and value else plain(value)
                for name, value in said.items()}  # fmt: skip
    if isinstance(said, str):
        return re.sub(r"localhost:\d+", "localhost", said)
    return [plain(one) for one in said] if isinstance(said, list) else said


def add_root(data: Path) -> None:
    keycell("admin", "user", "add", "root", "--admin", "--password-stdin", "--data", str(data),
            stdin=PASSWORD)  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("distance") / "data"
    add_root(data)
    with serving(data) as running:
        yield running


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Way:
    """On the store of a server that has served, so that it has its own clients."""
    data = tmp_path_factory.mktemp("here") / "data"
    add_root(data)
    with serving(data):
        pass
    return Way(("--data", str(data)), {"KEYCELL_PUBLIC_URL": "http://localhost:8080"})


@pytest.fixture(scope="module")
def there(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Way:
    info = {"login": "root", "password": PASSWORD, "type": "credentials"}
    answer = httpx2.post(f"{server.url}/a/frontend/session", json={"AuthInfo": info})
    home = str(tmp_path_factory.mktemp("home"))
    return Way((), {"KEYCELL_SERVER": server.url, "KEYCELL_TOKEN": answer.json()["JWT"],
                    "KEYCELL_CONFIG_DIR": home})  # fmt: skip


@pytest.mark.parametrize(
    "story",
    [
        [
            (("user", "add", "ann", "--email", "ann@example.org", "--role", "editor", "--claim",
              "given_name=Ann", "--password-stdin", "--json"), PASSWORD, 0),
            (("user", "add", "ANN", "--password-stdin"), PASSWORD, 6),
            (("user", "add", "bob", "--password-stdin"), "short", 2),
            (("user", "add", "bob", "--group", "/nowhere", "--password-stdin"), PASSWORD, 2),
            (("user", "list"), "", 0),
            (("user", "update", "ann", "--name", "Ann E", "--email", "", "--no-roles"), "", 0),
            (("user", "show", "ann", "--json"), "", 0),
            (("user", "show", "nobody"), "", 3),
            (("user", "passwd", "ann", "--password-stdin"), "another battery", 0),
            (("user", "disable", "ann"), "", 0),
            (("user", "list", "--json"), "", 0),
            (("user", "enable", "ann"), "", 0),
            (("user", "sessions", "ann", "--json"), "", 0),
            (("user", "sign-out", "ann"), "", 0),
            (("user", "list", "--search", "ANN", "--json"), "", 0),
            (("user", "remove", "ann", "--grace", "3", "--json"), "", 0),
            (("user", "show", "ann", "--json"), "", 0),
            (("user", "keep", "ann"), "", 0),
            (("user", "remove", "ann", "--grace", "-1"), "", 2),
            (("user", "remove", "ann", "--files-now"), "", 0),
            (("user", "remove", "ann"), "", 3),
        ],
        [
            (("group", "add", "/staff/lab", "--label", "The lab"), "", 0),
            (("group", "add", "/staff/lab"), "", 6),
            (("group", "list", "--json"), "", 0),
            (("group", "remove", "/staff"), "", 6),
            (("group", "remove", "/staff/lab"), "", 0),
            (("group", "remove", "/staff/lab"), "", 3),
            (("role", "put", "editor", "--label", "Editor"), "", 0),
            (("role", "list", "--json"), "", 0),
            (("role", "list"), "", 0),
            (("role", "remove", "editor"), "", 0),
            (("role", "remove", "editor"), "", 3),
        ],
        [
            (("client", "add", "Wiki", "--redirect-uri", "https://wiki.example/cb", "--client-id",
              "wiki", "--json"), "", 0),
            (("client", "add", "Wiki", "--redirect-uri", "https://w.example/", "--client-id",
              "wiki"), "", 6),
            (("client", "add", "Bad", "--redirect-uri", "https://w.example/#x"), "", 2),
            (("client", "list", "--json"), "", 0),
            (("client", "list"), "", 0),
            (("client", "update", "wiki", "--name", "Wiki 2", "--disable"), "", 0),
            (("client", "update", "wiki", "--metadata",
              '{"tls_client_certificate_bound_access_tokens": true}'), "", 0),
            (("client", "update", "wiki", "--metadata", "[]"), "", 2),
            (("client", "show", "wiki", "--json"), "", 0),
            (("client", "list", "--search", "wiki 2"), "", 0),
            (("client", "access", "wiki"), "", 0),
            (("client", "access", "wiki", "--person", "root", "--acr", "mfa", "--json"), "", 0),
            (("client", "may", "wiki", "root"), "", 0),
            (("client", "access", "wiki", "--group", "/none"), "", 2),
            (("client", "access", "wiki", "--person", "nobody"), "", 3),
            (("client", "access", "wiki", "--acr", "strong"), "", 2),
            (("client", "access", "wiki", "--everybody"), "", 0),
            (("client", "access", "keycell-cli", "--person", "root"), "", 5),
            (("client", "acting", "wiki"), "", 0),
            (("client", "acting", "wiki", "--application", "wiki", "--for-person", "root",
              "--may-act", "wiki", "--json"), "", 0),
            (("client", "acting", "wiki", "--application", "none"), "", 2),
            (("client", "acting", "wiki", "--nobody", "--person", "root"), "", 2),
            (("client", "acting", "wiki", "--nobody"), "", 0),
            (("client", "suite", "wiki", "acme", "--json"), "", 0),
            (("client", "suite", "wiki"), "", 0),
            (("client", "suite", "wiki", "acme", "--none"), "", 2),
            (("client", "suite", "wiki", "No Name"), "", 2),
            (("client", "suite", "keycell-cli", "acme"), "", 5),
            (("client", "suite", "wiki", "--none"), "", 0),
            (("client", "secret", "wiki", "--json"), "", 0),
            (("client", "remove", "wiki"), "", 0),
            (("client", "remove", "wiki"), "", 3),
            (("client", "remove", "keycell-cli"), "", 5),
            (("client", "import", "OLD", "--dry-run", "--json"), "", 0),
            (("client", "import", "OLD", "--json"), "", 0),
            (("client", "invite", "--label", "wiki", "--json"), "", 0),
        ],
        [
            (("token", "add", "root", "--label", "backup", "--expires", "24h", "--scope",
              "files.read", "--json"), "", 0),
            (("token", "add", "root", "--label", "s3", "--expires", "1h", "--s3", "--json"),
             "", 0),
            (("token", "add", "root", "--label", "x", "--expires", "soon"), "", 2),
            (("token", "add", "nobody", "--label", "x", "--expires", "1h"), "", 3),
            (("token", "list", "root", "--json"), "", 0),
            (("token", "revoke", "root", "none"), "", 3),
            (("keys", "list", "--json"), "", 0),
            (("report", "--json"), "", 0),
            (("keys", "rotate", "--alg", "XS1"), "", 2),
            (("keys", "rotate", "--alg", "ES256", "--urgent"), "", 0),
            (("audit", "list", "--most", "1", "--action", "key", "--json"), "", 0),
        ],
    ],
    ids=["users", "groups and roles", "clients", "tokens, keys and the trail"],
)  # fmt: skip
def test_both_ways_tell_the_same(
    here: Way, there: Way, tmp_path: Path, story: list[tuple[tuple[str, ...], str, int]]
) -> None:
    old = tmp_path / "old.json"
    old.write_text(json.dumps(OLD))
    for words, stdin, code in story:
        meant = tuple(str(old) if word == "OLD" else word for word in words)
        on_the_store = here.run(*meant, stdin=stdin, code=code)
        assert there.run(*meant, stdin=stdin, code=code) == on_the_store, meant


def test_the_trail_says_who_and_from_where(there: Way, here: Way) -> None:
    for way, who, ip in ((there, None, "127.0.0.1"), (here, "administrator on the machine", "")):
        way.run("role", "put", "reader")
        done = keycell("admin", "audit", "list", "--action", "role", "--most", "1", "--json",
                       *way.arguments, environment=way.environment)  # fmt: skip
        event = json.loads(done.stdout)["items"][0]
        assert event["origin"]["ip"] in ({ip, "::1"} if ip else {""})
        assert who is None or event["actor"] == who


def test_nobody_locks_themselves_out_from_a_distance(there: Way) -> None:
    for words in (("disable", "root"), ("remove", "root"), ("update", "root", "--no-admin")):
        assert "by another one" in there.run("user", *words, code=5)[2]


def test_without_a_server_it_says_what_to_do(tmp_path: Path) -> None:
    nowhere = Way((), {"KEYCELL_CONFIG_DIR": str(tmp_path)})
    said = nowhere.run("user", "list", code=4)[2]
    assert "--data" in said
    assert "keycell login" in said
    for words in (("backup", "file"), ("restore", "file"), ("migrate",)):
        assert "--data" in nowhere.run(*words, code=2)[2]
    assert not (tmp_path / "data").exists()


def test_a_person_or_a_token_that_may_not_is_told(server: Server, tmp_path: Path) -> None:
    keycell("admin", "user", "add", "eve", "--password-stdin", "--data", str(server.data),
            stdin=PASSWORD)  # fmt: skip
    info = {"login": "eve", "password": PASSWORD, "type": "credentials"}
    eve = httpx2.post(f"{server.url}/a/frontend/session", json={"AuthInfo": info}).json()["JWT"]
    where = {"KEYCELL_SERVER": server.url, "KEYCELL_CONFIG_DIR": str(tmp_path)}
    assert "admin" in Way((), where | {"KEYCELL_TOKEN": eve}).run("user", "list", code=5)[2]
    assert Way((), where | {"KEYCELL_TOKEN": "none"}).run("user", "list", code=4)[2]
    away = where | {"KEYCELL_TOKEN": eve, "KEYCELL_SERVER": "http://127.0.0.1:9"}
    assert Way((), away).run("user", "list", code=7)[2]
