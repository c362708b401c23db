"""Public links over REST."""

import asyncio
from collections.abc import Callable

import httpx2
import pytest

from keycell.bootstrap import World
from keycell.files.finding import stat
from keycell.files.links import check_hash
from keycell.files.names import read_path
from keycell.http.rest.links import mint_address

from ...conftest import Browser, add_client
from ...files.conftest import Home, home

__all__ = ["home"]

Ask = Callable[..., "object"]


async def token(world: World, browser: Browser, scope: str) -> str:
    made = await add_client(world, scope=f"openid {scope}")
    response = await browser.exchange(made, await browser.code(made, scope=f"openid {scope}"))
    found: str = response.json()["access_token"]
    return found


@pytest.fixture
async def bearer(world: World, browser: Browser, home: Home) -> dict[str, str]:
    return {"Authorization": f"Bearer {await token(world, browser, 'files.read files.write')}"}


async def put(
    browser: Browser, bearer: dict[str, str], link: dict[str, object], **beside: object
) -> httpx2.Response:
    body = {"ShareLink": link} | beside
    return await browser.http.put("/a/share/link", json=body, headers=bearer)


async def test_a_link_is_made_as_the_old_client_asks(
    browser: Browser, bearer: dict[str, str], home: Home
) -> None:
    """CELLS-CLIENT.md 3.5."""
    await home.put("personal-files/a.txt", b"hello")
    node = (await stat(home.files, home.actor, read_path("personal-files/a.txt"))).node
    made = await put(browser, bearer, {
        "Label": "a.txt", "Permissions": ["Download", "Preview"], "Policies": None,
        "PoliciesContextEditable": True,
        "RootNodes": [{"AppearsIn": None, "Commits": None, "Uuid": node.node_id}],
        "ViewTemplateName": "pydio_shared_folder",
    })  # fmt: skip
    assert made.status_code == 200, made.text
    link = made.json()
    page = await browser.http.get(link["LinkUrl"])
    assert "a.txt" in page.text
    assert link["MaxDownloads"] == "0"
    assert link["RootNodes"] == [{"Uuid": node.node_id}]
    read = await browser.http.get(f"/a/share/link/{link['Uuid']}", headers=bearer)
    # What it is to is looked up for one link alone.
    assert read.json() == link | {"RootNodes": [{"Uuid": node.node_id, "Type": "LEAF"}]}


def test_every_address_that_is_made_may_be_kept() -> None:
    made = [mint_address() for _ in range(1000)]
    assert [check_hash(one) for one in made] == made
    assert len(set(made)) == 1000


async def test_a_link_is_changed_and_removed(
    browser: Browser, bearer: dict[str, str], home: Home
) -> None:
    await home.put("personal-files/a.txt", b"hello")
    node = (await stat(home.files, home.actor, read_path("personal-files/a.txt"))).node
    root = [{"Uuid": node.node_id}]
    made = (await put(browser, bearer, {"RootNodes": root, "Permissions": ["Preview"]})).json()
    changed = await put(
        browser, bearer,
        {"Uuid": made["Uuid"], "Permissions": ["Download"], "MaxDownloads": "5", "Label": "New",
         "AccessEnd": "4102444800"},
        PasswordEnabled=True, CreatePassword="open sesame", UpdateCustomHash="my-file",
    )  # fmt: skip
    assert changed.status_code == 200, changed.text
    link = changed.json()
    assert link["LinkUrl"].endswith("/public/my-file")
    assert (link["MaxDownloads"], link["Label"], link["AccessEnd"]) == ("5", "New", "4102444800")
    assert link["PasswordRequired"] is True
    assert (await browser.http.get(f"/public/{made['LinkHash']}")).status_code == 404
    assert 'name="password"' in (await browser.http.get("/public/my-file")).text
    opened = await put(browser, bearer, {"Uuid": made["Uuid"]}, PasswordEnabled=False)
    assert opened.json()["PasswordRequired"] is False
    removed = await browser.http.delete(f"/a/share/link/{made['Uuid']}", headers=bearer)
    assert removed.json() == {"Success": True}
    assert (await browser.http.get("/public/my-file")).status_code == 404
    again = await browser.http.delete(f"/a/share/link/{made['Uuid']}", headers=bearer)
    assert again.status_code == 404


@pytest.mark.parametrize(
    ("link", "beside", "status"),
    [
        ({}, {}, 400),
        ({"RootNodes": [{"Uuid": "none"}], "Permissions": ["Preview"]}, {}, 404),
        ({"RootNodes": "x"}, {}, 400),
        ({"Permissions": ["Everything"]}, {}, 400),
        ({"Permissions": ["Upload"]}, {}, 403),
        ({"MaxDownloads": "-1"}, {}, 400),
        ({"MaxDownloads": "9" * 30}, {}, 400),
        ({"AccessEnd": "1"}, {}, 400),
        ({"AccessEnd": "999999999999999"}, {}, 400),
        ({"Label": "x" * 5000}, {}, 400),
        ({"Label": 7}, {}, 400),
        ({}, {"UpdateCustomHash": "../x"}, 400),
        ({}, {"CreatePassword": "x"}, 400),
        ({}, {"PasswordEnabled": True}, 400),
    ],
)
async def test_a_link_that_cannot_be_is_refused(
    browser: Browser, bearer: dict[str, str], home: Home,
    link: dict[str, object], beside: dict[str, object], status: int,
) -> None:  # fmt: skip
    await home.put("personal-files/a.txt", b"hello")
    node = (await stat(home.files, home.actor, read_path("personal-files/a.txt"))).node
    usual: dict[str, object] = {"RootNodes": [{"Uuid": node.node_id}], "Permissions": ["Preview"]}
    refused = await put(browser, bearer, (usual if link or beside else {}) | link, **beside)
    assert refused.status_code == status, refused.text
    assert refused.json()["Code"]


async def test_a_token_without_files_makes_no_link(
    world: World, browser: Browser, home: Home
) -> None:
    await home.put("personal-files/a.txt", b"hello")
    weak = {"Authorization": f"Bearer {await token(world, browser, 'profile')}"}
    refused = await put(browser, weak, {"Permissions": ["Preview"]})
    assert refused.status_code == 403
    assert (await browser.http.put("/a/share/link", json={})).status_code == 401


async def test_a_token_makes_no_link_that_opens_more_than_itself(
    world: World, browser: Browser, bearer: dict[str, str], home: Home
) -> None:
    """A link outlasts the token: one that only reads, or is for another place, makes none."""
    await home.put("personal-files/a.txt", b"hello")
    node = (await stat(home.files, home.actor, read_path("personal-files/a.txt"))).node
    wanted = {"Permissions": ["Download"], "RootNodes": [{"Uuid": node.node_id}]}
    reading = {"Authorization": f"Bearer {await token(world, browser, 'files.read')}"}
    refused = await put(browser, reading, wanted)
    assert refused.status_code == 403, refused.text
    made = await put(browser, bearer, wanted)
    assert made.status_code == 200, made.text
    address = f"/a/share/link/{made.json()['Uuid']}"
    assert (await browser.http.delete(address, headers=reading)).status_code == 403
    changed = await put(browser, reading, {**wanted, "Uuid": made.json()["Uuid"]})
    assert changed.status_code == 403
    assert (await browser.http.delete(address, headers=bearer)).status_code == 200


async def test_what_two_change_of_a_link_at_once_both_stay(
    browser: Browser, bearer: dict[str, str], home: Home
) -> None:
    """Who names it anew at the moment in which a password is set does not take it away."""
    await home.put("personal-files/a.txt", b"hello")
    node = (await stat(home.files, home.actor, read_path("personal-files/a.txt"))).node
    uuid = (await put(browser, bearer, {
        "Permissions": ["Download"], "RootNodes": [{"Uuid": node.node_id}]
    })).json()["Uuid"]  # fmt: skip
    for turn in range(3):
        address = f"closed-{turn}"
        answers = await asyncio.gather(
            put(browser, bearer, {"Uuid": uuid}, UpdatePassword="open sesame"),
            put(browser, bearer, {"Uuid": uuid, "Label": f"Label {turn}"}),
            put(browser, bearer, {"Uuid": uuid, "MaxDownloads": str(turn + 1)}),
            put(browser, bearer, {"Uuid": uuid}, UpdateCustomHash=address),
        )
        assert {one.status_code for one in answers} == {200}
        link = (await browser.http.get(f"/a/share/link/{uuid}", headers=bearer)).json()
        assert link["PasswordRequired"] is True
        assert (link["Label"], link["MaxDownloads"]) == (f"Label {turn}", str(turn + 1))
        assert link["LinkHash"] == address
        opened = await put(browser, bearer, {"Uuid": uuid, "Label": "x"}, PasswordEnabled=False)
        assert opened.json()["PasswordRequired"] is False


async def test_a_change_of_what_was_seen_is_refused_once_it_is_another(
    browser: Browser, bearer: dict[str, str], home: Home
) -> None:
    """Of twenty who saw the same state one changes it; who says nothing of it changes it still."""
    await home.put("personal-files/a.txt", b"hello")
    node = (await stat(home.files, home.actor, read_path("personal-files/a.txt"))).node
    wanted = {"Permissions": ["Download"], "RootNodes": [{"Uuid": node.node_id}]}
    made = (await put(browser, bearer, wanted)).json()
    seen = {"Uuid": made["Uuid"], "ChangedAt": made["ChangedAt"]}
    sent = (put(browser, bearer, {**seen, "Label": f"Label {n}"}) for n in range(20))
    answers = await asyncio.gather(*sent)
    assert sorted(one.status_code for one in answers) == [200] + [409] * 19
    (changed,) = [one.json() for one in answers if one.status_code == 200]
    assert changed["ChangedAt"] != made["ChangedAt"]
    late = await put(browser, bearer, seen, UpdatePassword="open sesame")
    assert late.status_code == 409
    address = f"/a/share/link/{made['Uuid']}"
    read = (await browser.http.get(address, headers=bearer)).json()
    assert read == changed | {"RootNodes": read["RootNodes"]}
    assert (await put(browser, bearer, {"Uuid": made["Uuid"], "Label": "x"})).status_code == 200
