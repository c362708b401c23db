"""Opening the byte store that the settings name. See decisions/0030."""

from pathlib import Path

from keycell.files.ports_blobs import BlobStore
from keycell.stores.blobs_folder import FolderBlobs


def open_blobs(objects: str, data: Path) -> BlobStore:
    """Open ``s3://bucket/prefix?endpoint=...&region=...``, or the data folder's own store."""
    if objects:
        # Who keeps bytes in a folder needs no client of object stores in memory.
        from keycell.stores.blobs_objects import ObjectBlobs, read_objects_url  # noqa: PLC0415

        return ObjectBlobs(read_objects_url(objects))
    return FolderBlobs(data / "blobs")
