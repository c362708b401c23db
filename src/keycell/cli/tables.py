"""Tables without borders, as wide as the terminal and no wider."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from keycell.cli.terminal import Style, Terminal, cells, clean, shortened

Row = Mapping[str, object]
_GAP = "  "
_LEAST, _TIGHT = 16, 8
"""What a column that gives way keeps, and where nothing else helps."""
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB")
_THOUSAND = 1000


def plain(value: object) -> str:
    """Give a value as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ",".join(plain(one) for one in value)
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False) if value else ""
    return str(value)


def value_of(row: Row, field: str) -> object:
    """Give what a row says of a field; a dot leads to a part of what it holds."""
    found: object = row
    for name in field.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def size_text(value: object) -> str:
    """Give a number of bytes as a person reads it."""
    if not isinstance(value, int):
        return ""
    size, unit = float(value), 0
    while round(size) >= _THOUSAND and unit < len(_UNITS) - 1:
        size, unit = size / _THOUSAND, unit + 1
    return f"{value} B" if unit == 0 else f"{size:.1f} {_UNITS[unit]}"


def moment_text(value: object, shown: str = "%Y-%m-%d %H:%M") -> str:
    """Give a moment as a person reads it, in the time of where they are."""
    if not isinstance(value, str) or not value:
        return ""
    return datetime.fromisoformat(value).astimezone().strftime(shown)


def second_text(value: object) -> str:
    """Give a moment to the second as a person reads it, in the time of where they are."""
    return moment_text(value, "%Y-%m-%d %H:%M:%S")


def iso(seconds: float | None) -> str | None:
    """Give a moment as programs read it; None for none."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: which field, under which heading, how a person reads it."""

    field: str
    heading: str = ""
    text: Callable[[object], str] = plain
    is_number: bool = False
    gives_way: bool = False
    """May be shortened where the terminal is narrow."""
    is_spare: bool = False
    """Is left out where others would be cut to less than half for it."""
    style: Callable[[Row], Style] | None = None

    @property
    def title(self) -> str:
        """Give the heading."""
        return (self.heading or self.field.replace("_", " ")).upper()


@dataclass(frozen=True, slots=True)
class Table:
    """What is shown of rows of one kind, and which fields they have beside."""

    columns: tuple[Column, ...]
    fields: tuple[str, ...]
    raw: str = ""
    """The field that is all there is with --raw."""

    def column(self, field: str) -> Column:
        """Give the column of a field, whether it is shown without being asked for or not."""
        return next((one for one in self.columns if one.field == field), Column(field))


def lines_for_programs(rows: Sequence[Row], columns: Sequence[Column]) -> list[str]:
    """Give rows as values between tabs, each as it is in JSON."""
    return ["\t".join(clean(plain(value_of(row, one.field))) for one in columns) for row in rows]


def filled(rows: Sequence[Row], columns: Sequence[Column]) -> list[Column]:
    """Give the columns that say anything of any row; the first stays, since it names them."""
    return [
        one
        for at, one in enumerate(columns)
        if at == 0 or any(one.text(value_of(row, one.field)) for row in rows)
    ]


def lines_for_people(
    rows: Sequence[Row], columns: Sequence[Column], terminal: Terminal
) -> list[str]:
    """Give rows under headings, shortened to the terminal's width."""
    shown = [[clean(one.text(value_of(row, one.field))) for one in columns] for row in rows]
    titles = [one.title for one in columns]
    natural = [
        max(cells(line[at]) for line in [titles, *shown]) for at in range(len(columns))
    ]  # fmt: skip
    widths = _fitted(natural, columns, terminal.width)
    spare = [at for at, one in enumerate(columns) if one.is_spare]
    is_cut = any(
        width * 2 < whole and not one.is_spare
        for width, whole, one in zip(widths, natural, columns, strict=True)
    )
    if spare and (is_cut or _taken(widths) > terminal.width):
        kept = [one for at, one in enumerate(columns) if at != spare[-1]]
        return lines_for_people(rows, kept, terminal)
    widths = _fitted(widths, columns, terminal.width, least=_TIGHT)
    styles = [[Style.BOLD] * len(columns)]
    styles += [[one.style(row) if one.style else Style.PLAIN for one in columns] for row in rows]
    return [
        _line(texts, painted, widths, columns, terminal)
        for texts, painted in zip([titles, *shown], styles, strict=True)
    ]


def _line(
    texts: Sequence[str],
    styles: Sequence[Style],
    widths: Sequence[int],
    columns: Sequence[Column],
    terminal: Terminal,
) -> str:
    parts = []
    for at, column in enumerate(columns):
        text = shortened(texts[at], widths[at])
        fill = " " * (widths[at] - cells(text))
        painted = terminal.paint(text, styles[at])
        is_last = at == len(columns) - 1
        parts.append(fill + painted if column.is_number else painted + fill * (not is_last))
    return _GAP.join(parts).rstrip()


def _taken(widths: Sequence[int]) -> int:
    return sum(widths) + len(_GAP) * (len(widths) - 1)


def _fitted(
    natural: Sequence[int], columns: Sequence[Column], width: int, *, least: int = _LEAST
) -> list[int]:
    widths = list(natural)
    over = _taken(widths) - width
    while over > 0:
        # The widest gives way first, a column at a time.
        able = [
            at for at, one in enumerate(columns) if one.gives_way and widths[at] > least
        ]  # fmt: skip
        if not able:
            break
        at = max(able, key=lambda one: widths[one])
        widths[at] -= 1
        over -= 1
    return widths
