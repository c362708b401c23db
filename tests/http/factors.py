"""Pages of second factors, walked through as a person and an authenticator do."""

import asyncio
import base64
import json
import re
import time
from datetime import UTC, datetime, timedelta
from html import unescape

import httpx2
import pyotp

from keycell.bootstrap import World
from keycell.server import make_app

from ..authenticator import Authenticator
from ..conftest import Browser

HERE = "http://localhost:8080"
FACTORS = "/account/basic/factors"
_TO_ARRIVE = 5
"""Seconds that a slow machine may take between a code and its check."""


def new_browser(world: World, ip: str = "127.0.0.1") -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app=make_app(world), client=(ip, 1))
    return httpx2.AsyncClient(transport=transport, base_url=HERE)


def fields_of(page: httpx2.Response, form: str = "passkey-form") -> dict[str, str]:
    """Give the hidden fields of a form, and what it asks an authenticator for."""
    found = re.search(
        rf'<form method="post" action="([^"]+)"[^>]*id="{form}".*?</form>', page.text, re.DOTALL
    )
    assert found, page.text
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', found[0]))
    asked = re.search(r'data-options="([^"]*)"', found[0])
    return {"action": found[1], "options": unescape(asked[1]) if asked else "", **hidden}


async def give_passkey(
    browser: Browser, page: httpx2.Response, key: Authenticator, *, makes: bool = False
) -> httpx2.Response:
    """Answer a page's request by an authenticator, as its script does."""
    fields = fields_of(page)
    options, action = fields.pop("options"), fields.pop("action")
    fields["credential"] = key.create(options) if makes else key.get(options)
    return await browser.follow(await browser.http.post(action, data=fields))


async def post(
    browser: Browser, path: str, page: httpx2.Response, **fields: str
) -> httpx2.Response:
    proof = re.search(r'name="csrf" value="([^"]*)"', page.text)
    assert proof, page.text
    response = await browser.http.post(path, data={"csrf": proof[1], **fields})
    return await browser.follow(response)


async def sign_in(browser: Browser, **query: str) -> httpx2.Response:
    page = await browser.http.get("/oauth2/login", params=query)
    return await browser.log_in(page)


async def keep_codes(browser: Browser, page: httpx2.Response) -> list[str]:
    """Say that the codes are saved, and give them."""
    codes = re.findall(r"\b[a-z2-9]{5}-[a-z2-9]{5}\b", page.text)
    assert len(codes) == 10, page.text
    done = await browser.submit(page, saved="yes")
    assert "Done." in done.text
    return codes


async def add_passkey(browser: Browser, key: Authenticator) -> httpx2.Response:
    page = await browser.http.get(FACTORS)
    return await give_passkey(browser, page, key, makes=True)


async def add_app(browser: Browser) -> tuple[pyotp.TOTP, list[str]]:
    """Set up an authenticator app as the first factor."""
    page = await browser.http.get(f"{FACTORS}/app")
    totp = app_of(page)
    # The code of the step before leaves this step's to the test; it must arrive within this one.
    left = totp.interval - time.time() % totp.interval
    if left < _TO_ARRIVE:
        await asyncio.sleep(left)
    shown = await browser.submit(page, code=totp.at(now(-totp.interval)), name="Phone")
    return totp, await keep_codes(browser, shown)


def app_of(page: httpx2.Response) -> pyotp.TOTP:
    key = re.search(r'id="app-key">([A-Z2-7 ]+)<', page.text)
    assert key, page.text
    return pyotp.TOTP(key[1].replace(" ", ""))


def now(seconds: int = 0) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


def token_claims(token: str) -> dict[str, object]:
    part = token.split(".")[1]
    found: dict[str, object] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


async def audit(world: World) -> list[str]:
    return [event.action for _, event in await world.audit.page(None, 50)]
