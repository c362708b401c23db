"""One's own password: by the one that stands, or by a sign-in of just now. UX-P06."""

from dataclasses import replace

import httpx2
import pytest

from keycell.accounts.audit import AuditEvent
from keycell.accounts.people import Account
from keycell.bootstrap import World

from ...conftest import PASSWORD, Browser
from ..tokens import sign_in
from .test_own_account import Own, own

__all__ = ["own"]

FRESH = "a few words in a row"


@pytest.mark.parametrize("signs_out", [True, False])
async def test_others_are_signed_out_by_choice(
    own: Own,
    browser: Browser,
    signs_out: bool,  # noqa: FBT001
) -> None:
    """UX-P06: and what it is done with goes on either way."""
    await browser.log_in(await browser.http.get("/oauth2/login"))
    said = {"password": PASSWORD, "new_password": FRESH, "signs_out_others": signs_out}
    assert (await change(own, **said)).status_code == 200
    assert (await browser.http.get("/account/basic")).status_code == (303 if signs_out else 200)
    assert (await own.ask("GET", "profile")).status_code == 200
    assert await sign_in(browser.http, "ann", FRESH)


@pytest.mark.parametrize(
    ("password", "new", "status"),
    [
        ("wrong", FRESH, 403), ("", FRESH, 403), (PASSWORD, "short", 400),
        (PASSWORD, "ann@example.org", 400), (PASSWORD, "password123", 400),
        (PASSWORD, "1111111111", 400), (PASSWORD, "x" * 2000, 400),
    ],
)  # fmt: skip
async def test_what_may_not_be_changes_nothing(
    own: Own, browser: Browser, password: str, new: str, status: int
) -> None:
    refused = await change(own, password=password, new_password=new)
    assert refused.status_code == status, refused.text
    assert await sign_in(browser.http, "ann", PASSWORD)


async def test_who_has_none_sets_one_by_a_sign_in_of_just_now(
    own: Own, world: World, ann: Account, browser: Browser
) -> None:
    """UX-P06, RFC9470-3."""
    at = world.people.clock()
    event = AuditEvent(at=at, actor="", action="account.changed")
    assert await world.people.accounts.update(ann, replace(ann, password_hash=None), event)
    assert (await own.done("GET", "profile"))["has_password"] is False
    assert (await change(own, new_password=FRESH)).status_code == 200
    assert await sign_in(browser.http, "ann", FRESH)


async def change(own: Own, **said: object) -> httpx2.Response:
    address = "/a/keycell/account/password"
    return await own.http.put(address, json=said, headers=own.headers)
