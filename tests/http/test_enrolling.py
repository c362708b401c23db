"""A second factor that is wanted: put off for a while, then set up first. UX-M08."""

import asyncio
import contextlib
from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest

from keycell.accounts.audit import AuditEvent
from keycell.accounts.groups import Group
from keycell.accounts.people import Account
from keycell.accounts.policies import FactorPolicy, Kind
from keycell.bootstrap import World
from keycell.provider.register import Made
from keycell.settings import Settings

from ..conftest import PASSWORD, Browser, answer
from ..opening import opening
from .factors import FACTORS, HERE, add_app, app_of, audit, new_browser, now, sign_in

ENROL = "/oauth2/enrol"


@pytest.fixture
def settings(settings_on_sqlite: Settings) -> Settings:
    return replace(settings_on_sqlite, public_url=HERE)


async def require(
    world: World, days: int, skips: int, kind: Kind = "everyone", name: str = ""
) -> None:
    policy = FactorPolicy(
        kind=kind, name=name, due_at=now() + timedelta(days=days), skips=skips, set_at=now()
    )
    event = AuditEvent(at=now(), actor="test", action="factor.policy", target=name or kind)
    assert await world.people.policies.put(policy, event)


async def enter(browser: Browser) -> httpx2.Response:
    """Sign in anew."""
    browser.http.cookies.delete("keycell_session")
    return await sign_in(browser)


async def put_off(browser: Browser) -> bool:
    """Sign in, and say "not now" if that is offered; tell whether it was, and sign out."""
    page = await enter(browser)
    assert str(page.url).startswith(HERE + ENROL), page.url
    offered = 'id="enrol-skip"' in page.text
    if offered:
        done = await browser.submit(page)
        assert 'id="factors"' in done.text, done.text
    return offered


async def test_it_is_put_off_so_often_and_no_more(
    world: World, browser: Browser, ann: Account
) -> None:
    """UX-M08: the countdown is seen, the count is held."""
    await require(world, days=7, skips=2)
    page = await sign_in(browser)
    assert "Set it up by" in page.text
    assert "2 more times" in page.text
    assert await put_off(browser)
    assert "1 more time." in (await enter(browser)).text
    assert await put_off(browser)
    last = await enter(browser)
    assert 'id="enrol-over"' in last.text
    assert not await put_off(browser)
    assert (await audit(world)).count("factor.put-off") == 2


async def test_of_twenty_browsers_four_put_it_off(
    world: World, browser: Browser, ann: Account
) -> None:
    """UX-M08: at once, and with forms that were open before."""
    await require(world, days=7, skips=4)

    async with contextlib.AsyncExitStack() as stack:
        waiting = []
        for number in range(1, 21):
            http = await stack.enter_async_context(new_browser(world, f"203.0.113.{number}"))
            one = Browser(world, http)
            waiting.append((one, await sign_in(one)))
        pages = await asyncio.gather(*(one.submit(page) for one, page in waiting))
        done = ['id="factors"' in page.text for page in pages]
    assert done.count(True) == 4


async def test_nothing_else_opens_before_it_is_set_up(
    world: World, browser: Browser, ann: Account, app: Made
) -> None:
    """UX-M08, ATTACKS 68: no page and no application is a way round; afterwards all goes on."""
    await require(world, days=-1, skips=4)
    page = await browser.log_in(await browser.authorize(app, state="before-it"))
    assert 'id="enrol-over"' in page.text
    for path in ("/account/basic", "/oauth2/device", "/oauth2/requests", "/oauth2/login"):
        told = await browser.follow(await browser.http.get(path))
        assert str(told.url).startswith(HERE + ENROL), path
    # It asks who is there once more, and then leads to the same page.
    told = await browser.follow(await browser.http.get("/account/basic/removal"))
    assert 'id="enrol-over"' in (await browser.log_in(told)).text
    silent = await browser.authorize(app, prompt="none")
    assert answer(silent)["error"] == "login_required"
    refused = await browser.http.post(ENROL, data={"csrf": "x", "ticket": ""})
    assert refused.status_code == 400
    page = await browser.authorize(app, state="before-it")
    page = await browser.http.get(f"{FACTORS}/app")
    totp = app_of(page)
    shown = await browser.submit(page, code=totp.at(now()), name="Phone")
    onward = await browser.submit(shown, saved="yes")
    assert 'id="consent-accept"' in onward.text
    done = await browser.submit(onward, action="accept")
    assert answer(done)["state"] == "before-it"
    assert (await browser.http.get("/account/basic")).status_code == 200


async def test_a_session_of_before_is_asked_too_and_may_sign_out(
    world: World, browser: Browser, ann: Account
) -> None:
    """UX-M08."""
    home = await sign_in(browser)
    assert 'id="factors"' in home.text
    await require(world, days=7, skips=1)
    page = await browser.follow(await browser.http.get("/account/basic"))
    assert 'id="enrol-skip"' in page.text
    left = await browser.http.get("/oidc/oauth2/sessions/logout")
    assert 'id="logout-confirm"' in left.text
    await browser.submit(left, action="logout")
    page = await browser.follow(await browser.http.get("/account/basic"))
    assert 'id="login-submit"' in page.text


async def test_who_put_it_off_is_asked_when_the_day_has_come(
    world: World, browser: Browser, ann: Account
) -> None:
    """UX-M08."""
    await require(world, days=7, skips=4)
    await browser.submit(await sign_in(browser))
    assert (await browser.http.get("/account/basic")).status_code == 200
    await require(world, days=-1, skips=4)
    page = await browser.follow(await browser.http.get("/account/basic"))
    assert 'id="enrol-over"' in page.text


async def test_every_process_knows_of_it(world: World, ann: Account) -> None:
    """UX-M08: else one of them would be the way round."""
    async with opening(world.settings) as other:
        assert await other.people.policies.all() == []
        await require(world, days=-1, skips=0)
        await other.versions.look()
        (policy,) = await other.people.policies.all()
        assert policy.kind == "everyone"
        event = AuditEvent(at=now(), actor="test", action="factor.policy-removed")
        assert await world.people.policies.remove("everyone", "", event)
        await other.versions.look()
        assert await other.people.policies.all() == []


async def test_it_binds_whom_it_names(world: World, browser: Browser, ann: Account) -> None:
    """UX-M08: a group with those in it, a role, and nobody else; who has a factor is let be."""
    await require(world, days=7, skips=3, kind="group", name="/lab")
    await require(world, days=9, skips=9, kind="role", name="editor")
    assert 'id="factors"' in (await sign_in(browser)).text
    event = AuditEvent(at=now(), actor="test", action="account.changed")
    for changes, told in (
        ({"roles": ("editor",)}, "9 more times"),
        # Of two the one that is due first, and what it lets.
        ({"roles": ("editor",), "group_path": "/lab/team"}, "3 more times"),
    ):
        kept = await world.people.accounts.find(ann.sub)
        assert kept is not None
        if "group_path" in changes:
            await world.people.groups.add_group(Group("/lab/team", "Team"), event)
        fresh = replace(kept, updated_at=now(), **changes)
        assert await world.people.accounts.update(kept, fresh, event)
        assert told in (await enter(browser)).text
    page = await browser.submit(await enter(browser))
    assert 'id="factors"' in page.text
    totp, _ = await add_app(browser)
    home = await browser.submit(await enter(browser), code=totp.at(now()))
    assert 'id="factors"' in home.text


async def test_a_program_with_a_password_is_refused_when_the_day_has_come(
    world: World, browser: Browser, ann: Account
) -> None:
    """UX-M08, ATTACKS 68: programs cannot be led anywhere."""
    form = {"AuthInfo": {"type": "credentials", "login": "ann", "password": PASSWORD}}
    await require(world, days=1, skips=0)
    assert (await browser.http.post("/a/frontend/session", json=form)).status_code == 200
    await require(world, days=-1, skips=0)
    assert (await browser.http.post("/a/frontend/session", json=form)).status_code == 401
