"""Small pictures of what files hold: whoever may read a file may see it small."""

import hashlib
from collections.abc import AsyncIterator

from keycell.files.errors import NoThumbnail
from keycell.files.finding import Located
from keycell.files.nodes import Node
from keycell.files.ports import Files
from keycell.files.reading import open_file
from keycell.oauth.sentences import phrase

TYPES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
"""An SVG is a program, and is never drawn here."""
MOST_BYTES = 50 * 2**20
_FORM = "320-1"
"""The longer side; and a number that grows when what is made of the same bytes changes."""


def name_of(node: Node) -> str:
    """Give the name of a file's small picture, one for the same bytes; raise NoThumbnail."""
    if node.is_folder or node.content_type.partition(";")[0].strip().lower() not in TYPES:
        raise NoThumbnail(phrase("only JPEG, PNG, WebP and GIF files have small pictures"))
    if node.size > MOST_BYTES:
        most = MOST_BYTES // 2**20
        raise NoThumbnail(
            phrase("files of more than %(most)s MiB have no small pictures", most=most)
        )
    # Of what came in parts, the digest is known a little later; a version never changes either.
    digest = node.sha256 or hashlib.sha256(f"{node.version_id}".encode()).hexdigest()
    return f"{digest}-{_FORM}"


async def thumbnail(files: Files, located: Located) -> bytes:
    """Give the small picture of a file that was found, as WebP.

    Raises NoThumbnail, ThumbnailsBusy, StoreAway, BlobMissing.
    """

    async def original() -> AsyncIterator[bytes]:
        async for chunk in (await open_file(files, located)).read():
            yield chunk

    node = located.node
    found = await files.thumbnails.small(name_of(node), node.size, original)
    if found is None:
        raise NoThumbnail(phrase("no small picture can be made of this file"))
    return found
