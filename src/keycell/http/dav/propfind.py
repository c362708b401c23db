"""PROPFIND: what is there, streamed page by page. RFC4918-9.1."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from xml.etree.ElementTree import Element

from starlette.responses import Response, StreamingResponse

from keycell.files import finding
from keycell.files.finding import Entry, Located
from keycell.files.locking import is_held, locks_covering, locks_on
from keycell.files.locks import Lock
from keycell.files.names import Path
from keycell.files.spaces import Volume
from keycell.http.dav.calls import Call
from keycell.http.dav.dead import dead_of
from keycell.http.dav.errors import DECLARATION, XML, DavError
from keycell.http.dav.properties import Asked, Resource, Viewer, check_names, response_of
from keycell.http.dav.xml import DAV, read_xml
from keycell.http.wire import NO_STORE

MOST_BELOW = 5_000
"""Entries that one PROPFIND of infinite depth tells of."""
PAGE = 500
_AT_ONCE = 64
"""After so many are written, others have their turn: each takes some fifty microseconds. What
clients keep beside files is read for so many, since for a whole page it may be 32 MB."""
_PIECE = 64 * 2**10
"""Characters of an answer that are sent together: a page of them may be anything."""


async def propfind(call: Call) -> Response:
    """Answer PROPFIND."""
    depth = read_depth(call, "infinity", ("0", "1", "infinity"))
    asked = read_asked(await read_xml(call.request, "propfind"))
    if call.path.is_root:
        if depth == "infinity":
            raise _too_deep()
        return _multistatus(_spaces(call, asked, lists=depth == "1"))
    located = await call.stat()
    pages: AsyncIterator[Sequence[Entry]] = _none()
    if depth == "1" and located.node.is_folder:
        pages = _pages(call, located)
    elif depth == "infinity" and located.node.is_folder:
        pages = _once(await _everything(call, located))
    return _multistatus(_responses(call, located, asked, pages))


def read_depth(call: Call, usual: str, taken: Sequence[str]) -> str:
    """Read the Depth header; raise DavError. RFC4918-10.2."""
    depth = call.request.headers.get("depth", usual).strip().lower()
    if depth not in taken:
        raise DavError(400, f"the header Depth may be {' or '.join(taken)} here")
    return depth


def read_asked(body: Element | None) -> Asked:
    """Read which properties are asked for; raise DavError. RFC4918-14.20."""
    if body is None:
        return Asked("allprop")
    kinds = [child for child in body if child.tag in {f"{DAV}{k}" for k in _KINDS}]
    if len(kinds) != 1:
        raise DavError(400, "<propfind> holds one of <allprop>, <propname> and <prop>")
    include = [name.tag for child in body if child.tag == f"{DAV}include" for name in child]
    match kinds[0].tag.removeprefix(DAV):
        case "prop":
            return Asked("prop", check_names([name.tag for name in kinds[0]]))
        case "propname":
            return Asked("propname")
        case _:
            return Asked("allprop", check_names(include))


_KINDS = ("allprop", "propname", "prop")


async def _none() -> AsyncIterator[Sequence[Entry]]:
    return
    yield


async def _once(entries: Sequence[Entry]) -> AsyncIterator[Sequence[Entry]]:
    for start in range(0, len(entries), PAGE):
        yield entries[start : start + PAGE]


async def _pages(call: Call, located: Located) -> AsyncIterator[Sequence[Entry]]:
    key: str | None = ""
    while key is not None:
        entries, key = await finding.children(call.files, call.actor, located, key, PAGE)
        # Who makes a space like a folder would take the bin for too much, and empty it.
        yield [entry for entry in entries if not finding.is_bin(located.node, entry.node)]


async def _everything(call: Call, located: Located) -> Sequence[Entry]:
    entries = []
    async for entry in finding.walk(call.files, call.actor, located):
        entries.append(entry)
        if len(entries) > MOST_BELOW:
            raise _too_deep()
    return entries


def _too_deep() -> DavError:
    return DavError(
        403,
        f"below here lie more than the {MOST_BELOW} entries that one answer gives; ask with "
        "Depth: 1, folder by folder",
        "propfind-finite-depth",
    )


def _multistatus(responses: AsyncIterator[str]) -> Response:
    async def body() -> AsyncIterator[str]:
        yield f'{DECLARATION}<D:multistatus xmlns:D="DAV:">\n'
        async for part in responses:
            yield part
        yield "</D:multistatus>\n"

    return StreamingResponse(body(), 207, NO_STORE, media_type=XML)


async def _spaces(call: Call, asked: Asked, *, lists: bool) -> AsyncIterator[str]:
    viewer = Viewer(call.actor.sub, call.files.clock())
    here = Path("", ())
    top = Resource(
        href=call.href(here, is_folder=True), label="Files", node=None,
        created_at=call.files.clock(),
    )  # fmt: skip
    yield response_of(top, asked, viewer)
    for space, _ in await finding.spaces(call.files, call.actor) if lists else ():
        located = await finding.stat(call.files, call.actor, Path(space.slug, ()))
        async for part in _responses(call, located, asked, _none()):
            yield part


async def _responses(
    call: Call, located: Located, asked: Asked, pages: AsyncIterator[Sequence[Entry]]
) -> AsyncIterator[str]:
    volume = None
    if asked.wants_quota:
        volume = await call.files.spaces.volume(located.node.volume_id)
    describe = Describing(call, located, asked, volume)
    yield await describe.start()
    async for entries in pages:
        async for piece in describe.page(entries):
            yield piece


class Describing:
    """Writes responses about a place and what lies below it."""

    def __init__(self, call: Call, located: Located, asked: Asked, volume: Volume | None) -> None:
        self._call, self._located, self._asked = call, located, asked
        self._viewer = Viewer(call.actor.sub, call.files.clock())
        self._volume = volume
        self._locks: list[Lock] = []
        self._roots = roots_of(call, located)

    async def start(self) -> str:
        """Give the response about the place itself."""
        located, files = self._located, self._call.files
        self._locks = await locks_covering(files, located)
        entry = Entry(located.node, located.path, located.allowed)
        label = located.space.label if located.is_space else located.node.name
        dead = await self._dead([entry])
        deep = [lock for lock in self._locks if lock.is_deep]
        written = self._write(entry, label, self._locks, dead)
        self._locks = deep
        return written

    async def page(self, entries: Sequence[Entry]) -> AsyncIterator[str]:
        """Give the responses about some of what lies below, piece by piece."""
        dead: dict[str, dict[str, str]] = {}
        found = await locks_on(self._call.files, [entry.node for entry in entries])
        covering = self._locks
        written: list[str] = []
        size = 0
        for number, entry in enumerate(entries):
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)
                dead = await self._dead(entries[number : number + _AT_ONCE])
            node = entry.node
            if is_held(node, self._viewer.now):
                self._roots[node.node_id] = self._href(entry)
            own = [lock for lock in found if lock.node_id == node.node_id] if found else []
            # What lies deeper comes later: a deep lock that was seen covers it.
            above = [lock for lock in covering if self._covers(lock, entry)]
            written.append(self._write(entry, node.name, [*above, *own], dead))
            covering = [*covering, *(lock for lock in own if lock.is_deep)] if own else covering
            size += len(written[-1])
            if size > _PIECE:
                yield "".join(written)
                written, size = [], 0
        self._locks = covering
        yield "".join(written)

    def _covers(self, lock: Lock, entry: Entry) -> bool:
        root = self._roots.get(lock.node_id, "/")
        return self._href(entry).startswith(root)

    def _href(self, entry: Entry) -> str:
        return self._call.href(entry.path, is_folder=entry.node.is_folder)

    async def _dead(self, entries: Sequence[Entry]) -> dict[str, dict[str, str]]:
        if not self._asked.wants_dead or not entries:
            return {}
        found = await dead_of(self._call.files, [entry.node.node_id for entry in entries])
        return {node_id: dict(dead) for node_id, dead in found.items()}

    def _write(
        self, entry: Entry, label: str, locks: Sequence[Lock], dead: dict[str, dict[str, str]]
    ) -> str:
        resource = Resource(
            href=self._href(entry),
            label=label,
            node=entry.node,
            created_at=entry.node.created_at,
            volume=self._volume if entry.node.is_folder else None,
            locks=locks,
            lock_root=self._roots,
            dead=dead.get(entry.node.node_id, {}),
        )
        return response_of(resource, self._asked, self._viewer)


def roots_of(call: Call, located: Located) -> dict[str, str]:
    """Give the addresses of everything on the way to a place, as far as they can be seen."""
    found: dict[str, str] = {}
    path = located.path
    for node in reversed(located.found.chain[-len(path.names) - 1 :]):
        found[node.node_id] = call.href(path, is_folder=node.is_folder)
        path = path.parent
    return found
