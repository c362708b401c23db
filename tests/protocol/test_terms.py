"""What a person allows once, for some days, or until they revoke it, as the wires see it."""

from dataclasses import replace
from datetime import datetime, timedelta

import httpx2
import pytest

from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.provider.register import Made

from ..conftest import Browser, add_client, answer, at_another_time, keep_client
from .test_device import begun, fetch, tv
from .test_userinfo import introspect

__all__ = ["tv"]

SCOPE = "openid offline_access files.read"
DAY = timedelta(days=1)


async def allowed(browser: Browser, made: Made, lasting: str) -> dict[str, object]:
    """Sign in, allow what is asked for so long, and get the tokens."""
    page = await browser.authorize(made, scope=SCOPE)
    if 'id="login-submit"' in page.text:
        page = await browser.log_in(page)
    assert 'name="lasting"' in page.text
    page = await browser.submit(page, action="accept", lasting=lasting)
    response = await browser.exchange(made, answer(page)["code"])
    assert response.status_code == 200, response.text
    found: dict[str, object] = response.json()
    return found


async def opens_files(browser: Browser, token: str) -> int:
    bearer = {"Authorization": f"Bearer {token}"}
    response = await browser.http.request("PROPFIND", "/dav/personal-files/", headers=bearer)
    return response.status_code


def said(response: httpx2.Response) -> tuple[int, str, str]:
    body = response.json()
    return response.status_code, body["error"], body["error_description"]


async def test_what_is_allowed_once_is_asked_again(
    browser: Browser, app: Made, ann: Account
) -> None:
    """UX-C07, RFC6749-3.3, OIDCC-11."""
    tokens = await allowed(browser, app, "once")
    assert "refresh_token" not in tokens
    assert tokens["scope"] == "files.read openid"
    assert (await browser.userinfo(str(tokens["access_token"]))).status_code == 200
    again = await browser.authorize(app, scope=SCOPE)
    assert 'id="consent-accept"' in again.text
    silent = answer(await browser.authorize(app, scope=SCOPE, prompt="none"))
    assert silent["error"] == "consent_required"
    shown = await browser.http.get("/account/basic")
    assert "Programs on your devices" in shown.text
    assert "App" in shown.text


async def test_what_is_allowed_for_30_days_is_asked_again_after_them(
    world: World, browser: Browser, app: Made, ann: Account
) -> None:
    """UX-C07."""
    tokens = await allowed(browser, app, "30-days")
    # Within them nobody is asked, and what comes of it ends with them.
    code = answer(await browser.authorize(app, scope=SCOPE))["code"]
    grant = await world.provider.grants.find(code.removeprefix("kcc_").partition(".")[0])
    assert grant is not None
    assert grant.ends_at is not None
    assert timedelta(days=29) < grant.ends_at - grant.created_at < timedelta(days=30)
    async with at_another_time(world, 31 * DAY) as later:
        refused = await later.refresh(app, str(tokens["refresh_token"]))
        assert said(refused) == (
            400, "invalid_grant",
            "the time for which the person allowed this is over; ask them anew",
        )  # fmt: skip
        page = await later.log_in(await later.authorize(app, scope=SCOPE))
        assert 'id="consent-accept"' in page.text
        assert app.client.client_id not in (await later.http.get("/account/basic")).text


@pytest.mark.parametrize("token_format", ["jwt", "opaque"])
async def test_nothing_of_a_grant_is_good_beyond_its_time(
    world: World, browser: Browser, ann: Account, token_format: str
) -> None:
    """UX-C07, RFC6749-5.1, RFC7662-2.2."""
    app = await add_client(world)
    if token_format == "opaque":
        app = await as_opaque(world, app)
    tokens = await allowed(browser, app, "30-days")
    introspected = await introspect(browser, app, str(tokens["refresh_token"]))
    ends_at = introspected.json()["exp"]
    almost = 30 * DAY - timedelta(minutes=5)
    async with at_another_time(world, almost) as later:
        response = await later.refresh(app, str(tokens["refresh_token"]))
        last = response.json()
        assert 200 < last["expires_in"] <= 300
        for token in (last["access_token"], last["refresh_token"]):
            told = (await introspect(later, app, token)).json()
            assert ends_at - 1 <= told["exp"] <= ends_at
        assert (await later.userinfo(last["access_token"])).status_code == 200
        assert await opens_files(later, last["access_token"]) == 207
    async with at_another_time(world, almost + timedelta(minutes=6)) as over:
        assert (await over.userinfo(last["access_token"])).status_code == 401
        assert await opens_files(over, last["access_token"]) == 401
        for token in (last["access_token"], last["refresh_token"]):
            assert (await introspect(over, app, token)).json() == {"active": False}


async def as_opaque(world: World, app: Made) -> Made:
    """Let an application be given access tokens that are no JWTs."""
    client = replace(app.client, access_token_format="opaque")
    await keep_client(world, client)
    return replace(app, client=client)


async def test_a_later_answer_stands_in_the_place_of_an_earlier_one(
    world: World, browser: Browser, app: Made, ann: Account
) -> None:
    """UX-C07."""
    ends: list[datetime | None] = []
    for lasting in ("30-days", "until-revoked", "30-days", "once"):
        page = await browser.authorize(app, scope=SCOPE, prompt="consent")
        if 'id="login-submit"' in page.text:
            page = await browser.log_in(page)
        await browser.submit(page, action="accept", lasting=lasting)
        now = world.provider.clock()
        kept = await world.provider.consents.find(ann.sub, app.client.client_id, now)
        assert kept is not None
        ends.append(kept.ends_at)
    assert [one is None for one in ends] == [False, True, False, False]
    # Once says nothing of what else was allowed.
    assert ends[2] == ends[3]


async def test_more_time_is_given_to_what_was_asked_for_alone(
    world: World, browser: Browser, app: Made, ann: Account
) -> None:
    """UX-C07: what the page did not show lasts no longer by it, and is asked anew."""
    await allowed(browser, app, "30-days")
    page = await browser.authorize(app, scope="openid", prompt="consent")
    await browser.submit(page, action="accept", lasting="until-revoked")
    async with at_another_time(world, 31 * DAY) as later:
        await later.log_in(await later.http.get("/oauth2/login"))
        page = await later.authorize(app, scope=SCOPE)
        assert 'id="consent-accept"' in page.text
        await later.submit(page, action="accept", lasting="until-revoked")
    async with at_another_time(world, 62 * DAY) as at_last:
        await at_last.log_in(await at_last.http.get("/oauth2/login"))
        assert "code" in answer(await at_last.authorize(app, scope=SCOPE))


async def test_a_device_is_let_in_for_as_long_as_was_chosen(
    world: World, browser: Browser, tv: Made, ann: Account
) -> None:
    """UX-C07, RFC8628-3.3."""
    await browser.log_in(await browser.http.get("/oauth2/login"))
    for lasting in ("once", "30-days"):
        waits = await begun(browser, tv)
        page = await browser.http.get("/oauth2/device")
        page = await browser.submit(page, action="find", user_code=waits["user_code"])
        assert 'name="lasting"' in page.text
        await browser.submit(page, action="accept", lasting=lasting)
        tokens = (await fetch(browser, tv, waits["device_code"])).json()
        assert ("refresh_token" in tokens) == (lasting == "30-days")
        now = world.provider.clock()
        kept = await world.provider.consents.find(ann.sub, tv.client.client_id, now)
        assert (kept is not None) == (lasting == "30-days")
    async with at_another_time(world, 31 * DAY) as later:
        assert said(await later.refresh(tv, tokens["refresh_token"]))[1] == "invalid_grant"


async def test_the_trail_says_for_how_long(
    world: World, browser: Browser, app: Made, ann: Account
) -> None:
    """UX-C07."""
    await allowed(browser, app, "30-days")
    await allowed(browser, await add_client(world), "once")
    told = {
        (one.action, one.detail.get("lasts", "until" if "until" in one.detail else ""))
        for _, one in await world.provider.audit.page(None, 50)
        if one.action in ("consent.given", "grant.started")
    }
    assert told == {(action, how) for action in ("consent.given", "grant.started")
                    for how in ("once", "until")}  # fmt: skip


async def test_the_page_without_scripts_lists_programs_and_ends_them(
    world: World, browser: Browser, app: Made, tv: Made, ann: Account
) -> None:
    """UX-P03: one by one, and no one's but one's own; what else was allowed stays."""
    tokens = await allowed(browser, app, "until-revoked")
    waits = await begun(browser, tv)
    page = await browser.http.get("/oauth2/device")
    page = await browser.submit(page, action="find", user_code=waits["user_code"])
    await browser.submit(page, action="accept")
    others = (await fetch(browser, tv, waits["device_code"])).json()
    page = await browser.http.get("/account/basic")
    assert page.text.count('action="/account/basic/end-program"') == 2
    csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
    grant = str(others["refresh_token"]).removeprefix("kcr_").partition(".")[0]
    for named in ("of somebody else", grant):
        form = {"csrf": csrf, "grant_id": named}
        await browser.http.post("/account/basic/end-program", data=form)
    page = await browser.http.get("/account/basic")
    assert page.text.count('action="/account/basic/end-program"') == 1
    assert (await browser.refresh(tv, others["refresh_token"])).status_code == 400
    assert (await browser.refresh(app, str(tokens["refresh_token"]))).status_code == 200


async def test_the_page_without_scripts_ends_all_else_as_the_other_does(
    world: World, browser: Browser, app: Made, ann: Account
) -> None:
    """UX-P03: programs too, though no other browser is signed in."""
    tokens = await allowed(browser, app, "until-revoked")
    page = await browser.http.get("/account/basic")
    assert 'id="end-others"' in page.text
    csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
    await browser.http.post("/account/basic/end-others", data={"csrf": csrf})
    assert (await browser.refresh(app, str(tokens["refresh_token"]))).status_code == 400
    page = await browser.http.get("/account/basic")
    assert page.status_code == 200
    assert 'id="end-others"' not in page.text
