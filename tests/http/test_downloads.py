"""Sending what files hold."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Message

from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.files.finding import stat
from keycell.files.names import read_path
from keycell.files.reading import open_file
from keycell.files.zips import zip_stream
from keycell.http.downloads import download_headers, file_response

from ..files.conftest import Home, actor_for

SIZE = 64 * 2**20
SCOPE = {"type": "http", "method": "GET", "path": "/", "headers": []}


@dataclass
class Reader:
    """Somebody who goes away after so many messages."""

    stays_for: int
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    sent: int = 0

    async def receive(self) -> Message:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, _message: Message) -> None:
        self.sent += 1
        if self.sent == self.stays_for:
            self.gone.set()


@pytest.fixture
async def home(world: World, ann: Account) -> Home:
    found = Home(world.files, actor_for(ann))
    await found.put("personal-files/long", b"x" * SIZE)
    return found


async def one_file(home: Home) -> Response:
    located = await stat(home.files, home.actor, read_path("personal-files/long"))
    opened = await open_file(home.files, located)
    headers = download_headers("long", "text/plain")
    return file_response(Request(SCOPE), opened, located.node.mtime, headers)


async def a_zip(home: Home) -> Response:
    top = await stat(home.files, home.actor, read_path("personal-files"))
    return StreamingResponse(zip_stream(home.files, home.actor, [top]))


@pytest.mark.parametrize("answer", [one_file, a_zip])
async def test_nothing_is_read_for_who_is_gone(
    home: Home, answer: Callable[[Home], Awaitable[Response]]
) -> None:
    """The server takes what is sent to nobody too: a disk would be read for nobody."""
    counts = []
    for stays_for in (2, 10**6):
        reader = Reader(stays_for)
        await (await answer(home))(SCOPE, reader.receive, reader.send)
        counts.append(reader.sent)
    short, whole = counts
    assert short < whole / 2
