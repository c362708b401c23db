"""What would be refused is told before it is sent; what is refused, with numbers. UX-F10."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route

from ..server import Server, serving
from .conftest import add_ann, expect, sign_in
from .test_looking_around import put, toast
from .test_pages import axe
from .test_web import check

__all__ = ["axe"]

MIB = 2**20


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on which a person has five megabytes, and a file two."""
    data = tmp_path_factory.mktemp("limits") / "data"
    add_ann("--data", str(data))
    with serving(data, "--quota", "5M", "--largest-file", "2M") as running:
        yield running


@pytest.fixture
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    context = chromium.new_context(locale="en", viewport={"width": 1280, "height": 800})
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto(f"{server.url}/")
    sign_in(page)
    page.get_by_role("link", name="My Files").click()
    yield page
    context.close()


def test_no_byte_is_sent_of_what_has_no_room(
    page: Page, server: Server, tmp_path: Path, axe: str
) -> None:
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.url) if one.method == "PUT" else None)
    for name, size in (("large.bin", 3 * MIB), ("a.bin", MIB), ("b.bin", MIB), ("c.bin", MIB)):
        (tmp_path / name).write_bytes(bytes(size))
    page.set_input_files("#files-input", tmp_path / "large.bin")
    told = toast(page, "“large.bin” has 3.1 MB; a file may have")
    expect(told).to_be_visible()
    files = [tmp_path / name for name in ("a.bin", "b.bin", "c.bin")]
    page.set_input_files("#files-input", files)
    expect(page.get_by_role("status").get_by_text("3 files uploaded")).to_be_visible()
    page.get_by_role("button", name="Close").last.click()
    page.reload()
    bar = page.get_by_role("navigation", name="Places").get_by_role("progressbar")
    expect(bar).to_have_attribute("aria-valuenow", "60")
    sent.clear()
    for file in files:
        file.rename(file.with_suffix(".too"))
    page.set_input_files("#files-input", [file.with_suffix(".too") for file in files])
    expect(toast(page, "These files have 3.1 MB; 2.1 MB are free in “My Files”.")).to_be_visible()
    assert sent == []
    check(page, axe)


def test_a_name_that_cannot_be_says_which_character(page: Page, server: Server) -> None:
    put(page, server, "personal-files/names/taken.txt", b"x")
    page.goto(f"{server.url}/files/personal-files/names")
    page.get_by_role("button", name="New folder").click()
    field = page.get_by_role("textbox", name="Name")
    dialog = page.get_by_role("dialog")
    field.fill("a/b")
    expect(dialog).to_contain_text("A name cannot hold a slash.")
    field.fill("a\u0085b")
    expect(dialog).to_contain_text("A name cannot hold a control character (U+0085).")
    field.fill("é" * 130)
    expect(dialog).to_contain_text("The name has 260 bytes; at most 255 are taken.")
    field.fill("taken.txt")
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text("“taken.txt” is here already.")
    field.fill("free")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="free", exact=True)).to_be_visible()


def test_what_the_server_has_no_room_for_is_told_with_numbers(
    page: Page, server: Server, tmp_path: Path
) -> None:
    """Somebody else filled the space meanwhile."""
    (tmp_path / "late.bin").write_bytes(bytes(2 * MIB - 1))
    with page.expect_response("**/web/io/**") as refused:
        page.route("**/web/io/**late.bin", lambda route: _fill_before(page, server, route))
        page.set_input_files("#files-input", tmp_path / "late.bin")
    assert refused.value.status == 507
    transfers = page.get_by_role("region", name="Transfers")
    expect(transfers).to_contain_text("There is no room for it")
    expect(transfers).to_contain_text("are free in “My Files”")


def _fill_before(page: Page, server: Server, route: Route) -> None:
    for number in range(4):
        answer = page.context.request.put(
            f"{server.url}/web/io/personal-files/more-{number}.bin", data=bytes(MIB),
            headers={"X-Requested-With": "keycell", "Origin": server.url},
        )  # fmt: skip
        if answer.status == 507:
            break
    route.continue_()
