"""An administrator tries an application from its page: each step is shown. UX-X25."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from ..server import Server, keycell, keycell_json
from .conftest import sign_in
from .test_administration_pages import LOOKS
from .test_pages import axe, check_page, keep_picture

__all__ = ["axe"]

STEPS = ["Discovery", "Authorization request", "Authorization response", "Token request",
         "ID token", "UserInfo", "Refresh", "Revocation"]  # fmt: skip
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture
def root(chromium: Browser, server: Server) -> Iterator[Page]:
    """Ann, who administers, signed in to the frontend."""
    keycell("admin", "user", "update", "ann", "--admin", "--data", str(server.data))
    context = chromium.new_context(locale="en", reduced_motion="reduce")
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto(f"{server.url}/account")
    sign_in(page)
    expect(page.get_by_role("heading", level=1, name="Profile")).to_be_visible()
    yield page
    context.close()


def register(server: Server, *more: str) -> dict[str, str]:
    made: dict[str, str] = keycell_json("admin", "client", "add", "Notes", "--data",
                                        str(server.data), *more)  # fmt: skip
    return made


def start(root: Page, server: Server, client_id: str) -> Page:
    """Begin from the application's page; give the window in which people sign in."""
    root.goto(f"{server.url}/admin/applications/{client_id}")

    root.get_by_role("link", name="Try it from here, step by step").click()
    expect(root.get_by_role("heading", level=1, name="Try Notes")).to_be_visible()
    return root


def uris(server: Server, client_id: str) -> list[str]:
    shown = keycell_json("admin", "client", "show", client_id, "--data", str(server.data))
    found: list[str] = shown["redirect_uris"]
    return found


def step(root: Page, name: str, state: str) -> None:
    row = root.locator("ol > li").filter(has=root.get_by_role("heading", name=name, exact=False))
    expect(row.get_by_role("img", name=state)).to_be_visible()


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "none"])
def test_each_step_is_shown(root: Page, server: Server, axe: str, method: str) -> None:
    """RFC6749-4.1, OIDCC-3.1, RFC7009: with nothing shown that opens anything."""
    uri = "https://notes.example/callback"
    how = ("--public",) if method == "none" else ("--auth-method", method)
    made = register(server, "--redirect-uri", uri, *how)
    start(root, server, made["client_id"])
    if "client_secret" in made:
        root.get_by_label("Secret of the application").fill(made["client_secret"])
    root.get_by_label("groups").check()
    root.get_by_label("offline_access").check()
    with root.expect_popup() as opened:
        root.get_by_role("button", name="Start").click()
    window = opened.value
    window.click("#consent-accept")
    for name in (*STEPS, *(() if method == "none" else ("Introspection",))):
        step(root, name, "done")
    shown = "\n".join(one.input_value() for one in root.locator("ol textarea").all())
    assert made.get("client_secret", "-" * 9) not in shown
    assert not re.search(r"eyJ\w{4}", shown)
    assert re.search(r"^code=\S{4}… \(\d+\)$", shown, re.MULTILINE)
    assert '"preferred_username": "ann"' in shown
    assert root.get_by_text("signature: right").is_visible()
    assert root.get_by_text("nonce: right").is_visible()
    expect(root.get_by_role("button", name="Stop")).to_have_count(0)
    assert uris(server, made["client_id"]) == [uri]
    if method == "none":
        look(root, axe)


def look(root: Page, axe: str) -> None:
    for scheme, width in LOOKS:
        root.emulate_media(color_scheme=scheme)
        root.set_viewport_size({"width": width, "height": 900})
        # The places at the side slide away first.
        root.wait_for_function("w => document.documentElement.scrollWidth <= w", arg=width)
        keep_picture(root, f"spa-try-{scheme}-{width}")
        check_page(root, axe, width)


def test_a_wrong_secret_is_seen_at_its_step(root: Page, server: Server) -> None:
    """RFC6749-5.2: the answer is shown as it came, and the trial ends."""
    made = register(server, "--redirect-uri", "https://notes.example/callback")
    start(root, server, made["client_id"])
    root.get_by_label("Secret of the application").fill("wrong")
    with root.expect_popup() as opened:
        root.get_by_role("button", name="Start").click()
    opened.value.click("#consent-accept")
    step(root, "Token request", "refused")
    shown = root.get_by_label("Came back").last.input_value()
    assert shown.startswith("401 application/json")
    assert '"error": "invalid_client"' in shown
    expect(root.get_by_role("heading", name="UserInfo")).to_have_count(0)


def test_who_says_no_and_who_stops(root: Page, server: Server) -> None:
    """RFC6749-4.1.2.1: the refusal is the answer; and a trial that is given up leaves nothing."""
    uri = "https://notes.example/callback"
    made = register(server, "--redirect-uri", uri, "--public")
    start(root, server, made["client_id"])
    with root.expect_popup() as opened:
        root.get_by_role("button", name="Start").click()
    opened.value.click("#consent-deny")
    step(root, "Authorization response", "refused")
    assert "error=access_denied" in root.get_by_label("Came back").last.input_value()
    with root.expect_popup():
        root.get_by_role("button", name="Start").click()
    root.get_by_role("button", name="Stop").click()
    step(root, "Authorization request", "refused")
    expect(root.get_by_role("button", name="Stop")).to_have_count(0)
    assert uris(server, made["client_id"]) == [uri]


def test_a_window_that_was_closed_is_opened_again(root: Page, server: Server) -> None:
    """UX-V03: no browser tells for sure that it was closed, so the page offers another."""
    made = register(server, "--redirect-uri", "https://notes.example/callback", "--public")
    start(root, server, made["client_id"])
    with root.expect_popup() as opened:
        root.get_by_role("button", name="Start").click()
    expect(opened.value.locator("#consent-accept")).to_be_visible()
    opened.value.close()
    with root.expect_popup() as again:
        root.get_by_role("button", name="Open it again").click()
    again.value.click("#consent-accept")
    step(root, "Revocation", "done")


def test_a_device_is_played_to_the_end(root: Page, server: Server, axe: str) -> None:
    """UX-V03, RFC8628-3.4: its code is allowed in the other window; each request is a command."""
    made = register(server, "--public", "--grant-type", DEVICE, "--grant-type", "refresh_token")
    start(root, server, made["client_id"])
    root.get_by_label("offline_access").check()
    with root.expect_popup() as opened:
        root.get_by_role("button", name="Start").click()
    window = opened.value
    waits = root.get_by_text("Allow it in the other window")
    code = re.search(r"\w{4}-\w{4}", waits.inner_text())
    assert code
    expect(window.locator("#user_code")).to_have_value(code[0])
    keep_picture(root, "spa-try-device-waits")
    window.click("#device-find")
    window.click("#device-accept")
    for name in ("Device authorization", "Authorization request", "Token request", "UserInfo",
                 "Refresh", "Revocation"):  # fmt: skip
        step(root, name, "done")
    commands = [one.input_value() for one in root.get_by_label("As a command").all()]
    assert any('-d device_code="$DEVICE_CODE"' in one for one in commands)
    assert not re.search(r"eyJ\w{4}|kcr_", "\n".join(commands))


def test_who_is_signed_out_is_asked_before_a_window_opens(root: Page, server: Server) -> None:
    """The dialog stands in front; a window that nobody reached would stand before it."""
    made = register(server, "--redirect-uri", "https://notes.example/callback", "--public")
    start(root, server, made["client_id"])
    root.context.clear_cookies()
    root.get_by_role("button", name="Start").click()
    expect(root.get_by_role("dialog", name="You are signed out")).to_be_visible()
    assert root.context.pages == [root]


def test_a_trial_outlives_no_closed_tab(root: Page, server: Server) -> None:
    """What the application registered is what it was, and our address is not among it."""
    uri = "https://notes.example/callback"
    made = register(server, "--redirect-uri", uri, "--public")
    start(root, server, made["client_id"])
    with root.expect_popup() as opened:
        root.get_by_role("button", name="Start").click()
    expect(opened.value.locator("#consent-accept")).to_be_visible()
    root.close()
    assert uris(server, made["client_id"]) == [uri]
