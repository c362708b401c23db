"""An upload outlives its page: after a reload it goes on where it was."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, Route

from ..server import Server
from .conftest import expect, sign_in
from .test_pages import axe
from .test_web import check

__all__ = ["axe"]

MIB = 2**20
PART = 16 * MIB


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.bin"
    path.write_bytes(b"".join(bytes([number]) * MIB for number in range(40)))
    return path


@pytest.fixture
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    """Ann's browser; she lets go of a page that still sends."""
    context = chromium.new_context(locale="en", viewport={"width": 1280, "height": 800})
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"{server.url}/")
    sign_in(page)
    yield page
    context.close()


def _hold_parts(page: Page) -> None:
    """The line breaks after the first part."""

    def later(route: Route, request: Request) -> None:
        if "partNumber=1&" in request.url:
            route.continue_()

    page.route("**/web/io/**partNumber=*", later)


def test_a_reload_loses_no_part_that_arrived(
    page: Page, server: Server, film: Path, axe: str
) -> None:
    page.get_by_role("link", name="My Files").click()
    _hold_parts(page)
    with page.expect_response(lambda answer: "partNumber=1&" in answer.url):
        page.set_input_files("#files-input", film)
    page.reload()
    # Not before: what is held would be let through.
    page.unroute_all(behavior="ignoreErrors")

    behind = page.get_by_role("region", name="Interrupted uploads")
    expect(behind).to_contain_text("1 upload was interrupted")
    expect(behind).to_contain_text("My Files / film.bin")
    check(page, axe)
    _choose_again(page, film)
    answer = page.context.request.get(f"{server.url}/web/io/personal-files/film.bin")
    assert answer.body() == film.read_bytes()
    page.reload()
    expect(page.get_by_role("button", name="film.bin", exact=True)).to_be_visible()
    expect(behind).to_have_count(0)


def test_what_waits_for_a_decision_says_so_after_a_reload(
    page: Page, server: Server, tmp_path: Path, axe: str
) -> None:
    """F07, F09: its name is taken, and nobody has said what is to be done when the page ends."""
    letter = tmp_path / "letter.txt"
    asked = page.get_by_role("dialog", name="The name is taken")
    _upload_twice(page, letter)
    expect(asked).to_be_visible()
    page.reload()
    behind = page.get_by_role("region", name="Interrupted uploads")
    expect(behind).to_contain_text("1 upload waits for you: its name is taken")
    expect(behind).to_contain_text("Choose the files again, and say what is to be done.")
    check(page, axe)
    page.set_input_files("#again-input", letter)
    asked.get_by_role("button", name="Replace as a new version").click()
    expect(page.get_by_role("status").get_by_text("1 file uploaded")).to_be_visible()
    there = f"{server.url}/web/io/personal-files/letter.txt"
    assert page.context.request.get(there).body() == b"second"
    page.reload()
    expect(page.get_by_role("button", name="letter.txt", exact=True)).to_be_visible()
    expect(behind).to_have_count(0)


def _upload_twice(page: Page, letter: Path) -> None:
    page.get_by_role("link", name="My Files").click()
    letter.write_text("first")
    page.set_input_files("#files-input", letter)
    expect(page.get_by_role("status").get_by_text("1 file uploaded")).to_be_visible()
    letter.write_text("second")
    page.set_input_files("#files-input", letter)


def _choose_again(page: Page, film: Path) -> None:
    behind = page.get_by_role("region", name="Interrupted uploads")
    other = film.with_name("other.bin")
    other.write_bytes(b"x")
    page.set_input_files("#again-input", other)
    expect(behind).to_contain_text("1 file is none of these")

    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.url) if "partNumber=" in one.url else None)
    page.set_input_files("#again-input", film)
    expect(page.get_by_role("status").get_by_text("1 file uploaded")).to_be_visible()
    expect(behind).to_have_count(0)
    assert sorted(url.split("partNumber=")[1][0] for url in sent) == ["2", "3"]
