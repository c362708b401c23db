"""What `--jq` prints: a line for each thing that an expression finds in a document."""

import json
from collections.abc import Callable

from keycell.cli.output import Exit, fail, write_told


def read_filter(expression: str) -> Callable[[object], None]:
    """Give what prints a document by an expression: texts as they are, all else as JSON."""
    try:
        import jq
    except ModuleNotFoundError:
        fail("--jq needs jq, which is not installed", Exit.USAGE,
             'pip install "keycell[jq]" brings it')  # fmt: skip
    try:
        program = jq.compile(expression)
    except ValueError as error:
        fail(f"--jq {expression!r} is no expression: {_first_line(error)}", Exit.USAGE)

    def tell(document: object) -> None:
        try:
            for found in program.input_text(json.dumps(document, default=str)):
                is_text = isinstance(found, str)
                write_told(found if is_text else json.dumps(found, ensure_ascii=False))
        except ValueError as error:
            fail(f"--jq {expression!r} does not fit the answer: {_first_line(error)}")

    return tell


def _first_line(error: ValueError) -> str:
    return (str(error).splitlines() or [""])[0].removeprefix("jq: error: ")
