"""Lists of nodes over REST. CELLS-CLIENT.md 3.2."""

import asyncio
from itertools import chain
from typing import Any

import pytest

from keycell.accounts.audit import AuditEvent
from keycell.files.access import Action, Right
from keycell.files.finding import locate
from keycell.files.names import read_path
from keycell.http.rest import listing

from ...files.conftest import Home
from .conftest import Caller, id_of

STATS = "/a/tree/stats"


async def folders(home: Home, path: str, count: int) -> None:
    """Make many folders in one, as fast as can be."""
    top = await locate(home.files, home.actor, read_path(path))
    parent, _ = await home.files.nodes.make_folders(
        top.node.node_id, top.found.missing, home.actor.sub, home.files.clock()
    )
    await asyncio.gather(*(
        home.files.nodes.make_folders(
            parent.node_id, (f"{number:04}",), home.actor.sub, home.files.clock()
        )
        for number in range(count)
    ))  # fmt: skip


async def deny(home: Home, path: str) -> None:
    right = Right(await id_of(home, path), home.actor.sub, Action.DENY)
    event = AuditEvent(at=home.files.clock(), actor="test", action="right.added")
    assert await home.files.spaces.put_right(right, event)


async def parts(caller: Caller, path: str, limit: int) -> list[list[str]]:
    """List a folder as the old client does: part by part, by what Pagination says."""
    found: list[list[str]] = []
    offset = 0
    while True:
        body = {"Limit": limit, "NodePaths": [f"{path}/*"], "Offset": offset}
        answer: dict[str, Any] = await caller.good("POST", STATS, body)
        told = answer["Pagination"]
        assert (told["Limit"], told["CurrentOffset"]) == (limit, offset)
        found.append([node["Path"].rpartition("/")[2] for node in answer["Nodes"]])
        offset += limit
        if offset > told["Total"]:
            return found


async def test_a_node_comes_before_what_lies_in_it_and_once(ann_calls: Caller, home: Home) -> None:
    await folders(home, "personal-files/d", 3)
    names = [f"personal-files/d/{number:04}" for number in range(3)]
    top = "personal-files/d"
    asked = [f"{top}/*", top, f"{top}/0001", f"/{top}/*"]
    assert await ann_calls.paths(*asked) == [
        "personal-files/d", names[1], names[0], names[2],
    ]  # fmt: skip
    with_limit = {"NodePaths": asked, "Limit": 2}
    answer = await ann_calls.good("POST", "/a/meta/bulk/get", with_limit)
    assert [one["Path"] for one in answer["Nodes"]] == ["personal-files/d", names[1], names[0]]
    assert answer["Pagination"] == {
        "Limit": 2, "CurrentOffset": 0, "Total": 3, "CurrentPage": 1, "TotalPages": 2,
        "NextOffset": 2,
    }  # fmt: skip


async def test_the_root_lists_the_spaces_after_itself(ann_calls: Caller, home: Home) -> None:
    answer = await ann_calls.good("POST", "/a/meta/bulk/get", {"NodePaths": ["", "/*"]})
    top, *spaces = answer["Nodes"]
    assert (top["Path"], top["Type"]) == ("", "COLLECTION")
    assert [one["Path"] for one in spaces] == ["common-files", "personal-files"]
    assert all("ws_scope" in one["MetaStore"] for one in spaces)
    assert "Pagination" not in answer
    part = {"NodePaths": ["/*"], "Limit": 1, "Offset": 1}
    answer = await ann_calls.good("POST", STATS, part)
    assert [one["Path"] for one in answer["Nodes"]] == ["personal-files"]
    assert answer["Pagination"]["Total"] == 2


async def test_what_is_missing_is_left_out_but_not_as_a_folder(
    ann_calls: Caller, home: Home
) -> None:
    await home.put("personal-files/a.txt", b"x")
    asked = ["personal-files/none", "personal-files/a.txt", "personal-files/a.txt/*", "none"]
    assert await ann_calls.paths(*asked) == ["personal-files/a.txt"]
    for missing in ("personal-files/none/*", "none/*"):
        await ann_calls.refused("POST", STATS, {"NodePaths": [missing, "personal-files"]}, 404)
    assert await ann_calls.good("POST", STATS, {"NodePaths": None}) == {"Nodes": []}
    await ann_calls.refused("POST", STATS, {"NodePaths": [""] * 1001}, 400)


async def test_parts_hold_everything_once(ann_calls: Caller, home: Home) -> None:
    await folders(home, "personal-files/d", 230)
    found = await parts(ann_calls, "personal-files/d", 100)
    assert [len(one) for one in found] == [100, 100, 30]
    assert sorted(chain.from_iterable(found)) == [f"{number:04}" for number in range(230)]


async def test_parts_hold_everything_once_where_something_is_denied(
    ann_calls: Caller, home: Home
) -> None:
    """A client takes a part of fewer nodes than it asked for to be the last."""
    await folders(home, "personal-files/d", 205)
    await deny(home, "personal-files/d/0003")
    found = await parts(ann_calls, "personal-files/d", 100)
    assert [len(one) for one in found] == [100, 100, 4]
    assert sorted(chain.from_iterable(found)) == [f"{n:04}" for n in range(205) if n != 3]
    assert len(await ann_calls.paths("personal-files/d/*")) == 204


async def test_a_long_list_is_whole_and_sent_as_it_is_found(
    ann_calls: Caller, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "_PAGE", 50)
    for count in (49, 50, 51, 120):
        await folders(home, f"personal-files/{count}", count)
        found = await ann_calls.paths(f"personal-files/{count}", f"personal-files/{count}/*")
        assert len(found) == len(set(found)) == count + 1
        offset = {"NodePaths": [f"personal-files/{count}/*"], "Offset": 40}
        rest = (await ann_calls.good("POST", STATS, offset))["Nodes"]
        assert len(rest) == count - 40
