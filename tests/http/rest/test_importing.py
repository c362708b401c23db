"""People from a table, by an administrator: UX-X07. Nobody is added by half."""

import asyncio

from keycell.accounts.people import Account
from keycell.bootstrap import World

from ...conftest import Browser
from .desk import Desk

TABLE = "login,name,email,group,roles\nbob,Bob,bob@example.org,/staff,editor\ncid,Cid,,,\n"


async def test_a_table_is_looked_at_first(desk: Desk, ann: Account, world: World) -> None:
    await desk.done("POST", "groups", path="/staff")
    table = TABLE + "ann,Ann,,,\n"
    looked = await desk.done("POST", "user-import", table=table, is_dry_run=True)
    assert looked["counts"] == {"new": 2, "there": 1, "refused": 0}
    assert not looked["is_done"]
    assert (await desk.ask("GET", "users/bob")).status_code == 404
    done = await desk.done("POST", "user-import", table=table)
    assert done["is_done"]
    bob = await desk.done("GET", "users/bob")
    assert (bob["email"], bob["group"], bob["roles"]) == ("bob@example.org", "/staff", ["editor"])
    assert (await desk.done("GET", "users/ann"))["name"] == ann.name
    events = await world.audit.page(None, 10)
    assert {event.target for _, event in events if event.action == "account.added"} >= {
        "bob", "cid"
    }  # fmt: skip
    again = await desk.done("POST", "user-import", table=table)
    assert again["counts"] == {"new": 0, "there": 3, "refused": 0}


async def test_one_bad_row_adds_nobody(desk: Desk) -> None:
    rows = "bad login,,,,\neve,,no-address,,\ndan,,,/nowhere,\nBOB,,,,\nkim,,,,no role!\n"
    await desk.done("POST", "groups", path="/staff")
    done = await desk.done("POST", "user-import", table=TABLE + rows)
    assert not done["is_done"]
    refused = {one["line"]: one["why"] for one in done["items"] if one["result"] == "refused"}
    assert sorted(refused) == [4, 5, 6, 7, 8]
    assert "no group /nowhere" in refused[6]
    assert "the same login as in line 2" in refused[7]
    for login in ("bob", "cid", "kim"):
        assert (await desk.ask("GET", f"users/{login}")).status_code == 404


async def test_a_table_with_a_password_is_refused(desk: Desk) -> None:
    answer = await desk.ask("POST", "user-import", table="login,password\nbob,secret-thing")
    assert answer.status_code == 400
    assert "no column password" in answer.text
    assert "secret-thing" not in answer.text


async def test_of_twenty_at_once_one_adds_all(desk: Desk) -> None:
    """What others add meanwhile undoes all of it: nobody is there twice, or by half."""
    tables = ["login\n" + "\n".join([f"own{n}", *(f"p{m}" for m in range(20))]) for n in range(20)]
    answers = await asyncio.gather(*(desk.ask("POST", "user-import", table=t) for t in tables))
    assert {one.status_code for one in answers} <= {200, 409}
    logins = [one["login"] for one in (await desk.done("GET", "users"))["items"]]
    assert sum(login.startswith("p") for login in logins) == 20
    for number, answer in enumerate(answers):
        assert (f"own{number}" in logins) == (answer.status_code == 200)


async def test_who_was_imported_gets_in_by_a_link(desk: Desk, browser: Browser) -> None:
    """Nobody knows a password of theirs, and none opens the account."""
    await desk.done("POST", "user-import", table="login\nbob")
    answer = await browser.http.post(
        "/a/frontend/session", json={"AuthInfo": {"type": "credentials", "login": "bob",
                                                  "password": ""}}
    )  # fmt: skip
    assert answer.status_code in (400, 401, 403)
    link = await desk.done("POST", "users/bob/link")
    assert link


async def test_people_in_order_and_by_state(desk: Desk, ann: Account) -> None:
    """UX-X04: each order in both directions, a part at a time, with nobody twice or left out."""
    names = {"bob": "zoe", "cid": "Abe", "dan": "zoe", "eve": "Mia"}
    rows = "\n".join(f"{login},{name}" for login, name in names.items())
    await desk.done("POST", "user-import", table=f"login,name\n{rows}")
    await desk.done("POST", "users/cid/disable")

    async def seen(**asked: object) -> list[str]:
        found: list[str] = []
        after: str | None = ""
        while after is not None:
            part = await desk.done("GET", "users", most=2, after=after, **asked)
            found += [one["login"] for one in part["items"]]
            after = part["next"]
        return found

    everybody = ["ann", "bob", "cid", "dan", "eve", "root"]
    assert await seen() == everybody
    for sort in ("login", "name", "created"):
        found = await seen(sort=sort)
        assert sorted(found) == everybody
        assert await seen(sort=sort, is_backwards="true") == found[::-1]
    by_name = await seen(sort="name")
    assert [one for one in by_name if one in names] == ["cid", "eve", "bob", "dan"]
    assert await seen(state="disabled") == ["cid"]
    assert await seen(state="administrator") == ["root"]
    assert await seen(state="active", search="zoe", sort="name") == ["bob", "dan"]
    assert await seen(state="leaving") == []
    assert (await desk.ask("GET", "users", sort="password_hash")).status_code == 400


async def test_applications_by_state(desk: Desk) -> None:
    uris = {"redirect_uris": ["https://app.example/cb"]}
    for client_id in ("blog", "wiki"):
        await desk.done("POST", "clients", metadata=uris, client_id=client_id)
    await desk.done("PUT", "clients/wiki", is_disabled=True)

    async def seen(state: str) -> list[str]:
        found = await desk.done("GET", "clients", state=state)
        return [one["client_id"] for one in found["items"] if not one["is_first_party"]]

    assert await seen("active") == ["blog"]
    assert await seen("disabled") == ["wiki"]
    assert await seen("own") == []
    assert await seen("") == ["blog", "wiki"]


async def test_applications_in_order(desk: Desk) -> None:
    """Each order in both directions, a part at a time, with none twice or left out."""
    wanted: dict[str, tuple[str, dict[str, object]]] = {
        "a3": ("Wiki", {}), "a1": ("zoo", {}), "a2": ("Wiki", {}),
        "b1": ("abacus", {"token_endpoint_auth_method": "none"}),
        "c1": ("", {"grant_types": ["client_credentials"], "response_types": []}),
    }  # fmt: skip
    for client_id, (name, more) in wanted.items():
        more |= {"client_name": name, "redirect_uris": ["https://app.example/cb"]}
        await desk.done("POST", "clients", metadata=more, client_id=client_id)

    async def seen(**asked: object) -> list[str]:
        found: list[str] = []
        after: str | None = ""
        while after is not None:
            part = await desk.done("GET", "clients", most=2, after=after, **asked)
            found += [one["client_id"] for one in part["items"]]
            after = part["next"]
        return found

    all_of_them = sorted(await seen())
    orders = {"client_id": ["a1", "a2", "a3", "b1", "c1"], "name": ["b1", "c1", "a2", "a3", "a1"],
              "kind": ["a2", "a3", "a1", "b1", "c1"], "created": [*wanted]}  # fmt: skip
    for sort, in_order in orders.items():
        found = await seen(sort=sort)
        assert sorted(found) == all_of_them
        assert [one for one in found if one in wanted] == in_order
        assert await seen(sort=sort, is_backwards="true") == found[::-1]
    kinds = [(await desk.done("GET", f"clients/{one}"))["kind"] for one in ("a1", "b1", "c1")]
    assert kinds == ["server", "device", "service"]
    assert (await seen(sort="kind"))[5:] == await seen(sort="name", state="own")
    assert await seen(sort="name", search="wiki", is_backwards="true") == ["a3", "a2"]
    assert (await desk.ask("GET", "clients", sort="secret")).status_code == 400


async def test_a_list_whose_last_one_is_gone_is_begun_anew(desk: Desk) -> None:
    told = await desk.ask("GET", "clients", sort="name", after="gone")
    assert told.status_code == 400
    assert "begin anew" in told.text
