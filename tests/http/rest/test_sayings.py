"""What people say about nodes over REST: bookmarks, tags, values."""

import asyncio
import json

import pytest

from keycell.bootstrap import World
from keycell.http.rest import sayings

from ..tokens import make
from .people import Person, alice, bo, root

__all__ = ["alice", "bo", "root"]

TAGS = {"Namespace": "usermeta-tags", "Label": "Tags", "JsonDefinition": '{"type":"tags"}'}
NOTE = {"Namespace": "usermeta-note", "Label": "Note", "JsonDefinition": '{"type":"string"}'}


async def folder(person: Person, path: str) -> str:
    """Make a folder, and give its identifier."""
    made = await person.asks("POST", "tree/create", {"Nodes": [{"Path": path}]})
    found: str = made["Children"][0]["Uuid"]  # type: ignore[index]
    return found


async def say(person: Person, node_id: str, namespace: str, value: str) -> None:
    meta = {"NodeUuid": node_id, "Namespace": namespace, "JsonValue": value, "Policies": None}
    await person.asks("PUT", "user-meta/update", {"MetaDatas": [meta], "Operation": "PUT"})


@pytest.fixture
async def namespaces(root: Person) -> None:
    await root.asks("PUT", "user-meta/namespace", {"Operation": "PUT", "Namespaces": [TAGS, NOTE]})


async def test_a_bookmark_is_ones_own(alice: Person, bo: Person) -> None:
    shared = await folder(alice, "common-files/shared")
    own = await folder(alice, "personal-files/own")
    for node_id in (shared, own):
        await say(alice, node_id, "bookmark", '"true"')
    found = await alice.asks("POST", "user-meta/bookmarks", {"All": True})
    nodes: list[dict[str, object]] = found["Nodes"]  # type: ignore[assignment]
    assert [one["Path"] for one in nodes] == ["common-files/shared", "personal-files/own"]
    assert nodes[0]["MetaStore"]["bookmark"] == '"true"'  # type: ignore[index]
    assert (await bo.asks("POST", "user-meta/bookmarks"))["Nodes"] == []
    seen = await bo.asks("GET", "tree/stat/common-files%2Fshared")
    assert "bookmark" not in str(seen)
    await say(alice, shared, "bookmark", '""')
    left = await alice.asks("POST", "user-meta/bookmarks")
    assert [one["Path"] for one in left["Nodes"]] == ["personal-files/own"]  # type: ignore[attr-defined]
    await alice.asks("POST", "tree/delete", {"Nodes": [{"Path": "personal-files/own"}]})
    assert (await alice.asks("POST", "user-meta/bookmarks"))["Nodes"] == []


async def test_tags_of_nodes_that_may_be_read_are_listed(
    namespaces: None, alice: Person, bo: Person
) -> None:
    await say(alice, await folder(alice, "common-files/a"), "usermeta-tags", '"red, blue"')
    await say(alice, await folder(alice, "common-files/b"), "usermeta-tags", '["green"]')
    await say(alice, await folder(alice, "common-files/c"), "usermeta-tags", "7")
    await say(alice, await folder(alice, "personal-files/d"), "usermeta-tags", '"secret"')
    listed = await alice.asks("GET", "user-meta/tags/usermeta-tags")
    assert listed == {"Tags": ["blue", "green", "red", "secret"]}
    assert await bo.asks("GET", "user-meta/tags/usermeta-tags") == {
        "Tags": ["blue", "green", "red"]
    }
    await bo.is_told(400, "GET", "user-meta/tags/usermeta-note")
    await bo.is_told(404, "GET", "user-meta/tags/usermeta-none")
    await bo.is_told(404, "GET", "user-meta/tags/dav")


async def test_a_tag_is_offered_before_it_is_on_any_node(
    namespaces: None, root: Person, alice: Person, bo: Person
) -> None:
    """CELLS.md 4, UserMetaService."""
    tags = "user-meta/tags/usermeta-tags"
    for tag in ("new", "new", " two  words "):
        await bo.asks("POST", tags, {"Tag": tag})
    await alice.asks("POST", tags, {"Tag": "a/b é"})
    offered = {"Tags": ["a/b é", "new", "two words"]}
    assert await alice.asks("GET", tags) == offered
    for bad in ("", "a,b", "x" * 201, "*", "a\tb\x1b"):
        await bo.is_told(400, "POST", tags, {"Tag": bad})
    # What somebody else offers is theirs, or an administrator's, to take back.
    await alice.is_told(404, "DELETE", f"{tags}/new")
    await bo.asks("DELETE", f"{tags}/new")
    await bo.is_told(404, "DELETE", f"{tags}/new")
    assert (await bo.asks("DELETE", f"{tags}/*"))["NumRows"] == "1"
    assert await bo.asks("GET", tags) == {"Tags": ["a/b é"]}
    await say(bo, await folder(bo, "common-files/a"), "usermeta-tags", '"a/b é"')
    await root.asks("DELETE", f"{tags}/a%2Fb%20%C3%A9")
    assert await bo.asks("GET", tags) == {"Tags": ["a/b é"]}
    await root.is_told(404, "DELETE", "user-meta/tags/usermeta-none/x")


async def test_a_token_for_one_place_offers_no_tags_and_is_shown_none(
    namespaces: None, alice: Person
) -> None:
    tags = "user-meta/tags/usermeta-tags"
    await alice.asks("POST", tags, {"Tag": "new"})
    for scope in ("space:personal-files:rw", "files.read"):
        text = await make(alice.http, alice.token, scope)
        narrow = Person(alice.http, alice.account, text)
        await narrow.is_told(403, "POST", tags, {"Tag": "x"})
        await narrow.is_told(403, "DELETE", f"{tags}/new")
        shown = [] if scope.startswith("space") else ["new"]
        assert await narrow.asks("GET", tags) == {"Tags": shown}


async def test_what_is_said_is_found_by_namespace_and_by_node(
    namespaces: None, alice: Person, bo: Person
) -> None:
    shared = await folder(alice, "common-files/shared")
    own = await folder(alice, "personal-files/own")
    for node_id in (shared, own):
        await say(alice, node_id, "usermeta-note", '"hello"')
    said = {"Namespace": "usermeta-note", "JsonValue": '"hello"'}
    by_name = await bo.asks("POST", "user-meta/search", {"Namespace": "usermeta-note"})
    assert by_name == {"Metadatas": [{"NodeUuid": shared} | said]}
    asked = {"NodeUuids": [own, own, shared], "Namespace": None}
    by_node = await alice.asks("POST", "user-meta/search", asked)
    assert {one["NodeUuid"] for one in by_node["Metadatas"]} == {own, shared}  # type: ignore[attr-defined]
    assert len(by_node["Metadatas"]) == 2  # type: ignore[arg-type]
    assert (await bo.asks("POST", "user-meta/search", {"NodeUuids": [own]})) == {"Metadatas": []}
    await bo.is_told(400, "POST", "user-meta/search", {})
    await bo.is_told(404, "POST", "user-meta/search", {"Namespace": "dav"})


async def test_what_others_tagged_hides_nothing(
    namespaces: None, alice: Person, bo: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2):
        await say(bo, await folder(bo, f"personal-files/a{number}"), "usermeta-tags", '"red"')
    await say(alice, await folder(alice, "personal-files/mine"), "usermeta-tags", '"red"')
    monkeypatch.setattr(sayings, "LOOKED_AT", 2)
    monkeypatch.setattr(sayings, "_MOST_TAGGED", 2)
    listed = await alice.asks("GET", "user-meta/tags/usermeta-tags")
    assert listed == {"Tags": ["red"]}
    answer = await alice.asks("POST", "search/nodes", {"Query": {"Tag": "red"}})
    assert [one["Path"] for one in answer["Results"]] == ["personal-files/mine"]  # type: ignore[attr-defined]
    assert answer["HasMore"] is False
    monkeypatch.setattr(sayings, "LOOKED_AT", 1)
    answer = await bo.asks("POST", "search/nodes", {"Query": {"Tag": "red"}})
    assert [one["Path"] for one in answer["Results"]] == ["personal-files/a0"]  # type: ignore[attr-defined]
    assert answer["HasMore"] is True


async def test_a_search_asks_for_a_tag_with_all_else(
    namespaces: None, alice: Person, bo: Person
) -> None:
    for path, tags in (("common-files/trip", "red,blue"), ("common-files/else", "red")):
        await say(alice, await folder(alice, path), "usermeta-tags", f'"{tags}"')
    await say(alice, await folder(alice, "personal-files/own trip"), "usermeta-tags", '"red"')

    async def found(person: Person, **query: object) -> list[str]:
        answer = await person.asks("POST", "search/nodes", {"Query": query})
        results: list[dict[str, str]] = answer["Results"]  # type: ignore[assignment]
        return sorted(one["Path"] for one in results)

    both = ["common-files/else", "common-files/trip"]
    assert await found(bo, Tag="red") == both
    assert await found(alice, Tag="red") == [*both, "personal-files/own trip"]
    assert await found(bo, Tag="blue") == both[1:]
    assert await found(bo, Tag="red", FreeString="TRIP") == both[1:]
    assert await found(bo, Tag="red", Type="LEAF") == []
    assert await found(bo, Tag="none") == []
    answer = await bo.asks("POST", "search/nodes", {"Query": {"FreeString": "trip"}})
    assert '"usermeta-tags":"\\"red,blue\\""' in json.dumps(answer, separators=(",", ":"))


async def test_something_is_said_by_a_nodes_path(namespaces: None, alice: Person) -> None:
    await folder(alice, "personal-files/a+b c")
    path = "personal-files%2Fa+b%20c"
    wanted = {"Metadatas": [{"Namespace": "usermeta-note", "JsonMeta": '"hi"'}]}
    said = await alice.asks("POST", f"meta/set/{path}", wanted)
    assert said["MetaStore"]["usermeta-note"] == '"hi"'  # type: ignore[index]
    other = await alice.asks("POST", f"meta/get/{path}", {"Namespaces": ["usermeta-tags"]})
    assert "usermeta-note" not in other["MetaStore"]  # type: ignore[operator]
    left = await alice.asks("POST", f"meta/delete/{path}", {"Namespaces": ["usermeta-note"]})
    assert "usermeta-note" not in left["MetaStore"]  # type: ignore[operator]
    for bad in ("hi", "[" * 100_000, '{"a":'):
        body = {"Metadatas": [{"Namespace": "usermeta-note", "JsonMeta": bad}]}
        await alice.is_told(400, "POST", f"meta/set/{path}", body)
    unknown = {"Metadatas": [{"Namespace": "dav", "JsonMeta": "{}"}]}
    await alice.is_told(400, "POST", f"meta/set/{path}", unknown)
    await alice.is_told(404, "POST", "meta/set/personal-files%2Fnone", wanted)


async def test_who_may_read_alone_says_nothing_but_keeps_a_bookmark(
    world: World, namespaces: None, alice: Person, bo: Person
) -> None:
    node_id = await folder(alice, "personal-files/own")
    meta = {"NodeUuid": node_id, "Namespace": "bookmark", "JsonValue": '"true"'}
    await bo.is_told(404, "PUT", "user-meta/update", {"MetaDatas": [meta]})
    await asyncio.gather(*(say(alice, node_id, "bookmark", f'"{n}"') for n in range(20)))
    assert len((await alice.asks("POST", "user-meta/bookmarks"))["Nodes"]) == 1  # type: ignore[arg-type]
