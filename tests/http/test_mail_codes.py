"""Signing in by a code that is mailed: off as it comes, and in the browser that asked. UX-L15."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx2
import pytest

from keycell.accounts.audit import AuditEvent, Origin
from keycell.accounts.errors import ProofRefused
from keycell.accounts.mail_codes import spend
from keycell.accounts.people import Account
from keycell.accounts.proofs import ProofKind
from keycell.accounts.signin import Arrival, SignedIn
from keycell.bootstrap import World
from keycell.provider.register import Made
from keycell.settings import BadSetting, Settings, check

from ..conftest import Browser, answer
from ..opening import opening
from ..smtp import Mailbox, text_of
from .conftest import deliver_all
from .factors import HERE, add_app, new_browser, now, sign_in, token_claims

ANN = "ann@example.org"
PAGE = "/oauth2/code"


@pytest.fixture
async def world(mailing: Settings) -> AsyncIterator[World]:
    async with opening(replace(mailing, public_url=HERE, mail_codes="on")) as opened:
        yield opened


async def asked(browser: Browser, typed: str = "ann", where: str = PAGE) -> httpx2.Response:
    """Ask for a code: the page that wants it."""
    page = await browser.http.get(where)
    return await browser.submit(page, username=typed, action="send")


async def codes(world: World, mailbox: Mailbox) -> list[str]:
    await deliver_all(world)
    found = [re.search(r"\b\d{4} \d{4}\b", text_of(one)) for one in mailbox.to(ANN)]
    return [one[0] for one in found if one]


def is_signed_in(page: httpx2.Response) -> bool:
    return page.status_code == 200 and page.url.path == "/account/basic"


async def test_a_code_signs_in_once_and_says_what_it_was(
    world: World, browser: Browser, told: Account, app: Made, mailbox: Mailbox
) -> None:
    """UX-R03, RFC8176-2: no link is in the letter, and nothing that asks for more is met."""
    login = await browser.authorize(app)
    where = re.search(r'href="([^"]+)" id="by-code"', login.text)
    assert where
    page = await asked(browser, where=where[1].replace("&amp;", "&"))
    (code,) = await codes(world, mailbox)
    (letter,) = mailbox.to(ANN)
    assert PAGE not in text_of(letter)
    assert "token=" not in text_of(letter)
    consent = await browser.submit(page, code=code, action="enter")
    back = answer(await browser.submit(consent, action="accept"))
    claims = token_claims((await browser.exchange(app, back["code"])).json()["id_token"])
    assert (claims["amr"], claims["acr"]) == (["otp", "email"], "urn:keycell:acr:mail-code")
    for wished in ("urn:keycell:acr:mfa", "urn:keycell:acr:password"):
        essential = f'{{"id_token":{{"acr":{{"essential":true,"value":"{wished}"}}}}}}'
        refused = answer(await browser.authorize(app, claims=essential))
        assert refused["error"] == "unmet_authentication_requirements"
    again = await browser.submit(page, code=code, action="enter")
    assert again.status_code == 401
    trail = [one.action for _, one in await world.people.audit.page(None, 50)]
    assert trail.count("mail-code.mailed") == trail.count("mail-code.used") == 1


async def test_another_browser_cannot_spend_it(
    world: World, browser: Browser, told: Account, mailbox: Mailbox
) -> None:
    """UX-R03: whoever reads the mail, or lets programs open it, has nothing by it alone."""
    page = await asked(browser)
    (code,) = await codes(world, mailbox)
    async with new_browser(world) as http:
        other = Browser(world, http)
        for form in ({}, {"username": "ann"}):
            theirs = await asked(other, "nobody at all")
            refused = await other.submit(theirs, code=code, action="enter", **form)
            assert refused.status_code == 401
    assert is_signed_in(await browser.submit(page, code=code.replace(" ", ""), action="enter"))


async def test_nobody_hears_who_there_is(
    world: World, browser: Browser, told: Account, mailbox: Mailbox
) -> None:
    """ATTACKS.md 66."""
    event = AuditEvent(at=now(), actor="test", action="account.changed")
    pages = {
        re.sub(r'value="[^"]+"|ticket=[^"&]+', "", (await asked(browser, typed)).text)
        for typed in ("ann", ANN, "nobody", "x@y.example", "")
    }
    assert len(pages) == 1
    assert await world.people.accounts.update(told, replace(told, disabled_at=now()), event)
    mailbox.messages.clear()
    browser.http.cookies.clear()
    await asked(browser)
    assert await codes(world, mailbox) == []


async def test_whoever_has_a_second_factor_never_comes_in_by_mail(
    world: World, browser: Browser, told: Account, mailbox: Mailbox
) -> None:
    page = await asked(browser)
    (code,) = await codes(world, mailbox)
    async with new_browser(world) as http:
        other = Browser(world, http)
        await sign_in(other)
        await add_app(other)
    mailbox.messages.clear()
    assert (await browser.submit(page, code=code, action="enter")).status_code == 401
    await asked(browser)
    assert await codes(world, mailbox) == []


async def test_of_twenty_at_once_one_signs_in(
    world: World, browser: Browser, told: Account, mailbox: Mailbox
) -> None:
    await asked(browser)
    await codes(world, mailbox)
    (proof,) = await world.people.mail.proofs.of_account(ProofKind.SIGN_IN, told.sub, now())
    arrival = Arrival(device=None, session=None, origin=Origin())
    outcomes = await asyncio.gather(
        *(spend(world.people, proof, arrival) for _ in range(20)), return_exceptions=True
    )
    assert sum(isinstance(one, SignedIn) for one in outcomes) == 1
    assert sum(isinstance(one, ProofRefused) for one in outcomes) == 19


async def test_guesses_and_wishes_are_counted(
    world: World, browser: Browser, told: Account, mailbox: Mailbox
) -> None:
    page = await asked(browser)
    (code,) = await codes(world, mailbox)
    wrong = "0000 0000" if code != "0000 0000" else "1111 1111"
    statuses = [
        (await browser.submit(page, code=wrong, action="enter")).status_code for _ in range(12)
    ]
    assert statuses == [401] * 10 + [429] * 2
    assert (await browser.submit(page, code=code, action="enter")).status_code == 429
    wishes = [(await asked(browser)).status_code for _ in range(4)]
    assert 429 in wishes


async def test_a_code_ends_with_the_password_it_was_asked_beside(
    world: World, browser: Browser, told: Account, mailbox: Mailbox
) -> None:
    page = await asked(browser)
    (code,) = await codes(world, mailbox)
    event = AuditEvent(at=now(), actor="test", action="account.password")
    assert await world.people.accounts.update(told, replace(told, password_hash="x"), event)
    assert (await browser.submit(page, code=code, action="enter")).status_code == 401


async def test_as_it_comes_there_is_none_of_it(mailing: Settings, mailbox: Mailbox) -> None:
    with pytest.raises(BadSetting, match="mail_codes"):
        check(Settings(mail_codes="perhaps"))  # type: ignore[arg-type]
    for settings in (mailing, replace(mailing, smtp="", mail_codes="on")):
        async with opening(settings) as world, new_browser(world) as http:
            assert 'id="by-code"' not in (await http.get("/oauth2/login")).text
            assert (await http.get(PAGE)).status_code == 303
