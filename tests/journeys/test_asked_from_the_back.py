"""Who is signed in to the web frontend sees who asks for a permission, and decides. CIBA-8."""

from collections.abc import Iterator

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from keycell.oauth.token import BACKCHANNEL

from ..server import Server, keycell_json
from .conftest import sign_in
from .test_pages import axe, check_page, keep_picture

__all__ = ["axe"]


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(locale="en", reduced_motion="reduce")
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def basic(server: Server) -> tuple[str, str]:
    """What an application proves itself by that asks people from the back."""
    made = keycell_json(
        "admin", "client", "add", "Call <b>centre</b>", "--grant-type", BACKCHANNEL, "--metadata",
        '{"backchannel_token_delivery_mode":"poll"}', "--data", str(server.data),
    )  # fmt: skip
    return made["client_id"], made["client_secret"]


def test_a_person_is_told_and_decides(
    page: Page, server: Server, axe: str, basic: tuple[str, str]
) -> None:
    page.goto(f"{server.url}/account")
    sign_in(page)
    expect(page.get_by_role("heading", level=1, name="Profile")).to_be_visible()
    expect(page.get_by_test_id("requests")).to_have_count(0)
    asked = {"scope": "openid", "login_hint": "ann", "binding_message": "W4SCT"}
    begun = httpx2.post(f"{server.url}/oidc/oauth2/bc-authorize", data=asked, auth=basic).json()
    page.reload()
    told = page.get_by_test_id("requests")
    expect(told).to_contain_text("Call <b>centre</b>")
    expect(told).to_contain_text("W4SCT")
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        keep_picture(page, f"spa-requests-{width}")
        check_page(page, axe, width)
    told.get_by_role("link").click()
    page.click("#request-accept-1")
    expect(page.locator("#requests-done")).to_be_visible()
    page.goto(f"{server.url}/account")
    expect(page.get_by_role("heading", level=1, name="Profile")).to_be_visible()
    expect(told).to_have_count(0)
    form = {"grant_type": BACKCHANNEL, "auth_req_id": begun["auth_req_id"]}
    tokens = httpx2.post(f"{server.url}/oidc/oauth2/token", data=form, auth=basic).json()
    assert {"access_token", "id_token"} <= set(tokens)
