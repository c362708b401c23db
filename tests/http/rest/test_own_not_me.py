"""Saying "this wasn't me" from one's own activity. UX-P08, UX-R08."""

from keycell.accounts.people import Account
from keycell.bootstrap import World

from ...conftest import Browser
from .test_own_account import Own, own

__all__ = ["own"]


async def test_it_leads_to_the_end_of_everything_and_does_nothing_itself(
    own: Own, browser: Browser, world: World, ann: Account
) -> None:
    address = str((await own.done("POST", "not-me"))["address"])
    page = await browser.http.get(address)
    assert page.status_code == 200
    assert (await own.ask("GET", "profile")).status_code == 200
    await browser.submit(page, sure="1")
    assert (await own.ask("GET", "profile")).status_code == 401
    frozen = await world.people.accounts.find(ann.sub)
    assert frozen is not None
    assert frozen.disabled_at is not None
    assert (await browser.http.get(address)).status_code >= 400
