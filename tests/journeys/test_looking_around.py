"""What people find around their files: views, versions, the trash, whom they share with, links.

Each browser fails its journey for any word on its console.
"""

import io
import zipfile
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page

from ..photographs import photograph
from ..server import Server, keycell
from .conftest import PASSWORD, expect, sign_in
from .test_pages import axe
from .test_web import check

__all__ = ["axe"]

WORK = "personal-files/Work"
OURS = {"X-Requested-With": "keycell"}


@pytest.fixture(scope="module")
def others(server: Server) -> None:
    """Bob and Bodo, whom Ann may share with."""
    for login, name in (("bob", "Bob Builder"), ("bodo", "Bodo von Klee")):
        keycell("admin", "user", "add", login, "--name", name, "--password-stdin", "--data",
                str(server.data), stdin=PASSWORD)  # fmt: skip


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(locale="en", viewport={"width": 1280, "height": 800})
    context.set_default_timeout(60_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, server: Server) -> Iterator[Page]:
    """Ann's browser, which has come in."""
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            said.append(message.text)

    page = context.new_page()
    page.on("console", hear)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{server.url}/")
    sign_in(page)
    expect(page.get_by_role("link", name="My Files")).to_be_visible()
    yield page
    assert said == []


def put(page: Page, server: Server, path: str, body: bytes, kind: str = "text/plain") -> None:
    headers = OURS | {"Origin": server.url, "Content-Type": kind}
    answer = page.context.request.put(f"{server.url}/web/io/{path}", data=body, headers=headers)
    assert answer.ok, answer.text()


def choose_from(page: Page, label: str, name: str) -> None:
    page.get_by_role("dialog").get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=name).click()


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has_text=name)


def choose(page: Page, name: str) -> None:
    page.get_by_role("checkbox", name=f"Choose {name}", exact=True).click()


def act(page: Page, name: str) -> None:
    page.get_by_role("toolbar").get_by_role("button", name=name).click()


def toast(page: Page, text: str) -> Locator:
    return page.get_by_role("alert").filter(has_text=text)


def test_a_folder_is_looked_at_as_it_was_left(page: Page, server: Server) -> None:
    """F01: list or grid, order, density and columns, remembered; the address says it as well.

    In a grid, pictures are seen: small ones, and not the whole of each.
    """
    put(page, server, f"{WORK}/within/a.txt", b"a")
    put(page, server, f"{WORK}/within/b.txt", b"longer")
    put(page, server, f"{WORK}/within/c.jpg", photograph(), "image/jpeg")
    page.goto(f"{server.url}/files/{WORK}")
    page.get_by_role("button", name="View").click()
    page.get_by_role("menuitemradio", name="Size").click()
    page.get_by_role("menuitemcheckbox", name="From the end").click()
    page.get_by_role("menuitemcheckbox", name="Rows close together").click()
    page.get_by_role("menuitemcheckbox", name="Changed").click()
    expect(page.get_by_role("columnheader", name="Changed")).to_be_hidden()
    page.get_by_role("menuitemradio", name="As a grid").click()
    expect(page).to_have_url(f"{server.url}/files/{WORK}?sort=-size&view=grid")
    page.goto(f"{server.url}/files/{WORK}/within")
    rows = page.get_by_role("row")
    expect(rows.first).to_contain_text("c.jpg")
    picture = rows.first.locator("img")
    expect(picture).to_have_js_property("naturalHeight", 320)
    assert "/thumbnail?etag=" in str(picture.get_attribute("src"))
    page.goto(f"{server.url}/files/{WORK}/within?view=list&sort=name")
    expect(rows.nth(1)).to_contain_text("a.txt")
    assert rows.nth(1).evaluate("(row) => row.clientHeight") < 40


def test_what_is_in_a_zip_and_in_markdown_is_shown(page: Page, server: Server) -> None:
    """F14: neither runs, fetches or leads to anything but the web."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        made.writestr("deep/inside.txt", "x" * 5000)
    put(page, server, f"{WORK}/bundle.zip", packed.getvalue(), "application/zip")
    put(page, server, f"{WORK}/cut.zip", packed.getvalue()[:-30], "application/zip")
    text = (
        "# Title\n\n[away](https://example.org) [bad](javascript:alert(1)) ![pic](https://e.org/x)"
        "\n\n<img src=x onerror=alert(1)>\n"
    )
    put(page, server, f"{WORK}/read.md", text.encode(), "text/markdown")
    page.goto(f"{server.url}/files/{WORK}?view=list&item=read.md")
    shown = page.get_by_role("dialog")
    expect(shown.get_by_role("heading", name="Title")).to_be_visible()
    expect(shown).to_contain_text("<img src=x onerror=alert(1)>")
    assert shown.locator("img").count() == 0
    assert [one.get_attribute("href") for one in shown.get_by_role("link").all()] == [
        "https://example.org"
    ]
    page.keyboard.press("Escape")
    expect(page.get_by_role("grid")).to_be_focused()
    page.get_by_role("button", name="bundle.zip", exact=True).click()
    expect(shown).to_contain_text("deep/inside.txt")
    expect(shown).to_contain_text("5 kB")
    # A step back leads to the folder, where the one that was looked at last has the keyboard.
    page.keyboard.press("ArrowRight")
    expect(shown).to_contain_text("This is no zip")
    _is_back_at(page, server, "cut.zip")


def _is_back_at(page: Page, server: Server, name: str) -> None:
    page.go_back()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page).to_have_url(f"{server.url}/files/{WORK}?view=list")
    active = page.get_by_role("grid").get_attribute("aria-activedescendant")
    expect(page.locator(f"[id='{active}']")).to_contain_text(name)


def test_versions_are_kept_and_let_go_of(page: Page, server: Server) -> None:
    """F17: who and when; one is kept for good, one is deleted, one is restored as a new one."""
    for body in (b"one", b"other", b"third one"):
        put(page, server, f"{WORK}/report.txt", body)
    page.goto(f"{server.url}/files/{WORK}?view=list&at=report.txt")
    act(page, "Details")
    versions = page.get_by_role("list", name="Versions").get_by_role("listitem")
    expect(versions).to_have_count(3)
    versions.nth(2).get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Keep for good").click()
    expect(versions.nth(2)).to_contain_text("kept for good")
    expect(page.get_by_role("menuitem")).to_have_count(0)
    versions.nth(1).get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("button", name="Delete for good").click()
    expect(versions).to_have_count(2)
    _name(page, versions.nth(1), "as sent")
    expect(versions.nth(1)).to_contain_text("as sent")
    # What it was is looked at beside what it is, and on the way back are the versions again.
    versions.nth(1).get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Look").click()
    expect(page.get_by_role("dialog")).to_contain_text("one")
    expect(page.get_by_role("dialog", name="report.txt · as sent")).to_be_visible()
    page.keyboard.press("Escape")
    versions.nth(1).get_by_role("button", name="Restore").click()
    expect(versions).to_have_count(3)
    expect(versions.first).to_contain_text("3 bytes")


def _name(page: Page, version: Locator, name: str) -> None:
    version.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Give a name").click()
    page.get_by_role("textbox", name="Name of this version").fill(name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Give a name")).to_have_count(0)


def test_what_comes_back_asks_where_its_place_is_taken(page: Page, server: Server) -> None:
    """F11, F13, F18: duplicated, deleted, sought in the trash, brought back beside and instead."""
    put(page, server, f"{WORK}/letter.txt", b"first")
    page.goto(f"{server.url}/files/{WORK}?view=list&at=letter.txt")
    row(page, "letter.txt").get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Duplicate").click()
    expect(page.get_by_role("button", name="letter-2.txt", exact=True)).to_be_visible()
    _rename(page, "letter-2.txt", "copy.txt")
    choose(page, "copy.txt")
    choose(page, "letter.txt")
    act(page, "Delete")
    expect(toast(page, "Moved to the trash")).to_be_visible()
    put(page, server, f"{WORK}/letter.txt", b"second")
    page.goto(f"{server.url}/trash")
    page.get_by_role("textbox", name="Search the trash").fill("nothing so")
    expect(page.get_by_text("Nothing here has this in its name.")).to_be_visible()
    page.get_by_role("textbox", name="Search the trash").fill("letter")
    expect(row(page, "letter.txt")).to_contain_text("Ann Example")
    choose(page, "letter.txt")
    _restore_instead(page)
    found = page.context.request.get(f"{server.url}/web/io/{WORK}/letter.txt", headers=OURS)
    assert found.body() == b"first"
    expect(row(page, "letter.txt")).to_have_count(1)


def _restore_instead(page: Page) -> None:
    """What is chosen comes back in the place of what is there."""
    page.get_by_role("button", name="Restore").click()
    asked = page.get_by_role("dialog")
    asked.get_by_label("Replace").check()
    asked.get_by_role("button", name="Restore").click()
    expect(toast(page, "Brought back")).to_be_visible()


def _rename(page: Page, name: str, to: str) -> None:
    """Where it stands, from its menu."""
    row(page, name).get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Rename").click()
    field = page.get_by_role("grid").get_by_role("textbox", name="Name")
    field.fill(to)
    field.press("Enter")
    expect(page.get_by_role("button", name=to, exact=True)).to_be_visible()


@pytest.mark.usefixtures("others")
def test_a_folder_is_shared_with_somebody_whose_name_one_knows(
    page: Page, server: Server, chromium: Browser, axe: str
) -> None:
    """F13, F20: who reaches it stands in one list; nothing is so before it is saved."""
    put(page, server, "personal-files/Shared/a.txt", b"a")
    page.goto(f"{server.url}/files/personal-files?view=list&at=Shared")
    act(page, "Share")
    dialog = page.get_by_role("dialog")
    reaching = dialog.get_by_role("listitem")
    expect(reaching.filter(has_text="by way of My Files")).to_contain_text("Ann Example")
    field = dialog.get_by_role("combobox", name="Name or login")
    field.press_sequentially("klee")
    page.get_by_role("option", name="Bodo von Klee").click()
    dialog.get_by_role("button", name="Add", exact=True).click()
    bodo = reaching.filter(has_text="Bodo von Klee")
    expect(bodo).to_contain_text("Not saved yet")
    dialog.get_by_role("textbox", name="Note for those").fill("Plans of the garden")
    _leave_and_stay(page)
    check(page, axe, covered="#main")
    dialog.get_by_role("button", name="Save").click()
    expect(toast(page, "Saved who can reach this")).to_be_visible()
    expect(bodo).not_to_contain_text("Not saved yet")
    _is_shown(chromium, server)
    _stop_and_undo(page, bodo)
    page.keyboard.press("Escape")
    _end_it(page, server)


def _stop_and_undo(page: Page, bodo: Locator) -> None:
    # Of two alike, the other might be the one that is pressed.
    told = toast(page, "Saved who can reach this")
    expect(told).to_have_count(0)
    bodo.get_by_role("button", name="Stop sharing with Bodo von Klee").click()
    expect(bodo).to_contain_text("no longer")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(bodo).to_have_count(0)
    told.get_by_role("button", name="Undo").click()
    expect(bodo).to_be_visible()


def _end_it(page: Page, server: Server) -> None:
    """F23: from among all that one shares; it is asked first, for others are out at once."""
    act(page, "Delete")
    toast(page, "Moved to the trash").get_by_role("button", name="Undo").click()
    expect(row(page, "Shared").first).to_be_visible()
    page.goto(f"{server.url}/links")
    page.get_by_role("link", name="Shared", exact=True).click()
    expect(row(page, "a.txt")).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="End: Shared").click()
    page.get_by_role("dialog").get_by_role("button", name="End").click()
    expect(page.get_by_text("Folders you share")).to_have_count(0)


def _leave_and_stay(page: Page) -> None:
    """What is not saved is asked after."""
    page.keyboard.press("Escape")
    asked = page.get_by_role("dialog", name="Leave without saving?")
    asked.get_by_role("button", name="Cancel").click()
    expect(asked).to_have_count(0)


def _is_shown(chromium: Browser, server: Server) -> None:
    """To whom it was shared with, and with the note."""
    context = chromium.new_context(locale="en")
    theirs = context.new_page()
    theirs.goto(f"{server.url}/")
    theirs.fill("#username", "bodo")
    theirs.fill("#password", PASSWORD)
    theirs.click("#login-submit")
    expect(theirs.get_by_role("link", name="Shared To look at")).to_contain_text(
        "Plans of the garden"
    )
    # UX-F25: on a page of its own too, with who shares it.
    theirs.get_by_role("link", name="Shared with me").click()
    expect(row(theirs, "Ann Example")).to_contain_text("Shared")
    context.close()


def test_links_are_made_counted_and_ended_together(page: Page, server: Server) -> None:
    """F21, F23: with an address and a number of downloads; ended links lead nowhere."""
    _give(page, server)
    address = f"{server.url}/public/given-away"
    asked = page.context.request
    assert asked.get(f"{address}/file/?download=1").body() == b"given"
    page.goto(f"{server.url}/links")
    link = row(page, "given.txt")
    expect(link).to_contain_text("1 of 2")
    link.get_by_role("button", name="End").click()
    toast(page, "leads nowhere").get_by_role("button", name="Undo").click()
    expect(link).to_contain_text("0 of 1")
    choose(page, "given.txt")
    page.get_by_role("button", name="End the chosen").click()
    page.get_by_role("dialog").get_by_role("button", name="End the chosen").click()
    expect(link).to_have_count(0)
    assert asked.get(address).status == 404
    assert asked.get(f"{address}/file/?download=1").status == 404


def _give(page: Page, server: Server) -> None:
    """Make a link; when it ends is said before it is made."""
    put(page, server, f"{WORK}/given.txt", b"given")
    page.goto(f"{server.url}/files/{WORK}?view=list&at=given.txt")
    act(page, "Share")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("The link works until")).to_be_visible()
    choose_from(page, "Ends", "never")
    expect(dialog.get_by_text("The link has no end")).to_be_visible()
    choose_from(page, "Ends", "in a week")
    dialog.get_by_role("button", name="More choices").click()
    dialog.get_by_role("textbox", name="Downloads at most").fill("2")
    dialog.get_by_role("textbox", name="Address ends with").fill("given-away")
    page.locator("#make-link").click()
    expect(dialog.get_by_role("listitem").filter(has_text="given-away")).to_contain_text("2")
    # It is one of the ways in, among those of people.
    expect(dialog.get_by_role("listitem").filter(has_text="Whoever has the link")).to_be_visible()


def test_a_passkey_is_offered_once(page: Page, server: Server) -> None:
    """L14: not again within a month, nor ever in the way of what somebody came for."""
    offer = page.get_by_text("Next time, sign in without a password")
    expect(offer).to_be_visible()
    link = page.get_by_role("link", name="Set up a passkey")
    expect(link).to_have_attribute("href", "/account/basic/factors")
    page.get_by_role("button", name="Not now").click()
    expect(offer).to_have_count(0)
    page.goto(f"{server.url}/files")
    expect(page.get_by_role("link", name="My Files")).to_be_visible()
    expect(offer).to_have_count(0)
