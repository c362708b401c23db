"""The server as an ASGI application: opens its world when it starts, closes it when it ends."""

import asyncio
import contextlib
import ctypes
import gc
import socket
from contextlib import AsyncExitStack

from starlette.types import ASGIApp, Receive, Scope, Send

from keycell.bootstrap import World, open_world
from keycell.http.app import App
from keycell.http.edge import Edge
from keycell.http.frontend import Frontend, read_frontend
from keycell.http.listening import CIPHERS
from keycell.http.operations import Telemetry
from keycell.http.proxied import Proxied
from keycell.http.render import Pages
from keycell.logs import configure_logs
from keycell.outside.hashing import Passwords
from keycell.provider import telling
from keycell.rounds import (
    keep_keys,
    note_key_readers,
    post_letters,
    raise_alerts,
    sweep_files,
    tell_hooks,
)
from keycell.settings import Settings, read_settings
from keycell.stores.migrate import VERSIONS
from keycell.stores.shelves import SqlShelves

_LOOKED_FOR_CYCLES_AFTER = 20_000
"""So many objects more than before; sixteen requests in flight make more than the usual 700."""


class Server:
    """An ASGI application that can stand alone or be mounted in another."""

    def __init__(self, settings: Settings, passwords: Passwords | None = None) -> None:
        self._settings = settings
        self._passwords = passwords
        self._app: App | None = None
        self._world: World | None = None
        self._opening = asyncio.Lock()
        self._stack, self._listening = AsyncExitStack(), AsyncExitStack()

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

    async def start(self) -> World:
        """Open the stores and load the keys; give what was opened."""
        async with self._opening:
            if self._world is None:
                opening = open_world(self._settings, passwords=self._passwords)
                world = await self._stack.enter_async_context(opening)
                await world.versions.start()
                works = (
                    keep_keys(world),
                    note_key_readers(world),
                    sweep_files(world),
                    post_letters(world),
                    tell_hooks(world),
                    raise_alerts(world),
                    world.runner.serve(),
                    telling.serve(world.provider, world.fetcher),
                )
                for work in works:
                    task = asyncio.get_running_loop().create_task(work)
                    self._stack.callback(task.cancel)
                self._world, self._app = world, make_app(world, read_frontend())
            return self._world

    async def _listen(self) -> None:
        """Speak mutual TLS as well, on its own port; every process takes its share."""
        settings = self._settings
        if not settings.mtls_port or settings.tls_cert is None or settings.tls_key is None:
            return
        # Who does not want it need not have it in memory.
        from keycell.http.mutual_listening import (  # noqa: PLC0415
            MutualTlsServer,
            make_context,
        )

        address = (settings.host, settings.mtls_port)
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        listening = socket.create_server(address, family=family, reuse_port=settings.workers > 1)
        server = MutualTlsServer(self, make_context(settings.tls_cert, settings.tls_key, CIPHERS))
        task = asyncio.get_running_loop().create_task(server.serve([listening]))
        self._listening.push_async_callback(server.stop, task)

    async def stop(self) -> None:
        """Write what waits, and let go; who is still being answered needs all of it."""
        await self._listening.aclose()
        self._world = self._app = None
        await self._stack.aclose()

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self.start()
            await self._listen()
        except Exception as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            raise
        _give_back()
        await send({"type": "lifespan.startup.complete"})
        with contextlib.suppress(asyncio.CancelledError):
            await receive()
        await self.stop()
        await send({"type": "lifespan.shutdown.complete"})


def make_app(world: World, frontend: Frontend | None = None) -> App:
    """Give the HTTP side of an open world, with the web frontend if it was built."""
    edge = Edge(
        settings=world.settings,
        provider=world.provider,
        people=world.people,
        keys=world.keys,
        fetcher=world.fetcher,
        files=world.files,
        runner=world.runner,
        pages=Pages(world.settings.origins, lambda: world.people.branding.shown),
        web_sessions=world.web_sessions,
        frontend=frontend,
        ping=world.database.ping,
        shelves=SqlShelves(world.database),
        tables=VERSIONS[-1],
    )
    return App(edge, Telemetry(access_log=world.settings.access_log))


def create_app(settings: Settings) -> Server:
    """Make the ASGI application of these settings."""
    return Server(settings)


def from_environment() -> ASGIApp:
    """Make the application that the environment describes: what each worker process runs."""
    settings = read_settings()
    configure_logs(settings.log_level)
    _spare_the_collector()
    server = Server(settings)
    if not settings.trusted_proxies:
        return server
    return Proxied(server, settings.trusted_proxies, settings.client_cert_header)


def _give_back() -> None:
    # What the start needed for a moment would stand in every idle process: a megabyte and more.
    gc.collect()
    with contextlib.suppress(AttributeError):  # not every C library can
        ctypes.CDLL(None).malloc_trim(0)


def _spare_the_collector() -> None:
    # What is loaded by now stays, and requests leave next to no cycles behind: looking through all
    # of them again and again takes a thirtieth of the time of an answer.
    gc.freeze()
    gc.set_threshold(_LOOKED_FOR_CYCLES_AFTER)
