"""The authorization code flow through the whole application."""

import asyncio

from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.provider.register import Made

from ..conftest import Browser, add_client, answer


async def test_a_person_signs_in_to_an_application(
    browser: Browser, app: Made, ann: Account
) -> None:
    """RFC6749-4.1, OIDCC-3.1."""
    tokens = await browser.tokens(app, "openid profile email offline_access")
    claims = browser.world.keyring.verify(tokens["id_token"], "JWT")
    assert claims is not None
    assert claims["sub"] == ann.sub
    assert claims["aud"] == app.client.client_id
    told = await browser.http.get(
        "/oidc/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"}
    )
    assert told.json()["email"] == "ann@example.org"
    assert told.json()["name"] == "Ann Example"


async def test_a_signed_in_person_is_asked_once(browser: Browser, app: Made, ann: Account) -> None:
    """OIDCC-3.1.2.4."""
    await browser.code(app)
    again = await browser.authorize(app, prompt="none")
    assert "code" in answer(again)


async def test_of_twenty_exchanges_at_once_one_is_answered(
    browser: Browser, app: Made, ann: Account
) -> None:
    """RFC6749-4.1.2."""
    code = await browser.code(app)
    responses = await asyncio.gather(*(browser.exchange(app, code) for _ in range(20)))
    assert sorted(response.status_code for response in responses) == [200] + [400] * 19


async def test_twenty_refreshes_at_once_have_one_successor(
    browser: Browser, app: Made, ann: Account
) -> None:
    """RFC9700-4.14.2, decisions/0005."""
    tokens = await browser.tokens(app)
    responses = await asyncio.gather(
        *(browser.refresh(app, tokens["refresh_token"]) for _ in range(20))
    )
    assert {response.status_code for response in responses} == {200}
    assert len({response.json()["refresh_token"] for response in responses}) == 1


async def test_a_replayed_refresh_token_ends_its_grant(
    browser: Browser, app: Made, ann: Account
) -> None:
    """RFC9700-4.14.2."""
    first = (await browser.tokens(app))["refresh_token"]
    second = (await browser.refresh(app, first)).json()["refresh_token"]
    third = (await browser.refresh(app, second)).json()["refresh_token"]
    assert (await browser.refresh(app, first)).json()["error"] == "invalid_grant"
    assert (await browser.refresh(app, third)).json()["error"] == "invalid_grant"


async def test_an_unregistered_redirect_uri_is_a_page(
    browser: Browser, app: Made, world: World
) -> None:
    """RFC6749-4.1.2.1."""
    page = await browser.authorize(app, redirect_uri="https://evil.example/callback")
    assert page.status_code == 400
    assert "invalid redirect_uri" in page.text
    assert 'href="https://evil' not in page.text


async def test_a_person_signs_out(browser: Browser, world: World, ann: Account) -> None:
    """OIDCRIL-2."""
    made = await add_client(world, post_logout_redirect_uris=["https://app.example/bye"])
    tokens = await browser.tokens(made)
    left = await browser.http.get(
        "/oidc/oauth2/sessions/logout",
        params={
            "id_token_hint": tokens["id_token"],
            "post_logout_redirect_uri": "https://app.example/bye",
            "state": "xyz",
        },
    )
    assert left.headers["location"] == "https://app.example/bye?state=xyz"
    again = await browser.authorize(made, prompt="none")
    assert answer(again)["error"] == "login_required"
