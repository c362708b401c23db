"""What administration reaches of all spaces: what they hold, and putting back what was deleted."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from keycell.accounts.audit import AuditEvent
from keycell.administration.storage_ports import Stockroom
from keycell.files.moving import restore_for
from keycell.files.ports import Files, Found
from keycell.http.edge import Edge


def stockroom_of(edge: Edge) -> Stockroom:
    """Give what an administrator may reach of all spaces."""
    return Stockroom(
        shelves=edge.shelves,
        paths=partial(_paths, edge.files),
        set_quota=edge.files.spaces.set_quota,
        put_back=partial(_put_back, edge.files),
        trash_kept=edge.files.limits.trash_kept,
        versions_kept=edge.files.limits.versions_kept,
    )


async def _paths(files: Files, node_ids: Sequence[str]) -> Mapping[str, str]:
    found = await files.nodes.locate_each(node_ids)
    return {node_id: _path(one) for node_id, one in found.items()}


def _path(found: Found) -> str:
    """Say where something is in its volume, whose root has no name of its own."""
    return "/".join(node.name for node in found.chain[1:])


async def _put_back(files: Files, space_id: str, node_id: str, event: AuditEvent) -> str | None:
    space = await files.spaces.by_id(space_id)
    volume = None if space is None else await files.spaces.volume(space.volume_id)
    found = await files.nodes.locate(node_id)
    # What lies in a folder of the bin comes back with that folder.
    if space is None or volume is None or found is None:
        return None
    if found.node.parent_id != volume.trash_id:
        return None
    said = {"path": found.node.origin or found.node.name, "space": space.slug}
    node = await restore_for(files, space, found.node, replace(event, detail=said))
    return (await _paths(files, [node.node_id])).get(node.node_id, node.name)
