"""Public links that let things be changed: what a stranger may, and what they may not. UX-F21."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx2
import pytest

from keycell.accounts.audit import NOWHERE, AuditEvent
from keycell.accounts.audit_sentences import called, sentence
from keycell.bootstrap import World
from keycell.files.access import Action, Right
from keycell.files.errors import Forbidden
from keycell.files.finding import children, stat
from keycell.files.linking import remove_link
from keycell.files.links import Link, Permission, read_permissions
from keycell.files.names import read_path

from ..conftest import Browser
from ..files.conftest import Home
from ..waiting import eventually
from .test_public import ALL, DROP, gone, home, link_to, node_at

__all__ = ["home"]

EDIT = read_permissions(["Edit"])
DIR = "personal-files/team"


@pytest.fixture
async def link(home: Home) -> Link:
    await home.put(f"{DIR}/a.txt", b"mine")
    await home.put(f"{DIR}/sub/deep.txt", b"deep")
    return await link_to(home, DIR, permissions=EDIT)


async def names(home: Home, path: str) -> list[str]:
    top = await stat(home.files, home.actor, read_path(path))
    return [one.node.name for one in (await children(home.files, home.actor, top))[0]]


async def replaced(browser: Browser, address: str, content: bytes) -> httpx2.Response:
    return await browser.http.post(address, files={"file": ("mine.txt", content, "text/plain")})


async def form(browser: Browser, link: Link, below: str) -> tuple[str, str]:
    """Give the page of something: where a new version goes, and what it was seen as."""
    page = await browser.http.get(f"/public/{link.hash}/change/{below}")
    assert page.status_code == 200, page.text
    action = re.search(r'action="([^"]+/replace/[^"]+)"', page.text)
    seen = re.search(r'name="revision" value="(\d+)"', page.text)
    assert seen
    return action[1] if action else "", seen[1]


def test_who_changes_things_sees_them_too() -> None:
    assert frozenset(Permission) == EDIT


async def test_a_file_is_replaced_and_what_it_held_is_kept(
    home: Home, browser: Browser, link: Link, world: World
) -> None:
    page = await browser.http.get(f"/public/{link.hash}")
    assert "Whoever has this address may change what is in here" in page.text
    address, _ = await form(browser, link, "a.txt")
    sent = await replaced(browser, address, b"theirs")
    assert (sent.status_code, sent.headers["location"].rpartition("?")[2]) == (303, "did=replaced")
    assert "The new version is there." in (await browser.http.get(sent.headers["location"])).text
    assert await home.get(f"{DIR}/a.txt") == b"theirs"
    node = await node_at(home, f"{DIR}/a.txt")
    assert [one.content.size for one in await home.files.nodes.versions(node.node_id, 10)] == [
        6,
        4,
    ]
    # The trail says by which link, and that nobody is known to have done it.
    (said,) = await eventually(lambda: _edits(world), bool)
    assert (said.actor, said.target, said.detail["did"]) == ("", link.link_id, "replaced")
    assert sentence(replace(said, target=called(said))).endswith(f"the public link {link.label}")


async def _edits(world: World) -> list[AuditEvent]:
    found = await world.audit.page(None, 100)
    return [event for _, event in found if event.action == "link.edited"]


async def test_things_are_renamed_deleted_and_made(
    home: Home, browser: Browser, link: Link
) -> None:
    _, seen = await form(browser, link, "a.txt")
    base = f"/public/{link.hash}"
    taken = await browser.http.post(f"{base}/rename/a.txt", data={"name": "sub", "revision": seen})
    assert taken.status_code == 400
    for wrong in ("a/b", "..", ""):
        said = {"name": wrong, "revision": seen}
        assert (await browser.http.post(f"{base}/rename/a.txt", data=said)).status_code == 400
    said = {"name": "b.txt", "revision": seen}
    assert (await browser.http.post(f"{base}/rename/a.txt", data=said)).status_code == 303
    made = await browser.http.post(f"{base}/new-folder/sub", data={"name": "in it"})
    assert made.headers["location"] == f"{base}/folder/sub?did=made"
    again = await browser.http.post(f"{base}/new-folder/sub", data={"name": "in it"})
    assert again.status_code == 400
    assert await names(home, f"{DIR}/sub") == ["deep.txt", "in it"]
    _, seen = await form(browser, link, "sub")
    sent = await browser.http.post(f"{base}/delete/sub", data={"revision": seen})
    assert sent.status_code == 303
    assert await names(home, DIR) == ["b.txt"]
    # It can be brought back, by whose it is.
    assert "sub" in await names(home, "personal-files/recycle_bin")


async def test_it_opens_nothing_else(home: Home, browser: Browser, link: Link) -> None:
    """Neither the folder itself, nor what lies beside it, nor by a link that says less."""
    await home.put("personal-files/outside.txt", b"secret")
    acts = ("change", "rename", "replace", "delete")
    for act in acts:
        method = "GET" if act == "change" else "POST"
        for below in ("", "%2e%2e/outside.txt", "none", "sub/%2e%2e"):
            address = f"/public/{link.hash}/{act}/{below}"
            assert gone(await browser.http.request(method, address)), address
    for less in (ALL, DROP, ALL | DROP):
        other = await link_to(home, DIR, permissions=less)
        assert "/change/" not in (await browser.http.get(f"/public/{other.hash}")).text
        assert gone(await browser.http.get(f"/public/{other.hash}/change/a.txt"))
        for act in (*acts[1:], "new-folder"):
            assert gone(await browser.http.post(f"/public/{other.hash}/{act}/a.txt"))
    _, seen = await form(browser, link, "a.txt")
    foreign = await browser.http.post(
        f"/public/{link.hash}/delete/a.txt", data={"revision": seen},
        headers={"Origin": "https://evil.example"},
    )  # fmt: skip
    assert foreign.status_code >= 400
    assert await names(home, DIR) == ["a.txt", "sub"]
    with pytest.raises(Forbidden):
        await link_to(home, f"{DIR}/a.txt", permissions=EDIT)
    await remove_link(home.files, home.actor, link.link_id, NOWHERE)
    assert gone(await browser.http.post(f"/public/{link.hash}/delete/a.txt"))


async def test_it_changes_nothing_before_its_password_is_known(
    home: Home, browser: Browser, world: World
) -> None:
    """Whoever has the address alone neither changes anything nor puts anything in."""
    await home.put(f"{DIR}/a.txt", b"mine")
    hashed = await world.people.passwords.hash("open sesame")
    link = await link_to(home, DIR, permissions=EDIT, password_hash=hashed)
    base = f"/public/{link.hash}"
    revision = str((await node_at(home, f"{DIR}/a.txt")).revision)
    forms = {
        "rename/a.txt": {"name": "b.txt", "revision": revision},
        "delete/a.txt": {"revision": revision},
        "new-folder/": {"name": "made"},
    }
    assert gone(await browser.http.get(f"{base}/change/a.txt"))
    for below, said in forms.items():
        assert gone(await browser.http.post(f"{base}/{below}", data=said)), below
    assert gone(await replaced(browser, f"{base}/replace/a.txt?seen={revision}", b"theirs"))
    assert gone(await replaced(browser, f"{base}/upload/", b"theirs"))
    assert await names(home, DIR) == ["a.txt"]
    assert await home.get(f"{DIR}/a.txt") == b"mine"
    await browser.http.post(base, data={"password": "open sesame"})
    assert (await browser.http.get(f"{base}/change/a.txt")).status_code == 200


async def test_what_was_thrown_away_is_out_of_reach(home: Home, browser: Browser) -> None:
    """By a link to a whole space too: neither it nor the bin can be seen or changed."""
    await home.put("personal-files/a.txt", b"mine")
    link = await link_to(home, "personal-files", permissions=EDIT)
    base = f"/public/{link.hash}"
    _, seen = await form(browser, link, "a.txt")
    assert (
        await browser.http.post(f"{base}/delete/a.txt", data={"revision": seen})
    ).status_code == 303
    for below in ("recycle_bin", "recycle_bin/a.txt"):
        revision = str((await node_at(home, f"personal-files/{below}")).revision)
        said = {"name": "b.txt", "revision": revision}
        assert gone(await browser.http.get(f"{base}/change/{below}"))
        assert gone(await browser.http.get(f"{base}/folder/{below}"))
        for act in ("rename", "delete", "new-folder"):
            assert gone(await browser.http.post(f"{base}/{act}/{below}", data=said)), (act, below)
    assert await names(home, "personal-files/recycle_bin") == ["a.txt"]


async def test_it_changes_no_more_than_its_owner_may(home: Home, browser: Browser) -> None:
    await home.put("common-files/team/a.txt", b"x")
    link = await link_to(home, "common-files/team", permissions=EDIT)
    address, seen = await form(browser, link, "a.txt")
    node = await node_at(home, "common-files/team")
    event = AuditEvent(at=home.files.clock(), actor="test", action="right.added")
    await home.files.spaces.put_right(Right(node.node_id, home.actor.sub, Action.DENY), event)
    assert gone(await replaced(browser, address, b"y"))
    sent = await browser.http.post(f"/public/{link.hash}/delete/a.txt", data={"revision": seen})
    assert gone(sent)


async def test_of_twenty_who_saw_the_same_one_replaces_it(
    home: Home, browser: Browser, link: Link
) -> None:
    address, seen = await form(browser, link, "a.txt")
    sent = await asyncio.gather(*(replaced(browser, address, b"%d" % n) for n in range(20)))
    assert sorted(one.status_code for one in sent) == [303] + [409] * 19
    node = await node_at(home, f"{DIR}/a.txt")
    assert len(await home.files.nodes.versions(node.node_id, 10)) == 2
    base = f"/public/{link.hash}"
    for act in ("rename", "delete"):
        said = {"name": "b.txt", "revision": seen}
        late = await browser.http.post(f"{base}/{act}/a.txt", data=said)
        assert late.status_code == 409
        assert "Somebody else changed it meanwhile." in late.text
    assert (await replaced(browser, address.partition("?")[0], b"unseen")).status_code == 409


@pytest.mark.parametrize("act", ["rename", "delete"])
async def test_what_changes_while_a_form_comes_in_stays(
    home: Home, browser: Browser, link: Link, act: str
) -> None:
    """It was found as it was seen, and is another by the time the form is read."""
    _, seen = await form(browser, link, "a.txt")

    async def slowly() -> AsyncIterator[bytes]:
        await home.put(f"{DIR}/a.txt", b"newer")
        yield f"name=b.txt&revision={seen}".encode()

    late = await browser.http.post(
        f"/public/{link.hash}/{act}/a.txt", content=slowly(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )  # fmt: skip
    assert late.status_code == 409, late.text
    assert await names(home, DIR) == ["a.txt", "sub"]
    assert await home.get(f"{DIR}/a.txt") == b"newer"
