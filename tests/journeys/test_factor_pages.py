"""Second factors in a real browser: passkeys by its virtual authenticator, codes without scripts.

Each page is accessible, narrow and wide, light and dark; a word on the console fails it. With
``PICTURES=folder`` in the environment, a picture of each is kept there.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from ..server import Server, keycell_json, serving
from .conftest import add_ann, sign_in
from .test_pages import WIDTHS, axe, keep_picture, look_at

__all__ = ["axe"]

FACTORS = "/account/basic/factors"
Look = Callable[[Page, str], None]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server of each journey's own: what Ann sets up changes how she signs in."""
    add_ann("--data", str(tmp_path / "data"))
    with serving(tmp_path / "data") as running:
        yield running


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(locale="en", reduced_motion="reduce")
    context.set_default_timeout(60_000)
    yield context
    context.close()


@pytest.fixture
def look(axe: str) -> Look:
    """Look at the page as it stands, in each appearance."""

    def at(page: Page, name: str) -> None:
        look_at(page, axe, name)

    return at


def quiet(page: Page) -> list[str]:
    """Give what the page complains of, as it comes."""
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        # A refused sign-in is a page with the status 401, of which Chromium tells as well.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            said.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def authenticator(page: Page) -> Callable[..., None]:
    """Plug an authenticator in; give what tells it whether its user is there."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": False,
    }  # fmt: skip
    made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    def there(*, is_there: bool) -> None:
        devtools.send(
            "WebAuthn.setAutomaticPresenceSimulation",
            {"authenticatorId": made["authenticatorId"], "enabled": is_there},
        )

    return there


def test_a_passkey_from_its_making_to_its_end(
    context: BrowserContext, server: Server, look: Look
) -> None:
    """UX-L04, UX-L05, UX-M02, UX-M03, UX-E06."""
    page = context.new_page()
    said, there = quiet(page), authenticator(page)
    page.goto(f"{server.url}{FACTORS}")
    sign_in(page)
    page.wait_for_url(f"**{FACTORS}")
    look(page, "factors-none")
    there(is_there=True)
    page.click("#passkey-button")
    expect(page.locator("#codes")).to_be_visible()
    look(page, "recovery-codes")
    page.check("#saved")
    page.click("#codes-keep")
    expect(page.locator("#passkeys li")).to_have_count(1)
    expect(page.locator("#codes-left")).to_contain_text("10 of 10")
    look(page, "factors-confirm")
    _open_by_the_button(page, server, there, look)
    _open_by_the_login_field(page, server, look)
    _use_it_after_the_password(page, server, there, look)
    assert said == []


def _open_by_the_button(
    page: Page, server: Server, there: Callable[..., None], look: Look
) -> None:
    """Nothing opens by itself; a click does."""
    page.context.clear_cookies()
    there(is_there=False)
    page.goto(f"{server.url}/oauth2/login?to=factors")
    expect(page.locator("#passkey-button")).to_be_visible()
    look(page, "login-passkey")
    there(is_there=True)
    page.click("#passkey-button")
    page.wait_for_url(f"**{FACTORS}")


def _open_by_the_login_field(page: Page, server: Server, look: Look) -> None:
    """Out of the list of the login field, which this browser chooses from at once."""
    page.context.clear_cookies()
    page.goto(f"{server.url}/oauth2/login?to=factors")
    page.wait_for_url(f"**{FACTORS}")
    look(page, "factors-passkey")
    page.click("#passkeys summary")
    page.fill("#passkeys input[name=name]", "Desk")
    page.click("#passkeys details button")
    expect(page.locator("#passkeys strong")).to_have_text("Desk")


def _use_it_after_the_password(
    page: Page, server: Server, there: Callable[..., None], look: Look
) -> None:
    """The same one is not made twice, and says so; then it is the second step."""
    page.click("#passkey-button")
    expect(page.locator("#passkey-problem")).to_contain_text("already")
    look(page, "factors-problem")
    there(is_there=False)
    page.context.clear_cookies()
    page.goto(f"{server.url}/oauth2/login?to=factors")
    sign_in(page)
    expect(page.locator("#passkey-button")).to_be_visible()
    look(page, "factor-passkey")
    there(is_there=True)
    page.click("#passkey-button")
    page.wait_for_url(f"**{FACTORS}")
    page.click("#passkeys button[aria-label='Delete: Desk']")
    expect(page.locator("#passkeys")).to_have_count(0)


def test_an_app_and_a_recovery_code_without_scripts(
    chromium: Browser, server: Server, look: Look
) -> None:
    """UX-L01, UX-M01, UX-M02, UX-M04; and an administrator sees and removes them."""
    context = chromium.new_context(locale="en", java_script_enabled=False)
    context.set_default_timeout(60_000)
    page = context.new_page()
    said = quiet(page)
    page.goto(f"{server.url}{FACTORS}")
    sign_in(page)
    codes = _set_up_an_app(page)
    _come_back_by_a_recovery_code(page, server, codes[4])
    assert said == []
    context.close()

    where = ("--data", str(server.data))
    told = keycell_json("admin", "user", "factors", "ann", *where)
    assert [one["name"] for one in told["items"]] == ["Phone"]
    assert told["recovery_codes_left"] == 9
    _look_with_scripts(chromium, server, look)


def _set_up_an_app(page: Page) -> list[str]:
    """Give the recovery codes."""
    page.click("#add-app")
    _look_without(page, "factor-app")
    totp = pyotp.TOTP(page.inner_text("#app-key").replace(" ", ""))
    page.fill("#code", totp.at(datetime.now(UTC) + timedelta(hours=2)))
    page.click("#app-submit")
    expect(page.locator("#app-error")).to_contain_text("does not fit")
    page.fill("#code", totp.at(datetime.now(UTC)))
    page.fill("#name", "Phone")
    page.click("#app-submit")
    codes: list[str] = re.findall(r"[a-z2-9]{5}-[a-z2-9]{5}", page.inner_text("#codes"))
    page.check("#saved")
    page.click("#codes-keep")
    expect(page.locator("#apps strong")).to_have_text("Phone")
    return codes


def _come_back_by_a_recovery_code(page: Page, server: Server, code: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{server.url}/oauth2/login?to=factors")
    sign_in(page)
    _look_without(page, "factor-code")
    page.click("#lost summary")
    page.click("#way-recovery")
    page.fill("#code", "aaaaa-aaaaa")
    page.click("#factor-submit")
    expect(page.locator("#factor-error")).to_be_visible()
    _look_without(page, "factor-recovery")
    page.fill("#code", code)
    page.click("#factor-submit")
    page.wait_for_url(f"**{FACTORS}")
    expect(page.locator("#codes-left")).to_contain_text("9 of 10")


def _look_without(page: Page, name: str) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        keep_picture(page, f"{name}-{width}")


def _look_with_scripts(chromium: Browser, server: Server, look: Look) -> None:
    """The same pages once more, where axe can run."""
    context = chromium.new_context(locale="en", reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{server.url}/oauth2/login?to=factors")
    sign_in(page)
    expect(page.locator("#code")).to_be_visible()
    look(page, "factor")
    page.click("#way-recovery >> nth=0")
    expect(page.locator("#way-app")).to_be_visible()
    look(page, "factor-way")
    context.close()
