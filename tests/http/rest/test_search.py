"""Finding nodes by their names, over REST."""

import asyncio
import time
from collections.abc import MutableMapping
from typing import Any

from keycell.bootstrap import World
from keycell.server import make_app

from ...files.conftest import Home
from .conftest import Caller

SEARCH = "/a/search/nodes"


async def test_names_are_found_where_one_may_read(
    ann_calls: Caller, home: Home, bob: Home
) -> None:
    await home.put("personal-files/d/Report 1.txt", b"x")
    await home.put("personal-files/100%.txt", b"x")
    await bob.put("personal-files/report 2.txt", b"x")
    await bob.put("common-files/report 3.txt", b"x")
    for query in ({"FileName": "*REPORT*"}, {"FreeString": "report"}):
        told = await ann_calls.good("POST", SEARCH, {"Query": query})
        found = sorted(node["Path"] for node in told["Results"])
        assert found == ["common-files/report 3.txt", "personal-files/d/Report 1.txt"]
        assert told["Total"] == 2
    told = await ann_calls.good("POST", SEARCH, {"Query": {"FileName": "%"}, "Size": 1})
    assert [node["Path"] for node in told["Results"]] == ["personal-files/100%.txt"]
    assert told["HasMore"] is False
    told = await ann_calls.good("POST", SEARCH, {"Query": {"FreeString": "report"}, "Size": 1})
    assert (len(told["Results"]), told["Total"], told["HasMore"]) == (1, 1, True)
    wrongs: list[dict[str, object]] = [
        {}, {"Query": {}}, {"Query": 7}, {"Query": {"FileName": "*"}},
        {"Query": {"FileName": "x" * 256}}, {"Query": {"FileName": "a\0"}},
    ]  # fmt: skip
    for wrong in wrongs:
        await ann_calls.refused("POST", SEARCH, wrong, 400)


async def test_a_search_goes_on_where_it_ended(ann_calls: Caller, home: Home, bob: Home) -> None:
    for name in ("trip c.txt", "Trip b.txt", "d/trip a.txt", "trip/x.txt"):
        await home.put(f"personal-files/{name}", b"x")
    await bob.put("personal-files/trip aa.txt", b"x")

    async def part(first: object) -> tuple[list[str], bool]:
        asked = {"Query": {"FreeString": "trip"}, "From": first, "Size": 2}
        told = await ann_calls.good("POST", SEARCH, asked)
        return [node["Path"].rpartition("/")[2] for node in told["Results"]], told["HasMore"]

    assert await part(0) == (["trip", "trip a.txt"], True)
    assert await part("1") == (["trip a.txt", "Trip b.txt"], True)
    assert await part(2) == (["Trip b.txt", "trip c.txt"], False)
    assert await part(4) == ([], False)
    wrong = {"Query": {"FreeString": "trip"}, "From": -1}
    await ann_calls.refused("POST", SEARCH, wrong, 400)


async def test_what_was_deleted_is_found_where_one_asks_for_the_recycle_bin(
    ann_calls: Caller, home: Home
) -> None:
    for path in ("personal-files/trip.txt", "personal-files/d/trip 2.txt"):
        await home.put(path, b"x")
    await ann_calls.good("POST", "/a/tree/delete", {"Nodes": [{"Path": "personal-files/d"}]})
    told = await ann_calls.good("POST", SEARCH, {"Query": {"FreeString": "trip"}})
    assert [node["Path"] for node in told["Results"]] == ["personal-files/trip.txt"]
    query = {"FreeString": "trip", "PathPrefix": ["personal-files/recycle_bin"]}
    told = await ann_calls.good("POST", SEARCH, {"Query": query})
    assert [node["Path"] for node in told["Results"]] == [
        "personal-files/recycle_bin/d/trip 2.txt"
    ]


async def test_a_search_asks_for_kind_size_time_and_place(ann_calls: Caller, home: Home) -> None:
    await home.put("personal-files/d/trip notes.txt", b"x" * 10)
    await home.put("personal-files/trip.txt", b"x" * 1_000)
    await home.put("common-files/trip/other.txt", b"x")

    async def found(**query: object) -> list[str]:
        told = await ann_calls.good("POST", SEARCH, {"Query": query})
        return sorted(node["Path"].removeprefix("personal-files/") for node in told["Results"])

    both = ["d/trip notes.txt", "trip.txt"]
    assert await found(FreeString="trip") == ["common-files/trip", *both]
    assert await found(FreeString="trip", Type="LEAF") == both
    assert await found(FreeString="trip", Type="COLLECTION") == ["common-files/trip"]
    assert await found(MinSize=10, MaxSize="999") == ["d/trip notes.txt"]
    assert await found(FreeString="trip", MaxSize=10) == ["d/trip notes.txt"]
    assert await found(FreeString="trip", ContentType="TEXT/") == both
    assert await found(FreeString="trip", ContentType="ext/") == []
    assert await found(FreeString="trip", ContentType="%") == []
    assert await found(FreeString="trip", PathPrefix=["personal-files/"]) == both
    assert await found(FreeString="trip", PathPrefix=["/personal-files/d"]) == both[:1]
    assert await found(FreeString="trip", PathPrefix=["personal-files/d", "no-space"]) == both[:1]
    assert await found(FreeString="trip", PathPrefix=["no-space"]) == []
    changed = (await ann_calls.good("GET", "/a/tree/stat/personal-files/trip.txt"))["Node"]
    now = int(changed["MTime"])
    assert "trip.txt" in await found(FreeString="trip", MinDate=now, MaxDate=now + 1)
    assert await found(FreeString="trip", MinDate=now + 3600) == []
    assert await found(FreeString="trip", MaxDate=now - 3600) == []
    assert await found(FreeString="trip", MaxDate=10**14) == ["common-files/trip", *both]


async def test_what_a_search_cannot_ask_for_is_said(ann_calls: Caller) -> None:
    wrongs: list[dict[str, object]] = [
        {"Type": "FILE"}, {"Type": 7}, {"MinSize": -1}, {"MaxDate": "soon"},
        {"PathPrefix": "d"}, {"PathPrefix": ["personal-files"]}, {"PathPrefix": ["d"] * 101},
        {"ContentType": "x" * 101}, {"Type": "UNKNOWN"},
    ]  # fmt: skip
    for wrong in wrongs:
        await ann_calls.refused("POST", SEARCH, {"Query": wrong}, 400)


async def names(calls: Caller, query: object, **more: object) -> list[str]:
    told = await calls.good("POST", SEARCH, {"Query": query, **more})
    return [node["Path"].rpartition("/")[2] for node in told["Results"]]


async def test_the_text_of_small_files_is_searched(
    ann_calls: Caller, home: Home, bob: Home
) -> None:
    """UX-F19: as far as it may be read, and what is no text holds none."""
    await home.put("personal-files/b.md", "Äpfel und Birnen".encode())
    await home.put("personal-files/a.md", b"only pears")
    await home.put("personal-files/large.md", b"x" * 20_000 + "Äpfel".encode())
    await home.put("personal-files/odd.bin", b"\xff\xfe" + "Äpfel".encode())
    await home.put("personal-files/empty.md", b"")
    await bob.put("personal-files/theirs.md", "Äpfel".encode())
    assert await names(ann_calls, {"Content": "äpfel"}) == ["b.md"]
    assert await names(ann_calls, {"Content": "UND birnen", "FreeString": "b"}) == ["b.md"]
    assert await names(ann_calls, {"Content": "äpfel", "FreeString": "a.md"}) == []
    assert await names(ann_calls, {"Content": "äpfel", "MaxSize": 3}) == []
    node = (await ann_calls.good("GET", "/a/tree/stat/personal-files/b.md"))["Node"]["Uuid"]
    said = [{"NodeUuid": node, "Namespace": "usermeta-tags", "JsonValue": '"fruit"'}]
    await ann_calls.good("PUT", "/a/user-meta/update", {"MetaDatas": said, "Operation": "PUT"})
    assert await names(ann_calls, {"Tag": "fruit", "Content": "birnen"}) == ["b.md"]
    assert await names(ann_calls, {"Tag": "fruit", "Content": "pears"}) == []
    await ann_calls.refused("POST", SEARCH, {"Query": {"Content": "x" * 201}}, 400)


async def test_what_somebody_made_is_found(ann_calls: Caller, home: Home, bob: Home) -> None:
    """UX-F19."""
    await home.put("common-files/ours.txt", b"x")
    await bob.put("common-files/theirs.txt", b"x")
    await bob.put("common-files/ours.txt", b"changed")
    leaf = {"Type": "LEAF"}
    assert await names(ann_calls, {"MadeBy": "ann", **leaf}) == ["ours.txt"]
    assert await names(ann_calls, {"MadeBy": "bob"}) == ["theirs.txt"]
    assert await names(ann_calls, {"MadeBy": "nobody at all"}) == []


async def test_the_latest_come_first_where_that_is_asked(
    ann_calls: Caller, home: Home
) -> None:  # fmt: skip
    """UX-F25: what was changed of late, in every space."""
    for path in ("personal-files/c", "common-files/a", "personal-files/d/b"):
        await home.put(path, b"x")
    latest = {"SortField": "mtime", "SortDirDesc": True}
    assert await names(ann_calls, {"Type": "LEAF"}, **latest) == ["b", "a", "c"]
    assert await names(ann_calls, {"Type": "LEAF"}, **latest, From=1, Size=1) == ["a"]
    assert await names(ann_calls, {"Type": "LEAF"}, SortField="mtime") == ["a", "b", "c"]
    told = await ann_calls.good("POST", SEARCH, {"Query": {"Type": "LEAF"}, **latest})
    by = {node["MetaStore"]["x-keycell-changed-by-name"] for node in told["Results"]}
    assert by == {'"Ann Example"'}


async def test_others_have_their_turn_while_contents_are_looked_through(
    ann_calls: Caller, home: Home
) -> None:
    """What the loop's thread works at once is a small part of all: nobody waits for the whole."""
    for number in range(200):
        await home.put(f"personal-files/{number}.txt", "äß".encode() * 4096)
    turns = list[float]()

    async def take_turns() -> None:
        while True:
            begun = time.thread_time()
            await asyncio.sleep(0.001)
            turns.append(time.thread_time() - begun)

    waiting = asyncio.create_task(take_turns())
    query = {"Content": "nothing of this"}
    assert (await ann_calls.good("POST", SEARCH, {"Query": query}))["Total"] == 0
    waiting.cancel()
    assert max(turns) < sum(turns) / 4


async def test_a_person_looks_through_contents_once_at_a_time(
    ann_calls: Caller, home: Home
) -> None:
    """UX-F19: who asks meanwhile is told when to ask again; names are found at any time."""
    for number in range(100):
        await home.put(f"personal-files/{number}.txt", b"potatoes")
    texts, name = {"Query": {"Content": "potatoes"}}, {"Query": {"FreeString": "7.txt"}}
    first, second, other = await asyncio.gather(
        *(ann_calls.call("POST", SEARCH, one) for one in (texts, texts, name))
    )
    assert (first.status_code, second.status_code, other.status_code) == (200, 429, 200)
    assert second.headers["retry-after"] == "2"
    assert second.json()["Code"] == "SearchUnderWay"
    assert (await ann_calls.good("POST", SEARCH, texts))["Total"] == 50


async def test_for_who_is_gone_nothing_is_looked_through(
    world: World, ann_calls: Caller, home: Home
) -> None:
    await home.put("personal-files/a.txt", b"potatoes")
    body = b'{"Query": {"Content": "potatoes"}}'
    arriving: list[dict[str, object]] = [{"type": "http.request", "body": body}]
    statuses = []

    async def receive() -> dict[str, object]:
        return arriving.pop() if arriving else {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        statuses.append(message.get("status"))

    scope = {
        "type": "http", "method": "POST", "path": SEARCH, "raw_path": SEARCH.encode(),
        "query_string": b"", "headers": [
            (b"authorization", ann_calls.headers["Authorization"].encode()),
            (b"content-length", b"%d" % len(body)),
        ],
    }  # fmt: skip
    await make_app(world)(scope, receive, send)
    assert statuses[0] == 400
    assert (await ann_calls.good("POST", SEARCH, {"Query": {"Content": "potatoes"}}))["Total"] == 1
