"""The response type that brings nothing but a yes. OAuth2-MRT-4."""

import pytest

from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.oauth.errors import InvalidClientMetadata
from keycell.provider.register import Made

from ..conftest import Browser, add_client, answer
from .test_requests import finish

ALONE = {"response_types": ["none"], "grant_types": ["client_credentials"]}


@pytest.fixture
async def asking(world: World) -> Made:
    return await add_client(world, **ALONE)


async def test_a_yes_is_told_and_remembered(
    browser: Browser, world: World, asking: Made, ann: Account
) -> None:
    """OAuth2-MRT-4: state, and nothing that opens anything; in the query, or as it was asked."""
    page = await browser.authorize(asking, response_type="none")
    assert await finish(browser, page) == {
        "state": "state-1234", "iss": world.provider.issuer,
    }  # fmt: skip
    for mode, mark in (("query", "?"), ("fragment", "#")):
        again = await browser.authorize(
            asking, response_type="none", prompt="none", response_mode=mode
        )
        assert f"{mark}state=state-1234&iss=" in again.headers["location"]
    events = [event.action for _, event in await world.audit.page(None, 50)]
    assert "consent.given" in events
    assert "grant.started" not in events


async def test_a_no_is_told_too(browser: Browser, asking: Made, ann: Account) -> None:
    """OAuth2-MRT-4, RFC6749-4.1.2.1."""
    page = await browser.log_in(await browser.authorize(asking, response_type="none"))
    done = await browser.submit(page, action="deny")
    assert answer(done)["error"] == "access_denied"
    assert answer(await browser.authorize(asking, response_type="none", prompt="none"))[
        "error"
    ] == "consent_required"  # fmt: skip


async def test_it_is_for_who_registered_it_and_goes_with_nothing(
    browser: Browser, world: World, app: Made, asking: Made
) -> None:
    """OAuth2-MRT-3, OAuth2-MRT-4."""
    refused = answer(await browser.authorize(app, response_type="none"))
    assert refused["error"] == "unauthorized_client"
    mixed = answer(await browser.authorize(asking, response_type="code none"))
    assert mixed["error"] == "unsupported_response_type"
    other = answer(await browser.authorize(asking, response_type="code"))
    assert other["error"] == "unauthorized_client"
    with pytest.raises(InvalidClientMetadata, match="redirect_uris is missing"):
        await add_client(world, **ALONE, redirect_uris=[])
