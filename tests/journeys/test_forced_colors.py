"""Pages in the few colours that somebody has their system force on everything. UX-L17, UX-Q01.

Backgrounds and shadows are gone there: what is chosen must say so by more than its own colour.
With ``PICTURES=folder`` in the environment, a picture of each page is kept there.
"""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from ..server import Server, keycell, serving
from .applications import register
from .conftest import PASSWORD, sign_in
from .test_looking_around import put, row
from .test_pages import amiss, ask, axe, keep_picture

__all__ = ["ask", "axe"]

PLACES = (
    "/files", "/search?q=note", "/account", "/account/security", "/account/sessions",
    "/admin", "/admin/people", "/admin/audit", "/admin/new-application", "/admin/keys",
    "/admin/settings",
)  # fmt: skip
CHOSEN = (
    "[aria-current]:not([aria-current=false], [role=option]), [aria-selected=true], "
    "[aria-pressed=true], [role=switch]:checked, input:checked"
)
ALIKE = r"""(chosen) => {
  // A background of no colour of its own is the canvas, however much of it shines through.
  const canvas = getComputedStyle(document.body).backgroundColor.match(/\d+/g).slice(0, 3)
  const ground = (style) => {
    const [red, green, blue, alpha = '1'] = style.backgroundColor.match(/[\d.]+/g)
    return alpha === '0' ? `${canvas}` : `${[red, green, blue]}`
  }
  const within = (one) => one.querySelectorAll(':not(svg *)')
  const looks = (one) => [one, one.parentElement, ...within(one)].map((part) => {
    const style = getComputedStyle(part)
    return ground(style) + ['borderBlock', 'borderInline', 'outline', 'textDecorationLine',
            'appearance', 'opacity', 'visibility', 'display', 'transform', 'content']
      .map((name) => style[name]).join('|')
  }).join('/')
  const isChosen = (one) => one.matches(chosen)
  return [...document.querySelectorAll(chosen)].filter((one) => {
    // What the browser draws itself shows whether it is ticked.
    const isDrawn = one.matches('input') && getComputedStyle(one).appearance !== 'none'
    if (isDrawn || !one.checkVisibility()) return false
    const others = [...document.querySelectorAll(one.tagName)].filter((other) =>
      other.classList[0] === one.classList[0] && !isChosen(other) && other.checkVisibility())
    return others.some((other) => looks(other) === looks(one))
  }).map((one) => one.outerHTML.slice(0, 200))
}"""
"""What is chosen, and looks as another of its kind does that is not."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with Ann, who looks after it."""
    data = tmp_path_factory.mktemp("forced") / "data"
    keycell("admin", "user", "add", "ann", "--admin", "--password-stdin", "--data", str(data),
            stdin=PASSWORD)  # fmt: skip
    with serving(data) as running:
        yield running


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(locale="en", forced_colors="active", reduced_motion="reduce")
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


def look(page: Page, axe: str, name: str) -> None:
    """Look at a page in dark and in light."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, forced_colors="active")
        keep_picture(page, f"forced-{name}-{scheme}")
        # Whether those colours stand out is for whoever chose them.
        assert [one for one in amiss(page, axe) if one[0] != "color-contrast"] == []
        assert page.evaluate(ALIKE, CHOSEN) == [], name


def test_pages_of_the_provider(
    page: Page, server: Server, ask: Callable[..., str], axe: str
) -> None:
    """UX-L17: sign-in, its refusal, consent, the page that says no."""
    page.goto(ask())
    look(page, axe, "login")
    sign_in(page, "wrong password")
    expect(page.locator("#login-error")).to_be_visible()
    look(page, axe, "login-refused")
    sign_in(page)
    expect(page.get_by_role("button", name="Allow")).to_be_visible()
    look(page, axe, "consent")
    page.goto(f"{server.url}/oidc/oauth2/auth?client_id=nobody")
    look(page, axe, "unknown-client")


def test_the_frontend(page: Page, server: Server, axe: str) -> None:
    """UX-Q01."""
    register(server, "Album", "http://127.0.0.1:29999", "/callback")
    page.goto(f"{server.url}/files")
    sign_in(page)
    expect(page.get_by_role("link", name="My Files")).to_be_visible()
    for name in ("note.txt", "other.txt", "third.txt"):
        put(page, server, f"personal-files/{name}", b"text")
    for path in PLACES:
        page.goto(server.url + path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        look(page, axe, path.strip("/").replace("/", "-").partition("?")[0])
    page.goto(f"{server.url}/files/personal-files")
    row(page, "note.txt").click()
    look(page, axe, "chosen")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("ArrowDown")
    assert page.evaluate(ALIKE, CHOSEN) == []
    keep_picture(page, "forced-palette")
