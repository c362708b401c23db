"""Without JavaScript: invited by mail, then the password is forgotten, and set anew elsewhere."""

from playwright.sync_api import Browser, Page, expect

from ..server import Server, keycell_json
from ..smtp import Mailbox, code_in, link_in
from .test_pages import axe
from .test_people_page import look

__all__ = ["axe"]

NEW = "another battery"


def bare(chromium: Browser) -> Page:
    """A browser that has never been here, and runs no scripts."""
    context = chromium.new_context(locale="en", java_script_enabled=False)
    context.set_default_timeout(60_000)
    return context.new_page()


def invite(server: Server, mailbox: Mailbox, address: str) -> str:
    environment = {
        "KEYCELL_SMTP": mailbox.url, "KEYCELL_MAIL_FROM": "keycell@id.example",
        "KEYCELL_PUBLIC_URL": server.url,
    }  # fmt: skip
    made = keycell_json("admin", "user", "invite", address, "--data", str(server.data),
                        environment=environment)  # fmt: skip
    assert made["is_mailed"]
    link = link_in(mailbox.wait(address), "/invitation")
    assert link == made["link"]
    return link


def test_invited_then_forgotten_then_set_anew(
    chromium: Browser, mailing: Server, mailbox: Mailbox
) -> None:
    """UX-L01, R01 to R06."""
    page, elsewhere = bare(chromium), bare(chromium)
    page.goto(invite(mailing, mailbox, "bob@example.org"))
    fill(page, name="Bob Example", username="bob", new_password="correct horse battery")
    page.click("#invitation-submit")
    page.wait_for_load_state()
    page.goto(f"{mailing.url}/account/basic")
    expect(page.locator("h1")).to_have_text("Your account")
    forget(chromium, mailing)
    code = code_in(mailbox.wait("bob@example.org", 2))
    elsewhere.goto(f"{mailing.url}/recover/code?elsewhere=1")
    fill(elsewhere, username="bob", code=code)
    elsewhere.click("#code-submit")
    expect(elsewhere.locator("#everywhere")).to_be_checked()
    fill(elsewhere, new_password=NEW)
    elsewhere.click("#password-submit")
    elsewhere.locator(".card a.button").click()
    fill(elsewhere, username="bob", password=NEW)
    elsewhere.click("#login-submit")
    expect(elsewhere.locator("#login-submit")).to_be_hidden()
    page.goto(f"{mailing.url}/account/basic")
    expect(page.locator("#login-submit")).to_be_visible()
    mailbox.wait("bob@example.org", 3)
    page.context.close()
    elsewhere.context.close()


def test_a_code_in_a_mail_signs_in(
    chromium: Browser, mailing: Server, mailbox: Mailbox, axe: str
) -> None:
    """UX-L15."""
    page, reading = bare(chromium), chromium.new_context(locale="en").new_page()
    page.goto(invite(mailing, mailbox, "cy@example.org"))
    fill(page, name="Cy Example", username="cy", new_password="correct horse battery")
    page.click("#invitation-submit")
    page.wait_for_load_state()
    reading.goto(f"{mailing.url}/oauth2/login")
    look(reading, axe, "login-by-code")
    reading.click("#by-code")
    look(reading, axe, "code-asked")
    fill(reading, username="cy@example.org")
    reading.click("#code-send")
    expect(reading.locator("h1")).to_have_text("Enter the code")
    fill(reading, code="0000 0001")
    reading.click("#code-submit")
    expect(reading.locator("#code-error")).to_be_visible()
    look(reading, axe, "code-wrong")
    fill(reading, code=code_in(mailbox.wait("cy@example.org", 2)))
    reading.click("#code-submit")
    expect(reading.locator("h1")).to_have_text("Your account")
    look(reading, axe, "basic-with-letters")
    for one in (page, reading):
        one.context.close()


def forget(chromium: Browser, server: Server) -> None:
    """Ask for a new password, in a browser of its own."""
    page = bare(chromium)
    page.goto(f"{server.url}/oauth2/login")
    page.click("#forgot")
    fill(page, username="BOB@example.org")
    page.click("#recover-submit")
    expect(page.locator("h1")).to_have_text("Enter the code")
    page.context.close()


def fill(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        page.fill(f"[name={name}]:visible", value)
