"""Each exit code, by a command that ends with it."""

from dataclasses import replace

import pytest

from ..postgres import free_port
from ..server import keycell
from .conftest import Person

P = "personal-files"


def test_0_is_done(ann: Person) -> None:
    ann.types("ls")


@pytest.mark.parametrize(
    "arguments",
    [("ls", "c:x"), ("ls", ":team/../x"), ("mv", ":a"), ("ls", "--columns", "nme"),
     ("ls", "--no-such-option"), ("rm", ":personal-files", "--yes")],
)  # fmt: skip
def test_2_is_usage(ann: Person, arguments: tuple[str, ...]) -> None:
    assert ann.types(*arguments, code=2).stderr


@pytest.mark.parametrize(
    "arguments",
    [("ls",), ("stat",), ("cat",), ("du",), ("tree",), ("rm", "-f"), ("touch",), ("mkdir",),
     ("versions", "ls"), ("trash", "restore"), ("meta", "get"), ("tags", "ls"), ("share",)],
)  # fmt: skip
def test_3_is_not_found(ann: Person, arguments: tuple[str, ...]) -> None:
    told = ann.error(*arguments, f":{P}/nowhere/none.txt", code=3)
    assert told["kind"] == "not_found"
    assert "nowhere" in told["error"]


def test_3_is_a_pattern_that_means_nothing(ann: Person) -> None:
    assert "--no-glob" in ann.error("ls", f":{P}/*.none", code=3)["hint"]
    assert ann.error("ls", f":{P}/*.none", "--no-glob", code=3)["kind"] == "not_found"


def test_4_is_to_sign_in(ann: Person) -> None:
    stranger = replace(ann, environment={**ann.environment, "KEYCELL_TOKEN": "none"})
    assert stranger.error("ls", code=4)["hint"]
    nobody = {name: one for name, one in ann.environment.items() if name != "KEYCELL_TOKEN"}
    assert "keycell login" in replace(ann, environment=nobody).error("ls", code=4)["hint"]


def test_5_is_denied(bob: Person) -> None:
    told = bob.error("mkdir", f":{P}/mine", code=5)
    assert told["kind"] == "denied"
    assert told["request_id"]


def test_6_is_a_conflict(ann: Person) -> None:
    ann.types("mkdir", "-p", f":{P}/twice")
    ann.error("mkdir", f":{P}/twice", code=6)
    ann.puts(f"{P}/six.txt", b"x")
    ann.error("mv", f":{P}/six.txt", f":{P}/six.txt", code=6)


def test_7_is_a_server_that_is_away(ann: Person) -> None:
    away = {**ann.environment, "KEYCELL_SERVER": f"http://localhost:{free_port()}"}
    told = replace(ann, environment=away).error("ls", code=7)
    assert told["kind"] == "unavailable"


def test_9_is_a_limit(ann: Person) -> None:
    ann.puts(f"{P}/big.bin", b"x" * 600_000)
    told = ann.error("cp", f":{P}/big.bin", f":{P}/bigger.bin", code=9)
    assert "quota" in told["error"]
    ann.types("rm", "-p", "-f", f":{P}/big.bin")


def test_errors_are_lines_for_people(ann: Person) -> None:
    done = ann.types("stat", f":{P}/none", code=3)
    assert done.stderr.splitlines()[0] == f"error: there is nothing at :{P}/none"
    assert done.stderr.splitlines()[1].startswith("hint: ")


def test_the_wire_is_told_without_what_opens_it(ann: Person) -> None:
    said = ann.types("ls", "-vv").stderr
    assert "> POST" in said or "> GET" in said
    assert "< 200" in said
    assert ann.environment["KEYCELL_TOKEN"] not in said


def test_a_mistyped_command_is_guessed() -> None:
    assert "mkdir" in keycell("mkdri", code=2).stderr
