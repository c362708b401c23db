"""An administrator tries an application: a page of ours is answered too, for a while. UX-X25."""

from datetime import timedelta

import pytest

from keycell.bootstrap import World
from keycell.provider.register import Made

from ...conftest import BASE, Browser, add_client, at_another_time
from .desk import Desk

TRIED = f"{BASE}/admin/tried"


async def is_answered(browser: Browser, made: Made, **params: str) -> bool:
    """Tell whether somebody is asked to sign in, to be sent there; otherwise a page says no."""
    query = {"client_id": made.client.client_id, "redirect_uri": TRIED, "response_type": "code",
             "scope": "openid", "code_challenge": "x" * 43,
             "code_challenge_method": "S256"}  # fmt: skip
    response = await browser.http.get("/oidc/oauth2/auth", params=query | params)
    assert response.status_code in (303, 400), response.text
    assert response.status_code == 303 or "invalid redirect_uri" in response.text
    return response.status_code == 303


async def test_it_is_answered_at_our_page_until_the_trial_ends(
    desk: Desk, browser: Browser, world: World
) -> None:
    """RFC9700-2.1: what it registered stays what it was, whoever closes the window."""
    made = await add_client(world)
    at = f"clients/{made.client.client_id}"
    before = await desk.done("GET", at)
    assert not await is_answered(browser, made)
    begun = await desk.done("POST", f"{at}/trial", origin=BASE)
    assert begun["redirect_uri"] == TRIED
    assert await is_answered(browser, made)
    assert not await is_answered(browser, made, redirect_uri=f"{TRIED}/")
    assert await desk.done("GET", at) == before
    for minutes, is_good in ((14, True), (16, False)):
        async with at_another_time(world, timedelta(minutes=minutes)) as later:
            assert await is_answered(later, made) is is_good
    await desk.done("DELETE", f"{at}/trial")
    assert not await is_answered(browser, made)
    await desk.done("DELETE", f"{at}/trial")


@pytest.mark.parametrize("origin", ["https://evil.example", f"{BASE}/", f"{BASE}@evil", ""])
async def test_no_page_of_others_is_answered(desk: Desk, world: World, origin: str) -> None:
    """RFC9700-4.1: the origin is one of this server's, letter for letter."""
    made = await add_client(world)
    refused = await desk.ask("POST", f"clients/{made.client.client_id}/trial", origin=origin)
    assert refused.status_code == 400
    assert BASE in refused.json()["Detail"]


async def test_our_own_clients_are_not_tried(desk: Desk) -> None:
    own = await desk.ask("POST", "clients/keycell-web/trial", origin=BASE)
    assert own.status_code == 403
    assert (await desk.ask("DELETE", "clients/none/trial")).status_code == 404
