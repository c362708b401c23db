"""A few people for what somebody types."""

import json
import sqlite3
import time
from dataclasses import replace

from keycell.stores.accounts import SqlAccountStore
from keycell.stores.database import Database
from keycell.stores.opening import open_database

from .conftest import ANN, EVENT

MOST_SECONDS = 0.15
MANY = 100_000


async def test_whose_login_begins_so_comes_first(database: Database) -> None:
    """UX-X03: then whose address does, then who is called so; letters of a pattern are plain."""
    accounts = SqlAccountStore(database)
    people = [("mia", "Zoe", "z@x.example"), ("b", "Bo", "Mia@x.example"), ("c", "Old Mia", None),
              ("d", "100% D_n", None), ("miaow", "", None)]  # fmt: skip
    for login, name, email in people:
        await accounts.add(replace(ANN, sub=login, login=login, name=name, email=email), EVENT)
    for text, logins in (
        ("MIA", ["mia", "miaow", "b", "c"]), ("mia@", ["b"]), ("0%", ["d"]), ("_n", ["d"]),
        ("%", ["d"]), ("nobody", []),
    ):  # fmt: skip
        assert [one.login for one in await accounts.find_some(text, 9)] == logins, text
    assert [one.login for one in await accounts.find_some("mia", 3)] == ["mia", "miaow", "b"]


async def test_among_very_many_it_takes_no_time(sqlite_url: str) -> None:
    """UX-X03: even a text that nobody has, for which they are all gone through."""
    _fill(sqlite_url.removeprefix("sqlite:///"))
    database = await open_database(sqlite_url)
    accounts = SqlAccountStore(database)
    for text, count in (("person12", 6), ("p99999@", 1), ("name 4", 6), ("nobody at all", 0)):
        took = []
        for _ in range(3):
            started = time.process_time()
            assert len(await accounts.find_some(text, 6)) == count, text
            took.append(time.process_time() - started)
        assert min(took) < MOST_SECONDS, text
    await database.close()


def _fill(path: str) -> None:
    with sqlite3.connect(path) as connection:
        names = [column[1] for column in connection.execute("PRAGMA table_info(accounts)")]
    claims = json.dumps({"given_name": "Person", "note": "x" * 200})

    def row(number: int) -> list[object]:
        login, name = f"person{number:05}", f"Some Name {number}"
        email = f"p{number:05}@x.example"
        said = {
            "sub": f"sub{number:018}", "login": login, "login_key": login, "name": name,
            "email": email, "email_key": email, "email_verified": 1, "group_path": "/",
            "search_key": f"{login}\n{name.lower()}\n{email}", "claims": claims, "roles": "",
            "is_admin": 0, "created_at": number, "updated_at": number,
        }  # fmt: skip
        return [said.get(one) for one in names]

    marks = ", ".join("?" * len(names))
    with sqlite3.connect(path) as connection:
        insert = f"INSERT INTO accounts VALUES ({marks})"  # noqa: S608  (question marks alone)
        connection.executemany(insert, map(row, range(MANY)))
    connection.close()
