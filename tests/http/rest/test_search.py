"""Finding nodes by their names, over REST."""

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
