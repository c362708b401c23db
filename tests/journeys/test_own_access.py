"""One list of what acts in somebody's name, and what ending one of it ends. UX-P03, UX-P04."""

import socket

import httpx2
from playwright.sync_api import Browser, Locator, Page

from keycell.oauth.token import DEVICE_CODE

from ..server import Server, keycell, keycell_json
from .conftest import expect, sign_in
from .test_command_line import allow_device, finish, home, signing_in
from .test_looking_around import context, page
from .test_pages import axe
from .test_people_page import look

__all__ = ["axe", "context", "home", "page"]


class Telly:
    """Somebody else's program, which keeps its access while nobody is there."""

    def __init__(self, server: Server) -> None:
        self.server = server
        made = keycell_json(
            "admin", "client", "add", "Telly", "--public", "--grant-type", DEVICE_CODE,
            "--grant-type", "refresh_token", "--data", str(server.data),
        )  # fmt: skip
        self.client_id: str = made["client_id"]
        self.token = ""

    def let_in(self, page: Page) -> None:
        scope = "openid email offline_access files.read"
        asked = {"client_id": self.client_id, "scope": scope}
        begun = httpx2.post(f"{self.server.url}/oidc/oauth2/device", data=asked).json()
        allow_device(page, begun["verification_uri_complete"])
        expect(page.locator("#device-accept")).to_have_count(0)
        assert self._ask(grant_type=DEVICE_CODE, device_code=begun["device_code"])

    def goes_on(self) -> bool:
        return self._ask(grant_type="refresh_token", refresh_token=self.token)

    def _ask(self, **form: str) -> bool:
        form |= {"client_id": self.client_id}
        answer = httpx2.post(f"{self.server.url}/oidc/oauth2/token", data=form)
        self.token = answer.json().get("refresh_token", "")
        return answer.is_success


def signed_in_elsewhere(chromium: Browser, server: Server) -> Page:
    other = chromium.new_context(locale="en").new_page()
    other.goto(f"{server.url}/account")
    sign_in(other)
    expect(other.get_by_role("heading", level=1, name="Profile")).to_be_visible()
    return other


def named_alike(buttons: Locator) -> bool:
    names = [one.get_attribute("aria-label") for one in buttons.all()]
    return len(names) != len(set(names))


def test_what_is_ended_ends_and_nothing_else(
    chromium: Browser, page: Page, server: Server, home: dict[str, str], axe: str
) -> None:
    """UX-P03, UX-P04, UX-B14: browsers, the command line and applications, in one list."""
    others = [signed_in_elsewhere(chromium, server) for _ in range(2)]
    telly = Telly(server)
    telly.let_in(page)
    with signing_in(home, server.url, "--device") as (process, address):
        allow_device(page, address)
        finish(process)
    page.goto(f"{server.url}/account/sessions")
    browsers, programs = (page.get_by_test_id(f"session-{one}") for one in ("browser", "program"))
    expect(programs).to_have_count(2)
    command_line = programs.filter(has_text=socket.gethostname())
    expect(command_line).to_contain_text("127.0.0.1")
    expect(programs.filter(has_text="Telly")).to_contain_text("while you are away")
    buttons = page.get_by_role("button", name="Sign out ", exact=False)
    expect(browsers).to_have_count(3)
    assert not named_alike(buttons)
    look(page, axe, "sessions")
    end_a_browser(browsers, others)
    end_telly(page, server, telly, axe)
    assert keycell("whoami", environment=home).stdout.startswith("ann@")
    page.goto(f"{server.url}/account/sessions")
    command_line.get_by_role("button").click()
    expect(programs).to_have_count(0)
    keycell("whoami", environment=home, code=4)
    for other in others:
        other.context.close()


def end_a_browser(browsers: Locator, others: list[Page]) -> None:
    """The one that is ended asks to sign in, the others go on."""
    browsers.filter(has_not_text="this one").first.get_by_role("button").click()
    expect(browsers).to_have_count(2)
    ended = []
    for other in others:
        other.reload()
        expect(other.locator("#username").or_(other.get_by_text("About you"))).to_be_visible()
        ended.append(other.locator("#username").count())
    assert sorted(ended) == [0, 1]


def end_telly(page: Page, server: Server, telly: Telly, axe: str) -> None:
    """Signed out of alone, it has nothing any more, and is still allowed what it was."""
    assert telly.goes_on()
    page.goto(f"{server.url}/account/applications")
    row = page.get_by_role("listitem").filter(has_text="Telly")
    expect(row).to_contain_text("read your files")
    look(page, axe, "applications")
    row.get_by_role("button", name="Sign out of Telly alone").click()
    expect(page.get_by_text("Signed out of this application alone.")).to_be_visible()
    assert not telly.goes_on()
    expect(row).to_contain_text("read your files")
    expect(row.get_by_role("button", name="Take back what Telly may do")).to_be_visible()
