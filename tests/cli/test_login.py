"""Signing in where nobody is at a browser, and what is said where that cannot be."""

import contextlib
import json
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..server import Server, keycell, keycell_json, serving

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("login") / "data"
    keycell("admin", "user", "add", "ann", "--password-stdin", "--data", str(data), stdin=PASSWORD)
    with serving(data) as running:
        yield running


@pytest.fixture(scope="module")
def token(server: Server) -> str:
    made: dict[str, str] = keycell_json(
        "admin", "token", "add", "ann", "--label", "test", "--expires", "24h",
        "--data", str(server.data),
    )  # fmt: skip
    return made["access_token"]


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    return {"KEYCELL_CONFIG_DIR": str(tmp_path / "home")}


def kept_in(home: dict[str, str]) -> Path:
    return Path(home["KEYCELL_CONFIG_DIR"]) / "state" / "credentials.json"


def test_a_token_from_stdin(server: Server, token: str, home: dict[str, str]) -> None:
    said = keycell_json("login", server.url, "--with-token", "--insecure-storage",
                        stdin=f"{token}\n", environment=home)  # fmt: skip
    assert (said["login"], said["profile"], said["refreshes"]) == ("ann", "default", False)
    assert kept_in(home).stat().st_mode & 0o777 == 0o600
    assert keycell("whoami", environment=home).stdout == f"ann@localhost:{server.port}\n"
    assert keycell("auth", "token", environment=home).stdout == f"{token}\n"
    listed = keycell_json("auth", "list", environment=home)["items"]
    assert [(one["profile"], one["is_default"]) for one in listed] == [("default", True)]
    keycell("logout", environment=home)
    assert json.loads(kept_in(home).read_text()) == {}
    keycell("whoami", environment=home, code=4)


def test_a_token_that_opens_nothing_is_said_to_be_one(
    server: Server, home: dict[str, str]
) -> None:
    said = keycell("login", server.url, "--with-token", "--insecure-storage", stdin="wrong",
                   environment=home, code=4)  # fmt: skip
    assert "the server does not take this token" in said.stderr
    assert "keycell token create" in said.stderr


def test_without_a_keyring_nothing_is_kept_unless_that_is_said(
    server: Server, token: str, home: dict[str, str]
) -> None:
    nothing = home | {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    said = keycell("login", server.url, "--with-token", stdin=token, environment=nothing, code=1)
    assert "there is no keyring" in said.stderr
    assert "--insecure-storage" in said.stderr
    # What the server says of itself alone, which it was asked for first.
    assert {one.name for one in Path(home["KEYCELL_CONFIG_DIR"]).iterdir()} <= {"cache"}


def test_a_file_that_others_can_read_is_refused(
    server: Server, token: str, home: dict[str, str]
) -> None:
    keycell("login", server.url, "--with-token", "--insecure-storage", stdin=token,
            environment=home)  # fmt: skip
    kept_in(home).chmod(0o640)
    said = keycell("whoami", environment=home, code=1).stderr
    assert "mode 640" in said
    assert "chmod 600" in said


def test_the_environment_comes_before_all(server: Server, token: str, tmp_path: Path) -> None:
    said = {"KEYCELL_CONFIG_DIR": str(tmp_path / "none"), "KEYCELL_SERVER": server.url}
    assert keycell("whoami", environment=said | {"KEYCELL_TOKEN": token}).stdout.startswith("ann@")
    file = tmp_path / "token"
    file.touch(0o600)
    file.write_text(token)
    in_file = said | {"KEYCELL_TOKEN_FILE": str(file)}
    assert keycell("whoami", environment=in_file).stdout.startswith("ann@")
    file.chmod(0o604)
    keycell("whoami", environment=in_file, code=1)
    keycell("whoami", environment=said | {"KEYCELL_TOKEN": "nonsense"}, code=4)
    keycell("whoami", environment={**said, "KEYCELL_SERVER": "", "KEYCELL_TOKEN": token}, code=2)


@contextlib.contextmanager
def answering(body: bytes, kind: str = "text/html", status: str = "200 OK") -> Iterator[str]:
    """Something that answers, and is no server of ours."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    near, _ = listening.accept()
                    with near:
                        near.recv(65_536)
                        near.sendall(f"{head}Connection: close\r\n\r\n".encode() + body)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(5)


@pytest.mark.parametrize(
    ("body", "kind", "status", "said"),
    [
        (b"<h1>Welcome to the hotel</h1>", "text/html", "200 OK", "not JSON"),
        (b"no", "text/plain", "404 Not Found", "no Keycell server"),
        (b"[]", "application/json", "200 OK", "names no issuer"),
        (b'{"iss', "application/json", "200 OK", "JSON that cannot be read"),
        (b'{"issuer": "https://bank.example/oidc"}', "application/json", "200 OK", "bank.example"),
    ],
)
def test_what_is_no_server_of_ours_gets_one_sentence(
    home: dict[str, str], body: bytes, kind: str, status: str, said: str
) -> None:
    with answering(body, kind, status) as url:
        done = keycell("login", url, "--with-token", "--insecure-storage", stdin="t",
                       environment=home, code=1)  # fmt: skip
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 2
    assert not kept_in(home).exists()


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://127.0.0.1:9", 7),
        ("ftp://files.example", 2),
        ("https://a/b/c", 2),
        ("a b", 2),
        ("http://", 2),
        ("https://", 2),
        ("files.example:", 2),
    ],
)
def test_an_address_mistyped(home: dict[str, str], url: str, code: int) -> None:
    done = keycell("login", url, "--with-token", "--insecure-storage", stdin="t",
                   environment=home, code=code)  # fmt: skip
    assert done.stderr.startswith("error: ")
    assert "hint: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_server_without_tls_is_told_of(home: dict[str, str]) -> None:
    with answering(b"400", "text/html", "400 Bad Request") as url:
        safe = url.replace("http:", "https:")
        done = keycell("login", safe, "--with-token", "--insecure-storage", stdin="t",
                       environment=home, code=7)  # fmt: skip
    assert "speaks no TLS" in done.stderr
    assert "http://" in done.stderr


def test_ways_exclude_each_other_and_a_profile_must_be_there(home: dict[str, str]) -> None:
    keycell("login", "localhost", "--device", "--browser", environment=home, code=2)
    assert "known: none" in keycell("whoami", "--profile", "work", environment=home, code=4).stderr
    told = keycell("whoami", "--json", environment=home, code=4).stderr
    assert json.loads(told)["kind"] == "sign_in"


def test_help_waits_for_none_of_the_commands() -> None:
    environment = {"PYTHONPROFILEIMPORTTIME": "1", "PATH": os.environ["PATH"]}
    loaded = keycell("--help", environment=environment).stderr
    for module in ("rich", "httpx2", "keyring", "sqlalchemy", "starlette", "asyncio"):
        assert f" {module}\n" not in loaded, module
