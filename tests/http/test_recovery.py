"""A new password by mail: nothing is told, nothing is spent by looking, and once is once."""

import asyncio
import re
import statistics
import time
from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest

from keycell.accounts.administration import change, disable
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.outside.hashing import Passwords
from keycell.provider.register import Made
from keycell.server import make_app
from keycell.settings import Settings

from ..conftest import BASE, PASSWORD, Browser, at_another_time
from ..smtp import Mailbox, code_in, html_of, link_in, text_of
from .conftest import deliver_all

NEW = "another battery"


@pytest.fixture
def settings(mailing: Settings) -> Settings:
    return mailing


def another(world: World) -> Browser:
    transport = httpx2.ASGITransport(app=make_app(world))
    return Browser(world, httpx2.AsyncClient(transport=transport, base_url=BASE))


async def ask(browser: Browser, typed: str) -> httpx2.Response:
    page = await browser.http.get("/recover")
    return await browser.submit(page, username=typed)


async def asked(browser: Browser, mailbox: Mailbox, typed: str = "ann@example.org") -> None:
    page = await ask(browser, typed)
    assert page.status_code == 200, page.text
    await deliver_all(browser.world)


def path_of(link: str) -> str:
    assert link.startswith(f"{BASE}/")
    return link.removeprefix(BASE)


async def signs_in(world: World, password: str) -> bool:
    browser = another(world)
    done = await browser.submit(
        await browser.http.get("/oauth2/login"), username="ann", password=password
    )
    await browser.http.aclose()
    return done.status_code == 200


async def test_attack_74_known_and_unknown_are_answered_alike(
    browser: Browser, ann: Account, mailbox: Mailbox
) -> None:
    """UX-R01, attack 74: status, headers and body; and mail goes to one of them."""
    answers = {}
    for typed in ("ann@example.org", "bob@example.org", "ann", "bob"):
        page = await browser.http.get("/recover")
        csrf = re.findall(r'name="csrf" value="([^"]*)"', page.text)[0]
        form = {"csrf": csrf, "username": typed}
        done = await browser.http.post("/recover", data=form)
        headers = {k: v for k, v in done.headers.items() if k != "x-request-id"}
        shown = await browser.follow(done)
        answers[typed] = (done.status_code, headers, done.text, shown.text)
    assert len({str(one) for one in answers.values()}) == 1
    await deliver_all(browser.world)
    assert [one["To"] for one in mailbox.messages] == ["ann@example.org"] * 2


async def test_asking_does_the_same_work_for_everybody(browser: Browser, ann: Account) -> None:
    """UX-R01: what is written is one row, whoever is meant."""
    took: dict[str, list[float]] = {"ann": [], "bob": []}
    page = await browser.http.get("/recover")
    csrf = re.findall(r'name="csrf" value="([^"]*)"', page.text)[0]
    for n in range(3):
        for typed, times in took.items():
            start = time.process_time()
            form = {"csrf": csrf, "username": f"{typed}{'' if typed == 'ann' else n}"}
            await browser.http.post("/recover", data=form)
            times.append(time.process_time() - start)
    # A slow machine must not decide: it is within an order, where a hash would not be.
    assert statistics.median(took["ann"]) < 10 * statistics.median(took["bob"])


async def test_the_link_in_the_browser_that_asked(
    browser: Browser, world: World, ann: Account, mailbox: Mailbox, app: Made
) -> None:
    """UX-R02, R03, R04: link and code; a new password; everything else is ended."""
    tokens = await browser.tokens(app)
    other = another(world)
    await other.log_in(await other.http.get("/oauth2/login"))
    await asked(browser, mailbox)
    link = path_of(link_in(mailbox.messages[-1], "/recover/link"))
    page = await browser.http.get(link)
    done = await browser.submit(page, new_password=NEW, everywhere="1")
    assert "Your new password is set" in done.text
    assert not await signs_in(world, PASSWORD)
    assert await signs_in(world, NEW)
    assert (await other.http.get("/account/basic")).status_code == 303
    refused = await browser.refresh(app, tokens["refresh_token"])
    assert refused.json()["error"] == "invalid_grant"
    await deliver_all(world)
    link_in(mailbox.to("ann@example.org")[-1], "/recover/not-me")
    again = await browser.submit(page, new_password="a third battery", everywhere="1")
    assert again.status_code == 410
    gone = await browser.http.get(link)
    assert gone.status_code == 410
    assert 'href="/recover"' in gone.text
    await other.http.aclose()


async def test_the_letter_and_the_form(
    browser: Browser, world: World, ann: Account, mailbox: Mailbox
) -> None:
    """UX-A1, form contract: rules before typing, a hidden username; weak ones are refused."""
    await asked(browser, mailbox)
    letter = mailbox.to("ann@example.org")[-1]
    assert letter["Subject"] == "Définir un nouveau mot de passe"
    assert letter["From"] == "Keycell <keycell@id.example>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert code_in(letter) in html_of(letter)
    page = await browser.http.get(path_of(link_in(letter, "/recover/link")))
    assert 'autocomplete="username"' in page.text
    assert "At least 8 characters" in page.text.partition('id="new-password"')[0]
    assert re.search(r'name="everywhere" value="1" checked', page.text)
    for weak in ("short", "ann", "sunshine", "password123"):
        refused = await browser.submit(page, new_password=weak, everywhere="1")
        assert refused.status_code == 400, weak
        assert 'role="alert"' in refused.text


async def test_who_unticks_it_stays_signed_in(
    browser: Browser, world: World, ann: Account, mailbox: Mailbox
) -> None:
    """UX-R04: it is a choice."""
    other = another(world)
    await other.log_in(await other.http.get("/oauth2/login"))
    await asked(browser, mailbox)
    link = path_of(link_in(mailbox.messages[-1], "/recover/link"))
    await browser.submit(await browser.http.get(link), new_password=NEW)
    assert (await other.http.get("/account/basic")).status_code == 200
    await other.http.aclose()


async def test_looking_spends_nothing(
    browser: Browser, world: World, ann: Account, mailbox: Mailbox
) -> None:
    """UX-R03: a scanner opens the link, and sends whatever form it finds, by its own browser."""
    await asked(browser, mailbox)
    letter = mailbox.messages[-1]
    link = path_of(link_in(letter, "/recover/link"))
    scanner = another(world)
    for _ in range(3):
        await scanner.http.head(link)
        page = await scanner.http.get(link)
        assert 'name="code"' in page.text
        assert 'name="new_password"' not in page.text
        assert (await scanner.submit(page)).status_code == 403
    person = another(world)
    page = await person.submit(await person.http.get(link), code=code_in(letter))
    done = await person.submit(page, new_password=NEW)
    assert "Your new password is set" in done.text
    assert await signs_in(world, NEW)
    await scanner.http.aclose()
    await person.http.aclose()


async def test_the_code_in_another_browser(
    browser: Browser, world: World, ann: Account, mailbox: Mailbox
) -> None:
    """UX-R02: with the login, however it is typed; elsewhere a code alone is nobody's."""
    await asked(browser, mailbox)
    code = code_in(mailbox.messages[-1])
    person = another(world)
    page = await person.http.get("/recover/code")
    assert (await person.submit(page, code=code)).status_code == 403
    page = await person.http.get("/recover/code?elsewhere=1")
    wrong = await person.submit(page, username="ann", code="1234 5678")
    assert wrong.status_code == 403
    page = await person.submit(wrong, username="Ann@Example.org ", code=code.replace(" ", "-"))
    assert "<bdi>ann</bdi>" in page.text
    stolen = re.findall(r'name="pass" value="([^"]*)"', page.text)[0]
    thief = another(world)
    form = await thief.http.get("/recover")
    csrf = re.findall(r'name="csrf" value="([^"]*)"', form.text)[0]
    sent = {"csrf": csrf, "pass": stolen, "new_password": NEW}
    assert (await thief.http.post("/recover/new", data=sent)).status_code == 410
    done = await person.submit(page, new_password=NEW)
    assert "Your new password is set" in done.text
    await person.http.aclose()
    await thief.http.aclose()


async def test_guessing_codes_is_throttled(
    browser: Browser, world: World, ann: Account, mailbox: Mailbox
) -> None:
    """Attacks 66 and 74: for a person from everywhere, and unknown ones wait alike."""
    await asked(browser, mailbox)
    for typed in ("ann", "nobody"):
        statuses = []
        for _ in range(12):
            guesser = another(world)
            page = await guesser.http.get("/recover/code?elsewhere=1")
            done = await guesser.submit(page, username=typed, code="00000000")
            statuses.append(done.status_code)
            await guesser.http.aclose()
        assert statuses == [403] * 10 + [429] * 2, typed
    # Her address waits for her login no more than another's would: that would tell whose it is.
    for typed in ("ann@example.org", "nobody@example.org"):
        guesser = another(world)
        page = await guesser.http.get("/recover/code?elsewhere=1")
        done = await guesser.submit(page, username=typed, code="00000000")
        assert done.status_code == 403, typed
        await guesser.http.aclose()
    page = await browser.http.get("/recover/code")
    page = await browser.submit(page, code=code_in(mailbox.messages[-1]))
    assert 'name="new_password"' in page.text


async def test_asking_is_throttled_and_a_mailbox_is_not_filled(
    browser: Browser, world: World, ann: Account, mailbox: Mailbox
) -> None:
    statuses = [(await ask(browser, "ann")).status_code for _ in range(6)]
    assert statuses == [200] * 3 + [429] * 3
    assert "Wait" in (await ask(browser, "ann")).text
    statuses = [(await ask(browser, "ann@example.org")).status_code for _ in range(3)]
    assert statuses == [200] * 3
    await deliver_all(world)
    assert len(mailbox.messages) == 5


async def test_of_twenty_at_once_one_sets_the_password(
    browser: Browser, world: World, ann: Account, mailbox: Mailbox
) -> None:
    await asked(browser, mailbox)
    link = path_of(link_in(mailbox.messages[-1], "/recover/link"))
    page = await browser.http.get(link)
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    sent = [
        browser.http.post("/recover/new", data=fields | {"new_password": f"{NEW} {n}"})
        for n in range(20)
    ]
    done = await asyncio.gather(*sent)
    assert sorted(one.status_code for one in done).count(303) == 1
    winner = [one.status_code for one in done].index(303)
    assert await signs_in(world, f"{NEW} {winner}")


async def test_who_is_disabled_meanwhile_sets_no_password(
    browser: Browser, world: World, ann: Account, mailbox: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    await asked(browser, mailbox)
    page = await browser.http.get(path_of(link_in(mailbox.messages[-1], "/recover/link")))
    hashed = Passwords.hash

    async def slowly(passwords: Passwords, password: str) -> str:
        await disable(world.people, ann, "test")
        return await hashed(passwords, password)

    monkeypatch.setattr(Passwords, "hash", slowly)
    done = await browser.submit(page, new_password=NEW)
    assert done.status_code == 410
    assert not await signs_in(world, NEW)


async def test_a_link_ends_with_time_and_with_what_it_is_bound_to(
    browser: Browser, world: World, ann: Account, mailbox: Mailbox
) -> None:
    await asked(browser, mailbox)
    link = path_of(link_in(mailbox.messages[-1], "/recover/link"))
    async with at_another_time(world, timedelta(minutes=31)) as later:
        assert (await later.http.get(link)).status_code == 410
    page = await browser.http.get(link)
    await asked(browser, mailbox, "ann")
    second = path_of(link_in(mailbox.messages[-1], "/recover/link"))
    await browser.submit(await browser.http.get(second), new_password=NEW)
    # The password is another: what was mailed before opens nothing.
    assert (await browser.http.get(link)).status_code == 410
    assert (await browser.submit(page, new_password="a third one")).status_code == 410
    await asked(browser, mailbox, "ann")
    third = path_of(link_in(mailbox.messages[-1], "/recover/link"))
    account = await world.people.accounts.find(ann.sub)
    assert account is not None
    await disable(world.people, account, "test")
    gone = await browser.http.get(third)
    assert gone.status_code == 410
    assert "administrator" in gone.text


async def test_attack_73_a_host_header_shapes_no_link(
    browser: Browser, ann: Account, mailbox: Mailbox
) -> None:
    """Attack 73."""
    page = await browser.http.get("/recover")
    csrf = re.findall(r'name="csrf" value="([^"]*)"', page.text)[0]
    evil = {"Host": "evil.example", "X-Forwarded-Host": "evil.example",
            "Forwarded": "host=evil.example", "X-Forwarded-Proto": "https"}  # fmt: skip
    await browser.http.post("/recover", data={"csrf": csrf, "username": "ann"}, headers=evil)
    await deliver_all(browser.world)
    letter = mailbox.messages[-1]
    assert link_in(letter, "/recover/link").startswith(f"{BASE}/recover/link?token=")
    assert "evil" not in letter.as_string() + text_of(letter) + html_of(letter)


async def test_attack_76_nobody_is_mailed_at_an_unconfirmed_address(
    browser: Browser, world: World, ann: Account, mailbox: Mailbox
) -> None:
    """Attack 76."""
    account = await world.people.accounts.find(ann.sub)
    assert account is not None
    unproven = replace(account, email_verified=False)
    await change(world.people, account, unproven, "account.changed", "test")
    await asked(browser, mailbox)
    await asked(browser, mailbox, "ann")
    assert mailbox.messages == []


async def test_this_was_not_me(
    browser: Browser, world: World, ann: Account, mailbox: Mailbox, app: Made
) -> None:
    """UX-R08: a tick and a click; a form that is sent as it stands does nothing."""
    tokens = await browser.tokens(app)
    page = await browser.http.get("/account/basic")
    csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
    form = {"csrf": csrf, "password": PASSWORD, "new_password": NEW}
    await browser.http.post("/account/basic/password", data=form)
    await deliver_all(world)
    link = path_of(link_in(mailbox.messages[-1], "/recover/not-me"))
    person = another(world)
    page = await person.http.get(link)
    assert (await person.submit(page)).status_code == 400
    assert await signs_in(world, NEW)
    done = await person.submit(page, sure="1")
    assert "Your account is frozen" in done.text
    assert not await signs_in(world, NEW)
    assert (await browser.http.get("/account/basic")).status_code == 303
    assert (await browser.refresh(app, tokens["refresh_token"])).status_code == 400
    trail = [event.action for _, event in await world.audit.page(None, 50)]
    assert "account.frozen" in trail
    await deliver_all(world)
    assert "gelé" in str(mailbox.messages[-1]["Subject"])
    assert (await person.submit(page, sure="1")).status_code == 410
    await person.http.aclose()


async def test_attack_72_no_answer_holds_what_the_letter_holds(
    browser: Browser, ann: Account, mailbox: Mailbox
) -> None:
    """Attack 72: neither the code nor the link is in a page, a header or a cookie."""
    page = await ask(browser, "ann@example.org")
    await deliver_all(browser.world)
    code = code_in(mailbox.messages[-1])
    token = link_in(mailbox.messages[-1], "/recover/link").partition("token=")[2]
    told = page.text + str(page.headers) + str(list(browser.http.cookies.jar))
    assert code not in told
    assert code.replace("-", "") not in told
    assert token not in told
