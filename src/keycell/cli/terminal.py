"""The terminal: how wide it is, whether it has colours, and what may be written to it."""

import os
import sys
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from textwrap import wrap
from typing import TextIO

NARROWEST = 40
_TAB = "\t"


class Colour(StrEnum):
    """When to use colours."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class Style(StrEnum):
    """A way of writing, by its code; none carries a meaning of its own."""

    PLAIN = ""
    BOLD = "1"
    DIM = "2"
    RED = "31"
    BLUE = "34"
    CYAN = "36"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """Where something is written to."""

    is_terminal: bool
    has_colour: bool
    width: int

    def paint(self, text: str, style: Style) -> str:
        """Give a text in a style, where there are any."""
        if not self.has_colour or style is Style.PLAIN or not text:
            return text
        return f"\x1b[{style.value}m{text}\x1b[0m"

    def wrapped(self, line: str, indent: int = 0) -> list[str]:
        """Give prose in lines that a person reads; only they are kept from breaking in words."""
        if not self.is_terminal or cells(line) <= self.width:
            return [line]
        lead = " " * (len(line) - len(line.lstrip()))
        return wrap(
            line.lstrip(), self.width, initial_indent=lead, subsequent_indent=lead + " " * indent,
            break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip


def terminal_of(
    stream: TextIO, colour: Colour = Colour.AUTO, environment: Mapping[str, str] | None = None
) -> Terminal:
    """Look at a stream: a flag goes before NO_COLOR, which goes before FORCE_COLOR."""
    said = os.environ if environment is None else environment
    is_terminal = stream.isatty()
    return Terminal(
        is_terminal=is_terminal,
        has_colour=_has_colour(is_terminal, colour, said),
        width=_width(stream, said),
    )


def _has_colour(is_terminal: bool, colour: Colour, said: Mapping[str, str]) -> bool:
    if colour is not Colour.AUTO:
        return colour is Colour.ALWAYS
    if said.get("NO_COLOR"):
        return False
    if said.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return is_terminal and said.get("TERM") != "dumb"


def _width(stream: TextIO, said: Mapping[str, str]) -> int:
    columns = said.get("COLUMNS", "")
    if columns.isascii() and columns.isdigit() and int(columns) > 0:
        return max(NARROWEST, int(columns))
    try:
        told = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        told = 0
    # Some terminals do not know how wide they are.
    return max(NARROWEST, told or 80)


def clean(text: str) -> str:
    """Give a text that does nothing to a terminal: what is not printed is written as its number.

    Names come from other people, and a terminal takes some letters for commands.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        letter if letter == _TAB or _is_harmless(letter) else f"\\u{ord(letter):04x}"
        for letter in text
    )


def _is_harmless(letter: str) -> bool:
    # Cc and Cf: controls, and what turns the direction of what follows; Cs: half a letter.
    kind = unicodedata.category(letter)
    return kind not in ("Cc", "Cf", "Cs", "Zl", "Zp") or letter in "\u200c\u200d"


def cells(text: str) -> int:
    """Give how many columns a text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(_cells_of(letter) for letter in text)


def _cells_of(letter: str) -> int:
    if unicodedata.combining(letter) or letter in "\u200c\u200d\ufe0f":
        return 0
    return 2 if unicodedata.east_asian_width(letter) in ("W", "F") else 1


def shortened(text: str, width: int) -> str:
    """Give a text that takes no more than a width: the middle goes, since ends tell most."""
    if cells(text) <= width:
        return text
    head = _first_cells(text, (width - 1) * 2 // 3)
    tail = _first_cells(text[::-1], width - 1 - cells(head))[::-1]
    return f"{head}…{tail}"


def _first_cells(text: str, width: int) -> str:
    taken = 0
    for at, letter in enumerate(text):
        taken += _cells_of(letter)
        if taken > width:
            return text[:at]
    return text


def stdout(colour: Colour = Colour.AUTO) -> Terminal:
    """Look at where data goes."""
    return terminal_of(sys.stdout, colour)


def stderr(colour: Colour = Colour.AUTO) -> Terminal:
    """Look at where talk goes."""
    return terminal_of(sys.stderr, colour)
