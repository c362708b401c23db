"""Lists as files, for administrators. UX-X04."""

import csv
import json
from io import StringIO

import httpx2
import pytest

from keycell.accounts.people import Account
from keycell.administration import exporting
from keycell.administration.calls import PREFIX
from keycell.bootstrap import World

from .conftest import Caller
from .desk import Desk

EVIL = '=HYPERLINK("https://evil.example","Click")'


async def lines(desk: Desk, path: str, **said: object) -> list[dict[str, object]]:
    answer = await desk.ask("GET", path, **said)
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def rows(answer: httpx2.Response) -> list[dict[str, str]]:
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(StringIO(answer.text)))


async def test_all_that_are_wanted_are_in_the_file(
    desk: Desk, world: World, ann: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """UX-X04: however many, by the filters of the list; that it was taken is told."""
    monkeypatch.setattr(exporting, "PAGE", 2)
    for number in range(5):
        await desk.done("POST", "users", login=f"p{number}", password="correct horse battery",
                        name=f"Person {number}")  # fmt: skip
    found = await lines(desk, "users.export", sort="name", is_backwards="true", search="person")
    assert [one["login"] for one in found] == ["p4", "p3", "p2", "p1", "p0"]
    ((_, event),) = await world.people.audit.page(None, 1)
    assert (event.action, event.target) == ("account.exported", "people")
    assert len(await lines(desk, "users.export")) == 7
    assert (await desk.ask("GET", "users.export", format="xlsx")).status_code == 400
    for bad in ({"search": "x" * 201}, {"group": "H"}, {"role": "no role"}):
        assert (await desk.ask("GET", "users.export", **bad)).status_code == 400


async def test_no_cell_is_a_formula(desk: Desk, ann: Account) -> None:
    """UX-X04, ATTACKS: what somebody is called is text wherever the file is opened."""
    await desk.done("PUT", "users/ann", name=EVIL)
    (one,) = rows(await desk.ask("GET", "users.export", format="csv", search="ann"))
    assert one["name"] == f"'{EVIL}"
    assert (one["login"], one["is_admin"], one["leaves_at"]) == ("ann", "false", "")


async def test_applications_too(desk: Desk) -> None:
    """UX-X04."""
    metadata = {"client_name": "Wiki", "redirect_uris": ["https://w.example/a",
                                                         "https://w.example/b"]}  # fmt: skip
    await desk.done("POST", "clients", metadata=metadata)
    (one,) = rows(await desk.ask("GET", "clients.export", format="csv", search="wiki"))
    assert one["redirect_uris"] == "https://w.example/a https://w.example/b"
    (line,) = await lines(desk, "clients.export", search="wiki")
    assert line["client_name"] == "Wiki"
    assert "client_secret" not in line


async def test_nobody_else_gets_a_list(ann_calls: Caller) -> None:
    for path in ("users.export", "clients.export"):
        assert (await ann_calls.call("GET", PREFIX + path)).status_code == 403
