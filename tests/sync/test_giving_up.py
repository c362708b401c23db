"""When a run ends with something left to do, and what it tells then."""

from pathlib import Path

import pytest

from keycell.sync.disk import Disk
from keycell.sync.errors import Dropped, NeedsDecision
from keycell.sync.state import Row
from keycell.sync.trees import Place, Remote
from keycell.sync.wire import Wire

from .inside import Inside
from .test_rounds import MANY, quota


async def test_folders_are_not_counted_where_files_are_deleted(inside: Inside) -> None:
    for name in MANY:
        inside.write(name)
        (inside.root / f"folder of {name}" / "a" / "b").mkdir(parents=True)
    await inside.sync()
    for name in MANY[:21]:
        (inside.root / name).unlink()
    with pytest.raises(NeedsDecision, match="21 of 30"):
        await inside.sync()


async def test_what_was_not_seen_is_told_beside_what_was_refused(inside: Inside) -> None:
    await quota(inside, 1000)
    inside.write("large", "x" * 2000)
    (inside.root / "link").symlink_to("large")
    told = await inside.sync()
    assert sorted(path for path, _ in told.problems) == ["large", "link"]
    with inside.state() as state:
        assert [path for path, _ in state.problems()] == ["large", "link"]


async def test_a_round_that_brings_something_is_a_new_beginning(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was found changed once, and one file that is refused later, keep nothing back."""
    make_folder, check_unchanged = Wire.make_folder, Disk.check_unchanged
    changed = ["a folder", "a file"]

    async def made(self: Wire, place: Place) -> Remote:
        if "a folder" in changed:
            changed.remove("a folder")
            raise Dropped("it was changed meanwhile")
        return await make_folder(self, place)

    def checked(self: Disk, path: Path, row: Row) -> None:
        if "a file" in changed:
            changed.remove("a file")
            raise Dropped("it was changed meanwhile")
        check_unchanged(self, path, row)

    monkeypatch.setattr(Wire, "make_folder", made)
    monkeypatch.setattr(Disk, "check_unchanged", checked)
    await quota(inside, 1000)
    inside.write("large", "x" * 2000)
    inside.write("d/e/deep", "deep")
    told = await inside.sync()
    assert [path for path, _ in told.problems] == ["large"]
    assert changed == []
    assert await inside.has("d/e/deep", "deep")


async def test_rounds_that_bring_nothing_are_counted_anew_after_one_that_does(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three in a row end a run; two and two do not."""
    make_folder = Wire.make_folder
    dropped = {"d": 2, "e": 2}

    async def made(self: Wire, place: Place) -> Remote:
        if dropped.get(place.name):
            dropped[place.name] -= 1
            raise Dropped("it was changed meanwhile")
        return await make_folder(self, place)

    monkeypatch.setattr(Wire, "make_folder", made)
    inside.write("d/e/deep", "deep")
    assert (await inside.sync()).problems == ()
    assert dropped == {"d": 0, "e": 0}
    assert await inside.has("d/e/deep", "deep")
