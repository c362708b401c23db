"""A run, round by round: what keeps it from doing harm, and from going on for ever."""

import hashlib
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import NoReturn

import pytest

from keycell.accounts.audit import AuditEvent
from keycell.files.finding import stat
from keycell.files.names import read_path
from keycell.files.nodes import Sought
from keycell.sync.disk import Disk
from keycell.sync.errors import Dropped, NeedsDecision, RootGone
from keycell.sync.names import WORKING, NameRules
from keycell.sync.operations import Upload
from keycell.sync.run import Outcome
from keycell.sync.scan import Seen, scan
from keycell.sync.state import Intent
from keycell.sync.trees import Place, Remote

from .inside import Inside

MANY = [f"{number}.txt" for number in range(30)]


async def quota(inside: Inside, most: int) -> None:
    home = inside.home
    space = (await stat(home.files, home.actor, read_path("personal-files"))).space
    event = AuditEvent(at=home.files.clock(), actor="test", action="quota.set")
    await home.files.spaces.set_quota(space.volume_id, most, event)


async def test_only_the_folder_that_was_marked_is_synced(inside: Inside) -> None:
    inside.write("a")
    await inside.sync()
    inside.root.rename(inside.root.with_name("away"))
    inside.root.mkdir()
    for mark in (None, "another"):
        if mark:
            Disk(inside.root).mark(mark)
        with pytest.raises(RootGone):
            await inside.sync()
    assert await inside.has("a", "x")


async def test_what_was_on_its_way_when_we_were_stopped_is_removed(inside: Inside) -> None:
    left = inside.root / WORKING / "tmp" / "left"
    left.write_text("half")
    await inside.sync()
    assert not left.exists()


async def test_a_dry_run_says_what_would_be_done_and_does_nothing(inside: Inside) -> None:
    inside.write("a")
    await inside.home.put("personal-files/b", b"x")
    told = await inside.sync(dry=True)
    assert (told.done, len(told.planned)) == (0, 2)
    assert inside.files() == {"a": "x"}
    assert (await inside.sync()).done == 2


@pytest.mark.parametrize("side", ["here", "on the server"])
async def test_many_deletions_want_a_yes(inside: Inside, side: str) -> None:
    for name in MANY:
        inside.write(name, name)
    await inside.sync()
    for name in MANY[:21]:
        await _delete(inside, name, side)
    with pytest.raises(NeedsDecision, match=f"21 of 30 files would be deleted {side}"):
        await inside.sync()
    with pytest.raises(NeedsDecision):
        await inside.sync()
    assert (await inside.sync(replace(inside.job, may_delete_many=True))).done == 21
    assert len(inside.files()) == 9


@pytest.mark.parametrize("side", ["here", "on the server"])
async def test_a_few_deletions_do_not(inside: Inside, side: str) -> None:
    for name in MANY:
        inside.write(name, name)
    await inside.sync()
    for name in MANY[:20]:
        await _delete(inside, name, side)
    assert (await inside.sync()).done == 20
    assert len(inside.files()) == 10


async def _delete(inside: Inside, name: str, side: str) -> None:
    if side == "on the server":
        (inside.root / name).unlink()
        return
    home = inside.home
    located = await stat(home.files, home.actor, read_path(f"personal-files/{name}"))
    await home.files.nodes.trash(located.node.node_id, name, "ann", home.files.clock())


async def test_of_many_files_a_quarter_may_go(inside: Inside) -> None:
    names = [f"{number:03}" for number in range(100)]
    for name in names:
        inside.write(name)
    await inside.sync()
    for name in names[:25]:
        (inside.root / name).unlink()
    assert (await inside.sync()).done == 25
    for name in names[25:46]:
        (inside.root / name).unlink()
    with pytest.raises(NeedsDecision, match="21 of 75"):
        await inside.sync()


async def test_a_folder_with_nothing_in_it_is_no_file_that_is_deleted(inside: Inside) -> None:
    for name in MANY:
        (inside.root / name).mkdir()
    inside.write("a")
    await inside.sync()
    for name in MANY:
        (inside.root / name).rmdir()
    assert (await inside.sync()).done == 30


async def test_a_change_of_either_side_ends_the_rest(inside: Inside) -> None:
    inside.write("a", "first")
    await inside.sync()
    assert (await inside.sync()).done == 0
    inside.write("a", "second")
    assert (await inside.sync()).done == 1
    await inside.home.put("personal-files/b", b"x")
    assert (await inside.sync()).done == 1
    assert inside.files() == {"a": "second", "b": "x"}
    with inside.state() as state:
        assert state.said("settled") == "yes"
        assert state.said("ran")


async def test_a_folder_at_rest_is_not_planned_for(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside.write("a")
    # What was written a moment ago is hashed once more.
    os.utime(inside.root / "a", (1, 1))
    for _ in range(2):
        await inside.sync()

    def planned(*_: object) -> NoReturn:
        raise AssertionError

    monkeypatch.setattr("keycell.sync.run.plan", planned)
    assert (await inside.sync()).done == 0


async def test_what_is_ignored_is_neither_brought_nor_deleted(inside: Inside) -> None:
    for name in ("a.log", "build/x/y", "b"):
        inside.write(name, "before")
    await inside.sync()
    ignoring = replace(inside.job, ignored=("*.log", "build/"))
    assert await inside.sync(ignoring) == Outcome(0)
    inside.write("a.log", "edited, while it is ignored")
    (inside.root / "build/x/y").unlink()
    await inside.home.put("personal-files/build/new/z", b"z")
    assert await inside.sync(ignoring) == Outcome(0)
    assert "build/new/z" not in inside.files()
    assert await inside.has("a.log", "before")
    # It is as if it had never been synced: what is missing here comes back, and is not deleted.
    await inside.sync()
    assert inside.files()["build/x/y"] == "before"
    assert await inside.has("build/x/y", "before")
    assert {"before", "edited, while it is ignored"} <= set(inside.files().values())


async def test_what_is_ignored_no_more_is_brought_though_nothing_changed(inside: Inside) -> None:
    await inside.home.put("personal-files/a.log", b"x")
    ignoring = replace(inside.job, ignored=("*.log",))
    for _ in range(2):
        assert await inside.sync(ignoring) == Outcome(0)
    assert (await inside.sync()).done == 1
    assert inside.files() == {"a.log": "x"}


async def test_our_own_list_and_the_folders_are_left_out(inside: Inside) -> None:
    (inside.root / ".keycellignore").write_bytes(b"*.tmp\n\xff\xff\n")
    for name in (".DS_Store", "a~", "a.swp", "a.tmp", "kept"):
        inside.write(name)
    await inside.sync()
    on_server = await inside.home.files.nodes.search(
        [(await stat(inside.home.files, inside.home.actor, read_path("personal-files"))).node
         .node_id],
        Sought(is_folder=False), 100,
    )  # fmt: skip
    assert {one.name for one in on_server} >= {"kept", ".keycellignore"}
    assert not {one.name for one in on_server} & {".DS_Store", "a~", "a.swp", "a.tmp"}


async def test_a_folder_of_the_ignore_files_name_is_no_list(inside: Inside) -> None:
    inside.write(".keycellignore/a")
    assert (await inside.sync()).done == 2


async def test_chosen_folders_alone_are_synced(inside: Inside) -> None:
    for name in ("photos/2026/a", "photos2/b", "c"):
        await inside.home.put(f"personal-files/{name}", b"x")
    await inside.sync(replace(inside.job, only=("/photos/2026/",)))
    assert inside.files() == {"photos/2026/a": "x"}
    inside.write("photos/b")
    await inside.sync(replace(inside.job, only=("photos/2026",)))
    with pytest.raises(Exception, match="nothing at"):
        await inside.has("photos/b", "x")


async def test_what_hangs_from_elsewhere_is_left_alone(inside: Inside) -> None:
    await inside.sync()
    with inside.state() as state:
        state.put_remotes((), [Remote(id="x", place=Place("elsewhere", "x"), is_folder=True)])
        state.say("settled", "")
    assert (await inside.sync()).done == 0
    assert inside.files() == {}


async def test_what_cannot_be_synced_is_told_while_the_rest_goes_on(inside: Inside) -> None:
    await inside.home.put("personal-files/a:b", b"x")
    await inside.home.put("personal-files/c", b"x")
    job = replace(inside.job, policy=replace(inside.job.policy, names=NameRules(is_windows=True)))
    told = await inside.sync(job)
    assert [path for path, _ in told.problems] == ["a:b"]
    assert inside.files() == {"c": "x"}
    with inside.state() as state:
        assert [path for path, _ in state.problems()] == ["a:b"]


async def test_one_file_that_is_refused_keeps_nothing_else_back(inside: Inside) -> None:
    await quota(inside, 1000)
    inside.write("large", "x" * 2000)
    inside.write("d/e/deep", "deep")
    told = await inside.sync()
    assert [path for path, _ in told.problems] == ["large"]
    assert [type(one) for one in told.planned] == [Upload]
    assert await inside.has("d/e/deep", "deep")
    with inside.state() as state:
        assert [path for path, _ in state.problems()] == ["large"]
    await quota(inside, 10_000)
    assert (await inside.sync()).problems == ()
    with inside.state() as state:
        assert state.problems() == []


def rounds(monkeypatch: pytest.MonkeyPatch) -> list[Seen]:
    """Count how often the disk is looked at."""
    found = list[Seen]()

    def counted(*told: object, **more: object) -> Seen:
        found.append(scan(*told, **more))  # type: ignore[arg-type]
        return found[-1]

    monkeypatch.setattr("keycell.sync.run.scan", counted)
    return found


async def test_what_is_refused_is_not_sent_twice(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    await quota(inside, 1000)
    inside.write("large", "x" * 2000)
    looked = rounds(monkeypatch)
    assert len((await inside.sync()).problems) == 1
    assert len(looked) == 1


async def test_what_is_always_found_changed_is_given_up_soon(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    def changed(*_: object) -> NoReturn:
        raise Dropped("it was changed meanwhile")

    inside.write("a")
    looked = rounds(monkeypatch)
    monkeypatch.setattr(Disk, "check_unchanged", changed)
    told = await inside.sync()
    assert told.problems == (("a", "it was changed meanwhile"),)
    assert len(looked) == 3
    with inside.state() as state:
        assert state.problems() == [("a", "it was changed meanwhile")]


async def test_what_was_found_changed_once_is_tried_again(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside.write("a")

    def changed(*_: object) -> NoReturn:
        monkeypatch.undo()
        raise Dropped("it was changed meanwhile")

    monkeypatch.setattr(Disk, "check_unchanged", changed)
    assert (await inside.sync()).done == 1
    assert await inside.has("a", "x")


async def test_sides_that_are_never_at_rest_end_a_run(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keycell.sync.run._MOST_ROUNDS", 2)
    inside.write("a/b/c/d")
    told = await inside.sync()
    assert told.problems == (("", "the sides keep changing: it is not at rest yet"),)
    assert (await inside.sync()).done == 2


@pytest.fixture
async def stopped(inside: Inside) -> AsyncIterator[Inside]:
    """An upload of 'second' that was begun when we were stopped; then 'third' was written."""
    inside.write("a", "first")
    await inside.sync()
    inside.write("a", "second")
    with inside.state() as state:
        (pair,) = state.pairs()
        state.intend([Intent(pair.local, pair.remote, pair.remote_place, _digest("second"))])
        state.intend([Intent("999", "", Place("top", "new"), _digest("new"))])
    inside.write("a", "third")
    yield inside
    with inside.state() as state:
        assert state.intents() == []


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


async def test_what_an_upload_had_brought_when_we_were_stopped_is_no_conflict(
    stopped: Inside,
) -> None:
    await stopped.home.put("personal-files/a", b"second")
    await stopped.sync()
    assert stopped.files() == {"a": "third"}
    assert await stopped.has("a", "third")


async def test_what_somebody_else_wrote_meanwhile_is_one(stopped: Inside) -> None:
    await stopped.home.put("personal-files/a", b"by somebody else")
    await stopped.sync()
    assert stopped.files() == {"a": "by somebody else", "a (conflict, it, 2026-05-01)": "third"}


async def test_an_upload_that_had_not_arrived_is_made_again(stopped: Inside) -> None:
    await stopped.sync()
    assert await stopped.has("a", "third")


async def test_an_upload_whose_file_is_gone_since_is_made_again(stopped: Inside) -> None:
    await _delete(stopped, "a", "here")
    await stopped.sync()
    assert await stopped.has("a", "third")


async def test_what_was_begun_is_forgotten_though_nothing_is_left_to_do(inside: Inside) -> None:
    inside.write("a")
    await inside.sync()
    with inside.state() as state:
        (pair,) = state.pairs()
        state.intend([Intent("999", pair.remote, pair.remote_place, _digest("x"))])
    assert (await inside.sync()).done == 0
    with inside.state() as state:
        assert state.intents() == []


async def test_a_state_that_is_lost_loses_nothing(inside: Inside) -> None:
    for name in MANY:
        inside.write(name, name)
    await inside.sync()
    for path in inside.root.parent.glob("state.db*"):
        path.unlink()
    inside.write("new")
    await inside.sync()
    assert set(inside.files()) == {*MANY, "new"}
    assert list((inside.root / WORKING / "trash").iterdir()) == []
