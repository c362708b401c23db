"""The description of the REST calls, and the calls held against it."""

import json
import re
from collections import Counter

from keycell.accounts.people import Account
from keycell.administration import calls as administration
from keycell.http import calling
from keycell.http.app import ROUTES
from keycell.http.rest import schemas, schemas_people
from keycell.own import calls as own

from ...conftest import Browser
from ..tokens import sign_in

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


async def test_every_answer_is_described_by_its_members(browser: Browser) -> None:
    """That each answer of the other tests is as it is described, ``described.hold`` sees to."""
    told = (await browser.http.get("/a/openapi.json")).json()
    answers = {
        f"{method.upper()} {path}": one["responses"].get("200", {}).get("content", {})
        for path, item in told["paths"].items()
        for method, one in item.items()
        if method != "parameters"
    }
    bare = {"application/json": {"schema": {"type": "object"}}}
    assert [call for call, answer in answers.items() if answer == bare] == []
    assert [call for call, answer in answers.items() if not answer] == ["POST /a/frontend/enroll"]
    named = told["components"]["schemas"]
    used = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(told)))
    assert used == set(named)


async def test_what_the_calls_say_that_they_give_has_names_of_its_own() -> None:
    """A name that stands for two forms would describe one of them falsely."""
    _, named = calling.answer_schemas({
        administration.PREFIX: administration.CALLS, own.PREFIX: own.CALLS,
    })  # fmt: skip
    assert named.keys().isdisjoint({*schemas.SCHEMAS, *schemas_people.SCHEMAS})
    assert [name for name in named if not re.fullmatch(r"\w+", name)] == []


_KEPT_SOME_TIME = {"/a/openapi.json", "/a/frontend/binaries/{kind}/{owner}"}
"""What is the same for everybody, and pictures, which say for how long."""


async def test_no_answer_is_kept_by_a_cache_but_what_says_for_how_long(
    browser: Browser, root: Account
) -> None:
    """RFC9111-5.2.2.5: of every call, done or refused, with a token and without."""
    assert root
    token, statuses = "", Counter[int]()
    told = (await browser.http.get("/a/openapi.json")).json()
    for path, item in told["paths"].items():
        address = re.sub(r"\{\w+\}", "x", path)
        for method in item.keys() - {"parameters"}:
            for shown in ("", token or await sign_in(browser.http, "root")):
                headers = {"Authorization": f"Bearer {shown}"} if shown else {}
                said = b"" if method == "get" else b"{}"
                headers["Content-Type"] = "application/json"
                answer = await browser.http.request(method, address, headers=headers, content=said)
                statuses[answer.status_code] += 1
                # One that ends tokens had this one.
                token = "" if answer.status_code == 401 else shown
                if path not in _KEPT_SOME_TIME:
                    assert "no-store" in answer.headers["cache-control"], (method, path)
    assert statuses[200] > 40, statuses
