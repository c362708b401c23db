"""Tokens that an administrator looks into, and ends."""

import pytest

from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.provider.register import Made

from ...conftest import Browser
from ..tokens import make, sign_in
from .desk import Desk


async def test_a_token_is_looked_into(desk: Desk, browser: Browser, ann: Account) -> None:
    anns = await sign_in(browser.http, "ann")
    found = await desk.done("POST", "tokens/inspect", token=anns)
    assert (found["is_ours"], found["is_active"], found["login"]) == (True, True, "ann")
    assert found["kind"] == "access token"
    assert found["claims"]["sub"] == ann.sub
    await desk.done("POST", "users/ann/disable")
    over = await desk.done("POST", "tokens/inspect", token=anns)
    assert (over["is_ours"], over["is_active"]) == (True, False)
    assert over["why_not"]
    foreign = await desk.done("POST", "tokens/inspect", token="eyJhbGciOiJub25lIn0.e30.")
    assert (foreign["is_ours"], foreign["is_active"], foreign["kind"]) == (False, False, "unknown")


async def test_looking_into_a_token_is_no_use_of_it(
    desk: Desk, browser: Browser, world: World, ann: Account
) -> None:
    """decisions/0034: one that ends when it is not used is not kept alive by who finds it."""
    made = await make(
        browser.http, await sign_in(browser.http, "ann"), ExpiresAt=0, AutoRefresh=600
    )
    found = await desk.done("POST", "tokens/inspect", token=made)
    assert (found["kind"], found["is_active"]) == ("personal", True)
    # What was noted is kept with the next write at the latest.
    await desk.done("PUT", "roles/editor", label="Editor")
    (listed,) = (await desk.done("GET", "users/ann/tokens"))["items"]
    assert listed["last_used_at"] is None
    trail = [event.action for _, event in await world.people.audit.page(None, 50)]
    assert "personal.used" not in trail


async def inspect(desk: Desk, token: str) -> tuple[str, bool]:
    found = await desk.done("POST", "tokens/inspect", token=token)
    return found["kind"], found["is_active"]


async def test_a_refresh_token_is_looked_into_without_a_use_of_it(
    desk: Desk, browser: Browser, app: Made, ann: Account
) -> None:
    """UX-X40: current or spent, of whom and for whom; a stranger's word is none of ours."""
    token = (await browser.tokens(app))["refresh_token"]
    found = await desk.done("POST", "tokens/inspect", token=token)
    assert (found["kind"], found["is_active"], found["login"]) == ("refresh token", True, "ann")
    assert found["client_id"] == app.client.client_id
    assert "offline_access" in found["scopes"]
    successor = (await browser.refresh(app, token)).json()["refresh_token"]
    await browser.refresh(app, successor)
    spent = await desk.done("POST", "tokens/inspect", token=token)
    assert (spent["is_ours"], spent["is_active"]) == (True, False)
    assert "replayed" in spent["why_not"]
    assert await inspect(desk, successor) == ("refresh token", False)
    grant_id, _, secret = token.split(".")
    for foreign in ("kcr_x", f"{grant_id}.{'f' * 22}.{secret}"):
        assert await inspect(desk, foreign) == ("unknown", False)


@pytest.mark.parametrize("with_grant", [False, True])
async def test_an_access_token_is_ended_alone_or_with_its_grant(
    desk: Desk, browser: Browser, app: Made, ann: Account, *, with_grant: bool
) -> None:
    """UX-X40."""
    tokens = await browser.tokens(app)
    ended = await desk.done(
        "POST", "tokens/end", token=tokens["access_token"], with_grant=with_grant
    )
    assert ended == {"ended": "grant" if with_grant else "token"}
    assert (await browser.userinfo(tokens["access_token"])).status_code == 401
    refreshed = await browser.refresh(app, tokens["refresh_token"])
    assert refreshed.status_code == (400 if with_grant else 200)


async def test_refresh_and_personal_tokens_are_ended_and_nothing_of_them_is_kept(
    desk: Desk, browser: Browser, app: Made, ann: Account
) -> None:
    """UX-X40: the trail names what was ended by its identifier, the token is nowhere in it."""
    refresh = (await browser.tokens(app))["refresh_token"]
    personal = await make(browser.http, await sign_in(browser.http, "ann"))
    for token in (refresh, personal):
        await desk.done("POST", "tokens/inspect", token=token)
        await desk.done("POST", "tokens/end", token=token)
        assert not (await inspect(desk, token))[1]
        again = await desk.ask("POST", "tokens/end", token=token)
        assert again.status_code == 404
        assert token not in again.text
    assert (await browser.refresh(app, refresh)).status_code == 400
    assert (await browser.userinfo(personal)).status_code == 401
    trail = (await desk.ask("GET", "audit.jsonl")).text
    assert '"personal.revoked"' in trail
    assert '"grant.revoked"' in trail
    for token in (refresh, personal):
        assert token not in trail
        assert token.rpartition(".")[2] not in trail


async def test_what_opens_nothing_is_not_ended(
    desk: Desk, browser: Browser, app: Made, ann: Account
) -> None:
    """UX-X40: an ID token opens nothing, and a stranger's is not ours."""
    id_token = (await browser.tokens(app))["id_token"]
    for token in (id_token, "eyJhbGciOiJub25lIn0.e30.", "x"):
        assert (await desk.ask("POST", "tokens/end", token=token)).status_code == 404
    assert (await browser.http.post("/a/keycell/admin/tokens/end", json={})).status_code == 401
