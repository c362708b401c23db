"""What is between a terminal and its server fails: one sentence, a code, nothing half done."""

import hashlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..client.line import Line, line_to
from ..server import _CLEAN, KEYCELL, Server, keycell, serving
from ..test_tls import pem
from .conftest import Person, person, token_of
from .test_login import answering

PART = 16 * 2**20


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Line, Server]]:
    """A server that is reached by a line alone."""
    data = tmp_path_factory.mktemp("line") / "data"
    with line_to(0) as line:
        public = line.url.replace("127.0.0.1", "localhost")
        server = Server(data, ("--public-url", public), {})
        line.target = server.port
        server.start()
        keycell("admin", "user", "add", "ann", "--password-stdin", "--data", str(data),
                stdin="correct horse battery")  # fmt: skip
        yield line, server
        server.stop()


@pytest.fixture
def line(laid: tuple[Line, Server]) -> Line:
    laid[0].mend()
    laid[0].spoils = None
    return laid[0]


@pytest.fixture
def ann(laid: tuple[Line, Server], tmp_path: Path) -> Person:
    line, server = laid
    someone = person(server, tmp_path / "home", token_of(server, "ann"))
    there = {"KEYCELL_SERVER": line.url.replace("127.0.0.1", "localhost")}
    return Person(server, {**someone.environment, **there})


def told_in_one_sentence(done: "subprocess.CompletedProcess[str]") -> str:
    assert done.stdout == ""
    sentence, hint, *more = done.stderr.splitlines()
    assert sentence.startswith("error: ")
    assert hint.startswith("hint: ")
    assert all(one.startswith("request id: ") for one in more)
    return done.stderr


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_what_is_no_server_any_more(ann: Person) -> None:
    with answering(b"<h1>Pay for the network</h1>") as url:
        hotel = Person(ann.server, {**ann.environment, "KEYCELL_SERVER": url})
        said = told_in_one_sentence(hotel.types("ls", code=1))
    assert "not JSON" in said
    assert "sign-in page of the network" in said


def test_a_certificate_that_is_not_trusted(tmp_path: Path) -> None:
    chain, private = pem(tmp_path / "tls")
    data, home = tmp_path / "data", {"KEYCELL_CONFIG_DIR": str(tmp_path / "home")}
    keycell("admin", "user", "add", "ann", "--password-stdin", "--data", str(data),
            stdin="correct horse battery")  # fmt: skip
    with serving(data, "--tls-cert", str(chain), "--tls-key", str(private)) as server:
        arguments = ("login", server.url, "--with-token", "--insecure-storage")
        token = token_of(server, "ann")
        said = keycell(*arguments, stdin=token, environment=home, code=7)
        assert "certificate" in told_in_one_sentence(said)
        assert "SSL_CERT_FILE" in said.stderr
        assert not (tmp_path / "home").exists() or not names(tmp_path / "home") - {
            "state",
            "cache",
        }
        keycell(*arguments, stdin=token, environment=home | {"SSL_CERT_FILE": str(chain)})


def test_a_token_that_ends_in_the_middle(ann: Person, line: Line, tmp_path: Path) -> None:
    big = tmp_path / "big.bin"
    big.write_bytes(os.urandom(6 * PART))
    where = ("--data", str(ann.server.data))
    mine = keycell("admin", "token", "list", "ann", *where, "--json").stdout
    ids = [one["token_id"] for one in json.loads(mine)["items"]]

    def end() -> None:
        for one in ids:
            keycell("admin", "token", "revoke", "ann", one, *where)

    line.cut("up", 4 * PART + PART // 2, 0)
    line.halt = end
    told_in_one_sentence(ann.types("put", str(big), "personal-files/", code=4))
    again = {**ann.environment, "KEYCELL_TOKEN": token_of(ann.server, "ann")}
    anew = Person(ann.server, again)
    anew.types("stat", ":personal-files/big.bin", code=3)
    done = anew.types("put", str(big), "personal-files/")
    assert "had arrived before" in done.stderr
    anew.types("get", "personal-files/big.bin", str(tmp_path / "back.bin"))
    assert (tmp_path / "back.bin").read_bytes() == big.read_bytes()


def test_a_proxy_that_cuts(ann: Person, line: Line, tmp_path: Path) -> None:
    got = tmp_path / "got"
    got.mkdir()
    (got / "a.txt").write_text("before")
    content = b"0123456789abcde\n" * (PART // 8)
    (tmp_path / "a.txt").write_bytes(content)
    ann.types("put", str(tmp_path / "a.txt"), "personal-files/")
    line.cut("down", PART // 2)
    said = ann.types("cat", ":personal-files/a.txt", code=7).stderr.splitlines()
    assert "what was done so far is kept" in said[1]
    assert len(said) == 2
    line.cut("down", PART // 2)
    assert "had arrived before" in ann.types("get", "personal-files/a.txt", str(got)).stderr
    assert line.cuts == 2
    assert names(got) == {"a.txt"}
    assert (got / "a.txt").read_bytes() == content


def test_a_proxy_that_alters(ann: Person, line: Line, tmp_path: Path) -> None:
    """Exit code 10."""
    (tmp_path / "a.txt").write_text("one apple a day " * 99)
    ann.types("put", str(tmp_path / "a.txt"), "personal-files/")
    line.spoils = (b"apple", b"onion")
    got = tmp_path / "got"
    got.mkdir()
    ann.types("get", "personal-files/a.txt", str(got), code=10)
    assert not names(got)


@pytest.mark.parametrize(("by", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_transfer_that_is_ended_goes_on(
    ann: Person, line: Line, tmp_path: Path, by: signal.Signals, code: int
) -> None:
    big = tmp_path / f"{code}.bin"
    big.write_bytes(os.urandom(6 * PART))
    with subprocess.Popen(
        [KEYCELL, "put", str(big), "personal-files/"], env=_CLEAN | dict(ann.environment),
        stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip

        def end(process: "subprocess.Popen[str]" = process) -> None:
            process.send_signal(by)
            time.sleep(0.3)

        line.halt = end
        line.cut("up", 4 * PART + PART // 2, 0)
        _, said = process.communicate(timeout=60)
    assert process.returncode == code
    assert said == "interrupted: the same command goes on from here\n"
    assert "had arrived before" in ann.types("put", str(big), "personal-files/").stderr


def test_an_answer_that_is_made_otherwise_than_ours(ann: Person, line: Line) -> None:
    ann.types("touch", ":common-files/kept")
    line.spoils = (b'"items"', b'"1tems"')
    said = told_in_one_sentence(ann.types("versions", "ls", ":common-files/kept", code=1))
    assert "cannot read: KeyError('items') in " in said
    told = ann.types("versions", "ls", ":common-files/kept", "-vv", code=1).stderr
    assert "Traceback (most recent call last):" in told


def test_a_page_of_the_network_is_no_folder_that_was_made(ann: Person, tmp_path: Path) -> None:
    with answering(b"<h1>Pay for the network</h1>") as url:
        hotel = Person(ann.server, {**ann.environment, "KEYCELL_SERVER": url})
        hotel.types("sync", "add", str(tmp_path / "here"), ":common-files/there", code=1)
    assert not (tmp_path / "here").exists()


@pytest.mark.parametrize("command", ["token ls", "admin user list", "sync add x :a/b"])
@pytest.mark.parametrize("body", [b"[1]", b'{"some": 1}'])
def test_json_of_another_shape_is_told_in_one_sentence(
    ann: Person, tmp_path: Path, command: str, body: bytes
) -> None:
    """Where the server was known, and something else answers in its place since."""
    ann.types("ls")
    with answering(body, "application/json") as url:
        known = next((tmp_path / "home").rglob("discovery-*.json"))
        there = ann.environment["KEYCELL_SERVER"]
        name = f"discovery-{hashlib.sha256(url.encode()).hexdigest()[:16]}.json"
        known.with_name(name).write_text(known.read_text().replace(there, url))
        other = Person(ann.server, {**ann.environment, "KEYCELL_SERVER": url})
        words = command.replace(" x ", f" {tmp_path / 'x'} ").split()
        told_in_one_sentence(other.types(*words, code=1))
    assert not (tmp_path / "x").exists()


def test_a_server_that_fails_is_told_of_with_a_hint(ann: Person, tmp_path: Path) -> None:
    with answering(b"<h1>Oops</h1>", status="500 Internal Server Error") as url:
        broken = Person(ann.server, {**ann.environment, "KEYCELL_SERVER": url})
        told_in_one_sentence(broken.types("ls", code=7))
        told_in_one_sentence(broken.types("sync", "add", str(tmp_path / "x"), ":a/b", code=7))
    assert not (tmp_path / "x").exists()
