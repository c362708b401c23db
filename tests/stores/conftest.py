"""An empty database of either kind with its tables, and what the contracts are tried with."""

import asyncio
import contextlib
import itertools
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from keycell.accounts.audit import AuditEvent
from keycell.accounts.errors import LoginTaken
from keycell.accounts.people import Account
from keycell.files.spaces import PERSONAL_SLUG, Space, SpaceKind, Volume
from keycell.oauth.claims import Authentication
from keycell.oauth.grants import CodeState, Grant
from keycell.stores.accounts import SqlAccountStore
from keycell.stores.database import Database
from keycell.stores.migrate import migrate
from keycell.stores.opening import open_database

from ..postgres import Postgres
from ..seaweed import Seaweed, start_seaweed

NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
"""Long past, so that what expires by it is purged at once."""
LATER = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
EVENT = AuditEvent(at=LATER, actor="test", action="test")
ANN = Account(
    sub="ann",
    login="Ann",
    name="Ann Example",
    email="ann@example.org",
    email_verified=True,
    roles=("editor", "reader"),
    password_hash="hash",
    created_at=NOW,
    updated_at=NOW,
    claims={"given_name": "Ann", "address": {"country": "FR"}},
)
GRANT = Grant(
    grant_id="g" * 22,
    client_id="app",
    sub="ann",
    sid="sid",
    scope=frozenset({"openid", "offline_access"}),
    audience=("https://id.example",),
    authentication=Authentication(auth_time=NOW, acr="acr", amr=("pwd",)),
    created_at=NOW,
    expires_at=LATER,
    code=CodeState(
        digest="code",
        expires_at=LATER,
        redirect_uri="https://app.example/cb",
        redirect_uri_was_sent=True,
        code_challenge="challenge",
        nonce="nonce",
    ),
)


def grant(number: int) -> Grant:
    """Give one of many grants."""
    return replace(GRANT, grant_id=f"{number:022}")


@pytest.fixture(scope="module")
def seaweed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seaweed]:
    """An object store of the tests' own; gone with the module, for idling costs it work too."""
    with start_seaweed(tmp_path_factory.mktemp("seaweed")) as store:
        yield store


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the tables, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "keycell.db"
    asyncio.run(migrate(f"sqlite:///{path}"))
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, migrated: Path) -> str:
    """The address of an empty SQLite database that has its tables."""
    path = tmp_path / "keycell.db"
    shutil.copy(migrated, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def migrated_postgres(postgres: Postgres) -> Iterator[str]:
    """The name of a PostgreSQL database with the tables, to be copied."""
    with postgres.database() as url:
        asyncio.run(migrate(url))
        yield url.rpartition("/")[2]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an empty database of either kind that has its tables."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
        return
    template = request.getfixturevalue("migrated_postgres")
    server: Postgres = request.getfixturevalue("postgres")
    with server.database(template) as url:
        yield url


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    opened = await open_database(url)
    yield opened
    await opened.close()


def made_ids() -> Callable[[], str]:
    """Give what mints identifiers, each a little greater than the one before."""
    numbers = itertools.count(1)
    return lambda: f"id-{next(numbers):06}"


async def add_person(database: Database, sub: str) -> None:
    """Let there be somebody, whose spaces may be kept then."""
    with contextlib.suppress(LoginTaken):
        await SqlAccountStore(database).add(replace(ANN, sub=sub, login=sub), EVENT)


def space_of(owner: str, volume_id: str, root_id: str) -> Space:
    """Give a person's own space."""
    return Space(
        space_id=owner or f"space-{volume_id}", slug=PERSONAL_SLUG, label="My Files",
        kind=SpaceKind.PERSONAL, owner=owner, volume_id=volume_id, root_id=root_id,
        created_at=NOW,
    )  # fmt: skip


def volume_of(space: Space, quota: int | None = None) -> Volume:
    """Give a new volume for a space."""
    return Volume(
        volume_id=space.volume_id, root_id=space.root_id, trash_id=f"trash-{space.volume_id}",
        quota=quota, used=0, seq=0, feed_floor=0,
    )  # fmt: skip
