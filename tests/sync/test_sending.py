"""Small files sent many in one request: each is bound to what was seen, and kept for itself."""

import base64
import json
import random
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from keycell.sync.errors import Dropped, SyncError
from keycell.sync.names import WORKING
from keycell.sync.operations import Operation, Upload
from keycell.sync.sending import content_of
from keycell.sync.state import Row, State
from keycell.sync.trees import LOCAL_ROOT, Place

from ..client.line import line_to
from ..server import Server
from .test_apply import Answering, Applying, down, pair_of
from .test_run import Machine, pair, server

__all__ = ["pair", "server"]

FILES = "POST /a/keycell/files"


@dataclass
class Taking(Answering):
    """A server that takes many files at once, and says of some what it is told to."""

    sent: list[list[dict[str, Any]]] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    """Codes, by names."""
    leaves_out: int = 0

    def answer(self, path: str, body: bytes) -> tuple[int, bytes]:
        if path != "/a/keycell/files":
            return super().answer(path, body)
        if self.status != 200:
            return self.status, b"{}"
        files = json.loads(body)["files"]
        self.sent.append(files)
        told = [self._told(one["name"]) for one in files]
        return 200, json.dumps({"files": told[self.leaves_out :]}).encode()

    def _told(self, name: str) -> dict[str, object]:
        if name in self.refusals:
            return {"status": "refused", "error": {"Code": self.refusals[name], "Title": "no"}}
        return {"status": "created", "id": f"on-{name}", "version": "1", "etag": "e", "seq": 1}


@pytest.fixture
def applying(tmp_path: Path) -> Applying:
    root = tmp_path / "folder"
    root.mkdir()
    return Applying(root, Taking())


def taking(applying: Applying) -> Taking:
    assert isinstance(applying.server, Taking)
    return applying.server


def up(applying: Applying, **files: bytes) -> list[Operation]:
    return [
        Upload(applying.write(name, content), Place("top", name), None, None)
        for name, content in files.items()
    ]


def test_small_files_go_many_in_one_request(applying: Applying) -> None:
    texts = {f"a{number}": b"%d" % number for number in range(100)} | {"empty": b""}
    applier = applying.carry_out(*up(applying, **texts))
    it = taking(applying)
    assert it.asked == [FILES] * 2
    sent = [one for batch in it.sent for one in batch]
    assert {one["name"]: base64.b64decode(one["content"]) for one in sent} == texts
    digests = {row.name: row.digest for row in applying.rows}
    assert all(one["sha256"] == digests[one["name"]] for one in sent)
    assert applying.agreed() == sorted(f"on-{name}" for name in texts)
    assert (applier.problems, applier.dropped, applier.count) == ([], [], 101)


def test_each_is_bound_to_the_folder_and_to_what_was_seen(applying: Applying) -> None:
    new, edited = applying.write("new", b"new"), applying.write("edited", b"edit")
    there = replace(down("edited", b"before").remote, version="seen")
    applying.carry_out(
        Upload(new, Place("top", "new"), None, None),
        Upload(edited, Place("top", "edited"), there, pair_of(edited, there)),
    )
    (sent,) = taking(applying).sent
    assert [(one["parent"], one["name"], one["version"]) for one in sent] == [
        ("top", "new", ""), ("top", "edited", "seen"),
    ]  # fmt: skip


def test_a_request_is_of_bounded_size(applying: Applying) -> None:
    applying.carry_out(*up(applying, **{f"a{n}": b"x" * 16_384 for n in range(40)}))
    assert [len(batch) for batch in taking(applying).sent] == [16, 16, 8]


def test_a_file_that_is_large_or_alone_goes_by_itself(applying: Applying) -> None:
    operations = up(applying, large=b"x" * 16_385, small=b"x", other=b"x")
    applying.carry_out(*operations)
    assert sorted(taking(applying).asked) == [FILES, "PUT /io/space/large"]
    taking(applying).asked.clear()
    applying.carry_out(operations[1])
    assert taking(applying).asked == ["PUT /io/space/small"]


@pytest.mark.parametrize("status", [404, 405, 408, 413])
def test_where_many_cannot_be_sent_each_goes_by_itself(applying: Applying, status: int) -> None:
    taking(applying).status = status
    names = [f"a{number}" for number in range(300)]
    applier = applying.carry_out(*up(applying, **dict.fromkeys(names, b"x")))
    asked = taking(applying).asked
    # Two were on their way when the first was answered; after that none is asked for.
    assert asked.count(FILES) <= 2
    assert sorted(set(asked) - {FILES}) == sorted(f"PUT /io/space/{name}" for name in names)
    assert (applier.problems, applier.count) == ([], 300)


def test_what_is_refused_of_one_is_nothing_to_the_others(applying: Applying) -> None:
    taking(applying).refusals = {
        "changed": "PreconditionFailed", "moved": "NotFound", "torn": "DigestMismatch",
        "full": "QuotaExceeded", "taken": "NameTaken",
    }  # fmt: skip
    names = ("good", "changed", "moved", "torn", "full", "taken", "fine")
    applier = applying.carry_out(*up(applying, **dict.fromkeys(names, b"x")))
    assert applying.agreed() == ["on-fine", "on-good"]
    assert sorted(applier.dropped) == [(name, "no") for name in ("changed", "moved", "torn")]
    assert sorted(applier.problems) == [("full", "no"), ("taken", "no")]
    assert applier.count == 2


def test_what_was_edited_or_lies_behind_a_link_is_not_sent(applying: Applying) -> None:
    outside = applying.root.parent / "outside"
    outside.mkdir()
    (applying.root / "f").symlink_to(outside)
    operations = up(applying, good=b"good", edited=b"before", gone=b"gone", fine=b"fine")
    behind = replace(applying.write("f/a", b"outside"), place=Place("9", "a"))
    applying.rows[-1] = replace(applying.rows[-1], parent="9", name="a")
    applying.rows.append(Row("9", LOCAL_ROOT, "f", is_folder=True, inode=0, size=0, mtime_ns=0,
                             ctime_ns=0, digest=""))  # fmt: skip
    applying.edit("edited")
    (applying.root / "gone").unlink()
    applier = applying.carry_out(*operations, Upload(behind, Place("top", "a"), None, None))
    (sent,) = taking(applying).sent
    assert [one["name"] for one in sent] == ["good", "fine"]
    assert dict(applier.dropped) == {
        "edited": "it was changed meanwhile", "gone": "it is not there any more",
        "f/a": "a link stands where a folder was",
    }  # fmt: skip
    assert applying.agreed() == ["on-fine", "on-good"]


def test_a_file_is_read_whole_and_through_no_link(tmp_path: Path) -> None:
    path, link = tmp_path / "a", tmp_path / "link"
    path.write_bytes(b"four")
    link.symlink_to(path)
    assert content_of(path, 4) == b"four"
    with pytest.raises(Dropped, match="shorter"):
        content_of(path, 5)
    with pytest.raises(OSError, match="symbolic"):
        content_of(link, 4)


def test_an_answer_that_leaves_files_out_is_none_of_a_server_of_ours(applying: Applying) -> None:
    taking(applying).leaves_out = 1
    with pytest.raises(SyncError, match="did not answer as a Keycell server does"):
        applying.carry_out(*up(applying, a=b"a", b=b"b"))
    assert applying.agreed() == []


def test_uploads_are_kept_as_begun_before_they_are_sent(applying: Applying) -> None:
    state = State(applying.root.parent / "state.db")
    seen: list[list[str]] = []

    def look() -> None:
        seen.append(sorted(one.local for one in state.intents()))

    applying.server.meanwhile = look
    operations = up(applying, a=b"a", b=b"b")
    applying.carry_out(*operations)
    assert seen == [["1", "2"]]
    assert state.intents() == []
    state.close()


@pytest.mark.parametrize(("way", "after"), [("up", 150_000), ("down", 20_000)])
def test_after_a_cut_what_was_not_answered_is_tried_again(
    pair: tuple[Machine, Machine], server: Server, way: str, after: int
) -> None:
    one, two = pair
    chance = random.Random(way)  # noqa: S311
    texts = {f"d/{number}.txt": chance.randbytes(1500).hex() for number in range(150)}
    for path, text in texts.items():
        one.write(path, text)
    one.write("z.txt", "seen")
    with line_to(server.port) as line:
        one.url = line.url
        line.cut(way, after=after, times=2)
        one.sync()
        assert line.cuts == 2
    one.url = server.url
    two.sync()
    # Each is there whole, once, and no conflict was made of an answer that was lost.
    assert two.files() == texts | {"z.txt": "seen"}
    assert one.files() == two.files()
    assert list((one.root / WORKING / "trash").iterdir()) == []
    assert one.sync().done == 0
