"""The numbered requirements once more, over TLS and the real listener. PROTOCOL.md part 3."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from .test_named import TESTS, names_in

PLACES = ("protocol", "http", "attacks")
"""Whose server is in the process of the test; all others are asked over TLS anyway."""
LEAST = 90


def test_each_requirement_is_kept_over_tls(tmp_path: Path) -> None:
    """RFC9325-4.2: nothing is kept by one way of asking alone."""
    numbered = sorted(_numbered())
    assert len(numbered) > LEAST
    told = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--no-cov", "-p", "no:cacheprovider", "-p",
         "no:xdist", "--basetemp", str(tmp_path / "runs"), *numbered],
        env=os.environ | {"KEYCELL_TEST_BASE": "https://127.0.0.1:8443"}, cwd=TESTS.parent,
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout[-4000:] + told.stderr[-1000:]


def _numbered() -> Iterator[str]:
    for place in PLACES:
        for path in (TESTS / place).rglob("test_*.py"):
            for node in ast.parse(path.read_text()).body:
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (
                    node.name.startswith("test_") and names_in(ast.get_docstring(node) or "")
                ):
                    yield f"{path.relative_to(TESTS.parent)}::{node.name}"
