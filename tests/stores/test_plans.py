"""No statement goes through a whole table that grows: SQLite and PostgreSQL say how they would."""

import importlib
import json
import pkgutil
import re
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import asyncpg
import pytest

from keycell import stores
from keycell.stores.database import Statement
from keycell.stores.lists import ListStatement

from ..postgres import Postgres

WHOLE = {
    "accounts._ANY": "the first row there is",
    "setup._OFFERED": "one row",
    "setup._SPEND": "one row",
    "account_finds._HOLDING": "a part of a name, where no login and no address begins so",
    "alerts._ALL": "one for each rule",
    "alerts._WAITS": "letters that went are gone",
    "audit._ACTIVE": "an administrator's overview, between two times",
    "audit._COUNTS": "what an administrator's chart is made of, between two times",
    "audit._TOTALS": "an administrator's overview counts everything",
    "branding._ALL": "three rows at most",
    "branding._LOGOS": "those of three rows",
    "branding._READ": "three rows at most",
    "client_uses._ALLOWED": "an administrator's list of all clients",
    "client_uses._EVENTS": "an administrator's list: so many of the latest events",
    "client_uses._GRANTS": "an administrator's list of all clients",
    "clients._NAMING": "a client's name is taken from all rules when it is removed, once",
    "file_meta._NAMESPACES": "a few that administrators made",
    "groups._BEARERS": "a role is taken from everybody when an administrator removes it",
    "groups._COUNT_BEARERS": "an administrator's list of roles",
    "groups._COUNT_MEMBERS": "an administrator's list of groups",
    "groups._GROUPS": "a list of all",
    "groups._ROLES": "a list of all",
    "hooks._ALL": "twenty at most",
    "hooks._READY": "twenty at most",
    "issuers._ALL": "a few that an administrator trusts",
    "issuers._COUNT": "a few that an administrator trusts",
    "jobs._OF_ALL": "an administrator's list; ended jobs are purged",
    "keys._ALL": "a few",
    "keys._OF_ALG": "a few",
    "outbox._COUNT": "an administrator's overview; letters that went are gone",
    "policies._ALL": "a few that an administrator set",
    "proofs._OPEN_OF": "an administrator's list; proofs are purged",
    "rights._ALL": "a list of all",
    "shelves._ALL": "an administrator's list of all spaces",
    "versions._ALL": "a few counters",
}
"""Statements that may read a whole table, and why."""
LISTED = ("a", "b", "c")
OF_A_QUERY = {"up", "way", "below", "folders", "levels", "volumes_1", "CONSTANT"}
"""What a recursive query gathers itself; and the one row of a select from no table."""


def statements() -> dict[str, Statement]:
    """Give every statement of the stores by module and name."""
    found: dict[str, Statement] = {}
    for module in pkgutil.iter_modules(stores.__path__):
        if not module.ispkg:
            loaded = importlib.import_module(f"{stores.__name__}.{module.name}")
            for name, value in vars(loaded).items():
                for number, one in enumerate(_of(value)):
                    key = f"{module.name}.{name}" + (f"[{number}]" if number else "")
                    if all(one is not other for other in found.values()):
                        found[key] = one
    return found


def _of(value: object) -> Iterator[Statement]:
    if isinstance(value, Statement):
        yield value
    elif isinstance(value, ListStatement):
        yield from (step[0] for step in value.steps(LISTED))
    elif isinstance(value, dict):
        yield from (found for one in value.values() for found in _of(one))
    elif isinstance(value, tuple | list):
        yield from (one for one in value if isinstance(one, Statement))


STATEMENTS = statements()


def too_much(read: dict[str, set[str]]) -> dict[str, set[str]]:
    return {
        name: tables - OF_A_QUERY
        for name, tables in read.items()
        if name not in WHOLE and tables - OF_A_QUERY
    }


def test_there_are_statements_and_reasons_for_them_alone() -> None:
    assert len(STATEMENTS) > 250
    assert WHOLE.keys() <= STATEMENTS.keys()


def test_sqlite_uses_indexes_alone(migrated: Path) -> None:
    connection = sqlite3.connect(migrated)
    read = {name: set(_scanned(connection, one)) for name, one in STATEMENTS.items()}
    connection.close()
    assert too_much(read) == {}


def _scanned(connection: sqlite3.Connection, statement: Statement) -> Iterable[str]:
    compiled = statement.compiled("sqlite")
    plan = connection.execute(
        f"EXPLAIN QUERY PLAN {compiled.text}", [None] * len(compiled.order)
    ).fetchall()
    for *_, step in plan:
        # An index that is read in its order, for the first few rows of it, is no whole table.
        if found := re.fullmatch(r"SCAN (\w+)(?! USING INDEX).*", step):
            yield found[1]


async def test_postgres_uses_indexes_alone(postgres: Postgres, migrated_postgres: str) -> None:
    with postgres.database(migrated_postgres) as url:
        await _check_plans(await asyncpg.connect(url))


async def _check_plans(connection: asyncpg.Connection) -> None:
    try:
        # Of empty tables it would go through all; what is asked is whether it need not.
        for way in ("seqscan", "hashjoin", "mergejoin"):
            await connection.execute(f"SET enable_{way} = off")
        await connection.execute("SET plan_cache_mode = force_generic_plan")
        read = {name: await _read_whole(connection, one) for name, one in STATEMENTS.items()}
    finally:
        await connection.close()
    assert too_much(read) == {}


async def _read_whole(connection: asyncpg.Connection, statement: Statement) -> set[str]:
    compiled = statement.compiled("postgresql")
    await connection.execute(f"PREPARE tried AS {compiled.text}")
    number = len(set(re.findall(r"\$(\d+)", compiled.text)))
    values = f"({', '.join(['NULL'] * number)})" if number else ""
    try:
        plan = await connection.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE tried{values}")
    finally:
        await connection.execute("DEALLOCATE tried")
    return set(_gone_through(json.loads(plan)[0]["Plan"]))


def _gone_through(node: dict[str, object]) -> Iterator[str]:
    # Without a condition on it, an index is gone through from one end to the other.
    is_scan = str(node["Node Type"]).endswith("Scan") and "Relation Name" in node
    if is_scan and not {"Index Cond", "Recheck Cond"} & node.keys():
        yield str(node["Relation Name"])
    children = node.get("Plans", ())
    assert isinstance(children, list | tuple)
    for child in children:
        yield from _gone_through(child)


def _steps(migrated: Path, name: str) -> list[str]:
    """Give the plan that SQLite has for a statement."""
    connection = sqlite3.connect(migrated)
    compiled = STATEMENTS[name].compiled("sqlite")
    plan = connection.execute(
        f"EXPLAIN QUERY PLAN {compiled.text}", [None] * len(compiled.order)
    ).fetchall()
    connection.close()
    return [step[3] for step in plan]


@pytest.mark.parametrize("name", ["grants._HELD", "grants._ROTATE", "grants._SPEND_CODE"])
def test_what_tokens_cost_is_one_row(migrated: Path, name: str) -> None:
    first = _steps(migrated, name)[0]
    assert "grants USING INDEX sqlite_autoindex_grants_1 (grant_id=?)" in first


@pytest.mark.parametrize("name", ["audit._FOUND", "audit._ABOUT"])
def test_a_search_in_the_trail_lies_between_two_keys(migrated: Path, name: str) -> None:
    """ATTACKS 89: it reads what lies there, in its order, and sorts nothing."""
    assert _steps(migrated, name) == [
        "SEARCH audit USING INDEX sqlite_autoindex_audit_1 (event_id>? AND event_id<?)"
    ]
