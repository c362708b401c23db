"""Reading what a file holds, whole or in part, of the current version or an older one."""

from collections.abc import AsyncIterator, Mapping, Sequence

from keycell.files.access import Actor
from keycell.files.errors import BlobMissing, IsAFolder, NotFound
from keycell.files.finding import Located, each_by_id
from keycell.files.nodes import Content, Node, Part, Version
from keycell.files.ports import Files, Place
from keycell.oauth.sentences import phrase
from keycell.values import dataclass

MULTIPART = "-"
"""Stands in the entity tag of what came in parts, and in no other."""
MOST_PINNED = 100
"""Versions of one file, beside those that are kept by themselves."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A version of a file, with all that is needed to read it: later changes do not matter."""

    version: Version
    places: Mapping[str, Place]
    files: Files

    @property
    def size(self) -> int:
        """Give the number of bytes."""
        return self.version.content.size

    def read(self, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Give the bytes from one place up to another, in pieces."""
        stop = self.size if end is None else min(end, self.size)
        return _read(self.files, self.version.content.parts, self.places, start, stop)

    def small(self) -> bytes | None:
        """Give all of it at once, if the row itself carries it."""
        parts = self.version.content.parts
        return self.places[parts[0].sha256].content if len(parts) == 1 else None


async def open_file(
    files: Files, located: Located, version_id: str | None = None, *, reads: bool = True
) -> Opened:
    """Open a file that was found; raise NotFound, IsAFolder, BlobMissing.

    Who only looks (``reads`` is false) is told by the node itself, without looking for bytes. Of a
    current version, who and when are the node's: who changed it last, and its own time.
    """
    node = located.node
    if node.is_folder:
        raise IsAFolder(f"{str(located.path)[:200]!r} is a folder; it has no bytes to read")
    wanted = version_id or node.version_id
    if wanted is not None and wanted == node.version_id:
        current = await _current(files, node, wanted, reads=reads)
        if current is not None:
            return current
    version = await files.nodes.version(wanted) if wanted else None
    if version is None or version.node_id != node.node_id:
        raise NotFound(
            phrase("the file has no version %(version)s", version=repr(str(wanted)[:64]))
        )
    return await open_version(files, version)


async def _current(files: Files, node: Node, version_id: str, *, reads: bool) -> Opened | None:
    """Open what the node itself tells of; None where only the version's parts say where it is.

    Content that is kept in one piece is found by its digest, which the node has. Of what came in
    parts the digest of the whole may be known too, but names no bytes.
    """
    if not reads:
        return Opened(_described(node, version_id, ()), {}, files)
    if node.sha256 is None or MULTIPART in node.etag:
        return None
    places = await files.rows.places([node.sha256])
    if node.sha256 not in places:
        return None
    return Opened(_described(node, version_id, (Part(node.sha256, node.size),)), places, files)


def _described(node: Node, version_id: str, parts: tuple[Part, ...]) -> Version:
    content = Content(
        size=node.size,
        etag=node.etag,
        sha256=node.sha256,
        block_hash=node.block_hash,
        content_type=node.content_type,
        parts=parts,
    )
    return Version(
        version_id=version_id,
        node_id=node.node_id,
        content=content,
        created_at=node.mtime,
        created_by=node.changed_by,
    )


async def open_version(files: Files, version: Version) -> Opened:
    """Open a version with its parts; raise BlobMissing."""
    places = await files.rows.places([part.sha256 for part in version.content.parts])
    for part in version.content.parts:
        if part.sha256 not in places:
            raise BlobMissing(f"the bytes of version {version.version_id} are not there")
    return Opened(version, places, files)


async def small_contents(
    files: Files, actor: Actor, wanted: Mapping[str, str]
) -> Mapping[str, bytes]:
    """Give what small files hold, by their identifiers, of the versions that are wanted.

    Left out is what is not as wanted, is read from the store, or is not for the actor to read.
    """
    digests = {}
    async for located in each_by_id(files, actor, wanted):
        node = located.node
        if not node.is_folder and node.sha256 and node.version_id == wanted[node.node_id]:
            digests[node.node_id] = node.sha256
    places = await files.rows.places(sorted(set(digests.values())))
    return {
        node_id: place.content
        for node_id, digest in digests.items()
        if (place := places.get(digest)) is not None and place.content is not None
    }


async def versions(files: Files, actor: Actor, located: Located) -> Sequence[Version]:
    """List the versions of a file, the latest first."""
    del actor  # whoever may read a file may read what it was
    return await files.nodes.versions(
        located.node.node_id, files.limits.most_versions + 1 + MOST_PINNED
    )


async def _read(
    files: Files,
    parts: Sequence[Part],
    places: Mapping[str, Place],
    start: int,
    end: int,
) -> AsyncIterator[bytes]:
    begins = 0
    for part in parts:
        first, last = max(start - begins, 0), min(end - begins, part.size)
        begins += part.size
        if first >= last:
            continue
        place = places[part.sha256]
        if place.key is None:
            yield (place.content or b"")[first:last]
            continue
        async for chunk in files.blobs.read(place.key, first, last):
            yield chunk
