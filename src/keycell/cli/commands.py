"""Commands by name: each is loaded when it is run, so that help waits for none of them."""

import importlib
import os
import re
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, ClassVar, NoReturn, Protocol

import typer
from typer._click.exceptions import ClickException, NoArgsIsHelpError, NoSuchOption
from typer._click.shell_completion import CompletionItem
from typer.core import TyperCommand, TyperGroup, TyperOption
from typer.main import get_command, get_group

from keycell.cli.output import Exit, fail
from keycell.cli.plain import read_plainly

_INTERRUPTED = 130
HELP_NAMES = {"help_option_names": ["-h", "--help"]}


@dataclass(frozen=True, slots=True)
class Command:
    """A command's name, where it is, and what it does in a line."""

    name: str
    target: str
    """`module:attribute` of a function, or of a `typer.Typer` with commands of its own."""
    help: str
    panel: str = "Commands"
    hidden: bool = False

    def load(self) -> TyperCommand | TyperGroup:
        """Import the command."""
        module, _, attribute = self.target.partition(":")
        found = getattr(importlib.import_module(module), attribute)
        if isinstance(found, typer.Typer):
            # Drawn boxes would cost the time of importing what draws them.
            found.rich_markup_mode = None
            group = get_group(found)
            read_plainly(group)
            for one in group.commands.values():
                _prepare(one)
            return group
        app = typer.Typer(add_completion=False, rich_markup_mode=None)
        app.command(self.name, context_settings=HELP_NAMES)(found)
        command: Any = get_command(app)
        loaded: TyperCommand = command
        _prepare(loaded)
        return loaded


def _always(said: str) -> Callable[..., str]:
    return lambda **_: said


def _prepare(command: Any) -> None:  # noqa: ANN401  (click's own)
    """Let help say `<str>...` of what may be given several times, not `<list[str]>`."""
    read_plainly(command)
    for one in command.params:
        of = re.fullmatch(r"list\[(.+)\]", one.bare_type())
        if of is not None:
            said = f"<{of[1]}>..." if isinstance(one, TyperOption) else f"<{of[1]}>"
            one.display_type_rich = _always(said)


def lacks(error: ModuleNotFoundError) -> NoReturn:
    """Say what to install for a command that needs a library of the server's."""
    if (error.name or "keycell").partition(".")[0] == "keycell":
        raise error
    fail(
        f"this needs {error.name}, which is not installed",
        Exit.USAGE,
        'pip install "keycell[server]" brings what the server needs',
    )


def mistyped(error: ClickException) -> NoReturn:
    """Say what is wrong with the line that was typed, as every other error is said."""
    context: Any = getattr(error, "ctx", None)
    if isinstance(error, NoArgsIsHelpError):
        error.show()
        raise SystemExit(int(Exit.USAGE))
    # What pydantic says before each sentence of its own.
    said = error.format_message().replace("Value error, ", "")
    hint = f"{context.command_path} --help tells how" if context is not None else ""
    if isinstance(error, NoSuchOption) and not error.option_name.startswith("--"):
        hint = f"{hint}; a name or identifier that begins with - comes after a --"
    fail(f"{said[:1].lower()}{said[1:].rstrip('.')}", Exit.USAGE, hint)


def forget_output() -> None:
    """Print nothing more, not even what waits to be: there is nobody to read it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Formatter(Protocol):
    """What writes help."""

    def section(self, name: str) -> AbstractContextManager[None]: ...

    def write_dl(self, rows: Sequence[tuple[str, str]]) -> None: ...


class CommandTable(TyperGroup):
    """A group of commands that are read from a table."""

    table: ClassVar[tuple[Command, ...]] = ()

    def __init__(self, **attributes: Any) -> None:  # noqa: ANN401  (typer's own, handed on)
        super().__init__(**attributes)
        read_plainly(self)
        # There by name alone, for who mistypes one.
        self.commands = dict.fromkeys(self.list_commands(None), TyperCommand(None))

    def list_commands(self, ctx: object) -> list[str]:
        """Give the names of all commands that help shows."""
        del ctx
        return [one.name for one in self.table if not one.hidden]

    def get_command(self, ctx: object, cmd_name: str) -> TyperCommand | TyperGroup | None:
        """Load a command."""
        del ctx
        return next((one.load() for one in self.table if one.name == cmd_name), None)

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401  (click's own)
        """Run a command; Ctrl-C at a question of it ends it as everywhere."""
        try:
            ended = super().invoke(ctx)
            sys.stdout.flush()
        except KeyboardInterrupt:
            print(file=sys.stderr)
            raise SystemExit(_INTERRUPTED) from None
        except BrokenPipeError:
            # Whoever reads has enough.
            forget_output()
            raise SystemExit(int(Exit.DONE)) from None
        return ended

    def shell_complete(self, ctx: object, incomplete: str) -> list[CompletionItem]:
        """Give what a word that was begun may become, without loading any command."""
        if not incomplete or incomplete[0].isalnum():
            return [CompletionItem(one.name, help=one.help) for one in self.table
                    if not one.hidden and one.name.startswith(incomplete)]  # fmt: skip
        # Options.
        context: Any = ctx
        return super().shell_complete(context, incomplete)

    def format_commands(self, ctx: object, formatter: _Formatter) -> None:
        """Write what each command does, without loading any."""
        del ctx
        shown = [one for one in self.table if not one.hidden]
        for panel in dict.fromkeys(one.panel for one in shown):
            with formatter.section(panel):
                formatter.write_dl([(one.name, one.help) for one in shown if one.panel == panel])


def with_examples(text: str, *examples: str) -> str:
    """Give the help of a group, whose examples keep their lines."""
    return "\n".join([text, "", "\b", *examples])


def group(kind: type[CommandTable], name: str, text: str, *examples: str) -> typer.Typer:
    """Make the application of a table."""
    app = typer.Typer(
        name=name,
        cls=kind,
        help=with_examples(text, *examples),
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings=HELP_NAMES,
    )
    app.callback()(_nothing_before)
    return app


def _nothing_before() -> None:
    return None
