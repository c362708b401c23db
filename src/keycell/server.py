"""The server as an ASGI application: opens its world when it starts, closes it when it ends."""

import asyncio
import contextlib
from contextlib import AsyncExitStack

from starlette.types import Receive, Scope, Send

from keycell.bootstrap import World, keep_keys, open_world, sweep_files
from keycell.http.app import App
from keycell.http.edge import Edge
from keycell.http.operations import Telemetry
from keycell.http.render import Pages
from keycell.logs import configure_logs
from keycell.settings import Settings, read_settings


class Server:
    """An ASGI application that can stand alone or be mounted in another."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._app: App | None = None
        self._opening = asyncio.Lock()
        self._stack = AsyncExitStack()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, opening the stores first if no lifespan event has."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if scope["type"] != "http":
            return
        if self._app is None:
            await self.start()
        assert self._app is not None  # noqa: S101  (start has made it)
        await self._app(scope, receive, send)

    def answer_at_once(self, scope: Scope, target: bytes) -> bytes | None:
        """Give the header lines and the body of a document, if this target is one's."""
        return None if self._app is None else self._app.answer_at_once(scope, target)

    async def start(self) -> None:
        """Open the stores and load the keys."""
        async with self._opening:
            if self._app is None:
                world = await self._stack.enter_async_context(open_world(self._settings))
                await world.versions.start()
                for work in (keep_keys(world), sweep_files(world), world.runner.serve()):
                    task = asyncio.get_running_loop().create_task(work)
                    self._stack.callback(task.cancel)
                self._app = make_app(world)

    async def stop(self) -> None:
        """Write what waits, and let go."""
        self._app = None
        await self._stack.aclose()

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self.start()
        except Exception as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            raise
        await send({"type": "lifespan.startup.complete"})
        with contextlib.suppress(asyncio.CancelledError):
            await receive()
        await self.stop()
        await send({"type": "lifespan.shutdown.complete"})


def make_app(world: World) -> App:
    """Give the HTTP side of an open world."""
    edge = Edge(
        settings=world.settings,
        provider=world.provider,
        people=world.people,
        keys=world.keys,
        fetcher=world.fetcher,
        files=world.files,
        runner=world.runner,
        pages=Pages(world.settings.origins),
        ping=world.database.ping,
    )
    return App(edge, Telemetry(access_log=world.settings.access_log))


def create_app(settings: Settings) -> Server:
    """Make the ASGI application of these settings."""
    return Server(settings)


def from_environment() -> Server:
    """Make the application that the environment describes: what each worker process runs."""
    settings = read_settings()
    configure_logs(settings.log_level)
    return Server(settings)
