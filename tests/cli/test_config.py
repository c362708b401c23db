"""What holds for a sign-in, and where it comes from."""

from pathlib import Path

import pytest

from ..server import keycell, keycell_json

FILE = """default = "work"
colour = "kept"

[profiles.work]
server = "https://files.example"
login = "ann"
storage = "file"

[profiles.home]
server = "http://localhost:8080"
"""


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "config.toml").write_text(FILE)
    return {"KEYCELL_CONFIG_DIR": str(tmp_path)}


def origins(home: dict[str, str], *arguments: str) -> dict[str, tuple[str | None, str]]:
    items = keycell_json("config", "list", *arguments, environment=home)["items"]
    return {one["key"]: (one["value"], one["origin"]) for one in items}


def test_where_each_value_comes_from(home: dict[str, str], tmp_path: Path) -> None:
    file = str(tmp_path / "config.toml")
    assert keycell("config", "path", environment=home).stdout == f"{file}\n"
    found = origins(home)
    assert (found["profile"], found["login"]) == (("work", file), ("ann", file))
    assert found["method"] == (None, "default")
    assert origins(home, "--profile", "home")["profile"] == ("home", "--profile")
    assert origins(home, "--profile", "home")["storage"] == ("keyring", "default")
    named = home | {"KEYCELL_PROFILE": "home"}
    assert origins(named)["profile"] == ("home", "KEYCELL_PROFILE")
    given = home | {"KEYCELL_TOKEN": "x", "KEYCELL_SERVER": "https://other.example"}
    assert origins(given)["server"] == ("https://other.example", "KEYCELL_SERVER")
    lines = keycell("config", "list", "--origin", environment=home).stdout.splitlines()
    assert lines[1] == f"server\thttps://files.example\t{file}"


def test_how_one_signs_in_is_said_and_unsaid(home: dict[str, str], tmp_path: Path) -> None:
    keycell("config", "get", "method", environment=home, code=3)
    keycell("config", "set", "method", "device", environment=home)
    assert keycell("config", "get", "method", environment=home).stdout == "device\n"
    assert "kept" in (tmp_path / "config.toml").read_text()
    keycell("config", "get", "method", "--profile", "home", environment=home, code=3)
    keycell("config", "unset", "method", environment=home)
    keycell("config", "get", "method", environment=home, code=3)
    assert (tmp_path / "config.toml").stat().st_mode & 0o777 == 0o600


def test_a_token_stays_with_the_server_it_is_for(home: dict[str, str], tmp_path: Path) -> None:
    said = keycell("config", "set", "server", "https://evil.example", environment=home, code=2)
    assert "keycell login URL" in said.stderr
    assert (tmp_path / "config.toml").read_text() == FILE


def test_what_cannot_be_meant(home: dict[str, str], tmp_path: Path) -> None:
    assert "browser, device" in keycell("config", "set", "method", "pigeon", environment=home,
                                        code=2).stderr  # fmt: skip
    assert "there are: profile" in keycell("config", "get", "x", environment=home, code=2).stderr
    assert "there are: profile" in keycell("config", "unset", "x", environment=home, code=2).stderr
    keycell("config", "list", "--profile", "nowhere", environment=home, code=4)
    keycell("config", "list", environment={"KEYCELL_CONFIG_DIR": str(tmp_path / "x")}, code=4)


def editing(home: dict[str, str], tmp_path: Path, script: str) -> dict[str, str]:
    """Give an environment whose editor is a line of a shell, the file in $1."""
    editor = tmp_path / "my editor"
    editor.write_text(f"#!/bin/sh\n{script}\n")
    editor.chmod(0o755)
    return {**home, "EDITOR": f"'{editor}' -x", "VISUAL": ""}


def test_the_file_is_edited(home: dict[str, str], tmp_path: Path) -> None:
    mine = editing(home, tmp_path, """test "$1" = -x && sed -i 's/"ann"/"bob"/' "$2" """)
    file = tmp_path / "config.toml"
    assert keycell("config", "edit", environment=mine).stderr == "changed\n"
    assert file.read_text() == FILE.replace('"ann"', '"bob"')
    assert file.stat().st_mode & 0o777 == 0o600
    assert keycell("config", "edit", environment=mine).stderr == "nothing was changed\n"


@pytest.mark.parametrize(
    ("script", "code", "said"),
    [
        ('echo "[profiles.x]" >> "$2"', 2, "profile x has no server"),
        ('echo "nonsense" > "$2"', 2, "cannot be read"),
        ("exit 3", 2, "ended with 3"),
        ('echo >> "$2"; echo "# mine" >> "$KEYCELL_CONFIG_DIR/config.toml"', 6, "meanwhile"),
    ],
)
def test_what_cannot_be_kept_changes_nothing(
    home: dict[str, str], tmp_path: Path, script: str, code: int, said: str
) -> None:
    mine = editing(home, tmp_path, script)
    assert said in keycell("config", "edit", environment=mine, code=code).stderr
    assert (tmp_path / "config.toml").read_text() in (FILE, f"{FILE}# mine\n")


def test_an_editor_that_is_not_there(home: dict[str, str], tmp_path: Path) -> None:
    for chosen in (str(tmp_path / "none"), "'"):
        mine = {**home, "VISUAL": chosen}
        assert "cannot be started" in keycell("config", "edit", environment=mine, code=2).stderr
