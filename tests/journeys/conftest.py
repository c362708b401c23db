"""A real browser, and what people do in it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from ..server import Server, keycell, serving

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    # Gone with the module: its event loop runs as long as it does, and other tests start theirs.
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A browser that has never been here."""
    context = chromium.new_context(locale="en")
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on its embedded defaults, with Ann."""
    data = tmp_path_factory.mktemp("journeys") / "data"
    add_ann("--data", str(data))
    with serving(data) as running:
        yield running


def add_ann(*where: str, environment: dict[str, str] | None = None) -> None:
    keycell("admin", "user", "add", "ann", "--email", "ann@example.org", "--name", "Ann Example",
            "--password-stdin", *where, stdin=PASSWORD, environment=environment)  # fmt: skip


def sign_in(page: Page, password: str = PASSWORD) -> None:
    """Fill in the login page."""
    page.fill("#username", "ann")
    page.fill("#password", password)
    page.click("#login-submit")


def screenshot(page: Page, path: Path) -> None:
    """Keep a picture of the whole page."""
    page.screenshot(path=path, full_page=True)


__all__ = ["PASSWORD", "add_ann", "expect", "screenshot", "sign_in"]
