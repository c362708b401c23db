"""Locks over the wire: who holds one, who is held off, and on which wires."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.files import moving
from keycell.files.access import Actor, roles_of
from keycell.files.errors import Locked
from keycell.files.finding import stat
from keycell.files.names import read_path
from keycell.files.writing import Put, make_folder, put
from keycell.oauth.details import FilesDetail
from keycell.server import make_app

from ...conftest import BASE
from .conftest import HOME, Dav, token_for

COMMON = "/dav/common-files"


@pytest.fixture
async def other(world: World, bob: Account, http: httpx2.AsyncClient) -> Dav:
    """Bob, who shares the common files with Ann."""
    return Dav(http, await token_for(world, bob))


async def test_a_lock_is_shown_and_lets_its_holder_write(dav: Dav) -> None:
    """RFC4918-9.10, RFC4918-10.5."""
    await dav.put("a.txt")
    token = await dav.lock("a.txt", Timeout="Second-60")
    found = (await dav("PROPFIND", "a.txt", Depth="0")).text
    assert f"<D:locktoken><D:href>{token}</D:href>" in found
    assert f"<D:lockroot><D:href>{HOME}/a.txt</D:href>" in found
    assert "Second-60" in found or "Second-59" in found
    assert "me</" in found
    refused = await dav("PUT", "a.txt", b"x")
    assert refused.status_code == 423
    assert f"<D:lock-token-submitted><D:href>{HOME}/a.txt</D:href>" in refused.text
    assert await dav.put("a.txt", b"x", If=f"(<{token}>)") == 204
    assert (await dav("UNLOCK", "a.txt", Lock_Token="<urn:uuid:no>")).status_code == 409
    assert (await dav("UNLOCK", "a.txt", Lock_Token=token)).status_code == 400
    assert (await dav("UNLOCK", "a.txt", Lock_Token=f"<{token}>")).status_code == 204
    assert await dav.put("a.txt", b"y") == 204


async def test_a_token_proves_nothing_in_other_hands(dav: Dav, other: Dav) -> None:
    """RFC4918-6.4."""
    await dav.put(f"{COMMON}/a.txt")
    token = await dav.lock(f"{COMMON}/a.txt")
    shown = {"If": f"(<{token}>)"}
    assert token not in (await other("PROPFIND", f"{COMMON}/a.txt", Depth="0")).text
    for method, more in (
        ("PUT", {}), ("DELETE", {}), ("MOVE", {"Destination": f"{COMMON}/b.txt"}),
    ):  # fmt: skip
        response = await other(method, f"{COMMON}/a.txt", **shown, **more)
        assert response.status_code == 423, method
    response = await other("UNLOCK", f"{COMMON}/a.txt", Lock_Token=f"<{token}>")
    assert response.status_code == 403
    assert (await other("LOCK", f"{COMMON}/a.txt", **shown)).status_code == 412
    assert (await dav("LOCK", f"{COMMON}/a.txt", **shown)).status_code == 200
    assert (await other("COPY", f"{COMMON}/a.txt", Destination=f"{COMMON}/c")).status_code == 201


async def test_a_deep_lock_holds_all_below_and_all_that_comes(dav: Dav, other: Dav) -> None:
    """RFC4918-7.4."""
    for path in ("A", "A/B"):
        await dav("MKCOL", f"{COMMON}/{path}")
    await dav.put(f"{COMMON}/A/B/c.txt")
    await dav.put(f"{COMMON}/x.txt")
    token = await dav.lock(f"{COMMON}/A")
    to_a = {"Destination": f"{COMMON}/A/B/x.txt"}
    update = "<propertyupdate xmlns='DAV:'><set><prop><a xmlns='u'/></prop></set></propertyupdate>"
    for method, path, body, headers in (
        ("PUT", "A/B/c.txt", "x", {}), ("PUT", "A/new", "x", {}), ("MKCOL", "A/B/D", "", {}),
        ("DELETE", "A/B/c.txt", "", {}), ("DELETE", "A", "", {}), ("COPY", "x.txt", "", to_a),
        ("MOVE", "x.txt", "", to_a), ("PROPPATCH", "A/B/c.txt", update, {}),
        ("MOVE", "A/B/c.txt", "", {"Destination": f"{COMMON}/free"}),
    ):  # fmt: skip
        response = await other(method, f"{COMMON}/{path}", body, **headers)
        assert response.status_code == 423, (method, path)
        shown = {"If": f"<{COMMON}/A> (<{token}>)"}
        stolen = await other(method, f"{COMMON}/{path}", body, **headers, **shown)
        assert stolen.status_code in (412, 423), (method, path)
    listed = (await dav("PROPFIND", f"{COMMON}/A/B", Depth="1")).text
    assert listed.count(f"<D:href>{token}</D:href>") == 2
    assert await dav.put(f"{COMMON}/A/new", b"x", If=f"<{COMMON}/A/> (<{token}>)") == 201
    refresh = await dav("LOCK", f"{COMMON}/A/B/c.txt", If=f"(<{token}>)", Timeout="Second-3000")
    assert refresh.status_code == 200
    assert f"<D:lockroot><D:href>{COMMON}/A/</D:href>" in refresh.text
    assert (await dav("DELETE", f"{COMMON}/A", If=f"(<{token}>)")).status_code == 204


async def test_of_twenty_who_lock_at_once_one_does(dav: Dav, other: Dav) -> None:
    """RFC4918-6.2."""
    body = (
        "<lockinfo xmlns='DAV:'><lockscope><exclusive/></lockscope><locktype><write/></locktype>"
        "</lockinfo>"
    )
    done = await asyncio.gather(
        *((dav, other)[n % 2]("LOCK", f"{COMMON}/new.txt", body) for n in range(20))
    )
    codes = [one.status_code for one in done]
    assert sum(code in (200, 201) for code in codes) == 1, codes
    assert set(codes) <= {200, 201, 423}
    assert (await dav("GET", f"{COMMON}/new.txt")).content == b""


async def test_a_lock_is_asked_for_as_the_wire_has_it(dav: Dav) -> None:
    """RFC4918-9.10, RFC4918-14.11."""
    await dav.put("a.txt")
    good = (
        "<lockinfo xmlns='DAV:'><lockscope><shared/></lockscope><locktype><write/></locktype>"
        "{}</lockinfo>"
    )
    for body in (
        good.replace("<write/>", "<read/>"), good.replace("<shared/>", ""), "<lockinfo/>",
        good.replace("<shared/>", "<shared/><exclusive/>"),
        good.format("<owner>" + "x" * 3000 + "</owner>"),
    ):  # fmt: skip
        assert (await dav("LOCK", "a.txt", body)).status_code == 400
    assert (await dav("LOCK", "a.txt", good, Depth="1")).status_code == 400
    assert (await dav("LOCK", "no/such", good)).status_code == 409
    assert (await dav("LOCK", "a.txt")).status_code == 412
    assert (await dav("LOCK", "", good)).status_code == 405
    for wish, said in (
        ("Infinite, Second-4100000000", "Second-3600"), ("Second-99999999999999999999", "3600"),
        ("Second-0", "Second-1<"), ("nonsense", "Second-600"), ("x, Second-30", "Second-30"),
    ):  # fmt: skip
        response = await dav("LOCK", "a.txt", good, Timeout=wish)
        assert said in response.text, wish


async def test_a_lock_ends_by_itself(dav: Dav, world: World) -> None:
    """RFC4918-6.6."""
    await dav.put("a.txt")
    await dav.lock("a.txt", Timeout="Second-60")
    assert await dav.put("a.txt", b"x") == 423
    moved = replace(world.files, clock=lambda: datetime.now(UTC) + timedelta(seconds=61))
    transport = httpx2.ASGITransport(app=make_app(replace(world, files=moved)))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE) as later:
        assert await Dav(later, dav.token).put("a.txt", b"x") == 204


def _actor(account: Account) -> Actor:
    return Actor(
        sub=account.sub, login=account.login,
        roles=roles_of(account.sub, account.group_path, account.roles),
        reach=(FilesDetail(frozenset({"read", "write"})),),
    )  # fmt: skip


async def test_the_flows_of_every_wire_meet_the_lock(dav: Dav, world: World, ann: Account) -> None:
    """RFC4918-7."""
    files, actor = world.files, _actor(ann)
    for path in ("A", "A/B"):
        await dav("MKCOL", path)
    await dav.put("A/a.txt")
    await dav.lock("A")

    async def nothing() -> object:
        yield b""

    place = read_path("personal-files/A/a.txt")
    located = await stat(files, actor, place)
    folder = await stat(files, actor, place.parent)
    for refused in (
        put(files, actor, place, nothing(), Put()),  # type: ignore[arg-type]
        make_folder(files, actor, read_path("personal-files/A/C")),
        moving.move(files, actor, located, read_path("personal-files/b.txt")),
        moving.trash(files, actor, located),
        moving.trash(files, actor, folder),
        moving.restore_version(files, actor, located, located.node.version_id or ""),
    ):
        with pytest.raises(Locked):
            await refused
