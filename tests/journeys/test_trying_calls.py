"""The calls of the API reference, made from its page. UX-V05."""

from playwright.sync_api import Browser, Locator, Page

from ..server import Server, keycell
from .conftest import expect, sign_in
from .test_pages import axe
from .test_web import check

__all__ = ["axe"]

SPACES = "GET /a/keycell/spaces"
CREATE = "POST /a/tree/create"
BODY = '{"Nodes": [{"Path": "personal-files/tried", "Type": "COLLECTION"}]}'


def test_calls_are_tried_with_a_session_with_a_token_and_without(
    chromium: Browser, server: Server, axe: str
) -> None:
    context = chromium.new_context(locale="en")
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto(f"{server.url}/developers/api")
    # Nobody is signed in: the way to do so leads back here.
    form = opened(page, SPACES)
    form.get_by_role("button", name="Send GET").click()
    expect(form.get_by_role("status")).to_contain_text(f"{SPACES}: 401")
    form.get_by_role("link", name="Sign in, and come back").click()
    sign_in(page)
    expect(page).to_have_url(f"{server.url}/developers/api")

    form = opened(page, SPACES)
    form.get_by_role("button", name="Send GET").click()
    expect(form.get_by_label("What came back")).to_contain_text('"slug": "personal-files"')
    check(page, axe)
    _write(page, server)
    _as_token(page, server)
    context.close()


def _write(page: Page, server: Server) -> None:
    """What may change something is not sent by a click alone."""
    form = opened(page, CREATE)
    form.get_by_label("Body (application/json)").fill(BODY)
    form.get_by_role("button", name="Send POST").click()
    expect(form.get_by_role("status")).to_have_text("")
    made = f"{server.url}/web/a/tree/stat/personal-files/tried"
    assert page.context.request.get(made).status == 404
    form.get_by_role("checkbox").check()
    form.get_by_role("button", name="Send POST").click()
    expect(form.get_by_role("status")).to_contain_text(f"{CREATE}: 200")
    assert page.context.request.get(made).ok


def _as_token(page: Page, server: Server) -> None:
    """A token is all that is sent then: what it may not do, the session does not do for it."""
    token = keycell("admin", "token", "add", "ann", "--label", "tries", "--expires", "1h",
                    "--scope", "files.read", "--data", str(server.data))  # fmt: skip
    page.get_by_label("Access token").fill(token.stdout.strip())
    form = page.get_by_role("form", name=f"Try {SPACES}")
    with page.expect_request("**/a/keycell/spaces") as sent:
        form.get_by_role("button", name="Send GET").click()
    assert "cookie" not in sent.value.all_headers()
    expect(form.get_by_role("status")).to_contain_text(f"{SPACES}: 200")
    form = page.get_by_role("form", name=f"Try {CREATE}")
    form.get_by_label("Body (application/json)").fill(BODY.replace("tried", "untried"))
    form.get_by_role("button", name="Send POST").click()
    expect(form.get_by_role("status")).to_contain_text(f"{CREATE}: 403")


def opened(page: Page, call: str) -> Locator:
    page.get_by_role("button", name=f"Try it: {call}", exact=True).click()
    return page.get_by_role("form", name=f"Try {call}", exact=True)
