"""A whole Keycell for each test, on a database of its own: SQLite, and a real PostgreSQL."""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Generator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as drawing

from keycell.accounts.administration import NewAccount, add_account
from keycell.accounts.audit import AuditEvent
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.oauth.clients import Client
from keycell.oauth.pkce import s256
from keycell.oauth.registration import Policy, read_client_metadata
from keycell.provider.register import Made, make_client
from keycell.server import make_app
from keycell.settings import Settings

from .described import hold
from .opening import opening
from .over_tls import Identity, identity, over_tls
from .postgres import Postgres, in_memory, start_postgres


def _interrupt(number: int, frame: FrameType | None) -> None:
    # Not Python's own, in whose place asyncio puts another for each fixture and each test, which
    # takes a millisecond.
    signal.default_int_handler(number, frame)


# Where the whole run was begun with the signal ignored (nohup, a shell's &), what it starts would
# ignore it too.
signal.signal(signal.SIGINT, _interrupt)

# The gate judges a change, and gives one answer for it, on a busy machine too; `make explore`
# draws other examples.
_UNTIMED = drawing(deadline=None, suppress_health_check=[HealthCheck.too_slow])
drawing.register_profile("gate", _UNTIMED, derandomize=True)
drawing.register_profile("explore", _UNTIMED, derandomize=False, print_blob=True)
drawing.load_profile("gate")

LONG = (
    "tests/conformance/test_late.py",
    "tests/http/rest/test_openapi_live.py",
    "tests/protocol/test_over_tls.py",
    "tests/sync/test_whole.py",
    "tests/client/test_transfers.py",
    "tests/test_docs_cli.py",
    "tests/test_kills.py",
    "tests/test_outage.py",
    "tests/conformance/",
    "tests/stores/test_released.py",
    "tests/journeys/",
)
"""Files and folders whose tests wait or take long. They begin, or each worker but one would wait
for whoever took the last of them."""

BASE = os.environ.get("KEYCELL_TEST_BASE", "http://127.0.0.1:8080")
"""Where the server of a test says it is; with https, it is asked over TLS."""
CALLBACK = "https://app.example/callback"
PASSWORD = "correct horse battery"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long ones first; what belongs to one file stays together."""

    def place(item: pytest.Item) -> int:
        found = (number for number, name in enumerate(LONG) if item.nodeid.startswith(name))
        return next(found, len(LONG))

    items.sort(key=place)


UNMEASURED = (
    "tests/conformance/",
    "tests/http/rest/test_openapi_live.py",
    "tests/journeys/",
    "tests/stores/test_released.py",
    "tests/test_house.py",
)
"""Files and folders whose tests run nothing of ours in their own process, or, for each release
again, what others run: there is nothing to find, and each call of a library would be looked at."""


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Measure nothing where there is nothing to find."""
    tracing = sys.gettrace() if item.config.pluginmanager.hasplugin("_cov") else None
    if tracing is None or not item.nodeid.startswith(UNMEASURED):
        return (yield)
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(tracing)


_SET_UP: set[object] = set()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    """Measure what the same fixtures run once: it is more than most tests run themselves.

    Measuring takes as long as running. Other threads are measured all the same.
    """
    tracing = sys.gettrace() if item.config.pluginmanager.hasplugin("_cov") else None
    if tracing is None:
        return (yield)
    prepared = _fixtures_of(item)
    if prepared in _SET_UP:
        sys.settrace(None)
    _SET_UP.add(prepared)
    try:
        return (yield)
    finally:
        sys.settrace(tracing)


def _fixtures_of(item: pytest.Item) -> object:
    """Tell which fixtures a test asks for, and which of theirs where there are two of a kind."""
    if not isinstance(item, pytest.Function):
        return item.nodeid
    known = item._fixtureinfo.name2fixturedefs  # noqa: SLF001  (nothing public tells)
    given = item.callspec.params if hasattr(item, "callspec") else {}
    return tuple(
        (name, known[name][-1].baseid, repr(given.get(name)) if known[name][-1].params else "")
        for name in item.fixturenames
        if name in known
    )


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A PostgreSQL of the tests' own."""
    with (
        in_memory(tmp_path_factory.mktemp("postgres")) as folder,
        start_postgres(folder, "-c", "max_wal_size=64MB", "-c", "min_wal_size=32MB") as server,
    ):
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of either kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'keycell.db'}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    with server.database() as url:
        yield url


@pytest.fixture(scope="session")
def first_start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder after its first start: the signing keys are made once for all tests."""
    folder = tmp_path_factory.mktemp("first")

    async def start() -> None:
        async with opening(Settings(data=folder, public_url=BASE)):
            pass

    asyncio.run(start())
    return folder


@pytest.fixture(scope="session")
def started_postgres(
    postgres: Postgres, first_start: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The name of a PostgreSQL database after a first start on that folder, to be copied."""
    data = tmp_path_factory.mktemp("started") / "data"
    shutil.copytree(first_start, data)

    async def start(url: str) -> None:
        async with opening(Settings(data=data, public_url=BASE, database=url)):
            pass

    with postgres.database() as url:
        asyncio.run(start(url))
        yield url.rpartition("/")[2]


@pytest.fixture
def settings_on_sqlite(tmp_path: Path, first_start: Path) -> Settings:
    data = tmp_path / "data"
    shutil.copytree(first_start, data)
    return Settings(data=data, public_url=BASE, registration="open")


@pytest.fixture
def settings_on_postgresql(
    settings_on_sqlite: Settings, postgres: Postgres, started_postgres: str
) -> Iterator[Settings]:
    with postgres.database(started_postgres) as url:
        yield replace(settings_on_sqlite, database=url)


@pytest.fixture(params=["sqlite", "postgresql"])
def either_settings(request: pytest.FixtureRequest) -> Settings:
    """Either database: they differ in what they can hold at all."""
    found: Settings = request.getfixturevalue(f"settings_on_{request.param}")
    return found


@pytest.fixture
def settings(settings_on_sqlite: Settings) -> Settings:
    """What a test's Keycell is told; on SQLite unless a test says otherwise."""
    return settings_on_sqlite


@pytest.fixture
async def world(settings: Settings) -> AsyncIterator[World]:
    async with opening(settings) as opened:
        yield opened


@pytest.fixture(scope="session")
def server_identity(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    """What the server shows where it is asked over TLS."""
    return identity(tmp_path_factory.mktemp("identity"))


@pytest.fixture
async def browser(world: World, request: pytest.FixtureRequest) -> AsyncIterator["Browser"]:
    """Somebody's browser, or an application: both speak HTTP to the whole server."""
    async with contextlib.AsyncExitStack() as stack:
        transport: httpx2.AsyncBaseTransport = httpx2.ASGITransport(app=make_app(world))
        if world.settings.is_secure:
            shown: Identity = request.getfixturevalue("server_identity")
            transport = await stack.enter_async_context(over_tls(make_app(world), shown))
        http = httpx2.AsyncClient(
            transport=transport, base_url=world.settings.base_url, event_hooks={"response": [hold]}
        )
        yield Browser(world, await stack.enter_async_context(http))


@dataclass
class Browser:
    """Walks through pages as a person does."""

    world: World
    http: httpx2.AsyncClient

    async def authorize(self, made: Made, **params: str) -> httpx2.Response:
        """Ask for a code; follow our own pages' redirects, not those back to the client."""
        query = {
            "client_id": made.client.client_id,
            "redirect_uri": next(iter(made.client.metadata.redirect_uris), ""),
            "response_type": "code",
            "scope": "openid",
            "state": "state-1234",
            "code_challenge": s256(VERIFIER),
            "code_challenge_method": "S256",
        } | params
        response = await self.http.get(
            "/oidc/oauth2/auth", params={name: value for name, value in query.items() if value}
        )
        return await self.follow(response)

    async def follow(self, response: httpx2.Response) -> httpx2.Response:
        while response.headers.get("location", "").startswith("/"):
            response = await self.http.get(response.headers["location"])
        return response

    async def submit(self, page: httpx2.Response, **fields: str) -> httpx2.Response:
        """Fill in the page's form and send it."""
        action = re.search(r'<form method="post" action="([^"]+)"', page.text)
        assert action, page.text
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        response = await self.http.post(action[1], data=hidden | fields)
        return await self.follow(response)

    async def log_in(self, page: httpx2.Response, login: str = "ann") -> httpx2.Response:
        return await self.submit(page, username=login, password=PASSWORD)

    async def code(self, made: Made, **params: str) -> str:
        """Get a code, logging in and consenting where asked."""
        page = await self.authorize(made, **params)
        if 'id="login-submit"' in page.text:
            page = await self.log_in(page)
        if 'id="consent-accept"' in page.text:
            page = await self.submit(page, action="accept")
        assert page.status_code == 303, page.text
        return answer(page)["code"]

    async def token(self, made: Made, **params: str) -> httpx2.Response:
        """Ask the token endpoint, authenticated by the client's secret if it has one."""
        if made.secret is None:
            form = {"client_id": made.client.client_id} | params
            return await self.http.post("/oidc/oauth2/token", data=form)
        basic = (made.client.client_id, made.secret)
        return await self.http.post("/oidc/oauth2/token", data=params, auth=basic)

    async def exchange(self, made: Made, code: str, **params: str) -> httpx2.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": next(iter(made.client.metadata.redirect_uris)),
            "code_verifier": VERIFIER,
        } | params
        return await self.token(made, **{k: v for k, v in form.items() if v})

    async def refresh(self, made: Made, token: str, **params: str) -> httpx2.Response:
        return await self.token(made, grant_type="refresh_token", refresh_token=token, **params)

    async def userinfo(self, token: str) -> httpx2.Response:
        """Ask who it is."""
        bearer = {"Authorization": f"Bearer {token}"}
        return await self.http.get("/oidc/userinfo", headers=bearer)

    async def tokens(self, made: Made, scope: str = "openid offline_access") -> dict[str, str]:
        """Sign in and get the first tokens of a grant."""
        response = await self.exchange(made, await self.code(made, scope=scope))
        assert response.status_code == 200, response.text
        found: dict[str, str] = response.json()
        return found


@contextlib.asynccontextmanager
async def at_another_time(world: World, later: timedelta) -> AsyncIterator[Browser]:
    """The same Keycell with a clock that is ahead: its stores, seen from another hour."""

    def clock() -> datetime:
        return datetime.now(UTC) + later

    moved = replace(
        world,
        provider=replace(world.provider, clock=clock),
        people=replace(world.people, clock=clock),
        files=replace(world.files, clock=clock),
    )
    transport = httpx2.ASGITransport(app=make_app(moved))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE) as http:
        yield Browser(moved, http)


def answer(response: httpx2.Response) -> dict[str, str]:
    """Give the parameters of an authorization response."""
    parts = urlsplit(response.headers["location"])
    return dict(parse_qsl(parts.query or parts.fragment))


async def add_client(world: World, **metadata: object) -> Made:
    """Register an application."""
    document = {
        "client_name": "App",
        "redirect_uris": [CALLBACK],
        "grant_types": ["authorization_code", "refresh_token"],
    } | metadata
    checked = read_client_metadata(document, Policy(allows_http=True))
    made = make_client(world.provider, checked, "rest")
    await keep_client(world, made.client)
    return made


async def keep_client(world: World, client: Client) -> None:
    event = AuditEvent(at=client.created_at, actor="test", action="client.added")
    if not await world.clients.add(client, event):
        assert await world.clients.update(client.client_id, lambda _: client, event)


@pytest.fixture
async def ann(world: World) -> Account:
    """Somebody with every standard claim."""
    wanted = NewAccount(
        login="ann",
        password=PASSWORD,
        email="ann@example.org",
        name="Ann Example",
        claims={
            "given_name": "Ann", "family_name": "Example", "middle_name": "B", "nickname": "Annie",
            "profile": "https://ann.example/", "picture": "https://ann.example/ann.png",
            "website": "https://ann.example/", "gender": "female", "birthdate": "1990-02-03",
            "zoneinfo": "Europe/Paris", "locale": "fr-FR", "phone_number": "+33 1 23 45 67 89",
            "address": {"formatted": "1 rue X, Paris", "country": "FR"},
        },
    )  # fmt: skip
    return await add_account(world.people, wanted, "test")


@pytest.fixture
async def app(world: World) -> Made:
    """A confidential application."""
    return await add_client(world)
