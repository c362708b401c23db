"""Small pictures, made by real processes. See decisions/0098."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from keycell.files.errors import StoreAway, ThumbnailsBusy
from keycell.outside.thumbnails import Seconds, Thumbnails

from ..photographs import PLACE, bomb, gradient, opened, photograph, with_alpha, written
from ..waiting import eventually

ROOM = 2**20


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Thumbnails]:
    found = Thumbnails(tmp_path / "thumbnails", ROOM, 3)
    yield found
    await found.close()
    assert children() == []


def children() -> list[int]:
    """The processes that this one began to draw."""
    tasks = Path("/proc/self/task").glob("*/children")
    pids = [int(pid) for path in tasks for pid in path.read_text().split()]
    return [pid for pid in pids if b"shrinking" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def standing(pid: int) -> tuple[str, dict[str, list[str]], int]:
    """Give a process's environment, its limits, and how many files it has open."""
    place = Path(f"/proc/{pid}")
    limits = {
        line[:25].strip(): line[25:].split()[:2]
        for line in (place / "limits").read_text().splitlines()
    }
    return (place / "environ").read_text(), limits, len(list((place / "fd").iterdir()))


def first_to_go(pid: int) -> int:
    """Tell how soon it is ended where memory runs out; at most 1000."""
    return int(Path(f"/proc/{pid}/oom_score_adj").read_text())


@dataclass
class Original:
    """Bytes, and how often they were read; something may befall the process half-way."""

    content: bytes
    befalls: signal.Signals | None = None
    reads: int = field(default=0, init=False)

    async def read(self) -> AsyncIterator[bytes]:
        self.reads += 1
        half = len(self.content) // 2
        yield self.content[:half]
        if self.befalls is not None:
            [pid] = await eventually(lambda: asyncio.sleep(0, children()), bool)
            os.kill(pid, self.befalls)
        yield self.content[half:]

    async def small(self, made: Thumbnails, name: str = "ab-name") -> bytes | None:
        return await made.small(name, len(self.content), self.read)


async def test_f01_a_photograph_is_small_upright_and_says_nothing(made: Thumbnails) -> None:
    """UX-F01: no note of where it was taken or with what is in what others may be shown."""
    small = await Original(photograph()).small(made)
    assert small is not None
    assert len(small) < 30 * 2**10
    image = opened(small)
    assert (image.format, image.mode, image.size) == ("WEBP", "RGB", (240, 320))
    assert image.getexif() == {}
    assert "icc_profile" not in image.info
    assert PLACE.encode() not in small
    # What was at the left is at the top.
    assert image.getpixel((120, 2)) != image.getpixel((120, 317))
    flat = opened(photograph())
    left = flat.getpixel((5, 450))
    top = image.getpixel((120, 1))
    assert isinstance(left, tuple)
    assert isinstance(top, tuple)
    assert all(abs(one - other) < 24 for one, other in zip(left, top, strict=True))


@pytest.mark.parametrize(
    ("form", "mode"),
    [("PNG", "P"), ("PNG", "1"), ("PNG", "L"), ("PNG", "I;16"), ("GIF", "P"), ("WEBP", "RGB"),
     ("JPEG", "CMYK"), ("JPEG", "L")],
)  # fmt: skip
async def test_f01_every_kind_of_picture(made: Thumbnails, form: str, mode: str) -> None:
    """UX-F01: of the kinds that there are, and of something that moves the first picture."""
    image = gradient(900, 700)
    image = image.convert("L").convert(mode) if mode == "I;16" else image.convert(mode)
    more = {"save_all": True, "append_images": [image.rotate(90)]} if form == "GIF" else {}
    small = await Original(written(image, form, **more)).small(made)
    assert small is not None
    assert opened(small).size == (320, 249)


async def test_f01_a_profile_that_is_none_is_left_out(made: Thumbnails) -> None:
    """UX-F01: whatever else somebody put in its place."""
    content = written(gradient(90, 70), "PNG", icc_profile=PLACE.encode() * 20)
    small = await Original(content).small(made)
    assert small is not None
    assert PLACE.encode() not in small
    assert b"ICCP" not in small


async def test_f01_what_cannot_be_seen_through_stays_so(made: Thumbnails) -> None:
    """UX-F01."""
    small = await Original(with_alpha()).small(made)
    assert small is not None
    image = opened(small)
    assert image.mode == "RGBA"
    left, right = image.getpixel((40, 100)), image.getpixel((280, 100))
    assert isinstance(left, tuple)
    assert isinstance(right, tuple)
    assert (left[3], right[3]) == (0, 255)


@pytest.mark.parametrize(
    "content",
    [bomb(), photograph()[:9000], b"<html><script>alert(1)</script></html>", b"",
     b'<svg xmlns="http://www.w3.org/2000/svg"/>', written(gradient(9, 9), "BMP")],
    ids=["bomb", "cut", "html", "empty", "svg", "bmp"],
)  # fmt: skip
async def test_what_is_no_picture_is_looked_at_once(made: Thumbnails, content: bytes) -> None:
    """ATTACKS 13: what strangers send is remembered as what it is, and harms nobody."""
    original = Original(content)
    assert await original.small(made) is None
    assert await original.small(made) is None
    assert original.reads == 1
    assert await Original(photograph()).small(made, "ab-next") is not None


async def test_of_twenty_at_once_one_has_it_made(made: Thumbnails) -> None:
    original = Original(photograph())
    found = await asyncio.gather(*(original.small(made) for _ in range(20)))
    assert None not in found
    assert len(set(found)) == original.reads == 1


async def test_who_goes_away_leaves_it_to_the_others(made: Thumbnails) -> None:
    original = Original(photograph())
    first = asyncio.ensure_future(original.small(made))
    second = asyncio.ensure_future(original.small(made))
    await eventually(lambda: asyncio.sleep(0, original.reads), bool)
    first.cancel()
    assert await second is not None
    assert original.reads == 1


async def test_there_are_as_many_processes_as_cores_less_one(made: Thumbnails) -> None:
    originals = [Original(photograph()) for _ in range(8)]
    most = 0
    asked = asyncio.gather(*(one.small(made, f"ab-{n}") for n, one in enumerate(originals)))
    while not asked.done():
        most = max(most, len(children()))
        await asyncio.sleep(0)
    assert None not in await asked
    assert most == 2


@pytest.mark.parametrize("befalls", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_process_that_dies_or_hangs_takes_nothing_with_it(
    tmp_path: Path, befalls: signal.Signals
) -> None:
    """What did it twice is tried no more, until the server starts again."""
    made = Thumbnails(tmp_path / "thumbnails", ROOM, 1, Seconds(drawing=1))
    for _ in range(2):
        with pytest.raises(ThumbnailsBusy):
            await Original(photograph(), befalls).small(made)
        assert children() == []
    again = Original(photograph())
    assert await again.small(made) is None
    assert again.reads == 0
    with pytest.raises(ThumbnailsBusy):
        await Original(photograph(), befalls).small(made, "ab-other")
    assert await Original(photograph()).small(made, "ab-other") is not None
    await made.close()
    assert await Original(photograph()).small(Thumbnails(tmp_path / "thumbnails", 0, 1)) is None


async def test_a_store_that_is_away_is_nobodys_fault(made: Thumbnails) -> None:
    async def away() -> AsyncIterator[bytes]:
        yield b"half"
        raise StoreAway

    for _ in range(3):
        with pytest.raises(StoreAway):
            await made.small("ab-name", 100, away)
    assert await Original(photograph()).small(made) is not None


async def test_a_process_has_nothing_that_it_does_not_need(
    made: Thumbnails, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No key of ours, little memory, a minute, and nothing else can be opened: no file, no net."""
    monkeypatch.setenv("KEYCELL_SEALING_KEY", "secret")
    assert await Original(photograph()).small(made) is not None
    [pid] = await eventually(lambda: asyncio.sleep(0, children()), bool)
    environment, limits, files = standing(pid)
    assert environment.startswith("PYTHONPATH=")
    assert "secret" not in environment
    assert limits["Max open files"] == ["3", "3"]
    assert limits["Max address space"] == [str(768 * 2**20)] * 2
    assert limits["Max cpu time"] == ["60", "60"]
    assert limits["Max file size"] == ["0", "0"]
    assert files == 3
    assert first_to_go(pid) == 1000


async def test_an_idle_process_is_ended(tmp_path: Path) -> None:
    made = Thumbnails(tmp_path / "thumbnails", ROOM, 1, Seconds(idle=0.2))
    assert await Original(photograph()).small(made) is not None
    assert await eventually(lambda: asyncio.sleep(0, children()), lambda found: not found) == []
    assert await Original(photograph()).small(made, "ab-next") is not None
    await made.close()


async def test_what_is_kept_is_kept_for_every_process_and_bounded(tmp_path: Path) -> None:
    """The oldest go first; what one process made another finds."""
    folder = tmp_path / "thumbnails"
    room = 64 * 2**10
    one, other = Thumbnails(folder, room, 1), Thumbnails(folder, room, 1)
    content = written(gradient(30, 20), "PNG")
    for number in range(40):
        assert await Original(content).small(one, f"{number:02d}-name") is not None
        kept = [path.name for path in folder.glob("*/*")]
        assert len(kept) * 4096 <= room
        assert f"{number:02d}-name" in kept
    again = Original(content)
    assert await again.small(other, "39-name") is not None
    assert again.reads == 0
    assert folder.stat().st_mode & 0o077 == 0
    for made in (one, other):
        await made.close()


@pytest.mark.parametrize("off", [-1, 1], ids=["fewer", "more"])
async def test_another_number_of_bytes_than_was_said_spoils_no_other_picture(
    made: Thumbnails, off: int
) -> None:
    odd = Original(photograph(64, 64))
    with pytest.raises(ThumbnailsBusy):
        await made.small("ab-odd", len(odd.content) - off, odd.read)
    assert await Original(photograph(64, 64)).small(made, "ab-good")
