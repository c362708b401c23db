"""Files on their way to the disk: what has begun to be put in its place is not cut off halfway."""

import asyncio
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from keycell.sync.disk import Disk
from keycell.sync.names import WORKING
from keycell.sync.state import Row

from .inside import Inside
from .test_apply import Answering, Applying, applying, down

__all__ = ["applying"]


async def test_what_is_being_put_in_its_place_is_waited_for(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    await inside.home.put("personal-files/a", b"x")
    begun, goes_on = threading.Event(), threading.Event()
    put = Disk.put

    def slow(self: Disk, temporary: Path, path: Path, over: Row | None) -> os.stat_result:
        begun.set()
        assert goes_on.wait(60)
        return put(self, temporary, path, over)

    monkeypatch.setattr(Disk, "put", slow)
    run = asyncio.create_task(inside.sync())
    assert await asyncio.to_thread(begun.wait, 60)
    run.cancel()
    for _ in range(100):
        await asyncio.sleep(0)
    assert not run.done()
    goes_on.set()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert inside.files() == {"a": "x"}
    assert list((inside.root / WORKING / "tmp").iterdir()) == []


def test_no_file_is_made_while_connections_wait(
    applying: Applying, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not by the event loop: it may wait for the disk as long as others are being synced."""
    makers = set[threading.Thread]()
    temporary = Disk.temporary

    def made(self: Disk) -> Path:
        makers.add(threading.current_thread())
        return temporary(self)

    monkeypatch.setattr(Disk, "temporary", made)
    applying.server.files = {f"{number}": b"%d" % number for number in range(100)}
    applying.carry_out(*(down(*one) for one in applying.server.files.items()))
    assert applying.files() == applying.server.files
    assert threading.main_thread() not in makers


def test_a_disk_that_is_full_keeps_back_what_does_not_fit_alone(
    applying: Applying, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_file = Disk.keep_file

    def full(self: Disk, file: object, mtime_ns: int) -> None:
        if mtime_ns:
            raise OSError(28, "No space left on device")
        keep_file(self, file, mtime_ns)  # type: ignore[arg-type]

    monkeypatch.setattr(Disk, "keep_file", full)
    applying.server = Answering(files={"a": b"a", "b": b"b", "c": b"c"})
    files = [down(*one) for one in applying.server.files.items()]
    files[1] = replace(files[1], remote=replace(files[1].remote, mtime_ms=1))
    applier = applying.carry_out(*files)
    assert applier.problems == [("b", "No space left on device")]
    assert applying.agreed() == ["a", "c"]
    assert list((applying.root / WORKING / "tmp").iterdir()) == []


def test_no_file_goes_to_its_place_before_all_are_kept(
    applying: Applying, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor before its folder was looked at: what stands there by then is no link."""
    happened: list[str] = []
    for name in ("keep_file", "check_folder", "put"):
        monkeypatch.setattr(Disk, name, _telling(getattr(Disk, name), name, happened))
    applying.server.files = {name: name.encode() for name in "abc"}
    applying.carry_out(*(down(*one) for one in applying.server.files.items()))
    assert happened == [*["keep_file"] * 3, "check_folder", *["put"] * 3]
    assert applying.files() == applying.server.files


def test_nothing_goes_through_a_link(applying: Applying) -> None:
    applying.server.files = {"a": b"a", "b": b"b" * 20_000}
    elsewhere = applying.root.with_name("elsewhere")
    applying.root.rename(elsewhere)
    applying.root.symlink_to(elsewhere)
    applier = applying.carry_out(*(down(*one) for one in applying.server.files.items()))
    assert sorted(applier.dropped) == [(name, "a link stands where a folder was") for name in "ab"]
    assert applying.agreed() == []
    assert applying.files() == {}


def _telling(
    really: Callable[..., object], name: str, happened: list[str]
) -> Callable[..., object]:
    def told(*about: object) -> object:
        happened.append(name)
        return really(*about)

    return told
