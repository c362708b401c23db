"""The server's keys, for administrators: who knows them, and what comes of revoking one."""

import time
from dataclasses import replace
from datetime import timedelta

import pytest

from keycell.accounts.people import Account
from keycell.bootstrap import World, load_keys
from keycell.provider.register import Made
from keycell.settings import BadSetting, Settings, check

from ...conftest import Browser
from ...opening import opening
from .desk import Desk, Json

JWKS = "/oidc/.well-known/jwks.json"


async def of(desk: Desk, alg: str, state: str) -> str:
    items = (await desk.done("GET", "keys"))["items"]
    (found,) = (one["kid"] for one in items if (one["alg"], one["state"]) == (alg, state))
    kid: str = found
    return kid


async def concerned(desk: Desk, kid: str, made: Made) -> Json:
    told = (await desk.done("GET", f"keys/{kid}"))["applications"]
    (found,) = (one for one in told if one["client_id"] == made.client.client_id)
    application: Json = found
    return application


async def note(world: World) -> None:
    """Keep what was heard, as it is done now and then."""
    keys = world.keys
    await keys.store.note(keys.readers.take(time.perf_counter(), keys.clock()))


async def test_an_application_that_fetched_the_keys_knows_the_next_one(
    desk: Desk, browser: Browser, world: World, app: Made, ann: Account
) -> None:
    """UX-X50: it is known by where its tokens are asked for."""
    current = await of(desk, "RS256", "current")
    await browser.tokens(app)
    await note(world)
    assert not (await concerned(desk, current, app))["knows"]
    assert (await browser.http.get(JWKS)).status_code == 200
    await note(world)
    assert (await concerned(desk, current, app))["knows"]
    (reader,) = (await desk.done("GET", "key-readers"))["items"]
    assert (reader["client_id"], reader["ip"]) == (app.client.client_id, "127.0.0.1")


async def test_revoking_says_before_what_comes_of_it(
    desk: Desk, browser: Browser, world: World, app: Made, ann: Account
) -> None:
    """UX-X50: a key that leaked is published no more, and what it signed opens nothing."""
    current, following = [await of(desk, "ES256", state) for state in ("current", "next")]
    told = await desk.done("GET", f"keys/{current}")
    assert (told["follows"], told["ends_access_tokens"], told["applications"]) == (
        following, True, [],
    )  # fmt: skip
    coming = await desk.done("GET", f"keys/{following}")
    assert (coming["follows"], coming["ends_access_tokens"]) == ("", False)
    tokens = await browser.tokens(app)
    assert (await desk.done("DELETE", f"keys/{current}")) == {"revoked": current}
    await load_keys(world)
    assert current not in (await browser.http.get(JWKS)).text
    assert (await browser.userinfo(tokens["access_token"])).status_code == 401
    again = (await browser.refresh(app, tokens["refresh_token"])).json()
    assert (await browser.userinfo(again["access_token"])).status_code == 200


async def test_what_cannot_be_revoked(desk: Desk, browser: Browser, world: World) -> None:
    """UX-X50."""
    leaked = await of(desk, "EdDSA", "current")
    assert (await desk.ask("DELETE", "keys/unknown")).status_code == 404
    assert (await desk.ask("GET", "keys/unknown")).status_code == 404
    await desk.done("DELETE", f"keys/{leaked}")
    for method in ("GET", "DELETE"):
        refused = await desk.ask(method, f"keys/{leaked}")
        assert refused.status_code == 404
    items = (await desk.done("GET", "keys"))["items"]
    assert [one["kid"] for one in items if one["state"] == "revoked"] == [leaked]
    health = {one["check"]: one for one in (await desk.done("GET", "health"))["items"]}
    assert health["keys"]["state"] == "good"


@pytest.mark.parametrize("hours", [0, -1, 721])
def test_keys_that_nobody_has_seen_never_sign(hours: int) -> None:
    """UX-X50."""
    with pytest.raises(BadSetting, match=r"keys_ahead .*expected hours, 1 to 720"):
        check(Settings(keys_ahead=hours))


async def test_the_page_says_for_how_long_a_key_is_published_ahead(
    settings: Settings, desk: Desk
) -> None:
    """UX-X50."""
    assert (await desk.done("GET", "keys"))["ahead_hours"] == 24
    async with opening(replace(settings, keys_ahead=48)) as world:
        assert world.keys.ahead == timedelta(hours=48)
