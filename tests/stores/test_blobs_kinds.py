"""What is true of a folder alone, or of an object store alone."""

import hashlib
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from keycell.files.errors import StoreAway, StoreFull, TooLarge
from keycell.files.ports_blobs import WriteLimits
from keycell.settings import BadSetting
from keycell.stores.blobs import open_blobs
from keycell.stores.blobs_folder import FolderBlobs

from ..postgres import free_port
from ..seaweed import ACCESS_KEY, SECRET_KEY, Seaweed
from .test_blobs import BUCKET, chunks, content, files_in, read

ROOM = 2**20
WRITES_FOR_EVER = """
import asyncio, sys
from pathlib import Path
from keycell.files.ports_blobs import WriteLimits
from keycell.stores.blobs import open_blobs

async def chunks():
    for number in range(64):
        yield bytes([number]) * 65536

async def main():
    store = open_blobs("", Path(sys.argv[1]))
    print("ready", flush=True)
    while True:
        await asyncio.gather(*(store.write(chunks(), WriteLimits()) for _ in range(4)))

asyncio.run(main())
"""


@pytest.fixture
def little_room(tmp_path: Path) -> Iterator[Path]:
    """A folder of a disk that is soon full; where none can be mounted, files of limited size."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode == 0:
        yield folder
        subprocess.run(["umount", "-l", str(folder)], check=True)
        return
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, before[1]))
    yield folder
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_a_full_disk_is_said_and_nothing_stays(little_room: Path) -> None:
    """RFC4918-11.5."""
    store = FolderBlobs(little_room / "blobs")
    with pytest.raises(StoreFull):
        await store.write(chunks(content(8 * 2**20)), WriteLimits())
    assert files_in(little_room) == []
    written = await store.write(chunks(content(100_000)), WriteLimits())
    assert written.key is not None
    assert await read(store, written.key, 0, 100_000) == content(100_000)
    await store.close()


def _write_and_be_killed(data: Path) -> None:
    for n in range(5):
        command = [sys.executable, "-c", WRITES_FOR_EVER, str(data)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            time.sleep(0.1 + 0.05 * n)
            process.send_signal(signal.SIGKILL)


async def test_a_crash_leaves_nothing_half_written_but_what_is_swept(tmp_path: Path) -> None:
    _write_and_be_killed(tmp_path)
    root = tmp_path / "blobs"
    half = [name for name in files_in(root) if name.startswith("tmp/")]
    whole = [name for name in files_in(root) if not name.startswith("tmp/")]
    assert half
    for name in whole:
        digest = hashlib.sha256((root / name).read_bytes()).hexdigest()
        assert (root / name).name.startswith(f"{digest}-")
    store = open_blobs("", tmp_path)
    now = datetime.now(UTC)
    async for _ in store.orphans(now - timedelta(hours=1)):
        pass
    assert [name for name in files_in(root) if name.startswith("tmp/")] == half
    for name in half:
        os.utime(root / name, (0, 0))
    async for _ in store.orphans(now - timedelta(hours=1)):
        pass
    assert files_in(root) == whole
    await store.close()


async def test_bytes_are_read_where_the_system_cannot_tell_what_it_has_at_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keycell.stores.blobs_folder._NOT_AT_ONCE", None)
    store = FolderBlobs(tmp_path)
    data = content(3 * 2**20)
    written = await store.write(chunks(data), WriteLimits())
    assert written.key is not None
    assert await read(store, written.key, 5, len(data)) == data[5:]
    await store.close()


async def test_a_disk_that_fails_otherwise_is_no_full_one(tmp_path: Path) -> None:
    store = FolderBlobs(tmp_path)
    (tmp_path / "tmp").rmdir()
    with pytest.raises(FileNotFoundError):
        await store.write(chunks(content(20_000)), WriteLimits())
    await store.close()


async def test_an_object_store_that_is_away_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    url = f"s3://bucket/prefix?endpoint=http://127.0.0.1:{free_port()}"
    store = open_blobs(url, tmp_path)
    slow = content(30 * 2**20)

    async def trickle() -> AsyncIterator[bytes]:
        async for chunk in chunks(slow):
            yield chunk

    with pytest.raises(StoreAway):
        await store.write(trickle(), WriteLimits())
    with pytest.raises(StoreAway):
        await store.write(chunks(content(20_000)), WriteLimits(declared_length=20_000))
    with pytest.raises(StoreAway):
        await read(store, "key", 0, 1)
    with pytest.raises(StoreAway):
        await store.remove(["key"])
    with pytest.raises(StoreAway):
        await anext(store.orphans(datetime.now(UTC)))


async def test_a_bucket_that_is_not_there_is_the_stores_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seaweed: Seaweed
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    store = open_blobs(seaweed.url("none"), tmp_path)
    with pytest.raises(StoreAway, match="try again"):
        await store.write(chunks(content(20_000)), WriteLimits())


async def test_the_announced_length_makes_parts_large_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seaweed: Seaweed
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    monkeypatch.setattr("keycell.stores.blobs_objects._MOST_PARTS", 2)
    store = open_blobs(seaweed.url(BUCKET, "parts"), tmp_path)
    data = content(20 * 2**20)
    written = await store.write(chunks(data), WriteLimits(declared_length=len(data)))
    assert written.key is not None
    assert await read(store, written.key, 0, len(data)) == data
    with pytest.raises(TooLarge, match="Content-Length"):
        await store.write(chunks(data), WriteLimits())
    assert seaweed.names(BUCKET, ".uploads/") == []


@pytest.mark.parametrize(
    "url",
    [
        "s3://", "https://bucket/prefix", "s3://key:secret@bucket", "s3://bucket?endpoint=host:80",
        "s3://bucket?secret=s", "s3://[",
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="expected"):
        open_blobs(url, tmp_path)
