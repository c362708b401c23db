"""The installation by its own name and colours: drafted, looked at, published. UX-L19, UX-X54."""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from gzip import compress

import pytest

from keycell.accounts.people import Account
from keycell.accounts.posting import deliver
from keycell.bootstrap import World
from keycell.http.frontend import SESSION, Shown, page, read_frontend
from keycell.provider.register import Made
from keycell.settings import Settings
from keycell.stores.database import NOTHING, Database, Params, Row, Statement

from ...conftest import Browser
from ...logos import png
from ...smtp import Mailbox, html_of, mail_server, text_of
from .desk import Desk

SAID = {
    "name": "Acme & Co", "accent": "#ffcc00", "welcome": "Hello <b>you</b>.",
    "terms": "https://acme.example/terms", "privacy": "https://acme.example/privacy",
    "help": "mailto:help@acme.example",
}  # fmt: skip
LOGO = base64.b64encode(png(40, 30)).decode()
WIDE = base64.b64encode(png(400, 40)).decode()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as running:
        yield running


@pytest.fixture
def settings_on_sqlite(settings_on_sqlite: Settings, mailbox: Mailbox) -> Settings:
    return replace(settings_on_sqlite, smtp=mailbox.url, mail_from="keycell@id.example")


async def test_l19_what_is_published_is_on_every_page(
    desk: Desk, browser: Browser, app: Made, ann: Account
) -> None:
    """UX-L19: a draft is on none. What an administrator wrote is text; the way back is one act."""
    await desk.done("PUT", "branding/draft", **SAID)
    await desk.done("PUT", "branding/logo/light", content=LOGO)
    login = await browser.authorize(app)
    assert "Acme" not in login.text
    told = await desk.done("POST", "branding/publish")
    assert told["is_published"]
    login = await browser.authorize(app)
    refused = await browser.authorize(app, client_id="none")
    ended = await browser.http.get("/oauth2/logout")
    public = await browser.http.get("/public/none")
    consent = await browser.log_in(login)
    for shown in (login, refused, ended, public, await browser.http.get("/nowhere"), consent):
        assert "Acme &amp; Co</title>" in shown.text, shown.url
        assert "accent-ffcc00.css" in shown.text
        assert 'href="https://acme.example/terms"' in shown.text
        assert 'href="mailto:help@acme.example"' in shown.text
        assert f'/branding/{told["published"]["light"]["digest"]}.png"' in shown.text
    assert "Hello &lt;b&gt;you&lt;/b&gt;." in login.text
    assert len(compress(login.content)) < 5_000
    await desk.done("POST", "branding/undo")
    assert "Acme" not in (await browser.http.get("/oauth2/login")).text
    assert (await desk.done("POST", "branding/undo"))["published"]["name"] == "Acme & Co"


async def test_l19_the_accent_and_the_logo_are_kept_for_good_by_browsers(
    desk: Desk, browser: Browser
) -> None:
    """UX-L20: their addresses change with them."""
    told = await desk.done("PUT", "branding/logo/dark", content=WIDE)
    await desk.done("PUT", "branding/draft", accent="#ffcc00")
    await desk.done("POST", "branding/publish")
    login = (await browser.http.get("/oauth2/login")).text
    sheet = login.partition('href="')[2].partition('"')[0].replace("icon.svg", "accent-ffcc00.css")
    style = await browser.http.get(sheet)
    assert style.headers["content-type"].startswith("text/css")
    assert "--accent:light-dark(#866b00,#ffcc00)" in style.text
    digest = told["draft"]["dark"]["digest"]
    logo = await browser.http.get(f"/branding/{digest}.png")
    assert logo.headers["content-type"] == "image/png"
    assert logo.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in logo.headers["content-security-policy"]
    for answer in (style, logo):
        assert "immutable" in answer.headers["cache-control"]
    for nothing in ("none", "%00", "%00" * 64):
        assert (await browser.http.get(f"/branding/{nothing}.png")).status_code == 404
    assert (await browser.http.get(sheet.replace("ffcc00", "ffcc0}"))).status_code == 404
    # So wide a picture has the name in it, which is not said twice.
    assert 'alt="Keycell"' in login
    assert "<bdi>Keycell</bdi>" not in login


async def test_x54_what_cannot_be_is_said_and_changes_nothing(desk: Desk) -> None:
    """UX-X54: by its field; and what becomes of the accent is said in words."""
    told = await desk.done("PUT", "branding/draft", **SAID)
    assert "#866b00" in told["remarks"][0]
    assert told["colours"]["light"] == "#866b00"
    for name, value in (("accent", "red"), ("terms", "javascript:alert(1)"), ("name", "")):
        refused = await desk.ask("PUT", "branding/draft", **SAID | {name: value})
        assert refused.status_code == 400, refused.text
        assert name in refused.text
    svg = base64.b64encode(b"<svg xmlns='http://www.w3.org/2000/svg'/>").decode()
    for bad in (svg, "no base64!", base64.b64encode(bytes(60_000)).decode()):
        assert (await desk.ask("PUT", "branding/logo/light", content=bad)).status_code == 400
    assert (await desk.ask("PUT", "branding/logo/blue", content=LOGO)).status_code == 400
    kept = await desk.done("GET", "branding")
    assert kept["draft"]["name"] == "Acme & Co"
    assert kept["former"] is None
    assert (await desk.ask("POST", "branding/undo")).status_code == 409
    assert (await desk.done("PUT", "branding/logo/light", content=LOGO))["draft"]["light"]
    assert (await desk.done("DELETE", "branding/logo/light"))["draft"]["light"] is None


async def test_x54_both_acts_are_in_the_trail(desk: Desk, world: World) -> None:
    """UX-X54: with what is shown from then on; a draft is nobody's business."""
    await desk.done("PUT", "branding/draft", **SAID)
    await desk.done("POST", "branding/publish")
    await desk.done("POST", "branding/undo")
    (_, undo), (_, publish) = await world.people.audit.page(None, 2)
    assert (publish.action, undo.action) == ("branding.published", "branding.undone")
    assert publish.detail.items() >= SAID.items()
    assert (undo.detail["name"], undo.detail["accent"]) == ("Keycell", "")


@pytest.mark.parametrize("kind", ["login", "consent", "letter"])
async def test_x54_a_preview_is_to_look_at_and_nothing_else(
    desk: Desk, browser: Browser, kind: str
) -> None:
    """UX-X54, ATTACKS 79: it stands in our own frame alone, runs nothing and sends nothing."""
    await desk.done("PUT", "branding/draft", **SAID)
    await desk.done("PUT", "branding/logo/light", content=LOGO)
    address = f"/a/keycell/admin/branding/preview/{kind}?lang=de&theme=dark"
    assert (await browser.http.get(address)).status_code == 401
    shown = await browser.http.get(address, headers=desk.headers)
    assert shown.status_code == 200, shown.text
    assert "Acme &amp; Co" in shown.text
    policy = shown.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-same-origin; default-src 'none'; ")
    for rule in ("form-action 'none'", "frame-ancestors 'self'", "base-uri 'none'"):
        assert rule in policy
    assert "script-src" not in policy
    assert "<script" not in shown.text
    assert "autofocus" not in shown.text
    assert 'lang="de"' in shown.text
    if kind != "letter":
        assert "<body inert>" in shown.text
        assert 'content="dark"' in shown.text
    else:
        assert "@media all {" in shown.text
    missing = address.replace(kind, "recover")
    assert (await browser.http.get(missing, headers=desk.headers)).status_code == 404


async def test_x54_the_pages_that_work_stand_in_no_frame(desk: Desk, browser: Browser) -> None:
    """UX-X54, ATTACKS 79: whatever is published."""
    await desk.done("PUT", "branding/draft", **SAID)
    await desk.done("POST", "branding/publish")
    real = await browser.http.get("/oauth2/login")
    assert "frame-ancestors 'none'" in real.headers["content-security-policy"]
    assert real.headers["x-frame-options"] == "DENY"


async def test_l19_letters_come_by_the_name_with_the_logo_in_them(
    desk: Desk, world: World, mailbox: Mailbox
) -> None:
    """UX-L19, RFC2392: nothing is fetched when one is read, and nobody learns that it was."""
    await desk.done("PUT", "branding/draft", **SAID)
    await desk.done("PUT", "branding/logo/light", content=LOGO)
    await desk.done("POST", "branding/publish")
    await desk.done("POST", "mail/test", to="ann@example.org")
    await desk.done("POST", "user-invitations", email="eve@example.org")
    while await deliver(world.people, "test"):
        pass
    letter = mailbox.messages[-1]
    assert letter["From"].addresses[0].display_name == "Acme & Co"
    assert "Sent by Acme & Co at" in text_of(letter)
    html = html_of(letter)
    assert "background:#866b00; color:#ffffff;" in html
    assert 'src="cid:logo@keycell"' in html
    (picture,) = [one for one in letter.walk() if one.get_content_type() == "image/png"]
    assert picture["Content-ID"] == "<logo@keycell>"
    assert "http" not in html.partition("<img")[2].partition(">")[0]


class Counting:
    """A database that counts what is asked of it."""

    def __init__(self, database: Database) -> None:
        self.database, self.asked = database, 0

    async def read(self, statement: Statement, params: Params = NOTHING) -> list[Row]:
        self.asked += 1
        return await self.database.read(statement, params)


async def test_l19_pages_read_nothing_for_it(
    desk: Desk, world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """UX-L20: with a branding or without."""
    store = world.people.branding
    counting = Counting(world.database)
    monkeypatch.setattr(store, "_database", counting)
    await browser.http.get("/oauth2/login")
    assert counting.asked == 0


def test_l19_the_frontends_first_frame_has_the_name() -> None:
    """UX-L19: before a script has run."""
    frontend = read_frontend()
    if frontend is None:
        pytest.skip("the frontend was not built")
    shown = page(frontend, ("https://id.example",), "en", Shown("files", {}, "A<b>"))
    text = bytes(shown.body).decode()
    assert "<title>A&lt;b&gt;</title>" in text
    assert ">A&lt;b&gt;</header>" in text
    policy = shown.headers["content-security-policy"]
    assert "frame-src blob: https://id.example/web/a/keycell/admin/branding/preview/;" in policy
    assert "frame-ancestors 'none'" in policy
    assert json.dumps("Keycell") not in text
    shown = page(frontend, ("https://id.example",), "en", Shown("files", {"a": 1}, SESSION))
    assert f"<title>{SESSION}</title>" in bytes(shown.body).decode()
