"""What is read plainly is read as the library would read it, and without it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer._click.exceptions import ClickException
from typer.main import get_command

from keycell.cli.plain import read_plainly

SEEN: list[tuple[object, ...]] = []


def _command(
    *,
    number: Annotated[int, typer.Option()] = 7,
    path: Annotated[Path | None, typer.Option()] = None,
    names: Annotated[list[str] | None, typer.Option("--name")] = None,
    few: Annotated[int, typer.Option(max=9)] = 1,
    is_so: Annotated[bool, typer.Option("--so")] = False,
) -> None:
    SEEN.append((number, path, tuple(names or ()), few, is_so))


def _app() -> typer.Typer:
    app = typer.Typer(add_completion=False)
    app.command()(_command)
    return app


USUAL, PLAIN = get_command(_app()), get_command(_app())
read_plainly(PLAIN)


def read(command: Any, arguments: list[str]) -> object:  # noqa: ANN401  (typer's own)
    """Give what a command is given by such arguments, or why it is not."""
    SEEN.clear()
    try:
        command.main(arguments, standalone_mode=False)
    except ClickException as error:
        return error.format_message()
    return SEEN[-1]


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
NUMBERS = st.integers().map(str) | st.from_regex(r"[-+ ]?[0-9_.]{1,4}[ ]?", fullmatch=True) | TEXTS


@given(NUMBERS, TEXTS, st.lists(TEXTS, max_size=3), NUMBERS)
def test_it_is_read_as_the_library_reads_it(
    number: str, path: str, names: list[str], few: str
) -> None:
    given = [f"--number={number}", f"--path={path}", *(f"--name={one}" for one in names)]
    for arguments in (given, given[1:], [f"--few={few}", "--so"], []):
        assert read(PLAIN, arguments) == read(USUAL, arguments), arguments


@pytest.mark.parametrize("line", ["['config', 'path']", "['serve', '--help']", "['--help']"])
def test_the_library_that_checks_every_kind_is_not_loaded(line: str, tmp_path: Path) -> None:
    """A tenth of a second for each command, and 7 MB for a server."""
    code = (
        f"import sys; sys.argv = ['keycell', *{line}]\n"
        "from keycell.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print('pydantic' in sys.modules)"
    )
    environment = os.environ | {"KEYCELL_CONFIG_DIR": str(tmp_path)}
    told = subprocess.run([sys.executable, "-c", code], env=environment, check=True,
                          capture_output=True, text=True)  # fmt: skip
    assert told.stdout.splitlines()[-1] == "False"
