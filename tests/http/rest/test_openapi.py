"""The description of the REST calls, and the calls held against it."""

import re

from keycell.http.app import ROUTES

from ...conftest import Browser

TAKES_NONE = {
    "POST /a/user-meta/bookmarks", "PUT /a/auth/reset-password-token/{login}", "POST /a/role",
    "POST /a/workspace", "POST /a/frontend/enroll",
}  # fmt: skip
"""Calls of the old system that say all by their address."""


async def test_every_call_is_described_and_anybody_may_read_it(browser: Browser) -> None:
    answer = await browser.http.get("/a/openapi.json")
    assert answer.status_code == 200
    told = answer.json()
    assert told["openapi"] == "3.1.0"
    rows = {
        (re.sub(r":path", "", row.path), method.lower())
        for row in ROUTES
        if row.path.startswith("/a/")
        for method in row.endpoints
    }
    described = {
        (path, method)
        for path, item in told["paths"].items()
        for method in item
        if method != "parameters"
    }
    assert described == rows
    names = [one["operationId"] for item in told["paths"].values()
             for method, one in item.items() if method != "parameters"]  # fmt: skip
    assert len(set(names)) == len(names)
    for item in told["paths"].values():
        for method, one in item.items():
            assert method == "parameters" or one["summary"], one


async def test_every_body_is_described_that_is_read(browser: Browser) -> None:
    told = (await browser.http.get("/a/openapi.json")).json()
    described = {
        f"{method.upper()} {path}"
        for path, item in told["paths"].items()
        for method in item
        if method in ("post", "put") and "requestBody" not in item[method]
    }
    assert described == TAKES_NONE
