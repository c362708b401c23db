"""The tree over REST: what is where, made, deleted and brought back. CELLS-CLIENT.md 3.0-3.3."""

import json
from datetime import timedelta
from urllib.parse import quote

import pytest

from keycell.accounts.audit import AuditEvent
from keycell.files.finding import stat
from keycell.files.locking import Wanted, take_lock
from keycell.files.names import read_path
from keycell.files.ports_stores import Namespace

from ...files.conftest import Home
from .conftest import Caller, id_of

DELETE = "/a/tree/delete"


def at(path: str) -> str:
    return f"/a/tree/stat/{quote(path, safe='+&=@:$')}"


async def test_a_file_is_told_in_the_exact_form(ann_calls: Caller, home: Home) -> None:
    """CELLS-CLIENT.md 3.0: 64-bit numbers as texts, metadata as JSON texts."""
    placed = await home.put("personal-files/docs/a.txt", b"hello")
    node = (await ann_calls.good("GET", at("personal-files/docs/a.txt")))["Node"]
    assert node == {
        "Uuid": placed.node.node_id, "Path": "personal-files/docs/a.txt", "Type": "LEAF",
        "Size": "5", "MTime": str(int(placed.node.mtime.timestamp())), "Mode": 511,
        "Etag": "5d41402abc4b2a76b9719d911017c592",
        "MetaStore": {"name": '"a.txt"', "mime": '"text/plain"',
                      "x-cells-hash": f'"{placed.node.block_hash}"'},
    }  # fmt: skip
    folder = (await ann_calls.good("GET", at("personal-files/docs/")))["Node"]
    assert (folder["Type"], folder["Path"]) == ("COLLECTION", "personal-files/docs")
    assert "ws_scope" not in folder["MetaStore"]


@pytest.mark.parametrize("address", ["/a/tree/stat", "/a/tree/stat/", "/a/tree/stat/%2F"])
async def test_no_path_is_the_place_where_the_spaces_are(ann_calls: Caller, address: str) -> None:
    node = (await ann_calls.good("GET", address))["Node"]
    assert (node["Type"], node.get("Path", "")) == ("COLLECTION", "")


@pytest.mark.parametrize("name", ["a b.txt", "a+b&c=d@e:f$.txt", "100%.txt", "%2F%25", "ä#?.txt"])
async def test_a_path_is_decoded_exactly_once(ann_calls: Caller, home: Home, name: str) -> None:
    """CELLS-CLIENT.md 0.6."""
    await home.put(f"personal-files/d/{name}", b"x")
    node = (await ann_calls.good("GET", at(f"personal-files/d/{name}")))["Node"]
    assert node["Path"] == f"personal-files/d/{name}"
    assert json.loads(node["MetaStore"]["name"]) == name


@pytest.mark.parametrize(
    "sent",
    ["personal-files%2Fnone", "nowhere", "nowhere%2Fx", "personal-files%2F..%2Fpersonal-files",
     "..%2F..%2Fetc", "personal-files%2F%00", "personal-files%2F" + "x" * 5000,
     "personal-files%252Fa.txt", "personal-files%2F%FF", "personal-files%2F%2F", "a" * 300],
)  # fmt: skip
async def test_what_is_not_there_and_what_cannot_be_are_both_404(
    ann_calls: Caller, home: Home, sent: str
) -> None:
    """CELLS-CLIENT.md 0: clients ask again and again after any other status."""
    await home.put("personal-files/a.txt", b"x")
    answer = await ann_calls.call("GET", f"/a/tree/stat/{sent}")
    if sent.endswith("%2F%2F"):
        assert answer.status_code == 200
        return
    assert answer.status_code == 404, answer.text
    assert answer.headers["content-type"] == "application/json"


async def test_others_files_are_as_if_they_were_not(
    ann_calls: Caller, home: Home, bob: Home
) -> None:
    await bob.put("personal-files/secret.txt", b"x")
    secret = await id_of(bob, "personal-files/secret.txt")
    assert (await ann_calls.call("GET", at("personal-files/secret.txt"))).status_code == 404
    await ann_calls.good("POST", DELETE, {"Nodes": [{"Uuid": secret}]})
    assert await bob.get("personal-files/secret.txt") == b"x"


async def test_nobody_sees_anything_without_a_token(ann_calls: Caller) -> None:
    for method, path in (("GET", at("personal-files")), ("POST", "/a/tree/stats")):
        answer = await ann_calls.http.request(method, path)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_folders_are_made_with_those_they_lie_in_and_once(ann_calls: Caller) -> None:
    """CELLS-CLIENT.md 3.3."""
    body = {"Nodes": [{"AppearsIn": None, "Commits": None, "Path": "personal-files/x/y/z"}],
            "Recursive": False}  # fmt: skip
    made = await ann_calls.good("POST", "/a/tree/create", body)
    again = await ann_calls.good("POST", "/a/tree/create", body)
    assert made == again
    assert [(one["Path"], one["Type"]) for one in made["Children"]] == [
        ("personal-files/x/y/z", "COLLECTION")
    ]
    leaf = {"Nodes": [{"Path": "personal-files/x/empty", "Type": "LEAF"}]}
    first = await ann_calls.good("POST", "/a/tree/create", leaf)
    assert first == await ann_calls.good("POST", "/a/tree/create", leaf)
    assert first["Children"][0]["Size"] == "0"
    await ann_calls.refused(
        "POST", "/a/tree/create", {"Nodes": [{"Path": "personal-files/x/empty/y"}]}, 409
    )
    await ann_calls.refused("POST", "/a/tree/create", {"Nodes": [{"Path": "nowhere/x"}]}, 404)


@pytest.mark.parametrize(
    "body",
    [{"Nodes": 7}, {"Nodes": ["x"]}, {"Nodes": [{"Path": 7}]}, {"Nodes": [{"Path": "a\0"}]},
     {"Nodes": [{"Path": "x" * 5000}]}, {"Nodes": [{"Path": "personal-files/../x"}]},
     {"Nodes": [{}] * 1001}, {"Nodes": [{"Path": "personal-files/" + "a/" * 70}]}],
)  # fmt: skip
async def test_a_body_that_cannot_be_is_refused(ann_calls: Caller, body: object) -> None:
    for path in ("/a/tree/create", DELETE, "/a/tree/restore"):
        assert await ann_calls.refused("POST", path, body, 400)


async def test_deleting_for_good_passes_over_what_is_missing(
    ann_calls: Caller, home: Home
) -> None:
    """CELLS-CLIENT.md 3.4: it is done when this answers."""
    await home.put("personal-files/a.txt", b"x")
    nodes = [{"Path": path} for path in ("personal-files/none", "no/x", "personal-files/a.txt")]
    body = {"Nodes": nodes, "RemovePermanently": True}
    assert await ann_calls.good("POST", DELETE, body) == {"DeleteJobs": []}
    assert await ann_calls.good("POST", DELETE, body) == {"DeleteJobs": []}
    assert await ann_calls.paths("personal-files/*") == ["personal-files/recycle_bin"]


async def test_what_is_deleted_comes_back_from_the_recycle_bin(
    ann_calls: Caller, home: Home
) -> None:
    await home.put("personal-files/d/a.txt", b"one")
    node_id = await id_of(home, "personal-files/d/a.txt")
    await ann_calls.good("POST", DELETE, {"Nodes": [{"Uuid": node_id}]})
    # Sent once more it would empty the recycle bin, if an identifier were enough for that.
    await ann_calls.good("POST", DELETE, {"Nodes": [{"Uuid": node_id}]})
    (there,) = await ann_calls.paths("personal-files/recycle_bin/*")
    node = (await ann_calls.good("GET", at(there)))["Node"]
    assert json.loads(node["MetaStore"]["x-keycell-origin"]) == "personal-files/d/a.txt"
    listed = await ann_calls.good("POST", "/a/tree/stats", {"NodePaths": [there]})
    said = {name: json.loads(text) for name, text in listed["Nodes"][0]["MetaStore"].items()}
    assert said["x-keycell-deleted-by-name"] == "Ann Example"
    assert abs(said["x-keycell-trashed-at"] - home.files.clock().timestamp()) < 3600
    await home.put("personal-files/d/a.txt", b"two")
    answer = await ann_calls.good("POST", "/a/tree/restore", {"Nodes": [{"Path": there}]})
    assert answer == {"RestoreJobs": []}
    assert await home.get("personal-files/d/a-2.txt") == b"one"
    assert await home.get("personal-files/d/a.txt") == b"two"
    await ann_calls.good("POST", DELETE, {"Nodes": [{"Path": "personal-files/d/a-2.txt"}]})
    (there,) = await ann_calls.paths("personal-files/recycle_bin/*")
    await ann_calls.good("POST", DELETE, {"Nodes": [{"Path": there}]})
    assert await ann_calls.paths("personal-files/recycle_bin/*") == []


async def test_a_space_is_not_deleted_as_a_folder(ann_calls: Caller) -> None:
    for path in ("personal-files", "common-files"):
        await ann_calls.refused("POST", DELETE, {"Nodes": [{"Path": path}]}, 403)


async def test_what_somebody_locked_is_423(ann_calls: Caller, home: Home) -> None:
    """RFC4918-11.3."""
    await home.put("personal-files/a.txt", b"one")
    await home.put("personal-files/a.txt", b"two")
    located = await stat(home.files, home.actor, read_path("personal-files/a.txt"))
    wanted = Wanted(is_exclusive=True, is_deep=False, owner="", timeout=timedelta(minutes=5))
    await take_lock(home.files, home.actor, located, wanted)
    node = {"Path": "personal-files/a.txt"}
    assert await ann_calls.refused("POST", DELETE, {"Nodes": [node]}, 423) == "Locked"
    for_good = {"Nodes": [node], "RemovePermanently": True}
    await ann_calls.refused("POST", DELETE, for_good, 423)
    node_id = located.node.node_id
    found = (await ann_calls.good("GET", f"/a/keycell/versions/{node_id}"))["items"]
    back = {"version": found[-1]["version"]}
    await ann_calls.refused("POST", f"/a/keycell/versions/{node_id}/restore", back, 423)
    move = {"nodes": ["personal-files/a.txt"], "target": "personal-files/b.txt"}
    body = {"JsonParameters": json.dumps(move)}
    await ann_calls.refused("PUT", "/a/jobs/user/move", body, 423)
    note = Namespace(
        "usermeta-note", "Note", 1, is_indexable=False, definition='{"type":"string"}'
    )
    event = AuditEvent(at=home.files.clock(), actor="test", action="namespace.changed")
    await home.files.meta.put_namespace(note, event)
    meta = {"Namespace": note.name, "NodeUuid": node_id, "JsonValue": '"x"'}
    await ann_calls.refused("PUT", "/a/user-meta/update", {"MetaDatas": [meta]}, 423)
    assert await home.get("personal-files/a.txt") == b"two"
