"""A line to a server that is cut: connections are broken off after so many bytes."""

import asyncio
import contextlib
import random
import socket
import threading
from types import TracebackType
from typing import Self

from ..postgres import free_port

_PIECE = 64 * 1024


class Line:
    """Passes connections on to a port of this machine, in a thread of its own."""

    def __init__(self, chance: random.Random) -> None:
        self.port = free_port()
        self.target = 0
        self.is_cutting = False
        self.cuts = 0
        self._chance = chance
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        opening = asyncio.start_server(self._pass_on, "127.0.0.1", self.port)
        self._server = asyncio.run_coroutine_threadsafe(opening, self._loop).result(10)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _close(self) -> None:
        self._server.close()
        passing = asyncio.all_tasks() - {asyncio.current_task()}
        for one in passing:
            one.cancel()
        await asyncio.gather(*passing, return_exceptions=True)

    async def _pass_on(self, near: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
        try:
            far, far_out = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            near_out.transport.abort()
            return
        # Often in a head, now and then in the middle of a large file.
        room = [int(2 ** self._chance.uniform(5, 25)) if self.is_cutting else -1]
        both = [
            asyncio.create_task(_pump(near, far_out, room)),
            asyncio.create_task(_pump(far, near_out, room)),
        ]
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if room[0] == 0:
            self.cuts += 1
            for out in (near_out, far_out):
                _reset(out)
        for one in both:
            one.cancel()
        await asyncio.gather(*both, return_exceptions=True)
        for out in (near_out, far_out):
            with contextlib.suppress(OSError):
                out.close()


async def _pump(
    source: asyncio.StreamReader, target: asyncio.StreamWriter, room: list[int]
) -> None:
    with contextlib.suppress(OSError):
        while piece := await source.read(_PIECE):
            if room[0] >= 0:
                piece = piece[: room[0]]
                room[0] -= len(piece)
            target.write(piece)
            await target.drain()
            if room[0] == 0:
                return


def _reset(out: asyncio.StreamWriter) -> None:
    found: socket.socket = out.get_extra_info("socket")
    with contextlib.suppress(OSError):
        # What is still on its way is thrown away, as where a cable is pulled.
        found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    out.transport.abort()
