"""A start that cannot be: one sentence that says why and what to do, and nothing begun."""

import base64
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from .postgres import Postgres, free_port
from .server import keycell, serving
from .test_tls import pem

KEY = base64.urlsafe_b64encode(bytes(range(32))).rstrip(b"=").decode()
USAGE, OTHER = 2, 1


def refusal(*arguments: str, code: int = USAGE, **environment: str) -> str:
    """Give the sentence with which a start ends."""
    done = keycell("serve", "--port", str(free_port()), *arguments, code=code,
                   environment=environment)  # fmt: skip
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("error: ")
    return done.stderr


def test_a_wrong_setting(tmp_path: Path) -> None:
    data = ("--data", str(tmp_path / "data"))
    assert "https" in refusal(*data, "--public-url", "http://id.example.org")
    assert "root of its origin" in refusal(*data, "--public-url", "https://id.example/sub")
    assert "go together" in refusal(*data, "--tls-cert", "/etc/hostname")
    assert "no such file" in refusal(*data, "--tls-cert", "/no", "--tls-key", "/no")
    assert "KEYCELL_SEALING_KEY" in refusal(*data, "--database", "postgresql://127.0.0.1/x")
    assert "expected postgresql" in refusal(*data, "--database", "mysql://x")
    assert "1 to 64" in refusal(*data, KEYCELL_WORKERS="99")
    assert "expected a number" in refusal(*data, KEYCELL_WORKERS="many")
    assert "registration" in refusal(*data, "--registration", "maybe")
    assert "10.0.0.0/8" in refusal(*data, "--trusted-proxy", "my-proxy")
    assert not (tmp_path / "data").exists()


def test_a_flag_mends_what_the_environment_says(tmp_path: Path) -> None:
    here = "http://id.example.org"
    assert "https" in refusal("--data", str(tmp_path / "data"), KEYCELL_PUBLIC_URL=here)
    with serving(tmp_path / "one", "--insecure-http", KEYCELL_PUBLIC_URL=here) as server:
        assert server.is_running
    with serving(
        tmp_path / "two", KEYCELL_PUBLIC_URL=here, KEYCELL_INSECURE_HTTP="true"
    ) as server:
        assert server.is_running


def test_a_certificate_and_key_that_do_not_fit(tmp_path: Path) -> None:
    one, two = pem(tmp_path / "one"), pem(tmp_path / "two")
    locked = pem(tmp_path / "locked", passphrase=b"a passphrase")
    for chain, key, said in (
        (Path("/etc/hostname"), one[1], "PEM"),
        (one[0], Path("/etc/hostname"), "PEM"),
        (one[0], two[1], "private key"),
        (locked[0], locked[1], "locked by a passphrase"),
    ):
        data = ("--data", str(tmp_path / "data"))
        assert said in refusal(*data, "--tls-cert", str(chain), "--tls-key", str(key))


def test_a_store_that_cannot_be_opened(tmp_path: Path, postgres: Postgres) -> None:
    data = ("--data", str(tmp_path / "data"))
    away = f"postgresql://keycell@127.0.0.1:{free_port()}/none"
    said = refusal(*data, "--database", away, code=OTHER, KEYCELL_SEALING_KEY=KEY)
    assert "the database at 127.0.0.1:" in said
    assert "cannot be reached" in said
    assert "Errno" not in refusal("--data", "/proc/none", code=OTHER)
    none = postgres.url("no_such_database")
    said = refusal(*data, "--database", none, code=OTHER, KEYCELL_SEALING_KEY=KEY)
    assert "no_such_database" in said
    assert "43 characters" in refusal(*data, code=OTHER, KEYCELL_SEALING_KEY="short")
    (tmp_path / "file").write_text("")
    assert "file" in refusal("--data", str(tmp_path / "file"), code=OTHER)


def test_a_key_that_cannot_be_opened(tmp_path: Path, postgres: Postgres) -> None:
    data = tmp_path / "data"
    keycell("admin", "user", "list", "--data", str(data))
    kept = (data / "sealing.key").read_text()
    (data / "sealing.key").write_text(KEY)
    assert "sealing key is not the one" in refusal("--data", str(data), code=OTHER)
    (data / "sealing.key").write_text(kept)
    (data / "sealing.key").chmod(0o644)
    assert "chmod 600" in refusal("--data", str(data), code=OTHER)
    with postgres.database() as url:
        where = ("--data", str(data), "--database", url)
        keycell("admin", "user", "list", *where, environment={"KEYCELL_SEALING_KEY": KEY})
        other = {"KEYCELL_SEALING_KEY": kept.strip()}
        assert "sealing key is not the one" in refusal(*where, code=OTHER, **other)


def test_a_database_of_a_later_version(tmp_path: Path, postgres: Postgres) -> None:
    data = tmp_path / "data"
    keycell("admin", "user", "list", "--data", str(data))
    with sqlite3.connect(data / "keycell.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    assert "later version" in refusal("--data", str(data), code=OTHER)
    (data / "keycell.db").write_bytes(b"not a database" * 1000)
    assert "not a database" in refusal("--data", str(data), code=OTHER)
    with postgres.database() as url:
        where = ("--data", str(data), "--database", url)
        keycell("admin", "user", "list", *where, environment={"KEYCELL_SEALING_KEY": KEY})
        postgres.execute("UPDATE alembic_version SET version_num = '9999'", url)
        assert "later version" in refusal(*where, code=OTHER, KEYCELL_SEALING_KEY=KEY)


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server:
        done = keycell("serve", "--data", str(tmp_path / "other"), "--port", str(server.port),
                       code=OTHER)  # fmt: skip
    assert f"port {server.port}" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("command", [("user", "list"), ("migrate",), ("keys", "list")])
def test_a_command_makes_no_key_of_its_own_for_postgresql(
    tmp_path: Path, postgres: Postgres, command: tuple[str, ...]
) -> None:
    """The sealing key of a database that several machines share is given, never made."""
    with postgres.database() as url:
        where = ("--data", str(tmp_path / "data"), "--database", url)
        assert "KEYCELL_SEALING_KEY" in keycell("admin", *command, *where, code=USAGE).stderr
    assert not (tmp_path / "data").exists()


def test_a_server_on_sqlite_loads_nothing_of_postgresql() -> None:
    """Nor what only other programs want: megabytes in every process."""
    program = "import sys, keycell.logs, keycell.server; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    loaded = done.stdout.decode().split()
    for module in ("sqlalchemy.dialects.postgresql", "asyncpg", "alembic", "rich", "pydantic"):
        assert module not in loaded
