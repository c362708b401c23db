"""The clock steps back: what was spent stays spent, and what stands is still honoured."""

from datetime import timedelta

from keycell.bootstrap import World
from keycell.provider.register import Made

from ..conftest import Browser, at_another_time

AN_HOUR_BACK = timedelta(hours=-1)


async def test_a_code_is_spent_whatever_the_clock_says(
    browser: Browser, world: World, ann: object, app: Made
) -> None:
    """RFC6749-4.1.2."""
    code = await browser.code(app, scope="openid offline_access")
    waiting = await browser.code(app)
    first = await browser.exchange(app, code)
    assert first.status_code == 200, first.text
    async with at_another_time(world, AN_HOUR_BACK) as earlier:
        assert (await earlier.exchange(app, waiting)).status_code == 200
        again = await earlier.exchange(app, code)
        assert again.json()["error"] == "invalid_grant"
        ended = await earlier.refresh(app, first.json()["refresh_token"])
        assert ended.json()["error"] == "invalid_grant"


async def test_a_refresh_token_is_answered_by_one_successor_whatever_the_clock_says(
    browser: Browser, world: World, ann: object, app: Made
) -> None:
    """RFC9700-4.14.2, decisions/0005."""
    spent = (await browser.tokens(app))["refresh_token"]
    successor = (await browser.refresh(app, spent)).json()["refresh_token"]
    async with at_another_time(world, AN_HOUR_BACK) as earlier:
        lost = await earlier.refresh(app, spent)
        assert lost.json()["refresh_token"] == successor
        following = await earlier.refresh(app, successor)
        assert following.status_code == 200, following.text
        replayed = await earlier.refresh(app, spent)
        assert replayed.json()["error"] == "invalid_grant"
    ended = await browser.refresh(app, following.json()["refresh_token"])
    assert ended.json()["error"] == "invalid_grant"


async def test_a_person_stays_signed_in_and_known(
    browser: Browser, world: World, ann: object, app: Made
) -> None:
    """RFC9068-4: a token of an hour ahead is one of ours all the same."""
    tokens = await browser.tokens(app)
    async with at_another_time(world, AN_HOUR_BACK) as earlier:
        assert (await earlier.userinfo(tokens["access_token"])).status_code == 200
