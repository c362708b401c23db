"""Multipart uploads and their parts as rows, and back."""

import msgspec

from keycell.files.uploads import Upload, UploadPart
from keycell.stores.columns import document, micros, moment
from keycell.stores.database import Row

_MD5_BYTES = 16


def upload_row(upload: Upload) -> dict[str, object]:
    """Give the columns of an upload."""
    return {
        "upload_id": upload.upload_id,
        "volume_id": upload.volume_id,
        "path": upload.path,
        "content_type": upload.content_type,
        "headers": document(dict(upload.headers)) if upload.headers else "",
        "sub": upload.sub,
        "client_id": upload.client_id,
        "created_at": micros(upload.created_at),
        "expires_at": micros(upload.expires_at),
    }


def upload_of(row: Row) -> Upload:
    """Give the upload that a row keeps."""
    return Upload(
        upload_id=row.upload_id,
        volume_id=row.volume_id,
        path=row.path,
        content_type=row.content_type,
        headers=_texts(row.headers),
        sub=row.sub,
        client_id=row.client_id,
        created_at=moment(row.created_at),
        expires_at=moment(row.expires_at),
    )


def part_row(part: UploadPart) -> dict[str, object]:
    """Give the columns of a part."""
    return {
        "upload_id": part.upload_id,
        "number": part.number,
        "sha256": part.sha256,
        "size": part.size,
        "etag": part.etag,
        "block_md5s": b"".join(part.block_md5s).hex(),
        "checksums": document(dict(part.checksums)) if part.checksums else "",
        "created_at": micros(part.created_at),
    }


def part_of(row: Row) -> UploadPart:
    """Give the part that a row keeps."""
    joined = bytes.fromhex(row.block_md5s)
    return UploadPart(
        upload_id=row.upload_id,
        number=row.number,
        sha256=row.sha256,
        size=row.size,
        etag=row.etag,
        block_md5s=tuple(
            joined[start : start + _MD5_BYTES] for start in range(0, len(joined), _MD5_BYTES)
        ),
        checksums=_texts(row.checksums),
        created_at=moment(row.created_at),
    )


def _texts(kept: str) -> dict[str, str]:
    return msgspec.json.decode(kept, type=dict[str, str]) if kept else {}
