"""Bytes in an S3-compatible object store, through obstore.

Keys are random: what the bytes are is known when the last of them has come, and by then they are
under way. Nothing but a whole object is ever seen: a part of one that fails is taken back.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from keycell.files.errors import BlobMissing, FilesError, StoreAway, StoreFull, TooLarge
from keycell.files.ports_blobs import WriteLimits, Written
from keycell.oauth.sentences import phrase
from keycell.randomness import random_bytes
from keycell.settings import BadSetting
from keycell.stores.incoming import Incoming, is_small

if TYPE_CHECKING:
    from obstore.store import S3Config

CHUNK = 256 * 2**10
PART = 8 * 2**20
"""Bytes of a part, unless more than `_MOST_PARTS` of them are announced."""
_MOST_PARTS = 10_000
_PARTS_AT_ONCE = 2
_READ = 4 * 2**20
"""Bytes are asked for so many at a time: none of the requests takes long, each can be repeated."""
_BATCH = 500
_BEYOND = "status code: 416"
_FULL = re.compile(r"status code: 507|<Code>(QuotaExceeded|\w*StorageFull|InsufficientStorage)")


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectsUrl:
    """Where objects are kept; what proves who we are comes from the environment."""

    bucket: str
    prefix: str = ""
    endpoint: str = ""
    region: str = "us-east-1"


def read_objects_url(url: str) -> ObjectsUrl:
    """Read ``s3://bucket/prefix?endpoint=...&region=...``; raise BadSetting."""
    expected = (
        f"objects {url!r}: expected s3://bucket/prefix?endpoint=https://...&region=..., and "
        "the keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    )
    try:
        parts = urlsplit(url)
    except ValueError:
        # A bracket that opens an address and does not close it.
        raise BadSetting(expected) from None
    options = dict(parse_qsl(parts.query))
    unknown = options.keys() - {"endpoint", "region"}
    if parts.scheme != "s3" or not parts.netloc or "@" in parts.netloc or unknown:
        raise BadSetting(expected)
    if not options.get("endpoint", "https://").startswith(("https://", "http://")):
        raise BadSetting(f"objects {url!r}: expected an endpoint like https://s3.example.org")
    return ObjectsUrl(bucket=parts.netloc, prefix=parts.path.strip("/"), **options)


class ObjectBlobs:
    """Keeps bytes in a bucket, below a prefix of our own."""

    def __init__(self, url: ObjectsUrl) -> None:
        config: S3Config = {"region": url.region}
        if url.endpoint:
            config["endpoint"] = url.endpoint
        self._store = S3Store(
            url.bucket,
            prefix=url.prefix or None,
            config=config,
            client_options={
                "allow_http": url.endpoint.startswith("http://"),
                "connect_timeout": "5s",
                "timeout": "120s",
            },
            retry_config={"max_retries": 4, "retry_timeout": timedelta(seconds=20)},
        )

    async def write(self, chunks: AsyncIterator[bytes], limits: WriteLimits) -> Written:
        """Take bytes in; on any failure nothing stays behind."""
        incoming = Incoming(limits)
        async with aclosing(incoming.gather(chunks)) as pieces:
            first = await anext(pieces)
            if is_small(first):
                return incoming.small(first)
            key = random_bytes(20).hex()
            upload = _Upload(self._store, key, limits.declared_length)
            try:
                await upload.put(first, incoming)
                async for piece in pieces:
                    await upload.put(piece, incoming)
                await asyncio.to_thread(incoming.check)
                await upload.finish()
            except BaseException:
                await asyncio.shield(upload.abort())
                raise
        return incoming.written(key)

    async def read(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """Give bytes in pieces; while some are sent, the next are under way."""
        if start >= end:
            return
        ahead = asyncio.ensure_future(self._fetch(key, start, end))
        try:
            while start < end:
                data = memoryview(await ahead)
                start += len(data)
                if start < end:
                    ahead = asyncio.ensure_future(self._fetch(key, start, end))
                for first in range(0, len(data), CHUNK):
                    yield bytes(data[first : first + CHUNK])
        finally:
            ahead.cancel()
            await asyncio.gather(ahead, return_exceptions=True)

    async def _fetch(self, key: str, start: int, end: int) -> "obstore.Bytes":
        stop = min(start + _READ, end)
        async with _saying(BlobMissing):
            found = await obstore.get_range_async(self._store, key, start=start, end=stop)
        if len(found) != stop - start:
            raise BlobMissing(f"the bytes {key} end at {start + len(found)}, before {end}")
        return found

    async def remove(self, keys: Sequence[str]) -> None:
        """Let bytes go; what is not there is no error."""
        if not keys:
            return
        async with _saying():
            with suppress(FileNotFoundError):
                await obstore.delete_async(self._store, list(keys))

    async def orphans(self, older_than: datetime) -> AsyncIterator[list[str]]:
        """Give keys last written before a moment."""
        pages = obstore.list(self._store, chunk_size=_BATCH)
        while True:
            async with _saying():
                page = await anext(pages, None)
            if page is None:
                return
            keys = [one["path"] for one in page if one["last_modified"] < older_than]
            if keys:
                yield keys

    async def close(self) -> None:
        """Nothing is held."""


class _Upload:
    """An object on its way: what is put here is digested, and sent by a task of its own."""

    def __init__(self, store: S3Store, key: str, declared: int | None) -> None:
        part = max(PART, -(-(declared or 0) // _MOST_PARTS))
        self._store, self._key = store, key
        self._room = part * _MOST_PARTS
        self._pieces: asyncio.Queue[bytes | None] = asyncio.Queue(1)
        self._given_up = False
        self._sending = asyncio.ensure_future(
            obstore.put_async(
                store,
                key,
                self._hand_out(),
                use_multipart=declared is None or declared > part,
                chunk_size=part,
                max_concurrency=_PARTS_AT_ONCE,
            )
        )

    async def put(self, piece: bytes, incoming: Incoming) -> None:
        self._room -= len(piece)
        if self._room < 0:
            raise TooLarge(
                f"more than {PART * _MOST_PARTS} bytes came, and their number was not announced; "
                "send a Content-Length"
            )
        await asyncio.gather(asyncio.to_thread(incoming.digest, piece), self._hand_in(piece))

    async def finish(self) -> None:
        """Send the rest; when this returns, the object is there."""
        await self._hand_in(None)
        async with _saying():
            await asyncio.shield(self._sending)

    async def abort(self) -> None:
        """Take back what was sent.

        The object is ended early and removed. Aborting the upload instead would race with parts
        still on the way, and a part that comes after the abort stays where no listing shows it.
        """
        self._given_up = True
        with suppress(asyncio.QueueFull):
            self._pieces.put_nowait(None)
        with suppress(BaseError, OSError):
            await self._sending
            await obstore.delete_async(self._store, [self._key])

    async def _hand_in(self, piece: bytes | None) -> None:
        handing = asyncio.ensure_future(self._pieces.put(piece))
        await asyncio.wait({handing, self._sending}, return_when=asyncio.FIRST_COMPLETED)
        if not handing.done():
            handing.cancel()
            async with _saying():
                await self._sending

    async def _hand_out(self) -> AsyncIterator[bytes]:
        while not self._given_up:
            piece = await self._pieces.get()
            if piece is None or self._given_up:
                return
            yield piece


@asynccontextmanager
async def _saying(error_of_missing: type[FilesError] = StoreAway) -> AsyncIterator[None]:
    # What the client says holds addresses that are nobody's business: it stays the cause.
    try:
        yield
    except FileNotFoundError as error:
        raise error_of_missing("the object store does not have it, or not the bucket") from error
    except (BaseError, OSError) as error:
        said = str(error)
        if _FULL.search(said):
            raise StoreFull(phrase("the server has no room for this")) from error
        if _BEYOND in said:
            raise BlobMissing("the object has fewer bytes than its row says") from error
        raise StoreAway(
            phrase("the store of the files does not answer for now; try again later")
        ) from error
