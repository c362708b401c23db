"""What would be done is told, and not done: by every command that is not easily taken back."""

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from ..server import Server, keycell
from .conftest import Person, person, token_of
from .test_schemas import check
from .tree import commands, options

TOP = "personal-files/dry"
LOOKS = """
    admin audit list, admin backup-key, admin client list, admin client may, admin client presets,
    admin client show, admin factors list, admin group list, admin issuer list, admin keys list,
    admin keys sealing-key, admin report, admin role list, admin token list, admin user factors,
    admin user invitations, admin user list, admin user sessions, admin user show, auth list,
    auth status, auth token, cat, completion, config get, config list, config path, doctor, du,
    find, help, jobs ls, jobs show, jobs wait, ls, meta get, meta namespaces, oidc claims,
    oidc device, oidc discover, oidc jwt, oidc redirect-check, oidc test-client, open, share ls,
    share requests, share show, stat, sync conflicts, sync ls, sync status, tags ls, token ls,
    trash ls, tree, version, versions ls, versions get, whoami
"""
ADDS = """
    admin backup, admin client add, admin client invite, admin client test, admin group add,
    admin issuer put,
    admin mail test, admin role put, admin token add, admin user add, admin user invite,
    admin user link, login, serve, share create, sync add, sync service, token create
"""
IS_TAKEN_BACK = """
    admin client access, admin client acting, admin client suite, admin client update,
    admin factors require, admin group remove, admin token keep, admin user enable,
    admin user keep, admin user update, auth refresh, auth switch, config edit, config set,
    config unset, logout
"""
GIVES_ANOTHER = "admin client secret, token rotate"
IS_ANYTHING = "api"


def named(text: str) -> set[str]:
    return {" ".join(one.split()) for one in text.split(",")}


def test_whatever_is_not_easily_taken_back_can_be_rehearsed() -> None:
    """UX-D2: each command is of one kind; who adds one says of which."""
    kinds = [named(one) for one in (LOOKS, ADDS, IS_TAKEN_BACK, GIVES_ANOTHER, IS_ANYTHING)]
    others = set[str]().union(*kinds)
    assert sum(map(len, kinds)) == len(others)
    assert others <= set(commands())
    rehearsed = {name for name, one in commands().items() if "--dry-run" in options(one)}
    assert rehearsed == set(commands()) - others


@pytest.fixture(scope="module")
def filled(ann: Person) -> Person:
    """Somebody who signed in, with files and what is said of them."""
    ann.types("mkdir", "-p", f":{TOP}/deep")
    for content in (b"x", b"xy"):
        ann.puts(f"{TOP}/a.txt", content)
    ann.types("cp", f":{TOP}/a.txt", f":{TOP}/b.txt")
    keycell("admin", "user", "add", "root", "--admin", "--password-stdin", "--data",
            str(ann.server.data), stdin="correct horse battery")  # fmt: skip
    known = [{"Namespace": f"usermeta-{name}", "Label": name,
              "JsonDefinition": '{"type":"string"}'} for name in ("note", "tags")]  # fmt: skip
    token = token_of(ann.server, "root", "admin", "files.read")
    httpx2.put(
        f"{ann.server.url}/a/user-meta/namespace", json={"Namespaces": known},
        headers={"Authorization": f"Bearer {token}"},
    ).raise_for_status()  # fmt: skip
    return ann


def rehearsed(someone: Person, *command: str) -> dict[str, Any]:
    """Type it twice as a rehearsal and then in earnest: it is told alike, and done by the last."""
    dry = [someone.json(*command, "--dry-run") for _ in range(2)]
    assert dry[0] == dry[1]
    assert dry[0]["dry_run"] is True
    said = someone.types(*command, "--dry-run")
    assert "would" in said.stderr, command
    told: dict[str, Any] = someone.json(*command)
    assert told["dry_run"] is False
    assert {**dry[0], "dry_run": False} == told
    return told


def test_files(filled: Person) -> None:
    """UX-D2."""
    file = f":{TOP}/a.txt"
    for command in (
        ("mkdir", f":{TOP}/new", f":{TOP}/newer"), ("touch", f":{TOP}/empty.txt"),
        ("cp", file, f":{TOP}/deep/"), ("mv", f":{TOP}/deep/a.txt", f":{TOP}/deep/b.txt"),
        ("rm", f":{TOP}/new", "--yes"), ("rm", "-p", f":{TOP}/newer", "--yes"),
    ):  # fmt: skip
        check("changed", rehearsed(filled, *command))
    rehearsed(filled, "trash", "restore", f":{TOP}/new")
    filled.types("rm", f":{TOP}/new", "--yes")
    rehearsed(filled, "trash", "empty", "--yes")


def test_versions(filled: Person) -> None:
    """UX-D2."""
    file = f":{TOP}/a.txt"
    latest, first = [one["version"] for one in filled.json("versions", "ls", file)["items"]]
    rehearsed(filled, "versions", "pin", file, first)
    rehearsed(filled, "versions", "pin", file, first, "--off")
    assert rehearsed(filled, "versions", "restore", file, first)["size"] == 1
    rehearsed(filled, "versions", "rm", file, latest, "--yes")
    for command in (("rm", "--yes"), ("restore",), ("pin",)):
        # As who does it is told.
        for more in ((), ("--dry-run",)):
            filled.error("versions", *command, file, latest, *more, code=3)
    now = filled.json("versions", "ls", file)["items"][0]["version"]
    for more in ((), ("--dry-run",)):
        filled.error("versions", "rm", file, now, "--yes", *more, code=6)


def test_what_is_said_of_files(filled: Person) -> None:
    """UX-D2."""
    file = f":{TOP}/a.txt"
    check("meta_changed", rehearsed(filled, "meta", "set", file, "note", "read"))
    check("meta_changed", rehearsed(filled, "meta", "rm", file, "note"))
    check("tags", rehearsed(filled, "tags", "add", file, "urgent", "2026"))
    assert rehearsed(filled, "tags", "rm", file, "urgent")["tags"] == ["2026"]


def test_links_and_tokens(filled: Person, tmp_path: Path) -> None:
    """UX-D2."""
    link = filled.json("share", f":{TOP}/a.txt")["id"]
    more = ("--perm", "view", "--max-downloads", "3", "--label", "new", "--expires", "2030-12-31")
    changed = rehearsed(filled, "share", "update", link, *more)
    check("link", changed)
    assert (changed["permissions"], changed["max_downloads"]) == (["preview"], 3)
    check("link_removed", rehearsed(filled, "share", "rm", link, "--yes"))
    filled.error("share", "rm", link, "--dry-run", code=3)
    made = httpx2.post(f"{filled.server.url}/a/frontend/session", json={"AuthInfo": {
        "type": "credentials", "login": "ann", "password": "correct horse battery",
    }})  # fmt: skip
    signed_in = person(filled.server, tmp_path, made.json()["JWT"])
    token = signed_in.json("token", "create", "dry")["token_id"]
    check("token_ended", rehearsed(signed_in, "token", "revoke", token))
    signed_in.error("token", "revoke", "none", "--dry-run", code=3)
    job = filled.json("jobs", "ls")["items"][0]["id"]
    assert rehearsed(filled, "jobs", "cancel", job)["id"] == job


def test_synced_folders(filled: Person, tmp_path: Path) -> None:
    """UX-D2."""
    filled.types("sync", "add", str(tmp_path / "synced"), f":{TOP}")
    for command in ("pause", "resume", "rm"):
        check("sync_folders", rehearsed(filled, "sync", command, "synced"))
    filled.error("sync", "rm", "synced", "--dry-run", code=3)


def test_administration(filled: Person, tmp_path: Path) -> None:
    """UX-D2."""
    at = ("--data", str(filled.server.data))

    def change(*command: str) -> dict[str, Any]:
        return rehearsed(filled, "admin", *command, *at)

    filled.types("admin", "user", "add", "zoe", "--password-stdin", *at,
                 stdin="correct horse battery")  # fmt: skip
    filled.types("admin", "role", "put", "dry", *at)
    filled.types("admin", "factors", "require", "--by", "2030-12-03", "--role", "dry", *at)
    client = filled.json("admin", "client", "add", "A", "--redirect-uri", "https://a.example/cb",
                         *at)["client_id"]  # fmt: skip
    filled.types("admin", "client", "add", "B", "--redirect-uri", "https://b.example/cb", "--test",
                 "--client-id", "tested", *at)  # fmt: skip
    keys = tmp_path / "keys.json"
    keys.write_text(
        json.dumps(httpx2.get(f"{filled.server.url}/oidc/.well-known/jwks.json").json())
    )
    filled.types("admin", "issuer", "put", "https://ci.example", "--client", client,
                 "--scope", "openid", "--jwks", str(keys), *at)  # fmt: skip
    token = filled.json("admin", "token", "add", "zoe", "--label", "x", *at, "--expires", "1d")
    invitation = filled.json("admin", "user", "invite", "new@example.org", *at)["invitation_id"]
    for command in (
        ("token", "revoke", "zoe", token["token_id"]), ("user", "disable", "zoe"),
        ("user", "uninvite", invitation), ("factors", "relax", "--role", "dry"),
        ("role", "remove", "dry"), ("issuer", "remove", "https://ci.example"),
        ("client", "real", "tested"), ("client", "remove", client),
    ):  # fmt: skip
        check("admin_done", change(*command))
        filled.error("admin", *command[:-1], "none", "--dry-run", *at, code=3)
    assert change("user", "sign-out", "zoe")["ended"] == 0
    assert change("user", "reset-factors", "zoe")["removed"] == 0
    check("admin_keys_rotated", change("keys", "rotate", "--urgent"))
    kid = filled.json("admin", "keys", "list", *at)["items"][0]["kid"]
    check("admin_keys_revoked", change("keys", "revoke", kid, "--yes"))
    assert change("user", "remove", "zoe", "--grace", "3")["result"] == "leaving"
    assert change("user", "remove", "zoe")["result"] == "removed"


def test_a_store(tmp_path: Path) -> None:
    """UX-D2: who would bring a backup back reads it to its end, and writes nothing."""
    here = Person(Server(tmp_path, (), {}), {})
    data, other, file = (str(tmp_path / name) for name in ("data", "other", "all.tar"))
    keycell("admin", "user", "add", "ann", "--password-stdin", "--data", data,
            stdin="correct horse battery")  # fmt: skip
    keycell("admin", "backup", file, "--data", data)
    told = rehearsed(here, "admin", "restore", file, "--data", other)
    check("restored", told)
    Path(file).write_bytes(Path(file).read_bytes()[:-40])
    for more in ((), ("--dry-run",)):
        here.error("admin", "restore", file, "--data", other, *more, code=10)
    empty = str(tmp_path / "empty")
    check("migrated", rehearsed(here, "admin", "migrate", "--data", empty))
    assert keycell("admin", "migrate", "--data", empty).stderr.startswith("the tables are of")
