"""What places on a server mean: what is there, and what a pattern finds."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from keycell.client.errors import NotFound
from keycell.client.globs import Found, expand, is_pattern
from keycell.client.paths import RemotePath

if TYPE_CHECKING:
    from keycell.client.nodes import Node
    from keycell.client.session import Session


async def meant(
    session: "Session", wanted: Sequence[RemotePath], *, globs: bool = True
) -> "list[Node]":
    """Find what is at places, or what patterns mean; each once. Raises NotFound."""
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
    from keycell.client.files import stat  # noqa: PLC0415  (what speaks HTTP takes a while)
    from keycell.client.nodes import Node  # noqa: PLC0415  (as above)

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
    from keycell.client.files import children  # noqa: PLC0415  (as above)

    seen: dict[tuple[str, ...], Node] = {}

    async def listed(folder: tuple[str, ...]) -> list[Found]:
        try:
            nodes = [node async for node in children(session, "/".join(folder))]
        except NotFound:
            return []
        seen.update({(*folder, node.name): node for node in nodes})
        return [Found(node.name, node.is_folder) for node in nodes]

    return [seen[path] async for path in expand(names, listed)]
