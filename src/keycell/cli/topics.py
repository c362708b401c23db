"""`keycell help`: what holds for all commands alike."""

from collections.abc import Callable, Mapping
from textwrap import wrap
from typing import Annotated, Optional

import typer

from keycell.cli.output import Exit, fail, show
from keycell.cli.showing import Output, shows_here
from keycell.cli.terminal import Terminal, stdout

_MEANINGS: Mapping[Exit, str] = {
    Exit.DONE: "done, or there was nothing to do",
    Exit.OTHER: "something else went wrong; stderr says what",
    Exit.USAGE: "the command cannot be meant, or a question has nobody to answer it",
    Exit.NOT_FOUND: "there is nothing there, or nothing that you may see",
    Exit.SIGN_IN: "nobody is signed in, or the sign-in has ended",
    Exit.DENIED: "you, or your token, may not",
    Exit.CONFLICT: "something else is there, or a condition does not hold",
    Exit.UNAVAILABLE: "the server cannot be reached, or cannot answer now",
    Exit.PARTLY: "a part was done; stderr says what was not",
    Exit.LIMIT: "a quota, a size or a rate is used up",
    Exit.INTEGRITY: "bytes are not those that were meant",
}
_STOPPED: Mapping[str, str] = {"130": "interrupted by Ctrl-C", "143": "ended from outside"}

_ENVIRONMENT: Mapping[str, str] = {
    "KEYCELL_PROFILE": "the profile, where --profile says none",
    "KEYCELL_SERVER": "the server that KEYCELL_TOKEN is for",
    "KEYCELL_TOKEN": "a token, instead of a sign-in: it is used and never kept",
    "KEYCELL_TOKEN_FILE": "a file of mode 600 that holds that token",
    "KEYCELL_CONFIG_DIR": "one folder for config.toml, state and caches",
    "NO_COLOR": "no colours",
    "FORCE_COLOR": "colours, even if no terminal reads them",
    "HTTPS_PROXY, HTTP_PROXY, ALL_PROXY": "the proxy to go through",
    "NO_PROXY": "the hosts that are reached without a proxy",
    "SSL_CERT_FILE": "the certificates of the authorities that are trusted",
}
_FORMATTING: Mapping[str, str] = {
    "--json": 'one JSON document: an object, or {"items": [...]}',
    "--jsonl": "a JSON object per line",
    "--format '{name}\\t{size}'": "a line for each; \\t, \\n, \\0; {{ and }} are braces",
    "--format '{{.Name}} {{.Path}}'": "the same by the names of the old client: .Name .Type .Path "
    ".HumanSize .SizeBytes .TimeStamp .Date .Uuid .Hash",
    "--columns name,size": "these fields alone",
    "--sort -size, --limit 10": "the greatest first, and ten of them",
    "--raw, --null": "paths alone, a line or a NUL after each",
    "--color auto, always, never": "when to use colours",
    "no terminal": "tables become lines of fields with tabs between them",
    "stdout, stderr": "data goes to stdout; notes, questions and errors go to stderr",
}  # fmt: skip
_PATHS: Mapping[str, str] = {
    ":space/dir/file": "on the server of the default profile",
    "work:space/dir/file": "on the server of the profile work",
    ":": "the top, where the spaces are",
    ":space/dir/": "with a slash at its end: a folder",
    "cells://space/dir, cells//space/dir": "the default profile, as the old client wrote it",
    "./a:b": "a local file with a colon in its name",
    "C:\\dir\\file": "a drive: the name of a profile has two characters at least",
}


def _exit_codes() -> Mapping[str, str]:
    return {**{str(int(code)): _MEANINGS[code] for code in Exit}, **_STOPPED}


TOPICS: Mapping[str, Callable[[], Mapping[str, str]]] = {
    "exit-codes": _exit_codes,
    "environment": lambda: _ENVIRONMENT,
    "formatting": lambda: _FORMATTING,
    "paths": lambda: _PATHS,
}


def topic_names() -> list[str]:
    """Give the topics that there are."""
    return list(TOPICS)


@shows_here
def topic(
    *,
    name: Annotated[
        Optional[str],  # noqa: UP045  (typer reads it)
        typer.Argument(
            metavar="TOPIC",
            autocompletion=topic_names,
            help="exit-codes, environment, formatting or paths.",
        ),
    ] = None,
    out: Output,
) -> None:
    """Say what holds for all commands alike.

    keycell help exit-codes
    keycell help environment
    keycell help paths
    """
    known = ", ".join(TOPICS)
    if name is None:
        show({"items": list(TOPICS)}, list(TOPICS), as_json=out.as_json)
        return
    if name not in TOPICS:
        fail(f"there is no topic {name!r}; there are: {known}", Exit.USAGE,
             f"keycell {name} --help tells of a command")  # fmt: skip
    told = TOPICS[name]()
    items = [{"name": what, "meaning": meaning} for what, meaning in told.items()]
    show({"items": items}, _page(told, stdout(out.colour)), as_json=out.as_json)


def _page(told: Mapping[str, str], terminal: Terminal) -> list[str]:
    """Give names and what they mean beside each other, no wider than a terminal."""
    left = max(len(what) for what in told) + 2
    room = max(20, terminal.width - left) if terminal.is_terminal else 1000
    lines = []
    for what, meaning in told.items():
        first, *more = wrap(meaning, room, break_long_words=False, break_on_hyphens=False)
        lines += [f"{what:<{left}}{first}", *(" " * left + one for one in more)]
    return lines
