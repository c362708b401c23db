"""What acts in one's name, in one list, and what ending one of it ends. UX-P03, UX-P04, UX-B14."""

from keycell.bootstrap import World

from ...conftest import Browser, add_client, answer
from .desk import Json
from .test_own_account import Own, own

__all__ = ["own"]

SCOPE = "openid email offline_access"
LAPTOP = "keycell/1.0 (Linux; anns-laptop)"


async def of_application(own: Own, client_id: str) -> list[Json]:
    listed = (await own.done("GET", "sessions"))["items"]
    return [one for one in listed if one.get("client_id") == client_id]


async def test_a_program_is_seen_where_it_was_used_last(
    browser: Browser, world: World, own: Own
) -> None:
    """UX-P03: which machine, from where, since when, last seen when."""
    made = await add_client(world, scope=SCOPE)
    code = await browser.code(made, scope=SCOPE)
    browser.http.headers["User-Agent"] = LAPTOP
    tokens = (await browser.exchange(made, code)).json()
    (seen,) = await of_application(own, made.client.client_id)
    assert (seen["kind"], seen["device"], seen["ip"]) == (
        "program",
        "anns-laptop, Linux",
        "127.0.0.1",
    )
    assert not seen["is_first_party"]
    browser.http.headers["User-Agent"] = LAPTOP.replace("anns-laptop", "anns-desk")
    await browser.refresh(made, tokens["refresh_token"])
    (later,) = await of_application(own, made.client.client_id)
    assert (later["id"], later["device"]) == (seen["id"], "anns-desk, Linux")
    assert later["seen_at"] > seen["seen_at"] >= later["created_at"]


async def test_one_signs_out_of_one_application_alone(
    browser: Browser, world: World, own: Own
) -> None:
    """UX-P04: its tokens end at once; the browser, others and what was allowed stay."""
    made, other = [await add_client(world, scope=SCOPE) for _ in range(2)]
    held = [
        (await browser.exchange(one, await browser.code(one, scope=SCOPE))).json()
        for one in (made, other)
    ]
    client_id = made.client.client_id
    assert (await own.done("DELETE", f"applications/{client_id}/sessions"))["ended"] == 1
    for one, tokens, status in ((made, held[0], 400), (other, held[1], 200)):
        refreshed = await browser.refresh(one, tokens["refresh_token"])
        assert refreshed.status_code == status, refreshed.text
    assert (await browser.userinfo(held[0]["access_token"])).status_code == 401
    assert await of_application(own, client_id) == []
    allowed = (await own.done("GET", "applications"))["items"]
    assert client_id in {one["client_id"] for one in allowed}
    told = answer(await browser.authorize(made, scope=SCOPE, prompt="none"))
    assert "code" in told, "neither signed out here, nor asked again"


async def test_nobody_signs_out_of_what_they_never_allowed(world: World, own: Own) -> None:
    made = await add_client(world, scope=SCOPE)
    address = f"applications/{made.client.client_id}/sessions"
    assert (await own.ask("DELETE", address)).status_code == 404


async def test_the_places_that_an_application_may_reach_are_told(
    browser: Browser, world: World, own: Own
) -> None:
    """UX-P04: its spaces."""
    made = await add_client(world, scope="openid", authorization_details_types=["files"])
    details = '[{"type":"files","actions":["read"],"space":"common-files"}]'
    await browser.exchange(made, await browser.code(made, authorization_details=details))
    (allowed,) = [
        one for one in (await own.done("GET", "applications"))["items"]
        if one["client_id"] == made.client.client_id
    ]  # fmt: skip
    assert "read your files in common-files" in allowed["may"]
