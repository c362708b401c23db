"""Public links in a real browser, without JavaScript, in every appearance."""

import asyncio
import concurrent.futures
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from keycell.accounts.audit import NOWHERE
from keycell.bootstrap import open_world
from keycell.files.finding import stat
from keycell.files.linking import make_link
from keycell.files.links import Link, Permission
from keycell.files.names import read_path
from keycell.files.spaces import PERSONAL_SLUG
from keycell.settings import Settings

from ..files.conftest import Home, actor_for
from ..server import Server
from .test_pages import Look, axe, language, look, page

__all__ = ["axe", "language", "look", "page"]

PICTURE = (Path(__file__).parents[2] / "src/keycell/http/assets/icon.svg").read_bytes()
DOWN = frozenset({Permission.PREVIEW, Permission.DOWNLOAD})
BOTH = DOWN | {Permission.UPLOAD}


async def _share(data: Path, path: str, permissions: frozenset[Permission], password: str) -> str:
    async with open_world(Settings(data=data), serves=False) as world:
        account = await world.people.accounts.find_by_login("ann")
        assert account is not None
        home = Home(world.files, actor_for(account))
        await home.put(f"{PERSONAL_SLUG}/Holiday/day one.txt", b"sun")
        await home.put(f"{PERSONAL_SLUG}/Holiday/a very long name {'x' * 120}.txt", b"rain")
        await home.put(f"{PERSONAL_SLUG}/Holiday/more/inside.txt", b"wind")
        node = (await stat(home.files, home.actor, read_path(path))).node
        now = home.files.clock()
        hashed = await world.people.passwords.hash(password) if password else None
        wanted = Link(
            link_id=home.files.mint_id(), hash=home.files.mint_id(), node_id=node.node_id,
            label="Our holiday", sub="", permissions=permissions, password_hash=hashed,
            created_at=now, changed_at=now,
        )  # fmt: skip
        return (await make_link(home.files, home.actor, wanted, NOWHERE)).hash


def share(
    server: Server, path: str, permissions: frozenset[Permission], password: str = ""
) -> str:
    """Make a link on a server that runs; give its address."""
    made = _share(server.data, f"{PERSONAL_SLUG}/{path}", permissions, password)
    # A browser under test has a loop in this thread already.
    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        return f"{server.url}/public/{thread.submit(asyncio.run, made).result()}"


def test_the_pages_of_links(page: Page, server: Server, look: Look) -> None:
    """H01 to H05, L17, L18."""
    page.goto(share(server, "Holiday", BOTH))
    look(page, "link-folder")
    page.click("text=day one.txt")
    page.goto(share(server, "Holiday/day one.txt", DOWN))
    look(page, "link-file")
    page.goto(share(server, "Holiday", DOWN, "open sesame"))
    look(page, "link-password")
    page.fill("#password", "wrong")
    page.click("#link-open")
    expect(page.locator("[role=alert]")).to_be_visible()
    look(page, "link-password-refused")
    page.goto(f"{server.url}/public/never-was")
    look(page, "link-gone")


@pytest.fixture
def plain(chromium: Browser) -> Page:
    """A browser without JavaScript."""
    return chromium.new_context(java_script_enabled=False).new_page()


def test_a_stranger_opens_downloads_and_uploads_without_javascript(
    plain: Page, server: Server, tmp_path: Path
) -> None:
    """UX L01, H02, H03, H05."""
    plain.goto(share(server, "Holiday", BOTH, "open sesame"))
    plain.fill("#password", "open sesame")
    plain.click("#link-open")
    with plain.expect_download() as saved:
        plain.click("#download-all")
    assert saved.value.suggested_filename == "Holiday.zip"
    picture = tmp_path / "new picture.svg"
    picture.write_bytes(PICTURE)
    plain.set_input_files("#files", picture)
    plain.click("#upload")
    expect(plain.locator("[role=status]")).to_contain_text("1")
    with plain.expect_download() as shown:
        plain.click("text=new picture.svg")
    assert shown.value.path().read_bytes() == PICTURE
