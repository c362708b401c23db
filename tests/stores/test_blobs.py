"""The contract of a byte store, on a folder and on a real object store."""

import asyncio
import contextlib
import hashlib
import itertools
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from keycell.files.errors import (
    BlobMissing,
    DigestMismatch,
    FilesError,
    LengthMismatch,
    TooLarge,
)
from keycell.files.hashes import Blocks, Digests
from keycell.files.ports_blobs import INLINE_MOST, BlobStore, WriteLimits
from keycell.files.uploads import BLOCK
from keycell.stores.blobs import open_blobs

from ..seaweed import ACCESS_KEY, SECRET_KEY, Seaweed

BUCKET = "keycell"
PREFIXES = itertools.count(1)
SOON = timedelta(minutes=5)
PLENTY = 25 * 2**20 + 12_345


class Place:
    """Where a store under test keeps its bytes, looked at from outside."""

    def __init__(self, folder: Path, seaweed: Seaweed | None) -> None:
        self._seaweed = seaweed
        self._prefix = f"some/where-{next(PREFIXES)}"
        self._folder = folder
        url = seaweed.url(BUCKET, self._prefix) if seaweed else ""
        self.store = open_blobs(url, folder)

    def names(self) -> list[str]:
        """List whatever there is, half-written things too."""
        if self._seaweed is not None:
            return [
                *self._seaweed.names(BUCKET, f"{self._prefix}/"),
                *self._seaweed.names(BUCKET, ".uploads/"),
            ]
        return files_in(self._folder / "blobs")


def files_in(folder: Path) -> list[str]:
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file())


@pytest.fixture(params=["folder", "objects"])
async def place(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Place]:
    """An empty store of either kind."""
    seaweed = request.getfixturevalue("seaweed") if request.param == "objects" else None
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    found = Place(tmp_path, seaweed)
    yield found
    await found.store.close()


@pytest.fixture
def blobs(place: Place) -> BlobStore:
    return place.store


def content(size: int) -> bytes:
    """Give bytes of which no two blocks are alike."""
    seed = b"".join(n.to_bytes(4, "big") for n in range(4096))
    return (seed * (size // len(seed) + 1))[:size]


def md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


async def chunks(data: bytes, size: int = 2**16) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def read(store: BlobStore, key: str, start: int, end: int) -> bytes:
    return b"".join([chunk async for chunk in store.read(key, start, end)])


async def all_keys(store: BlobStore, before: datetime) -> set[str]:
    return {key async for batch in store.orphans(before) for key in batch}


@pytest.mark.parametrize("size", [INLINE_MOST + 1, 2**20, 2**20 + 1, PLENTY])
async def test_what_is_written_is_read_whole_and_in_part(blobs: BlobStore, size: int) -> None:
    data = content(size)
    written = await blobs.write(chunks(data), WriteLimits(declared_length=size))
    assert (written.size, written.content) == (size, None)
    assert written.sha256 == hashlib.sha256(data).hexdigest()
    assert written.md5 == md5(data).hex()
    blocks = [data[n : n + BLOCK] for n in range(0, size, BLOCK)]
    assert written.block_md5s == tuple(md5(block) for block in blocks)
    assert written.key is not None
    assert await read(blobs, written.key, 0, size) == data
    ranges = [(0, 1), (size - 1, size), (7, 7), (size // 3, size // 2), (size // 2, size)]
    for start, end in ranges:
        assert await read(blobs, written.key, start, end) == data[start:end]


@pytest.mark.parametrize("size", [0, 1, INLINE_MOST])
async def test_little_is_carried_by_its_row(place: Place, size: int) -> None:
    data = content(size)
    written = await place.store.write(chunks(data, 5), WriteLimits(declared_length=size))
    assert (written.size, written.key, written.content) == (size, None, data)
    assert written.block_md5s == (md5(data),)
    assert place.names() == []


async def test_bytes_whose_number_is_not_announced_are_kept(blobs: BlobStore) -> None:
    data = content(9 * 2**20)
    written = await blobs.write(chunks(data, 300_000), WriteLimits())
    assert written.key is not None
    assert await read(blobs, written.key, 0, len(data)) == data


async def test_much_is_digested_beside_the_event_loop(
    blobs: BlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes longer than all else that is done with bytes; others are answered meanwhile."""
    threads = digesting_threads(monkeypatch)
    written = await blobs.write(chunks(content(PLENTY)), WriteLimits())
    assert threading.get_ident() not in threads
    assert threads
    await blobs.remove([str(written.key)])


def digesting_threads(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """Have it written down where digests are updated: as they always are, but watched."""
    threads: set[int] = set()

    def watch(kind: type, name: str) -> None:
        update = getattr(kind, name)

        def watched(self: object, data: bytes | memoryview) -> None:
            threads.add(threading.get_ident())
            update(self, data)

        monkeypatch.setattr(kind, name, watched)

    watch(Digests, "update_md5")
    watch(Digests, "update_others")
    watch(Blocks, "update")
    return threads


async def test_bytes_may_come_one_by_one(blobs: BlobStore) -> None:
    data = content(100_000)
    written = await blobs.write(chunks(data, 1), WriteLimits())
    assert written.sha256 == hashlib.sha256(data).hexdigest()
    assert written.key is not None
    assert await read(blobs, written.key, 0, len(data)) == data


async def test_equal_content_has_a_key_for_each_who_wrote_it(blobs: BlobStore) -> None:
    data = content(40_000)
    many = await asyncio.gather(*(blobs.write(chunks(data), WriteLimits()) for _ in range(20)))
    assert len({one.key for one in many}) == 20
    await blobs.remove([one.key for one in many[1:] if one.key])
    assert many[0].key is not None
    assert await read(blobs, many[0].key, 0, 40_000) == data


WRONG: list[tuple[WriteLimits, type[FilesError]]] = [
    (WriteLimits(declared_length=PLENTY - 1), LengthMismatch),
    (WriteLimits(declared_length=PLENTY + 1), LengthMismatch),
    (WriteLimits(most=PLENTY - 1), TooLarge),
    (WriteLimits(declared_length=PLENTY, most=PLENTY - 1), TooLarge),
    (WriteLimits(sha256="0" * 64), DigestMismatch),
    (WriteLimits(md5="0" * 32), DigestMismatch),
    (WriteLimits(checksums={"crc32c": "AAAAAA=="}), DigestMismatch),
    (WriteLimits(checksums={"crc-of-tomorrow": "AAAAAA=="}), DigestMismatch),
]


@pytest.mark.parametrize(("limits", "error"), WRONG)
async def test_what_is_not_as_announced_leaves_nothing(
    place: Place, limits: WriteLimits, error: type[FilesError]
) -> None:
    with pytest.raises(error):
        await place.store.write(chunks(content(PLENTY)), limits)
    assert place.names() == []


@pytest.mark.parametrize("size", [100, 40_000])
async def test_digests_are_verified_and_computed_as_asked(blobs: BlobStore, size: int) -> None:
    data = content(size)
    found = await blobs.write(
        chunks(data), WriteLimits(compute=frozenset({"crc32", "crc32c", "crc64nvme", "sha1"}))
    )
    assert len(found.checksums) == 4
    again = WriteLimits(
        declared_length=size, most=size, sha256=hashlib.sha256(data).hexdigest().upper(),
        md5=found.md5, checksums=found.checksums,
    )  # fmt: skip
    assert (await blobs.write(chunks(data), again)).checksums == found.checksums


class GaveUp(Exception):
    """Whoever sent the bytes."""


@pytest.mark.parametrize("size", [100, 40_000, PLENTY])
async def test_a_sender_who_gives_up_leaves_nothing(place: Place, size: int) -> None:
    async def broken() -> AsyncIterator[bytes]:
        async for chunk in chunks(content(size)):
            yield chunk
        raise GaveUp

    with pytest.raises(GaveUp):
        await place.store.write(broken(), WriteLimits())
    assert place.names() == []


@pytest.mark.parametrize("after", [0.0, 0.001, 0.003, 0.01, 0.02, 0.05, 0.1, 0.3])
async def test_whenever_it_is_cancelled_nothing_stays(place: Place, after: float) -> None:
    data = content(4 * 2**20)

    async def pausing() -> AsyncIterator[bytes]:
        async for chunk in chunks(data, 2**18):
            yield chunk
            await asyncio.sleep(0)

    writing = asyncio.ensure_future(place.store.write(pausing(), WriteLimits()))
    await asyncio.sleep(after)
    writing.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        written = await writing
        assert written.key is not None
        await place.store.remove([written.key])
    assert place.names() == []


async def test_removing_is_idempotent(place: Place) -> None:
    written = [await place.store.write(chunks(content(20_000)), WriteLimits()) for _ in range(3)]
    keys = [one.key for one in written if one.key]
    await place.store.remove(keys)
    await place.store.remove([*keys, f"{'0' * 64}-{'0' * 16}"])
    await place.store.remove([])
    assert place.names() == []
    with pytest.raises(BlobMissing):
        await read(place.store, keys[0], 0, 20_000)


async def test_bytes_that_end_too_soon_are_missing(blobs: BlobStore) -> None:
    written = await blobs.write(chunks(content(20_000)), WriteLimits())
    assert written.key is not None
    with pytest.raises(BlobMissing):
        await read(blobs, written.key, 0, 20_001)
    with pytest.raises(BlobMissing):
        await read(blobs, written.key, 30_000, 30_001)


async def test_what_is_old_is_told_and_what_is_new_is_not(blobs: BlobStore) -> None:
    now = datetime.now(UTC)
    written = [await blobs.write(chunks(content(20_000)), WriteLimits()) for _ in range(5)]
    assert await all_keys(blobs, now - SOON) == set()
    assert await all_keys(blobs, now + SOON) == {one.key for one in written}


async def test_a_reader_may_leave_at_any_time(blobs: BlobStore) -> None:
    data = content(PLENTY)
    written = await blobs.write(chunks(data), WriteLimits())
    assert written.key is not None
    for _ in range(20):
        reading = blobs.read(written.key, 0, PLENTY)
        assert await anext(reading) == data[: 256 * 2**10]
        await reading.aclose()  # type: ignore[attr-defined]
    reads = [asyncio.ensure_future(read(blobs, written.key, 0, PLENTY)) for _ in range(4)]
    await asyncio.sleep(0.001)
    for one in reads:
        one.cancel()
    assert len(await asyncio.gather(*reads, return_exceptions=True)) == 4
    assert await read(blobs, written.key, 0, PLENTY) == data
