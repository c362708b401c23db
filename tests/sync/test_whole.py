"""Two homes, a real server, cut lines and kill -9 for a minute; `make soak` goes on for longer."""

import os
import time
from pathlib import Path

from .whole import history

SEED = int(os.environ.get("SYNC_SEED", "20260501"))
SECONDS = float(os.environ.get("SYNC_SECONDS", "60"))


def test_nothing_is_lost_whatever_is_killed_and_cut(tmp_path: Path) -> None:
    print(f"SYNC_SEED={SEED}")  # noqa: T201  (to live through it again)
    until = time.monotonic() + SECONDS
    with history(SEED, tmp_path) as found:
        found.act()
        while time.monotonic() < until:
            found.act()
        print(found.summary())  # noqa: T201
