"""What `--json` prints is what docs/schemas promise: these fields, all, and no more."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import jsonschema_rs
import pytest

from keycell.cli.output import Exit

from ..application import PASSWORD
from ..server import keycell
from .conftest import Person, token_of

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"
TOP = "personal-files/promised"
FILE = f":{TOP}/a.txt"


@pytest.fixture(scope="module")
def filled(ann: Person, tmp_path_factory: pytest.TempPathFactory) -> Person:
    ann.types("mkdir", "-p", f":{TOP}/deep")
    for content in (b"x", b"xy"):
        ann.puts(f"{TOP}/a.txt", content)
    ann.puts(f"{TOP}/gone.txt", b"x")
    ann.types("rm", f":{TOP}/gone.txt", "--yes")
    ann.types("cp", FILE, f":{TOP}/deep/")
    ann.types("share", FILE, "--expires", "7d")
    ann.types("share", f":{TOP}/deep", "--perm", "upload")
    keycell("admin", "user", "add", "root", "--admin", "--password-stdin", "--data",
            str(ann.server.data), stdin=PASSWORD)  # fmt: skip
    known = [{"Namespace": f"usermeta-{name}", "Label": name,
              "JsonDefinition": '{"type":"string"}'} for name in ("note", "tags")]  # fmt: skip
    httpx2.put(
        f"{ann.server.url}/a/user-meta/namespace", json={"Namespaces": known},
        headers={"Authorization": f"Bearer {token_of(ann.server, 'root', 'admin', 'files.read')}"},
    ).raise_for_status()  # fmt: skip
    ann.types("meta", "set", FILE, "note", "read")
    made = httpx2.post(f"{ann.server.url}/a/frontend/session", json={"AuthInfo": {
        "type": "credentials", "login": "ann", "password": PASSWORD,
    }})  # fmt: skip
    # Tokens are kept with one that came of a sign-in.
    signed_in = replace(ann, environment={**ann.environment, "KEYCELL_TOKEN": made.json()["JWT"]})
    check("sync_folder", signed_in.json("sync", "add",
          str(tmp_path_factory.mktemp("synced")), f":{TOP}"))  # fmt: skip
    return signed_in


def check(name: str, told: object) -> None:
    schema = json.loads((SCHEMAS / f"{name}.json").read_text())
    jsonschema_rs.Draft202012Validator(schema, validate_formats=True).validate(told)


def test_a_refusal_has_the_fields_that_are_promised(filled: Person) -> None:
    check("error", filled.error("stat", f":{TOP}/none", code=3))
    check("error", filled.error("versions", "ls", f":{TOP}/deep", code=2))
    promised = json.loads((SCHEMAS / "error.json").read_text())["properties"]
    failures = [one for one in Exit if one is not Exit.DONE]
    assert promised["code"]["enum"] == [int(one) for one in failures]
    assert promised["kind"]["enum"] == [one.name.lower() for one in failures]


LISTS = [
    ("nodes", ["ls"]),
    ("nodes", ["ls", f":{TOP}"]),
    ("nodes", ["tree", f":{TOP}"]),
    ("nodes", ["find", f":{TOP}/**"]),
    ("weights", ["du", f":{TOP}", "--depth", "1"]),
    ("versions", ["versions", "ls", FILE]),
    ("trash", ["trash", "ls"]),
    ("links", ["share", "ls"]),
    ("jobs", ["jobs", "ls"]),
    ("changed", ["mkdir", "-p", f":{TOP}/more"]),
    ("changed", ["touch", f":{TOP}/empty.txt"]),
    ("changed", ["cp", FILE, f":{TOP}/b.txt", "--dry-run"]),
    ("changed", ["rm", FILE, "--dry-run"]),
    ("findings", ["oidc", "discover"]),
    ("config", ["config", "list"]),
    ("topic", ["help", "exit-codes"]),
    ("tokens", ["token", "ls"]),
    ("meta", ["meta", "get", FILE]),
    ("namespaces", ["meta", "namespaces"]),
    ("copied", ["get", FILE, "/nowhere/", "--dry-run"]),
    ("links", ["share", "requests"]),
    ("sync_folders", ["sync", "ls"]),
    ("sync_status", ["sync", "status"]),
    ("sync_runs", ["sync", "run", "--dry-run"]),
]


@pytest.mark.parametrize(("name", "arguments"), LISTS, ids=lambda one: " ".join(one)[:40])
def test_a_list_has_the_fields_that_are_promised(
    filled: Person, name: str, arguments: list[str]
) -> None:
    told = filled.json(*arguments)
    assert told["items"]
    check(name, told)


def test_one_thing_has_the_fields_that_are_promised(filled: Person) -> None:
    link: dict[str, Any] = filled.json("share", "ls")["items"][0]
    check("link", filled.json("share", "show", link["id"]))
    job: dict[str, Any] = filled.json("jobs", "ls")["items"][0]
    check("job", filled.json("jobs", "show", job["id"]))


def test_changes_have_the_fields_that_are_promised(filled: Person, tmp_path: Path) -> None:
    made = filled.json("token", "create", "promised", "--expires", "1h")
    check("token", made)
    kept = next(one for one in filled.json("token", "ls")["items"] if one["label"] == "promised")
    check("token", filled.json("token", "rotate", kept["token_id"]))
    kept = next(one for one in filled.json("token", "ls")["items"] if one["label"] == "promised")
    check("token_ended", filled.json("token", "revoke", kept["token_id"]))
    pair = filled.json("token", "create", "rclone", "--s3", "--expires", "1w")
    check("token", pair)
    check("token", filled.json("token", "rotate", pair["token_id"], "--expires", "1d"))
    check("token_ended", filled.json("token", "revoke", pair["token_id"]))
    check("meta_changed", filled.json("meta", "set", FILE, "note", "again"))
    check("meta_changed", filled.json("meta", "rm", FILE, "note"))
    for arguments in (("add", FILE, "urgent"), ("ls", FILE), ("rm", FILE, "urgent")):
        check("tags", filled.json("tags", *arguments))
    check("copied", filled.json("get", FILE, str(tmp_path)))
    link = filled.json("share", FILE)
    check("link", link)
    check("link", filled.json("share", "update", link["id"], "--label", "new"))
    check("link_removed", filled.json("share", "rm", link["id"], "--yes"))


def test_syncing_has_the_fields_that_are_promised(filled: Person) -> None:
    check("sync_runs", filled.json("sync", "run"))
    check("sync_conflicts", filled.json("sync", "conflicts"))
    for change in ("pause", "resume"):
        check("sync_folders", filled.json("sync", change))


def test_the_version_has_the_fields_that_are_promised(filled: Person) -> None:
    check("version", filled.json("version"))


def test_administration_has_the_fields_that_are_promised(filled: Person) -> None:
    at = ("--data", str(filled.server.data))
    user = ("admin", "user")
    check("admin_user", filled.json(*user, "show", "ann", *at))
    check("admin_users", filled.json(*user, "list", *at))
    for changed in (("group", "add", "/promised"), ("role", "put", "promised")):
        check("admin_done", filled.json("admin", *changed, *at))
    # Somebody of their own: who leaves loses their tokens, and others go on with Ann's.
    filled.types(*user, "add", "gone", "--password-stdin", *at, stdin="correct horse battery")
    check("admin_done", filled.json(*user, "remove", "gone", "--grace", "3", *at))
    check("admin_done", filled.json(*user, "keep", "gone", *at))
    check("admin_groups", filled.json("admin", "group", "list", *at))
    rule = ("--role", "promised")
    require = ("require", "--by", "2030-12-03", "--skips", "4")
    check("admin_done", filled.json("admin", "factors", *require, *rule, *at))
    check("admin_factor_policies", filled.json("admin", "factors", "list", *at))
    check("admin_done", filled.json("admin", "factors", "relax", *rule, *at))
    check("admin_users", filled.json(*user, "list", "--without-factor", *at))
    check("admin_roles", filled.json("admin", "role", "list", *at))
    for gone in (("group", "remove", "/promised"), ("role", "remove", "promised")):
        check("admin_done", filled.json("admin", *gone, *at))


def test_applications_and_keys_have_the_fields_that_are_promised(
    filled: Person, tmp_path: Path
) -> None:
    at = ("--data", str(filled.server.data))
    client = ("admin", "client")
    added = filled.json(*client, "add", "A", "--redirect-uri", "https://a.example/cb", *at)
    check("admin_client_added", added)
    preset = ("--preset", "grafana", "--base", "https://g.example")
    check("admin_client_added", filled.json(*client, "add", *preset, *at))
    check("admin_presets", filled.json(*client, "presets", *at))
    check("admin_client", filled.json(*client, "show", added["client_id"], *at))
    check("admin_clients", filled.json(*client, "list", *at))
    check("admin_access", filled.json(*client, "access", added["client_id"], *at))
    check("admin_acting", filled.json(*client, "acting", added["client_id"], *at))
    check("admin_client", filled.json(*client, "suite", added["client_id"], "acme", *at))
    check("admin_client_secret", filled.json(*client, "secret", added["client_id"], *at))
    check("admin_client_invitation", filled.json(*client, "invite", *at))
    old = tmp_path / "pydio.json"
    old.write_text(
        json.dumps(
            {
                "services": {
                    "pydio.web.oauth": {
                        "staticClients": [
                            {"client_id": "old", "redirect_uris": ["https://o.example/"]}
                        ]
                    }
                }
            }
        )
    )
    check("admin_client_import", filled.json(*client, "import", str(old), "--dry-run", *at))
    check("admin_keys", filled.json("admin", "keys", "list", *at))
    check("admin_keys_rotated", filled.json("admin", "keys", "rotate", "--urgent", *at))
    kid = filled.json("admin", "keys", "list", *at)["items"][0]["kid"]
    check("admin_keys_revoked", filled.json("admin", "keys", "revoke", kid, "--yes", *at))
    check("admin_sealing_key", filled.json("admin", "keys", "sealing-key"))
    check("admin_audit", filled.json("admin", "audit", "list", *at))
    told = keycell("admin", "report", "--json", *at, environment=filled.environment)
    check("admin_report", json.loads(told.stdout))


def test_what_administrators_give_people_has_the_fields_that_are_promised(
    filled: Person, tmp_path: Path
) -> None:
    at = ("--data", str(filled.server.data))
    for more in ((), ("--s3",)):
        wanted = ("--label", "promised", "--expires", "1d", *more)
        check("admin_token", filled.json("admin", "token", "add", "bob", *wanted, *at))
    check("admin_tokens", filled.json("admin", "token", "list", "bob", *at))
    user = ("admin", "user")
    check("admin_invitation", filled.json(*user, "invite", "new@example.org", *at))
    check("admin_invitations", filled.json(*user, "invitations", *at))
    check("admin_link", filled.json(*user, "link", "bob", *at))
    (tmp_path / "people.csv").write_text("login,email\nzoe,zoe@example.org\n")
    table = str(tmp_path / "people.csv")
    check("admin_user_import", filled.json(*user, "import", table, "--dry-run", *at))


def test_the_program_itself_has_the_fields_that_are_promised(filled: Person) -> None:
    check("completion", filled.json("completion", "bash"))


def test_each_schema_is_held_to() -> None:
    held = {name for name, _ in LISTS} | {"link", "job", "error", "version"}
    # Where a server starts, or has a mail server.
    held |= {"serve", "admin_mail"}
    # Where a person allows it in a browser: tests/journeys/test_command_line.py.
    held |= {"auth_refresh"}
    for one in Path(__file__).parent.glob("test_schemas*.py"):
        held |= set(re.findall(r'check\(\s*"(\w+)"', one.read_text()))
    assert {one.stem for one in SCHEMAS.glob("*.json")} == held


def test_a_field_more_or_less_is_seen() -> None:
    weight = {"path": "a", "size": 1, "files": 1, "folders": 0}
    check("weights", {"items": [weight]})
    for wrong in (weight | {"more": 1}, weight | {"size": "1"}, {"path": "a"}):
        with pytest.raises(jsonschema_rs.ValidationError):
            check("weights", {"items": [wrong]})
