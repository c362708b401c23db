"""ListObjectsV2 and its elder sister: pages of keys, folded at a delimiter."""

import asyncio
import base64
import binascii
from contextlib import aclosing
from dataclasses import dataclass, field

from starlette.responses import Response

from keycell.http.s3.answers import (
    BUCKET,
    document,
    element,
    encoded,
    every,
    flag,
    group,
    moment,
    owner,
)
from keycell.http.s3.calls import Call
from keycell.http.s3.errors import S3Error
from keycell.http.s3.keys import LAST, Asked, Key, keys
from keycell.http.s3.numbers import number_of

MOST = 1000
_LOOKED_AT = 20_000
"""A page ends after so many keys, however many of them a delimiter folds into one."""
_AT_ONCE = 256
"""After so many are looked at, others have their turn."""
_LONGEST = 4 * 4096
_EMPTY_ETAG = "d41d8cd98f00b204e9800998ecf8427e"


@dataclass(slots=True)
class Page:
    """Keys and prefixes, in their order, and where the next page begins."""

    shown: list[Key] = field(default_factory=list)
    next_after: str | None = None


async def list_objects(call: Call) -> Response:
    """Answer ListObjectsV2, or ListObjects."""
    is_v2 = call.query.get("list-type") == "2"
    prefix, delimiter = call.query.get("prefix", ""), call.query.get("delimiter", "")
    after = _after(call) if is_v2 else call.query.get("marker", "")
    if max(len(prefix), len(delimiter), len(after)) > _LONGEST:
        raise S3Error("InvalidArgument", f"prefix, delimiter and marker have up to {_LONGEST}")
    most = min(number_of(call.query, "max-keys", MOST), MOST)
    page = await _read(call, prefix, delimiter, after, most) if most else Page()
    return _written(call, page, most, is_v2=is_v2)


def _after(call: Call) -> str:
    token = call.query.get("continuation-token")
    if not token:
        return call.query.get("start-after", "")
    try:
        return base64.b64decode(token[: 2 * _LONGEST], altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise S3Error("InvalidArgument", "the continuation-token is none of ours") from None


async def _read(call: Call, prefix: str, delimiter: str, after: str, most: int) -> Page:
    page = Page()
    asked = Asked(prefix, after, deep=delimiter != "/", most=most)
    looked_at, last = 0, ""
    async with aclosing(keys(call.files, call.actor, asked)) as found:
        async for key in found:
            folded = _folded(key, prefix, delimiter)
            looked_at += 1
            if looked_at % _AT_ONCE == 0:
                await asyncio.sleep(0)
            is_seen = folded.is_prefix and (
                bool(page.shown and page.shown[-1].key == folded.key) or folded.key == after
            )
            if len(page.shown) == most and not is_seen:
                page.next_after = last
                break
            if not is_seen:
                page.shown.append(folded)
            last = _resumed(folded, key, delimiter)
            if looked_at >= _LOOKED_AT:
                page.next_after = key.key
                break
    return page


def _folded(key: Key, prefix: str, delimiter: str) -> Key:
    if not delimiter or key.is_prefix:
        return key
    at = key.key.find(delimiter, len(prefix))
    if at < 0:
        return key
    return Key(key.key[: at + len(delimiter)], 0, "", key.changed_at, is_prefix=True)


def _resumed(folded: Key, key: Key, delimiter: str) -> str:
    # Beyond a prefix that another delimiter made means beyond all that it stands for.
    return folded.key + LAST if folded.is_prefix and delimiter != "/" else key.key


def _written(call: Call, page: Page, most: int, *, is_v2: bool) -> Response:
    is_url = call.query.get("encoding-type") == "url"

    def text(name: str, value: str) -> str:
        return encoded(name, value) if is_url else element(name, value)

    said = [element("Name", BUCKET), text("Prefix", call.query.get("prefix", ""))]
    if call.query.get("delimiter"):
        said.append(text("Delimiter", call.query["delimiter"]))
    said.append(element("MaxKeys", most))
    if is_url:
        said.append(element("EncodingType", "url"))
    said.append(element("IsTruncated", flag(is_so=page.next_after is not None)))
    if is_v2:
        said.append(element("KeyCount", len(page.shown)))
        said += [
            text(name, call.query[parameter])
            for name, parameter in (("StartAfter", "start-after"),)
            if parameter in call.query
        ]
        if "continuation-token" in call.query:
            said.append(element("ContinuationToken", call.query["continuation-token"]))
        if page.next_after is not None:
            token = base64.urlsafe_b64encode(page.next_after.encode()).decode()
            said.append(element("NextContinuationToken", token))
    else:
        said.append(text("Marker", call.query.get("marker", "")))
        if page.next_after is not None:
            said.append(text("NextMarker", page.next_after))
    wants_owner = not is_v2 or call.query.get("fetch-owner") == "true"
    whose = owner("Owner", call.actor.sub, call.actor.login) if wants_owner else ""
    contents = (
        group("Contents", text("Key", key.key), _facts(key), whose)
        for key in page.shown
        if not key.is_prefix
    )
    prefixes = (
        group("CommonPrefixes", text("Prefix", key.key)) for key in page.shown if key.is_prefix
    )
    return document("ListBucketResult", *said, every(contents), every(prefixes))


def _facts(key: Key) -> str:
    return (
        f"<LastModified>{moment(key.changed_at)}</LastModified>"
        f"<ETag>&quot;{key.etag or _EMPTY_ETAG}&quot;</ETag><Size>{key.size}</Size>"
        "<StorageClass>STANDARD</StorageClass>"
    )
