"""Commands about files, typed at a real server."""

from dataclasses import replace
from pathlib import Path

import httpx2

from ..server import keycell
from .conftest import Person, token_of

P = "personal-files"


def test_files_are_made_listed_moved_and_copied(ann: Person) -> None:
    ann.types("mkdir", "-p", f":{P}/walk/a/b")
    ann.puts(f"{P}/walk/one.txt", b"one")
    ann.puts(f"{P}/walk/a/two.txt", b"two!")
    ann.types("touch", f":{P}/walk/empty.txt")
    assert {row["name"] for row in ann.json("ls")["items"]} >= {P, "common-files"}
    items = {row["name"]: row for row in ann.json("ls", f":{P}/walk")["items"]}
    assert {name: row["type"] for name, row in items.items()} == {
        "a": "folder", "one.txt": "file", "empty.txt": "file",
    }  # fmt: skip
    assert (items["one.txt"]["size"], items["empty.txt"]["size"]) == (3, 0)
    assert (
        ann.types("ls", "-r", f"cells://{P}/walk/a").stdout
        == f"{P}/walk/a/b\n{P}/walk/a/two.txt\n"
    )
    assert ann.types("cat", f":{P}/walk/one.txt", f"{P}/walk/a/two.txt").stdout == "onetwo!"
    ann.types("cp", f":{P}/walk/one.txt", f":{P}/walk/a")
    ann.types("mv", f":{P}/walk/one.txt", f":{P}/walk/uno.txt")
    found = ann.types("ls", "-r", f":{P}/walk/**").stdout.splitlines()
    assert found == [f"{P}/walk/{one}" for one in
                     ("a", "a/b", "a/one.txt", "a/two.txt", "empty.txt", "uno.txt")]  # fmt: skip
    assert ann.types("tree", f":{P}/walk").stdout.splitlines() == [
        "walk", "├── a", "│   ├── b", "│   ├── one.txt", "│   └── two.txt",
        "├── empty.txt", "└── uno.txt",
    ]  # fmt: skip
    (weight,) = ann.json("du", f":{P}/walk")["items"]
    assert weight == {"path": f"{P}/walk", "size": 10, "files": 4, "folders": 2}
    told = ann.json("stat", f":{P}/walk/uno.txt")
    assert (told["type"], told["size"], told["modified_at"][-1]) == ("file", 3, "Z")
    assert ann.types("find", "uno", "-r").stdout == f"{P}/walk/uno.txt\n"
    assert ann.json("find", "no such thing") == {"items": []}
    template = r"{{.Name}} {{.SizeBytes}} {{.Type}}"
    assert ann.types("ls", f":{P}/walk/uno.txt", "--format", template).stdout == "uno.txt 3 File\n"


def test_what_is_there_or_not(ann: Person) -> None:
    ann.puts(f"{P}/there.txt", b"x")
    assert ann.types("ls", "-f", f":{P}/there.txt").stdout == "true\n"
    assert ann.types("ls", "-f", f":{P}/none.txt", code=3).stdout == "false\n"


def test_what_is_removed_comes_back(ann: Person) -> None:
    ann.types("mkdir", "-p", f":{P}/bin")
    for name in ("a.tmp", "b.tmp", "c.txt"):
        ann.puts(f"{P}/bin/{name}", name.encode())
    told = ann.json("rm", "--dry-run", f":{P}/bin/*.tmp")
    assert [one["path"] for one in told["items"]] == [f"{P}/bin/a.tmp", f"{P}/bin/b.tmp"]
    assert told["dry_run"] is True
    assert "--yes" in ann.types("rm", f":{P}/bin/*.tmp", code=2).stderr
    ann.types("rm", f":{P}/bin/*.tmp", "--yes")
    assert ann.types("ls", "-r", f":{P}/bin").stdout == f"{P}/bin/c.txt\n"
    origins = {one["origin"] for one in ann.json("trash", "ls")["items"]}
    assert {f"{P}/bin/a.tmp", f"{P}/bin/b.tmp"} <= origins
    ann.types("trash", "restore", f":{P}/bin/a.tmp")
    assert ann.types("cat", f":{P}/bin/a.tmp").stdout == "a.tmp"
    ann.types("mkdir", f":{P}/elsewhere")
    told = ann.json("trash", "restore", f":{P}/bin/b.tmp", "--to", f":{P}/elsewhere")
    assert told["items"][0]["path"] == f"{P}/elsewhere/b.tmp"
    assert ann.types("cat", f":{P}/elsewhere/b.tmp").stdout == "b.tmp"
    ann.types("rm", "-p", "-f", f":{P}/bin/c.txt")
    assert f"{P}/bin/c.txt" not in {one["origin"] for one in ann.json("trash", "ls")["items"]}
    ann.types("rm", "-f", f":{P}/bin/a.tmp")
    ann.types("trash", "empty", code=2)
    ann.types("trash", "empty", "--yes")
    assert ann.json("trash", "ls") == {"items": []}


def test_a_version_comes_back(ann: Person, tmp_path: Path) -> None:
    for content in (b"first", b"second!", b"third"):
        ann.puts(f"{P}/v.txt", content)
    where = f":{P}/v.txt"
    third, second, first = [one["version"] for one in ann.json("versions", "ls", where)["items"]]
    assert ann.types("versions", "get", where, first).stdout == "first"
    ann.types("versions", "get", where, second, "-o", str(tmp_path / "before.txt"))
    assert (tmp_path / "before.txt").read_text() == "second!"
    ann.types("versions", "get", where, second, "-o", str(tmp_path / "before.txt"), code=6)
    ann.types("versions", "pin", where, first)
    ann.types("versions", "rm", where, second, code=2)
    ann.types("versions", "rm", where, second, "--yes")
    assert ann.error("versions", "rm", where, third, "--yes", code=6)["kind"] == "conflict"
    ann.types("versions", "restore", where, first)
    assert ann.types("cat", where).stdout == "first"
    listed = ann.json("versions", "ls", where)["items"]
    assert [one["is_pinned"] for one in listed] == [False, False, True]
    listing = f"keycell versions ls {where} names those there are"
    for command in (("restore",), ("get",), ("pin",)):
        assert ann.error("versions", *command, where, "none", code=3)["hint"] == listing


def test_a_file_is_shared(ann: Person) -> None:
    ann.puts(f"{P}/shared.txt", b"for all")
    url = ann.types("share", f":{P}/shared.txt").stdout.strip()
    assert url.startswith(f"{ann.server.url}/public/")
    made = ann.json("share", "create", f":{P}/shared.txt", "--password-stdin", "--expires", "7d",
                    "--max-downloads", "3", "--perm", "view",
                    stdin="a secret of ours\n")  # fmt: skip
    assert (made["has_password"], made["max_downloads"]) == (True, 3)
    assert made["permissions"] == ["preview"]
    told = ann.json("share", "update", made["id"], "--no-password", "--label", "Shared")
    assert (told["has_password"], told["label"]) == (False, "Shared")
    assert {one["url"] for one in ann.json("share", "ls")["items"]} >= {url, made["url"]}
    ann.types("share", "rm", url, code=2)
    ann.types("share", "rm", url, "--yes")
    ann.error("share", "show", url, code=3)
    assert ann.json("share", "show", made["id"])["label"] == "Shared"
    ann.types("share", f":{P}/shared.txt", "--expires", "soon", code=2)


def test_what_is_said_of_a_file(ann: Person) -> None:
    ann.puts(f"{P}/said.txt", b"x")
    where = f":{P}/said.txt"
    keycell("admin", "user", "add", "root", "--admin", "--password-stdin", "--data",
            str(ann.server.data), stdin="correct horse battery")  # fmt: skip
    wanted = {"Namespace": "usermeta-tags", "Label": "Tags", "JsonDefinition": '{"type":"tags"}'}
    answer = httpx2.put(
        f"{ann.server.url}/a/user-meta/namespace", json={"Namespaces": [wanted]},
        headers={"Authorization": f"Bearer {token_of(ann.server, 'root', 'admin', 'files.read')}"},
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    known = {one["namespace"] for one in ann.json("meta", "namespaces")["items"]}
    assert "usermeta-tags" in known
    assert ann.types("tags", "add", where, "urgent", "2026").stdout == "urgent\n2026\n"
    assert ann.json("tags", "rm", where, "urgent")["tags"] == ["2026"]
    assert ann.json("meta", "get", where)["items"] == [
        {"namespace": "usermeta-tags", "value": "2026"}
    ]
    ann.types("meta", "set", where, "tags", "a,b")
    assert ann.types("tags", "ls", where).stdout == "a\nb\n"
    ann.types("meta", "rm", where, "tags")
    assert ann.json("meta", "get", where) == {"items": []}
    ann.types("meta", "set", where, "tags", "{", "--raw-json", code=2)
    ann.error("meta", "set", where, "nothing-known", "x", code=2)


def test_jobs_are_told(ann: Person) -> None:
    ann.puts(f"{P}/job.txt", b"x")
    ann.types("cp", f":{P}/job.txt", f":{P}/job2.txt")
    job = ann.json("jobs", "ls")["items"][0]
    assert job["status"] == "finished"
    assert ann.json("jobs", "show", job["id"]) == job
    assert ann.json("jobs", "wait", job["id"])["status"] == "finished"
    ann.types("jobs", "cancel", job["id"])
    ann.error("jobs", "show", "none", code=3)


def test_weights_of_folders_in_folders(ann: Person) -> None:
    ann.types("mkdir", "-p", f":{P}/weigh/deep/deeper")
    for path, size in (("a.txt", 3), ("deep/b.txt", 5), ("deep/deeper/c.txt", 7)):
        ann.puts(f"{P}/weigh/{path}", b"x" * size)

    def weights(*arguments: str) -> list[tuple[str, int, int, int]]:
        items = ann.json("du", f":{P}/weigh", *arguments)["items"]
        return [(one["path"], one["size"], one["files"], one["folders"]) for one in items]

    top = (f"{P}/weigh", 15, 3, 2)
    deep = (f"{P}/weigh/deep", 12, 2, 1)
    deeper = (f"{P}/weigh/deep/deeper", 7, 1, 0)
    assert weights() == weights("--depth", "0") == [top]
    assert weights("--depth", "1") == [top, deep]
    assert weights("-d", "2") == weights("--depth", "9") == [top, deep, deeper]
    assert weights("--depth", "1", "--sort", "size") == [deep, top]
    ann.types("du", f":{P}/weigh", "--depth", "-1", code=2)
    ann.types("du", f":{P}/none", "--depth", "1", code=3)


def test_a_page_is_opened(ann: Person, tmp_path: Path) -> None:
    ann.types("mkdir", "-p", f":{P}/two words")
    browser, opened = tmp_path / "browser", tmp_path / "opened"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > "{opened}"\n')
    browser.chmod(0o755)
    mine = replace(ann, environment={**ann.environment, "BROWSER": f"{browser} %s"})
    url = f"{ann.server.url}/files/{P}/two%20words"
    assert url in mine.types("open", f":{P}/two words").stderr
    assert opened.read_text() == url
    opened.unlink()
    # A program that asks for JSON wants the address alone.
    assert mine.json("open", f":{P}/two words") == {"url": url, "opened": False}
    assert mine.json("open")["url"] == f"{ann.server.url}/files"
    assert not opened.exists()
    mine.error("open", f":{P}/none", code=3)


def test_what_was_done_is_said_as_one_says_it(ann: Person) -> None:
    ann.types("mkdir", "-p", f":{P}/said")
    for name in ("a.txt", "b.txt"):
        ann.puts(f"{P}/said/{name}", b"x")
    told = ann.types("rm", f":{P}/said/a.txt", "--yes").stderr
    assert "moved 1 item to the recycle bin" in told
    told = ann.types("rm", f":{P}/said/b.txt", "--permanently", "--yes").stderr
    assert "deleted 1 item for good" in told
