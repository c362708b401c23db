"""The feed that sync clients follow; versions, and how full spaces are. decisions/0031."""

import asyncio
from typing import Any

import pytest

from keycell.accounts.audit import AuditEvent
from keycell.bootstrap import World
from keycell.files.access import Action, Right

from ...files.conftest import Home
from .conftest import Caller, id_of

FEED = "/a/keycell/changes?space=personal-files"


async def follow(caller: Caller, cursor: int, more: str = "") -> Any:  # noqa: ANN401
    return await caller.good("GET", f"{FEED}&cursor={cursor}{more}")


async def test_a_cursor_goes_through_all_changes(ann_calls: Caller, home: Home) -> None:
    for number in range(5):
        await home.put(f"personal-files/{number}.txt", b"x")
    cursor, names, more = 0, [], True
    while more:
        told = await follow(ann_calls, cursor, "&limit=2")
        names += [one.get("name") for one in told["changes"] if not one["deleted"]]
        cursor, more = told["cursor"], told["more"]
    assert set(names) >= {f"{number}.txt" for number in range(5)}
    assert (await follow(ann_calls, cursor))["changes"] == []
    one_id = await id_of(home, "personal-files/1.txt")
    await ann_calls.good("POST", "/a/tree/delete", {"Nodes": [{"Uuid": one_id}]})
    told = await follow(ann_calls, cursor)
    assert {"id": one_id, "deleted": True}.items() <= told["changes"][0].items()
    answer = await ann_calls.call("GET", f"{FEED}&cursor={told['cursor'] + 1000}")
    assert (answer.status_code, answer.json()["Code"]) == (410, "CursorGone")


async def test_it_waits_for_the_next_change(ann_calls: Caller, home: Home) -> None:
    await home.put("personal-files/a.txt", b"x")
    cursor = (await follow(ann_calls, 0))["cursor"]
    waiting = asyncio.create_task(follow(ann_calls, cursor, "&wait=20"))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    await home.put("personal-files/b.txt", b"x")
    told = await asyncio.wait_for(waiting, 19)
    assert "b.txt" in [one.get("name") for one in told["changes"]]


async def test_what_is_denied_is_told_as_deleted(ann_calls: Caller, home: Home) -> None:
    await home.put("personal-files/d/a.txt", b"x")
    folder, inner = [await id_of(home, f"personal-files/{name}") for name in ("d", "d/a.txt")]
    event = AuditEvent(at=home.files.clock(), actor="test", action="right.added", target=folder)
    await home.files.spaces.put_right(Right(folder, home.actor.sub, Action.DENY), event)
    assert not {one["id"] for one in (await follow(ann_calls, 0))["changes"]} & {folder, inner}
    # Whoever began before may have been told of them.
    told = {one["id"]: one for one in (await follow(ann_calls, 1))["changes"]}
    for node_id in (folder, inner):
        assert told[node_id]["deleted"] is True
        assert "name" not in told[node_id]


async def test_a_folder_is_told_of_without_what_lies_beside_it(
    ann_calls: Caller, home: Home
) -> None:
    for name in ("else/0", "work/a", "else/1", "work/d/b", "else/2"):
        await home.put(f"personal-files/{name}", b"x")
    sent = "/a/keycell/changes?space=personal-files/work&limit=2"
    first = await ann_calls.good("GET", f"{sent}&cursor=0")
    assert [one["name"] for one in first["changes"]] == ["work", "a"]
    await home.put("personal-files/else/3", b"x")
    gone = await id_of(home, "personal-files/work/a")
    await ann_calls.good("POST", "/a/tree/delete", {"Nodes": [{"Uuid": gone}]})
    told, names, asked = first, [], 1
    while told["more"]:
        more = f"&cursor={told['cursor']}&until={first['until']}"
        told = await ann_calls.good("GET", f"{sent}{more}")
        names += [one["name"] for one in told["changes"]]
        asked += 1
    assert (names, told["cursor"]) == (["d", "b"], first["until"])
    assert asked <= 3
    # From there on everything is told of again, that something went away too.
    told = await ann_calls.good("GET", f"{sent}&cursor={told['cursor']}&limit=9")
    assert {"id": gone, "deleted": True}.items() <= told["changes"][-1].items()
    # Nobody is led beyond where the feed ends.
    beyond = await ann_calls.good("GET", f"{sent}&cursor=0&limit=9&until={2**62}")
    assert beyond["until"] == beyond["cursor"] == told["cursor"]


@pytest.mark.parametrize("query", ["cursor=-1", "cursor=x", "limit=1.5", "wait=²", "cursor="])
async def test_a_query_that_cannot_be_is_refused(ann_calls: Caller, query: str) -> None:
    await ann_calls.refused("GET", f"{FEED}&{query}", None, 400)
    await ann_calls.refused("GET", "/a/keycell/changes?space=nowhere", None, 404)
    await ann_calls.refused("GET", "/a/keycell/changes", None, 404)


async def test_an_older_version_is_brought_back(ann_calls: Caller, home: Home, bob: Home) -> None:
    await home.put("personal-files/a.txt", b"one")
    await home.put("personal-files/a.txt", b"other")
    node_id = await id_of(home, "personal-files/a.txt")
    sent = f"/a/keycell/versions/{node_id}"
    found = (await ann_calls.good("GET", sent))["items"]
    assert [(one["size"], one["is_current"]) for one in found] == [(5, True), (3, False)]
    assert {one["created_by_name"] for one in found} == {"Ann Example"}
    told = await ann_calls.good("POST", f"{sent}/restore", {"version": found[1]["version"]})
    assert told["Node"]["Size"] == "3"
    assert await home.get("personal-files/a.txt") == b"one"
    await ann_calls.refused("POST", f"{sent}/restore", {"version": "none"}, 404)
    await bob.put("personal-files/b.txt", b"x")
    theirs = await id_of(bob, "personal-files/b.txt")
    await ann_calls.refused("GET", f"/a/keycell/versions/{theirs}", None, 404)
    (common, own) = (await ann_calls.good("GET", "/a/keycell/spaces"))["items"]
    assert (common["slug"], own["slug"]) == ("common-files", "personal-files")
    assert (own["is_own"], own["by"], common["is_own"], common["by"]) == (True, "", False, "")
    assert own["used"] > 0
    assert own["trash_days"] == 30
    assert own["largest_file"] == 5 * 2**40


async def test_a_version_is_pinned_or_let_go_of(ann_calls: Caller, home: Home, bob: Home) -> None:
    for content in (b"one", b"other", b"third"):
        await home.put("personal-files/a.txt", content)
    sent = f"/a/keycell/versions/{await id_of(home, 'personal-files/a.txt')}"
    third, other, one = [v["version"] for v in (await ann_calls.good("GET", sent))["items"]]
    told = await ann_calls.good("PUT", f"{sent}/{one}", {"is_pinned": True})
    assert told == {"version": one, "is_pinned": True}
    assert await ann_calls.good("DELETE", f"{sent}/{other}") == {"version": other}
    left = (await ann_calls.good("GET", sent))["items"]
    assert [(v["version"], v["is_pinned"]) for v in left] == [(third, False), (one, True)]
    assert await ann_calls.refused("DELETE", f"{sent}/{third}", None, 409) == "Conflict"
    await ann_calls.refused("DELETE", f"{sent}/{other}", None, 404)
    await ann_calls.refused("PUT", f"{sent}/none", {"is_pinned": True}, 404)
    await ann_calls.refused("PUT", f"{sent}/{one}", {"is_pinned": "yes"}, 400)
    told = await ann_calls.good("PUT", f"{sent}/{one}", {"label": "as sent to Bob"})
    assert told == {"version": one, "label": "as sent to Bob"}
    left = (await ann_calls.good("GET", sent))["items"]
    assert [v["label"] for v in left] == ["", "as sent to Bob"]
    assert left[1]["is_pinned"], "a name changes nothing of how long it is kept"
    await ann_calls.refused("PUT", f"{sent}/{one}", {"label": "two\nlines"}, 400)
    await ann_calls.refused("PUT", f"{sent}/none", {"label": "x"}, 404)
    await ann_calls.good("PUT", f"{sent}/{one}", {"label": ""})
    assert [v["label"] for v in (await ann_calls.good("GET", sent))["items"]] == ["", ""]
    await bob.put("personal-files/b.txt", b"x")
    theirs = await id_of(bob, "personal-files/b.txt")
    await ann_calls.refused("DELETE", f"/a/keycell/versions/{theirs}/{one}", None, 404)


async def test_who_pins_or_names_a_version_is_in_the_trail(
    ann_calls: Caller, home: Home, world: World
) -> None:
    await home.put("personal-files/a.txt", b"one")
    node_id = await id_of(home, "personal-files/a.txt")
    sent = f"/a/keycell/versions/{node_id}"
    (one,) = [v["version"] for v in (await ann_calls.good("GET", sent))["items"]]
    for said in ({"label": "draft"}, {"is_pinned": True}, {"is_pinned": False}, {"label": ""}):
        await ann_calls.good("PUT", f"{sent}/{one}", said)
    await ann_calls.refused("PUT", f"{sent}/none", {"label": "x"}, 404)
    page = [event for _, event in await world.audit.page(None, 100)]
    told = [event for event in page[::-1] if event.action.startswith("version.")]
    assert [(event.action, event.target) for event in told] == [
        (f"version.{what}", node_id) for what in ("named", "pinned", "unpinned", "unnamed")
    ]
    assert told[0].detail == {"path": "personal-files/a.txt", "version": one, "label": "draft"}
