"""What the command line says: data on stdout, talk on stderr, a telling exit code."""

import json
import sys
from enum import IntEnum
from typing import NoReturn

from keycell.cli.terminal import Colour, Style, cells, clean, stderr, stdout


class Exit(IntEnum):
    """The exit codes: each says what a script may do about it."""

    DONE = 0
    OTHER = 1
    USAGE = 2
    NOT_FOUND = 3
    SIGN_IN = 4
    DENIED = 5
    CONFLICT = 6
    UNAVAILABLE = 7
    PARTLY = 8
    LIMIT = 9
    INTEGRITY = 10


def fail(sentence: str, code: Exit = Exit.OTHER, hint: str = "", request_id: str = "") -> NoReturn:
    """Say what went wrong, and end."""
    say_error(sentence, code, hint, request_id)
    raise SystemExit(int(code))


def say_error(
    sentence: str, code: Exit = Exit.OTHER, hint: str = "", request_id: str = ""
) -> None:
    """Say what went wrong: lines for people, or where JSON was asked for one object."""
    if {"--json", "--jsonl"} & {*sys.argv[1:]}:
        told = {"error": sentence, "code": int(code), "kind": code.name.lower(),
                "hint": hint or None, "request_id": request_id or None}  # fmt: skip
        print(json.dumps(told, ensure_ascii=False), file=sys.stderr)
        return
    terminal = stderr(_colour())
    for label, style, text in (("error:", Style.RED, sentence), ("hint:", Style.CYAN, hint),
                               ("request id:", Style.DIM, request_id)):  # fmt: skip
        if text:
            first, *more = terminal.wrapped(f"{label} {clean(text)}", indent=len(label) + 1)
            print(first.replace(label, terminal.paint(label, style), 1), *more, sep="\n",
                  file=sys.stderr)  # fmt: skip


def _colour() -> Colour:
    # What was said by --color, where options could be read; it may be what is wrong.
    from keycell.cli.talk import MANNER

    return MANNER.get().colour


def sentence_of(error: BaseException) -> str:
    """Say an error in one sentence."""
    said = str(error)
    if isinstance(error, OSError) and error.strerror and not error.filename2:
        # Its number says nothing to people.
        said = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    text = " ".join(said.split())
    return text or type(error).__name__


def show(document: object, lines: list[str], *, as_json: bool, indent: int | None = None) -> None:
    """Print a document for programs, or lines for people; prose has an indent for what is over."""
    if as_json:
        write_json(document)
        return
    # What others call themselves and their applications is among it.
    said, terminal = [clean(line) for line in lines], stdout(_colour())
    if indent is not None:
        said = [part for line in said for part in terminal.wrapped(line, indent)]
    for line in _in_columns(said) if terminal.is_terminal else said:
        write(line)


def write_json(document: object, indent: int | None = 2) -> None:
    """Print a document, or what is wanted of it by ``--jq``."""
    from keycell.cli.talk import MANNER

    if (tell := MANNER.get().tell) is not None:
        tell(document)
    else:
        write_told(json.dumps(document, ensure_ascii=False, indent=indent, default=str))


def write_told(text: str) -> None:
    """Write what programs read as it is; to a terminal nothing that it takes for a command."""
    if stdout(_colour()).is_terminal:
        text = "\n".join(clean(line) for line in text.split("\n"))
    write(text)


def _in_columns(lines: list[str]) -> list[str]:
    """Let what a tab parts stand below each other, for people."""
    rows = [line.split("\t") for line in lines]
    widths: dict[int, int] = {}
    for row in rows:
        for at, cell in enumerate(row[:-1]):
            widths[at] = max(widths.get(at, 0), cells(cell))
    return [
        "".join(cell + " " * (widths[at] - cells(cell) + 2) for at, cell in enumerate(row[:-1]))
        + row[-1]
        for row in rows
    ]


def write(text: str, end: str = "\n") -> None:
    """Write to stdout."""
    sys.stdout.flush()
    # Names may hold what is no UTF-8 here: it is written as it would be read back.
    sys.stdout.buffer.write((text + end).encode("utf-8", "surrogateescape"))
    sys.stdout.buffer.flush()
