"""What all spaces hold, as an administrator is told it, and putting back for a person. UX-X55."""

from urllib.parse import quote

import httpx2

from keycell.accounts.audit import Origin
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.files.finding import stat
from keycell.files.moving import delete, trash
from keycell.files.names import read_path
from keycell.stores.sweep import Sweep

from ...files.conftest import Home, home
from .desk import Desk, Json

__all__ = ["home"]

MEBIBYTE = 2**20


async def _own(desk: Desk, login: str = "ann") -> Json:
    found = (await desk.done("GET", "storage/spaces", search=login))["items"]
    own: Json = next(one for one in found if one["owner"] == login)
    return own


async def _throw(home: Home, path: str) -> str:
    located = await stat(home.files, home.actor, read_path(path))
    await trash(home.files, home.actor, located)
    return located.node.node_id


async def _restore(desk: Desk, space_id: str, node_id: str, reason: str) -> httpx2.Response:
    return await desk.http.post(
        f"/a/keycell/admin/storage/spaces/{space_id}/trash/{node_id}/restore",
        headers={**desk.headers, "X-Keycell-Reason": quote(reason)},
    )


async def test_spaces_tell_what_they_hold(desk: Desk, home: Home) -> None:
    """UX-X55: owner, use and recycle bin of each, a part at a time, in any order."""
    await home.put("personal-files/a", b"x" * 10)
    await home.put("common-files/b", b"x" * 3)
    await _throw(home, "personal-files/a")
    own = await _own(desk)
    assert (own["kind"], own["used"], own["trashed"], own["quota"]) == ("personal", 10, 1, None)
    asked = {"sort": "used", "is_backwards": True, "most": 1}
    first = await desk.done("GET", "storage/spaces", **asked)
    then = await desk.done("GET", "storage/spaces", **asked, after=first["next"])
    assert [one["used"] for one in (*first["items"], *then["items"])] == [10, 3]
    assert first["total"] == 2
    assert then["next"] is None
    for sort in ("label", "owner", "quota", "trashed"):
        found = await desk.done("GET", "storage/spaces", sort=sort)
        assert len(found["items"]) == 2
    gone = await desk.ask("GET", "storage/spaces", after="gone")
    assert gone.status_code == 400


async def test_a_quota_is_set_in_place(desk: Desk, home: Home) -> None:
    """UX-X55: and who is near it is found."""
    await home.put("personal-files/a", b"x" * 95)
    own = await _own(desk)
    address = f"storage/spaces/{own['space_id']}/quota"
    assert (await desk.done("PUT", address, quota=100))["quota"] == 100
    (full,) = (await desk.done("GET", "storage/spaces", state="full"))["items"]
    assert full["space_id"] == own["space_id"]
    assert (await desk.done("GET", "storage"))["full"] == 1
    assert (await desk.done("PUT", address, quota=None))["quota"] is None
    for wrong in (0, -1, 2**63):
        assert (await desk.ask("PUT", address, quota=wrong)).status_code == 400
    assert (await desk.ask("PUT", "storage/spaces/none/quota", quota=1)).status_code == 404
    event = (await desk.done("GET", "audit", action="space.changed"))["items"][0]
    assert event["target"] == own["slug"]


async def test_the_largest_files_come_first(desk: Desk, home: Home) -> None:
    """UX-X55: those of 1 MiB and more, a part at a time; what is deleted for good is none."""
    for name, size in (("small", 5), ("large", MEBIBYTE), ("larger", MEBIBYTE + 1)):
        await home.put(f"personal-files/dir/{name}", b"x" * size)
    first = await desk.done("GET", "storage/largest", most=1)
    then = await desk.done("GET", "storage/largest", most=1, after=first["next"])
    found = [(one["path"], one["owner"]) for one in (*first["items"], *then["items"])]
    assert found == [("dir/larger", "ann"), ("dir/large", "ann")]
    assert then["next"] is None
    for wrong in ("x.y", "²", "9" * 30):
        assert (await desk.ask("GET", "storage/largest", after=wrong)).status_code == 400
    assert (await desk.ask("GET", "storage/largest", most=101)).status_code == 400


async def test_something_is_put_back_for_a_person_with_a_reason(desk: Desk, home: Home) -> None:
    """UX-X55: where it was, though its folder is gone; the trail says who did it, and why."""
    await home.put("personal-files/dir/a", b"x")
    await home.put("personal-files/b", b"x")
    node_id, other = [await _throw(home, f"personal-files/{one}") for one in ("dir/a", "b")]
    await _throw(home, "personal-files/dir")
    space_id = (await _own(desk))["space_id"]
    address = f"storage/spaces/{space_id}/trash"
    first = await desk.done("GET", address, most=2)
    then = await desk.done("GET", address, most=2, after=first["next"])
    origins = {one["node_id"]: one["origin"] for one in (*first["items"], *then["items"])}
    assert origins[node_id] == "personal-files/dir/a"
    assert len(origins) == 3
    unsaid = await _restore(desk, space_id, node_id, "")
    assert unsaid.status_code == 400
    assert "X-Keycell-Reason" in unsaid.text
    done = await _restore(desk, space_id, node_id, "Ann asked by phone")
    assert done.json() == {"path": "dir/a"}
    assert (await stat(home.files, home.actor, read_path("personal-files/dir/a"))).exists
    event = (await desk.done("GET", "audit", action="node.restored"))["items"][0]
    assert event["detail"]["reason"] == "Ann asked by phone"
    assert "put personal-files/dir/a back" in event["sentence"]
    for wrong in (node_id, "none", other[:-1]):
        assert (await _restore(desk, space_id, wrong, "again")).status_code == 404


async def test_what_its_owner_left_is_told_and_put_back(
    desk: Desk, world: World, home: Home, ann: Account
) -> None:
    """UX-X55: a space whose owner is gone; what was deleted in it comes to its top."""
    await home.put("personal-files/a", b"x")
    node_id = await _throw(home, "personal-files/a")
    removed = await desk.ask("DELETE", "users/ann")
    assert removed.status_code == 200, removed.text
    (left,) = (await desk.done("GET", "storage/spaces", state="left"))["items"]
    assert left["kept_until"]
    assert left["owner"] == ""
    assert (await desk.done("GET", "storage"))["left"] == 1
    done = await _restore(desk, left["space_id"], node_id, "An heir asks for it")
    assert done.json() == {"path": "a"}


async def test_what_waits_to_be_swept_is_told(desk: Desk, world: World, home: Home) -> None:
    """UX-X55: how many bytes, and how long what is deleted is kept."""
    told = await desk.done("GET", "storage")
    assert told["waiting"] == {"blobs": 0, "size": 0}
    assert (told["trash_kept_days"], told["versions_kept_days"]) == (30, 30)
    await home.put("personal-files/a", b"x" * 7)
    assert (await desk.done("GET", "storage"))["used"] == 7
    located = await stat(home.files, home.actor, read_path("personal-files/a"))
    await delete(home.files, home.actor, located, Origin())
    await Sweep(world.database, world.files.blobs, world.files.limits).once(world.files.clock())
    told = await desk.done("GET", "storage")
    assert (told["used"], told["waiting"]) == (0, {"blobs": 1, "size": 7})
