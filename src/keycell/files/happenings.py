"""What is known of a file or folder beside itself: what became of it, and what it holds."""

from collections.abc import Sequence
from datetime import datetime

from keycell.accounts.audit import Search
from keycell.files.access import Action, Actor
from keycell.files.finding import Located
from keycell.files.nodes import Node
from keycell.files.ports import Files
from keycell.files.reading import versions
from keycell.values import dataclass

MOST_TOLD = 100
LOOKED_AT = 20_000
"""So many events of everybody, at most, are looked through for those of one node."""
_SHARING = ("right.", "version.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something that somebody did with a file or folder."""

    at: datetime
    action: str
    by: str
    """The ``sub`` of whoever did it, or what the trail calls them."""
    label: str = ""
    """What the version, link or shared folder is called by."""
    role: str = ""
    """Whose right it is about."""


@dataclass(frozen=True, slots=True)
class Holding:
    """How much lies in a folder and below it."""

    folders: int
    files: int
    size: int


async def happened(files: Files, actor: Actor, located: Located) -> Sequence[Happening]:
    """List what became of a node, the latest first.

    Who may only look is told who made and wrote it, and not with whom it is shared.
    """
    node = located.node
    found = [Happening(at=node.created_at, action="node.made", by=node.created_by)]
    if not node.is_folder:
        found += [
            Happening(at=one.created_at, action="version.written", by=one.created_by)
            for one in await versions(files, actor, located)
            if one.created_at != node.created_at
        ]
    if node.trashed_at is not None:
        found.append(Happening(at=node.trashed_at, action="node.trashed", by=node.changed_by))
    if located.allowed.write:
        found += await _shared(files, node)
        found += await _audited(files, node)
    return sorted(found, key=lambda one: one.at, reverse=True)[:MOST_TOLD]


async def _shared(files: Files, node: Node) -> list[Happening]:
    """List the links and shared folders that stand."""
    return [
        Happening(at=one.created_at, action="link.added", by=one.sub, label=one.label)
        for one in await files.links.to_nodes([node.node_id])
    ] + [
        Happening(at=one.created_at, action="space.added", by=one.owner, label=one.label)
        for one in await files.spaces.of_root(node.node_id)
        if one.owner and node.parent_id is not None
    ]


async def _audited(files: Files, node: Node) -> list[Happening]:
    wanted = Search(
        before=None, beyond="", most=MOST_TOLD, among=LOOKED_AT, who=frozenset({node.node_id})
    )
    page, _ = await files.audit.search(wanted)
    return [
        Happening(
            at=event.at, action=event.action, by=event.actor,
            label=str(event.detail.get("label", "")), role=str(event.detail.get("role", "")),
        )
        for _, event in page
        if event.action.startswith(_SHARING)
    ]  # fmt: skip


async def holding(files: Files, actor: Actor, folder: Located) -> Holding | None:
    """Count what lies below a folder; None where some of it is denied to who asks."""
    node = folder.node
    for right in await files.spaces.rights(role_ids=sorted(actor.roles)):
        if right.action is Action.DENY:
            denied = await files.nodes.locate(right.node_id)
            if denied is not None and node.node_id in denied.ids:
                return None
    folders, others, size = await files.nodes.usage(node.node_id)
    volume = await files.spaces.volume(node.volume_id)
    if volume is not None and volume.root_id == node.node_id:
        # What was thrown away lies there as well, and is not what anybody means.
        binned = await files.nodes.usage(volume.trash_id)
        folders, others, size = folders - binned[0] - 1, others - binned[1], size - binned[2]
    return Holding(folders, others, size)
