"""What may be written to a terminal, and how wide it is."""

import contextlib
import io
import os
import pty
import subprocess
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keycell.cli.terminal import (
    Colour,
    Style,
    Terminal,
    cells,
    clean,
    shortened,
    terminal_of,
)

from ..server import KEYCELL


class Screen(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "colour", "has_colour"),
    [
        ({}, Colour.AUTO, True),
        ({"NO_COLOR": "1"}, Colour.AUTO, False),
        ({"NO_COLOR": ""}, Colour.AUTO, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, Colour.AUTO, False),
        ({"NO_COLOR": "1"}, Colour.ALWAYS, True),
        ({"TERM": "dumb"}, Colour.AUTO, False),
        ({"FORCE_COLOR": "1"}, Colour.NEVER, False),
    ],
)
def test_when_there_are_colours(
    environment: dict[str, str], colour: Colour, *, has_colour: bool
) -> None:
    assert terminal_of(Screen(), colour, environment).has_colour is has_colour


def test_a_pipe_has_no_colours_unless_they_are_forced() -> None:
    assert not terminal_of(io.StringIO(), environment={}).has_colour
    assert terminal_of(io.StringIO(), environment={"FORCE_COLOR": "1"}).has_colour
    assert not terminal_of(io.StringIO(), environment={"FORCE_COLOR": "0"}).has_colour
    assert terminal_of(io.StringIO(), environment={}).width == 80
    assert terminal_of(Screen(), environment={"COLUMNS": "120"}).width == 120
    assert terminal_of(Screen(), environment={"COLUMNS": "5"}).width == 40


def test_a_style_is_written_only_where_there_are_colours() -> None:
    bare = Terminal(is_terminal=True, has_colour=False, width=80)
    assert replace(bare, has_colour=True).paint("x", Style.BOLD) == "\x1b[1mx\x1b[0m"
    assert bare.paint("x", Style.BOLD) == "x"


def test_a_name_commands_no_terminal() -> None:
    assert clean("a\x1b]0;b\x07") == "a\\u001b]0;b\\u0007"
    assert clean("abc\u202etxt.exe") == "abc\\u202etxt.exe"
    assert clean("été 日本 👩\u200d👩") == "été 日本 👩\u200d👩"


def test_a_width_is_in_columns() -> None:
    assert cells("日本") == 4
    assert cells("e\u0301") == 1
    assert shortened("a" * 20, 9) == "aaaaa…aaa"
    assert shortened("日本語日本語", 7) == "日本…語"


@given(st.text(), st.integers(4, 40))
def test_whatever_is_shortened_fits(text: str, width: int) -> None:
    short = shortened(clean(text), width)
    assert cells(short) <= width
    assert clean(short) == short


def test_prose_breaks_between_words_for_people_alone() -> None:
    narrow = Terminal(is_terminal=True, has_colour=False, width=40)
    line = "hint: write https://files.example/a/very/long/address/that/is/copied whole"
    told = narrow.wrapped(line, indent=6)
    assert told[1] == "      https://files.example/a/very/long/address/that/is/copied"
    assert " ".join(one.strip() for one in told) == line
    assert narrow.wrapped("    as it stands: " + "word " * 9, indent=2)[1].startswith("      word")
    assert replace(narrow, is_terminal=False).wrapped(line) == [line]


def test_what_jq_finds_is_no_command_to_a_terminal() -> None:
    """Names come from other people, and texts are written without the quotes of JSON."""
    asked = [KEYCELL, "version", "--jq", r'"a\u001b]0;x\u0007b\u009bc", {d: "\u009b"}']
    near, far = pty.openpty()
    subprocess.run(asked, stdout=far, stderr=far, check=True)
    os.close(far)
    shown = b""
    # Nobody writes to it any more: what was written is all that comes, and then an error.
    with contextlib.suppress(OSError):
        while more := os.read(near, 4096):
            shown += more
    os.close(near)
    lines = shown.decode().splitlines()
    assert lines == [r"a\u001b]0;x\u0007b\u009bc", r'{"d": "\u009b"}']
    piped = subprocess.run(asked, stdout=subprocess.PIPE, check=True)
    assert piped.stdout.decode() == 'a\x1b]0;x\x07b\x9bc\n{"d": "\x9b"}\n'
