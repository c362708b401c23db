"""What people say about nodes. CELLS-CLIENT.md 3.6."""

from keycell.accounts.administration import Changes, update_account
from keycell.accounts.people import Account
from keycell.bootstrap import World

from ...conftest import PASSWORD, Browser
from ...files.conftest import Home
from .conftest import Caller, id_of

UPDATE = "/a/user-meta/update"
NOTE = {"Namespace": "usermeta-note", "Label": "Note", "JsonDefinition": '{"type":"string"}'}


async def root_of(world: World, browser: Browser, ann: Account) -> Caller:
    await update_account(world.people, ann, Changes(is_admin=True), "test")
    sent = {"AuthInfo": {"login": "ann", "password": PASSWORD, "type": "credentials"}}
    session = (await browser.http.post("/a/frontend/session", json=sent)).json()
    return Caller(browser.http, {"Authorization": f"Bearer {session['JWT']}"})


async def test_what_is_said_is_given_back_as_it_was_sent(
    world: World, browser: Browser, ann: Account, home: Home, ann_calls: Caller
) -> None:
    await ann_calls.refused("PUT", "/a/user-meta/namespace", {"Namespaces": [NOTE]}, 403)
    root = await root_of(world, browser, ann)
    told = await root.good("PUT", "/a/user-meta/namespace", {"Namespaces": [NOTE]})
    assert NOTE.items() <= told["Namespaces"][0].items()
    assert await root.good("GET", "/a/user-meta/namespace") == told
    await home.put("personal-files/a.txt", b"x")
    said = {"NodeUuid": await id_of(home, "personal-files/a.txt"), "Namespace": "usermeta-note",
            "JsonValue": '"héllo"', "Policies": None}  # fmt: skip
    body = {"MetaDatas": [said], "Operation": "PUT"}
    assert len((await ann_calls.good("PUT", UPDATE, body))["MetaDatas"]) == 1
    asked = {"NodePaths": ["personal-files/a.txt"], "AllMetaProviders": True}
    (node,) = (await ann_calls.good("POST", "/a/meta/bulk/get", asked))["Nodes"]
    assert node["MetaStore"]["usermeta-note"] == '"héllo"'
    body["MetaDatas"] = [said | {"JsonValue": '""'}]
    await ann_calls.good("PUT", UPDATE, body)
    (node,) = (await ann_calls.good("POST", "/a/meta/bulk/get", asked))["Nodes"]
    assert "usermeta-note" not in node["MetaStore"]
    for wrong in ({"Namespace": "dav"}, {"Namespace": "usermeta-none"}, {"JsonValue": 7},
                  {"JsonValue": "x" * 70_000}):  # fmt: skip
        await ann_calls.refused("PUT", UPDATE, {"MetaDatas": [said | wrong]}, 400)
    await ann_calls.refused("PUT", UPDATE, {"MetaDatas": [said | {"NodeUuid": "no"}]}, 404)


async def test_what_another_wire_keeps_is_not_told(home: Home, ann_calls: Caller) -> None:
    await home.put("personal-files/d/a.txt", b"x")
    node_id = await id_of(home, "personal-files/d/a.txt")
    now = home.files.clock()
    await home.files.meta.put(node_id, "dav", '{"{x}secret":"1"}', home.actor.sub, now)
    asked = {"NodePaths": ["personal-files/d/*"], "AllMetaProviders": True}
    (node,) = (await ann_calls.good("POST", "/a/meta/bulk/get", asked))["Nodes"]
    stat = (await ann_calls.good("GET", "/a/tree/stat/personal-files%2Fd%2Fa.txt"))["Node"]
    got = await ann_calls.good("POST", "/a/meta/get/personal-files%2Fd%2Fa.txt")
    for one in (node, stat, got):
        assert "dav" not in one["MetaStore"]
