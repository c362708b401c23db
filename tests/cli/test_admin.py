"""`keycell admin`: what it does to the store, and what it says when it cannot."""

import json
import os
from pathlib import Path

import pytest

from ..server import keycell, keycell_json

PASSWORD = "correct horse battery"


@pytest.fixture
def here(tmp_path: Path) -> tuple[str, str]:
    return ("--data", str(tmp_path / "data"))


def add_user(here: tuple[str, str], login: str, *more: str, code: int = 0) -> str:
    return keycell("admin", "user", "add", login, "--password-stdin", *more, *here,
                   stdin=PASSWORD, code=code).stderr  # fmt: skip


def test_accounts(here: tuple[str, str]) -> None:
    in_french = ("--claim", 'address#fr={"locality": "Genève"}')
    add_user(here, "ann", "--admin", "--email", "ann@example.org", "--claim", "given_name=Ann",
             *in_french)  # fmt: skip
    shown = keycell_json("admin", "user", "show", "ann", *here)
    assert shown["is_admin"] is True
    assert shown["claims"] == {"given_name": "Ann", "address#fr": {"locality": "Genève"}}
    told = keycell("admin", "user", "update", "ann", "--no-admin", *here, code=6).stderr
    assert "this is the last administrator; make somebody else one first" in told
    add_user(here, "root", "--admin")
    keycell("admin", "user", "update", "ann", "--name", "Ann E", "--no-admin", "--role", "editor",
            "--claim", "given_name=", "--claim", 'address#fr=""', "--email", "",
            *here)  # fmt: skip
    shown = keycell_json("admin", "user", "show", "ANN", *here)
    assert (shown["name"], shown["is_admin"], shown["roles"]) == ("Ann E", False, ["editor"])
    assert shown["claims"] == {}
    assert shown["email"] is None
    keycell("admin", "user", "disable", "ann", *here)
    assert keycell_json("admin", "user", "show", "ann", *here)["is_disabled"]
    keycell("admin", "user", "enable", "ann", *here)
    keycell("admin", "user", "passwd", "ann", "--password-stdin", *here, stdin="another password")
    assert keycell_json("admin", "user", "sessions", "ann", *here) == {"items": []}
    keycell("admin", "user", "sign-out", "ann", *here)
    add_user(here, "bob")
    keycell("admin", "user", "remove", "bob", "--files-now", *here)
    keycell("admin", "user", "remove", "ann", *here)
    keycell("admin", "user", "remove", "ann", *here, code=3)
    assert [one["login"] for one in keycell_json("admin", "user", "list", *here)["items"]] == [
        "root"
    ]


def test_people_of_a_table(here: tuple[str, str], tmp_path: Path) -> None:
    """All of them or none; what becomes of each row is told."""
    add_user(here, "ann")
    table = tmp_path / "people.csv"
    table.write_text("\ufefflogin;name;roles\nann;Other;\nbob;Bob B;editor reader\nc d;;\n")
    bring = ("admin", "user", "import", str(table))
    refused = keycell(*bring, *here, code=2)
    assert "2\tthere\tann" in refused.stdout
    assert "3\tnew\tbob" in refused.stdout
    assert "1 of 3 rows are refused, and nobody was added" in refused.stderr
    keycell("admin", "user", "show", "bob", *here, code=3)
    table.write_text("login,name,roles\nann,Other,\nbob,Bob B,editor reader\n")
    assert keycell_json(*bring, "--dry-run", *here)["is_done"] is False
    keycell("admin", "user", "show", "bob", *here, code=3)
    assert keycell_json(*bring, *here)["counts"] == {"new": 1, "there": 1, "refused": 0}
    assert keycell_json("admin", "user", "show", "bob", *here)["roles"] == ["editor", "reader"]
    assert keycell_json("admin", "user", "show", "ann", *here)["name"] != "Other"
    for wrong in (tmp_path / "none.csv", tmp_path):
        assert "error:" in keycell("admin", "user", "import", str(wrong), *here, code=2).stderr


def test_what_cannot_be_is_said_in_a_sentence(here: tuple[str, str]) -> None:
    add_user(here, "ann")
    assert "there is an account" in add_user(here, "ANN", code=6)
    assert "no group /nowhere" in add_user(here, "bob", "--group", "/nowhere", code=2)
    assert "login" in add_user(here, "bob bob", code=2)
    assert "mail" in add_user(here, "bob", "--email", "bob", code=2)
    short = keycell(
        "admin", "user", "add", "bob", "--password-stdin", *here, stdin="short", code=2
    )
    assert "at least 8" in short.stderr
    keycell("admin", "user", "show", "nobody", *here, code=3)
    keycell("admin", "user", "add", "bob", *here, code=2)
    keycell("admin", "client", "show", "nobody", *here, code=3)


def test_groups_and_roles(here: tuple[str, str]) -> None:
    keycell("admin", "group", "add", "/staff/lab", "--label", "The lab", *here)
    keycell("admin", "group", "add", "/staff/lab", *here, code=6)
    paths = [one["path"] for one in keycell_json("admin", "group", "list", *here)["items"]]
    assert paths == ["/staff", "/staff/lab"]
    add_user(here, "ann", "--group", "/staff/lab", "--role", "editor")
    keycell("admin", "group", "remove", "/staff/lab", *here, code=6)
    keycell("admin", "group", "remove", "/none", *here, code=3)
    keycell("admin", "user", "update", "ann", "--group", "/", *here)
    keycell("admin", "group", "remove", "/staff/lab", *here)
    keycell("admin", "role", "put", "editor", "--label", "Editors", *here)
    listed = keycell_json("admin", "role", "list", *here)["items"]
    assert listed == [{"role_id": "editor", "label": "Editors"}]
    keycell("admin", "role", "remove", "editor", *here)
    keycell("admin", "role", "remove", "editor", *here, code=3)
    assert keycell_json("admin", "user", "show", "ann", *here)["roles"] == []


def test_clients(here: tuple[str, str]) -> None:
    made = keycell_json("admin", "client", "add", "Wiki", "--redirect-uri",
                        "https://wiki.example/cb", *here)  # fmt: skip
    assert made["client_secret"]
    assert made["require_pkce"] is True
    shown = keycell_json("admin", "client", "show", made["client_id"], *here)
    assert "client_secret" not in shown
    assert shown["redirect_uris"] == ["https://wiki.example/cb"]
    public = keycell_json("admin", "client", "add", "Cli", "--redirect-uri",
                          "http://127.0.0.1/cb", "--public", *here)  # fmt: skip
    assert "client_secret" not in public
    names = {one["client_name"] for one in keycell_json("admin", "client", "list", *here)["items"]}
    assert {"Wiki", "Cli"} <= names
    keycell("admin", "client", "remove", public["client_id"], *here)
    keycell("admin", "client", "remove", public["client_id"], *here, code=3)
    bad = ("admin", "client", "add", "Bad", "--redirect-uri")
    assert "fragment" in keycell(*bad, "https://wiki.example/cb#x", *here, code=2).stderr
    assert "http" in keycell(*bad, "http://wiki.example/cb", *here, code=2).stderr


def test_an_old_configuration_is_imported(here: tuple[str, str], tmp_path: Path) -> None:
    old = {"services": {"pydio.web.oauth": {"staticClients": [{
        "client_id": "wiki", "client_name": "Wiki", "client_secret": "chosen by a person",
        "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
        "redirect_uris": ["https://wiki.example/cb"], "scope": "openid email profile pydio",
    }]}}}  # fmt: skip
    file = tmp_path / "pydio.json"
    file.write_text(json.dumps(old))
    keycell("admin", "client", "import", str(file), *here)
    shown = keycell_json("admin", "client", "show", "wiki", *here)
    assert shown["redirect_uris"] == ["https://wiki.example/cb"]
    assert shown["require_pkce"] is False


def test_keys_are_listed_and_rotated(here: tuple[str, str]) -> None:
    keys = keycell_json("admin", "keys", "list", *here)["items"]
    assert {one["state"] for one in keys} == {"current", "next"}
    said = keycell("admin", "keys", "rotate", "--alg", "ES256", *here, code=6).stderr
    assert "--urgent" in said
    keycell("admin", "keys", "rotate", "--alg", "ES256", "--urgent", *here)
    keycell("admin", "keys", "rotate", "--alg", "XS1", *here, code=2)
    after = keycell_json("admin", "keys", "list", *here)["items"]
    assert {one["state"] for one in after if one["alg"] == "ES256"} == {
        "previous", "current", "next",
    }  # fmt: skip


def test_the_trail_tells_of_all_of_it(here: tuple[str, str]) -> None:
    add_user(here, "ann")
    keycell("admin", "user", "disable", "ann", *here)
    events = keycell_json("admin", "audit", "list", "--action", "account", *here)["items"]
    assert [one["action"] for one in events] == ["account.disabled", "account.added"]
    assert keycell_json("admin", "audit", "list", "--who", "nobody", *here)["items"] == []
    assert "disabled the account ann" in keycell("admin", "audit", "list", *here).stdout


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may run as another user")
def test_the_command_is_not_run_as_another_user(here: tuple[str, str], tmp_path: Path) -> None:
    """decisions/0018."""
    add_user(here, "ann")
    os.chown(tmp_path / "data", 1234, 1234)
    said = keycell("admin", "user", "list", *here, code=5).stderr
    assert "sudo -u '#1234'" in said


def test_tokens(here: tuple[str, str]) -> None:
    """decisions/0034."""
    add_user(here, "ann")
    made = keycell_json("admin", "token", "add", "ann", "--label", "backup", "--expires", "24h",
                        "--scope", "space:team:rw", *here)  # fmt: skip
    assert str(made["access_token"]).startswith("kcp_")
    assert made["scopes"] == ["space:team:rw"]
    pair = keycell_json("admin", "token", "add", "ann", "--label", "s3", "--expires", "90d",
                        "--s3", *here)  # fmt: skip
    assert len(str(pair["access_key_id"])) == 20
    keycell_json("admin", "token", "add", "ann", "--label", "x", "--auto-refresh", "10m", *here)
    listed = keycell("admin", "token", "list", "ann", "--json", *here).stdout
    assert len(json.loads(listed)["items"]) == 3
    assert str(made["access_token"]) not in listed
    assert str(pair["secret_access_key"]) not in listed
    for one in (made["token_id"], pair["access_key_id"]):
        keycell("admin", "token", "revoke", "ann", str(one), *here)
        keycell("admin", "token", "revoke", "ann", str(one), *here, code=3)
    for wrong in (("--expires", "soon"), (), ("--expires", "1h", "--auto-refresh", "10m"),
                  ("--expires", "1h", "--scope", "admin")):  # fmt: skip
        said = keycell("admin", "token", "add", "ann", "--label", "x", *wrong, *here, code=2)
        assert said.stderr.startswith("error: ")


def test_an_application_from_its_preset(here: tuple[str, str]) -> None:
    listed = keycell_json("admin", "client", "presets", *here)["items"]
    assert "grafana" in [one["preset_id"] for one in listed]
    made = keycell("admin", "client", "add", "--preset", "grafana", "--base",
                   "https://grafana.example.org/", "--client-id", "g", *here)  # fmt: skip
    assert "client_id = g" in made.stdout
    assert "grafana.ini" in made.stderr
    shown = keycell_json("admin", "client", "show", "g", *here)
    assert shown["redirect_uris"] == ["https://grafana.example.org/login/generic_oauth"]
    keycell("admin", "client", "add", "--preset", "grafana", *here, code=2)
    keycell("admin", "client", "add", *here, code=2)
    wrong = keycell(
        "admin", "client", "add", "--preset", "grafana", "--base", "grafana", *here, code=2
    )
    assert "expected the application's own address" in wrong.stderr


def test_what_was_done_is_told_to_programs(here: tuple[str, str]) -> None:
    told = keycell_json("admin", "group", "add", "/told", *here)
    assert told == {"target": "/told", "result": "added"}
    quiet = keycell("admin", "group", "remove", "/told", *here, "--quiet")
    assert (quiet.stdout, quiet.stderr) == ("", "")
