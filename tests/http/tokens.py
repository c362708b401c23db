"""What the tests of tokens have in common."""

from datetime import UTC, datetime, timedelta

import httpx2

from keycell.bootstrap import World
from keycell.http.edge import Edge
from keycell.http.render import Pages
from keycell.stores.shelves import SqlShelves

from ..conftest import PASSWORD

Json = dict[str, object]


def edge_of(world: World) -> Edge:
    return Edge(
        settings=world.settings,
        provider=world.provider,
        people=world.people,
        keys=world.keys,
        fetcher=world.fetcher,
        files=world.files,
        runner=world.runner,
        pages=Pages(world.settings.origins),
        web_sessions=world.web_sessions,
        frontend=None,
        ping=world.database.ping,
        shelves=SqlShelves(world.database),
    )


async def sign_in(http: httpx2.AsyncClient, login: str, password: str = PASSWORD) -> str:
    info = {"type": "credentials", "login": login, "password": password}
    answer = await http.post("/a/frontend/session", json={"AuthInfo": info})
    assert answer.status_code == 200, answer.text
    assert "set-cookie" not in answer.headers
    token: str = answer.json()["JWT"]
    return token


async def call(
    http: httpx2.AsyncClient, token: str, method: str, path: str, body: Json | None = None
) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return await http.request(method, f"/a/auth/{path}", headers=headers, json=body)


def tomorrow() -> int:
    return int((datetime.now(UTC) + timedelta(days=1)).timestamp())


async def make(http: httpx2.AsyncClient, token: str, *scopes: str, **body: object) -> str:
    wanted = {"Label": "backup", "Scopes": list(scopes), "ExpiresAt": str(tomorrow())} | body
    answer = await call(http, token, "POST", "token/personal", wanted)
    assert answer.status_code == 200, answer.text
    made: str = answer.json()["AccessToken"]
    return made
