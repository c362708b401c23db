"""The applications that somebody may use, by REST."""

from dataclasses import replace

from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.oauth.access_rules import AccessRule

from ...conftest import Browser, add_client, keep_client
from .test_own_account import Own, own

__all__ = ["own"]


async def shown(own: Own) -> dict[str, dict[str, object]]:
    items = (await own.done("GET", "launcher"))["items"]
    assert isinstance(items, list)
    return {one["label"]: one for one in items}


async def test_those_are_shown_that_one_may_use(world: World, own: Own, ann: Account) -> None:
    """UX-P09: by name, without ours, services, what is off, and what lets others alone in."""
    await add_client(world, client_name="wiki", client_uri="https://wiki.example/")
    await add_client(world, client_name="Board")
    service = {"grant_types": ["client_credentials"], "redirect_uris": []}
    await add_client(world, client_name="Robot", response_types=[], **service)
    off = (await add_client(world, client_name="Off")).client
    await keep_client(world, replace(off, disabled=True))
    others = (await add_client(world, client_name="Others")).client
    await keep_client(world, replace(others, access=AccessRule(people=("somebody",))))
    elsewhere = (await add_client(world, client_name="Elsewhere")).client
    await keep_client(world, replace(elsewhere, access=AccessRule(networks=("192.0.2.0/24",))))
    mine = (await add_client(world, client_name="Mine")).client
    await keep_client(world, replace(mine, access=AccessRule(people=(ann.sub,))))
    found = await shown(own)
    assert list(found) == ["Board", "Mine", "wiki"]
    assert found["wiki"]["starts_at"] == "https://wiki.example/"
    assert found["Board"]["starts_at"] is None
    assert not found["wiki"]["has_logo"]


async def test_a_sign_in_begins_where_the_application_wants_it(world: World, own: Own) -> None:
    """UX-P09, OIDCC-4."""
    await add_client(
        world, client_name="Wiki", client_uri="https://wiki.example/",
        initiate_login_uri="https://wiki.example/login?by=keycell",
    )  # fmt: skip
    issuer = world.provider.issuer.replace(":", "%3A").replace("/", "%2F")
    assert (await shown(own))["Wiki"]["starts_at"] == (
        f"https://wiki.example/login?by=keycell&iss={issuer}"
    )


async def test_what_registered_itself_is_shown_once_it_was_let_in(
    world: World, browser: Browser, own: Own
) -> None:
    """UX-P09: a stranger's application leads nobody anywhere unasked."""
    made = await add_client(world, client_name="Stranger", scope="openid profile")
    await keep_client(world, replace(made.client, came_by="registration"))
    assert await shown(own) == {}
    await browser.exchange(made, await browser.code(made, scope="openid profile"))
    assert list(await shown(own)) == ["Stranger"]
