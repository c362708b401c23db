"""A person signs in to real applications through Keycell, and out again."""

import base64
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from ..postgres import Postgres
from ..server import Server, keycell, serving
from .applications import Application, apache, authlib, openid_client
from .conftest import PASSWORD, add_ann, sign_in

Start = Callable[[Server], AbstractContextManager[Application]]
ALL = [pytest.param(one, id=one.__name__) for one in (apache, openid_client, authlib)]


@pytest.fixture(params=ALL)
def application(request: pytest.FixtureRequest, server: Server) -> Iterator[Application]:
    start: Start = request.param
    with start(server) as running:
        yield running


def enter(page: Page, application: Application) -> None:
    """Sign in and consent."""
    page.goto(f"{application.origin}{application.login}")
    sign_in(page)
    page.click("#consent-accept")
    expect(page.locator("h1")).to_have_text("Hello ann")


def test_a_person_signs_in_and_out_again(page: Page, application: Application) -> None:
    enter(page, application)
    page.goto(f"{application.origin}{application.logout}")
    page.wait_for_url(f"{application.origin}/")
    expect(page.locator("h1")).to_have_text("Nobody")
    page.goto(f"{application.origin}{application.login}")
    expect(page.locator("#login-submit")).to_be_visible()


def test_one_sign_in_opens_the_next_application(page: Page, server: Server) -> None:
    """Signed in once, a person consents to the second application without a password."""
    with apache(server) as one, authlib(server) as two:
        enter(page, one)
        page.goto(f"{two.origin}{two.login}")
        page.click("#consent-accept")
        expect(page.locator("h1")).to_have_text("Hello ann")


@pytest.fixture(scope="module")
def app(server: Server) -> Iterator[Application]:
    with authlib(server) as running:
        yield running


def test_without_javascript(chromium: Browser, app: Application) -> None:
    context = chromium.new_context(java_script_enabled=False, locale="en")
    enter(context.new_page(), app)
    context.close()


def test_a_person_says_no(page: Page, app: Application) -> None:
    """RFC6749-4.1.2.1."""
    page.goto(f"{app.origin}{app.login}?prompt=consent")
    sign_in(page)
    page.click("#consent-deny")
    expect(page.locator("h1")).to_have_text("Failed: access_denied")


def test_a_wrong_password_can_be_mended(page: Page, app: Application) -> None:
    page.goto(f"{app.origin}{app.login}?prompt=consent")
    sign_in(page, "wrong password")
    expect(page.locator("#login-error")).to_be_focused()
    expect(page.locator("#username")).to_have_value("ann")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.click("#consent-accept")
    expect(page.locator("h1")).to_have_text("Hello ann")


def test_two_tabs_each_finish_their_own_request(
    page: Page, app: Application, server: Server
) -> None:
    with openid_client(server) as other:
        second = page.context.new_page()
        page.goto(f"{app.origin}{app.login}?prompt=consent")
        second.goto(f"{other.origin}{other.login}")
        sign_in(second)
        second.click("#consent-accept")
        expect(second.locator("h1")).to_have_text("Hello ann")
        sign_in(page)
        page.click("#consent-accept")
        page.wait_for_url(f"{app.origin}/")
        expect(page.locator("h1")).to_have_text("Hello ann")


def test_a_form_stands_open_while_the_server_restarts(page: Page, tmp_path: Path) -> None:
    data = tmp_path / "data"
    add_ann("--data", str(data))
    with serving(data) as server, authlib(server) as app:
        page.goto(f"{app.origin}{app.login}")
        server.stop()
        server.start()
        sign_in(page)
        page.click("#consent-accept")
        expect(page.locator("h1")).to_have_text("Hello ann")


def test_the_first_administrator_comes_in_by_the_link(page: Page, tmp_path: Path) -> None:
    """decisions/0018: spent by the POST, not by looking."""
    with serving(tmp_path / "data") as server:
        link = server.setup_link()
        for _ in range(2):
            page.goto("about:blank")
            page.goto(link)
            expect(page.locator("#setup-submit")).to_be_visible()
        assert "#" not in page.url or page.url.endswith("#")
        page.fill("#username", "root")
        page.fill("#password", PASSWORD)
        page.click("#setup-submit")
        page.wait_for_url(f"{server.url}/**")
        page.goto(f"{server.url}/account/basic")
        expect(page.locator("h1")).to_be_visible()
        shown = keycell("admin", "user", "show", "root", "--data", str(server.data)).stdout
        assert "is_admin\tyes" in shown
        page.goto("about:blank")
        page.goto(link)
        page.wait_for_url(f"{server.url}/**")
        expect(page.locator("#setup-submit")).to_have_count(0)


def test_two_workers_on_postgresql(page: Page, tmp_path: Path, postgres: Postgres) -> None:
    key = base64.urlsafe_b64encode(bytes(range(32))).rstrip(b"=").decode()
    with postgres.database() as url:
        environment = {"KEYCELL_SEALING_KEY": key, "KEYCELL_DATABASE": url}
        add_ann("--data", str(tmp_path / "data"), environment=environment)
        with (
            serving(tmp_path / "data", "--workers", "2", **environment) as server,
            openid_client(server) as app,
        ):
            enter(page, app)
            page.goto(f"{app.origin}{app.logout}")
            expect(page.locator("h1")).to_have_text("Nobody")


def test_two_workers_on_sqlite(page: Page, tmp_path: Path) -> None:
    data = tmp_path / "data"
    add_ann("--data", str(data))
    with serving(data, "--workers", "2") as server, authlib(server) as app:
        enter(page, app)
