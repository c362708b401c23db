"""What all spaces hold: who has how much of it, what is large, what waits to go; and putting back.

Names of files are told to administrators here, never what is in them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypedDict

from keycell.accounts.audit import Reasoned
from keycell.accounts.errors import Invalid
from keycell.administration.call import Moment, Nothing, Page
from keycell.administration.office import Listing, NotThere, Office
from keycell.administration.storage_ports import Shelf, Stockroom
from keycell.oauth.sentences import phrase

Order = Literal["label", "owner", "used", "quota", "trashed"]
_MOST_FILES = 100
_LARGEST = 2**62
_LAST = "\U0010ffff"
"""Beyond every identifier."""
_FULL = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeking(Listing):
    """A part of the spaces, by state, in the order of something."""

    state: Literal["", "full", "left"] = ""
    """Full are those of whose quota nine tenths are used; left those whose owner is gone."""
    sort: Order = "used"
    is_backwards: bool = False

    def finds(self, one: Shelf) -> bool:
        """Tell whether it is one of those."""
        states = {
            "full": one.quota is not None and one.used >= one.quota * _FULL,
            "left": one.kept_until is not None,
        }
        said = f"{one.label}\n{one.slug}\n{one.owner}\n{one.owner_name}".casefold()
        return states.get(self.state, True) and self.search.strip().casefold() in said


@dataclass(frozen=True, slots=True, kw_only=True)
class Going:
    """A part of a list of files, beyond where the last one ended."""

    after: str = ""
    most: int = 50

    def check(self) -> None:
        """Raise Invalid for what no part can be."""
        if not 1 <= self.most <= _MOST_FILES:
            raise Invalid("most", "most", f"expected 1 to {_MOST_FILES}, and go on by next")


@dataclass(frozen=True, slots=True, kw_only=True)
class OfSpace(Going):
    """A part of what lies in a space's recycle bin."""

    space_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounding:
    """How many bytes a space may hold; null for any number."""

    space_id: str
    quota: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trashed:
    """Something in a space's recycle bin."""

    space_id: str
    node_id: str


class Waiting(TypedDict):
    """What waits for the sweep."""

    blobs: int
    size: int


class Overall(TypedDict):
    """How much there is of all, and for how long what is deleted is kept."""

    spaces: int
    used: int
    left: int
    full: int
    waiting: Waiting
    trash_kept_days: int
    versions_kept_days: int


class SpaceView(TypedDict):
    """A space and how much it holds; ``kept_until`` is when it goes, as its owner is gone."""

    space_id: str
    slug: str
    label: str
    kind: str
    owner: str
    owner_name: str
    quota: int | None
    used: int
    nodes: int
    trashed: int
    kept_until: Moment | None


class Spaces(Page[SpaceView]):
    """A part of the spaces, and how many there are of them."""

    total: int


class LargeFile(TypedDict):
    """A large file, and where it is."""

    node_id: str
    name: str
    size: int
    changed_at: Moment
    space_id: str
    space: str
    owner: str
    path: str


class ThrownAway(TypedDict):
    """Something in a recycle bin: where it was, and since when it is there."""

    node_id: str
    name: str
    origin: str
    is_folder: bool
    size: int
    trashed_at: Moment | None


class PutBack(TypedDict):
    """Where it is again."""

    path: str


async def overall(office: Office, _asked: Nothing) -> Overall:
    """Tell how much there is of all, what waits for the sweep, and how long what is kept."""
    room = _room(office)
    found = await room.shelves.all()
    blobs, size = await room.shelves.waiting()
    return {
        "spaces": len(found),
        "used": sum(one.used for one in found),
        "left": sum(one.kept_until is not None for one in found),
        "full": sum(Seeking(state="full").finds(one) for one in found),
        "waiting": {"blobs": blobs, "size": size},
        "trash_kept_days": room.trash_kept.days,
        "versions_kept_days": room.versions_kept.days,
    }


async def listed(office: Office, asked: Seeking) -> Spaces:
    """List spaces; ``next`` is the cursor to go on by, null at the end.

    There are about as many as people: all are read, however many files they hold.
    """
    asked.check()
    key = _PLACES[asked.sort]
    found = sorted(
        (one for one in await _room(office).shelves.all() if asked.finds(one)),
        key=lambda one: (key(one), one.space_id),
        reverse=asked.is_backwards,
    )
    start = 0
    if asked.after:
        ids = [one.space_id for one in found]
        if asked.after not in ids:
            raise Invalid("after", "after", phrase("the last one before is gone: begin anew"))
        start = ids.index(asked.after) + 1
    shown = found[start : start + asked.most]
    has_more = len(found) > start + asked.most
    return {
        "items": [_view(one) for one in shown],
        "next": shown[-1].space_id if has_more else None,
        "total": len(found),
    }


async def largest(office: Office, asked: Going) -> Page[LargeFile]:
    """List files of 1 MiB and more, the largest first; what is on its way out is left out."""
    asked.check()
    room = _room(office)
    size, node_id = _cursor(asked.after)
    found = await room.shelves.largest(size, node_id, asked.most + 1)
    shown = found[: asked.most]
    paths = await room.paths([one.node_id for one in shown])
    last = shown[-1] if len(found) > asked.most else None
    return {
        "items": [
            {
                "node_id": one.node_id, "name": one.name, "size": one.size,
                "changed_at": one.changed_at.isoformat(), "space_id": one.space_id,
                "space": one.space, "owner": one.owner, "path": paths[one.node_id],
            }
            for one in shown
            if one.node_id in paths
        ],
        "next": None if last is None else f"{last.size}.{last.node_id}",
    }  # fmt: skip


async def bounded(office: Office, asked: Bounding) -> SpaceView:
    """Set how much a space may hold; what is there stays, and the answer is the space."""
    if asked.quota is not None and not 0 < asked.quota <= _LARGEST:
        raise Invalid("quota", "quota", f"expected 1 to {_LARGEST} bytes, or null for no bound")
    found = await _shelf(office, asked.space_id)
    event = office.event("space.changed", found.slug)
    await _room(office).set_quota(found.volume_id, asked.quota, event)
    return _view(await _shelf(office, asked.space_id))


async def trash(office: Office, asked: OfSpace) -> Page[ThrownAway]:
    """List what lies in a space's recycle bin, each folder as one."""
    asked.check()
    found = await _shelf(office, asked.space_id)
    things = await _room(office).shelves.thrown(found.volume_id, asked.after, asked.most + 1)
    shown = things[: asked.most]
    return {
        "items": [
            {
                "node_id": one.node_id, "name": one.name, "origin": one.origin,
                "is_folder": one.is_folder, "size": one.size,
                "trashed_at": one.trashed_at.isoformat() if one.trashed_at else None,
            }
            for one in shown
        ],
        "next": shown[-1].key if len(things) > asked.most else None,
    }  # fmt: skip


async def restored(office: Office, asked: Trashed) -> PutBack:
    """Put something of a recycle bin back where it was, for whose it is; a reason is needed."""
    if not isinstance(office.by.origin, Reasoned):
        raise Invalid(
            "reason", "reason", phrase("say why, in X-Keycell-Reason: the trail keeps it")
        )
    found = await _shelf(office, asked.space_id)
    event = office.event("node.restored", asked.node_id)
    path = await _room(office).put_back(found.space_id, asked.node_id, event)
    if path is None:
        raise NotThere(phrase("it is not in this recycle bin any more"))
    return {"path": path}


def _room(office: Office) -> Stockroom:
    if office.stockroom is None:
        raise NotThere(phrase("what spaces hold is told by a running server alone"))
    return office.stockroom


async def _shelf(office: Office, space_id: str) -> Shelf:
    found = await _room(office).shelves.find(space_id)
    if found is None:
        raise NotThere(phrase("there is no space %(name)s", name=repr(space_id[:80])))
    return found


def _view(one: Shelf) -> SpaceView:
    return {
        "space_id": one.space_id, "slug": one.slug, "label": one.label, "kind": one.kind,
        "owner": one.owner, "owner_name": one.owner_name, "quota": one.quota, "used": one.used,
        "nodes": one.nodes, "trashed": one.trashed,
        "kept_until": one.kept_until.isoformat() if one.kept_until else None,
    }  # fmt: skip


def _cursor(after: str) -> tuple[int, str]:
    if not after:
        return _LARGEST, _LAST
    size, _, node_id = after.partition(".")
    if not (size.isascii() and size.isdecimal() and int(size) <= _LARGEST):
        raise Invalid("after", "after", "expected what the last part gave as next")
    return int(size), node_id


_PLACES: Mapping[Order, Callable[[Shelf], str | int]] = {
    "label": lambda one: one.label.casefold(),
    "owner": lambda one: one.owner.casefold(),
    "used": lambda one: one.used,
    "quota": lambda one: _LARGEST + 1 if one.quota is None else one.quota,
    "trashed": lambda one: one.trashed,
}
