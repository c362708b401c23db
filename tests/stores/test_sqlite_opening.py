"""Opening a new SQLite file while another process still writes to it."""

import contextlib
import sqlite3
import threading
from pathlib import Path

from keycell.stores.sqlite import connect


def test_turning_the_log_on_waits_for_one_who_writes(tmp_path: Path) -> None:
    path = tmp_path / "keycell.db"
    writer = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    with contextlib.closing(writer):
        writer.execute("CREATE TABLE things (id TEXT)")  # a file as a migration leaves it
        writer.execute("BEGIN IMMEDIATE")
        ends = threading.Timer(0.3, writer.execute, ["COMMIT"])
        ends.start()
        with contextlib.closing(connect(path)) as connection:
            mode = connection.execute("PRAGMA journal_mode").fetchone()
        ends.join()
    assert mode == ("wal",)
