"""How a command shows what it found: a table, JSON, lines of a template, or paths alone."""

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from keycell.cli.completion import profile_names
from keycell.cli.filtering import read_filter
from keycell.cli.output import Exit, fail, write, write_json
from keycell.cli.tables import (
    Column,
    Row,
    Table,
    filled,
    lines_for_people,
    lines_for_programs,
    moment_text,
    plain,
    size_text,
    value_of,
)
from keycell.cli.talk import MANNER, Level, Manner, log_of, note
from keycell.cli.templates import BadTemplate, read_template
from keycell.cli.terminal import Colour, clean, stdout

Text = Optional[str]  # noqa: UP045  (typer reads it)
_COMMON: Mapping[str, tuple[object, object]] = {
    "profile": (
        Annotated[Text, typer.Option("--profile", help="Whose server; the default one's if none.",
                                     envvar="KEYCELL_PROFILE", autocompletion=profile_names)],
        None,
    ),
    "as_json": (Annotated[bool, typer.Option("--json", help="One JSON document.")], False),
    "jq": (
        Annotated[Text, typer.Option("--jq", metavar="EXPR", help="What to print of that JSON.")],
        None,
    ),
    "quiet": (Annotated[bool, typer.Option("--quiet", "-q", help="Only errors.")], False),
    "verbose": (
        Annotated[int, typer.Option("--verbose", "-v", count=True, show_default=False,
                                    help="Say the steps; -vv: the requests, tokens hidden.")],
        0,
    ),
    "log_file": (
        Annotated[Optional[Path], typer.Option(help="Add all that is said to a file.")],  # noqa: UP045
        None,
    ),
    "colour": (
        Annotated[Colour, typer.Option("--color", help="When to use colours.")], Colour.AUTO,
    ),
}  # fmt: skip
_HERE = {name: one for name, one in _COMMON.items() if name != "profile"}
_CHANGES: Mapping[str, tuple[object, object]] = {
    "dry_run": (
        Annotated[bool, typer.Option("--dry-run", "-n", help="Only tell what would be done.")],
        False,
    ),
}
_LISTS: Mapping[str, tuple[object, object]] = {
    "as_lines": (Annotated[bool, typer.Option("--jsonl", help="A JSON object per line.")], False),
    "template": (
        Annotated[Text, typer.Option("--format", help="A line for each, as '{name}, {size}'.")],
        None,
    ),
    "columns": (Annotated[Text, typer.Option(help="These fields alone: name,size.")], None),
    "sort": (Annotated[Text, typer.Option(help="By this field; -field: the last first.")], None),
    "limit": (Annotated[Optional[int], typer.Option(min=1, help="At most so many.")], None),  # noqa: UP045
    "every": (
        Annotated[bool, typer.Option("--all", help="All of a list that else stops.")],
        False,
    ),
}
_PATHS: Mapping[str, tuple[object, object]] = {
    "raw": (Annotated[bool, typer.Option("--raw", "-r", help="Paths alone.")], False),
    "nul": (Annotated[bool, typer.Option("--null", "-0", help="Paths, a NUL after each.")], False),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What somebody asked of the way in which things are shown."""

    profile: str | None = None
    as_json: bool = False
    as_lines: bool = False
    template: str | None = None
    columns: str | None = None
    sort: str | None = None
    limit: int | None = None
    every: bool = False
    raw: bool = False
    nul: bool = False
    dry_run: bool = False
    colour: Colour = Colour.AUTO

    def most(self, usual: int) -> int | None:
        """Give how many are wanted of a list that stops by itself; None for all."""
        if self.every and self.limit is not None:
            fail("--all and --limit exclude each other", Exit.USAGE)
        return None if self.every else self.limit or usual

    def show(self, table: Table, rows: Iterable[Row], **beside: object) -> None:
        """Show rows in the manner that was asked for."""
        fields = self._fields(table)
        kept = self._kept(table, rows)
        if self.as_lines:
            for row in kept:
                write_json(self._as_json(row, fields), indent=None)
        elif self.as_json:
            items = [self._as_json(row, fields) for row in kept]
            write_json({"items": items, **beside})
        elif self.template is not None:
            self._by_template(self.template, table, kept)
        elif (self.raw or self.nul) and table.raw:
            for row in kept:
                write(plain(value_of(row, table.raw)), end="\0" if self.nul else "\n")
        else:
            self._table(table, list(kept))

    def _as_json(self, row: Row, fields: Sequence[str]) -> Row:
        return row if self.columns is None else {one: value_of(row, one) for one in fields}

    def _by_template(self, template: str, table: Table, rows: Iterable[Row]) -> None:
        try:
            written = read_template(template, table.fields)
        except BadTemplate as error:
            fail(str(error), Exit.USAGE, "keycell help formatting says what can be written")
        for row in rows:
            line = written(row)
            write(line, end="" if line.endswith("\0") else "\n")

    def one(self, document: Row, fields: Sequence[str] = ()) -> None:
        """Show one thing: its fields under each other, or as a JSON object."""
        if self.as_json:
            write_json(document)
            return
        shown = [name for name in fields or document if document.get(name) is not None]
        width = max((len(name) for name in shown), default=0)
        terminal = stdout(self.colour)
        for name in shown:
            said = clean(plain(document[name]))
            if terminal.is_terminal:
                said = _for_people(name, document[name]) or said
                write(f"{name.replace('_', ' '):<{width}}  {said}")
            else:
                write(f"{name}\t{said}")

    def said(self, document: Row, sentence: str) -> None:
        """Tell what was done: a sentence on stderr, or a JSON object on stdout."""
        if self.as_json:
            write_json(document)
        else:
            note(sentence)

    def changed(self, document: Row, did: str, would: str) -> None:
        """Tell what was done, or of what would be that nothing was."""
        sentence = f"nothing was done: {would}" if self.dry_run else did
        self.said({**document, "dry_run": self.dry_run}, sentence)

    def _table(self, table: Table, rows: Sequence[Row]) -> None:
        shown: Sequence[Column] = table.columns
        if self.columns is not None:
            shown = [table.column(field) for field in self._fields(table)]
        terminal = stdout(self.colour)
        if not terminal.is_terminal:
            lines = lines_for_programs(rows, shown)
        else:
            # What was asked for by name is shown, empty or not.
            shown = filled(rows, shown) if self.columns is None else shown
            lines = lines_for_people(rows, shown, terminal) if rows else []
            if not rows:
                note("nothing to show")
        for line in lines:
            write(line)

    def _fields(self, table: Table) -> tuple[str, ...]:
        if self.columns is None:
            return table.fields
        wanted = tuple(one.strip() for one in self.columns.split(",") if one.strip())
        for field in wanted:
            _check_field(table, field)
        return wanted

    def _kept(self, table: Table, rows: Iterable[Row]) -> Iterable[Row]:
        if self.sort is not None:
            field = self.sort.removeprefix("-")
            _check_field(table, field)
            rows = sorted(rows, key=lambda row: _order(value_of(row, field)),
                          reverse=self.sort.startswith("-"))  # fmt: skip
        # No more of them are asked for than are shown.
        return islice(rows, self.limit)


def _for_people(name: str, value: object) -> str:
    if name == "size" and isinstance(value, int):
        return f"{size_text(value)} ({value} B)"
    return moment_text(value) if name.endswith("_at") else ""


def _check_field(table: Table, field: str) -> None:
    if field not in table.fields:
        fail(f"there is no field {field!r}", Exit.USAGE, f"there are: {', '.join(table.fields)}")


def _order(value: object) -> tuple[int, float, str]:
    if isinstance(value, int | float):
        return (1, float(value), "")
    return (0, 0, "") if value is None else (2, 0, plain(value).casefold())


def shows(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command that shows one thing its options, and an `Output` as `out`."""
    return _with(command, _COMMON)


def changes(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command that changes what is not easily as before its options, `--dry-run` too.

    It looks at what it is about, and then, unless ``out.dry_run``, does it: so who only asks hears
    of what is not there as who does it would.
    """
    return _with(command, {**_COMMON, **_CHANGES})


def changes_here(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command that changes what lies on this machine the same, but for a profile."""
    return _with(command, {**_HERE, **_CHANGES})


def shows_here(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command that asks no server its options, and an `Output` as `out`."""
    return _with(command, _HERE)


def shows_here_with(
    own: Mapping[str, tuple[object, object]],
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command that asks no server its options too, of a table: it gets them by name."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        command.__signature__ = inspect.Signature(_parameters(own))  # type: ignore[attr-defined]
        return shows_here(command)

    return decorate


def lists(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command that lists things its options, and an `Output` as `out`."""
    return _with(command, {**_COMMON, **_LISTS})


def lists_paths(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command that lists what has a path its options, and an `Output` as `out`."""
    return _with(command, {**_COMMON, **_LISTS, **_PATHS})


def _parameters(options: Mapping[str, tuple[object, object]]) -> list[inspect.Parameter]:
    return [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, (kind, default) in options.items()
    ]


def _with(
    command: Callable[..., None], options: Mapping[str, tuple[object, object]]
) -> Callable[..., None]:
    @functools.wraps(command)
    def run(**given: Any) -> None:  # noqa: ANN401  (whatever the command takes)
        told = {name: given.pop(name) for name in options}
        level = Level(min(Level.WIRE, Level.NOTES + told.pop("verbose")))
        level = Level.QUIET if told.pop("quiet") else level
        expression = told.pop("jq")
        tell = read_filter(expression) if expression is not None else None
        told["as_json"] = told["as_json"] or tell is not None
        MANNER.set(Manner(level, told["colour"], log_of(told.pop("log_file")), tell))
        command(out=Output(**told), **given)

    own = inspect.signature(command, eval_str=True).parameters
    kept = [
        one.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for one in own.values()
        if one.name != "out"
    ]
    signature = inspect.Signature([*kept, *_parameters(options)])
    run.__signature__ = signature  # type: ignore[attr-defined]
    # Examples keep their lines in help.
    run.__doc__ = (command.__doc__ or "").replace("\n\n    keycell ", "\n\n    \b\n    keycell ")
    run.__annotations__ = {one.name: one.annotation for one in signature.parameters.values()}
    return run
