"""Which browsers their person may not know, and that saying so holds. UX-P02."""

from dataclasses import replace
from datetime import timedelta

import pytest

from keycell.accounts.audit import AuditEvent, Origin
from keycell.accounts.new_browsers import is_unknown
from keycell.accounts.people import Account
from keycell.accounts.sessions import Session

from ...accounts.test_people import NOW
from ...conftest import Browser
from .desk import Json
from .test_own_account import Own, own

__all__ = ["own"]

CHROME, FIREFOX = "Chrome/1 (Linux)", "Firefox/1 (Windows)"
SESSION = Session(
    sid="this", digest="d", sub="ann", auth_time=NOW, amr=("pwd",), acr="1", created_at=NOW,
    seen_at=NOW, ip="192.0.2.1", user_agent=CHROME,
)  # fmt: skip


def began(ip: str, agent: str, *, earlier: bool = True, sid: str = "other") -> AuditEvent:
    at = NOW - timedelta(days=1) if earlier else NOW + timedelta(days=1)
    return AuditEvent(
        at=at, actor="ann", action="session.started", target=sid, origin=Origin(ip, agent)
    )


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([], False),
        ([began("192.0.2.1", CHROME, sid="this")], False),
        ([began("192.0.2.99", CHROME)], False),
        ([began("192.0.2.1", FIREFOX)], True),
        ([began("198.51.100.1", CHROME)], True),
        ([began("198.51.100.1", CHROME), began("192.0.2.7", CHROME)], False),
        ([began("198.51.100.1", CHROME), began("192.0.2.1", CHROME, earlier=False)], True),
    ],
)
def test_what_is_unlike_all_before_is_unknown(others: list[AuditEvent], expected: bool) -> None:  # noqa: FBT001
    """UX-P02: by the kind of browser and the network; what came later makes nothing known."""
    assert is_unknown(SESSION, others) is expected
    assert not is_unknown(replace(SESSION, sid="first"), [])


async def test_one_says_that_one_knows_them_all(own: Own, browser: Browser, ann: Account) -> None:
    for agent in (CHROME, FIREFOX):
        browser.http.cookies.clear()
        browser.http.headers["User-Agent"] = agent
        await browser.log_in(await browser.http.get("/oauth2/login"))

    async def unknown() -> list[Json]:
        listed = (await own.done("GET", "sessions"))["items"]
        return [one for one in listed if one.get("is_unknown")]

    assert [one["label"] for one in await unknown()] == ["Firefox, Windows"]
    assert (await own.done("GET", "security"))["unknown_sessions"] == 1
    await own.done("PUT", "sessions/known")
    assert await unknown() == []
    assert (await own.done("GET", "security"))["unknown_sessions"] == 0
