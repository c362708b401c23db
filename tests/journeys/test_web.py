"""The web frontend in a real browser: a folder is uploaded, looked into, renamed and shared."""

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from keycell.http.frontend import FOLDER

from ..server import Server
from .conftest import expect, sign_in
from .test_pages import amiss, axe

__all__ = ["axe"]

SHELL_JS, SHELL_CSS = 230_000, 28_000
FIRST_JS, FIRST_CSS = 165_000, 10_000
FILES_JS = 60_000
ADMIN_JS, ADMIN_PAGE_JS = 40_000, 15_000
MOST_FILES = 8
ASSETS = FOLDER / "assets" / "web"
KIB = 2**10


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A browser in which whatever the console says is an error, violations of the policy too."""
    assert (FOLDER / "index.html").exists(), "the frontend is not built: make build"
    context = chromium.new_context(locale="en", viewport={"width": 1280, "height": 800})
    context.set_default_timeout(60_000)
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            said.append(message.text)

    opened = context.new_page()
    opened.on("console", hear)
    opened.on(
        "response",
        lambda answer: said.append(answer.url) if answer.status >= 400 else None,
    )
    opened.on("pageerror", lambda error: said.append(str(error)))
    yield opened
    context.close()
    assert said == []


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    (folder / "2026").mkdir(parents=True)
    (folder / "2026" / "beach.txt").write_text("sun")
    (folder / "<b>list<b>.html").write_text("<script>document.title = 'run'</script>")
    (folder / "large.bin").write_bytes(bytes(17 * 2**20))
    return folder


def test_a_folder_from_its_upload_to_its_link(
    server: Server, page: Page, chromium: Browser, axe: str, photos: Path
) -> None:
    page.goto(f"{server.url}/")
    sign_in(page)
    page.get_by_role("link", name="My Files").click()
    page.set_input_files("#folder-input", photos)
    expect(page.get_by_role("status").get_by_text("3 files uploaded")).to_be_visible()
    page.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="photos", exact=True).click()
    rows = page.get_by_role("row")
    expect(rows).to_have_count(4)
    check(page, axe)

    # What somebody uploaded is shown as text, and never runs.
    page.get_by_role("button", name="<b>list<b>.html", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("<script>")
    assert page.title() != "run"
    page.keyboard.press("Escape")

    _rename(page)
    _drop(page, photos)
    _drag(page)
    _visit(chromium, _share(page, axe))
    _delete(page)
    _search(page, axe)
    _sign_out(page, server)


def _rename(page: Page) -> None:
    """By the keyboard alone."""
    page.get_by_role("grid").focus()
    page.keyboard.press("End")
    page.keyboard.press("F2")
    field = page.get_by_role("textbox", name="Name")
    expect(field).to_have_value("large.bin")
    field.fill("a/b")
    page.keyboard.press("Enter")
    expect(page.get_by_text("A name cannot hold a slash.")).to_be_visible()
    field.fill("film.bin")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="film.bin", exact=True)).to_be_visible()


def _drop(page: Page, photos: Path) -> None:
    """From the desktop, into the folder that is shown."""
    (photos / "later.txt").write_text("rain")
    devtools = page.context.new_cdp_session(page)
    carried = {"items": [], "files": [str(photos / "later.txt")], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        where = {"type": kind, "x": 700, "y": 600, "data": carried}
        devtools.send("Input.dispatchDragEvent", where)
    expect(page.get_by_role("button", name="later.txt", exact=True)).to_be_visible()


def _drag(page: Page) -> None:
    """A row onto another, which must still be where it was when the way began."""
    page.get_by_role("grid").focus()
    page.keyboard.press("Escape")
    expect(page.get_by_role("toolbar")).to_have_count(0)
    rows = page.get_by_role("row")
    rows.filter(has_text="film.bin").drag_to(rows.filter(has_text="2026"))
    moved = page.get_by_role("alert").filter(has_text="Moved to 2026")
    moved.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="film.bin", exact=True)).to_be_visible()


def _share(page: Page, axe: str) -> str:
    """Make a public link; give its address."""
    page.get_by_role("grid").focus()
    page.keyboard.press("Escape")
    page.get_by_role("checkbox", name="Choose 2026").click()
    page.get_by_role("toolbar").get_by_role("button", name="Share").click()
    page.locator("#make-link").click()
    dialog = page.get_by_role("dialog")
    link = dialog.get_by_text("/public/").first
    expect(link).to_be_visible()
    address = link.inner_text()
    check(page, axe, covered="#main")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    return address


def _visit(chromium: Browser, address: str) -> None:
    """As somebody who has the link and nothing else."""
    context = chromium.new_context(locale="en")
    stranger = context.new_page()
    stranger.goto(address)
    stranger.get_by_role("link", name="beach.txt").click()
    expect(stranger.locator("body")).to_have_text("sun")
    context.close()


def _delete(page: Page) -> None:
    """Undone at once the first time, brought back from the trash the second."""
    folder = page.get_by_role("button", name="2026", exact=True)
    bar = page.get_by_role("toolbar")
    bar.get_by_role("button", name="Delete").click()
    expect(folder).to_have_count(0)
    deleted = page.get_by_role("alert").filter(has_text="Moved to the trash")
    deleted.get_by_role("button", name="Undo").click()
    expect(folder).to_be_visible()

    page.get_by_role("checkbox", name="Choose film.bin").click()
    bar.get_by_role("button", name="Delete").click()
    film = page.get_by_role("button", name="film.bin", exact=True)
    expect(film).to_have_count(0)
    page.get_by_role("link", name="Trash").click()
    page.get_by_role("checkbox", name="Choose film.bin").click()
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("The trash is empty")).to_be_visible()
    page.go_back()
    expect(film).to_be_visible()


def _search(page: Page, axe: str) -> None:
    """By name, and by what else is chosen, which the address keeps."""
    page.get_by_role("link", name="Files", exact=True).first.click()
    page.get_by_role("combobox", name="Search all files").fill("fil")
    page.keyboard.press("Enter")
    film = page.get_by_role("button", name="film.bin", exact=True)
    expect(film).to_be_visible()
    page.get_by_role("combobox", name="Kind").select_option("Pictures")
    expect(page.get_by_text("Nothing is like that.")).to_be_visible()
    page.get_by_role("combobox", name="Kind").select_option("All kinds")
    page.get_by_role("combobox", name="Size").select_option("medium")
    page.get_by_role("combobox", name="Changed").select_option("Within a day")
    page.get_by_role("combobox", name="Space").select_option("My Files")
    expect(film).to_be_visible()
    page.reload()
    expect(film).to_be_visible()
    expect(page.get_by_role("combobox", name="Changed")).to_have_value("1")
    check(page, axe)
    page.get_by_role("button", name="Clear filters").click()
    expect(page.get_by_role("combobox", name="Size")).to_have_value("")
    expect(film).to_be_visible()


def _sign_out(page: Page, server: Server) -> None:
    """Here and at the provider: whoever comes next has to sign in."""
    page.get_by_role("button", name="You: Ann Example").click()
    page.get_by_role("menuitem", name="Sign out").click()
    page.wait_for_url("**/oauth2/logout")
    page.goto(f"{server.url}/files/personal-files/photos")
    expect(page.locator("#password")).to_be_visible()


def test_what_was_typed_outlives_the_sign_in(server: Server, chromium: Browser) -> None:
    """UX: signed out in the middle of work, one signs in again beside it and the work goes on."""
    context = chromium.new_context(locale="en")
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto(f"{server.url}/")
    sign_in(page)
    page.get_by_role("link", name="My Files").click()
    page.get_by_role("button", name="New folder").click()
    page.get_by_role("textbox", name="Name").fill("Typed before")
    context.clear_cookies()
    page.keyboard.press("Enter")
    # Above the dialog that waits for it.
    again = page.get_by_role("dialog", name="You are signed out")
    with context.expect_page() as opened:
        again.get_by_role("link", name="Sign in").click()
    sign_in(opened.value)
    expect(page.get_by_role("button", name="Typed before", exact=True)).to_be_visible()
    expect(again).to_have_count(0)
    context.close()


def check(page: Page, axe: str, covered: str = "") -> None:
    """WCAG 2.2 AA by axe, in light and dark, wide and narrow; less what a dialog covers."""
    # Outside the page's own policy, which lets nothing be evaluated from a string of markup.
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 800})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            # The bar of places slides away; on its way it presses on everything beside it.
            page.evaluate(
                "Promise.allSettled(document.getAnimations().map((one) => one.finished))"
            )
            found = amiss(page, axe, covered, colours=scheme == "dark")
            assert found == [], (scheme, width)
    page.set_viewport_size({"width": 1280, "height": 800})


def test_what_others_wrote_goes_out_with_their_licences() -> None:
    told = (ASSETS / "licenses.md").read_text()
    assert "## react-dom" in told
    assert told.count("Permission is hereby granted") > 1


def test_what_a_first_visit_loads_stays_within_its_budget() -> None:
    """The bytes as they are sent, of what the page and its first route import."""
    first, shell, packed = _first(), _shell(), _packed()
    assert _sum(packed, shell, ".js") < SHELL_JS
    assert _sum(packed, shell, ".css") < SHELL_CSS
    named = {Path(one).name for one in json.loads((FOLDER / "ahead.json").read_text())["files"]}
    page = {name for one in named for name in _with_imports(ASSETS, one)} - first
    assert page == named, "what the page of the files needs is named to the browser at once"
    assert _sum(packed, page, ".js") < FILES_JS
    # The components of menus, dialogs and other pages come after the first rows.
    assert _sum(packed, first | page, ".js") < FIRST_JS
    assert _sum(packed, first | page, ".css") < FIRST_CSS
    assert len(page | first) < MOST_FILES


def test_the_pages_of_the_administration_stay_within_their_budgets() -> None:
    """UX-C7: what several of them share is the route's, the rest is each page's own."""
    shell, packed = _shell(), _packed()
    table = Path(__file__).parents[2] / "web" / "src" / "pages" / "admin" / "pages.ts"
    loaded = {}
    for page in re.findall(r'import\("\./(\w+)"\)', table.read_text()):
        (chunk,) = (name for name in packed if re.match(rf"{page}-.*\.js$", name))
        loaded[page] = _with_imports(ASSETS, chunk) - shell
    assert len(loaded) > 10
    counted = Counter(name for names in loaded.values() for name in names)
    shared = {name for name, times in counted.items() if times > 1}
    assert _sum(packed, shared, ".js") < ADMIN_JS
    for page, names in loaded.items():
        assert _sum(packed, names - shared, ".js") < ADMIN_PAGE_JS, page


def _shell() -> set[str]:
    """Give what every page but that of the files needs: UX-C7's shell has the components in it."""
    (components,) = (path.name for path in ASSETS.glob("components-*.js"))
    (styles,) = (path.name for path in ASSETS.glob("styles-*.css"))
    return _first() | _with_imports(ASSETS, components) | {styles}


def _first() -> set[str]:
    """Give what the page loads before any route."""
    index = (FOLDER / "index.html").read_text()
    first = set(re.findall(r"/assets/web/([\w.-]+\.(?:js|css))", index))
    return {name for one in first for name in _with_imports(ASSETS, one)}


def _packed() -> dict[str, int]:
    return {path.name: len(gzip.compress(path.read_bytes(), 9)) for path in ASSETS.iterdir()}


def _sum(packed: dict[str, int], names: set[str], suffix: str) -> int:
    return sum(packed[name] for name in names if name.endswith(suffix))


def _with_imports(assets: Path, name: str) -> set[str]:
    """Give a chunk and all that it imports before it runs."""
    found, waiting = set(), [name]
    while waiting:
        one = waiting.pop()
        if one in found:
            continue
        found.add(one)
        if one.endswith(".js"):
            text = (assets / one).read_text()
            waiting += re.findall(r'(?:from|import)\s*"\./([\w.-]+\.js)"', text)
    return found
