"""One object: what it is, its bytes, new bytes for it, a copy of it, and its deletion."""

from collections import ChainMap
from dataclasses import dataclass, replace

from starlette.responses import Response

from keycell.files.errors import BadPath, DigestMismatch, NotFound
from keycell.files.finding import Located, stat
from keycell.files.moving import delete as delete_for_good
from keycell.files.moving import trash
from keycell.files.nodes import Node
from keycell.files.reading import open_file
from keycell.files.writing import Put, copy_file, make_folder
from keycell.files.writing import put as put_file
from keycell.http.conditions import Given, decide, http_date, write_conditions
from keycell.http.downloads import file_response
from keycell.http.s3.answers import document, element, moment
from keycell.http.s3.calls import Call, decoded_once, path_of
from keycell.http.s3.checksums import PREFIX as CHECKSUM
from keycell.http.s3.errors import S3Error
from keycell.http.s3.headers import FOLDER_TYPE, read_kept, read_mtime, sent_headers
from keycell.http.s3.numbers import number_of
from keycell.http.s3.payload import body_of, digest_error
from keycell.http.wire import origin_of

_SOURCE = "x-amz-copy-source"
_CURRENT = "null"
"""The version of what has none, as S3 calls it: here the current one."""


async def get(call: Call) -> Response:
    """Give an object, or part of it; HEAD gives the headers alone."""
    located = await stat(call.files, call.actor, call.path)
    node = located.node
    if node.is_folder != call.is_folder:
        raise NotFound(f"there is nothing at {call.key[:200]!r}")
    if node.is_folder:
        headers = {"ETag": '"d41d8cd98f00b204e9800998ecf8427e"', "Content-Type": FOLDER_TYPE,
                   "Last-Modified": http_date(node.mtime), "Accept-Ranges": "bytes"}  # fmt: skip
        return Response(b"", 200, headers)
    if number_of(call.query, "partNumber", 1) != 1:
        # What came in parts is one file here: it is read in ranges.
        raise S3Error("InvalidPartNumber", "an object is read whole, or by Range")
    wanted = read_version(call.query.get("versionId"))
    reads = call.request.method != "HEAD"
    opened = await open_file(call.files, located, wanted, reads=reads)
    changed_at = node.mtime
    if opened.version.version_id != node.version_id:
        changed_at = opened.version.created_at
    response = file_response(call.request, opened, changed_at, sent_headers(call, node))
    if response.status_code == 412:  # noqa: PLR2004
        raise S3Error("PreconditionFailed", f"the object's entity tag is {node.etag}")
    if response.status_code == 416:  # noqa: PLR2004
        raise S3Error("InvalidRange", f"the object has {opened.size} bytes")
    return response


def read_version(text: str | None) -> str | None:
    """Give the version that is asked for; None for the current one."""
    return None if text in (None, "", _CURRENT) else text


async def put(call: Call) -> Response:
    """Give a key new content, making its folders where they are not."""
    if call.is_folder:
        return await _put_folder(call)
    body, kept = body_of(call), read_kept(call)
    # A trailer's checksum is known when the body is through, and kept with the rest.
    headers = ChainMap(body.checksums, kept) if body.has_trailer else {**kept, **body.checksums}
    wanted = Put(
        content_type=call.headers.get("content-type", ""),
        conditions=write_conditions(call.headers),
        limits=body.limits,
        mtime=read_mtime(kept),
        headers=headers,
    )
    try:
        placed, _ = await put_file(call.files, call.actor, call.path, body.chunks, wanted)
    except DigestMismatch as error:
        raise digest_error(body, error) from error
    return Response(
        b"",
        200,
        {"ETag": f'"{placed.node.etag}"', **placed_headers(placed.node), **body.checksums},
    )


def placed_headers(node: Node) -> dict[str, str]:
    """Say what a file has become, for a client that follows the feed."""
    return {
        "x-keycell-node": node.node_id,
        "x-keycell-version": node.version_id or "",
        "x-keycell-revision": str(node.revision),
    }


async def _put_folder(call: Call) -> Response:
    length = call.headers.get("x-amz-decoded-content-length") or call.headers.get("content-length")
    if length not in (None, "0"):
        raise BadPath("a key that ends with a slash is a folder, and holds no bytes of its own")
    await make_folder(call.files, call.actor, call.path)
    return Response(b"", 200, {"ETag": '"d41d8cd98f00b204e9800998ecf8427e"'})


@dataclass(frozen=True, slots=True)
class Source:
    """What is copied."""

    located: Located
    version_id: str | None


async def find_source(call: Call) -> Source:
    """Find what a copy is made of, as the conditions of the request have it."""
    text, _, version = call.headers[_SOURCE].partition("?versionId=")
    bucket, slash, key = decoded_once(text.encode("latin-1")).removeprefix("/").partition("/")
    if bucket != "io" or not slash or not key:
        raise S3Error("InvalidArgument", f"{_SOURCE} must be io/KEY, percent-encoded")
    located = await stat(call.files, call.actor, path_of(key))
    node = located.node
    if node.is_folder != key.endswith("/"):
        raise NotFound(f"there is nothing at {key[:200]!r}")
    conditions = {
        name.removeprefix(f"{_SOURCE}-"): value
        for name, value in call.headers.items()
        if name.startswith(f"{_SOURCE}-if-")
    }
    decision = decide(conditions, node.etag, node.mtime, node.size)
    if not isinstance(decision, Given):
        raise S3Error("PreconditionFailed", f"the source's entity tag is {node.etag}")
    return Source(located, read_version(version or None))


async def copy(call: Call) -> Response:
    """Put what one key holds under another; the bytes themselves are shared."""
    source = await find_source(call)
    if source.located.node.is_folder:
        if not call.is_folder:
            raise BadPath("a folder is copied to a key that ends with a slash")
        return _copied(await make_folder(call.files, call.actor, call.path))
    replaces = call.headers.get("x-amz-metadata-directive", "COPY").upper() == "REPLACE"
    if source.located.path == call.path and not replaces:
        raise S3Error(
            "InvalidRequest", "a copy onto itself changes nothing without REPLACE'd metadata"
        )
    if source.version_id not in (None, source.located.node.version_id):
        raise S3Error("NotImplemented", "an older version is brought back over REST, not copied")
    if call.is_folder:
        raise BadPath("a file is copied to a key that does not end with a slash")
    wanted = _put_of(call, source.located.node, replaces=replaces)
    placed = await copy_file(call.files, call.actor, source.located, call.path, wanted)
    return _copied(placed.node)


def _put_of(call: Call, node: Node, *, replaces: bool) -> Put:
    said = Put(
        content_type=node.content_type,
        conditions=write_conditions(call.headers),
        mtime=node.mtime,
        headers=node.headers,
    )
    if not replaces:
        return said
    kept = read_kept(call)
    sums = {name: value for name, value in node.headers.items() if name.startswith(CHECKSUM)}
    return replace(
        said,
        content_type=call.headers.get("content-type", node.content_type),
        mtime=read_mtime(kept) or node.mtime,
        headers={**kept, **sums},
    )


def _copied(node: Node) -> Response:
    return document(
        "CopyObjectResult",
        element("LastModified", moment(node.mtime)),
        element("ETag", f'"{node.etag}"'),
    )


async def delete(call: Call) -> Response:
    """Move an object to the recycle bin, or out of it for good; what is not there is no error."""
    if read_version(call.query.get("versionId")) is not None:
        raise S3Error("NotImplemented", "single versions are not deleted over S3")
    await delete_key(call, call.key)
    return Response(b"", 204)


async def delete_key(call: Call, key: str) -> None:
    """Delete what a key names; a folder if it is empty, since its key is not that of its files."""
    try:
        located = await stat(call.files, call.actor, path_of(key))
    except NotFound:
        return
    node = located.node
    if node.is_folder != key.endswith("/") or (node.is_folder and node.children):
        return
    conditions = write_conditions(call.headers)
    if located.in_trash:
        origin = origin_of(call.request)
        await delete_for_good(call.files, call.actor, located, origin, conditions=conditions)
    else:
        await trash(call.files, call.actor, located, conditions=conditions)
