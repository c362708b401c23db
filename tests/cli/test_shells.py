"""Shells themselves complete a word that somebody types at them: bash, zsh and fish."""

import os
import pty
import re
import select
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ..server import KEYCELL
from .conftest import Person

P = "personal-files"
LONGEST = 60.0
SHELLS = {
    "bash": (["/bin/bash", "--norc", "-i"], 'eval "$(keycell completion bash)"'),
    "zsh": (["/usr/bin/zsh", "-f", "-i"],
            'autoload -Uz compinit; compinit -u -D; eval "$(keycell completion zsh)"'),
    "fish": (["/usr/bin/fish", "-N", "-i"], "keycell completion fish | source"),
}  # fmt: skip
_CODES = re.compile(rb"\x1b(\[[0-9;?]*[A-Za-z]|[()][A-B0-2]|[=>])|\x00")


class Terminal:
    """A shell at a terminal, and what it shows."""

    def __init__(self, number: int) -> None:
        self._number = number
        self.shown = ""

    def types(self, text: str) -> None:
        self.shown = ""
        os.write(self._number, text.encode())

    def waits_for(self, pattern: str, seconds: float = LONGEST) -> bool:
        """Tell whether it comes to be shown."""
        until = time.monotonic() + seconds
        while not re.search(pattern, self.shown):
            if time.monotonic() > until:
                return False
            if select.select([self._number], [], [], 0.1)[0]:
                self.shown += _CODES.sub(b"", os.read(self._number, 4096)).decode(errors="replace")
        return True


@contextmanager
def shell(name: str, ann: Person, home: Path) -> Iterator[Terminal]:
    """Start a shell that was told to complete."""
    arguments, told = SHELLS[name]
    environment = {
        **ann.environment, "HOME": str(home), "PATH": f"{Path(KEYCELL).parent}:/usr/bin:/bin",
        "TERM": "vt100", "LANG": "C.UTF-8", "PS1": "$ ",
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
    }  # fmt: skip
    near, far = pty.openpty()
    with subprocess.Popen(
        ["setsid", "--ctty", *arguments], env=environment, cwd=home,
        stdin=far, stdout=far, stderr=far,
    ) as process:  # fmt: skip
        os.close(far)
        terminal = Terminal(near)
        try:
            # What is typed is shown as well, so that the word must be put together.
            terminal.types(f'{told}; echo RE""ADY\n')
            assert terminal.waits_for("READY\\s"), terminal.shown
            yield terminal
        finally:
            process.kill()
            os.close(near)


@pytest.fixture(scope="module")
def filled(ann: Person) -> Person:
    ann.types("mkdir", "-p", f":{P}/typed/deep")
    ann.puts(f"{P}/typed/two words.txt", b"x")
    return ann


def completes(terminal: Terminal, typed: str, found: str) -> None:
    """Type until it is completed: a busy machine does not answer within a second at once."""
    for _ in range(20):
        terminal.types(f"\x15{typed}\t")
        if terminal.waits_for(found, 5):
            return
    raise AssertionError(terminal.shown)


@pytest.mark.parametrize("name", SHELLS)
def test_a_word_is_completed_as_it_is_typed(name: str, filled: Person, tmp_path: Path) -> None:
    (tmp_path / "local-file").touch()
    with shell(name, filled, tmp_path) as terminal:
        completes(terminal, "keycell whoa", "whoami ")
        completes(terminal, f"keycell ls :{P}/typed/de", "deep/")
        completes(terminal, f"keycell cat :{P}/typed/tw", r"two\\ words.txt")
        completes(terminal, "keycell scp local-f", "local-file")


def test_bash_does_nothing_that_a_name_says_between_quotes(filled: Person, tmp_path: Path) -> None:
    """Names come from other people, and between quotes bash puts what it is told as it is."""
    for name in ("evil$(touch x)", "evil`touch x`", 'evil";touch x;"', "evil!!", "own';touch x;'"):
        filled.puts(f"{P}/typed/{name}", b"x")
    for name in ("evil's", "own $two"):
        filled.puts(f"{P}/typed/{name}", b"x")
    with shell("bash", filled, tmp_path) as terminal:
        completes(terminal, f'keycell cat ":{P}/typed/evil', "evil's")
        completes(terminal, f"keycell cat ':{P}/typed/own", r"own \$two")
