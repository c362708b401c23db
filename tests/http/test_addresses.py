"""Addresses are confirmed before they count; the one before can bring itself back for a week."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from keycell.accounts.administration import Changes, change_own
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.server import make_app
from keycell.settings import Settings

from ..conftest import BASE, PASSWORD, Browser
from ..smtp import Mailbox, code_in, link_in
from .conftest import deliver_all

NEW = "ann@new.example"


@pytest.fixture
def settings(mailing: Settings) -> Settings:
    return mailing


@pytest.fixture
async def elsewhere(world: World) -> AsyncIterator[Browser]:
    """A browser that nobody is signed in with."""
    transport = httpx2.ASGITransport(app=make_app(world))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE) as http:
        yield Browser(world, http)


async def act(browser: Browser, action: str, **fields: str) -> httpx2.Response:
    page = await browser.http.get("/account/basic")
    csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
    form = {"csrf": csrf, **fields}
    return await browser.follow(await browser.http.post(f"/account/basic/{action}", data=form))


async def ask(browser: Browser, mailbox: Mailbox, email: str = NEW) -> str:
    """Ask for another address, and give the path of the mailed link."""
    page = await browser.http.get("/oauth2/login")
    if page.status_code == 200:
        await browser.log_in(page)
    shown = await act(browser, "email", email=email, password=PASSWORD)
    assert "on its way" in shown.text, shown.text
    await deliver_all(browser.world)
    return link_in(mailbox.to(email)[-1], "/email/confirm").removeprefix(BASE)


async def email_of(world: World, ann: Account) -> tuple[str | None, bool]:
    account = await world.people.accounts.find(ann.sub)
    assert account is not None
    return account.email, account.email_verified


async def test_a_new_address_counts_once_it_is_confirmed(
    browser: Browser, world: World, ann: Account, mailbox: Mailbox, elsewhere: Browser
) -> None:
    """UX-R05, R03: by a click of who is signed in; the old address is told, and undoes it."""
    link = await ask(browser, mailbox)
    assert await email_of(world, ann) == ("ann@example.org", True)
    page = await browser.http.get(link)
    assert 'name="code"' not in page.text
    shown = await browser.submit(page)
    assert "is confirmed" in shown.text
    assert await email_of(world, ann) == (NEW, True)
    assert (await browser.http.get(link)).status_code == 410
    await deliver_all(world)
    undo = link_in(mailbox.to("ann@example.org")[-1], "/email/undo").removeprefix(BASE)
    page = await elsewhere.http.get(undo)
    assert (await elsewhere.submit(page)).status_code == 400
    assert await email_of(world, ann) == (NEW, True)
    done = await elsewhere.submit(page, sure="1")
    assert "as it was" in done.text
    assert await email_of(world, ann) == ("ann@example.org", True)
    assert (await browser.http.get("/account/basic")).status_code == 303
    assert (await elsewhere.http.get(undo)).status_code == 410


async def test_elsewhere_the_code_is_typed(
    browser: Browser, world: World, ann: Account, mailbox: Mailbox, elsewhere: Browser
) -> None:
    """UX-R03: a scanner that sends the form changes nothing."""
    page = await elsewhere.http.get(await ask(browser, mailbox))
    assert (await elsewhere.submit(page)).status_code == 400
    assert (await elsewhere.submit(page, code="12345678")).status_code == 400
    assert await email_of(world, ann) == ("ann@example.org", True)
    done = await elsewhere.submit(page, code=code_in(mailbox.to(NEW)[-1]))
    assert "is confirmed" in done.text
    assert await email_of(world, ann) == (NEW, True)


async def test_the_code_on_the_account_page(
    browser: Browser, world: World, ann: Account, mailbox: Mailbox
) -> None:
    await ask(browser, mailbox)
    wrong = await act(browser, "email-code", code="00000000")
    assert wrong.status_code == 400
    done = await act(browser, "email-code", code=code_in(mailbox.to(NEW)[-1]))
    assert "is confirmed" in done.text
    assert await email_of(world, ann) == (NEW, True)


async def test_who_may_not_ask(
    browser: Browser, world: World, ann: Account, mailbox: Mailbox
) -> None:
    """Attacks 76, 91: without the password, or for what is no address, or with a header in it."""
    await browser.log_in(await browser.http.get("/oauth2/login"))
    refused = await act(browser, "email", email=NEW, password="wrong")
    assert refused.status_code == 400
    for wrong in ("nobody", "a@b.example\r\nBcc: evil@evil.example", "<a@b.example>"):
        refused = await act(browser, "email", email=wrong, password=PASSWORD)
        assert refused.status_code == 400, wrong
    await deliver_all(world)
    assert mailbox.messages == []


async def test_a_confirmation_of_before_another_change_is_void(
    browser: Browser, world: World, ann: Account, mailbox: Mailbox
) -> None:
    first = await ask(browser, mailbox, "first@new.example")
    second = await ask(browser, mailbox, "second@new.example")
    await browser.submit(await browser.http.get(second))
    void = await browser.http.get(first)
    assert void.status_code == 410
    assert 'href="/account/basic"' in void.text
    cut = await browser.http.get(first[:-1])
    assert 'href="/account/basic"' in cut.text
    assert 'href="/recover"' not in cut.text
    assert await email_of(world, ann) == ("second@new.example", True)


async def test_a_change_by_rest_is_told_to_the_address_before(
    browser: Browser, world: World, ann: Account, mailbox: Mailbox
) -> None:
    """UX-R05: whoever holds a token of the person's cannot take the address away in silence."""
    await change_own(world.people, ann, Changes(email="eve@evil.example"))
    assert await email_of(world, ann) == ("eve@evil.example", False)
    await deliver_all(world)
    undo = link_in(mailbox.to("ann@example.org")[-1], "/email/undo").removeprefix(BASE)
    await browser.submit(await browser.http.get(undo), sure="1")
    assert await email_of(world, ann) == ("ann@example.org", True)
    assert mailbox.to("eve@evil.example") == []
