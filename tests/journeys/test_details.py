"""The details of a file or folder in a real browser: whose, who reaches it, what became of it."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page

from ..server import Server, keycell
from .conftest import PASSWORD, expect, sign_in
from .test_pages import axe
from .test_web import check

__all__ = ["axe"]


@pytest.fixture
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    """Ann's browser, with a folder of hers that she shares with Bo."""
    keycell("admin", "user", "add", "bo", "--name", "Bo", "--password-stdin", "--data",
            str(server.data), stdin=PASSWORD)  # fmt: skip
    context = chromium.new_context(locale="en", viewport={"width": 1280, "height": 800})
    context.set_default_timeout(60_000)
    opened = context.new_page()
    opened.goto(f"{server.url}/")
    sign_in(opened)
    opened.get_by_role("link", name="My Files").click()
    _call(opened, server, "POST", "tree/create", {"Recursive": True, "Nodes": [
        {"Path": "personal-files/garden/a.txt", "Type": "LEAF"},
        {"Path": "personal-files/garden/below", "Type": "COLLECTION"},
    ]})  # fmt: skip
    node = _call(opened, server, "GET", "tree/stat/personal-files/garden")["Node"]
    bo = _call(opened, server, "GET", "keycell/people?text=bo")["items"][0]["role"]
    read = [{"Name": "read", "Value": "1"}]
    _call(opened, server, "PUT", "share/cell", {"Room": {
        "Label": "Our garden", "RootNodes": [{"Uuid": node["Uuid"]}],
        "ACLs": {bo: {"RoleId": bo, "Actions": read}},
    }})  # fmt: skip
    yield opened
    context.close()


def _call(page: Page, server: Server, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401
    headers = {"X-Requested-With": "keycell", "Origin": server.url}
    answer = page.context.request.fetch(
        f"{server.url}/web/a/{path}", method=method, data=body, headers=headers
    )
    assert answer.ok, answer.text()
    return answer.json()


def test_details_say_whose_it_is_who_reaches_it_and_why(
    page: Page, server: Server, axe: str
) -> None:
    """UX-F16: at an address of their own, which the way back leaves again."""
    here = f"{server.url}/files/personal-files"
    page.goto(here)
    page.get_by_role("checkbox", name="Choose garden").click()
    page.get_by_role("button", name="Details").click()
    pane = page.get_by_role("dialog", name="garden")
    expect(page).to_have_url(f"{here}?about=garden")
    expect(pane.get_by_text("1 file · 1 folder")).to_be_visible()
    expect(pane.get_by_role("definition").first).to_have_text("Ann Example")
    expect(pane.get_by_role("listitem").filter(has_text="Bo")).to_contain_text("look")
    expect(pane.get_by_text("Shared as “Our garden”")).to_be_visible()
    check(page, axe, covered="#main")
    page.go_back()
    expect(pane).to_have_count(0)
    expect(page).to_have_url(here)

    page.goto(f"{here}/garden?about=a.txt")
    file = page.get_by_role("dialog", name="a.txt")
    expect(file.get_by_role("listitem").filter(has_text="Bo")).to_contain_text(
        "by way of garden"
    )  # fmt: skip
    expect(file.get_by_text("SHA-256")).to_be_visible()
    _comment(page, file, axe)
    file.get_by_role("button", name="Share").click()
    expect(page.get_by_role("dialog", name="Share “a.txt”")).to_be_visible()


def _comment(page: Page, file: Locator, axe: str) -> None:
    """UX-F25: by an @ one is offered whom one may mean; what one wrote can be taken back."""
    comments = file.get_by_role("region", name="Comments")
    field = comments.get_by_role("textbox", name="Write a comment")
    field.press_sequentially("Look at this, @bo")
    comments.get_by_role("button", name="Bo", exact=True).click()
    expect(field).to_have_value("Look at this, @bo ")
    expect(field).to_be_focused()
    page.keyboard.type("<b>now</b>")
    page.keyboard.press("Control+Enter")
    said = comments.get_by_role("listitem")
    expect(said).to_contain_text("Look at this, @bo <b>now</b>")
    expect(said).to_contain_text("Ann Example")
    expect(field).to_have_value("")
    check(page, axe, covered="#main")
    said.get_by_role("button", name="Remove").click()
    expect(said).to_have_count(0)
