"""Administrators are told of what somebody should look at, as they set it. UX-X42."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from ..server import Server, keycell, serving
from ..smtp import Mailbox, mail_server, text_of
from ..waiting import until
from .conftest import PASSWORD, add_ann
from .test_pages import axe
from .test_people_page import look
from .test_trying import root

__all__ = ["axe", "root"]


@pytest.fixture(scope="module")
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as running:
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, mailbox: Mailbox) -> Iterator[Server]:
    """A server that mails, with Ann."""
    data = tmp_path_factory.mktemp("alerts") / "data"
    add_ann("--data", str(data))
    with serving(data, "--smtp", mailbox.url, "--mail-from", "keycell@id.example") as running:
        yield running


def card_of(root: Page, title: str) -> Locator:
    heading = root.get_by_role("heading", level=2, name=title, exact=True)
    return root.locator("section").filter(has=heading)


def test_x42_a_grant_is_told_of_by_mail_and_on_the_page(
    root: Page, server: Server, mailbox: Mailbox, axe: str
) -> None:
    """UX-X42: an administrator's right is told of from the first start on."""
    root.goto(f"{server.url}/admin/alerts")
    card = card_of(root, "Somebody becomes an administrator")
    expect(card.get_by_role("switch")).to_be_checked()
    at = ("--data", str(server.data))
    keycell("admin", "user", "add", "bo", "--email", "bo@example.org", "--admin",
            "--password-stdin", *at, stdin=PASSWORD)  # fmt: skip
    raised = card.get_by_role("link", name="made bo an administrator")
    expect(raised).to_be_visible()
    until(lambda: "made bo an administrator" in mailbox.wait("ann@example.org")["Subject"])
    letter = mailbox.wait("ann@example.org")
    assert f"{server.url}/admin/audit?action=alert" in text_of(letter)
    look(root, axe, "alerts")
    _choose(root, card)
    raised.click()
    expect(root.locator("li[data-action='alert.office']").first).to_be_visible()
    root.goto(f"{server.url}/admin/alerts")
    _set(root)
    _test(card, mailbox)


def _choose(root: Page, card: Locator) -> None:
    """Let one administrator be told, and look that it was kept."""
    card.get_by_role("combobox", name="Letters go to").click()
    root.get_by_role("option", name="Some of them").click()
    expect(card.get_by_role("button", name="Save")).to_be_disabled()
    card.get_by_role("combobox", name="Administrators").click()
    root.get_by_role("option", name="bo", exact=True).click()
    card.get_by_role("combobox", name="Administrators").press("Escape")
    card.get_by_role("button", name="Save").click()
    expect(card.get_by_role("button", name="Save")).to_have_count(0)


def _set(root: Page) -> None:
    """Turn a rule on, and give another another number; what cannot be is refused."""
    card = card_of(root, "The latest backup is too old")
    card.get_by_role("switch").press("Space")
    expect(card.get_by_label("When it is so many days old")).to_have_value("7")
    card = card_of(root, "Many sign-ins fail")
    card.get_by_label("Within minutes").fill("5")
    card.get_by_role("button", name="Save").click()
    expect(card.get_by_role("button", name="Save")).to_have_count(0)
    root.reload()
    expect(card.get_by_label("Within minutes")).to_have_value("5")


def _test(card: Locator, mailbox: Mailbox) -> None:
    """It goes to whom the alert goes."""
    card.get_by_role("button", name="Send a test").click()
    # What was set a moment ago is told of by letters of its own.
    until(lambda: _tested("bo@example.org", mailbox))
    assert not _tested("ann@example.org", mailbox)


def _tested(address: str, mailbox: Mailbox) -> bool:
    return any("tested an alert: office" in one["Subject"] for one in mailbox.to(address))
