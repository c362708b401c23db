"""Files on their way up and down: whole, verified, and on from where they were cut."""

import asyncio
import hashlib
import os
from pathlib import Path

import pytest

from keycell.client import files, objects, uploads
from keycell.client.downloads import download
from keycell.client.errors import Conflict, Integrity, NotFound, Unavailable
from keycell.client.objects import Body, Condition
from keycell.client.session import Session
from keycell.client.uploads import ChangedMeanwhile, upload

from .line import Line

MIB = 2**20


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> int:
    """Parts as small as the server takes, so that several are soon made."""
    monkeypatch.setattr(uploads, "LEAST_PART", 5 * MIB)
    monkeypatch.setattr(uploads, "SMALL", 5 * MIB)
    return 5 * MIB


def make(path: Path, size: int) -> bytes:
    content = os.urandom(size)
    path.write_bytes(content)
    return content


def leftovers(home: Path) -> list[str]:
    return [path.name for path in home.glob("state/*loads/*.json")]


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("size", [0, 1, 5 * MIB, 11 * MIB + 3])
async def test_a_file_comes_back_as_it_went(
    session: Session, tmp_path: Path, home: Path, small_parts: int, size: int
) -> None:
    content = make(tmp_path / "a", size)
    os.utime(tmp_path / "a", (1_700_000_000.25, 1_700_000_000.25))
    told: list[int] = []
    sent = await upload(session, tmp_path / "a", f"personal-files/{size}", progress=told.append)
    fetched = await download(session, f"personal-files/{size}", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == content
    assert sum(told) == sent.size == fetched.size == size
    assert fetched.is_verified
    assert (tmp_path / "b").stat().st_mtime == 1_700_000_000.25
    assert leftovers(home) == []
    assert names_in(tmp_path) == ["a", "b", "home"]


async def test_a_condition_guards_what_is_there(session: Session, tmp_path: Path) -> None:
    path = "personal-files/guarded.txt"
    make(tmp_path / "a", 10)
    first = await upload(session, tmp_path / "a", path, Condition(if_none=True))
    make(tmp_path / "a", 11)
    with pytest.raises(Conflict):
        await upload(session, tmp_path / "a", path, Condition(if_none=True))
    second = await upload(session, tmp_path / "a", path, Condition(if_match=first.etag))
    make(tmp_path / "a", 12)
    with pytest.raises(Conflict):
        await upload(session, tmp_path / "a", path, Condition(if_match=first.etag))
    assert await objects.etag_of(session, path) == second.etag


async def test_what_is_there_already_is_no_conflict_with_itself(
    session: Session, tmp_path: Path
) -> None:
    make(tmp_path / "a", 10)
    first = await upload(session, tmp_path / "a", "personal-files/same", Condition(if_none=True))
    again = await upload(session, tmp_path / "a", "personal-files/same", Condition(if_none=True))
    assert again.etag == first.etag


async def test_of_twenty_that_make_a_file_at_once_one_does(
    session: Session, tmp_path: Path
) -> None:
    for n in range(20):
        make(tmp_path / str(n), 100 + n)
    tries = (
        upload(session, tmp_path / str(n), "personal-files/race", Condition(if_none=True))
        for n in range(20)
    )
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(one, Conflict) for one in outcomes) == 19


async def test_after_a_cut_only_the_missing_parts_are_sent(
    cut_session: Session, line: Line, tmp_path: Path, home: Path, small_parts: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    content = make(tmp_path / "a", 40 * MIB)
    monkeypatch.setattr("keycell.client.uploads.PARTS_AT_ONCE", 1)
    line.cut("up", after=22 * MIB, times=99)
    with pytest.raises(Unavailable):
        await upload(cut_session, tmp_path / "a", "personal-files/cut-up")
    assert line.cuts
    assert leftovers(home)
    line.mend()
    sent = await upload(cut_session, tmp_path / "a", "personal-files/cut-up")
    assert sent.resumed == 20 * MIB
    assert line.carried["up"] < 21 * MIB
    assert leftovers(home) == []
    await download(cut_session, "personal-files/cut-up", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == content


async def test_a_file_that_changed_after_a_cut_is_sent_anew(
    cut_session: Session, line: Line, tmp_path: Path, small_parts: int
) -> None:
    make(tmp_path / "a", 20 * MIB)
    line.cut("up", after=11 * MIB, times=99)
    with pytest.raises(Unavailable):
        await upload(cut_session, tmp_path / "a", "personal-files/changed")
    line.mend()
    content = make(tmp_path / "a", 20 * MIB)
    sent = await upload(cut_session, tmp_path / "a", "personal-files/changed")
    assert sent.resumed == 0
    await download(cut_session, "personal-files/changed", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == content


async def test_a_short_cut_is_not_noticed(
    cut_session: Session, line: Line, tmp_path: Path, small_parts: int
) -> None:
    content = make(tmp_path / "a", 22 * MIB)
    line.cut("up", after=12 * MIB)
    await upload(cut_session, tmp_path / "a", "personal-files/short")
    line.cut("down", after=9 * MIB, times=2)
    fetched = await download(cut_session, "personal-files/short", tmp_path / "b")
    assert line.cuts == 3
    assert fetched.resumed > 8 * MIB
    assert (tmp_path / "b").read_bytes() == content


async def test_a_download_goes_on_in_a_later_run_unless_the_file_is_another(
    cut_session: Session, session: Session, line: Line, tmp_path: Path
) -> None:
    make(tmp_path / "a", 12 * MIB)
    await upload(session, tmp_path / "a", "personal-files/later")
    line.cut("down", after=5 * MIB, times=99)
    (tmp_path / "b").write_text("what was there")
    with pytest.raises(Unavailable):
        await download(cut_session, "personal-files/later", tmp_path / "b")
    assert (tmp_path / "b").read_text() == "what was there"
    content = make(tmp_path / "a", 12 * MIB)
    await upload(session, tmp_path / "a", "personal-files/later")
    line.mend()
    fetched = await download(cut_session, "personal-files/later", tmp_path / "b")
    assert fetched.resumed == 0
    assert (tmp_path / "b").read_bytes() == content


async def test_spoilt_bytes_never_take_a_files_place(
    cut_session: Session, line: Line, tmp_path: Path, home: Path
) -> None:
    make(tmp_path / "a", 12 * MIB)
    await upload(cut_session, tmp_path / "a", "personal-files/spoilt")
    line.cut("down", after=5 * MIB, times=99)
    with pytest.raises(Unavailable):
        await download(cut_session, "personal-files/spoilt", tmp_path / "b")
    partial = tmp_path / ".b.keycell-part"
    partial.write_bytes(b"X" + partial.read_bytes()[1:])
    line.mend()
    with pytest.raises(Integrity):
        await download(cut_session, "personal-files/spoilt", tmp_path / "b")
    assert not partial.exists()
    assert leftovers(home) == []
    await download(cut_session, "personal-files/spoilt", tmp_path / "b")


async def test_bytes_that_arrive_as_others_are_refused(session: Session) -> None:
    spoilt = Body(b"as it came", hashlib.sha256(b"as it went").hexdigest())
    with pytest.raises(Integrity):
        await objects.put(session, "personal-files/other", spoilt, objects.ALWAYS, {})
    upload_id = await objects.begin(session, "personal-files/other", {})
    with pytest.raises(Integrity):
        await objects.put_part(session, "personal-files/other", upload_id, 1, spoilt)
    assert await objects.arrived(session, "personal-files/other", upload_id) == {}
    assert await files.stat_or_none(session, "personal-files/other") is None


async def test_a_file_that_changes_while_it_is_read_is_not_put_in_its_place(
    session: Session, tmp_path: Path, small_parts: int
) -> None:
    make(tmp_path / "a", 12 * MIB)

    def grow(_count: int) -> None:
        os.truncate(tmp_path / "a", 13 * MIB)

    with pytest.raises(ChangedMeanwhile):
        await upload(session, tmp_path / "a", "personal-files/growing", progress=grow)
    assert await files.stat_or_none(session, "personal-files/growing") is None


async def test_what_is_not_there_and_what_is_no_file(session: Session, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        await download(session, "personal-files/nothing", tmp_path / "b")
    with pytest.raises(NotFound):
        await upload(session, tmp_path / "nothing", "personal-files/x")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Exception, match="no regular file"):
        await upload(session, tmp_path / "pipe", "personal-files/x")
    assert not [name for name in names_in(tmp_path) if name.endswith("part")]
