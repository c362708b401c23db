"""Each requirement of the exam is named by a test, and no test names one that there is not."""

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
SERIES = {
    "D": 10, "A": 18, "T": 6, "I": 2, "U": 5, "R": 7, "L": 4, "B": 3, "F": 1, "S": 1, "P": 25,
}  # fmt: skip
"""How many there are: discovery, authorization, token, ID token, UserInfo, registration, logout by
the application, by the back channel, by the front, session, FAPI 2.0."""
NUMBERS = {f"{series}{one}" for series, most in SERIES.items() for one in range(1, most + 1)}
_NAMED = re.compile(r"\b([DATIURLBFSP]\d{1,2})\b")
_RANGE = re.compile(r"PROTOCOL-([A-Z])(\d+) to PROTOCOL-\1(\d+)")


def test_each_requirement_has_a_test() -> None:
    """By PROTOCOL-A1 and so on in the first lines of the test itself."""
    named: set[str] = set()
    for path in TESTS.rglob("test_*.py"):
        for node in ast.parse(path.read_text()).body:
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if node.name.startswith("test_"):
                named |= names_in(ast.get_docstring(node) or "")
    assert named == NUMBERS


def names_in(said: str) -> set[str]:
    """Give what stands behind the word, and what lies between two of them."""
    _, _, after = said.partition("PROTOCOL-")
    found = set(_NAMED.findall(after))
    for series, first, last in _RANGE.findall(said):
        found |= {f"{series}{one}" for one in range(int(first), int(last) + 1)}
    return found
