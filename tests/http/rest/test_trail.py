"""The trail as administrators search it: by name or identifier, in a time, by what it counts."""

import asyncio
import json
from datetime import timedelta

import pytest

from keycell.accounts.audit import MOST_NAMES
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.http import trail_events

from ...conftest import PASSWORD, Browser, add_client
from .desk import Desk

WIKI = {"client_name": "Our Wiki", "redirect_uris": ["https://wiki.example/cb"]}


async def actions(desk: Desk, **asked: object) -> list[str]:
    return [one["action"] for one in (await desk.done("GET", "audit", **asked))["items"]]


async def test_a_name_finds_what_an_identifier_finds(desk: Desk, ann: Account) -> None:
    """UX-X41, UX-B18: by login, full name, address and identifier of a person or application."""
    await desk.done("PUT", "users/ann", name="Ann Example", email="ann@example.org")
    by_sub = await actions(desk, who=ann.sub)
    assert "account.changed" in by_sub
    for name in ("ann", "ann example", "ANN@example.org"):
        assert await actions(desk, who=name) == by_sub, name
    await desk.done("POST", "clients", metadata=WIKI, client_id="wiki-1")
    assert await actions(desk, who="our wiki") == await actions(desk, who="wiki-1")
    assert await actions(desk, who="our") == []
    (added,) = (await desk.done("GET", "audit", action="client.added"))["items"]
    assert added["sentence"] == "root registered the client Our Wiki"
    assert added["target"] == "wiki-1"
    request_id = added["origin"]["request_id"]
    assert request_id
    assert await actions(desk, who=request_id) == ["client.added"]


async def test_all_who_are_called_the_same_are_found(desk: Desk) -> None:
    """UX-X41: none of them looks as if they had done nothing."""
    for number in range(6):
        made = {"login": f"alex-{number}", "name": "Alex Doe", "password": PASSWORD}
        await desk.done("POST", "users", **made)
    assert await actions(desk, who="alex doe") == ["account.added"] * 6
    for number in range(MOST_NAMES):
        named = {**WIKI, "client_name": "Alex Doe"}
        await desk.done("POST", "clients", metadata=named, client_id=f"app-{number}")
    assert (await desk.ask("GET", "audit", who="alex doe")).status_code == 400


async def test_a_change_is_told_as_it_was_and_as_it_is(
    desk: Desk, world: World, ann: Account
) -> None:
    """UX-X41: a diff for what administrators change, with people by their logins."""
    await desk.done("POST", "clients", metadata=WIKI, client_id="wiki")
    await desk.done("PUT", "clients/wiki", metadata={"client_name": "Notes"})
    await desk.done("PUT", "clients/wiki/access", people=["ann"])
    await desk.done("PUT", "roles/editor", label="Editor")
    await desk.done("PUT", "users/ann", roles=["editor"], is_admin=True)
    found = (await desk.done("GET", "audit", most=4))["items"]
    assert [one["detail"]["changes"] for one in found] == [
        {"roles": [[], ["editor"]], "is_admin": [False, True]},
        {"label": [None, "Editor"]},
        {"access.people": [[], ["ann"]]},
        {"client_name": ["Our Wiki", "Notes"]},
    ]
    kept = [event for _, event in await world.people.audit.page(None, 4)]
    assert kept[2].detail["changes"] == {"access.people": [[], [ann.sub]]}


async def test_what_is_found_is_counted(
    desk: Desk, world: World, browser: Browser, ann: Account
) -> None:
    """UX-X41: a facet is counted as if it were not chosen."""
    made = await add_client(world)
    await browser.exchange(made, await browser.code(made))
    await desk.done("PUT", "users/ann", name="Ann")
    told = await desk.done("GET", "audit/facets", action="account")
    kinds = {one["value"]: one["count"] for one in told["kinds"]}
    assert kinds["grant"] >= 2
    assert kinds["account"] >= 1
    assert {one["name"] for one in told["actors"]} >= {"root"}
    told = await desk.done("GET", "audit/facets", action="grant")
    counts = {one["value"]: (one["name"], one["count"]) for one in told["clients"]}
    assert counts[made.client.client_id] == (made.client.name, 2)
    assert {one["value"] for one in told["results"]} == {"done"}
    told = await desk.done("GET", "audit/facets", who="nobody at all")
    assert told["kinds"] == []


async def test_a_time_and_an_address_narrow_it(desk: Desk, world: World, ann: Account) -> None:
    """UX-X41."""
    await desk.done("PUT", "users/ann", name="Ann")
    (found,) = (await desk.done("GET", "audit", action="account.changed"))["items"]
    (_, event), *_ = await world.people.audit.page(None, 1)
    later = (event.at + timedelta(seconds=1)).isoformat()
    at = event.at.isoformat()
    assert await actions(desk, action="account.changed", from_at=at) == ["account.changed"]
    assert await actions(desk, action="account.changed", until_at=later) == ["account.changed"]
    assert await actions(desk, action="account.changed", from_at=later) == []
    assert await actions(desk, action="account.changed", until_at=at) == []
    ip = found["origin"]["ip"]
    assert await actions(desk, action="account.changed", ip=ip) == ["account.changed"]
    assert await actions(desk, action="account.changed", ip="192.0.2.99") == []
    assert (await desk.ask("GET", "audit", from_at="2026-01-01T00:00:00")).status_code == 400
    assert (await desk.ask("GET", "audit", from_at="yesterday")).status_code == 400


async def test_an_application_is_heard_as_it_acts(
    desk: Desk, world: World, browser: Browser, ann: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """UX-X26: within two seconds, each event once, and on from the last one that was heard."""
    monkeypatch.setattr(trail_events, "LASTS", 2.0)
    made = await add_client(world)
    at = f"clients/{made.client.client_id}/events"

    async def act() -> None:
        await browser.exchange(made, await browser.code(made))

    heard, _ = await asyncio.gather(desk.ask("GET", at), act())
    assert heard.headers["content-type"].startswith("text/event-stream")
    events = told(heard.text)
    actions = [one["action"] for one in events]
    assert actions.count("grant.started") == actions.count("grant.exchanged") == 1
    assert actions.index("grant.started") < actions.index("grant.exchanged")
    first = events[0]["event_id"]
    monkeypatch.setattr(trail_events, "LASTS", 0.1)
    desk.headers["Last-Event-ID"] = first
    again = (await desk.ask("GET", at)).text
    assert [line[4:] for line in again.splitlines() if line[:4] == "id: "] == [
        one["event_id"] for one in events[1:]
    ]
    assert (await desk.ask("GET", "clients/none/events")).status_code == 404
    assert (await desk.ask("GET", "clients/%20/events")).status_code == 404


def told(stream: str) -> list[dict[str, str]]:
    """Give the events that a stream has told."""
    return [json.loads(line[6:]) for line in stream.splitlines() if line[:6] == "data: "]


async def test_all_that_happens_is_heard_by_the_filters_of_the_list(
    desk: Desk, ann: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """UX-X41: as the list has it, each event once, from now on or from one that is named."""
    monkeypatch.setattr(trail_events, "LASTS", 0.1)
    await desk.done("PUT", "users/ann", name="Ann")
    await desk.done("PUT", "roles/editor", label="Editor")
    (first, *_) = (await desk.done("GET", "audit", action="account.changed"))["items"]
    assert told((await desk.ask("GET", "audit/events")).text) == []
    heard = told((await desk.ask("GET", "audit/events", since="0", action="account")).text)
    assert heard[-1] == first
    assert {one["action"].partition(".")[0] for one in heard} == {"account"}
    since = {"since": first["event_id"]}
    heard = told((await desk.ask("GET", "audit/events", **since)).text)
    assert [one["action"] for one in heard] == ["role.changed"]
    assert told((await desk.ask("GET", "audit/events", **since, who="ann")).text) == []
    assert (await desk.ask("GET", "audit/events", most="x")).status_code == 400


async def test_each_token_is_shown_and_what_none_tells(desk: Desk, ann: Account) -> None:
    """UX-X23, UX-B22: the memberships that do not arrive, and the scope that would bring them."""
    wiki = {**WIKI, "scope": "openid email"}
    await desk.done("POST", "clients", metadata=wiki, client_id="wiki", is_opaque=True)
    await desk.done("PUT", "roles/editor", label="Editor")
    await desk.done("PUT", "users/ann", roles=["editor"])
    told = await desk.done("GET", "clients/wiki/preview", login="ann")
    assert told["access_token"]["aud"] == "http://127.0.0.1:8080"
    assert "email" not in told["access_token"]
    assert told["access_token_format"] == "opaque"
    assert told["userinfo"]["email"] == "ann@example.org"
    missing = {one["scope"]: one for one in told["not_told"]}
    assert missing["roles"] == {"scope": "roles", "claims": ["roles"], "may_ask": False}
    assert "name" in missing["profile"]["claims"]
    says_all = {"id_token_scope_claims": True, "scope": "openid email roles"}
    await desk.done("PUT", "clients/wiki", metadata=says_all)
    told = await desk.done("GET", "clients/wiki/preview", login="ann", scope="openid email")
    assert told["id_token"]["email"] == "ann@example.org"
    missing = {one["scope"]: one for one in told["not_told"]}
    assert missing["roles"]["may_ask"]
