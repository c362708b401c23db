"""Lists of nodes. CELLS-CLIENT.md 3.2."""

import pytest

from ...files.conftest import Home
from .conftest import Caller
from .test_long_lists import deny

STATS = "/a/tree/stats"


async def test_the_top_is_listed_itself_first_and_spaces_say_what_they_are(
    ann_calls: Caller,
) -> None:
    for path in (STATS, "/a/meta/bulk/get"):
        told = await ann_calls.good("POST", path, {"NodePaths": ["", "/*"]})
        assert "Pagination" not in told
        root, *spaces = told["Nodes"]
        assert (root["Path"], root["Type"]) == ("", "COLLECTION")
        assert [one["Path"] for one in spaces] == ["common-files", "personal-files"]
        for one in spaces:
            store = one["MetaStore"]
            assert store["ws_scope"] == '"ADMIN"'
            assert store["ws_slug"] == f'"{one["Path"]}"'
            assert store["ws_permissions"] == '"rw"'
            assert store["ws_uuid"] != '""'


async def test_a_folder_comes_first_and_once_and_then_what_lies_in_it(
    ann_calls: Caller, home: Home
) -> None:
    for name in ("b.txt", "a/x.txt", ".hidden"):
        await home.put(f"personal-files/d/{name}", b"x")
    d = "personal-files/d"
    asked = [f"{d}/*", d, d, f"{d}/", f"{d}/none", f"{d}/b.txt", f"{d}/b.txt/*"]
    found = await ann_calls.paths(*asked)
    assert found[0] == d
    assert sorted(found) == [d, f"{d}/.hidden", f"{d}/a", f"{d}/b.txt"]
    assert await ann_calls.paths(f"{d}/b.txt/*") == []
    await ann_calls.refused("POST", STATS, {"NodePaths": [f"{d}/none/*"]}, 404)
    assert await ann_calls.good("POST", STATS, {"NodePaths": None}) == {"Nodes": []}


async def test_a_long_folder_is_told_in_parts(ann_calls: Caller, home: Home) -> None:
    for number in range(25):
        await home.put(f"personal-files/d/{number:02}", b"x")
    found = []
    for offset in (0, 10, 20, 30):
        body = {"NodePaths": ["personal-files/d/*"], "Limit": 10, "Offset": offset}
        told = await ann_calls.good("POST", STATS, body)
        found += [node["Path"][-2:] for node in told["Nodes"]]
        pages = told["Pagination"]
        assert (pages["Limit"], pages["CurrentOffset"], pages["Total"]) == (10, offset, 25)
        assert pages["TotalPages"] == 3
        assert pages.get("NextOffset") == (offset + 10 if offset < 20 else None)
    assert found == [f"{number:02}" for number in range(25)]
    assert len(await ann_calls.paths("personal-files/d/*")) == 25
    top = await ann_calls.good("POST", STATS, {"NodePaths": ["/*"], "Limit": 1, "Offset": 1})
    assert [one["Path"] for one in top["Nodes"]] == ["personal-files"]
    assert top["Pagination"]["Total"] == 2


async def test_a_folder_is_told_in_an_order_folders_first(ann_calls: Caller, home: Home) -> None:
    for name in ("10", "a.txt", "B.txt", "c/x"):
        await home.put(f"personal-files/{name}", b"x" * len(name))
    await ann_calls.good("POST", "/a/tree/delete", {"Nodes": [{"Path": "personal-files/10"}]})

    async def told(**asked: object) -> tuple[list[str], int]:
        body = {"NodePaths": ["personal-files/*"], "Limit": 2, **asked}
        answer = await ann_calls.good("POST", STATS, body)
        names = [node["Path"].partition("/")[2] for node in answer["Nodes"]]
        return names, answer["Pagination"]["Total"]

    assert await told(SortField="name") == (["c", "a.txt"], 3)
    assert await told(SortField="name", Offset=2) == (["B.txt"], 3)
    assert (await told(SortField="name", SortDirDesc=True, Limit=3))[0] == ["c", "B.txt", "a.txt"]
    assert await told(SortField="size", NameContains="TXT") == (["a.txt", "B.txt"], 2)
    assert await told(NameContains="none") == ([], 0)
    top = await ann_calls.good(
        "POST", STATS, {"NodePaths": ["/*"], "Limit": 9, "SortField": "size"}
    )
    assert len(top["Nodes"]) == 2


async def test_what_is_denied_is_not_counted_in_an_order(ann_calls: Caller, home: Home) -> None:
    for name in ("a", "b", "c"):
        await home.put(f"personal-files/d/{name}/x", b"x")
    await deny(home, "personal-files/d/b")
    body = {"NodePaths": ["personal-files/d/*"], "Limit": 2, "SortField": "name"}
    told = await ann_calls.good("POST", STATS, body)
    assert [node["Path"][-1] for node in told["Nodes"]] == ["a", "c"]
    assert told["Pagination"]["Total"] == 2


@pytest.mark.parametrize(
    "body",
    [{"NodePaths": "x"}, {"NodePaths": [7]}, {"NodePaths": ["x"] * 1001}, [], "x",
     {"NodePaths": ["personal-files/*"], "Limit": -1}, {"NodePaths": ["a\0"]},
     {"NodePaths": ["personal-files/*"], "Limit": 10**30},
     {"NodePaths": ["personal-files/*"], "Limit": 10, "SortField": "colour"},
     {"NodePaths": ["personal-files/*"], "Limit": 1001, "SortField": "name"},
     {"NodePaths": ["personal-files/*"], "NameContains": "a"},
     {"NodePaths": ["personal-files/*"], "Limit": 10, "NameContains": "a" * 256},
     {"NodePaths": ["personal-files/../*"]}, {"NodePaths": ["x" * 5000]}],
)  # fmt: skip
async def test_a_list_that_cannot_be_is_refused(ann_calls: Caller, body: object) -> None:
    await ann_calls.refused("POST", STATS, body, 400)
    await ann_calls.refused("POST", STATS, {"NodePaths": ["nowhere/*"]}, 404)
