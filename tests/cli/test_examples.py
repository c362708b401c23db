"""Each help ends with three examples, and each of them can be typed."""

import re
import shlex
from typing import Any

import pytest
from typer.core import TyperGroup
from typer.main import get_group

from keycell.cli.main import app

from .tree import commands, groups

LEAST = 3
_PARTS = re.compile(r"[|<>()]+|&&")


def examples(told: str) -> list[str]:
    """Give the examples in a help: they stand on lines of their own."""
    lines = [line.strip() for line in told.splitlines()[1:]]
    return [line for line in lines if re.search(r"(^|[ (])keycell [a-z]", line)]


def typed(example: str) -> list[tuple[str, list[str]]]:
    """Give what a shell makes of an example: the commands of ours in it, each with its words."""
    # What lies in a word of the shell's own is typed, too; what explains it is set off.
    line = example.replace('"$(', " ( ").replace(')"', " ) ").partition("   ")[0]
    reader = shlex.shlex(line, posix=True, punctuation_chars="|<>()&")
    reader.whitespace_split = True
    found: list[list[str]] = [[]]
    for word in reader:
        if _PARTS.fullmatch(word):
            found.append([])
        else:
            found[-1].append(word)
    ours = [part[part.index("keycell") + 1 :] for part in found if "keycell" in part]
    return [resolved(part) for part in ours]


def resolved(line: list[str]) -> tuple[str, list[str]]:
    """Find the command of a line as the program does."""
    group: Any = get_group(app)
    names: list[str] = []
    context = group.context_class(group, info_name="keycell")
    while isinstance(group, TyperGroup):
        name, group, line = group.resolve_command(context, list(line))
        context = group.context_class(group, info_name=name, parent=context)
        names.append(str(name))
    return " ".join(names), line


@pytest.mark.parametrize("words", commands())
def test_three_examples_can_be_typed(words: str) -> None:
    """UX-D2: what is read is what the program would read; nothing of it is done."""
    told = examples(commands()[words].help or "")
    assert len(told) >= LEAST, told
    assert len(set(told)) == len(told)
    for example in told:
        assert words in parsed(example), example


def parsed(example: str) -> list[str]:
    """Read an example to its end, and give the names of its commands."""
    for name, line in typed(example):
        command: Any = commands()[name]
        command.make_context(name, line)
    return [name for name, _ in typed(example)]


@pytest.mark.parametrize("words", groups())
def test_a_group_shows_three_of_its_commands(words: str) -> None:
    """UX-D2."""
    told = examples(groups()[words])
    assert len(told) >= LEAST, told
    for example in told:
        names = parsed(example)
        assert words == "keycell" or any(one.startswith(words) for one in names), example


def test_what_cannot_be_typed_is_seen() -> None:
    assert typed("keycell auth token | keycell oidc jwt") == [("auth token", []), ("oidc jwt", [])]
    assert typed("keycell share :a/b.txt --expires 7d") == [
        ("share create", [":a/b.txt", "--expires", "7d"])
    ]
    assert typed('cp "$(keycell config path)" a.bak') == [("config path", [])]
    name, line = typed("keycell ls --nonsense")[0]
    command: Any = commands()[name]
    with pytest.raises(Exception, match="No such option"):
        command.make_context(name, line)
