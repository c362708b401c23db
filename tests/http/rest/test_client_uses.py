"""How much applications are used, as an administrator is told it. UX-X20, UX-X30."""

from datetime import timedelta

from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.provider.register import Made

from ...conftest import Browser, add_client, at_another_time
from ...waiting import eventually
from .desk import Desk


async def test_the_list_and_one_application_tell_their_use(
    desk: Desk, world: World, browser: Browser, ann: Account, app: Made
) -> None:
    """UX-X20, UX-X30: people, grants that stand, the last use; only where it is asked for."""
    client_id = app.client.client_id
    await add_client(world, client_name="Unused")
    await browser.tokens(app)
    (told,) = (await desk.done("GET", "clients", search=client_id, with_use=True))["items"]
    use = {name: told[name] for name in ("people", "grants", "used_at", "misdirected")}
    assert (use["people"], use["grants"], use["misdirected"]) == (1, 1, 0)
    assert use["used_at"].startswith("20")
    assert await desk.done("GET", f"clients/{client_id}/use") == use
    by_use = await desk.done("GET", "clients", sort="used", is_backwards=True, state="active")
    assert by_use["items"][0]["client_id"] == client_id
    assert "people" not in by_use["items"][0]
    assert (await desk.ask("GET", "clients/nobody/use")).status_code == 404


async def test_a_wrong_redirect_uri_is_counted_once_a_minute(
    desk: Desk, world: World, browser: Browser, ann: Account, app: Made
) -> None:
    """UX-X20, ATTACKS: whoever sends many fills no trail; the page's reference finds the event."""
    client_id, wrong = app.client.client_id, "https://app.example/cb/"
    for _ in range(3):
        page = await browser.authorize(app, redirect_uri=wrong)
        assert "invalid redirect_uri" in page.text

    async def told(sort: str = "client_id") -> tuple[str, int]:
        asked = {"state": "active", "sort": sort, "is_backwards": True, "with_use": True}
        (first, *_) = (await desk.done("GET", "clients", **asked))["items"]
        return first["client_id"], first["misdirected"]

    await eventually(told, lambda one: one[1] > 0)
    events = (await desk.done("GET", "audit", action="client.misdirected"))["items"]
    # The minute may have ended meanwhile.
    assert len(events) <= 2
    event = events[0]
    assert event["client_id"] == event["target"] == client_id
    assert event["detail"]["received"] == wrong
    async with at_another_time(world, timedelta(minutes=1)) as later:
        await later.authorize(app, redirect_uri=wrong)
    wanted = (client_id, len(events) + 1)
    assert await eventually(lambda: told("misdirected"), lambda one: one == wanted) == wanted
