"""Undoing what was done to files, at once and later; and doing it to very many."""

from playwright.sync_api import Page

from ..server import Server
from .conftest import expect
from .test_looking_around import act, choose, context, page, put, row, toast
from .test_pages import axe
from .test_web import check

__all__ = ["axe", "context", "page"]

WORK = "personal-files/Undoing"
MANY = 1200
"""More than the server takes with one call."""


def text(page: Page, server: Server, path: str) -> str:
    answer = page.context.request.get(f"{server.url}/web/io/{path}")
    return answer.text() if answer.ok else ""


def test_a_move_to_where_the_name_is_taken_is_undone(page: Page, server: Server) -> None:
    """UX-F13: what stood there before stays there, and what was moved gets its name back."""
    put(page, server, f"{WORK}/a.txt", b"mine")
    put(page, server, f"{WORK}/to/a.txt", b"other")
    page.goto(f"{server.url}/files/{WORK}")
    choose(page, "a.txt")
    act(page, "Move")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="to").click()
    dialog.get_by_role("button", name="Move here").click()
    told = toast(page, "Moved to to")
    expect(row(page, "a.txt")).to_have_count(0)
    assert text(page, server, f"{WORK}/to/a-2.txt") == "mine"
    told.get_by_role("button", name="Undo").click()
    expect(row(page, "a.txt")).to_be_visible()
    assert text(page, server, f"{WORK}/a.txt") == "mine"
    assert text(page, server, f"{WORK}/to/a.txt") == "other"
    assert text(page, server, f"{WORK}/to/a-2.txt") == ""


def test_what_was_done_is_undone_from_recent(page: Page, server: Server, axe: str) -> None:
    """UX-F13: within a day, in the browser it was done in."""
    for name in ("b.txt", "c.txt"):
        put(page, server, f"{WORK}/{name}", b"x")
    page.goto(f"{server.url}/files/{WORK}")
    choose(page, "b.txt")
    act(page, "Move")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="One up").click()
    dialog.get_by_role("button", name="One up").click()
    dialog.get_by_role("button", name="Common Files").click()
    dialog.get_by_role("button", name="Move here").click()
    expect(toast(page, "Moved to common-files")).to_be_visible()
    choose(page, "c.txt")
    act(page, "Delete")
    expect(toast(page, "Moved to the trash")).to_be_visible()
    page.goto(f"{server.url}/recent")
    page.get_by_text("What you did here within a day").click()
    check(page, axe)
    done = page.get_by_role("listitem")
    done.filter(has_text="“c.txt”").get_by_role("button", name="Undo").click()
    expect(done.filter(has_text="“c.txt”")).to_have_count(0)
    # Between two stores of files it was copied; the copy goes, and what it was made of comes back.
    done.filter(has_text="“b.txt”").get_by_role("button", name="Undo").click()
    expect(done.filter(has_text="“b.txt”")).to_have_count(0)
    assert [text(page, server, f"{WORK}/{name}") for name in ("b.txt", "c.txt")] == ["x", "x"]
    assert text(page, server, "common-files/b.txt") == ""


def test_more_than_a_thousand_are_deleted_and_brought_back(page: Page, server: Server) -> None:
    """UX-F08, UX-F13: all that is chosen, in however many calls."""
    made = [
        {"Path": f"{WORK}/many/{number:04}.txt", "Type": "LEAF"} for number in range(MANY)
    ]  # fmt: skip
    for start in range(0, MANY, 600):
        answer = page.context.request.post(
            f"{server.url}/web/a/tree/create",
            data={"Nodes": made[start : start + 600], "Recursive": True},
            headers={"X-Requested-With": "keycell", "Origin": server.url},
        )
        assert answer.ok, answer.text()
    page.goto(f"{server.url}/files/{WORK}/many")
    expect(row(page, "0000.txt")).to_be_visible()
    page.get_by_role("grid").focus()
    page.keyboard.press("Control+a")
    status = page.get_by_role("status")
    expect(status.filter(has_text="1,200 chosen")).to_be_visible()
    act(page, "Delete")
    expect(page.get_by_text("This folder is empty")).to_be_visible()
    toast(page, "1,200 moved to the trash").get_by_role("button", name="Undo").click()
    expect(row(page, "0000.txt")).to_be_visible()
    expect(status.filter(has_text="1,200 items")).to_be_visible()


def test_what_others_share_has_a_page_of_its_own(page: Page, server: Server, axe: str) -> None:
    """UX-F25: empty, as long as nobody shares anything."""
    page.goto(f"{server.url}/shared")
    expect(page.get_by_text("Nobody shares anything with you yet")).to_be_visible()
    check(page, axe)
