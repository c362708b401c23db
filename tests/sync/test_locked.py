"""A file that somebody holds a lock on over WebDAV is that one file's trouble."""

import os
from collections.abc import AsyncIterator

import httpx2
import pytest

from ..conftest import BASE
from ..http.dav.conftest import Dav
from .inside import Inside


@pytest.fixture
async def dav(inside: Inside) -> AsyncIterator[Dav]:
    async with httpx2.AsyncClient(transport=inside.inner, base_url=BASE) as http:
        yield Dav(http, inside.token)


@pytest.mark.parametrize("size", [1, 20_000, 6 * 2**20], ids=["small", "alone", "in parts"])
async def test_a_locked_file_is_told_of_and_the_others_go_on(
    inside: Inside, dav: Dav, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SMALL", "LEAST_PART"):
        monkeypatch.setattr(f"keycell.client.uploads.{name}", 5 * 2**20)
    monkeypatch.setenv("KEYCELL_CONFIG_DIR", str(inside.root.with_name("config")))
    inside.write("a.txt", "first")
    await inside.sync()
    token = await dav.lock("a.txt")
    inside.write("a.txt", "x" * size)
    inside.write("d/e/b.txt", "b")
    told = await inside.sync()
    ((path, reason),) = told.problems
    assert (path, "it is locked until" in reason) == ("a.txt", True)
    assert await inside.has("d/e/b.txt", "b")
    assert await inside.has("a.txt", "first")
    with inside.state() as state:
        assert state.problems() == [(path, reason)]
    await dav("UNLOCK", "a.txt", Lock_Token=f"<{token}>")
    assert (await inside.sync()).problems == ()
    assert await inside.has("a.txt", "x" * size)


async def test_a_locked_file_is_neither_moved_nor_deleted(inside: Inside, dav: Dav) -> None:
    for name in ("a", "b", "c"):
        inside.write(name, name)
        os.utime(inside.root / name, (1, 1))
    await inside.sync()
    tokens = {name: await dav.lock(name) for name in ("a", "b")}
    (inside.root / "a").rename(inside.root / "moved")
    (inside.root / "b").unlink()
    (inside.root / "c").unlink()
    told = await inside.sync()
    assert sorted(path for path, _ in told.problems) == ["a", "b"]
    assert all("it is locked until" in reason for _, reason in told.problems)
    assert await inside.has("a", "a")
    assert await inside.has("b", "b")
    for name, token in tokens.items():
        await dav("UNLOCK", name, Lock_Token=f"<{token}>")
    assert (await inside.sync()).problems == ()
    assert await inside.has("moved", "a")
    assert inside.files() == {"moved": "a"}
