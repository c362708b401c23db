"""A wire between us and PostgreSQL that can be cut at the worst moment: after the commit."""

import asyncio
import contextlib
from collections.abc import AsyncIterator


class Wire:
    """Passes bytes on; cut, it refuses everybody until it is mended."""

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self._streams: set[asyncio.StreamWriter] = set()
        self.port = 0
        self.loses_next_commit = False
        self.is_cut = False

    async def connected(self, ours: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        if self.is_cut:
            back.close()
            return
        theirs, on = await asyncio.open_connection("127.0.0.1", self._to_port)
        self._streams |= {back, on}
        with contextlib.suppress(OSError):
            await asyncio.gather(self._ask(ours, on), self._answer(theirs, back))
        for stream in (on, back):
            stream.close()
            self._streams.discard(stream)

    async def _ask(self, ours: asyncio.StreamReader, on: asyncio.StreamWriter) -> None:
        while chunk := await ours.read(65536):
            if self.loses_next_commit and b"COMMIT\0" in chunk:
                self.loses_next_commit, self.is_cut = False, True
            on.write(chunk)
        on.close()

    async def _answer(self, theirs: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        while chunk := await theirs.read(65536):
            if self.is_cut:
                self.close()
                return
            back.write(chunk)
        back.close()

    def close(self) -> None:
        for stream in self._streams:
            stream.close()


@contextlib.asynccontextmanager
async def wire_to(port: int) -> AsyncIterator[Wire]:
    """Lay a wire to a port of this machine."""
    wire = Wire(port)
    server = await asyncio.start_server(wire.connected, "127.0.0.1", 0)
    wire.port = server.sockets[0].getsockname()[1]
    yield wire
    wire.close()
    server.close()
    await server.wait_closed()
