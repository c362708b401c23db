"""A disk that fills under the database: nothing is spent without an answer, nothing twice."""

import contextlib
import resource
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from .application import Application, register
from .mounts import disk, filled, small_disks
from .postgres import Postgres, start_postgres
from .server import Server, serving
from .test_outage import miss_answers, refreshing
from .test_processes import KEY
from .waiting import until

Full = Callable[[], contextlib.AbstractContextManager[None]]
"""Inside there is no room for what is to be written."""
ROOM = 64 * 1024
SMALL_DISK = "160m"
FEWEST = 10
"""So many writes in a row that found no room: what was left of it is used up."""


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Iterator[tuple[Server, Application, Full]]:
    data = tmp_path / "data"
    app = register("--data", str(data))

    @contextlib.contextmanager
    def full() -> Iterator[None]:
        before = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (ROOM, before[1]))
        yield
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, before)

    with serving(data) as server:
        yield server, app, full


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    with disk(tmp_path / "small", SMALL_DISK) as folder:
        yield folder


@contextlib.contextmanager
def on(url: str, data: Path, full: Full) -> Iterator[tuple[Server, Application, Full]]:
    app = register("--database", url, "--data", str(data), environment=KEY)
    with serving(data, "--database", url, **KEY) as server:
        yield server, app, full


@pytest.fixture
def on_tablespace(
    postgres: Postgres, small: Path, tmp_path: Path
) -> Iterator[tuple[Server, Application, Full]]:
    """The tables have a small disk of their own; the log of what is written has room."""
    with (
        postgres.tablespace(small) as name,
        postgres.database(tablespace=name) as url,
        on(url, tmp_path / "data", lambda: filled(small)) as found,
    ):
        yield found


@pytest.fixture
def on_small_disk(small: Path, tmp_path: Path) -> Iterator[tuple[Server, Application, Full]]:
    """All of PostgreSQL is on the small disk: it stops when it cannot write its log."""

    @contextlib.contextmanager
    def full() -> Iterator[None]:
        with filled(small):
            yield
        server.stop()
        server.start()

    with (
        start_postgres(small) as server,
        server.database() as url,
        on(url, tmp_path / "data", full) as found,
    ):
        yield found


def use_up(app: Application, server: Server, token: str) -> str:
    """Refresh until there is no room for it any more; give the token to go on with."""
    refused = 0
    for _ in range(3000):
        answer = app.refresh(server.url, token)
        if answer.status_code == 200:
            refused, token = 0, answer.json()["refresh_token"]
            continue
        assert_no_room(answer)
        refused += 1
        if refused == FEWEST:
            return token
    raise AssertionError("the disk does not fill")


def assert_no_room(answer: httpx2.Response) -> None:
    assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")
    assert answer.headers["retry-after"]


def outlives(found: tuple[Server, Application, Full]) -> None:
    """Neither a code nor a refresh token is spent for nothing, or honoured twice."""
    server, app, full = found
    with httpx2.Client(base_url=server.url) as person:
        token, filling = (app.tokens(server.url, person)["refresh_token"] for _ in range(2))
        codes = [app.code(person) for _ in range(3)]
    with full():
        filling = use_up(app, server, filling)
        assert_no_room(app.refresh(server.url, token))
        for code in codes:
            assert_no_room(app.exchange(server.url, code))
        assert httpx2.get(f"{server.url}/healthz").status_code == 200
    until(lambda: app.refresh(server.url, token).status_code == 200)
    assert app.refresh(server.url, filling).status_code == 200
    for code in codes:
        assert app.exchange(server.url, code).status_code == 200
        assert app.exchange(server.url, code).status_code == 400


def test_a_code_and_a_refresh_token_outlive_a_full_disk(
    on_sqlite: tuple[Server, Application, Full],
) -> None:
    """RFC6749-4.1.2: 503 while there is no room; when there is, each is honoured, and once."""
    outlives(on_sqlite)


@small_disks
def test_they_outlive_a_full_tablespace_of_postgresql(
    on_tablespace: tuple[Server, Application, Full],
) -> None:
    """RFC6749-4.1.2."""
    outlives(on_tablespace)


@small_disks
def test_they_outlive_a_full_disk_of_all_of_postgresql(
    on_small_disk: tuple[Server, Application, Full],
) -> None:
    """RFC6749-4.1.2: it stops, and the server goes on when it is back."""
    outlives(on_small_disk)


@small_disks
def test_who_connects_while_a_tablespace_is_full_is_told_the_same(
    on_tablespace: tuple[Server, Application, Full], small: Path
) -> None:
    """RFC6749-4.1.2: PostgreSQL calls it an error inside itself that its list has no room."""
    server, app, full = on_tablespace
    with httpx2.Client(base_url=server.url) as person:
        token, filling = (app.tokens(server.url, person)["refresh_token"] for _ in range(2))
        code = app.code(person)
    with full():
        use_up(app, server, filling)
        for listed in small.rglob("pg_internal.init"):
            # Without its first bytes it is no list: who connects next is to write it anew.
            with listed.open("r+b") as file:
                file.write(b"\0" * 4)
        for _ in range(3):
            assert_no_room(app.refresh(server.url, token))
            assert_no_room(app.exchange(server.url, code))
    until(lambda: app.refresh(server.url, token).status_code == 200)
    assert app.exchange(server.url, code).status_code == 200
    assert app.exchange(server.url, code).status_code == 400


def test_no_chain_breaks_when_the_disk_is_full(
    on_sqlite: tuple[Server, Application, Full],
) -> None:
    """A write that finds no room is a 503 and leaves nothing half done."""
    server, app, full = on_sqlite
    with refreshing(server, app) as chains, full():
        miss_answers(chains)
        assert httpx2.get(f"{server.url}/healthz").status_code == 200
