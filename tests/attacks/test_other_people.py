"""Every REST call, tried by one person with everything that is another's. OWASP IDOR, attack 87.

Alice makes one of everything, and its name holds a word that nobody else has. Bo then calls each
row of the table with each identifier of hers, in the address and in every text of the body. What
he must not get: that word, or a row of the database that is not as it was.
"""

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from keycell.bootstrap import World
from keycell.files.finding import stat
from keycell.files.names import read_path
from keycell.http.app import ROUTES
from keycell.http.rest import openapi
from keycell.provider.register import Made

from ..conftest import Browser
from ..files.conftest import Home, actor_for
from ..http.rest.people import Person, alice, bo
from ..http.tokens import sign_in, tomorrow

__all__ = ["alice", "bo"]

_PART = re.compile(r"\{\w+\}")
WORD = "hers-alone"
HOME = "personal-files"
MOST_UNREAD = 7
Ids = Mapping[str, str]
Befores = Sequence[Ids]
"""What stands in the parts of an address before its last one: hers, and his own with hers last."""
Json = dict[str, Any]
Rows = Mapping[str, set[tuple[object, ...]]]


@pytest.fixture
async def hers(world: World, browser: Browser, alice: Person, app: Made) -> Ids:
    """One of everything of Alice's, by what it is."""
    home = Home(world.files, actor_for(alice.account))
    found = {"login": "alice", "sub": alice.account.sub, "mail": "alice@example.org"}
    found |= await _files(home, alice)
    found |= await _shared(alice, found)
    found |= await _access(browser, alice, app)
    return found


async def _files(home: Home, alice: Person) -> dict[str, str]:
    for content in (WORD.encode(), b"now " + WORD.encode()):
        await home.put(f"{HOME}/docs/{WORD}.txt", content)
    await home.put(f"{HOME}/{WORD}-gone.txt", b"gone")
    gone = [{"Path": f"{HOME}/{WORD}-gone.txt"}]
    await alice.asks("POST", "tree/delete", {"Nodes": gone})
    node = (await stat(home.files, home.actor, read_path(f"{HOME}/docs/{WORD}.txt"))).node
    folder = (await stat(home.files, home.actor, read_path(f"{HOME}/docs"))).node
    [_, older] = await home.files.nodes.versions(node.node_id, 10)
    chosen = {"Nodes": [{"Path": f"{HOME}/docs"}], "Persist": True}
    selection = await alice.asks("POST", "tree/selection", chosen)
    meta = {"Namespace": "bookmark", "NodeUuid": node.node_id, "JsonValue": f'"{WORD}"'}
    await alice.asks("PUT", "user-meta/update", {"MetaDatas": [meta], "Operation": "PUT"})
    said = await alice.asks("POST", f"keycell/nodes/{node.node_id}/comments", {"said": WORD})
    begun = await alice.http.post(
        f"/io/{HOME}/{WORD}-up?uploads", headers={"Authorization": f"Bearer {alice.token}"}
    )
    return {
        "node": node.node_id, "folder": folder.node_id, "version": older.version_id,
        "selection": str(selection["SelectionUUID"]), "path": "alice/docs",
        "place": f"{HOME}/docs", "comment": str(said["id"]),
        "upload": begun.text.partition("<UploadId>")[2].partition("<")[0],
    }  # fmt: skip


async def _shared(alice: Person, ids: Ids) -> dict[str, str]:
    roots = {"RootNodes": [{"Uuid": ids["folder"]}], "Label": "Ours", "Description": WORD}
    link = await alice.asks(
        "PUT", "share/link", {"ShareLink": roots | {"Permissions": ["Download"]}}
    )
    cell = await alice.asks("PUT", "share/cell", {"Room": roots | {"ACLs": {}}})
    copied = {
        "nodes": [f"{HOME}/docs/{WORD}.txt"],
        "target": f"{HOME}/{WORD}-b",
        "targetParent": False,
    }
    job = await alice.asks("PUT", "jobs/user/copy", {"JsonParameters": json.dumps(copied)})
    return {
        "link": str(link["Uuid"]), "hash": str(link["LinkHash"]), "cell": str(cell["Uuid"]),
        "slug": str(cell["Slug"]), "job": str(job["JobUuid"]),
    }  # fmt: skip


async def _access(browser: Browser, alice: Person, app: Made) -> dict[str, str]:
    page = await browser.log_in(await browser.authorize(app, scope="openid"), "alice")
    await browser.submit(page, action="accept")
    ends = {"Label": WORD, "ExpiresAt": str(tomorrow()), "Scopes": []}
    await alice.asks("POST", "auth/token/personal", ends)
    key = await alice.asks("POST", "auth/access-keys", ends)
    tokens = (await alice.asks("GET", "keycell/account/tokens"))["items"]
    entered = (await alice.asks("GET", "keycell/account/sessions"))["items"]
    await alice.asks("PUT", "keycell/account/profile", {"theme": "dark", "locale": "fr"})
    await alice.asks("PUT", "keycell/account/sessions/known")
    grant, *_ = await browser.world.provider.grants.of_account(
        alice.account.sub, browser.world.provider.clock()
    )
    browser.http.cookies.clear()
    return {
        "client": app.client.client_id, "key": str(key["AccessKeyId"]),
        "token": str(tokens[0]["token_id"]),  # type: ignore[index]
        "grant": grant.grant_id,
        "session": str(entered[0]["id"]),  # type: ignore[index]
    }  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """One call, ready to be made."""

    name: str
    method: str
    path: str
    body: object


def calls(ids: Ids, befores: Befores = ({},)) -> Iterator[Asked]:
    """Give each call with each identifier, wherever a text may stand."""
    table = {row.path: row.endpoints for row in ROUTES if row.path.startswith(openapi.PREFIX)}
    told = json.loads(json.dumps(openapi.document(table)))
    for path, item in told["paths"].items():
        for method in item.keys() - {"parameters"}:
            for value in ids.values():
                for address in _addresses(path.removeprefix("/a/"), befores, value):
                    body = _body(item[method], told, value)
                    yield Asked(f"{method.upper()} {path}", method.upper(), address, body)
                if "{" not in path and body is None:
                    break


def _addresses(path: str, befores: Befores, value: str) -> set[str]:
    """Give the addresses with the value in their last part."""
    start, brace, rest = path.rpartition("{")
    if not brace:
        return {path}
    own = quote(value, safe="")
    end = own + rest.partition("}")[2]
    return {
        _PART.sub(lambda part: before.get(part[0], own), start) + end  # noqa: B023
        for before in befores
    }


def _body(operation: Json, told: Json, value: str) -> object:
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema")
    return None if schema is None else _filled(schema, told, value, 0)


def _filled(schema: Json, told: Json, value: str, depth: int) -> object:
    """Give something that the schema allows, with the value for each text in it."""
    if "$ref" in schema:
        named = told["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return _filled(named, told, value, depth)
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return _filled(schema["anyOf"][0], told, value, depth)
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object" and depth < 6:
        parts = schema.get("properties", {})
        return {name: _filled(part, told, value, depth + 1) for name, part in parts.items()}
    if kind == "array":
        return [_filled(schema.get("items", {"type": "string"}), told, value, depth + 1)]
    return {"integer": 1, "number": 1, "boolean": True, "object": {}}.get(str(kind), value)


def rows(database: Path) -> Rows:
    """Give every row of the database, by table."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as asked:
        named = asked.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {
            name: set(asked.execute(f'SELECT * FROM "{name}"'))  # noqa: S608  (ours)
            for (name,) in named.fetchall()
        }


async def _befores(world: World, bo: Person, hers: Ids) -> Befores:
    home = Home(world.files, actor_for(bo.account))
    await home.put(f"{HOME}/own.txt", b"his")
    own = (await stat(home.files, home.actor, read_path(f"{HOME}/own.txt"))).node.node_id
    both = {"{kind}": "USER", "{namespace}": "usermeta-tags"}
    return (
        {**both, "{node_id}": hers["node"], "{login}": "alice"},
        {**both, "{node_id}": own, "{login}": "bo"},
    )


async def test_attack_87_no_call_reaches_what_is_anothers(
    world: World, alice: Person, bo: Person, hers: Ids
) -> None:
    database = world.settings.data / "keycell.db"
    before = rows(database)
    statuses: dict[str, set[int]] = {}
    told = []
    for asked in calls(hers, await _befores(world, bo, hers)):
        answer = await bo.call(asked.method, asked.path, asked.body)
        if answer.status_code == 401:
            bo = replace(bo, token=await sign_in(bo.http, "bo"))
            answer = await bo.call(asked.method, asked.path, asked.body)
        statuses.setdefault(asked.name, set()).add(answer.status_code)
        if WORD in answer.text or answer.status_code >= 500:
            told.append((asked, answer.status_code, answer.text))
    assert told == []
    after = rows(database)
    changed = [
        (name, row)
        for name in before.keys() - {"throttles"}
        for row in before[name] - after[name]
        if bo.account.sub not in row
    ]
    assert changed == []
    # A sign-in that is over, or a body that cannot be read, makes all look well.
    assert [name for name, seen in statuses.items() if seen == {401}] == []
    assert sum(seen <= {400} for seen in statuses.values()) < MOST_UNREAD
