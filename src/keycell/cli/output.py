"""What the command line says: data on stdout, talk on stderr, a telling exit code."""

import json
import sys
from enum import IntEnum
from typing import NoReturn


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
    print(f"error: {sentence}", file=sys.stderr)
    if hint:
        print(f"hint: {hint}", file=sys.stderr)
    if request_id:
        print(f"request id: {request_id}", file=sys.stderr)


def sentence_of(error: BaseException) -> str:
    """Say an error in one sentence."""
    text = " ".join(str(error).split())
    return text or type(error).__name__


def show(document: object, lines: list[str], *, as_json: bool) -> None:
    """Print a document for programs, or lines for people."""
    if as_json:
        print(json.dumps(document, ensure_ascii=False, indent=2, default=str))
        return
    for line in lines:
        print(line)
