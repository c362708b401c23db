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
    wrongs: list[dict[str, object]] = [
        {}, {"Query": {}}, {"Query": 7}, {"Query": {"FileName": "*"}},
        {"Query": {"FileName": "x" * 256}}, {"Query": {"FileName": "a\0"}},
    ]  # fmt: skip
    for wrong in wrongs:
        await ann_calls.refused("POST", SEARCH, wrong, 400)
