"""Completing places on the server: each shell in its own way, quickly, and never with a word."""

import json
import os
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ..server import KEYCELL, keycell
from .conftest import Person

P = "personal-files"
MOST_TRIES = 60
"""A busy machine may not answer within the second that a shell waits for."""


def asked(ann: Person, shell: str, line: str, typed: str = "") -> list[str]:
    """Ask as a shell's script does; nothing may be said beside the answer."""
    words = {"_KEYCELL_COMPLETE": f"complete_{shell}", "_TYPER_COMPLETE_ARGS": line,
             "_TYPER_COMPLETE_WORD_TO_COMPLETE": typed,
             "_TYPER_COMPLETE_FISH_ACTION": "get-args"}  # fmt: skip
    done = subprocess.run(
        [KEYCELL], capture_output=True, text=True, timeout=60, check=False,
        stdin=subprocess.DEVNULL, env=os.environ | dict(ann.environment) | words,
    )  # fmt: skip
    assert done.stderr == ""
    return [one for one in done.stdout.splitlines() if one]


def soon(ask: Callable[[], list[str]]) -> list[str]:
    for _ in range(MOST_TRIES):
        if found := ask():
            return found
    raise AssertionError


@pytest.fixture(scope="module")
def filled(ann: Person) -> Person:
    ann.types("mkdir", "-p", f":{P}/shelf/deep")
    ann.puts(f"{P}/shelf/plain.txt", b"x")
    ann.puts(f"{P}/shelf/two words.txt", b"x")
    return ann


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", [f":{P}/"]),
        (":per", [f":{P}/"]),
        ("per", [f"{P}/"]),
        ("cells://per", [f"cells://{P}/"]),
        (f":{P}/shelf/d", [f":{P}/shelf/deep/"]),
        (f":{P}/shelf/", [f":{P}/shelf/deep/", f":{P}/shelf/plain.txt",
                          f":{P}/shelf/two words.txt"]),
    ],
)  # fmt: skip
def test_a_place_is_completed_as_it_was_begun(
    filled: Person, typed: str, found: list[str]
) -> None:
    told = soon(lambda: asked(filled, "fish", f"keycell ls {typed}"))
    assert {*found} <= {*told}
    assert all(one.startswith(typed or ":") for one in told)


def test_each_shell_is_told_in_its_own_way(filled: Person) -> None:
    line = f"keycell stat :{P}/shelf/pl"
    told = soon(lambda: asked(filled, "powershell", line, f":{P}/shelf/pl"))
    assert told == [f":{P}/shelf/plain.txt::: "]
    (told_zsh,) = soon(lambda: asked(filled, "zsh", line))
    assert "plain.txt" in told_zsh


def bash(ann: Person, line: str, words: str) -> list[str]:
    """Ask as bash does, which takes a colon for the end of a word."""
    script = keycell("completion", "bash").stdout
    source = (
        f"{script}\nCOMP_LINE={json.dumps(line)}; COMP_POINT=${{#COMP_LINE}}\n"
        f"COMP_WORDS=({words}); COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 ))\n"
        f"_keycell_completion {KEYCELL}\n" + 'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", source], capture_output=True, text=True, timeout=60,
        check=True, env=os.environ | dict(ann.environment),
    )  # fmt: skip
    assert done.stderr == ""
    return [one for one in done.stdout.splitlines() if one]


def test_bash_replaces_what_is_after_the_colon(filled: Person) -> None:
    line = f"keycell ls :{P}/shelf/t"
    told = soon(lambda: bash(filled, line, f"keycell ls : {P}/shelf/t"))
    assert told == [f"{P}/shelf/two\\ words.txt"]
    # In an open quotation it is one word, and nothing in it is escaped.
    line = f"keycell ls ':{P}/shelf/two w"
    told = soon(lambda: bash(filled, line, f"""keycell ls "':{P}/shelf/two w" """))
    assert told == [f":{P}/shelf/two words.txt"]


def test_scp_leaves_local_files_to_the_shell(filled: Person) -> None:
    assert soon(lambda: asked(filled, "fish", f"keycell scp :{P}/sh")) == [f":{P}/shelf/"]
    assert asked(filled, "fish", "keycell scp pers") == []
    assert asked(filled, "fish", "keycell scp a?b:") == []
    assert asked(filled, "fish", "keycell ls :../") == []


def test_an_answer_is_kept_for_half_a_minute(filled: Person, tmp_path: Path) -> None:
    mine = replace(filled, environment={**filled.environment, "KEYCELL_CONFIG_DIR": str(tmp_path)})
    line = f"keycell ls :{P}/shelf/new"
    soon(lambda: asked(mine, "fish", f"keycell ls :{P}/shelf/"))
    (kept,) = (tmp_path / "cache" / "completion").iterdir()
    assert kept.stat().st_mode & 0o077 == 0
    kept.write_text('["new.txt"]')
    assert soon(lambda: asked(mine, "fish", line)) == [f":{P}/shelf/new.txt"]
    # Somebody else's token is answered by the server, whatever is kept here.
    other = replace(mine, environment={**mine.environment, "KEYCELL_TOKEN": "another"})
    assert asked(other, "fish", line) == []
    old = time.time() - 31
    os.utime(kept, (old, old))
    assert asked(mine, "fish", line) == []


@pytest.mark.parametrize("answers", [True, False])
def test_what_is_amiss_is_not_told(ann: Person, tmp_path: Path, *, answers: bool) -> None:
    """A server that takes a connection and says nothing is given up; so is none at all."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        if answers:
            silent.listen()
        away = {**ann.environment, "KEYCELL_CONFIG_DIR": str(tmp_path),
                "KEYCELL_SERVER": f"http://127.0.0.1:{silent.getsockname()[1]}"}  # fmt: skip
        began = time.monotonic()
        assert asked(replace(ann, environment=away), "fish", "keycell ls :") == []
        # Not the second that it is, since machines are slow: but not a minute of retries either.
        assert time.monotonic() - began < 20
    nobody = replace(ann, environment={"KEYCELL_CONFIG_DIR": str(tmp_path)})
    assert asked(nobody, "fish", "keycell ls :") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_a_script_is_told_to_programs_too(shell: str) -> None:
    told = json.loads(keycell("completion", shell, "--json").stdout)
    assert told == {"shell": shell, "script": keycell("completion", shell).stdout.rstrip("\n")}
