"""Letters that people may turn off: about new browsers, applications and shares. UX-P11."""

from dataclasses import replace

import pytest

from keycell.accounts.audit import AuditEvent
from keycell.accounts.people import Account
from keycell.accounts.tellings import SWITCHES, Switch
from keycell.bootstrap import World
from keycell.files import telling
from keycell.provider.register import Made
from keycell.settings import Settings

from ..conftest import Browser, add_client, answer
from ..protocol.test_device import begun, tv
from ..smtp import Mailbox, link_in, text_of
from .conftest import deliver_all
from .factors import new_browser
from .rest.people import Person, alice, bo, root
from .rest.test_cells import folder, room

__all__ = ["alice", "bo", "root", "tv"]

ANN = "ann@example.org"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"


@pytest.fixture
def settings(mailing: Settings) -> Settings:
    return mailing


async def subjects(world: World, mailbox: Mailbox) -> list[str]:
    await deliver_all(world)
    return [str(one["Subject"]) for one in mailbox.to(ANN)]


async def turn_off(world: World, account: Account, *tellings: Switch) -> None:
    names = tuple(one.value for one in tellings)
    await world.people.preferences.change(account.sub, lambda one: replace(one, quiet=names))


async def comes(browser: Browser, agent: str, *, forgets: bool = True) -> None:
    """Sign in with a browser of this kind."""
    if forgets:
        browser.http.cookies.clear()
    browser.http.headers["User-Agent"] = agent
    await browser.log_in(await browser.http.get("/oauth2/login?other="))


async def test_a_browser_that_was_never_here_is_told_of_once(
    world: World, browser: Browser, told: Account, mailbox: Mailbox
) -> None:
    """The very first is like itself, and whoever forgets cookies is not written to again."""
    await comes(browser, "curl/8")
    await comes(browser, "curl/9")
    assert await subjects(world, mailbox) == []
    await comes(browser, FIREFOX)
    await comes(browser, FIREFOX)
    # A browser that is known by its mark is known whatever it calls itself.
    await comes(browser, "Mozilla/5.0 Chrome/140.0", forgets=False)
    assert await subjects(world, mailbox) == ["A new browser was signed in"]
    (letter,) = mailbox.to(ANN)
    assert "Firefox, Linux" in text_of(letter)
    page = await browser.http.get(link_in(letter, "/recover/not-me"))
    await browser.submit(page, sure="1")
    assert (await browser.http.get("/account/basic")).status_code == 303


async def test_nobody_is_told_who_does_not_want_it(
    world: World, browser: Browser, app: Made, told: Account, mailbox: Mailbox
) -> None:
    await turn_off(world, told, *SWITCHES)
    await comes(browser, "curl/8")
    await comes(browser, FIREFOX)
    await browser.code(app)
    assert await subjects(world, mailbox) == []


async def test_an_application_is_told_of_when_it_is_let_in_first(
    world: World, browser: Browser, app: Made, told: Account, mailbox: Mailbox
) -> None:
    await browser.code(app)
    await browser.code(app, scope="openid profile")
    once = await add_client(world, client_name="Passing")
    page = await browser.submit(await browser.authorize(once), action="accept", lasting="once")
    assert "code" in answer(page)
    assert await subjects(world, mailbox) == ["App has access to your account"]


async def test_a_device_is_told_of_too(
    world: World, browser: Browser, tv: Made, told: Account, mailbox: Mailbox
) -> None:
    """Whoever was talked into typing somebody's code hears of what they let in. RFC8628-5.4."""
    await browser.log_in(await browser.http.get("/oauth2/login"))
    for action in ("deny", "accept", "accept"):
        waits = await begun(browser, tv)
        page = await browser.http.get("/oauth2/device")
        page = await browser.submit(page, action="find", user_code=waits["user_code"])
        await browser.submit(page, action=action)
    assert await subjects(world, mailbox) == ["Television has access to your account"]


async def test_the_page_without_scripts_turns_letters_off(
    world: World, browser: Browser, told: Account
) -> None:
    await browser.log_in(await browser.http.get("/oauth2/login"))
    page = await browser.http.get("/account/basic")
    assert page.text.count('value="on" checked') == len(SWITCHES)
    csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
    chosen = {"csrf": csrf, "letter-links": "on"}
    done = await browser.follow(await browser.http.post("/account/basic/letters", data=chosen))
    assert done.text.count('value="on" checked') == 1
    kept = await world.people.preferences.find(told.sub)
    assert set(kept.quiet) == set(SWITCHES) - {Switch.LINKS}
    assert "would turn them off first" in done.text


async def test_who_is_newly_in_a_cell_hears_of_it(
    world: World, alice: Person, bo: Person, mailbox: Mailbox
) -> None:
    event = AuditEvent(at=world.people.clock(), actor="test", action="account.changed")
    account = replace(bo.account, email=ANN, email_verified=True, claims={})
    assert await world.people.accounts.update(bo.account, account, event)
    docs = await folder(world, alice)
    cell = await alice.asks("PUT", "share/cell", room(docs, (bo.account.sub, "read")))
    wider = {"Room": {**room(docs, (bo.account.sub, "write"))["Room"], "Uuid": cell["Uuid"]}}  # type: ignore[dict-item]
    await alice.asks("PUT", "share/cell", wider)
    assert await subjects(world, mailbox) == ["Alice shares “Our docs” with you"]
    (letter,) = mailbox.to(ANN)
    assert f"/files/{cell['Slug']}" in text_of(letter)
    await alice.asks("DELETE", f"share/cell/{cell['Uuid']}")
    await turn_off(world, account, Switch.SHARES)
    await alice.asks("PUT", "share/cell", room(docs, (bo.account.sub, "read")))
    assert len(await subjects(world, mailbox)) == 1


async def test_who_shares_with_everybody_fills_no_outbox(
    world: World, alice: Person, bo: Person, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Codes and new passwords go by the same outbox, which holds so many letters and no more."""
    monkeypatch.setattr(telling, "SHARED_BY", replace(telling.SHARED_BY, free=1))
    event = AuditEvent(at=world.people.clock(), actor="test", action="account.changed")
    account = replace(bo.account, email=ANN, email_verified=True, claims={})
    assert await world.people.accounts.update(bo.account, account, event)
    docs = await folder(world, alice)
    for _ in range(3):
        cell = await alice.asks("PUT", "share/cell", room(docs, (bo.account.sub, "read")))
        await alice.asks("DELETE", f"share/cell/{cell['Uuid']}")
    assert len(await subjects(world, mailbox)) == 1


async def test_nobody_elses_letters_are_turned_off(world: World, browser: Browser) -> None:
    async with new_browser(world) as http:
        posted = await http.post("/account/basic/letters", data={"csrf": "x"})
        assert posted.status_code in (303, 400, 403)
