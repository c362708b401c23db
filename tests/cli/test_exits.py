"""Each exit code, by a command that ends with it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from keycell.randomness import mint_id

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


MISTYPED = [
    ("ls", "--no-such-option"), ("ls", "--limit", "x"), ("scp",), ("nosuch",), ("sync", "nosuch"),
    ("serve", "--port", "x"), ("completion", "csh"),
]  # fmt: skip


@pytest.mark.parametrize("arguments", MISTYPED, ids=" ".join)
def test_2_is_a_line_that_cannot_be_read_and_is_said_as_all_else(
    ann: Person, arguments: tuple[str, ...]
) -> None:
    """UX.md D4: a sentence and a hint for people, one object for programs."""
    sentence, hint = ann.types(*arguments, code=2).stderr.splitlines()
    assert sentence.startswith("error: ")
    assert hint.startswith("hint: keycell ")
    told = ann.error(*arguments, code=2)
    assert (told["error"], told["kind"]) == (sentence.removeprefix("error: "), "usage")
    coloured = replace(ann, environment={**ann.environment, "FORCE_COLOR": "1"})
    assert coloured.types(*arguments, code=2).stderr.startswith("\x1b[31merror:\x1b[0m ")


@pytest.mark.parametrize("arguments", [(), ("sync",), ("admin", "client")], ids=" ".join)
def test_2_is_no_command_and_help_tells_which_there_are(
    ann: Person, arguments: tuple[str, ...]
) -> None:
    assert "Usage: keycell" in ann.types(*arguments, code=2).stderr


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
    assert "mkdir -p" in ann.error("mkdir", f":{P}/nowhere/deep", code=3)["hint"]
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


def test_8_is_partly_done(ann: Person, tmp_path: Path) -> None:
    for name in ("A.txt", "a.txt", "b.txt"):
        (tmp_path / name).write_text(name)
    done = ann.types("put", str(tmp_path), f"{P}/eight", "--json", code=8)
    told = json.loads(done.stdout)
    assert (told["done"], told["failed"]) == (2, 1)
    assert sorted("error" in one for one in told["items"] if not one["is_folder"]) == [0, 0, 1]
    assert json.loads(done.stderr.splitlines()[0])["kind"] == "conflict"


def test_10_is_what_nobody_signed(ann: Person) -> None:
    told = ann.types("oidc", "jwt", code=10, stdin="eyJhbGciOiJFUzI1NiJ9.e30.AAAA")
    assert "not verified" in told.stdout


def test_130_is_ctrl_c_at_a_question(ann: Person) -> None:
    ann.puts(f"{P}/kept.txt", b"x")
    said, code = ann.answers(["rm", "-p", f":{P}/kept.txt"], b"\x03")
    assert (said.count("[y/N]"), code) == (1, 130)
    assert "Traceback" not in said
    ann.types("stat", f":{P}/kept.txt")


def test_a_question_is_asked_at_a_terminal_alone(ann: Person) -> None:
    ann.puts(f"{P}/asked.txt", b"x")
    said, code = ann.answers(["rm", "-p", f":{P}/asked.txt"], b"n\n")
    assert ("nothing was done" in said, code) == (True, 2)
    ann.types("rm", "-p", f":{P}/asked.txt", code=2)
    ann.types("stat", f":{P}/asked.txt")
    said, code = ann.answers(["rm", "-p", f":{P}/asked.txt"], b"y\n")
    assert code == 0, said
    ann.types("stat", f":{P}/asked.txt", code=3)


def test_errors_are_lines_for_people(ann: Person) -> None:
    done = ann.types("stat", f":{P}/none", code=3)
    assert done.stderr.splitlines()[0] == f"error: there is nothing at :{P}/none"
    assert done.stderr.splitlines()[1].startswith("hint: ")


def test_the_wire_is_told_without_what_opens_it(ann: Person) -> None:
    said = ann.types("ls", "-vv").stderr
    assert "> POST" in said or "> GET" in said
    assert "< 200" in said
    assert ann.environment["KEYCELL_TOKEN"] not in said


def test_a_log_holds_what_is_not_said(ann: Person, tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert ann.types("mkdir", "-p", "-q", f":{P}/logged", "--log-file", str(log)).stderr == ""
    written = log.read_text()
    assert "< 200" in written
    assert ann.environment["KEYCELL_TOKEN"] not in written
    assert log.stat().st_mode & 0o777 == 0o600
    ann.types("ls", "--log-file", str(tmp_path), code=2)


def test_a_mistyped_command_is_guessed() -> None:
    assert "mkdir" in keycell("mkdri", code=2).stderr


def test_a_name_that_begins_with_a_dash_comes_after_two() -> None:
    assert "comes after a --" in keycell("token", "revoke", "-9AlL1hC", code=2).stderr
    assert "comes after a --" not in keycell("token", "revoke", "--nonesuch", code=2).stderr


def test_identifiers_are_no_options() -> None:
    """Of 128 bits in base64url, one of 64 would begin with a dash."""
    assert not any(mint_id().startswith("-") for _ in range(2_000))


def test_an_error_has_a_colour_where_colours_are_wanted(ann: Person) -> None:
    missing = ("stat", f":{P}/none.txt")
    assert "\x1b" not in ann.types(*missing, code=3).stderr
    assert ann.types(*missing, "--color", "always", code=3).stderr.startswith("\x1b[31merror:")
    for said, painted in (({"FORCE_COLOR": "1"}, True), ({"NO_COLOR": "1"}, False)):
        there = replace(ann, environment={**ann.environment, "FORCE_COLOR": "1", **said})
        assert ("\x1b[31m" in there.types(*missing, code=3).stderr) is painted
