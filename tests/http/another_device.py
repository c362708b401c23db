"""The way of a browser that is signed in from another device, walked by both."""

import re
from dataclasses import dataclass

import httpx2

from keycell.bootstrap import World

from ..conftest import Browser
from .factors import new_browser


@dataclass
class Waiting:
    """What a browser shows while it waits."""

    page: httpx2.Response

    @property
    def code(self) -> str:
        found = re.search(r'id="waiting-user-code">([A-Z]{4}-[A-Z]{4})<', self.page.text)
        assert found, self.page.text
        return found[1]

    @property
    def number(self) -> str:
        found = re.search(r'id="number">(\d*)<', self.page.text)
        assert found, self.page.text
        return found[1]


def hidden(page: httpx2.Response, form: str) -> dict[str, str]:
    """Give the hidden fields of the form that a button of a page is in."""
    found = next(one for one in page.text.split("<form")[1:] if form in one.split("</form")[0])
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', found.split("<button")[0]))


async def begin(browser: Browser, login: httpx2.Response) -> Waiting:
    """Press "Sign in with another device" on a login page."""
    fields = hidden(login, 'id="another-begin"') | {"action": "begin"}
    response = await browser.http.post("/oauth2/another", data=fields)
    return Waiting(await browser.follow(response))


async def go_on(browser: Browser, waiting: Waiting) -> httpx2.Response:
    """Press "Continue" in the browser that waits."""
    fields = hidden(waiting.page, 'id="waiting-continue"') | {"action": "continue"}
    return await browser.follow(await browser.http.post("/oauth2/another", data=fields))


async def find(phone: Browser, code: str, login: str = "ann") -> httpx2.Response:
    """Open the address of the QR code on a phone, signing in where asked, and send the code."""
    page = await phone.follow(await phone.http.get("/oauth2/device", params={"user_code": code}))
    if 'id="login-submit"' in page.text:
        page = await phone.log_in(page, login)
    assert f'value="{code}"' in page.text, page.text
    return await phone.submit(page, user_code=code, action="find")


async def allow(phone: Browser, page: httpx2.Response, number: str) -> httpx2.Response:
    assert 'id="another-accept"' in page.text, page.text
    return await phone.submit(page, number=number, action="accept")


async def signed_in(world: World, browser: Browser, login: httpx2.Response) -> httpx2.Response:
    """Go the whole way from a login page; give where the first browser gets to."""
    waiting = await begin(browser, login)
    async with new_browser(world, "198.51.100.7") as http:
        phone = Browser(world, http)
        page = await find(phone, waiting.code)
        shown = Waiting(await go_on(browser, waiting))
        done = await allow(phone, page, shown.number)
        assert done.status_code == 200, done.text
    return await go_on(browser, shown)
