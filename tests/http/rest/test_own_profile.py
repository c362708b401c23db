"""What one says of oneself, who sees it, and that pages and letters follow it. UX-P01."""

from dataclasses import replace

import httpx2
import pytest

from keycell.accounts.mailing import spoken, written
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.http.render import LANGUAGE_COOKIE, THEME_COOKIE

from ...conftest import Browser, add_client
from ..test_web import built, session, sign_in, with_frontend
from .test_own_account import Own, own

__all__ = ["built", "own", "with_frontend"]


async def change(own: Own, **said: str | None) -> httpx2.Response:
    address = "/a/keycell/account/profile"
    return await own.http.put(address, json=said, headers=own.headers)


async def test_what_one_chose_is_kept_and_told_to_whom_it_is_allowed(
    browser: Browser, world: World, own: Own
) -> None:
    """UX-P01, OIDCC-5.1: the claims that there are for it; beside each, who sees it."""
    made = [await add_client(world, scope=scope) for scope in ("openid profile", "openid email")]
    tokens = [
        (await browser.exchange(one, await browser.code(one, scope=scope))).json()["access_token"]
        for one, scope in zip(made, ("openid profile", "openid email"), strict=True)
    ]
    said = {"name": "Ann A", "locale": "fr", "zoneinfo": "Europe/Paris", "theme": "dark"}
    found = (await change(own, **said)).json()
    assert found == await own.done("GET", "profile")
    assert (found["name"], found["theme"]) == ("Ann A", "dark")
    assert (found["person"]["locale"], found["person"]["zoneinfo"]) == ("fr", "Europe/Paris")
    told = [(await browser.userinfo(token)).json() for token in tokens]
    assert [one.get("zoneinfo") for one in told] == ["Europe/Paris", None]
    assert [one.get("locale") for one in told] == ["fr", None]
    seeing = {one["client_id"]: one["may_see"] for one in found["applications"]}
    profile, email = (seeing[one.client.client_id] for one in made)
    assert {"name", "locale", "zoneinfo", "picture", "preferred_username"} <= set(profile)
    assert set(email) == {"email", "email_verified"}


async def test_what_is_left_out_stays_and_what_is_empty_goes(own: Own) -> None:
    await change(own, locale="de", zoneinfo="Asia/Tokyo", theme="light")
    await change(own, name="Ann B")
    found = (await change(own, locale="")).json()
    assert (found["name"], found["theme"]) == ("Ann B", "light")
    assert (found["person"].get("locale"), found["person"]["zoneinfo"]) == (None, "Asia/Tokyo")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("theme", "pink"), ("locale", "<b>"), ("zoneinfo", "../../etc/passwd"),
        ("zoneinfo", "x" * 999), ("name", "n" * 999),
    ],
)  # fmt: skip
async def test_what_is_none_is_refused_and_nothing_is_kept(
    own: Own, name: str, value: str
) -> None:
    before = await own.done("GET", "profile")
    refused = await change(own, **({"name": "Eve", "theme": "dark"} | {name: value}))
    assert refused.status_code == 400, refused.text
    assert await own.done("GET", "profile") == before


async def test_letters_follow_it(own: Own, world: World, ann: Account) -> None:
    """UX-P01: in one's language, by one's clock; what is no zone that we know changes nothing."""
    noon = world.people.clock().replace(month=1, hour=12, minute=0)
    assert written(noon, replace(ann, claims={})).endswith("12:00 UTC")
    await change(own, locale="es", zoneinfo="Asia/Tokyo")
    account = await world.people.accounts.find(ann.sub)
    assert account is not None
    assert written(noon, account).endswith("21:00 JST")
    assert spoken(account, "en") == "es"
    await change(own, zoneinfo="Atlantis/Capital")
    account = await world.people.accounts.find(ann.sub)
    assert account is not None
    assert written(noon, account).endswith("12:00 UTC")


async def test_the_web_follows_it_and_pages_for_whoever_is_signed_out_do(
    own: Own, with_frontend: Browser
) -> None:
    """UX-P01, UX-Q04: in a browser that never heard of it, from the first sign-in on."""
    browser = with_frontend
    await change(own, locale="de", zoneinfo="Asia/Tokyo", theme="dark")
    fresh = await browser.http.get("/oauth2/login")
    assert 'lang="en"' in fresh.text
    assert 'name="color-scheme" content="light dark"' in fresh.text
    await sign_in(browser)
    found = await session(browser)
    assert (found["language"], found["zone"], found["theme"]) == ("de", "Asia/Tokyo", "dark")
    page = await browser.http.get("/files")
    assert '<html lang="de"' in page.text
    kept = {LANGUAGE_COOKIE: "de", THEME_COOKIE: "dark"}
    assert {name: browser.http.cookies.get(name) for name in kept} == kept
    await browser.http.post("/web/logout", headers={"X-Requested-With": "keycell"})
    browser.http.cookies.delete("keycell_session")
    left = await browser.http.get("/oauth2/login")
    assert 'lang="de"' in left.text
    assert 'name="color-scheme" content="dark"' in left.text


async def test_one_says_which_letters_one_wants(own: Own) -> None:
    """UX-P11."""

    async def choose(off: object) -> httpx2.Response:
        address = "/a/keycell/account/letters"
        return await own.http.put(address, json={"off": off}, headers=own.headers)

    listed = await own.done("GET", "letters")
    assert all(one["is_on"] for one in listed["items"])
    assert "Your password is changed" in listed["always"]
    kept = (await choose(["links", "comments"])).json()
    off = {one["name"] for one in kept["items"] if not one["is_on"]}
    assert off == {"links", "comments"}
    for wrong in (["security"], ["nothing of ours"], "links", None):
        assert (await choose(wrong)).status_code in (400, 422), wrong
    assert await own.done("GET", "letters") == kept
