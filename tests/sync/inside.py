"""A synced folder and a whole Keycell, in one process."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from keycell.client.credentials import EnvironmentKeeper
from keycell.client.discovery import Metadata
from keycell.client.profiles import Profile
from keycell.client.retries import RetryingTransport
from keycell.client.session import bind
from keycell.sync.disk import Disk
from keycell.sync.names import WORKING
from keycell.sync.plan import Policy
from keycell.sync.run import Job, Outcome, run
from keycell.sync.state import State
from keycell.sync.wire import Wire

from ..conftest import BASE
from ..files.conftest import Home

MARK = "mark"


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for a state, for a minute at most."""
    for _ in range(3000):
        if is_so():
            return
        await asyncio.sleep(0.02)
    raise AssertionError


@dataclass
class Inside:
    """A folder, its state, and the server that it is synced with."""

    root: Path
    inner: httpx2.AsyncBaseTransport
    token: str
    home: Home
    top: str = "personal-files"

    @property
    def job(self) -> Job:
        return Job(root=self.root, mark=MARK, policy=Policy(device="it", day="2026-05-01"))

    def begin(self) -> None:
        """Make the folder known as the one that is synced."""
        self.root.mkdir(exist_ok=True)
        Disk(self.root).mark(MARK)

    @contextmanager
    def state(self) -> Iterator[State]:
        state = State(self.root.with_name("state.db"))
        try:
            yield state
        finally:
            state.close()

    @asynccontextmanager
    async def wire(self) -> AsyncIterator[Wire]:
        transport = RetryingTransport(self.inner, attempts=1)
        async with httpx2.AsyncClient(base_url=BASE, transport=transport) as http:
            metadata = Metadata(f"{BASE}/oidc", {"token_endpoint": BASE})
            profile = Profile("it", BASE, storage="environment")
            session = bind(profile, EnvironmentKeeper(self.token), http, metadata, transport)
            yield Wire(session, self.top)

    async def sync(self, job: Job | None = None, *, dry: bool = False) -> Outcome:
        with self.state() as state:
            async with self.wire() as wire:
                return await run(wire, state, job or self.job, dry=dry)

    def write(self, path: str, text: str = "x") -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def files(self) -> dict[str, str]:
        return {
            one.relative_to(self.root).as_posix(): one.read_text()
            for one in self.root.rglob("*")
            if one.is_file() and WORKING not in one.parts
        }

    async def has(self, path: str, text: str) -> bool:
        """Tell whether the server has a text at a path."""
        return await self.home.get(f"{self.top}/{path}") == text.encode()
