"""A disk or a quota that fills while many write: 507, nothing by half, and the server goes on."""

import asyncio
import os
import resource
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from ..mounts import disk, filled, small_disks
from ..server import Server
from .storage import look
from .test_crashes import HOME, INLINE, SMALLEST_PART, Upload, stage

MIB = 2**20
FULL = 507


def put(http: httpx2.Client, wire: str, name: str, content: bytes) -> int:
    return http.put(f"/{wire}/{HOME}/{name}", content=content).status_code


def half_written(server: Server) -> list[Path]:
    return list((server.data / "blobs" / "tmp").iterdir())


def test_a_disk_that_fills_midway_leaves_what_was_there(tmp_path: Path) -> None:
    """RFC4918-11.5: files may not grow beyond a size, which the system says as of a full disk."""
    with stage(tmp_path / "data") as (server, http):
        old = os.urandom(100_000)
        assert put(http, "io", "old.bin", old) == 200
        before = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (6 * MIB, before[1]))
        large = os.urandom(7 * MIB)
        for wire in ("io", "dav"):
            assert put(http, wire, "old.bin", large) == FULL
            assert put(http, wire, "new.bin", large) == FULL
            assert http.get(f"/{wire}/{HOME}/new.bin").status_code == 404
            assert http.get(f"/{wire}/{HOME}/old.bin").content == old
        with pytest.raises(AssertionError, match="InsufficientStorage"):
            Upload(f"{HOME}/parts.bin", (large,), in_parts=True).send(http)
        assert half_written(server) == []
        assert put(http, "io", "small.bin", b"x" * INLINE) == 200
        assert put(http, "io", "middle.bin", os.urandom(MIB)) == 200
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, before)
        assert put(http, "io", "new.bin", large) == 200
        server.stop()
        seen = asyncio.run(look(server))
    assert seen.contents[f"{HOME}/old.bin"] == [old]
    assert seen.contents[f"{HOME}/new.bin"] == [large]


def fill(http: httpx2.Client, sizes: list[int]) -> dict[str, tuple[int, bytes]]:
    """Write many at once on two wires; give status and content by name."""
    contents = [os.urandom(size) for size in sizes]

    def one(number: int) -> int:
        return put(http, ("io", "dav")[number % 2], f"{number}.bin", contents[number])

    with ThreadPoolExecutor(50) as pool:
        statuses = list(pool.map(one, range(len(sizes))))
    return {f"{n}.bin": pair for n, pair in enumerate(zip(statuses, contents, strict=True))}


def check_kept(http: httpx2.Client, sent: dict[str, tuple[int, bytes]]) -> None:
    for name, (status, content) in sent.items():
        answer = http.get(f"/io/{HOME}/{name}")
        if status < 300:
            assert answer.content == content, name
        else:
            assert answer.status_code == 404, (name, status)


@small_disks
def test_a_full_disk_of_bytes_is_507_to_those_it_has_no_room_for(tmp_path: Path) -> None:
    """Bytes have a disk of their own, and a hundred write to it at once."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    with disk(data / "blobs", "6m"), stage(data) as (server, http):
        sent = fill(http, [200_000] * 100)
        statuses = {status for status, _ in sent.values()}
        assert FULL in statuses
        assert statuses <= {200, 201, FULL}
        check_kept(http, sent)
        assert half_written(server) == []
        assert put(http, "io", "small.bin", b"x") == 200
        server.stop()
        seen = asyncio.run(look(server))
        assert sum(status < 300 for status, _ in sent.values()) + 1 == len(seen.contents)


@small_disks
def test_a_full_disk_of_all_is_an_absence_that_ends(tmp_path: Path) -> None:
    """Rows and bytes share a disk: 503 or 507 while it is full, and right again after that."""
    with disk(tmp_path / "disk", "40m") as small, stage(small / "data") as (server, http):
        with filled(small, but_for=2 * MIB):
            sent = fill(http, [10_000, 30_000, 200_000, 16_384] * 40)
        statuses = {status for status, _ in sent.values()}
        assert statuses & {503, FULL}
        assert statuses <= {200, 201, 503, FULL}
        for _ in range(100):
            if put(http, "io", "after.bin", b"x" * 100_000) == 200:
                break
        assert httpx2.get(f"{server.url}/readyz").status_code == 200
        acknowledged = {name: pair for name, pair in sent.items() if pair[0] < 300}
        check_kept(http, acknowledged)
        assert half_written(server) == []
        server.stop()
        asyncio.run(look(server))


def test_a_quota_that_fills_midway_is_kept_to_the_byte(tmp_path: Path) -> None:
    """RFC4331-6: a hundred at once, small and large, in one piece and in parts."""
    quota = 3 * MIB
    with stage(tmp_path / "data", KEYCELL_QUOTA=str(quota)) as (server, http):
        sent = fill(http, [100_000, 5_000] * 50)
        statuses = {status for status, _ in sent.values()}
        assert statuses == {200, 201, FULL}
        check_kept(http, sent)
        kept = sum(len(content) for status, content in sent.values() if status < 300)
        assert quota - 100_000 < kept <= quota
        with pytest.raises(AssertionError, match="QuotaExceeded"):
            Upload(f"{HOME}/p", (os.urandom(SMALLEST_PART),), in_parts=True).send(http)
        assert half_written(server) == []
        name = next(name for name, (status, _) in sent.items() if status < 300)
        assert http.delete(f"/io/{HOME}/{name}").status_code == 204
        assert put(http, "io", "new.bin", os.urandom(100_000)) == FULL
        assert http.delete(f"/io/{HOME}/recycle_bin/{name}").status_code == 204
        # The sweep gives the room back, and comes by every few seconds.
        content = os.urandom(len(sent[name][1]))
        for _ in range(100):
            if put(http, "io", "new.bin", content) == 200:
                break
            time.sleep(0.3)
        assert http.get(f"/io/{HOME}/new.bin").content == content
        server.stop()
        asyncio.run(look(server))
