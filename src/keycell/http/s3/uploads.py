"""Multipart uploads: parts that come in any order, again, and several at a time."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace

from starlette.responses import Response

from keycell.files.errors import (
    DigestMismatch,
    FilesError,
    NoSuchUpload,
    NotFound,
    QuotaExceeded,
    TooLarge,
)
from keycell.files.finding import stat
from keycell.files.names import is_same
from keycell.files.nodes import Content, Node
from keycell.files.ports_blobs import WriteLimits
from keycell.files.reading import open_file
from keycell.files.uploads import (
    LARGEST_PART,
    BadPart,
    Upload,
    UploadPart,
    assemble,
    check_number,
    multipart_etag,
)
from keycell.files.writing import Put, find_target, place, read_content_type, room_in
from keycell.http.conditions import write_conditions
from keycell.http.s3.answers import BUCKET, document, element, moment
from keycell.http.s3.calls import Call
from keycell.http.s3.checksums import (
    ALGORITHMS,
    COMPOSITE,
    FULL,
    check_value,
    checksum_of_parts,
    checksum_type,
)
from keycell.http.s3.checksums import PREFIX as CHECKSUM
from keycell.http.s3.documents import LONGEST, NamedPart, read_completion
from keycell.http.s3.errors import S3Error
from keycell.http.s3.headers import read_kept, read_mtime
from keycell.http.s3.numbers import number_of
from keycell.http.s3.objects import find_source, placed_headers
from keycell.http.s3.payload import body_of, digest_error, read_document

_PAGE = 1000
_GONE = "no such upload is under way: it was completed, given up, or never begun"
_ALGORITHM = "x-amz-checksum-algorithm"
_TYPE = "x-amz-checksum-type"
_RANGE = re.compile(r"bytes=(\d{1,15})-(\d{1,15})", re.ASCII)


async def create(call: Call) -> Response:
    """Begin an upload."""
    located = await find_target(call.files, call.actor, call.path)
    now = call.files.clock()
    upload = Upload(
        upload_id=call.files.mint_id(),
        volume_id=located.node.volume_id,
        path=str(call.path),
        content_type=read_content_type(call.headers.get("content-type", "")),
        headers={**read_kept(call), **_read_checksum_kind(call)},
        sub=call.actor.sub,
        client_id=call.actor.client_id,
        created_at=now,
        expires_at=now + call.files.limits.uploads_kept,
    )
    await call.files.uploads.begin(upload)
    response = document(
        "InitiateMultipartUploadResult",
        element("Bucket", BUCKET),
        element("Key", call.key),
        element("UploadId", upload.upload_id),
    )
    response.headers.update(_read_checksum_kind(call))
    return response


def _read_checksum_kind(call: Call) -> dict[str, str]:
    found = {name: call.headers[name] for name in (_ALGORITHM, _TYPE) if name in call.headers}
    if found.get(_ALGORITHM, "crc32").lower() not in ALGORITHMS:
        raise S3Error("InvalidRequest", f"{_ALGORITHM} is not known here")
    if found.get(_TYPE, FULL) not in {FULL, COMPOSITE}:
        raise S3Error("InvalidRequest", f"{_TYPE} is {FULL} or {COMPOSITE}")
    return found


async def put_part(call: Call) -> Response:
    """Keep a part, in the place of an earlier one of its number."""
    upload, number = await find_upload(call), _number(call)
    body = body_of(call)
    try:
        part = await _keep(call, upload, number, body.chunks, body.limits, body.checksums)
    except DigestMismatch as error:
        raise digest_error(body, error) from error
    return Response(b"", 200, {"ETag": f'"{part.etag}"', **body.checksums})


async def copy_part(call: Call) -> Response:
    """Keep a part that is made of another object's bytes."""
    upload, number = await find_upload(call), _number(call)
    source = await find_source(call)
    opened = await open_file(call.files, source.located, source.version_id)
    start, end = _copied_range(call.headers.get("x-amz-copy-source-range"), opened.size)
    limits = WriteLimits(declared_length=end - start)
    part = await _keep(call, upload, number, opened.read(start, end), limits, {})
    return document(
        "CopyPartResult",
        element("LastModified", moment(part.created_at)),
        element("ETag", f'"{part.etag}"'),
    )


def _copied_range(said: str | None, size: int) -> tuple[int, int]:
    if said is None:
        return 0, size
    found = _RANGE.fullmatch(said)
    if found is None or not int(found[1]) <= int(found[2]) < size:
        raise S3Error(
            "InvalidArgument",
            f"x-amz-copy-source-range must be bytes=FIRST-LAST within the {size} bytes there are",
        )
    return int(found[1]), int(found[2]) + 1


async def find_upload(call: Call) -> Upload:
    """Find the upload that a request is about, if it is the actor's and of this key."""
    upload = await call.files.uploads.find(call.query["uploadId"][:64])
    if upload is None or upload.sub != call.actor.sub or not is_same(upload.path, str(call.path)):
        raise NoSuchUpload(_GONE)
    return upload


def _number(call: Call) -> int:
    return check_number(number_of(call.query, "partNumber", 0))


async def _keep(
    call: Call,
    upload: Upload,
    number: int,
    chunks: AsyncIterator[bytes],
    limits: WriteLimits,
    checksums: Mapping[str, str],
) -> UploadPart:
    located = await find_target(call.files, call.actor, call.path)
    room = await room_in(call.files, located)
    if room is not None and (limits.declared_length or 0) > room:
        raise QuotaExceeded(f"{room} bytes are left in the space's quota")
    written = await call.files.blobs.write(chunks, replace(limits, most=LARGEST_PART))
    part = UploadPart(
        upload_id=upload.upload_id,
        number=number,
        sha256=written.sha256,
        size=written.size,
        etag=written.md5,
        block_md5s=written.block_md5s,
        checksums={name.removeprefix(CHECKSUM): value for name, value in checksums.items()},
        created_at=call.files.clock(),
    )
    try:
        unneeded = await call.files.uploads.keep_part(part, written)
    except FilesError:
        await call.files.blobs.remove([written.key] if written.key is not None else [])
        raise
    await call.files.blobs.remove(unneeded)
    return part


async def complete(call: Call) -> Response:
    """Make a file of the parts that are named."""
    body = await read_document(call, LONGEST, is_summed=False)
    named = read_completion(body)
    pairs = [(part.number, part.etag) for part in named]
    try:
        upload = await find_upload(call)
        arrived = await _all_parts(call, upload)
        content = await _assembled(call, upload, pairs, arrived)
    except NoSuchUpload:
        return _completed(call, await _completed_before(call, pairs), {})
    if content.size > call.files.limits.largest_file:
        raise TooLarge(f"at most {call.files.limits.largest_file} bytes are taken")
    checksums = _check_checksums(call, upload, named, arrived)
    node = await _place(call, upload, content, checksums, pairs)
    return _completed(call, node, checksums)


async def _assembled(
    call: Call, upload: Upload, pairs: Sequence[tuple[int, str]], arrived: Mapping[int, UploadPart]
) -> Content:
    try:
        return assemble(pairs, arrived, upload.content_type)
    except BadPart:
        # Another completion may have taken the parts since the first look: it is gone then.
        await find_upload(call)
        raise


async def _place(
    call: Call,
    upload: Upload,
    content: Content,
    checksums: Mapping[str, str],
    pairs: Sequence[tuple[int, str]],
) -> Node:
    kept = {
        name: value for name, value in upload.headers.items() if name not in (_ALGORITHM, _TYPE)
    }
    put = Put(
        content_type=upload.content_type,
        conditions=write_conditions(call.headers),
        mtime=read_mtime(kept),
        headers={**kept, **checksums},
    )
    target = await find_target(call.files, call.actor, call.path, put.conditions)
    try:
        placed = await place(
            call.files, call.actor, target, content, put, upload_id=upload.upload_id
        )
    except NotFound:
        # Of two that complete it at once, one does.
        return await _completed_before(call, pairs)
    return placed.node


async def _completed_before(call: Call, pairs: Sequence[tuple[int, str]]) -> Node:
    """Give the file that these parts became: whose answer was lost asks again."""
    located = await stat(call.files, call.actor, call.path)
    try:
        etag = multipart_etag([etag for _, etag in pairs])
    except ValueError:
        etag = None
    if located.node.is_folder or located.node.etag != etag:
        raise NoSuchUpload(_GONE)
    return located.node


async def _all_parts(call: Call, upload: Upload) -> Mapping[int, UploadPart]:
    arrived: dict[int, UploadPart] = {}
    after = 0
    while True:
        page = await call.files.uploads.parts(upload.upload_id, after, _PAGE)
        arrived |= {part.number: part for part in page}
        if len(page) < _PAGE:
            return arrived
        after = page[-1].number


def _check_checksums(
    call: Call,
    upload: Upload,
    named: Sequence[NamedPart],
    arrived: Mapping[int, UploadPart],
) -> dict[str, str]:
    """Check what is told of the parts' checksums and the whole's; give the whole's, if known."""
    for part in named:
        has = arrived[part.number].checksums
        for algorithm, value in part.checksums.items():
            if algorithm in has and has[algorithm] != value:
                raise BadPart(f"part {part.number} has another {algorithm} than {value[:64]}")
    told = {
        name: call.headers[CHECKSUM + name]
        for name in ALGORITHMS
        if CHECKSUM + name in call.headers
    }
    algorithm = next(iter(told), upload.headers.get(_ALGORITHM, "").lower())
    parts = [arrived[one.number] for one in named]
    known = [
        (part.checksums[algorithm], part.size) for part in parts if algorithm in part.checksums
    ]
    if algorithm not in ALGORITHMS or len(known) != len(parts):
        return {}
    made = checksum_of_parts(algorithm, upload.headers.get(_TYPE, ""), known)
    announced = told.get(algorithm, "")
    if announced:
        value, _, count = announced.partition("-")
        check_value(algorithm, value)
        # Of the whole it may be announced where ours is of the parts, and the other way round:
        # then the parts' own, which were looked at, are what there is.
        is_ours = checksum_type(announced) == checksum_type(made)
        if (is_ours and announced != made) or (count and count != str(len(known))):
            raise S3Error("BadDigest", f"the parts' {algorithm} is {made}, not {announced[:128]}")
    return {CHECKSUM + algorithm: made}


def _completed(call: Call, node: Node, checksums: Mapping[str, str]) -> Response:
    sums = [
        element(f"Checksum{name.removeprefix(CHECKSUM).upper()}", value)
        for name, value in checksums.items()
    ]
    sums += [element("ChecksumType", checksum_type(value)) for value in checksums.values()]
    response = document(
        "CompleteMultipartUploadResult",
        element("Location", f"{call.edge.settings.base_url}/{BUCKET}/{call.key}"),
        element("Bucket", BUCKET),
        element("Key", call.key),
        element("ETag", f'"{node.etag}"'),
        *sums,
    )
    response.headers.update(placed_headers(node))
    return response


async def abort(call: Call) -> Response:
    """Give an upload up."""
    upload = await find_upload(call)
    if not await call.files.uploads.abort(upload.upload_id):
        raise NoSuchUpload("the upload was completed or given up meanwhile")
    return Response(b"", 204)
