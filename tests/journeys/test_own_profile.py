"""What somebody chose of how they are shown things, in every browser of theirs. UX-P01."""

from playwright.sync_api import Browser, Page, expect

from ..server import Server, keycell_json
from .conftest import sign_in
from .test_looking_around import context, page
from .test_pages import axe
from .test_people_page import look

__all__ = ["axe", "context", "page"]


def choose(page: Page, name: str, option: str) -> None:
    page.get_by_role("combobox", name=name).click()
    page.get_by_role("option", name=option, exact=True).click()


def ask_wiki(page: Page, server: Server) -> None:
    """An application that wants to see the profile."""
    back = f"{server.url}/account/basic"
    made = keycell_json("admin", "client", "add", "Wiki", "--redirect-uri", back, "--data",
                        str(server.data), "--metadata", '{"require_pkce": false}')  # fmt: skip
    page.goto(f"{server.url}/oidc/oauth2/auth?client_id={made['client_id']}&response_type=code"
              f"&scope=openid+profile&redirect_uri={back}&state=12345678"
              "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
              "&code_challenge_method=S256")  # fmt: skip


def allow_wiki(page: Page, server: Server) -> None:
    """An application that may see the profile."""
    ask_wiki(page, server)
    page.click("#consent-accept")
    page.wait_for_url("**/account/basic?**")


def test_a_choice_holds_in_every_browser(
    chromium: Browser, page: Page, server: Server, axe: str
) -> None:
    """UX-P01: language, time zone, theme; and beside each field which applications see it."""
    allow_wiki(page, server)
    page.goto(f"{server.url}/account")
    expect(page.get_by_text("Seen by Wiki")).to_have_count(4)
    page.emulate_media(reduced_motion="reduce")
    look(page, axe, "profile")
    choose(page, "Time zone", "Asia/Tokyo")
    choose(page, "Appearance", "Dark")
    choose(page, "Language, here and in letters", "Deutsch")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1, name="Profil")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    other = chromium.new_context(locale="en", color_scheme="light", reduced_motion="reduce")
    follows(other.new_page(), server)
    other.close()
    choose(page, "Aussehen", "Wie das System")
    choose(page, "Sprache, hier und in Briefen", "English")
    page.get_by_role("button", name="Speichern").click()
    expect(page.get_by_role("heading", level=1, name="Profile")).to_be_visible()


def follows(fresh: Page, server: Server) -> None:
    """A browser that never heard of it shows it from the first sign-in on, signed out too."""
    fresh.goto(f"{server.url}/account")
    sign_in(fresh)
    expect(fresh.get_by_role("heading", level=1, name="Profil")).to_be_visible()
    expect(fresh.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    expect(fresh.get_by_role("combobox", name="Zeitzone")).to_have_value("Asia/Tokyo")
    for cookie in ("keycell_session", "keycell_web"):
        fresh.context.clear_cookies(name=cookie)
    fresh.goto(f"{server.url}/account")
    expect(fresh.locator("html")).to_have_attribute("lang", "de")
    assert fresh.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(16, 20, 29)"
