"""PUT, MKCOL and DELETE. RFC4918-9.3, RFC4918-9.6, RFC4918-9.7."""

import base64
import binascii
import hashlib
from collections.abc import AsyncIterator
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from keycell.files import moving
from keycell.files.errors import DigestMismatch, NameTaken, NotFound
from keycell.files.ports_blobs import WriteLimits
from keycell.files.writing import Put
from keycell.files.writing import make_folder as make
from keycell.files.writing import put as place
from keycell.http.content_digest import bound
from keycell.http.dav.calls import Call
from keycell.http.dav.errors import DavError
from keycell.http.dav.propfind import read_depth
from keycell.http.dav.proppatch import by_seconds
from keycell.http.wire import NO_STORE, origin_of
from keycell.kinds import kind_of

_LONGEST_CHECKSUM = 200


async def put(call: Call) -> Response:
    """Answer PUT."""
    request = call.request
    if "content-range" in request.headers:
        # A part taken for the whole would lose the rest. RFC9110-14.5.
        raise DavError(400, "parts of files are not taken; send the whole file")
    located = await call.locate()
    if call.target.has_slash and not located.exists:
        raise DavError(409, "the address ends with a slash, as a folder's; files have none")
    mtime = _mtime(request)
    wanted = Put(
        content_type=_content_type(request, call.path.name),
        conditions=call.conditions,
        limits=_limits(request),
        mtime=mtime,
        lock_tokens=call.lock_tokens,
    )
    pieces = _pieces(request, _said(request, "SHA1"))
    placed, _ = await place(call.files, call.actor, call.path, pieces, wanted)
    headers = {**NO_STORE, "ETag": f'"{placed.node.etag}"', "OC-ETag": f'"{placed.node.etag}"'}
    if mtime is not None:
        headers["X-OC-Mtime"] = "accepted"
    return Response(b"", 204 if located.exists else 201, headers)


async def _pieces(request: Request, sha1: str | None) -> AsyncIterator[bytes]:
    # Computed for those who announce it: desktop programs know no newer one.
    digest = None if sha1 is None else hashlib.sha1(usedforsecurity=False)
    async for chunk in request.stream():
        if chunk:
            yield chunk
            if digest is not None:
                digest.update(chunk)
    if digest is not None and digest.hexdigest() != sha1:
        raise DigestMismatch("the bytes that came do not have the SHA1 of OC-Checksum")


def _said(request: Request, kind: str) -> str | None:
    """Give the digest of a kind that a client announces, in hex; raise DavError."""
    named, _, said = request.headers.get("oc-checksum", "")[:_LONGEST_CHECKSUM].partition(":")
    if named.upper() != kind:
        return None
    try:
        return bytes.fromhex(said).hex()
    except ValueError:
        raise DavError(
            400, "OC-Checksum is the name of a digest, a colon, and it in hex"
        ) from None


def _content_type(request: Request, name: str) -> str:
    said = request.headers.get("content-type", "")
    if said and said.lower() != "application/octet-stream":
        return said
    return kind_of(name) or said


def _mtime(request: Request) -> datetime | None:
    said = request.headers.get("x-oc-mtime")
    if said is None:
        return None
    try:
        return by_seconds(said)
    except (ValueError, OverflowError):
        raise DavError(400, f"X-OC-Mtime is seconds since 1970, not {said[:40]!r}") from None


def _limits(request: Request) -> WriteLimits:
    length = request.headers.get("content-length", "")
    md5 = _said(request, "MD5")
    if "content-md5" in request.headers:
        try:
            md5 = base64.b64decode(request.headers["content-md5"], validate=True).hex()
        except binascii.Error:
            raise DavError(400, "Content-MD5 is a digest in base64") from None
    limits = WriteLimits(
        declared_length=int(length) if length.isdigit() else None,
        md5=md5,
        sha256=_said(request, "SHA256"),
    )
    return bound(limits, request.headers)


async def mkcol(call: Call) -> Response:
    """Answer MKCOL."""
    async for chunk in call.request.stream():
        if chunk:
            raise DavError(415, "MKCOL takes no body here")
    located = await call.locate()
    call.check(located.node if located.exists else None)
    if located.exists:
        raise DavError(405, f"{call.path.name[:200]!r} exists already")
    try:
        await make(call.files, call.actor, call.path, parents=False, exist_ok=False,
                   lock_tokens=call.lock_tokens)  # fmt: skip
    except NameTaken as error:
        # Somebody else was a moment quicker: as if they had been so a while ago.
        is_there = error.wanted == error.existing
        raise DavError(405 if is_there else 409, str(error)) from None
    return Response(b"", 201, NO_STORE)


async def delete(call: Call) -> Response:
    """Answer DELETE: to the recycle bin; what lies there already goes for good."""
    read_depth(call, "infinity", ("infinity",))
    located = await call.stat()
    shown = call.lock_tokens, call.conditions
    if located.in_trash:
        origin = origin_of(call.request)
        if not await moving.delete(call.files, call.actor, located, origin, *shown):
            raise NotFound("it is not there any more")
    elif await moving.trash(call.files, call.actor, located, *shown) is None:
        raise NotFound("it is not there any more")
    return Response(b"", 204, NO_STORE)
