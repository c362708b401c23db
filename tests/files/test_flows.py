"""What somebody can do with files, and what they cannot, below every wire."""

import asyncio
import io
import zipfile
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from keycell.accounts.audit import NOWHERE
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.files.access import Action, Actor, Right
from keycell.files.errors import (
    BadPath,
    Conflict,
    DigestMismatch,
    FilesError,
    Forbidden,
    LengthMismatch,
    NameTaken,
    NoSuchSpace,
    NotFound,
    PreconditionFailed,
    QuotaExceeded,
)
from keycell.files.finding import Located, by_id, children, locate, spaces, stat, walk
from keycell.files.moving import (
    OtherVolume,
    delete,
    move,
    restore,
    restore_version,
    trash,
)
from keycell.files.names import LONGEST_PATH, RECYCLE_BIN, read_path
from keycell.files.nodes import Conditions
from keycell.files.ports_blobs import WriteLimits
from keycell.files.reading import open_file, versions
from keycell.files.spaces import PERSONAL_SLUG
from keycell.files.writing import Put, copy_file, make_folder, put
from keycell.files.zips import zip_stream
from keycell.oauth.details import FilesDetail

from .conftest import Home, actor_for, chunks_of


async def at(home: Home, path: str) -> Located:
    return await stat(home.files, home.actor, read_path(path))


async def test_a_person_has_their_own_space_and_the_common_one(home: Home, bob: Home) -> None:
    found = await spaces(home.files, home.actor)
    assert [space.slug for space, _ in found] == ["common-files", PERSONAL_SLUG]
    assert all(allowed.write for _, allowed in found)
    await home.put("personal-files/a.txt", b"mine")
    await home.put("common-files/a.txt", b"ours")
    assert await bob.get("common-files/a.txt") == b"ours"
    with pytest.raises(NotFound):
        await bob.get("personal-files/a.txt")


async def test_twenty_first_uses_make_one_space(home: Home) -> None:
    await asyncio.gather(*(home.put(f"personal-files/{n}", b"%d" % n) for n in range(20)))
    found = await children(home.files, home.actor, await at(home, "personal-files"))
    assert len(found[0]) == 21


@pytest.mark.parametrize("size", [0, 1, 16 * 1024, 16 * 1024 + 1, 3 * 2**20 + 17])
async def test_what_is_read_is_what_was_put(home: Home, size: int) -> None:
    content = bytes(n % 251 for n in range(size))
    placed = await home.put("personal-files/deep/er/a.bin", content)
    assert placed.node.size == size
    assert await home.get("personal-files/deep/er/a.bin") == content
    opened = await open_file(home.files, await at(home, "personal-files/deep/er/a.bin"))
    part = b"".join([chunk async for chunk in opened.read(size // 3, size // 2)])
    assert part == content[size // 3 : size // 2]


async def test_a_body_that_is_not_as_announced_changes_nothing(home: Home, world: World) -> None:
    await home.put("personal-files/a", b"before")
    for limits, error in (
        (WriteLimits(declared_length=3), LengthMismatch),
        (WriteLimits(declared_length=50_000), LengthMismatch),
        (WriteLimits(sha256="0" * 64), DigestMismatch),
        (WriteLimits(md5="0" * 32), DigestMismatch),
    ):
        wanted = Put(limits=limits)
        path = read_path("personal-files/a")
        with pytest.raises(error):
            await put(home.files, home.actor, path, chunks_of(b"x" * 40_000), wanted)
    assert await home.get("personal-files/a") == b"before"
    kept = [path for path in (world.settings.data / "blobs").rglob("*") if path.is_file()]
    assert kept == []


async def test_equal_content_is_kept_once(home: Home, world: World) -> None:
    content = b"y" * 100_000
    await asyncio.gather(*(home.put(f"personal-files/{n}", content) for n in range(20)))
    kept = [path for path in (world.settings.data / "blobs").rglob("*") if path.is_file()]
    assert len(kept) == 1
    for n in range(20):
        assert await home.get(f"personal-files/{n}") == content


async def test_a_quota_refuses_before_the_bytes_come(home: Home, world: World) -> None:
    space = (await spaces(home.files, home.actor))[1][0]
    event = _event(world)
    await home.files.spaces.set_quota(space.volume_id, 1000, event)
    with pytest.raises(QuotaExceeded):
        await home.put("personal-files/a", b"x" * 1001)
    path = read_path("personal-files/a")
    with pytest.raises(FilesError):
        await put(home.files, home.actor, path, chunks_of(b"x" * 1001), Put())
    await home.put("personal-files/a", b"x" * 1000)
    with pytest.raises(QuotaExceeded):
        await copy_file(home.files, home.actor, await at(home, "personal-files/a"),
                        read_path("personal-files/b"))  # fmt: skip


def _event(world: World):  # type: ignore[no-untyped-def]  # noqa: ANN202
    from keycell.accounts.audit import AuditEvent  # noqa: PLC0415

    return AuditEvent(at=world.files.clock(), actor="test", action="space.added")


async def test_conditions_hold_whoever_writes_at_once(home: Home) -> None:
    """RFC9110-13.1.2."""
    new = Conditions(if_none_match=("*",))
    outcomes = await asyncio.gather(
        *(home.put("personal-files/a", b"%d" % n, new) for n in range(20)), return_exceptions=True
    )
    assert sum(isinstance(one, PreconditionFailed) for one in outcomes) == 19
    outcomes = await asyncio.gather(
        *(home.put("personal-files/b", b"%d" % n) for n in range(20)), return_exceptions=True
    )
    assert len(await versions(home.files, home.actor, await at(home, "personal-files/b"))) == 20


async def test_a_folder_goes_to_the_recycle_bin_and_comes_back(home: Home) -> None:
    await home.put("personal-files/dir/sub/a", b"x")
    located = await at(home, "personal-files/dir")
    await trash(home.files, home.actor, located)
    with pytest.raises(NotFound):
        await home.get("personal-files/dir/sub/a")
    assert await home.get(f"personal-files/{RECYCLE_BIN}/dir/sub/a") == b"x"
    assert await trash(home.files, home.actor, located) is None
    binned = await at(home, f"personal-files/{RECYCLE_BIN}/dir")
    for refused in (
        put(home.files, home.actor, binned.path.child("b"), chunks_of(b"y"), Put()),
        make_folder(home.files, home.actor, binned.path.child("b")),
        move(home.files, home.actor, binned, read_path("personal-files/x")),
        trash(home.files, home.actor, binned),
    ):
        with pytest.raises(Forbidden):
            await refused
    await home.put("personal-files/dir/other", b"y")
    restored = await restore(home.files, home.actor, binned)
    assert restored.name == "dir-2"
    assert await home.get("personal-files/dir-2/sub/a") == b"x"


async def test_a_restored_file_finds_its_folder_made_anew(home: Home) -> None:
    await home.put("personal-files/dir/a", b"x")
    await trash(home.files, home.actor, await at(home, "personal-files/dir/a"))
    await trash(home.files, home.actor, await at(home, "personal-files/dir"))
    await restore(home.files, home.actor, await at(home, f"personal-files/{RECYCLE_BIN}/a"))
    assert await home.get("personal-files/dir/a") == b"x"


async def test_what_is_deleted_for_good_is_gone(home: Home) -> None:
    await home.put("personal-files/dir/a", b"x")
    located = await at(home, "personal-files/dir")
    assert await delete(home.files, home.actor, located, NOWHERE)
    assert not await delete(home.files, home.actor, located, NOWHERE)
    with pytest.raises(NotFound):
        await by_id(home.files, home.actor, located.node.node_id)


async def test_spaces_and_their_bins_stay(home: Home) -> None:
    for path in ("personal-files", f"personal-files/{RECYCLE_BIN}"):
        located = await at(home, path)
        for refused in (
            trash(home.files, home.actor, located),
            delete(home.files, home.actor, located, NOWHERE),
            move(home.files, home.actor, located, read_path("personal-files/x")),
        ):
            with pytest.raises((Forbidden, Conflict)):
                await refused


async def test_moves_and_names(home: Home) -> None:
    await home.put("personal-files/dir/a", b"a")
    await home.put("personal-files/b", b"b")
    source = await at(home, "personal-files/dir/a")
    with pytest.raises(NameTaken):
        await move(home.files, home.actor, source, read_path("personal-files/b"))
    with pytest.raises(NameTaken):
        await move(home.files, home.actor, source, read_path("personal-files/B"))
    with pytest.raises(NotFound):
        await move(home.files, home.actor, source, read_path("personal-files/none/a"))
    with pytest.raises(OtherVolume):
        await move(home.files, home.actor, source, read_path("common-files/a"))
    with pytest.raises(Forbidden):
        await move(home.files, home.actor, source, read_path("personal-files"))
    await move(home.files, home.actor, source, read_path("personal-files/b"), replaces=True)
    assert await home.get("personal-files/b") == b"a"
    assert await home.get(f"personal-files/{RECYCLE_BIN}/b") == b"b"
    case = await move(
        home.files, home.actor, await at(home, "personal-files/b"), read_path("personal-files/B")
    )
    assert case.name == "B"
    folder = await at(home, "personal-files/dir")
    with pytest.raises(Conflict):
        await move(home.files, home.actor, folder, read_path("personal-files/dir/x"))


async def test_what_a_move_made_long_is_reached_and_nothing_longer_is_made(home: Home) -> None:
    """A folder moves whatever lies in it; no path is made that is too long otherwise."""
    long = "/".join("n" * 200 for _ in range(15))
    await home.put(f"personal-files/moved/{long}/a", b"a")
    await make_folder(home.files, home.actor, read_path(f"personal-files/{long}"))
    folder = await at(home, "personal-files/moved")
    await move(home.files, home.actor, folder, read_path(f"personal-files/{long}/moved"))
    reached = f"personal-files/{long}/moved/{long}"
    assert len(reached) > LONGEST_PATH
    assert await home.get(f"{reached}/a") == b"a"
    await home.put(f"{reached}/a", b"b")
    for refused in (home.put(f"{reached}/b", b"b"), home.put(f"{reached}/c/d", b"b")):
        with pytest.raises(BadPath, match="4096 bytes"):
            await refused
    with pytest.raises(BadPath, match="4096 bytes"):
        await make_folder(home.files, home.actor, read_path(f"{reached}/d"))
    await trash(home.files, home.actor, await at(home, f"{reached}/a"))
    assert await home.get(f"personal-files/{RECYCLE_BIN}/a") == b"b"
    await restore(home.files, home.actor, await at(home, f"personal-files/{RECYCLE_BIN}/a"))
    assert await home.get(f"{reached}/a") == b"b"


async def test_versions_are_listed_and_come_back(home: Home) -> None:
    first = await home.put("personal-files/a", b"one")
    await home.put("personal-files/a", b"two")
    located = await at(home, "personal-files/a")
    kept = await versions(home.files, home.actor, located)
    assert len(kept) == 2
    old = await open_file(home.files, located, first.node.version_id)
    assert old.small() == b"one"
    await restore_version(home.files, home.actor, located, first.node.version_id or "")
    assert await home.get("personal-files/a") == b"one"
    with pytest.raises(NotFound):
        await restore_version(home.files, home.actor, located, "none")
    with pytest.raises(NotFound):
        await open_file(home.files, located, "none")


async def test_a_denial_hides_and_holds(home: Home, bob: Home, world: World) -> None:
    """Default deny, inherited, and a denial wins. Everybody may write in common-files."""
    await home.put("common-files/open/a", b"x")
    await home.put("common-files/open/secret/b", b"y")
    secret = await at(home, "common-files/open/secret")
    right = Right(secret.node.node_id, bob.actor.sub, Action.DENY)
    assert await home.files.spaces.put_right(right, _event(world))
    for path in ("common-files/open/secret", "common-files/open/secret/b"):
        with pytest.raises(NotFound):
            await bob.get(path)
    top = await stat(bob.files, bob.actor, read_path("common-files/open"))
    assert [one.node.name for one in (await children(bob.files, bob.actor, top))[0]] == ["a"]
    assert [one.node.name async for one in walk(bob.files, bob.actor, top)] == ["a"]
    with pytest.raises(NotFound):
        await bob.put("common-files/open/secret/c", b"z")
    for refused in (
        trash(bob.files, bob.actor, top),
        delete(bob.files, bob.actor, top, NOWHERE),
        move(bob.files, bob.actor, top, read_path("common-files/x")),
    ):
        with pytest.raises(Forbidden):
            await refused
    assert await home.files.spaces.remove_right(right, _event(world))
    assert await bob.get("common-files/open/secret/b") == b"y"


async def test_a_token_for_one_folder_opens_that_alone(home: Home, ann: Account) -> None:
    await home.put("personal-files/dir/sub/a", b"x")
    await home.put("personal-files/other/b", b"y")
    node = (await at(home, "personal-files/dir")).node
    reach = (FilesDetail(frozenset({"read"}), node_id=node.node_id),)
    narrow = Home(home.files, actor_for(ann, reach))
    assert await narrow.get("personal-files/dir/sub/a") == b"x"
    for path in ("personal-files", "personal-files/other", "personal-files/other/b"):
        with pytest.raises(NotFound):
            await stat(home.files, narrow.actor, read_path(path))
    with pytest.raises(Forbidden):
        await narrow.put("personal-files/dir/new", b"z")
    assert await spaces(home.files, narrow.actor) == []
    one_space = replace(home.actor, reach=(FilesDetail(frozenset({"write"}), "common-files"),))
    assert [space.slug for space, _ in await spaces(home.files, one_space)] == ["common-files"]
    with pytest.raises(NotFound):
        await stat(home.files, one_space, read_path("personal-files/other"))


async def test_a_walk_goes_in_the_order_of_keys_and_on_from_any(home: Home) -> None:
    for path in ("a-b", "a.txt", "a/x", "a/y/z", "a0", "b/1", "b/2"):
        await home.put(f"personal-files/w/{path}", b"x")
    top = await at(home, "personal-files/w")

    async def keys(*after: str) -> list[str]:
        return [
            "/".join(one.path.names[1:]) + "/" * one.node.is_folder
            async for one in walk(home.files, home.actor, top, after)
        ]

    everything = await keys()
    assert everything == sorted(everything)
    assert everything == ["a-b", "a.txt", "a/", "a/x", "a/y/", "a/y/z", "a0", "b/", "b/1", "b/2"]
    for key in everything:
        expected = [one for one in everything if one > key]
        if not key.endswith("/"):
            assert await keys(*key.split("/")) == expected, key
    assert await keys("a", "nothing") == ["a/x", "a/y/", "a/y/z", "a0", "b/", "b/1", "b/2"]
    assert await keys("zzz", "a") == []


async def test_nobody_makes_things_at_the_top_or_in_no_space(home: Home) -> None:
    with pytest.raises(NoSuchSpace):
        await home.put("nowhere/a", b"x")
    with pytest.raises(Forbidden):
        await home.put("common-files", b"x")
    with pytest.raises(NoSuchSpace):
        await locate(home.files, home.actor, read_path(""))
    client = Actor(sub="client", login="", roles=frozenset({"client"}), reach=home.actor.reach)
    with pytest.raises(NoSuchSpace):
        await locate(home.files, client, read_path("personal-files"))


async def test_a_zip_is_made_while_it_is_sent(home: Home) -> None:
    big = b"z" * 2_000_000
    await home.put("personal-files/dir/a.txt", b"hello")
    await home.put("personal-files/dir/sub/é.bin", big)
    await make_folder(home.files, home.actor, read_path("personal-files/dir/empty"))
    top = await at(home, "personal-files/dir")
    pieces = [piece async for piece in zip_stream(home.files, home.actor, [top])]
    assert max(map(len, pieces)) < 2**20
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [
            "dir/", "dir/a.txt", "dir/empty/", "dir/sub/", "dir/sub/é.bin",
        ]  # fmt: skip
        assert archive.read("dir/sub/é.bin") == big


async def test_a_copy_shares_its_bytes(home: Home) -> None:
    await home.put("personal-files/a", b"x" * 50_000)
    source = await at(home, "personal-files/a")
    placed = await copy_file(home.files, home.actor, source, read_path("common-files/new/b"))
    assert placed.node.node_id != source.node.node_id
    await delete(home.files, home.actor, source, NOWHERE)
    assert await home.get("common-files/new/b") == b"x" * 50_000


async def test_whoever_leaves_midway_leaves_no_file_without_its_bytes(home: Home) -> None:
    """The row may be written when nobody waits for it any more."""
    wanted = {f"personal-files/{n}": bytes([n]) * 40_000 for n in range(60)}
    tasks = [asyncio.create_task(home.put(path, content)) for path, content in wanted.items()]
    for number, task in enumerate(tasks):
        await asyncio.sleep(0.002 * (number % 3))
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    top = await at(home, "personal-files")
    found = [str(one.path) for one in (await children(home.files, home.actor, top))[0]]
    for path in set(found) & set(wanted):
        assert await home.get(path) == wanted[path]


async def test_a_move_replaces_nothing_of_another_unicode_form(home: Home) -> None:
    """decisions/0029."""
    await home.put("personal-files/caf\u00e9", b"kept")
    await home.put("personal-files/a", b"a")
    source = await at(home, "personal-files/a")
    with pytest.raises(NameTaken):
        await move(
            home.files, home.actor, source, read_path("personal-files/cafe\u0301"), replaces=True
        )
    assert await home.get("personal-files/caf\u00e9") == b"kept"


async def test_a_time_beyond_what_zips_can_say_spoils_no_zip(home: Home) -> None:
    await home.put("personal-files/dir/a", b"x")
    node = (await at(home, "personal-files/dir/a")).node
    await home.files.nodes.touch(node.node_id, datetime(9999, 12, 31, tzinfo=UTC), "ann")
    stream = zip_stream(home.files, home.actor, [await at(home, "personal-files/dir")])
    content = b"".join([piece async for piece in stream])
    assert zipfile.ZipFile(io.BytesIO(content)).read("dir/a") == b"x"
