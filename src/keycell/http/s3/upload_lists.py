"""Lists of what is under way: the parts of an upload, and a person's uploads."""

from collections.abc import Sequence

from starlette.responses import Response

from keycell.files.uploads import Upload, UploadPart
from keycell.http.s3.answers import (
    BUCKET,
    document,
    element,
    every,
    flag,
    group,
    moment,
    owner,
    url_encoded,
)
from keycell.http.s3.calls import Call
from keycell.http.s3.numbers import number_of
from keycell.http.s3.uploads import find_upload

_MOST = 1000
_PAGES = 20


def _goes_on(found: Sequence[object], most: int) -> bool:
    """Tell whether a list goes on beyond what is shown, to whoever asked for any of it.

    Where nothing was asked for, nothing says where to go on from: a program would ask for ever.
    """
    return 0 < most < len(found)


async def parts(call: Call) -> Response:
    """List the parts that arrived."""
    upload = await find_upload(call)
    after = number_of(call.query, "part-number-marker", 0)
    most = min(number_of(call.query, "max-parts", _MOST), _MOST)
    found = await call.files.uploads.parts(upload.upload_id, after, most + 1)
    shown = found[:most]
    return document(
        "ListPartsResult",
        element("Bucket", BUCKET),
        element("Key", call.key),
        element("UploadId", upload.upload_id),
        owner("Initiator", call.actor.sub, call.actor.login),
        owner("Owner", call.actor.sub, call.actor.login),
        element("StorageClass", "STANDARD"),
        element("PartNumberMarker", after),
        element("NextPartNumberMarker", shown[-1].number if shown else 0),
        element("MaxParts", most),
        element("IsTruncated", flag(is_so=_goes_on(found, most))),
        every(_part(part) for part in shown),
    )


def _part(part: UploadPart) -> str:
    sums = every(
        element(f"Checksum{name.upper()}", value) for name, value in part.checksums.items()
    )
    return group(
        "Part",
        element("PartNumber", part.number),
        element("LastModified", moment(part.created_at)),
        element("ETag", f'"{part.etag}"'),
        element("Size", part.size),
        sums,
    )


async def uploads(call: Call) -> Response:
    """List the person's uploads, by their keys."""
    prefix, marker = call.query.get("prefix", ""), call.query.get("key-marker", "")
    # With a key alone, all its uploads are behind the marker: no identifier is beyond this one.
    id_marker = call.query.get("upload-id-marker", "~" if marker else "")
    most = min(number_of(call.query, "max-uploads", _MOST), _MOST)
    found = await _find(call, prefix, (marker, id_marker), most + 1)
    shown, has_more = found[:most], _goes_on(found, most)
    is_url = call.query.get("encoding-type") == "url"

    def written(text: str) -> str:
        return url_encoded(text) if is_url else text

    following: tuple[str, ...] = ()
    if has_more:
        following = (
            element("NextKeyMarker", written(shown[-1].path)),
            element("NextUploadIdMarker", shown[-1].upload_id),
        )
    return document(
        "ListMultipartUploadsResult",
        element("Bucket", BUCKET),
        element("KeyMarker", written(marker)),
        element("UploadIdMarker", call.query.get("upload-id-marker", "")),
        *following,
        element("Prefix", written(prefix)),
        *((element("EncodingType", "url"),) if is_url else ()),
        element("MaxUploads", most),
        element("IsTruncated", flag(is_so=has_more)),
        every(_upload(call, one, written(one.path)) for one in shown),
    )


async def _find(call: Call, prefix: str, after: tuple[str, str], most: int) -> list[Upload]:
    found: list[Upload] = []
    if after[0] < prefix:
        # Everything with the prefix is at it or beyond it.
        after = (prefix, "")
    for _ in range(_PAGES):
        page = await call.files.uploads.of_person(call.actor.sub, after, _MOST)
        found += [one for one in page if one.path.startswith(prefix)]
        if len(page) < _MOST or len(found) >= most or not page[-1].path.startswith(prefix):
            break
        after = (page[-1].path, page[-1].upload_id)
    return found[:most]


def _upload(call: Call, upload: Upload, key: str) -> str:
    return group(
        "Upload",
        element("Key", key),
        element("UploadId", upload.upload_id),
        owner("Initiator", call.actor.sub, call.actor.login),
        owner("Owner", call.actor.sub, call.actor.login),
        element("StorageClass", "STANDARD"),
        element("Initiated", moment(upload.created_at)),
    )
