"""Doing something at a server: a session of a profile, and what goes wrong as an exit code."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from keycell.cli.ending import finish
from keycell.cli.output import Exit, fail
from keycell.cli.talk import wire
from keycell.client.paths import BadPlace, RemotePath, common_profile, read_remote

if TYPE_CHECKING:
    import httpx2

    from keycell.client.session import Session

T = TypeVar("T")


def at_server(profile: str, work: "Callable[[Session], Awaitable[T]]") -> T:
    """Do something at a profile's server, and give what came of it."""
    return finish(lambda: _run(profile, work))


async def _run(profile: str, work: "Callable[[Session], Awaitable[T]]") -> T:
    from keycell.client.session import open_session

    async with open_session(profile) as session:
        listen(session.http)
        return await work(session)


def listen(http: "httpx2.AsyncClient") -> None:
    """Say what goes over connections, where somebody wants to hear it."""

    async def asked(request: "httpx2.Request") -> None:
        wire(f"> {request.method} {request.url}")

    async def answered(response: "httpx2.Response") -> None:
        request_id = response.headers.get("x-request-id", "")
        wire(f"< {response.status_code} {response.reason_phrase} {request_id}".rstrip())

    http.event_hooks = {"request": [asked], "response": [answered]}


def places(profile: str | None, texts: Sequence[str]) -> tuple[str, list[RemotePath]]:
    """Read places of one profile, and give its name; "" is the default one."""
    try:
        found = [read_remote(text) for text in texts]
        return common_profile(found) or profile or "", found
    except BadPlace as error:
        fail(str(error), Exit.USAGE, error.hint)


def place(profile: str | None, text: str) -> tuple[str, RemotePath]:
    """Read one place, and give the name of its profile."""
    name, (found,) = places(profile, [text])
    return name, found
