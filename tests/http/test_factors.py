"""Second factors as people meet them: set up, asked for, lost, and what a stranger can do."""

import asyncio
import json
import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import httpx2
import pytest

from keycell.accounts.audit import AuditEvent
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.outside.hashing import OWASP
from keycell.provider.register import Made
from keycell.settings import Settings

from ..authenticator import Authenticator
from ..conftest import PASSWORD, Browser, answer, at_another_time
from .factors import (
    FACTORS,
    HERE,
    add_app,
    app_of,
    audit,
    give_passkey,
    keep_codes,
    new_browser,
    now,
    post,
    sign_in,
    token_claims,
)


@pytest.fixture
def settings(settings_on_sqlite: Settings) -> Settings:
    return replace(settings_on_sqlite, public_url=HERE)


async def test_an_app_is_set_up_and_asked_for(
    world: World, browser: Browser, ann: Account, app: Made
) -> None:
    """UX-M01, UX-M02; OIDCC-2: what the token says is what was proved."""
    assert (await sign_in(browser)).status_code == 200
    totp, _ = await add_app(browser)
    assert "factor.added" in await audit(world)
    async with new_browser(world) as http:
        other = Browser(world, http)
        page = await other.log_in(await other.authorize(app))
        assert 'autocomplete="one-time-code"' in page.text
        assert 'inputmode="numeric"' in page.text
        assert "Lost your device?" in page.text
        refused = await other.submit(page, code="000000")
        assert refused.status_code == 401
        assert 'role="alert"' in refused.text
        code = totp.at(now())
        page = await other.submit(refused, code=f"{code[:3]} {code[3:]}")
        page = await other.submit(page, action="accept")
        claims = token_claims((await other.exchange(app, answer(page)["code"])).json()["id_token"])
    assert claims["amr"] == ["pwd", "otp", "mfa"]
    assert claims["acr"] == "urn:keycell:acr:mfa"


async def test_a_password_hashed_anew_leads_on_to_the_second_factor(
    world: World, browser: Browser, ann: Account, app: Made
) -> None:
    """The second step is bound to the password as it is kept: to the new hash, not the old one."""
    await sign_in(browser)
    await add_app(browser)
    kept = await world.people.accounts.find(ann.sub)
    assert kept is not None
    old = replace(kept, password_hash=OWASP.hasher().hash(PASSWORD))
    event = AuditEvent(at=now(), actor="test", action="test")
    assert await world.people.accounts.update(kept, old, event)
    async with new_browser(world) as http:
        other = Browser(world, http)
        page = await other.log_in(await other.authorize(app))
        assert 'autocomplete="one-time-code"' in page.text
    fresh = await world.people.accounts.find(ann.sub)
    assert fresh is not None
    assert not world.people.passwords.needs_rehash(fresh.password_hash or "")


async def test_attack_68_a_spent_code_and_an_empty_form_open_no_second_door(
    world: World, browser: Browser, ann: Account
) -> None:
    """RFC6238-5.2; ATTACKS 68."""
    await sign_in(browser)
    totp, _ = await add_app(browser)
    code = totp.at(now())
    page = await sign_in(browser, other="1")
    assert (await browser.submit(page, code=code)).status_code == 200
    async with new_browser(world) as http:
        other = Browser(world, http)
        assert (await other.submit(await sign_in(other), code=code)).status_code == 401
        page = await sign_in(other)
        assert (await other.submit(page, code="")).status_code == 401
        assert 'id="login-submit"' in (await other.follow(await http.get("/account/basic"))).text
        assert "factor.refused" in await audit(world)


async def test_attack_68_an_app_that_was_sent_twice_takes_a_code_once(
    world: World, browser: Browser, ann: Account
) -> None:
    """RFC6238-5.2: a form that is sent twice makes no second app of the same secret."""
    await sign_in(browser)
    first, _ = await add_app(browser)
    await browser.submit(await sign_in(browser, to="factors", confirm="1"), code=first.at(now()))
    page = await browser.http.get(f"{FACTORS}/app")
    totp = app_of(page)
    sent = [await browser.submit(page, code=totp.at(now()), name="Tablet") for _ in range(2)]
    assert ["Added." in one.text for one in sent] == [True, False]
    assert "it is there already" in sent[1].text
    code = totp.at(now(30))
    statuses = []
    for _ in range(2):
        async with new_browser(world) as http:
            other = Browser(world, http)
            statuses.append((await other.submit(await sign_in(other), code=code)).status_code)
    assert statuses == [200, 401]


async def test_nothing_is_kept_before_the_codes_are(browser: Browser, ann: Account) -> None:
    """UX-M02: not active until acknowledged, and shown to this session alone."""
    await sign_in(browser)
    page = await browser.http.get(f"{FACTORS}/app")
    shown = await browser.submit(page, code=app_of(page).at(now()))
    assert not (await browser.world.people.factors.of_account(ann.sub)).are_set
    refused = await browser.submit(shown)
    assert "first say that you have saved" in refused.text
    assert not (await browser.world.people.factors.of_account(ann.sub)).are_set
    async with new_browser(browser.world) as http:
        other = Browser(browser.world, http)
        home = await sign_in(other)
        sealed = re.search(r'name="sealed" value="([^"]*)"', shown.text)
        assert sealed
        stolen = await post(other, f"{FACTORS}/keep", home, sealed=sealed[1], saved="yes")
        assert stolen.status_code == 400
    await keep_codes(browser, shown)
    (kept,) = (await browser.world.people.factors.of_account(ann.sub)).apps
    # Sent again, it brings nothing back that was removed meanwhile.
    page = await browser.http.get(FACTORS)
    page = await post(browser, f"{FACTORS}/remove", page, key=kept.app_id)
    assert "sent twice" in (await browser.submit(shown, saved="yes")).text
    assert not (await browser.world.people.factors.of_account(ann.sub)).are_set


async def test_a_wrong_clock_is_told(browser: Browser, ann: Account) -> None:
    """UX-M01."""
    await sign_in(browser)
    page = await browser.http.get(f"{FACTORS}/app")
    assert 'role="img" aria-label="QR code' in page.text
    assert "otpauth://totp/" in page.text
    totp = app_of(page)
    wrong = await browser.submit(page, code=totp.at(now(600)), name="Phone")
    assert "10 minutes off" in wrong.text
    assert app_of(wrong).secret == totp.secret
    assert "does not fit" in (await browser.submit(page, code="12", name="")).text


async def test_a_recovery_code_opens_once(world: World, browser: Browser, ann: Account) -> None:
    """UX-M02, UX-M04, UX-L11."""
    await sign_in(browser)
    _, codes = await add_app(browser)

    async def attempt() -> int:
        async with new_browser(world) as http:
            other = Browser(world, http)
            page = await sign_in(other)
            link = re.search(r'href="([^"]*way=recovery)"', page.text)
            assert link
            page = await http.get("/oauth2/factor" + unescape(link[1]))
            return (await other.submit(page, code=codes[0].upper())).status_code

    statuses = await asyncio.gather(*(attempt() for _ in range(4)))
    assert sorted(statuses) == [200, 401, 401, 401]
    page = await browser.http.get("/account/basic")
    assert "Recovery codes: 9 left" in page.text


async def test_guesses_are_slowed_and_a_passkey_is_not(
    world: World, browser: Browser, ann: Account
) -> None:
    """ATTACKS 66: the second step is no side door."""
    await sign_in(browser)
    totp, _ = await add_app(browser)
    async with new_browser(world, "203.0.113.9") as http:
        stranger = Browser(world, http)
        page = await sign_in(stranger)
        statuses = [(await stranger.submit(page, code="000000")).status_code for _ in range(7)]
        assert statuses == [401] * 5 + [429] * 2
        # Whatever is right now must wait too.
        assert (await stranger.submit(page, code=totp.at(now()))).status_code == 429
    page = await sign_in(browser, to="factors", confirm="1")
    assert (await browser.submit(page, code=totp.at(now()))).status_code == 200


async def test_a_step_that_stood_open_begins_again_at_the_same_place(
    world: World, browser: Browser, ann: Account, app: Made
) -> None:
    """UX-L09."""
    await sign_in(browser)
    totp, _ = await add_app(browser)
    async with new_browser(world) as http:
        other = Browser(world, http)
        page = await other.log_in(await other.authorize(app))
        async with at_another_time(world, timedelta(hours=2)) as later:
            later.http.base_url, later.http.cookies = httpx2.URL(HERE), http.cookies
            again = await later.submit(page, code=totp.at(now(7200)))
            assert again.status_code == 401
            assert "took too long" in again.text
            page = await later.log_in(again)
            page = await later.submit(page, code=totp.at(now(7200)))
            assert 'id="consent-accept"' in page.text


async def test_what_one_browser_proved_is_no_use_to_another(
    world: World, browser: Browser, ann: Account
) -> None:
    await sign_in(browser)
    totp, _ = await add_app(browser)
    async with new_browser(world) as first, new_browser(world) as second:
        page = await sign_in(Browser(world, first))
        step = re.search(r'name="step" value="([^"]*)"', page.text)
        assert step
        elsewhere = await second.get("/oauth2/login")
        proof = re.search(r'name="csrf" value="([^"]*)"', elsewhere.text)
        assert proof
        form = {
            "ticket": "",
            "csrf": proof[1],
            "step": step[1],
            "way": "app",
            "code": totp.at(now()),
        }
        assert (await second.post("/oauth2/factor", data=form)).status_code == 401
    # A password that was changed meanwhile proves nothing.
    async with new_browser(world) as http:
        other = Browser(world, http)
        page = await sign_in(other)
        before = await world.people.accounts.find(ann.sub)
        assert before is not None
        after = replace(before, password_hash="other", updated_at=now())
        event = next(event for _, event in await world.audit.page(None, 1))
        assert await world.people.accounts.update(before, after, event)
        assert "took too long" in (await other.submit(page, code=totp.at(now()))).text


async def test_attack_71_factors_are_changed_by_whoever_has_just_signed_in(
    world: World, browser: Browser, ann: Account
) -> None:
    """ATTACKS 71, UX-M05: neither an old session nor one by password alone changes anything."""
    async with new_browser(world) as http:
        other = Browser(world, http)
        await sign_in(other)
        await sign_in(browser)
        totp, _ = await add_app(browser)
        # A session that proved a password alone.
        assert 'id="confirm"' in (await other.http.get(FACTORS)).text
    # The session that set it up has just shown both; without what says so, a password alone.
    assert 'action="/account/basic/factors/remove"' in (await browser.http.get(FACTORS)).text
    browser.http.cookies.delete("keycell_enrolled")
    page = await browser.http.get(FACTORS)
    assert 'id="confirm"' in page.text
    assert 'action="/account/basic/factors/remove"' not in page.text
    kept = (await world.people.factors.of_account(ann.sub)).apps[0]
    home = await browser.http.get("/account/basic")
    asked = await post(browser, f"{FACTORS}/remove", home, key=kept.app_id)
    assert "Confirm it is you" in asked.text
    assert 'value="ann"' in asked.text
    assert (await world.people.factors.of_account(ann.sub)).are_set
    page = await browser.submit(await browser.log_in(asked), code=totp.at(now()))
    assert str(page.url).endswith(FACTORS)
    async with at_another_time(world, timedelta(minutes=11)) as later:
        later.http.base_url, later.http.cookies = httpx2.URL(HERE), browser.http.cookies
        assert 'id="confirm"' in (await later.http.get(FACTORS)).text


async def test_attack_71_who_enrolled_may_go_on_for_a_while_and_nobody_else(
    world: World, browser: Browser, ann: Account
) -> None:
    """ATTACKS 71, UX-M02: what a session showed is no other's, ends soon, and is told nobody."""
    async with new_browser(world) as http:
        other = Browser(world, http)
        await sign_in(other)
        other.http.cookies["keycell_enrolled"] = await _enrolled(browser)
        assert 'id="confirm"' in (await other.http.get(FACTORS)).text
    for session in await world.people.sessions.of_account(ann.sub, now()):
        # RFC8176-1: applications are told of the sign-in, and that was by a password.
        assert (session.amr, session.acr) == (("pwd",), "urn:keycell:acr:password")
    async with at_another_time(world, timedelta(minutes=11)) as later:
        later.http.base_url, later.http.cookies = httpx2.URL(HERE), browser.http.cookies
        assert 'id="confirm"' in (await later.http.get(FACTORS)).text


async def _enrolled(browser: Browser) -> str:
    """Enrol an app in a browser, which may go on, and give what tells that."""
    await sign_in(browser)
    await add_app(browser)
    assert 'id="confirm"' not in (await browser.http.get(FACTORS)).text
    return browser.http.cookies["keycell_enrolled"]


async def test_factors_are_renamed_replaced_and_removed(
    world: World, browser: Browser, ann: Account
) -> None:
    """UX-M02, UX-M03, UX-M05."""
    await sign_in(browser)
    totp, _ = await add_app(browser)
    kept = (await world.people.factors.of_account(ann.sub)).apps[0]
    page = await sign_in(browser, to="factors", confirm="1")
    page = await browser.submit(page, code=totp.at(now()))
    page = await post(browser, f"{FACTORS}/rename", page, key=kept.app_id, name="Tablet")
    assert "Renamed." in page.text
    assert "Tablet" in page.text
    page = await post(browser, f"{FACTORS}/rename", page, key=kept.app_id, name=" ")
    assert page.status_code == 400
    codes = await post(browser, f"{FACTORS}/codes", page)
    assert "old codes work until" in codes.text
    await keep_codes(browser, codes)
    page = await post(browser, f"{FACTORS}/remove", page, key=kept.app_id)
    assert "opens nothing any more" in page.text
    page = await post(browser, f"{FACTORS}/remove", page, key=kept.app_id)
    assert "not there any more" in page.text
    assert not (await world.people.factors.of_account(ann.sub)).are_set
    done = {"factor.added", "factor.used", "factor.renamed", "factor.codes", "factor.removed"}
    assert done <= set(await audit(world))


async def test_a_second_factor_is_added_without_new_codes(
    world: World, browser: Browser, ann: Account
) -> None:
    """UX-M03."""
    await sign_in(browser)
    totp, _ = await add_app(browser)
    page = await browser.submit(
        await sign_in(browser, to="factors", confirm="1"), code=totp.at(now())
    )
    for number in range(2):
        page = await give_passkey(browser, page, Authenticator(HERE, is_synced=True), makes=True)
        assert "Added." in page.text, number
    found = await world.people.factors.of_account(ann.sub)
    assert [one.name for one in found.passkeys] == ["Passkey", "Passkey 2"]
    assert found.codes_left == 10


async def test_a_client_asks_for_more_and_is_told_what_it_got(
    world: World, browser: Browser, ann: Account, app: Made
) -> None:
    """OIDCC-5.5.1.1, OIDCC-3.1.2.1, UX-M06."""
    mfa, password = "urn:keycell:acr:mfa", "urn:keycell:acr:password"
    essential = json.dumps({"id_token": {"acr": {"essential": True, "values": [mfa]}}})
    metadata = (await browser.http.get("/oidc/.well-known/openid-configuration")).json()
    assert metadata["acr_values_supported"] == [password, mfa]
    code = await browser.code(app, acr_values=mfa)
    claims = token_claims((await browser.exchange(app, code)).json()["id_token"])
    assert claims["acr"] == password
    refused = await browser.authorize(app, claims=essential)
    assert answer(refused)["error"] == "unmet_authentication_requirements"
    totp, _ = await add_app(browser)
    silent = await browser.authorize(app, claims=essential, prompt="none")
    assert answer(silent)["error"] == "login_required"
    for params in ({"claims": essential}, {"acr_values": mfa}):
        page = await browser.authorize(app, **params)
        assert "Confirm it is you" in page.text
    page = await browser.log_in(page)
    page = await browser.submit(page, code=totp.at(now()))
    claims = token_claims((await browser.exchange(app, answer(page)["code"])).json()["id_token"])
    assert claims["acr"] == mfa
    code = answer(await browser.authorize(app, acr_values=password))["code"]
    claims = token_claims((await browser.exchange(app, code)).json()["id_token"])
    assert claims["acr"] == password
    code = answer(await browser.authorize(app, claims=essential, prompt="none"))["code"]
    assert code


async def test_attack_68_programs_with_a_password_get_no_further(
    world: World, browser: Browser, ann: Account
) -> None:
    """decisions: 401 where a second factor is set."""
    form = {"AuthInfo": {"type": "credentials", "login": "ann", "password": PASSWORD}}
    assert (await browser.http.post("/a/frontend/session", json=form)).status_code == 200
    await sign_in(browser)
    await add_app(browser)
    refused = await browser.http.post("/a/frontend/session", json=form)
    assert refused.status_code == 401
    assert "second factor" in refused.json()["Title"] + refused.json()["Detail"]
