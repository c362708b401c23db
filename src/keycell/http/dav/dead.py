"""Dead properties: what clients keep beside files, of which we know nothing. RFC4918-4.

They are one document per node, in a metadata namespace of its own: XML by qualified name.
"""

from collections.abc import Mapping, Sequence

import msgspec

from keycell.files.access import Actor
from keycell.files.ports import Files
from keycell.http.dav.errors import DavError

NAMESPACE = "dav"
MOST_PROPERTIES = 200
LARGEST = 64 * 2**10
"""Characters of all that is kept beside one file."""

Dead = Mapping[str, str]


def read_dead(document: str | None) -> Dead:
    """Read what was kept."""
    return msgspec.json.decode(document, type=dict[str, str]) if document else {}


def revised(document: str | None, changes: Sequence[tuple[str, str | None]]) -> str | None:
    """Give the document after some properties are set, or removed; raise DavError."""
    dead = dict(read_dead(document))
    for name, value in changes:
        if value is None:
            dead.pop(name, None)
        else:
            dead[name] = value
    if not dead:
        return None
    written = msgspec.json.encode(dead).decode()
    if len(dead) > MOST_PROPERTIES or len(written) > LARGEST:
        raise DavError(
            507,
            f"beside one file {MOST_PROPERTIES} properties are kept, {LARGEST} characters in all",
        )
    return written


async def dead_of(files: Files, node_ids: Sequence[str]) -> Mapping[str, Dead]:
    """Give the dead properties of nodes."""
    said = await files.meta.of_nodes(node_ids)
    return {node_id: read_dead(found.get(NAMESPACE)) for node_id, found in said.items()}


async def copy_dead(files: Files, actor: Actor, source_id: str, target_id: str) -> None:
    """Give a copy the dead properties of its source, in place of any it had. RFC4918-9.8.2."""
    said = await files.meta.of_nodes([source_id, target_id])
    document = said.get(source_id, {}).get(NAMESPACE)
    if document != said.get(target_id, {}).get(NAMESPACE):
        await files.meta.put(target_id, NAMESPACE, document, actor.sub, files.clock())
