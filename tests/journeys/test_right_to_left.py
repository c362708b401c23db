"""The web frontend in Arabic: every place that matters, from right to left.

With ``PICTURES=folder`` in the environment, a picture of each is kept there.
"""

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from ..server import Server, keycell, serving
from .conftest import PASSWORD, sign_in
from .test_pages import axe, check_page, keep_picture

__all__ = ["axe"]

PLACES = {
    "/files": "الملفات",
    "/account": "الملف الشخصي",
    "/account/security": "الأمان",
    "/admin": "نظرة عامة",
    "/admin/people": "الأشخاص",
    "/admin/second-factors": "العوامل الثانية",
    "/admin/report": "التقرير",
}
LOOKS: tuple[tuple[Literal["light", "dark"], int], ...] = (("light", 1280), ("dark", 360))


@pytest.fixture(scope="module")
def administered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with Ann, who looks after it."""
    data = tmp_path_factory.mktemp("rtl") / "data"
    keycell("admin", "user", "add", "ann", "--admin", "--password-stdin", "--data", str(data),
            stdin=PASSWORD)  # fmt: skip
    with serving(data) as running:
        yield running


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A browser of somebody who reads Arabic; what its console complains of is an error."""
    context = chromium.new_context(locale="ar", reduced_motion="reduce")
    context.set_default_timeout(60_000)
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            said.append(message.text)

    opened = context.new_page()
    opened.on("console", hear)
    opened.on("pageerror", lambda error: said.append(str(error)))
    yield opened
    context.close()
    assert said == []


def test_the_frontend_runs_from_right_to_left(administered: Server, page: Page, axe: str) -> None:
    """UX-Q02, UX-Q03."""
    page.goto(f"{administered.url}/files")
    sign_in(page)
    for path, heading in PLACES.items():
        page.set_viewport_size({"width": 1280, "height": 800})
        page.goto(administered.url + path)
        expect(page.get_by_role("heading", level=1, name=heading, exact=True)).to_be_visible()
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        root = page.locator("html")
        assert (root.get_attribute("lang"), root.get_attribute("dir")) == ("ar", "rtl"), path
        bar = page.get_by_role("navigation").first.bounding_box()
        assert bar is not None
        assert bar["x"] > 1280 / 2, "the places stand where one begins to read"
        for scheme, width in LOOKS:
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 800})
            page.evaluate(
                "Promise.allSettled(document.getAnimations().map((one) => one.finished))"
            )
            keep_picture(page, f"rtl{path.replace('/', '-')}-{scheme}-{width}")
            check_page(page, axe, width)
        page.emulate_media(color_scheme="light")


def test_the_report_is_told_in_the_language_of_the_page(
    administered: Server, page: Page, axe: str
) -> None:
    """UX-Q03: whatever the browser prefers."""
    page.goto(f"{administered.url}/admin/report")
    sign_in(page)
    expect(page.get_by_text("كل شيء يمر عبر TLS.")).to_be_visible()
    page.get_by_role("button", name="اللغة").click()
    page.get_by_role("menuitem", name="Deutsch").click()
    expect(page.get_by_text("Alles geht durch TLS.")).to_be_visible()
    expect(page.locator("main [lang]")).to_have_count(0)
    page.get_by_text("Alle Regeln").click()
    expect(page.get_by_text("ein Code lebt 60 s, gilt einmal")).to_be_visible()
    keep_picture(page, "report-de")
    check_page(page, axe, 1280)
