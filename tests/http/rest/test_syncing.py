"""Changes that are bound to what a sync client has seen. decisions/0040."""

import asyncio
import base64
from collections.abc import Mapping
from typing import Any

import pytest

from keycell.files.finding import stat
from keycell.files.names import read_path

from ...files.conftest import Home
from .conftest import Caller, id_of

FEED = "/a/keycell/changes?space=personal-files&cursor=0"
NODES = "/a/keycell/nodes"
CONTENTS = "/a/keycell/contents"


async def seen(caller: Caller, name: str) -> Any:  # noqa: ANN401
    told = (await caller.good("GET", FEED))["changes"]
    return next(one for one in told if one.get("name") == name)


async def root(caller: Caller) -> str:
    found: str = (await caller.good("GET", FEED))["root"]
    return found


async def test_a_node_moves_if_it_is_as_it_was_seen(ann_calls: Caller, home: Home) -> None:
    await home.put("personal-files/d/a.txt", b"x")
    it, top = await seen(ann_calls, "a.txt"), await root(ann_calls)
    body = {"parent": top, "name": "b.txt", "revision": it["seq"]}
    moved = await ann_calls.good("POST", f"{NODES}/{it['id']}/move", body)
    assert (moved["parent"], moved["name"]) == (top, "b.txt")
    assert moved["seq"] > it["seq"]
    code = await ann_calls.refused("POST", f"{NODES}/{it['id']}/move", body, 412)
    assert code == "PreconditionFailed"


async def test_of_many_moves_of_one_sight_one_is_done(ann_calls: Caller, home: Home) -> None:
    await home.put("personal-files/a.txt", b"x")
    it, top = await seen(ann_calls, "a.txt"), await root(ann_calls)
    answers = await asyncio.gather(*(
        ann_calls.call(
            "POST", f"{NODES}/{it['id']}/move",
            {"parent": top, "name": f"{number}.txt", "revision": it["seq"]},
        )
        for number in range(20)
    ))  # fmt: skip
    assert sorted(one.status_code for one in answers) == [200] + [412] * 19


async def test_nothing_is_replaced_by_a_move(ann_calls: Caller, home: Home) -> None:
    await home.put("personal-files/a.txt", b"x")
    await home.put("personal-files/b.txt", b"x")
    it, top = await seen(ann_calls, "a.txt"), await root(ann_calls)
    body = {"parent": top, "name": "b.txt", "revision": it["seq"]}
    assert await ann_calls.refused("POST", f"{NODES}/{it['id']}/move", body, 409) == "NameTaken"


async def test_what_was_edited_since_is_not_deleted(ann_calls: Caller, home: Home) -> None:
    await home.put("personal-files/a.txt", b"x")
    it = await seen(ann_calls, "a.txt")
    await home.put("personal-files/a.txt", b"y")
    where = f"{NODES}/{it['id']}/trash"
    await ann_calls.refused("POST", where, {"revision": it["seq"]}, 412)
    again = {"revision": (await seen(ann_calls, "a.txt"))["seq"]}
    assert await ann_calls.good("POST", where, again) == {"deleted": True}
    assert await ann_calls.good("POST", where, again) == {"deleted": False}


async def test_a_folder_is_deleted_only_if_it_is_empty(ann_calls: Caller, home: Home) -> None:
    await home.put("personal-files/d/a.txt", b"x")
    it = await seen(ann_calls, "d")
    where, body = f"{NODES}/{it['id']}/trash", {"revision": it["seq"]}
    assert await ann_calls.refused("POST", where, body, 409) == "FolderNotEmpty"
    inner = await seen(ann_calls, "a.txt")
    await ann_calls.good("POST", f"{NODES}/{inner['id']}/trash", {"revision": inner["seq"]})
    assert await ann_calls.good("POST", where, body) == {"deleted": True}


async def test_a_folder_is_made_in_the_one_that_is_meant(ann_calls: Caller, home: Home) -> None:
    await home.put("personal-files/d/a.txt", b"x")
    folder = await id_of(home, "personal-files/d")
    made = await ann_calls.good("POST", f"{NODES}/{folder}/folders", {"name": "e"})
    assert (made["parent"], made["type"]) == (folder, "folder")
    where = f"{NODES}/{folder}/folders"
    assert await ann_calls.refused("POST", where, {"name": "e"}, 409) == "NameTaken"
    assert await ann_calls.refused("POST", where, {"name": "A.txt"}, 409) == "NameTaken"
    assert await ann_calls.refused("POST", where, {"name": ".."}, 400) == "BadPath"


@pytest.mark.parametrize(
    "headers", [{"x-keycell-parent": "another"}, {"x-keycell-parent": "another", "if-match": "*"}]
)
async def test_a_write_goes_into_the_folder_that_is_meant(
    ann_calls: Caller, home: Home, headers: dict[str, str]
) -> None:
    await home.put("personal-files/d/a.txt", b"x")
    folder = await id_of(home, "personal-files/d")
    put = ann_calls.http.put
    answer = await put(
        "/io/personal-files/d/a.txt", content=b"y", headers=ann_calls.headers | headers
    )
    assert answer.status_code == 412
    good = ann_calls.headers | {"x-keycell-parent": folder}
    answer = await put("/io/personal-files/d/a.txt", content=b"y", headers=good)
    assert answer.status_code == 200
    it = await seen(ann_calls, "a.txt")
    told = [answer.headers[f"x-keycell-{name}"] for name in ("node", "version", "revision")]
    assert told == [it["id"], it["version"], str(it["seq"])]
    # No folder is made on the way to another than the one that is meant.
    answer = await put("/io/personal-files/d/e/b.txt", content=b"y", headers=good)
    assert answer.status_code == 412


async def test_a_revision_must_be_told(ann_calls: Caller, home: Home) -> None:
    await home.put("personal-files/a.txt", b"x")
    node_id = await id_of(home, "personal-files/a.txt")
    assert await ann_calls.refused("POST", f"{NODES}/{node_id}/trash", {}, 400) == "BadRequest"


async def held(caller: Caller, *asked: Mapping[str, str]) -> dict[str, bytes]:
    files = [{"id": one["id"], "version": one["version"]} for one in asked]
    told = (await caller.good("POST", CONTENTS, {"files": files}))["contents"]
    return {one["id"]: base64.b64decode(one["content"]) for one in told}


async def test_small_files_come_in_one_answer(ann_calls: Caller, home: Home) -> None:
    texts = {"a.txt": b"x", "b.txt": b"", "c.txt": b"\0" * 16 * 1024}
    for name, text in texts.items():
        await home.put(f"personal-files/d/{name}", text)
    asked = {name: await seen(ann_calls, name) for name in texts}
    assert await held(ann_calls, *asked.values()) == {
        it["id"]: texts[name] for name, it in asked.items()
    }


async def test_what_is_not_as_it_was_seen_is_left_out(ann_calls: Caller, home: Home) -> None:
    for name in ("a.txt", "b.txt", "large.bin"):
        await home.put(f"personal-files/d/{name}", b"x" * (20_000 if name == "large.bin" else 1))
    edited, stays, large = [await seen(ann_calls, one) for one in ("a.txt", "b.txt", "large.bin")]
    await home.put("personal-files/d/a.txt", b"y")
    folder = await seen(ann_calls, "d") | {"version": ""}
    nowhere = {"id": "nowhere", "version": stays["version"]}
    assert await held(ann_calls, edited, stays, large, folder, nowhere) == {stays["id"]: b"x"}
    assert await held(ann_calls) == {}


async def test_nobody_is_given_what_they_may_not_read(
    ann_calls: Caller, home: Home, bob: Home
) -> None:
    await home.put("personal-files/a.txt", b"x")
    await bob.put("personal-files/a.txt", b"secret")
    node = (await stat(bob.files, bob.actor, read_path("personal-files/a.txt"))).node
    assert await held(ann_calls, {"id": node.node_id, "version": node.version_id or ""}) == {}


async def test_only_so_many_contents_are_given_at_once(ann_calls: Caller) -> None:
    many = {"files": [{"id": str(number), "version": ""} for number in range(65)]}
    await ann_calls.refused("POST", CONTENTS, many, 400)
