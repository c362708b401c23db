"""Passkeys, against an authenticator that does what it should, and others. WebAuthn-7."""

from dataclasses import replace

import pytest

from keycell.accounts.audit import AuditEvent
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.provider.register import Made
from keycell.settings import Settings

from ..authenticator import Authenticator
from ..conftest import Browser, answer
from .factors import (
    FACTORS,
    HERE,
    add_passkey,
    fields_of,
    give_passkey,
    keep_codes,
    new_browser,
    now,
    sign_in,
    token_claims,
)


@pytest.fixture
def settings(settings_on_sqlite: Settings) -> Settings:
    return replace(settings_on_sqlite, public_url=HERE)


async def test_who_keeps_a_passkey_is_told_whatever_it_is_called(
    world: World, browser: Browser, ann: Account
) -> None:
    """UX-P05."""
    await sign_in(browser)
    key = Authenticator(HERE, aaguid=bytes.fromhex("bada5566a7aa401fbd9645619a55120d"))
    await keep_codes(browser, await add_passkey(browser, key))
    kept = (await world.people.factors.of_account(ann.sub)).passkeys[0]
    event = AuditEvent(at=now(), actor=ann.sub, action="factor.renamed")
    assert await world.people.factors.rename(ann.sub, kept.credential_id, "Blue one", event)
    page = await browser.http.get(FACTORS)
    for told in ("Blue one", "1Password", "on one device", "not used yet"):
        assert told in page.text


async def test_a_passkey_opens_the_account_by_itself(
    world: World, browser: Browser, ann: Account, app: Made
) -> None:
    """UX-L05, UX-M03; RFC8176-2."""
    await sign_in(browser)
    key = Authenticator(HERE, aaguid=bytes.fromhex("bada5566a7aa401fbd9645619a55120d"))
    await keep_codes(browser, await add_passkey(browser, key))
    page = await browser.http.get(FACTORS)
    assert "1Password" in page.text
    assert "on one device" in page.text
    async with new_browser(world) as http:
        other = Browser(world, http)
        login = await other.authorize(app)
        page = await give_passkey(other, login, key)
        page = await other.submit(page, action="accept")
        claims = token_claims((await other.exchange(app, answer(page)["code"])).json()["id_token"])
        assert claims["amr"] == ["hwk", "user", "mfa"]
        assert claims["acr"] == "urn:keycell:acr:mfa"
        # The same answer again, and an answer to a challenge of another browser.
        fields = fields_of(login)
        fields["credential"] = key.get(fields.pop("options"))
        assert (await http.post(fields.pop("action"), data=fields)).status_code == 401
    async with new_browser(world) as http:
        other = Browser(world, http)
        page = await sign_in(other)
        assert "Use a passkey" in page.text
        assert (await give_passkey(other, page, key)).status_code == 200
        session = (await world.people.sessions.of_account(ann.sub, now()))[0]
        assert session.amr == ("pwd", "hwk", "user", "mfa")


@pytest.mark.parametrize(
    "bent",
    [
        {"origin": "http://evil.example"}, {"origin": "http://localhost:9999"},
        {"rp_id": "evil.example"}, {"verifies": False}, {"count": 0, "counts": False},
        {"owner": "Ym9i"}, {"key_id": b"unknown"}, {"key": Authenticator(HERE).key},
    ],
    ids=lambda bent: next(iter(bent)),
)  # fmt: skip
async def test_attack_69_what_is_not_the_passkey_opens_nothing(
    world: World, browser: Browser, ann: Account, bent: dict[str, object]
) -> None:
    """ATTACKS 69: origin, rpId, user verification, counter, handle, key."""
    await sign_in(browser)
    key = Authenticator(HERE)
    await keep_codes(browser, await add_passkey(browser, key))
    async with new_browser(world) as http:
        other = Browser(world, http)
        key.count = 4
        page = await http.get("/oauth2/login")
        assert (await give_passkey(other, page, key)).status_code == 200
    async with new_browser(world) as http:
        other = Browser(world, http)
        page = await http.get("/oauth2/login")
        bad = await give_passkey(other, page, replace(key, **bent))  # type: ignore[arg-type]
        assert bad.status_code == 401, bad.text
        assert 'role="alert"' in bad.text
        assert (await give_passkey(other, bad, key)).status_code == 200


@pytest.mark.parametrize(
    "sent", ["", "[]", "{}", '{"id":1,"response":{}}', '{"response":3}', "[" * 9000]
)
async def test_a_form_of_no_authenticator_is_refused(
    browser: Browser, ann: Account, sent: str
) -> None:
    fields = fields_of(await browser.http.get("/oauth2/login"))
    fields["credential"] = sent
    assert (await browser.http.post("/oauth2/passkey", data=fields)).status_code == 401
    await sign_in(browser)
    fields = fields_of(await browser.http.get(FACTORS))
    fields["credential"] = sent
    assert (await browser.http.post(fields["action"], data=fields)).status_code == 400


async def test_a_key_that_knows_nobody_is_a_second_step(
    world: World, browser: Browser, ann: Account
) -> None:
    await sign_in(browser)
    key = Authenticator(HERE, verifies=False, is_synced=True)
    await keep_codes(browser, await add_passkey(browser, key))
    async with new_browser(world) as http:
        other = Browser(world, http)
        refused = await give_passkey(other, await http.get("/oauth2/login"), key)
        assert "your second step" in refused.text
        page = await other.log_in(refused)
        assert (await give_passkey(other, page, key)).status_code == 200
        session = (await world.people.sessions.of_account(ann.sub, now()))[0]
        assert session.amr == ("pwd", "swk", "user", "mfa")


async def test_attack_69_70_a_challenge_is_for_one_purpose_and_one_account(
    world: World, browser: Browser, ann: Account
) -> None:
    """ATTACKS 69, 70."""
    await sign_in(browser)
    key = Authenticator(HERE)
    page = await browser.http.get(FACTORS)
    fields, login = fields_of(page), fields_of(await browser.http.get("/oauth2/login?other=1"))
    fields["credential"] = key.create(fields["options"].replace("{", "{", 1))
    fields["challenge"] = login["challenge"]
    refused = await browser.http.post(fields["action"], data=fields)
    assert refused.status_code == 400
    assert not (await world.people.factors.of_account(ann.sub)).are_set


async def test_where_passkeys_are_made_is_told(browser: Browser) -> None:
    """W3C passkey-endpoints: without a redirect; and nothing else is promised there."""
    told = await browser.http.get("/.well-known/passkey-endpoints")
    assert told.status_code == 200
    assert told.headers["content-type"].startswith("application/json")
    assert told.json() == {"enroll": f"{HERE}{FACTORS}", "manage": f"{HERE}{FACTORS}"}
    assert (await browser.http.get("/.well-known/change-password")).status_code == 303
    assert (await browser.http.get("/.well-known/8f2c1")).status_code == 404


async def test_a_passkey_is_offered_to_who_came_by_a_password_and_has_none(
    browser: Browser, ann: Account
) -> None:
    """UX-L14."""
    await sign_in(browser)
    await browser.http.get("/web/login", follow_redirects=True)

    async def is_offered() -> bool:
        told = (await browser.http.get("/web/session")).json()
        assert told["signed_in"] is True
        return bool(told["may_offer_passkey"])

    assert await is_offered()
    await keep_codes(browser, await add_passkey(browser, Authenticator(HERE)))
    assert not await is_offered()
