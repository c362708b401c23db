"""What is said beside the data: notes, steps, questions. All of it goes to stderr."""

import os
import re
import sys
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from getpass import getpass
from pathlib import Path
from typing import TextIO

from keycell.cli.output import Exit, fail
from keycell.cli.terminal import Colour, clean, stderr


class Level(IntEnum):
    """How much is said."""

    QUIET = 0
    NOTES = 1
    STEPS = 2
    WIRE = 3


@dataclass(frozen=True, slots=True)
class Manner:
    """How this command talks."""

    level: Level = Level.NOTES
    colour: Colour = Colour.AUTO
    log: TextIO | None = None
    """Where all levels are written to, whatever is heard."""
    tell: Callable[[object], None] | None = None
    """What prints of a document what was asked for; all of it if there is none."""


MANNER: ContextVar[Manner] = ContextVar("MANNER", default=Manner())  # noqa: B039  (frozen)

_SECRET = re.compile(
    r"(?i)((?:access_token|refresh_token|id_token|token|code|client_secret|password|assertion"
    r"|code_verifier|device_code)[\"']?\s*[=:]\s*[\"']?)[^&\s\"',}]+"
)
_BEARER = re.compile(r"(?i)\b(bearer|basic|dpop)\s+[A-Za-z0-9._~+/=-]+")
_SHAPED = re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*")


def redacted(text: str) -> str:
    """Give a text without what opens anything."""
    without = _BEARER.sub(r"\1 [hidden]", _SECRET.sub(r"\1[hidden]", text))
    return _SHAPED.sub("[hidden]", without)


def note(text: str) -> None:
    """Say what was done, or what is to be known."""
    _say(text, Level.NOTES)


def warn(text: str) -> None:
    """Say what may be wrong."""
    _say(f"warning: {text}", Level.NOTES)


def step(text: str) -> None:
    """Say what is about to be done; heard with -v."""
    _say(text, Level.STEPS)


def wire(text: str) -> None:
    """Say what goes over the wire; heard with -vv."""
    _say(text, Level.WIRE)


def _say(text: str, level: Level) -> None:
    manner = MANNER.get()
    # Whatever is quoted, nothing that opens anything is among it.
    said = clean(redacted(text))
    if manner.log is not None:
        print(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {said}", file=manner.log, flush=True)
    if manner.level >= level:
        print(said, file=sys.stderr)


def log_of(path: Path | None) -> TextIO | None:
    """Open the file that all is written to, for its owner alone; it is added to."""
    if path is None:
        return None
    try:
        found = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        return os.fdopen(found, "a", encoding="utf-8")
    except OSError as error:
        fail(f"--log-file {path} cannot be written: {error.strerror or error}", Exit.USAGE)


def confirm(question: str, *, yes: bool) -> None:
    """Ask before what cannot be undone; end where nobody can be asked, or the answer is no."""
    if yes:
        return
    if not can_ask():
        fail(f"{question} Nobody can be asked here", Exit.USAGE, "give --yes to go ahead")
    if not is_yes(question):
        fail("nothing was done", Exit.USAGE)


def can_ask() -> bool:
    """Tell whether somebody sits at a terminal who sees what is asked."""
    return sys.stdin.isatty() and stderr().is_terminal


def is_yes(question: str) -> bool:
    """Ask whoever sits at the terminal; no answer is a no."""
    print(f"{clean(question)} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def ask_secret(what: str, *, from_stdin: bool = False) -> str:
    """Ask for a secret at the terminal, or read it from stdin's first line."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        fail(f"{what} cannot be asked for here", Exit.USAGE, "give it on stdin")
    return getpass(f"{what}: ", stream=sys.stderr)
