"""Second factors are asked for: somebody puts it off, sets one up, and trusts a browser."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from ..server import Server, keycell, serving
from .conftest import PASSWORD, add_ann, sign_in
from .test_pages import axe
from .test_people_page import look
from .test_step_up_dialog import grow_old
from .test_trying import root

__all__ = ["axe", "root"]

NewBrowser = Callable[..., Page]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server in which browsers may be trusted, with Bob in a group."""
    data = ("--data", str(tmp_path / "data"))
    add_ann(*data)
    keycell("admin", "group", "add", "/staff", *data)
    keycell("admin", "user", "add", "bob", "--name", "Bob Builder", "--group", "/staff",
            "--password-stdin", *data, stdin=PASSWORD)  # fmt: skip
    with serving(tmp_path / "data", "--trust-browsers", "30") as running:
        yield running


@pytest.fixture
def new_browser(chromium: Browser) -> Iterator[NewBrowser]:
    """One that reads a language, with what another one keeps if it is given."""
    contexts = []

    def make(language: str, like: Page | None = None) -> Page:
        kept = like.context.storage_state() if like else None
        context = chromium.new_context(
            locale=language, reduced_motion="reduce", storage_state=kept
        )
        context.set_default_timeout(60_000)
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()


def test_who_is_asked_for_a_second_factor(
    root: Page, server: Server, new_browser: NewBrowser, axe: str
) -> None:
    """UX-M07, UX-M08: from the panel to the person, and to its end."""
    ask_the_staff(root, server, axe)
    bob = new_browser("en")
    put_off(bob, server, axe)
    code = set_up(bob, server)
    trust(bob, server, code)
    look(bob, axe, "trusted-browsers")
    arabic = new_browser("ar", bob)
    arabic.goto(f"{server.url}/account/sessions")
    expect(arabic.get_by_test_id("trusted-browser")).to_be_visible()
    look(arabic, axe, "trusted-browsers-ar")
    ask_no_longer(root, server, axe)


def ask_the_staff(root: Page, server: Server, axe: str) -> None:
    """What comes of it is said before it is done."""
    root.goto(f"{server.url}/admin")
    root.get_by_role("link", name="Second factors").click()
    expect(root.get_by_text("It is asked of nobody")).to_be_visible()
    told = root.locator("main").get_by_role("status")
    expect(told).to_contain_text("They may put it off 4 times.")
    expect(told).to_contain_text("You are one of them.")
    root.get_by_role("combobox", name="Asked of").click()
    root.get_by_role("option", name="People in a group").click()
    ask = root.get_by_role("button", name="Ask for a second factor")
    expect(ask).to_be_disabled()
    root.get_by_role("combobox", name="Group, with those in it").click()
    root.get_by_role("option", name="/staff").click()
    root.get_by_label("How often").fill("1")
    expect(told).to_contain_text("They may put it off 1 time.")
    look(root, axe, "factor-panel")
    ask.click()
    row = root.get_by_test_id("factor-policy")
    expect(row).to_contain_text("Group \u2068/staff\u2069")
    expect(row).to_contain_text("1 time")
    look(root, axe, "factor-panel-one")


def enter(bob: Page, server: Server) -> None:
    bob.context.clear_cookies()
    bob.goto(f"{server.url}/account")
    bob.fill("#username", "bob")
    bob.fill("#password", PASSWORD)
    bob.click("#login-submit")


def put_off(bob: Page, server: Server, axe: str) -> None:
    enter(bob, server)
    expect(bob.locator("#enrol-left")).to_contain_text("1 more time.")
    look(bob, axe, "enrol")
    bob.click("#enrol-skip")
    expect(bob.get_by_role("heading", level=1, name="Profile")).to_be_visible()


def set_up(bob: Page, server: Server) -> Callable[[datetime], str]:
    """Nothing is left to put it off; whoever sets it up comes to where they wanted to go."""
    enter(bob, server)
    expect(bob.locator("#enrol-over")).to_be_visible()
    expect(bob.locator("#enrol-skip")).to_have_count(0)
    bob.click("#enrol-app")
    totp = pyotp.TOTP(bob.inner_text("#app-key").replace(" ", ""))
    bob.fill("#code", totp.at(datetime.now(UTC)))
    bob.fill("#name", "Phone")
    bob.click("#app-submit")
    bob.check("#saved")
    bob.click("#codes-keep")
    expect(bob.get_by_role("heading", level=1, name="Profile")).to_be_visible()
    return totp.at


def trust(bob: Page, server: Server, code: Callable[[datetime], str]) -> None:
    enter(bob, server)
    # The code of now was spent by the setting up.
    bob.fill("#code", code(datetime.now(UTC) + timedelta(seconds=30)))
    bob.check("#trust")
    bob.click("#factor-submit")
    expect(bob.get_by_role("heading", level=1, name="Profile")).to_be_visible()
    bob.goto(f"{server.url}/account/sessions")
    expect(bob.get_by_test_id("trusted-browser")).to_be_visible()


def ask_no_longer(root: Page, server: Server, axe: str) -> None:
    """It wants a sign-in of just now; and the people who have none are found from the panel."""
    root.reload()
    root.get_by_role("link", name="See who").click()
    expect(root).to_have_url(re.compile("state=unguarded"))
    expect(root.locator("tbody a")).to_have_text(["Ann Example"])
    look(root, axe, "people-unguarded")
    root.goto(f"{server.url}/admin/second-factors")
    grow_old(server)
    root.get_by_role("button", name="End: Group \u2068/staff\u2069").click()
    root.get_by_role("dialog").get_by_role("button", name="End", exact=True).click()
    dialog = root.get_by_role("dialog", name="Confirm that it is you")
    with root.context.expect_page() as opened:
        dialog.get_by_role("link", name="Sign in").click()
    sign_in(opened.value)
    expect(root.get_by_text("It is asked of nobody")).to_be_visible()
    expect(root.get_by_test_id("factor-policy")).to_have_count(0)
