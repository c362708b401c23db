"""Programs that others wrote, against a server that really runs."""

import re
import subprocess
from pathlib import Path

import pytest

from .conftest import Running, environment

SUITES = ("basic", "copymove", "props", "locks", "http")


@pytest.mark.parametrize("suite", SUITES)
def test_litmus_passes_whole(running: Running, tmp_path: Path, suite: str) -> None:
    """RFC4918-18.2."""
    done = subprocess.run(
        ["litmus", running.url, "ann", running.token], cwd=tmp_path, capture_output=True,
        text=True, timeout=120, check=False, env=environment(tmp_path, {"TESTS": suite}),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + (tmp_path / "debug.log").read_text()[-4000:]
    summary = re.search(
        r"summary for `\w+': of (\d+) tests run: (\d+) passed, 0 failed", done.stdout
    )
    assert summary, done.stdout
    assert summary[1] == summary[2]
    assert int(summary[1]) > 3
