"""The web frontend knows who asks for a permission; one decides on a page of the server."""

from keycell.accounts.people import Account
from keycell.bootstrap import World

from ..conftest import Browser
from ..protocol.test_backchannel import asked, cashier, decide
from .test_web import OURS, sign_in

REQUESTS = "/web/a/keycell/account/requests"


async def test_a_person_is_shown_what_waits_for_them(
    browser: Browser, world: World, ann: Account
) -> None:
    """CIBA-8."""
    made = await cashier(world)
    await sign_in(browser)
    assert (await browser.http.get(REQUESTS, headers=OURS)).json() == {"items": []}
    await asked(browser, made, binding_message="W4SCT", scope="openid profile")
    (one,) = (await browser.http.get(REQUESTS, headers=OURS)).json()["items"]
    assert one["created_at"] < one["expires_at"]
    assert {name: one[name] for name in ("client_id", "label", "binding_message", "scopes")} == {
        "client_id": made.client.client_id, "label": "Cashier", "binding_message": "W4SCT",
        "scopes": ["openid", "profile"],
    }  # fmt: skip
    await decide(browser)
    assert (await browser.http.get(REQUESTS, headers=OURS)).json() == {"items": []}


async def test_a_token_of_another_application_is_told_nothing(
    browser: Browser, world: World, ann: Account
) -> None:
    """What one application may do says nothing of what the others ask."""
    made = await cashier(world, grant_types=[
        "urn:openid:params:grant-type:ciba", "authorization_code",
    ], redirect_uris=["https://app.example/callback"])  # fmt: skip
    tokens = await browser.tokens(made)
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    refused = await browser.http.get("/a/keycell/account/requests", headers=bearer)
    assert refused.status_code in (401, 403)
