"""Session management in a real browser: another site watches our session. PROTOCOL S1."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from keycell.oauth.pkce import s256

from ..server import Server, keycell_json, serving
from ..test_tls import pem
from .conftest import PASSWORD, add_ann

SITE = "https://localhost:4433"
"""Another origin of the same site: its frames have our cookies in every browser."""
ELSEWHERE = "https://app.example"
WATCHING = """
<!doctype html><title>App</title>
<iframe id="op" src="{url}/oidc/session" hidden></iframe>
<script>
  window.ask = (text) => new Promise((resolve) => {{
    addEventListener("message", (event) => resolve([event.origin, event.data]), {{ once: true }});
    document.getElementById("op").contentWindow.postMessage(text, "{url}");
  }});
</script>
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server under TLS: a cookie reaches into another site's page under TLS alone."""
    folder = tmp_path_factory.mktemp("framed")
    chain, private = pem(folder / "tls")
    add_ann("--data", str(folder / "data"))
    flags = ("--tls-cert", str(chain), "--tls-key", str(private))
    with serving(folder / "data", *flags) as running:
        yield running


@pytest.fixture
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    """A browser in which two applications answer with a page that watches."""

    def watching(route: Route) -> None:
        body = WATCHING.format(url=server.url)
        route.fulfill(body=body, content_type="text/html")

    context = chromium.new_context(locale="en", ignore_https_errors=True)
    context.set_default_timeout(60_000)
    # A page of the wide world asks first before it reaches this very machine.
    context.grant_permissions(["local-network-access"])
    context.route(re.compile(rf"({SITE}|{ELSEWHERE})/.*"), watching)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def client_id(server: Server) -> str:
    made = keycell_json(
        "admin", "client", "add", "App", "--redirect-uri", f"{SITE}/callback",
        "--post-logout-redirect-uri", f"{SITE}/", "--data", str(server.data),
    )  # fmt: skip
    return str(made["client_id"])


def request(server: Server, client_id: str, **params: str) -> str:
    query = {
        "client_id": client_id, "redirect_uri": f"{SITE}/callback", "response_type": "code",
        "scope": "openid", "state": "s", "code_challenge": s256("v" * 43),
        "code_challenge_method": "S256",
    } | params  # fmt: skip
    return f"{server.url}/oidc/oauth2/auth?{urlencode(query)}"


def answered(address: str) -> str:
    return dict(parse_qsl(urlsplit(address).query))["session_state"]


def sign_in(page: Page, server: Server, client_id: str) -> str:
    page.goto(request(server, client_id))
    if page.locator("#login-submit").count():
        page.fill("#username", "ann")
        page.fill("#password", PASSWORD)
        page.click("#login-submit")
    if page.locator("#consent-accept").count():
        page.click("#consent-accept")
    page.wait_for_url(f"{SITE}/callback?*")
    return answered(page.url)


def asked(page: Page, text: str) -> list[str]:
    page.frame_locator("#op").locator("html").wait_for(state="attached")
    answer: list[str] = page.evaluate("(text) => ask(text)", text)
    return answer


def test_s1_unchanged_until_somebody_signs_out_or_in(
    page: Page, server: Server, client_id: str
) -> None:
    """OIDCSM-3.2, PROTOCOL-S1."""
    first = sign_in(page, server, client_id)
    assert asked(page, f"{client_id} {first}") == [server.url, "unchanged"]
    silently = request(server, client_id, prompt="none")
    silent = page.context.request.get(silently, max_redirects=0)
    # Watched from a silent answer too, with another salt.
    again = answered(silent.headers["location"])
    assert again != first
    assert asked(page, f"{client_id} {again}") == [server.url, "unchanged"]
    for wrong in (f"other {first}", f"{client_id} {first}x", f"{client_id} {'A' * 43}.salt"):
        assert asked(page, wrong) == [server.url, "changed"]
    for malformed in ("", client_id, f"{client_id} x", f"{client_id}  {first}", f" {first}"):
        assert asked(page, malformed) == [server.url, "error"]

    page.goto(f"{server.url}/oidc/oauth2/sessions/logout")
    page.click("#logout-confirm")
    expect(page.get_by_role("heading")).to_have_text("You are logged out")
    page.goto(f"{SITE}/")
    assert asked(page, f"{client_id} {first}") == [server.url, "changed"]

    second = sign_in(page, server, client_id)
    assert asked(page, f"{client_id} {first}") == [server.url, "changed"]
    assert asked(page, f"{client_id} {second}") == [server.url, "unchanged"]


def test_s1_where_the_browser_keeps_the_cookie_back_nothing_is_said(
    page: Page, server: Server, client_id: str
) -> None:
    """OIDCSM-3.1: an error, so that the application does not ask in circles."""
    state = sign_in(page, server, client_id)
    page.goto(f"{ELSEWHERE}/")
    assert asked(page, f"{client_id} {state}") == [server.url, "error"]


def test_a_form_of_the_applications_site_signs_out(
    page: Page, server: Server, client_id: str
) -> None:
    """OIDCRIL-2: a browser keeps our cookies back from the form, and not from what follows."""
    sign_in(page, server, client_id)
    page.goto(f"{SITE}/")
    submit = """(to) => {
        const form = document.createElement("form");
        Object.assign(form, { method: "post", action: to });
        document.body.append(form);
        form.submit();
    }"""
    page.evaluate(submit, f"{server.url}/oidc/oauth2/sessions/logout")
    page.click("#logout-confirm")
    expect(page.get_by_role("heading")).to_have_text("You are logged out")
    silently = request(server, client_id, prompt="none")
    silent = page.context.request.get(silently, max_redirects=0)
    assert "error=login_required" in silent.headers["location"]
