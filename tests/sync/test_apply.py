"""Operations one by one, against a server that answers as it is told to.

Whatever it says, no file of the disk is lost, and nothing is agreed on that was not so.
"""

import asyncio
import base64
import hashlib
import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx2
import pytest
from starlette.types import Message, Receive, Scope, Send

from keycell.client.credentials import EnvironmentKeeper
from keycell.client.discovery import Metadata
from keycell.client.profiles import Profile
from keycell.client.retries import RetryingTransport
from keycell.client.session import bind
from keycell.sync.apply import Applier
from keycell.sync.disk import Disk
from keycell.sync.names import WORKING
from keycell.sync.operations import (
    DeleteLocal,
    Download,
    Learn,
    MakeLocal,
    MoveLocal,
    Operation,
    Upload,
)
from keycell.sync.state import Row, State
from keycell.sync.trees import LOCAL_ROOT, Local, Pair, Place, Remote
from keycell.sync.wire import Wire

URL = "http://localhost"
_CONDITIONS = ("if-match", "if-none-match", "x-keycell-parent", "x-amz-checksum-sha256")
_PLACED = (b"etag", b"x-keycell-node", b"x-keycell-version", b"x-keycell-revision")


@dataclass
class Answering:
    """A server that has files, and may answer something else."""

    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    conditions: list[dict[str, str]] = field(default_factory=list)
    status: int = 200
    meanwhile: Callable[[], object] = bool
    """What somebody does on the disk while the server answers."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked.append(f"{scope['method']} {scope['path']}")
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message["body"]
            if not message.get("more_body"):
                break
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.conditions.append({name: headers[name] for name in _CONDITIONS if name in headers})
        self.meanwhile()
        status, content = self.answer(scope["path"], body)
        start: Message = {
            "type": "http.response.start",
            "status": status,
            "headers": [(name, b"1") for name in _PLACED],
        }
        await send(start)
        await send({"type": "http.response.body", "body": content})

    def answer(self, path: str, body: bytes) -> tuple[int, bytes]:
        if path != "/a/keycell/contents":
            name = path.rpartition("/")[2]
            return (200, self.files[name]) if name in self.files else (200, b"")
        asked = [one["id"] for one in json.loads(body)["files"]]
        told = [
            {"id": one, "content": base64.b64encode(self.files[one]).decode()}
            for one in asked
            if one in self.files
        ]
        return self.status, json.dumps({"contents": told}).encode()


@dataclass
class Applying:
    """A folder, its state, and the server that it is synced with."""

    root: Path
    server: Answering = field(default_factory=Answering)
    rows: list[Row] = field(default_factory=list)

    def write(self, name: str, content: bytes) -> Local:
        """Write a file, and see it."""
        path = self.root / name
        path.write_bytes(content)
        it = path.lstat()
        row = Row(str(len(self.rows) + 1), LOCAL_ROOT, name, is_folder=False, inode=it.st_ino,
                  size=it.st_size, mtime_ns=it.st_mtime_ns, ctime_ns=it.st_ctime_ns,
                  digest=hashlib.sha256(content).hexdigest())  # fmt: skip
        self.rows.append(row)
        return Local(id=row.id, place=Place(LOCAL_ROOT, name), is_folder=False,
                     digest=row.digest)  # fmt: skip

    def edit(self, name: str) -> None:
        """Write to a file as somebody does who is not seen."""
        path = self.root / name
        before = path.stat()
        path.write_bytes(b"edited")
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))

    def carry_out(self, *operations: Operation) -> Applier:
        return asyncio.run(self._carry_out(operations))

    async def _carry_out(self, operations: tuple[Operation, ...]) -> Applier:
        state, disk = State(self.root.parent / "state.db"), Disk(self.root)
        disk.mark("mark")
        with state.change():
            state.say("root", "top")
            state.put_locals((), self.rows)
            state.put_remotes(
                (), [one.remote for one in operations if isinstance(one, Download | Learn)]
            )
        transport = RetryingTransport(httpx2.ASGITransport(self.server))
        try:
            async with httpx2.AsyncClient(base_url=URL, transport=transport) as http:
                metadata = Metadata(f"{URL}/oidc", {"token_endpoint": URL})
                profile = Profile("it", URL, storage="environment")
                session = bind(profile, EnvironmentKeeper("token"), http, metadata, transport)
                applier = Applier(Wire(session, "space"), disk, state, "now")
                await applier.carry_out(operations, state.remotes())
                return applier
        finally:
            state.close()

    def agreed(self) -> list[str]:
        state = State(self.root.parent / "state.db")
        try:
            return sorted(pair.remote for pair in state.pairs())
        finally:
            state.close()

    def files(self) -> dict[str, bytes]:
        return {one.name: one.read_bytes() for one in self.root.iterdir() if one.is_file()}


@pytest.fixture
def applying(tmp_path: Path) -> Applying:
    root = tmp_path / "folder"
    root.mkdir()
    return Applying(root)


def down(name: str, content: bytes) -> Download:
    place = Place("top", name)
    remote = Remote(id=name, place=place, is_folder=False, version="1", etag="e",
                    digest=hashlib.sha256(content).hexdigest(), size=len(content))  # fmt: skip
    return Download(remote, Place(LOCAL_ROOT, name), None, None)


def test_small_files_come_many_in_one_answer(applying: Applying) -> None:
    applying.server.files = {f"{number}": b"%d" % number for number in range(100)}
    applying.server.files["0"] = b""
    applier = applying.carry_out(*(down(*one) for one in applying.server.files.items()))
    assert applying.server.asked == ["POST /a/keycell/contents"] * 2
    assert applying.files() == applying.server.files
    assert applying.agreed() == sorted(applying.server.files)
    assert (applier.problems, applier.dropped) == ([], [])


def test_a_file_that_is_large_or_left_out_comes_by_itself(applying: Applying) -> None:
    applying.server.files = {"large": b"x" * 20_000, "small": b"x"}
    applying.carry_out(*(down(*one) for one in applying.server.files.items()))
    assert applying.server.asked == ["POST /a/keycell/contents", "GET /io/space/large"]
    applying.server.asked, applying.server.status = [], 404
    applying.carry_out(down("small", b"x"))
    assert applying.server.asked == ["POST /a/keycell/contents", "GET /io/space/small"]


@pytest.mark.parametrize("status", [200, 404], ids=["among many", "by itself"])
@pytest.mark.parametrize("sent", [b"what it", b"what", b"what is it", b""])
def test_what_is_not_what_the_server_said_is_never_in_its_place(
    applying: Applying, status: int, sent: bytes
) -> None:
    applying.server.files, applying.server.status = {"a": sent}, status
    applier = applying.carry_out(down("a", b"what is"))
    told = ("a", "what arrived is not what the server said it has")
    assert (applier.problems, applier.count) == ([told], 0)
    assert (applying.files(), applying.agreed()) == ({}, [])
    assert list((applying.root / WORKING / "tmp").iterdir()) == []


def test_a_digest_is_learned_of_a_whole_file_alone(applying: Applying) -> None:
    learn = Learn(replace(down("a", b"what is").remote, digest=None))
    applying.server.files = {"a": b"what"}
    assert len(applying.carry_out(learn).problems) == 1
    applying.server.files = {"a": b"what is"}
    assert applying.carry_out(learn).problems == []
    assert applying.files() == {}


def pair_of(local: Local, remote: Remote) -> Pair:
    return Pair(local=local.id, remote=remote.id, is_folder=False, local_place=local.place,
                remote_place=remote.place, digest=local.digest, version="0")  # fmt: skip


def test_an_upload_is_bound_to_the_folder_and_to_what_was_seen(applying: Applying) -> None:
    new, edited = applying.write("new", b"new"), applying.write("edited", b"edit")
    there = replace(down("edited", b"before").remote, etag="seen")
    place = Place("top", "edited")
    applying.carry_out(Upload(new, Place("top", "new"), None, None))
    applying.carry_out(Upload(edited, place, there, pair_of(edited, there)))
    digests = [one.pop("x-amz-checksum-sha256") for one in applying.server.conditions]
    assert [base64.b64decode(one).hex() for one in digests] == [new.digest, edited.digest]
    assert applying.server.conditions == [
        {"if-none-match": "*", "x-keycell-parent": "top"},
        {"if-match": '"seen"', "x-keycell-parent": "top"},
    ]


def test_a_file_by_itself_is_asked_for_as_it_was_seen(applying: Applying) -> None:
    applying.server.files = {"large": b"x" * 20_000}
    applying.carry_out(down("large", b"x" * 20_000))
    assert applying.server.conditions == [{"if-match": '"e"'}]


def test_what_was_edited_since_it_was_seen_is_neither_sent_nor_moved_nor_deleted(
    applying: Applying,
) -> None:
    local = applying.write("a", b"seen")
    remote = down("a", b"seen").remote
    applying.edit("a")
    pair = pair_of(local, remote)
    operations = (
        Upload(local, Place("top", "a"), None, None),
        MoveLocal(local, Place(LOCAL_ROOT, "b"), pair),
        DeleteLocal(local, pair),
        replace(down("a", b"from the server"), over=local),
    )
    for operation in operations:
        applying.server.files = {"a": b"from the server"}
        applier = applying.carry_out(operation)
        assert applier.dropped == [("a", "it was changed meanwhile")]
        assert applying.files() == {"a": b"edited"}
    assert applying.agreed() == []
    assert "PUT /io/space/a" not in applying.server.asked


def test_what_comes_to_be_while_a_file_is_on_its_way_stays(applying: Applying) -> None:
    applying.server.files = {"a": b"from the server"}
    applying.server.meanwhile = lambda: (applying.root / "a").write_bytes(b"mine")
    applier = applying.carry_out(down("a", b"from the server"))
    assert applier.dropped == [("a", "something stands there by now")]
    assert applying.files() == {"a": b"mine"}
    assert list((applying.root / WORKING / "tmp").iterdir()) == []


def test_a_folder_is_made_and_removed_only_where_nothing_is(applying: Applying) -> None:
    remote = Remote(id="f", place=Place("top", "f"), is_folder=True)
    (applying.root / "f").mkdir()
    (applying.root / "f" / "a").write_bytes(b"mine")
    assert applying.carry_out(MakeLocal(remote, Place(LOCAL_ROOT, "f"))).dropped
    row = Row("1", LOCAL_ROOT, "f", is_folder=True, inode=0, size=0, mtime_ns=0, ctime_ns=0,
              digest="")  # fmt: skip
    applying.rows = [row]
    local = Local(id="1", place=Place(LOCAL_ROOT, "f"), is_folder=True)
    applier = applying.carry_out(DeleteLocal(local, pair_of(local, remote)))
    assert applier.problems == [("f", "Directory not empty")]
    assert (applying.root / "f" / "a").read_bytes() == b"mine"
    assert applying.agreed() == []


def test_an_upload_is_kept_as_begun_before_it_is_sent(applying: Applying) -> None:
    state = State(applying.root.parent / "state.db")
    with state.change():
        state.say("settled", "yes")
    seen: list[tuple[list[str], str]] = []

    def look() -> None:
        seen.append(([one.digest for one in state.intents()], state.said("settled")))

    applying.server.meanwhile = look
    local = applying.write("a", b"mine")
    applying.carry_out(Upload(local, Place("top", "a"), None, None))
    assert seen == [([local.digest], "")]
    assert state.intents() == []
    state.close()


def test_nothing_is_done_through_a_link_where_a_folder_was(applying: Applying) -> None:
    outside = applying.root.parent / "outside"
    outside.mkdir()
    (applying.root / "f").symlink_to(outside)
    local, beside = applying.write("f/a", b"outside"), applying.write("b", b"inside")
    folder = Row("9", LOCAL_ROOT, "f", is_folder=True, inode=0, size=0, mtime_ns=0, ctime_ns=0,
                 digest="")  # fmt: skip
    inside = Place("9", "a")
    local = replace(local, place=inside)
    applying.rows = [replace(applying.rows[0], parent="9", name="a"), applying.rows[1], folder]
    remote = down("c", b"from the server")
    applying.server.files = {"c": b"from the server"}
    operations = (
        Upload(local, Place("top", "a"), None, None),
        replace(remote, place=Place("9", "c")),
        MakeLocal(Remote(id="m", place=Place("top", "m"), is_folder=True), Place("9", "m")),
        MoveLocal(local, Place(LOCAL_ROOT, "away"), None),
        MoveLocal(beside, Place("9", "b"), None),
        DeleteLocal(local, pair_of(local, remote.remote)),
    )
    for operation in operations:
        told = [reason for _, reason in applying.carry_out(operation).dropped]
        assert told == ["a link stands where a folder was"], operation
    assert {one.name: one.read_bytes() for one in outside.iterdir()} == {"a": b"outside"}
    assert applying.files() == {"b": b"inside"}


def test_what_was_moved_or_deleted_outlasts_a_loss_of_power(
    applying: Applying, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[set[Path]] = []
    keep = Disk.keep

    def keeping(disk: Disk, folders: Iterable[Path]) -> None:
        kept.append(set(folders))
        keep(disk, folders)

    monkeypatch.setattr(Disk, "keep", keeping)
    (applying.root / "f").mkdir()
    folder = Row("9", LOCAL_ROOT, "f", is_folder=True, inode=0, size=0, mtime_ns=0, ctime_ns=0,
                 digest="")  # fmt: skip
    local, other = applying.write("a", b"a"), applying.write("b", b"b")
    applying.rows.append(folder)
    applying.carry_out(MoveLocal(local, Place("9", "a"), None))
    applying.carry_out(DeleteLocal(other, pair_of(other, down("b", b"b").remote)))
    assert kept == [{applying.root, applying.root / "f"}, {applying.root}]
    assert not (applying.root / "b").exists()
