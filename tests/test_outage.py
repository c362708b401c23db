"""What is under it goes away and comes back: nothing is lost, nothing is honoured twice."""

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from .application import Application, register
from .postgres import Postgres
from .server import Server, serving
from .test_processes import KEY
from .waiting import until

CHAINS = 8


@pytest.fixture
def on_postgres(tmp_path: Path, postgres: Postgres) -> Iterator[tuple[Server, Application]]:
    with postgres.database() as url:
        where = ("--database", url, "--data", str(tmp_path))
        app = register(*where, environment=KEY)
        with serving(tmp_path / "data", "--database", url, **KEY) as server:
            yield server, app


def firsts(server: Server, app: Application, many: int = CHAINS) -> list[str]:
    """Give the refresh tokens of so many grants."""
    with httpx2.Client(base_url=server.url) as person:
        return [app.tokens(server.url, person)["refresh_token"] for _ in range(many)]


def test_codes_and_refresh_tokens_outlive_an_outage(
    on_postgres: tuple[Server, Application], postgres: Postgres
) -> None:
    """503 while the database is away; when it is back, each is honoured, and once."""
    server, app = on_postgres
    with httpx2.Client(base_url=server.url) as person:
        token = app.tokens(server.url, person)["refresh_token"]
        code = app.code(person)
    with postgres.away():
        for refused in (app.refresh(server.url, token), app.exchange(server.url, code)):
            assert refused.status_code == 503
            assert refused.json()["error"] == "temporarily_unavailable"
            assert refused.headers["retry-after"]
    answer = app.exchange(server.url, code)
    assert answer.status_code == 200
    assert app.refresh(server.url, token).status_code == 200
    assert app.exchange(server.url, code).status_code == 400
    assert app.refresh(server.url, answer.json()["refresh_token"]).status_code == 400


class Chain:
    """A client that refreshes without a pause, and asks again whenever it has no answer."""

    def __init__(self, app: Application, server: Server, token: str) -> None:
        self._app = app
        self._server = server
        self._token = token
        self.answered = 0
        self.unanswered = 0
        self.refused: list[str] = []

    def run(self, stop: threading.Event) -> None:
        while not (stop.is_set() or self.refused):
            self.ask()
        while not (self.refused or self.ask()):
            time.sleep(0.05)

    def ask(self) -> bool:
        with contextlib.suppress(httpx2.TransportError):
            response = self._app.refresh(self._server.url, self._token)
            if response.status_code == 200:
                self._token = response.json()["refresh_token"]
                self.answered += 1
                return True
            if response.status_code != 503:
                self.refused.append(response.text)
        self.unanswered += 1
        time.sleep(0.02)
        return False


@contextlib.contextmanager
def refreshing(server: Server, app: Application) -> Iterator[list[Chain]]:
    """Refresh without a pause inside; at the end every chain must still go on."""
    chains = [Chain(app, server, token) for token in firsts(server, app)]
    stop = threading.Event()
    with ThreadPoolExecutor(CHAINS) as threads:
        running = [threads.submit(chain.run, stop) for chain in chains]
        try:
            until(lambda: all(chain.answered or chain.refused for chain in chains))
            yield chains
        finally:
            stop.set()
        for one in running:
            one.result(60)
    assert [chain.refused for chain in chains] == [[]] * CHAINS


def miss_answers(chains: list[Chain]) -> None:
    """Wait until each client has had no answer once more."""
    until_each_has_more(chains, lambda chain: chain.unanswered)


def get_answers(chains: list[Chain]) -> None:
    """Wait until each client has been answered once more."""
    until_each_has_more(chains, lambda chain: chain.answered)


def until_each_has_more(chains: list[Chain], count: Callable[[Chain], int]) -> None:
    before = [count(chain) for chain in chains]
    until(
        lambda: all(
            chain.refused or count(chain) > then
            for chain, then in zip(chains, before, strict=True)
        )
    )


def test_no_chain_breaks_when_postgresql_crashes(
    on_postgres: tuple[Server, Application], postgres: Postgres
) -> None:
    """decisions/0005: whatever was committed without an answer is answered later."""
    with refreshing(*on_postgres) as chains:
        for _ in range(3):
            with postgres.away():
                miss_answers(chains)
            get_answers(chains)


def test_no_chain_breaks_when_the_server_is_killed(tmp_path: Path) -> None:
    """decisions/0005."""
    data = tmp_path / "data"
    app = register("--data", str(data))
    with serving(data) as server, refreshing(server, app) as chains:
        for _ in range(3):
            server.stop(signal.SIGKILL)
            miss_answers(chains)
            server.start()
            get_answers(chains)
