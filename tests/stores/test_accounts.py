"""Accounts, groups, sessions, throttles, consents: what two at once may not break."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from keycell.accounts.errors import Invalid, LoginTaken, NoSuchGroup, Throttled
from keycell.accounts.groups import Group, Role
from keycell.accounts.lists import Order, Sought, cursor_of
from keycell.accounts.sessions import Session
from keycell.accounts.throttle import PAIR, Slot
from keycell.oauth.interaction import Consent
from keycell.stores.accounts import SqlAccountStore
from keycell.stores.audit import SqlAuditTrail
from keycell.stores.consents import SqlConsentStore
from keycell.stores.database import Database
from keycell.stores.grants import SqlGrantStore
from keycell.stores.groups import SqlGroupStore
from keycell.stores.opening import open_database
from keycell.stores.sessions import SqlSessionStore
from keycell.stores.setup import SqlSetupStore
from keycell.stores.throttles import SqlSeenIds, SqlThrottleStore

from .conftest import ANN, EVENT, GRANT, LATER, NOW


def session(number: int, sub: str = "ann") -> Session:
    return Session(
        sid=f"sid{number}", digest=f"digest{number}", sub=sub, auth_time=LATER, amr=("pwd",),
        acr="acr", created_at=LATER, seen_at=LATER, ip="192.0.2.1", user_agent="test",
    )  # fmt: skip


async def test_an_account_comes_back_as_it_was_kept(database: Database) -> None:
    accounts = SqlAccountStore(database)
    assert await accounts.is_empty()
    await accounts.add(ANN, EVENT)
    assert not await accounts.is_empty()
    assert await accounts.find("ann") == ANN
    assert await accounts.find_by_login("\uff21\uff2e\uff2e") == ANN
    assert await accounts.page("", 10) == [ANN]
    assert await accounts.page("ann", 10) == []


async def test_of_twenty_of_one_login_one_is_added(database: Database) -> None:
    accounts = SqlAccountStore(database)
    adds = (accounts.add(replace(ANN, sub=f"sub{n}"), EVENT) for n in range(20))
    outcomes = await asyncio.gather(*adds, return_exceptions=True)
    assert [type(one) for one in outcomes].count(LoginTaken) == 19


async def test_no_change_overwrites_another(database: Database) -> None:
    accounts = SqlAccountStore(database)
    await accounts.add(ANN, EVENT)
    changes = [
        replace(ANN, name=f"Ann {n}", updated_at=NOW + timedelta(seconds=n + 1)) for n in range(20)
    ]
    outcomes = await asyncio.gather(*(accounts.update(ANN, one, EVENT) for one in changes))
    assert outcomes.count(True) == 1
    assert await accounts.find("ann") == changes[outcomes.index(True)]


async def test_a_login_cannot_be_taken_by_renaming(database: Database) -> None:
    accounts = SqlAccountStore(database)
    await accounts.add(ANN, EVENT)
    bob = replace(ANN, sub="bob", login="bob")
    await accounts.add(bob, EVENT)
    with pytest.raises(LoginTaken):
        await accounts.update(bob, replace(bob, login="ANN"), EVENT)
    assert await accounts.update(bob, replace(bob, login="BOB"), EVENT)


async def test_a_new_password_ends_the_sessions(database: Database) -> None:
    accounts, sessions = SqlAccountStore(database), SqlSessionStore(database)
    await accounts.add(ANN, EVENT)
    for n in range(3):
        await sessions.start(session(n), None, EVENT)
    changed = replace(ANN, password_hash="other", updated_at=LATER)
    assert await accounts.change_password(ANN, changed, "sid1", EVENT)
    assert not await accounts.change_password(ANN, changed, None, EVENT)
    assert [one.sid for one in await sessions.of_account("ann", LATER)] == ["sid1"]


async def test_a_disabled_account_has_neither_sessions_nor_grants(database: Database) -> None:
    accounts, sessions = SqlAccountStore(database), SqlSessionStore(database)
    grants = SqlGrantStore(database)
    await accounts.add(ANN, EVENT)
    await sessions.start(session(1), None, EVENT)
    await grants.start(GRANT, EVENT)
    await accounts.disable("ann", LATER, EVENT)
    assert (await accounts.find("ann")).disabled_at == LATER  # type: ignore[union-attr]
    assert await sessions.of_account("ann", LATER) == []
    assert await grants.standing(GRANT.grant_id, "jti") is None
    await accounts.remove("ann", LATER, LATER, EVENT)
    assert await accounts.find("ann") is None


async def test_of_twenty_one_makes_the_first_administrator(database: Database) -> None:
    """decisions/0018."""
    setup = SqlSetupStore(database)
    await setup.offer("old", LATER)
    await setup.offer("secret", LATER)
    assert not await setup.is_offered("old", NOW)
    assert await setup.is_offered("secret", NOW)
    assert not await setup.is_offered("secret", LATER)
    made = (
        setup.complete("secret", replace(ANN, sub=f"s{n}", login=f"ann{n}"), NOW, EVENT)
        for n in range(20)
    )
    assert (await asyncio.gather(*made)).count(True) == 1
    assert len(await SqlAccountStore(database).page("", 100)) == 1


async def test_groups_are_a_tree(database: Database) -> None:
    groups, accounts = SqlGroupStore(database), SqlAccountStore(database)
    with pytest.raises(NoSuchGroup):
        await accounts.add(replace(ANN, group_path="/staff/lab"), EVENT)
    assert await groups.add_group(Group("/staff/lab", "The lab"), EVENT)
    assert not await groups.add_group(Group("/staff/lab", "Again"), EVENT)
    assert [one.path for one in await groups.groups()] == ["/staff", "/staff/lab"]
    await accounts.add(replace(ANN, group_path="/staff/lab"), EVENT)
    assert not await groups.remove_group("/staff", EVENT)
    assert not await groups.remove_group("/staff/lab", EVENT)
    await accounts.remove("ann", NOW, NOW, EVENT)
    assert await groups.remove_group("/staff/lab", EVENT)


async def test_nobody_ends_up_in_a_group_that_is_gone(database: Database, url: str) -> None:
    other = await open_database(url)
    groups, accounts = SqlGroupStore(database), SqlAccountStore(other)
    for n in range(20):
        await groups.add_group(Group(f"/g{n}", "g"), EVENT)
        joined, removed = await asyncio.gather(
            accounts.add(replace(ANN, sub=f"s{n}", login=f"a{n}", group_path=f"/g{n}"), EVENT),
            groups.remove_group(f"/g{n}", EVENT),
            return_exceptions=True,
        )
        assert isinstance(joined, NoSuchGroup) == removed
    await other.close()


async def test_a_removed_role_is_nobodys(database: Database) -> None:
    groups, accounts = SqlGroupStore(database), SqlAccountStore(database)
    await groups.put_role(Role("editor", "Editor"), EVENT)
    await groups.put_role(Role("editor", "Editors"), EVENT)
    assert await groups.roles() == [Role("editor", "Editors")]
    await accounts.add(ANN, EVENT)
    assert await groups.remove_role("editor", EVENT)
    assert not await groups.remove_role("editor", EVENT)
    assert (await accounts.find("ann")).roles == ("reader",)  # type: ignore[union-attr]


async def test_a_session_is_found_with_its_account_and_not_without(database: Database) -> None:
    accounts, sessions = SqlAccountStore(database), SqlSessionStore(database)
    await sessions.start(session(1), None, EVENT)
    assert await sessions.find("digest1") is None
    await accounts.add(ANN, EVENT)
    assert await sessions.find("digest1") == (session(1), ANN)
    assert await sessions.find("digest2") is None


async def test_a_session_ends_once_and_takes_its_grants(database: Database) -> None:
    """OIDCC-11: a grant with offline access outlives it."""
    sessions, grants = SqlSessionStore(database), SqlGrantStore(database)
    await sessions.start(session(1), None, EVENT)
    await sessions.start(session(2), "digest1", EVENT)
    assert (await sessions.find_by_sid("sid1")).ended_at is not None  # type: ignore[union-attr]
    await grants.start(replace(GRANT, sid="sid2"), EVENT)
    ended = await asyncio.gather(*(sessions.end("sid2", LATER, EVENT) for _ in range(20)))
    assert ended.count(True) == 1
    assert await grants.standing(GRANT.grant_id, "jti") is None


async def test_others_end_and_one_stays(database: Database) -> None:
    sessions = SqlSessionStore(database)
    for n in range(5):
        await sessions.start(session(n), None, EVENT)
    await sessions.touch(session(3), LATER + timedelta(minutes=1))
    assert await sessions.end_others("ann", "sid3", LATER, EVENT) == 4
    assert await sessions.end_others("ann", "sid3", LATER, EVENT) == 0
    kept = await sessions.of_account("ann", LATER)
    assert [one.seen_at for one in kept] == [LATER + timedelta(minutes=1)]


async def test_twenty_attempts_at_once_count_as_twenty_in_a_row(
    database: Database, url: str
) -> None:
    other = await open_database(url)
    stores = [SqlThrottleStore(database), SqlThrottleStore(other)]
    slots = (Slot("pair", PAIR), Slot("net", PAIR))
    outcomes = await asyncio.gather(
        *(stores[n % 2].take(slots, LATER) for n in range(20)), return_exceptions=True
    )
    await other.close()
    assert outcomes.count(None) == PAIR.free
    assert [type(one) for one in outcomes].count(Throttled) == 20 - PAIR.free
    assert await stores[0].count("pair", LATER) == PAIR.free
    await stores[0].give_back(["pair"], ["net"])
    assert await stores[0].count("pair", LATER) == 0
    assert await stores[0].count("net", LATER) == PAIR.free - 1


async def test_a_refused_attempt_counts_under_no_key(database: Database) -> None:
    throttles = SqlThrottleStore(database)
    for _ in range(PAIR.free):
        await throttles.take((Slot("b", PAIR),), LATER)
    with pytest.raises(Throttled):
        await throttles.take((Slot("a", PAIR), Slot("b", PAIR)), LATER)
    assert await throttles.count("a", LATER) == 0


async def test_an_identifier_is_seen_once(database: Database) -> None:
    """RFC7523-3."""
    seen = SqlSeenIds(database)
    outcomes = await asyncio.gather(*(seen.see("jti", "app", "1", LATER) for _ in range(20)))
    assert outcomes.count(True) == 1
    assert await seen.see("jti", "other", "1", LATER)


async def test_two_consents_at_once_add_to_each_other(database: Database, url: str) -> None:
    other = await open_database(url)
    stores = [SqlConsentStore(database), SqlConsentStore(other)]
    given = [
        stores[n % 2].allow("ann", "app", Consent(frozenset({f"s{n}"}), frozenset()), EVENT)
        for n in range(20)
    ]
    await asyncio.gather(*given)
    await other.close()
    found = await stores[0].find("ann", "app", EVENT.at)
    assert found is not None
    assert found.scope == {f"s{n}" for n in range(20)}


async def test_a_consent_taken_back_ends_its_grants(database: Database) -> None:
    consents, grants = SqlConsentStore(database), SqlGrantStore(database)
    allowed = Consent(frozenset({"openid"}), frozenset({"name"}))
    await consents.allow("ann", "app", allowed, EVENT)
    assert await consents.of_account("ann", EVENT.at) == [("app", allowed, EVENT.at)]
    await grants.start(GRANT, EVENT)
    await consents.revoke("ann", "app", LATER, EVENT)
    assert await consents.find("ann", "app", EVENT.at) is None
    assert await grants.standing(GRANT.grant_id, "jti") is None


async def test_signing_out_of_a_client_keeps_what_was_allowed(database: Database) -> None:
    """UX-P04."""
    consents, grants = SqlConsentStore(database), SqlGrantStore(database)
    await consents.allow("ann", "app", Consent(frozenset({"openid"}), frozenset()), EVENT)
    others = (
        replace(GRANT, grant_id="hers", sub="bob"),
        replace(GRANT, grant_id="its", client_id="b"),
    )
    for one in (GRANT, *others):
        await grants.start(one, EVENT)
    assert await consents.sign_out("ann", "app", LATER, EVENT) == 1
    assert await consents.sign_out("ann", "app", LATER, EVENT) == 0
    found = [await grants.find(one.grant_id) for one in (GRANT, *others)]
    assert [one is not None and one.revoked_at for one in found] == [LATER, None, None]
    assert await consents.find("ann", "app", EVENT.at) is not None


async def test_the_trail_is_listed_latest_first(database: Database) -> None:
    trail = SqlAuditTrail(database)
    moments: list[datetime] = [LATER + timedelta(seconds=n) for n in range(5)]
    for at in moments:
        await trail.record(replace(EVENT, at=at, detail={"n": 1}))
    page = await trail.page(None, 2)
    assert [event.at for _, event in page] == moments[:2:-1]
    assert page[0][1].detail == {"n": 1}
    rest = await trail.page(page[-1][0], 10)
    assert [event.at for _, event in rest] == moments[2::-1]


async def test_a_long_list_comes_in_parts_and_by_what_is_looked_for(database: Database) -> None:
    """UX-X04: letters of a pattern stand for themselves; spellings of one text are one."""
    accounts = SqlAccountStore(database)
    await SqlGroupStore(database).add_group(Group("/Lab", "Lab"), EVENT)
    for number in range(30):
        sub = f"p{number:02}"
        one = replace(ANN, sub=sub, login=sub, name=f"Person {number}", email=f"{sub}@x.example")
        await accounts.add(one, EVENT)
    odd = {"a1": "100% Ända", "a2": "under_score", "a3": r"back\slash"}
    for sub, name in odd.items():
        await accounts.add(replace(ANN, sub=sub, login=sub, name=name, email=None), EVENT)
    await accounts.add(replace(ANN, sub="b", login="b", name="", group_path="/Lab"), EVENT)
    found: list[str] = []
    while part := await accounts.seek(
        Sought(after=found[-1] if found else "", most=7, search="PERSON")
    ):
        found += [one.login for one in part]
    assert found == [f"p{number:02}" for number in range(30)]
    for search, logins in (
        ("0%", ["a1"]), ("äNDA", ["a1"]), ("r_s", ["a2"]), ("k\\s", ["a3"]), ("/lab", ["b"]),
        ("P07@", ["p07"]), ("_", ["a2"]), ("nobody", []),
    ):  # fmt: skip
        assert [
            one.login for one in await accounts.seek(Sought(most=50, search=search))
        ] == logins, search


async def test_who_has_a_role_has_that_very_one(database: Database) -> None:
    """UX-A10: whoever is chosen by it may be disabled at once."""
    accounts = SqlAccountStore(database)
    for login, roles in (("a", ("wiki", "x")), ("b", ("Wiki",)), ("c", ("wiki-2",))):
        await accounts.add(replace(ANN, sub=login, login=login, roles=roles), EVENT)
    for role, logins in (("wiki", ["a"]), ("Wiki", ["b"]), ("x", ["a"]), ("%", [])):
        found = await accounts.seek(Sought(most=9, role=role))
        assert [one.login for one in found] == logins


async def test_several_are_added_or_none(database: Database) -> None:
    accounts = SqlAccountStore(database)
    await accounts.add(ANN, EVENT)
    bob, cid = replace(ANN, sub="bob", login="bob"), replace(ANN, sub="cid", login="ANN")
    with pytest.raises(LoginTaken):
        await accounts.add_all([(bob, EVENT), (cid, EVENT)])
    with pytest.raises(NoSuchGroup):
        await accounts.add_all([(bob, EVENT), (replace(bob, sub="x", group_path="/x"), EVENT)])
    assert await accounts.page("", 10) == [ANN]
    await accounts.add_all([(bob, EVENT)])
    assert await accounts.page("", 10) == [ANN, bob]


async def test_administrators_are_counted(database: Database) -> None:
    accounts = SqlAccountStore(database)
    assert await accounts.count_administrators() == 0
    roots = [replace(ANN, sub=f"r{n}", login=f"r{n}", is_admin=True) for n in range(3)]
    off = replace(roots[2], disabled_at=NOW)
    await accounts.add_all([(one, EVENT) for one in (ANN, *roots[:2], off)])
    assert await accounts.count_administrators() == 2


@pytest.mark.parametrize("sort", ["login", "name", "created"])
@pytest.mark.parametrize("is_backwards", [False, True])
async def test_a_list_goes_on_where_the_last_of_a_part_is_gone(
    database: Database,
    sort: Order,
    is_backwards: bool,  # noqa: FBT001
) -> None:
    accounts = SqlAccountStore(database)
    for number in range(9):
        made = NOW + timedelta(seconds=number // 2)
        one = replace(ANN, sub=f"p{number}", login=f"p{number}", name=f"Äb {number // 2}",
                      created_at=made)  # fmt: skip
        await accounts.add(one, EVENT)
    found: list[str] = []
    after = ""
    while part := await accounts.seek(
        Sought(after=after, most=2, sort=sort, is_backwards=is_backwards)
    ):
        found += [one.login for one in part]
        after = cursor_of(part[-1], sort)
        await accounts.remove(part[-1].sub, NOW, NOW, EVENT)
    assert sorted(found) == [f"p{number}" for number in range(9)]


async def test_a_cursor_of_another_list_is_none(database: Database) -> None:
    accounts = SqlAccountStore(database)
    for asked in (
        Sought(after="ann", most=2, sort="name"), Sought(after="ann", most=2, sort="created"),
    ):  # fmt: skip
        with pytest.raises(Invalid):
            await accounts.seek(asked)
