"""Finding what somebody means, and what they may do with it."""

from collections.abc import AsyncGenerator, AsyncIterator, Collection, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from keycell.accounts.audit import SYSTEM, AuditEvent
from keycell.files.access import (
    ROOT_GROUP,
    Action,
    Actor,
    Allowed,
    Right,
    check_read,
    check_write,
    merge,
    reached,
)
from keycell.files.errors import Forbidden, NameTaken, NoSuchSpace, NotFound, TokenReadsOnly
from keycell.files.names import RECYCLE_BIN, Path, check_length, sort_key
from keycell.files.nodes import Node
from keycell.files.ports import Files, Found, Page
from keycell.files.ports_stores import TAGS, Namespace
from keycell.files.spaces import COMMON_SLUG, PERSONAL_SLUG, Space, SpaceKind, Volume
from keycell.oauth.sentences import phrase
from keycell.values import dataclass

PAGE = 1024
"""Children are read so many at a time: a page of S3's listing, which looks at what follows too."""
_AT_ONCE = 256
"""Nodes are found by their identifiers so many at a time."""

_WIDER = "an access with the scope files.write"


@dataclass(frozen=True, slots=True)
class Located:
    """A place in a space, what is there, and what the actor may do with it."""

    space: Space
    path: Path
    found: Found
    allowed: Allowed
    is_held_back: bool = False
    """The actor's rights would let it be changed, and their token does not."""

    @property
    def node(self) -> Node:
        """Give what is there; where something is missing, what it would lie in."""
        return self.found.node

    @property
    def exists(self) -> bool:
        """Tell whether the whole path leads somewhere."""
        return not self.found.missing

    @property
    def is_space(self) -> bool:
        """Tell whether this is the space itself."""
        return self.path.is_space

    @property
    def in_trash(self) -> bool:
        """Tell whether this is the recycle bin, or lies in it."""
        return any(is_bin(above, node) for above, node in pairwise(self.found.chain))


@dataclass(frozen=True, slots=True)
class Entry:
    """Something in a folder, and what the actor may do with it."""

    node: Node
    path: Path
    allowed: Allowed
    rights: tuple[Right, ...] = ()
    """Those that stand on the node itself."""


async def spaces(files: Files, actor: Actor) -> Sequence[tuple[Space, Allowed]]:
    """List the spaces an actor may read, in the order of their slugs."""
    if any(detail.space in (None, PERSONAL_SLUG) for detail in actor.reach):
        await personal(files, actor)
    seen = await files.spaces.seen_by(actor.sub, actor.roles)
    rights = await files.spaces.rights(node_ids=[space.root_id for space in seen])
    found = []
    for space in seen:
        allowed = merge((one for one in rights if one.node_id == space.root_id), actor.roles)
        allowed &= reached(actor.reach, space.slug, (space.root_id,))
        if allowed.read:
            found.append((space, allowed))
    return sorted(found, key=lambda one: one[0].slug)


async def locate(files: Files, actor: Actor, path: Path) -> Located:
    """Find a path, as far as it leads; raise NotFound where the actor may read nothing of it.

    Where something is missing, ``allowed`` is about what it would lie in.
    """
    space = await space_of(files, actor, path.slug)
    found = await files.nodes.resolve(space.root_id, path.names)
    by_right = merge(found.rights, actor.roles)
    allowed = by_right & reached(actor.reach, space.slug, found.ids)
    located = Located(space, path, found, allowed, by_right.write and not allowed.write)
    check_read(allowed, path)
    return located


async def stat(files: Files, actor: Actor, path: Path) -> Located:
    """Find what is at a path; raise NotFound."""
    located = await locate(files, actor, path)
    if not located.exists:
        raise NotFound(phrase("there is nothing at %(path)s", path=repr(str(path)[:200])))
    return located


async def by_id(files: Files, actor: Actor, node_id: str) -> Located:
    """Find a node by its identifier, in a space through which the actor may read it."""
    found = await files.nodes.locate(node_id)
    if found is not None:
        seen = await files.spaces.seen_by(actor.sub, actor.roles)
        located = _seen_through(seen, actor, found)
        if located is not None:
            return located
    raise NotFound(phrase("there is no file or folder %(name)s", name=repr(node_id[:64])))


async def each_by_id(
    files: Files, actor: Actor, node_ids: Iterable[str]
) -> AsyncGenerator[Located]:
    """Give those of some nodes that the actor may read, as `by_id` finds each."""
    seen = await files.spaces.seen_by(actor.sub, actor.roles)
    wanted = list(node_ids)
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        found = await files.nodes.locate_each(some)
        for node_id in some:
            located = _seen_through(seen, actor, found[node_id]) if node_id in found else None
            if located is not None:
                yield located


async def each_read(files: Files, actor: Actor, read: Sequence[Node]) -> AsyncGenerator[Located]:
    """Give those of some nodes, as they were just read, that the actor may read."""
    seen = await files.spaces.seen_by(actor.sub, actor.roles)
    for found in (await files.nodes.locate_read(read)).values():
        located = _seen_through(seen, actor, found)
        if located is not None:
            yield located


def _seen_through(seen: Sequence[Space], actor: Actor, found: Found) -> Located | None:
    """Give a place as its outermost space has it: there a folder under a cell stays a folder."""
    spaces = {space.root_id: space for space in reversed(seen)}
    by_right = merge(found.rights, actor.roles)
    for depth, node in enumerate(found.chain):
        space = spaces.get(node.node_id)
        if space is None:
            continue
        allowed = by_right & reached(actor.reach, space.slug, found.ids)
        if allowed.read:
            names = tuple(node.name for node in found.chain[depth + 1 :])
            is_held_back = by_right.write and not allowed.write
            return Located(space, Path(space.slug, names), found, allowed, is_held_back)
    return None


async def names_of(files: Files, subs: Collection[str]) -> dict[str, str]:
    """Give what some people are called; who is gone is left out."""
    found = [await files.accounts.find(sub) for sub in sorted(subs)]
    return {one.sub: one.display_name for one in found if one is not None}


def check_writable(located: Located) -> None:
    """Refuse a change that the actor may not make, or not by their token."""
    if located.is_held_back:
        raise TokenReadsOnly(f"{str(located.path)[:200]!r} may be read, and changed by {_WIDER}")
    check_write(located.allowed, located.path)


def check_placeable(located: Located) -> None:
    """Refuse to put something where the actor may not, in the recycle bin, or at the top."""
    check_writable(located)
    if located.in_trash:
        raise Forbidden(
            phrase("nothing can be put into the recycle bin; restore from it, or empty it")
        )
    if not located.exists:
        check_length(located.path)
    check_no_collision(located)


def check_no_collision(located: Located) -> None:
    """Refuse to make what differs from something there by case or Unicode form alone."""
    if located.found.collision is not None:
        raise NameTaken(located.found.missing[0], located.found.collision.name)


async def children(
    files: Files, actor: Actor, located: Located, after: str = "", most: int = PAGE
) -> tuple[Sequence[Entry], str | None]:
    """List what lies in a folder beyond a sort key, and the key to go on from if there is more.

    What the actor may not read is left out, so a page may be shorter than asked.
    """
    page = await files.nodes.children(located.node.node_id, after, most)
    entries = readable(actor, located, page)
    return entries, key_of(page.nodes[-1]) if page.has_more else None


def is_bin(folder: Node, node: Node) -> bool:
    """Tell whether what lies in a folder is the recycle bin, which stands at a volume's top."""
    return node.name == RECYCLE_BIN and folder.parent_id is None and node.is_folder


def key_of(node: Node) -> str:
    """Give what a node stands in its folder's order by."""
    return sort_key(node.name, is_folder=node.is_folder)


def readable(actor: Actor, located: Located, page: Page) -> Sequence[Entry]:
    """Give those of a folder's children that the actor may read."""
    entries = []
    is_bound = actor.is_bound_to_nodes
    for node in page.nodes:
        allowed, own = located.allowed, page.ruled.get(node.node_id, ())
        if own or is_bound:
            allowed = merge((*located.found.rights, *own), actor.roles)
            chain = (*located.found.ids, node.node_id)
            allowed &= reached(actor.reach, located.space.slug, chain)
        if allowed.read:
            entries.append(Entry(node, located.path.child(node.name), allowed, own))
    return entries


def within(located: Located, entry: Entry) -> Located:
    """Give the place of something in a folder, without finding it anew."""
    rights = (*located.found.rights, *entry.rights)
    found = Found((*located.found.chain, entry.node), (), rights)
    is_held_back = located.is_held_back and not entry.allowed.write
    return Located(located.space, entry.path, found, entry.allowed, is_held_back)


async def walk(
    files: Files, actor: Actor, located: Located, after: Sequence[str] = (), first: int = PAGE
) -> AsyncIterator[Entry]:
    """Give everything below a folder that the actor may read, in the order of S3's keys.

    Begins beyond a key, which is given as names below the folder. A folder comes before what lies
    in it. The recycle bin is passed over, unless the walk begins in it: who copies or mirrors
    everything does not mean what was thrown away. Who wants few says so: of each folder no more
    than ``first`` are read at once in the beginning.
    """
    start = after[0] if len(after) == 1 else ""
    stack = [(located, entries_of(files, actor, located, start, first))]
    if len(after) > 1:
        stack = await _stack(files, actor, located, after, first)
    while stack:
        folder, entries = stack[-1]
        entry = await anext(entries, None)
        if entry is None:
            stack.pop()
            continue
        if is_bin(folder.node, entry.node):
            continue
        yield entry
        if entry.node.is_folder:
            inner = within(folder, entry)
            stack.append((inner, entries_of(files, actor, inner, "", first)))


async def _stack(
    files: Files, actor: Actor, located: Located, after: Sequence[str], first: int
) -> list[tuple[Located, AsyncIterator[Entry]]]:
    stack = []
    folder = located
    for name in after[:-1]:
        stack.append((folder, entries_of(files, actor, folder, f"{name}/", first)))
        path = folder.path.child(name)
        below = await files.nodes.resolve(folder.node.node_id, (name,))
        if below.missing or not below.node.is_folder or is_bin(folder.node, below.node):
            return stack
        page = Page((below.node,), {below.node.node_id: _own(below)}, has_more=False)
        entries = readable(actor, folder, page)
        if not entries:
            return stack
        folder = replace(within(folder, entries[0]), path=path)
    stack.append((folder, entries_of(files, actor, folder, after[-1], first)))
    return stack


def _own(found: Found) -> tuple[Right, ...]:
    return tuple(right for right in found.rights if right.node_id == found.node.node_id)


async def entries_of(
    files: Files, actor: Actor, located: Located, after: str, first: int = PAGE
) -> AsyncIterator[Entry]:
    """Give what lies in a folder beyond a sort key; ``first`` as for `walk`."""
    key: str | None = after
    most = min(first, PAGE)
    while key is not None:
        entries, key = await children(files, actor, located, key, most)
        most = PAGE
        for entry in entries:
            yield entry


async def space_of(files: Files, actor: Actor, slug: str) -> Space:
    """Find a space as an actor sees it; raise NoSuchSpace."""
    if slug == PERSONAL_SLUG:
        return await personal(files, actor)
    space = await files.spaces.find(slug, "") if slug else None
    if space is None:
        raise NoSuchSpace(phrase("there is no space %(name)s", name=repr(slug[:80])))
    return space


async def personal(files: Files, actor: Actor) -> Space:
    """Find an actor's own space; it is made when it is asked for first."""
    space = await files.spaces.find(PERSONAL_SLUG, actor.sub)
    while space is None:
        if await files.accounts.find(actor.sub) is None:
            raise NoSuchSpace("a client that speaks for itself has no files of its own")
        made = new_space(files, PERSONAL_SLUG, "My Files", SpaceKind.PERSONAL, actor.sub)
        await add_space(files, made, [Right(made.root_id, actor.sub, Action.WRITE)], _added(made))
        space = await files.spaces.find(PERSONAL_SLUG, actor.sub)
    return space


async def ensure_common(files: Files) -> None:
    """Make the space that everybody shares, if it was never made."""
    if await files.spaces.find(COMMON_SLUG, "") is None:
        made = new_space(files, COMMON_SLUG, "Common Files", SpaceKind.COMMON, "")
        await add_space(files, made, [Right(made.root_id, ROOT_GROUP, Action.WRITE)], _added(made))
        # Made with the space, once: an administrator who removes them does not get them back.
        tags = Namespace(TAGS, "Tags", 0, is_indexable=True, definition='{"type":"tags"}')
        event = AuditEvent(
            at=files.clock(), actor=SYSTEM, action="namespace.changed", target=TAGS
        )  # fmt: skip
        await files.meta.put_namespace(tags, event)


def _added(space: Space) -> AuditEvent:
    return AuditEvent(at=space.created_at, actor=SYSTEM, action="space.added", target=space.slug)


def new_space(files: Files, slug: str, label: str, kind: SpaceKind, owner: str) -> Space:
    """Give a new space with a volume of its own."""
    return Space(
        space_id=files.mint_id(),
        slug=slug,
        label=label,
        kind=kind,
        owner=owner,
        volume_id=files.mint_id(),
        root_id=files.mint_id(),
        created_at=files.clock(),
    )


async def add_space(
    files: Files, space: Space, rights: Sequence[Right], event: AuditEvent
) -> bool:
    """Keep a space with a volume of its own; False if its slug is taken."""
    # Anybody may make cells: without a quota they would be a way around that of their own space.
    is_a_persons = space.kind in (SpaceKind.PERSONAL, SpaceKind.CELL)
    quota = files.limits.quota if is_a_persons else None
    volume = Volume(
        volume_id=space.volume_id,
        root_id=space.root_id,
        trash_id=files.mint_id(),
        quota=quota,
        used=0,
        seq=0,
        feed_floor=0,
    )
    return await files.spaces.add(space, volume, rights, event)
