"""An administrator has a receiver told what happens, and sees what became of it. UX-V07."""

import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import Locator, Page, expect

from ..accounts.test_hooks import documented
from ..server import Server, serving
from ..waiting import until
from .conftest import add_ann
from .test_pages import axe, keep_picture
from .test_people_page import look
from .test_trying import root

__all__ = ["axe", "root"]

Posts = list[tuple[dict[str, str], bytes]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that goes to receivers on this machine, with Ann."""
    data = tmp_path_factory.mktemp("hooks") / "data"
    add_ann("--data", str(data))
    with serving(data, "--fetch-network", "127.0.0.0/8") as running:
        yield running


@pytest.fixture
def receiver() -> Iterator[tuple[str, Posts]]:
    """Keep what is posted; give the address of a web server that takes it."""
    got: Posts = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            got.append((headers, self.rfile.read(int(headers["content-length"]))))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"Thank you.")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as listening:
        Thread(target=listening.serve_forever).start()
        yield f"http://127.0.0.1:{listening.server_port}/in", got
        listening.shutdown()


def add(root: Page, url: str) -> str:
    """Add a webhook, at first to an address that is refused in a sentence; give its secret."""
    root.get_by_label("Name").fill("SIEM")
    root.get_by_label("Address").fill("ftp://127.0.0.1/in")
    events = root.get_by_role("combobox", name="Events")
    events.press_sequentially("client.")
    root.get_by_role("option", name="client.*", exact=True).click()
    events.press("Escape")
    root.get_by_role("button", name="Add", exact=True).click()
    refused = root.get_by_role("main").get_by_role("alert")
    expect(refused).to_contain_text("expected an address that begins with https://")
    root.get_by_label("Address").fill(url)
    root.get_by_role("button", name="Add", exact=True).click()
    return secret_of(root)


def secret_of(root: Page, label: str = "SIEM") -> str:
    shown = root.get_by_label(f"The secret of “{label}”; it is shown this once")
    expect(shown).to_have_value(re.compile("whsec_.+"))
    return shown.input_value()


def delivered(root: Page) -> Locator:
    """Send a test, and wait until the page says that it was taken."""
    root.get_by_role("button", name="Send a test: SIEM").click()
    summary = root.get_by_text("Deliveries; the last")
    expect(summary).to_contain_text("taken")
    summary.click()
    row = root.get_by_test_id("delivery")
    expect(row).to_contain_text("hook.tested")
    expect(row).to_contain_text("1 attempt")
    return row


def test_v07_a_receiver_is_added_tested_told_again_and_removed(
    root: Page, server: Server, receiver: tuple[str, Posts], axe: str
) -> None:
    """UX-V07: all of it on one page, and what arrives is signed by the secret shown once."""
    url, got = receiver
    root.goto(f"{server.url}/admin/webhooks")
    expect(root.get_by_text("Nobody else is told what happens.")).to_be_visible()
    look(root, axe, "hooks-none")
    secret = add(root, url)
    look(root, axe, "hooks-added")
    root.get_by_role("button", name="I have kept it").click()
    expect(root.get_by_text(secret)).to_have_count(0)
    row = delivered(root)
    look(root, axe, "hooks-delivered")
    row.get_by_role("button", name="Post again: hook.tested").click()
    until(lambda: len(got) == 2)
    expect(row).to_contain_text("taken")
    (first, body), (again, _) = got
    assert again["webhook-id"] == first["webhook-id"]
    assert documented()(secret, first, body)
    _edit(root)
    _renew(root, secret)
    _pause(root)
    _remove(root)


def _edit(root: Page) -> None:
    """Give it another name and fewer events; what no address can be is refused in a sentence."""
    root.get_by_role("button", name="Edit: SIEM").click()
    card = root.locator("section").filter(has=root.get_by_role("button", name="Save"))
    card.get_by_label("Name").fill("Log")
    address = card.get_by_label("Address")
    kept = address.input_value()
    address.fill("ftp://127.0.0.1/in")
    card.get_by_role("button", name="Save").click()
    expect(card.get_by_role("alert")).to_contain_text("expected an address")
    keep_picture(root, "spa-hooks-edited")
    address.fill(kept)
    card.get_by_role("button", name="Save").click()
    root.get_by_role("button", name="Edit: Log").click()
    card.get_by_label("Name").fill("SIEM")
    card.get_by_role("button", name="Cancel").click()
    expect(root.get_by_role("button", name="Edit: Log")).to_be_visible()


def _renew(root: Page, secret: str) -> None:
    root.get_by_role("button", name="Renew the secret: Log").click()
    root.get_by_role("dialog").get_by_role("button", name="Renew", exact=True).click()
    expect(root.get_by_text("The secret before still signs beside the new one")).to_be_visible()
    assert secret_of(root, "Log") != secret
    keep_picture(root, "spa-hooks-renewed")


def _pause(root: Page) -> None:
    root.get_by_role("button", name="Pause: Log").click()
    expect(root.get_by_text("paused", exact=True)).to_be_visible()
    expect(root.get_by_role("button", name="Send a test: Log")).to_have_count(0)
    root.get_by_role("button", name="Go on: Log").click()
    expect(root.get_by_text("active", exact=True)).to_be_visible()


def _remove(root: Page) -> None:
    root.get_by_role("button", name="Remove: Log").click()
    dialog = root.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Remove", exact=True)).to_be_disabled()
    dialog.get_by_label("Type Log to confirm").fill("Log")
    dialog.get_by_role("button", name="Remove", exact=True).click()
    expect(root.get_by_text("Nobody else is told what happens.")).to_be_visible()
