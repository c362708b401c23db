"""A real browser, and what people do in it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from ..server import SERVING, Server, keycell, serving
from ..smtp import Mailbox, mail_server

expect.set_options(timeout=60_000)

PASSWORD = "correct horse battery"


WHOLE = {
    "test_administration_pages", "test_pages", "test_quickstarts", "test_session_frame",
    "test_trying",
}  # fmt: skip
"""Journeys that end at an address where nobody answers: the headless shell, which takes half of
the work, does not say then where it is."""


@pytest.fixture(scope="module")
def chromium(request: pytest.FixtureRequest) -> Iterator[Browser]:
    # Gone with the module: its event loop runs as long as it does, and other tests start theirs.
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_program(request.path.stem), args=["--no-sandbox"]
        )
        yield browser
        browser.close()


def _program(journey: str) -> str | None:
    light = None if journey in WHOLE else shutil.which("chromium-headless-shell")
    return light or shutil.which("chromium")


@pytest.fixture(autouse=True)
def nothing_is_held_back() -> Iterator[None]:
    """Fail whatever a browser did in which a page's policy held something back. CSP3-5.3."""
    yield
    for server in SERVING:
        assert server.held_back() == []


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A browser that has never been here."""
    context = chromium.new_context(locale="en")
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on its embedded defaults, with Ann."""
    data = tmp_path_factory.mktemp("journeys") / "data"
    add_ann("--data", str(data))
    with serving(data) as running:
        yield running


@pytest.fixture(scope="module")
def mailbox() -> Iterator[Mailbox]:
    """A mail server that keeps what arrives."""
    with mail_server() as running:
        yield running


@pytest.fixture(scope="module")
def mailing(mailbox: Mailbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that sends mail, with Ann."""
    data = tmp_path_factory.mktemp("mailing") / "data"
    add_ann("--data", str(data))
    arguments = ("--smtp", mailbox.url, "--mail-from", "keycell@id.example", "--mail-codes", "on")
    with serving(data, *arguments) as running:
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
