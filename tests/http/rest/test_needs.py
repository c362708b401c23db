"""The scopes that the description names, held to what tokens with and without them get. UX-V05."""

from dataclasses import replace
from http import HTTPStatus

from keycell.bootstrap import World
from keycell.provider.register import Made

from ...attacks.test_other_people import Asked, Ids, calls, hers, rows
from ...conftest import Browser, add_client, answer
from .people import Person, alice, bo

__all__ = ["alice", "bo", "hers"]

ENDS = ("/a/frontend/session", "/a/auth/token/revoke")
"""What ends the token that it is asked with."""
FILES = ("nodes", "file_versions", "links", "spaces", "rights", "comments", "node_meta")
READ, WRITE = "openid files.read", "openid files.read files.write"


async def token(browser: Browser, app: Made, scope: str) -> str:
    browser.http.cookies.clear()
    page = await browser.log_in(await browser.authorize(app, scope=scope), "alice")
    page = await browser.submit(page, action="accept")
    found = (await browser.exchange(app, answer(page)["code"])).json()
    return str(found["access_token"])


async def answers(who: Person, hers: Ids) -> dict[str, list[tuple[Asked, int]]]:
    """Make every call, and give the statuses by the call's name."""
    found: dict[str, list[tuple[Asked, int]]] = {}
    for asked in calls(hers):
        if not asked.name.endswith(ENDS):
            got = (await who.call(asked.method, asked.path, asked.body)).status_code
            found.setdefault(asked.name, []).append((asked, got))
    return found


async def named(browser: Browser) -> dict[str, set[str]]:
    """Give the scopes of which one is needed, by the call's name; none where no token is."""
    told = (await browser.http.get("/a/openapi.json")).json()
    return {
        f"{method.upper()} {path}": {
            scope for one in item[method]["security"] for scope in one["bearer"]
        }
        for path, item in told["paths"].items()
        for method in item.keys() - {"parameters"}
    }


async def test_a_token_that_lacks_what_is_named_gets_nothing(
    world: World, browser: Browser, alice: Person, hers: Ids
) -> None:
    scopes = await named(browser)
    other = await add_client(world)
    reader = replace(alice, token=await token(browser, other, READ))
    database = world.settings.data / "keycell.db"
    before = rows(database)
    for name, got in (await answers(reader, hers)).items():
        if scopes[name] and not scopes[name] & {"files.read", "files.write"}:
            assert all(status >= HTTPStatus.BAD_REQUEST for _, status in got), (name, got)
        if name == "POST /a/tree/create":
            assert all(status >= HTTPStatus.BAD_REQUEST for _, status in got), (name, got)
    after = rows(database)
    assert {name: after[name] for name in FILES} == {name: before[name] for name in FILES}


async def test_a_token_that_has_it_gets_in(
    world: World, browser: Browser, alice: Person, hers: Ids
) -> None:
    scopes = await named(browser)
    other = await add_client(world)
    writer = replace(alice, token=await token(browser, other, WRITE))
    for name, got in (await answers(writer, hers)).items():
        if scopes[name] & {"files.read", "files.write"}:
            assert {status for _, status in got} - {401, 403}, (name, got)
