"""Doing something at a server: a session of a profile, and what goes wrong as an exit code."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from keycell.cli.ending import finish
from keycell.cli.output import Exit, fail
from keycell.cli.talk import wire
from keycell.client.globs import Found, expand, is_pattern
from keycell.client.paths import BadPlace, RemotePath, common_profile, read_remote

if TYPE_CHECKING:
    import httpx2

    from keycell.client.nodes import Node
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


async def meant(
    session: "Session", wanted: Sequence[RemotePath], *, globs: bool = True
) -> "list[Node]":
    """Find what is at places, or what patterns mean; each once. Raises NotFound."""
    from keycell.client.errors import NotFound

    found: dict[str, Node] = {}
    for one in wanted:
        if not globs or not any(is_pattern(name) for name in one.names):
            node = await find(session, one)
            found.setdefault(node.path, node)
            continue
        matching = await _matching(session, one.names)
        if not matching:
            raise NotFound(
                f"nothing matches {one}", "--no-glob takes * and ? as letters of a name"
            )
        found |= {node.path: node for node in matching if node.path not in found}
    return list(found.values())


async def find(session: "Session", wanted: RemotePath) -> "Node":
    """Find what is at a place; say which place it is where nothing is there."""
    from keycell.client.errors import NotFound
    from keycell.client.files import stat
    from keycell.client.nodes import Node

    if not wanted.names:
        return Node(path="", node_id="ROOT", is_folder=True)
    try:
        return await stat(session, wanted.path)
    except NotFound as error:
        raise NotFound(
            f"there is nothing at {wanted}",
            f"keycell ls {wanted.parent} shows what there is",
            request_id=error.request_id, status=error.status,
        ) from error  # fmt: skip


async def _matching(session: "Session", names: Sequence[str]) -> "list[Node]":
    from keycell.client.errors import NotFound
    from keycell.client.files import children

    seen: dict[tuple[str, ...], Node] = {}

    async def listed(folder: tuple[str, ...]) -> list[Found]:
        try:
            nodes = [node async for node in children(session, "/".join(folder))]
        except NotFound:
            return []
        seen.update({(*folder, node.name): node for node in nodes})
        return [Found(node.name, node.is_folder) for node in nodes]

    return [seen[path] async for path in expand(names, listed)]
