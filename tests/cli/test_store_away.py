"""A store that cannot be opened is told in a sentence, and so is a backup that is none."""

import gzip
import json
from pathlib import Path

import pytest

from ..postgres import Postgres
from ..server import keycell

KEY = "A" * 43


@pytest.fixture
def garbage(tmp_path: Path) -> str:
    path = tmp_path / "garbage.db"
    path.write_text("this is no database, though it is as long as one would have to be")
    return f"sqlite:///{path}"


@pytest.mark.parametrize(
    "command", [("user", "list"), ("migrate",), ("backup", "/dev/null/x")], ids=lambda one: one[0]
)
def test_a_file_that_is_no_database(
    garbage: str, tmp_path: Path, command: tuple[str, ...]
) -> None:
    where = ("--database", garbage, "--data", str(tmp_path / "data"))
    assert "not a database" in keycell("admin", *command, *where, code=7).stderr


@pytest.mark.parametrize("command", [("user", "list"), ("migrate",)], ids=lambda one: one[0])
def test_a_database_that_the_server_does_not_have(
    postgres: Postgres, tmp_path: Path, command: tuple[str, ...]
) -> None:
    with postgres.database() as url:
        missing = f"{url}-none"
    said = keycell("admin", *command, "--database", missing, "--data", str(tmp_path), code=7,
                   environment={"KEYCELL_SEALING_KEY": KEY}).stderr  # fmt: skip
    assert "does not exist" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    "first",
    [{"keycell-backup": 1}, {"keycell-backup": 1, "version": "x", "made_at": "noon",
                             "sealing_key": KEY}],
    ids=["short", "noon"],
)  # fmt: skip
def test_a_backup_whose_beginning_is_damaged(tmp_path: Path, first: dict[str, object]) -> None:
    file = tmp_path / "damaged.backup"
    file.write_bytes(gzip.compress(json.dumps(first).encode() + b"\n"))
    assert "damaged" in keycell("admin", "backup-key", str(file), code=10).stderr
