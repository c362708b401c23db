"""What docs/schemas promise of the commands around the files: sign-ins, looking, backups."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..server import Server, keycell, keycell_json
from .conftest import Person, token_of
from .test_schemas import check

URI = "https://notes.example/callback"


@pytest.fixture
def home(server: Server, tmp_path: Path) -> dict[str, str]:
    """A machine on which Ann has signed in, and what that said was promised."""
    home = {"KEYCELL_CONFIG_DIR": str(tmp_path / "home"), "XDG_CONFIG_HOME": str(tmp_path)}
    said = keycell_json("login", server.url, "--with-token", "--insecure-storage",
                        stdin=token_of(server, "ann"), environment=home)  # fmt: skip
    check("sign_in", said)
    return home


def test_sign_ins_have_the_fields_that_are_promised(home: dict[str, str]) -> None:
    check("sign_in", keycell_json("auth", "status", environment=home))
    check("auth_token", keycell_json("auth", "token", environment=home))
    listed = keycell_json("auth", "list", environment=home)
    assert listed["items"]
    check("auth_profiles", listed)
    check("auth_switch", keycell_json("auth", "switch", "default", environment=home))
    check("person", keycell_json("whoami", environment=home))
    check("signed_out", keycell_json("logout", environment=home))


def test_the_doctor_and_the_unit_have_the_fields_that_are_promised(home: dict[str, str]) -> None:
    check("findings", keycell_json("doctor", environment=home))
    unit = keycell_json("sync", "service", environment=home)
    check("sync_service", unit)
    assert Path(unit["path"]).is_file()


@pytest.fixture
def notes(server: Server) -> Iterator[str]:
    keycell("admin", "client", "add", "Notes", "--client-id", "noted", "--redirect-uri", URI,
            "--data", str(server.data))  # fmt: skip
    yield "noted"
    keycell("admin", "client", "remove", "noted", "--data", str(server.data))


def test_what_developers_look_at_has_the_fields_that_are_promised(
    ann: Person, server: Server, notes: str
) -> None:
    at = ("--data", str(server.data))
    check("redirect_check", ann.json("oidc", "redirect-check", notes, URI, *at))
    wrong = ann.types("oidc", "redirect-check", notes, f"{URI}/", *at, "--json", code=1)
    check("redirect_check", json.loads(wrong.stdout))
    check("claims", ann.json("oidc", "claims", "--user", "ann", "--client", notes, *at))
    unsigned = "eyJhbGciOiJFUzI1NiJ9.eyJleHAiOjF9.AAAA"
    told = ann.types("oidc", "jwt", "--json", stdin=unsigned, code=10)
    check("jwt", json.loads(told.stdout))
    told = ann.types("oidc", "device", "--client", notes, "--json", code=1)
    check("findings", json.loads(told.stdout))


def test_backups_have_the_fields_that_are_promised(tmp_path: Path) -> None:
    at = ("--data", str(tmp_path / "data"))
    migrated = keycell_json("admin", "migrate", *at)
    assert migrated["is_changed"]
    check("migrated", migrated)
    file, other = str(tmp_path / "all.backup"), str(tmp_path / "rows.backup")
    check("backup", keycell_json("admin", "backup", file, *at))
    check("backup", keycell_json("admin", "backup", other, "--without-files", *at))
    check("backup_key", keycell_json("admin", "backup-key", file))
    check("restored", keycell_json("admin", "restore", file, *at))
