"""Many small files put by one request, each judged for itself. decisions/0065."""

import asyncio
import base64
import hashlib
from dataclasses import dataclass, replace
from typing import Any

import pytest

from keycell.accounts.audit import AuditEvent
from keycell.bootstrap import World
from keycell.files.access import Action, Right
from keycell.files.finding import stat
from keycell.files.names import read_path
from keycell.settings import Settings

from ...conftest import Browser
from ...files.conftest import Home
from .conftest import Caller, id_of, token_of

FILES = "/a/keycell/files"
FEED = "/a/keycell/changes?space=personal-files&cursor=0"


@pytest.fixture
def settings(either_settings: Settings) -> Settings:
    return either_settings


@dataclass
class Folder:
    """A folder that files are put into."""

    caller: Caller
    node_id: str

    def file(self, name: str, content: bytes, **more: object) -> dict[str, object]:
        """Give a file as it is sent, to be put where nothing is."""
        return {
            "parent": self.node_id,
            "name": name,
            "version": None,
            "sha256": hashlib.sha256(content).hexdigest(),
            "mtime": "1700000000.250000",
            "content": base64.b64encode(content).decode(),
        } | more

    async def put(self, *files: dict[str, object]) -> list[Any]:
        found: list[Any] = (await self.caller.good("POST", FILES, {"files": files}))["files"]
        return found

    async def codes(self, *files: dict[str, object]) -> list[str]:
        """Put files, and give what became of each in a word."""
        return [
            one["error"]["Code"] if "error" in one else one["status"]
            for one in await self.put(*files)
        ]


@pytest.fixture
async def folder(ann_calls: Caller, home: Home) -> Folder:
    await home.put("personal-files/d/there.txt", b"there")
    return Folder(ann_calls, await id_of(home, "personal-files/d"))


async def changes(caller: Caller) -> dict[str, Any]:
    told = (await caller.good("GET", FEED))["changes"]
    return {one["name"]: one for one in told if not one["deleted"] and one["name"]}


async def test_many_files_are_put_by_one_request(folder: Folder, home: Home) -> None:
    texts = {f"{number}.txt": b"%d" % number * 300 for number in range(62)}
    texts |= {"empty": b"", "largest": b"x" * 16 * 1024}
    told = await folder.put(*(folder.file(*one) for one in texts.items()))
    assert {one["status"] for one in told} == {"created"}
    assert [one["name"] for one in told] == list(texts)
    known = await changes(folder.caller)
    for one in told:
        assert await home.get(f"personal-files/d/{one['name']}") == texts[one["name"]]
        seen = known[one["name"]]
        assert [one[it] for it in ("id", "version", "etag", "seq", "parent")] == [
            seen[it] for it in ("id", "version", "etag", "seq", "parent")
        ]


async def test_a_file_is_as_if_it_had_come_by_itself(folder: Folder, home: Home) -> None:
    file = folder.file("many.txt", b"text")
    await folder.put(file)
    headers = folder.caller.headers | {
        "x-amz-meta-mtime": "1700000000.250000",
        "x-amz-checksum-sha256": base64.b64encode(bytes.fromhex(str(file["sha256"]))).decode(),
    }
    http = folder.caller.http
    await http.put("/io/personal-files/d/alone.txt", content=b"text", headers=headers)
    many, alone = [
        replace(
            (await stat(home.files, home.actor, read_path(f"personal-files/d/{name}"))).node,
            node_id="", name="", version_id="", revision=0, created_at=home.files.clock(),
        )
        for name in ("many.txt", "alone.txt")
    ]  # fmt: skip
    assert replace(many, created_at=alone.created_at) == alone
    answer = await http.head("/io/personal-files/d/many.txt", headers=folder.caller.headers)
    assert answer.headers["x-amz-meta-mtime"] == "1700000000.250000"


async def test_each_is_judged_for_itself(folder: Folder, home: Home) -> None:
    there = (await changes(folder.caller))["there.txt"]
    await home.put("personal-files/d/e/deep.txt", b"deep")
    spoiled = folder.file("spoiled", b"what came") | {"sha256": hashlib.sha256(b"x").hexdigest()}
    cases = {
        "created": folder.file("new", b"new"),
        "NameTaken": folder.file("THERE.txt", b"collides"),
        "IsAFolder": folder.file("e", b"a folder"),
        "BadPath": folder.file("..", b"no name"),
        "DigestMismatch": spoiled,
        "NotFound": folder.file("a", b"a") | {"parent": "nowhere"},
        "NotAFolder": folder.file("a", b"a") | {"parent": there["id"]},
        "PreconditionFailed": folder.file("there.txt", b"is there"),
        "replaced": folder.file("there.txt", b"edited", version=there["version"]),
    }
    told = await folder.put(*cases.values())
    codes = [one["error"]["Code"] if "error" in one else one["status"] for one in told]
    assert codes == list(cases)
    assert [one["status"] for one in told if "error" in one] == ["refused"] * 6 + ["conflict"]
    assert all(one["error"]["Title"] for one in told if "error" in one)
    assert await home.get("personal-files/d/there.txt") == b"edited"
    assert set(await changes(folder.caller)) == {"d", "e", "deep.txt", "there.txt", "new"}
    versions = (await folder.caller.good("GET", f"/a/keycell/versions/{there['id']}"))["items"]
    assert [one["size"] for one in versions] == [6, 5]


async def test_what_changed_since_it_was_seen_is_not_replaced(folder: Folder, home: Home) -> None:
    there = (await changes(folder.caller))["there.txt"]
    await home.put("personal-files/d/there.txt", b"by somebody else")
    edited = folder.file("there.txt", b"edited", version=there["version"])
    gone = folder.file("gone.txt", b"edited", version=there["version"])
    assert await folder.codes(edited, gone) == ["PreconditionFailed"] * 2
    assert await home.get("personal-files/d/there.txt") == b"by somebody else"


async def test_of_twenty_requests_with_one_condition_one_wins(folder: Folder, home: Home) -> None:
    there = (await changes(folder.caller))["there.txt"]
    for name, version in (("new", None), ("there.txt", there["version"])):
        told = await asyncio.gather(*(
            folder.codes(
                folder.file(f"own-{name}-{number}", b"own"),
                folder.file(name, b"%d" % number, version=version),
            )
            for number in range(20)
        ))  # fmt: skip
        assert [own for own, _ in told] == ["created"] * 20
        won = [number for number, (_, one) in enumerate(told) if one in ("created", "replaced")]
        assert len(won) == 1
        assert sorted(one for _, one in told)[:19] == ["PreconditionFailed"] * 19
        assert await home.get(f"personal-files/d/{name}") == b"%d" % won[0]


async def test_one_name_twice_in_a_request_is_put_once(folder: Folder, home: Home) -> None:
    codes = await folder.codes(folder.file("a", b"first"), folder.file("a", b"second"),
                               folder.file("A", b"third"))  # fmt: skip
    assert codes == ["created", "PreconditionFailed", "NameTaken"]
    assert await home.get("personal-files/d/a") == b"first"


async def test_a_quota_refuses_what_has_no_room_and_counts_the_rest(
    folder: Folder, world: World, home: Home
) -> None:
    space = (await stat(home.files, home.actor, read_path("personal-files"))).space
    event = AuditEvent(at=world.files.clock(), actor="test", action="quota.set")
    await world.files.spaces.set_quota(space.volume_id, 5 + 100, event)
    codes = await folder.codes(
        folder.file("a", b"x" * 60), folder.file("b", b"x" * 60), folder.file("c", b"x" * 40),
        folder.file("d", b"x"), folder.file("there.txt", b"y"),
    )  # fmt: skip
    assert codes == ["created", "QuotaExceeded", "created", "QuotaExceeded", "PreconditionFailed"]
    volume = await world.files.spaces.volume(space.volume_id)
    assert volume is not None
    assert volume.used == 105


async def test_nobody_puts_where_they_may_not(
    folder: Folder, home: Home, bob: Home, world: World, browser: Browser
) -> None:
    await bob.put("personal-files/d/a.txt", b"bob's")
    bobs = await id_of(bob, "personal-files/d")
    assert await folder.codes(folder.file("b", b"b") | {"parent": bobs}) == ["NotFound"]
    reading = await token_of(world, browser, "openid files.read")
    reader = Folder(Caller(browser.http, {"Authorization": f"Bearer {reading}"}), folder.node_id)
    assert await reader.codes(reader.file("b", b"b")) == ["Forbidden"]
    assert set(await changes(folder.caller)) == {"d", "there.txt"}
    del folder.caller.headers["Authorization"]
    assert (await folder.caller.call("POST", FILES, {"files": []})).status_code == 401


async def test_nobody_learns_of_a_file_that_they_may_not_read(folder: Folder, home: Home) -> None:
    there = (await changes(folder.caller))["there.txt"]
    event = AuditEvent(at=home.files.clock(), actor="test", action="right.put")
    await home.files.spaces.put_right(Right(there["id"], home.actor.sub, Action.DENY), event)
    for version in (None, there["version"]):
        (told,) = await folder.put(folder.file("there.txt", b"mine", version=version))
        assert told["error"]["Code"] == "NotFound"
        assert there["etag"] not in str(told)


async def test_nothing_is_put_into_the_recycle_bin(folder: Folder, home: Home) -> None:
    await folder.caller.good("POST", "/a/tree/delete", {"Nodes": [{"Path": "personal-files/d"}]})
    assert await folder.codes(folder.file("a", b"a")) == ["Forbidden"]


async def test_a_locked_file_stays_as_it_is(folder: Folder, home: Home) -> None:
    there = (await changes(folder.caller))["there.txt"]
    path = "/dav/personal-files/d/there.txt"
    body = (b'<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope>'
            b"<D:locktype><D:write/></D:locktype></D:lockinfo>")  # fmt: skip
    answer = await folder.caller.http.request(
        "LOCK", path, content=body, headers=folder.caller.headers
    )
    assert answer.status_code == 200, answer.text
    edited = folder.file("there.txt", b"edited", version=there["version"])
    assert await folder.codes(edited, folder.file("beside", b"b")) == ["Locked", "created"]
    assert await home.get("personal-files/d/there.txt") == b"there"


async def test_what_cannot_be_meant_is_refused_whole(folder: Folder) -> None:
    spoilt: tuple[dict[str, object], ...] = (
        {"content": "no base64"}, {"sha256": "ab"}, {"sha256": ""}, {"version": 1},
        {"mtime": "1\r\nx-evil: 1"}, {"mtime": "now"}, {"name": "a\0b"},
    )  # fmt: skip
    larger = (folder.file("larger", b"x" * size) for size in (16_385, 16_387))
    for bad in (*larger, *(folder.file("a", b"a") | one for one in spoilt)):
        files = [folder.file("good", b"good"), bad]
        answer = await folder.caller.call("POST", FILES, {"files": files})
        assert answer.status_code == 400, answer.text
    assert set(await changes(folder.caller)) == {"d", "there.txt"}


async def test_only_so_many_files_are_taken_at_once(folder: Folder) -> None:
    many = [folder.file(str(number), b"") for number in range(65)]
    await folder.caller.refused("POST", FILES, {"files": many}, 400)
    assert await folder.put() == []
