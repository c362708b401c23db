"""All commands there are, as help shows them."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from keycell.cli.main import app


@cache
def commands() -> dict[str, TyperCommand]:
    """Give every command by its name."""
    return dict(_in(get_group(app), ()))


@cache
def groups() -> dict[str, str]:
    """Give the help of every group of commands, by its name; of all of them by "keycell"."""
    return {" ".join(names) or "keycell": text for names, text in _groups(get_group(app), ())}


def options(command: TyperCommand) -> set[str]:
    return {option for one in command.params for option in one.opts}


def _in(group: Any, names: tuple[str, ...]) -> Iterator[tuple[str, TyperCommand]]:  # noqa: ANN401  (click's own)
    for name in group.list_commands(None):
        command = group.get_command(None, name)
        if isinstance(command, TyperGroup):
            yield from _in(command, (*names, name))
        elif not command.hidden:
            yield " ".join((*names, name)), command


def _groups(group: Any, names: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:  # noqa: ANN401
    yield names, group.help or ""
    for name in group.list_commands(None):
        command = group.get_command(None, name)
        if isinstance(command, TyperGroup):
            yield from _groups(command, (*names, name))
