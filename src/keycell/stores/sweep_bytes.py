"""What the sweep lets go of: the parts of what is gone, bytes that nothing names, what is over.

No volume is locked here: the room was given back before.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Column, Table, bindparam, delete, null, select, update

from keycell.files.ports_blobs import BlobStore
from keycell.stores.blob_rows import UNNAMED, release_blobs
from keycell.stores.columns import micros
from keycell.stores.database import Database, Row, Statement, Verb
from keycell.stores.lists import ListStatement
from keycell.stores.schema_files import (
    GIVEN_UP,
    GONE,
    blobs,
    file_versions,
    jobs,
    locks,
    upload_parts,
    uploads,
    version_parts,
)
from keycell.stores.sweep_trees import MOST
from keycell.stores.uploads import give_up

_ORPHANED = timedelta(hours=48)
"""Bytes that no row names may be on their way for so long."""
_LOOK_EVERY = timedelta(days=1)

_GONE_VERSIONS = Statement(
    select(file_versions.c.version_id)
    .where(file_versions.c.node_id == GONE)
    .order_by(file_versions.c.created_at)
    .limit(MOST)
)
_PARTS = ListStatement(
    lambda listed: (
        select(version_parts.c.version_id, version_parts.c.number, version_parts.c.sha256)
        .where(version_parts.c.version_id.in_(listed))
        .order_by(version_parts.c.version_id, version_parts.c.number)
        .limit(MOST)
    )
)
_FORGET_PARTS = ListStatement(
    lambda listed: delete(version_parts).where(version_parts.c.version_id.in_(listed))
)
_FORGET_FIRST = Statement(
    delete(version_parts).where(
        version_parts.c.version_id == bindparam("b_version_id"),
        version_parts.c.number <= bindparam("b_number"),
    )
)
_FORGET_VERSIONS = ListStatement(
    lambda listed: delete(file_versions).where(
        file_versions.c.version_id.in_(listed), file_versions.c.node_id == GONE
    )
)

_EXPIRED = Statement(
    select(uploads.c.upload_id)
    .where(uploads.c.expires_at > GIVEN_UP, uploads.c.expires_at <= bindparam("b_now"))
    .limit(MOST)
)
_GIVEN_UP = Statement(
    select(uploads.c.upload_id).where(uploads.c.expires_at == GIVEN_UP).limit(MOST)
)
_OF_UPLOAD = Statement(
    select(upload_parts.c.number, upload_parts.c.sha256)
    .where(upload_parts.c.upload_id == bindparam("b_upload_id"))
    .order_by(upload_parts.c.number)
    .limit(MOST)
)
_FORGET_ARRIVED = Statement(
    delete(upload_parts).where(
        upload_parts.c.upload_id == bindparam("b_upload_id"),
        upload_parts.c.number <= bindparam("b_number"),
    )
)
_FORGET_UPLOAD = Statement(
    delete(uploads).where(
        uploads.c.upload_id == bindparam("b_upload_id"), uploads.c.expires_at == GIVEN_UP
    )
)

_ANY_CONDEMNED = Statement(
    select(blobs.c.sha256).where(blobs.c.condemned_at <= bindparam("b_before")).limit(1)
)
# What is locked is being named at this moment.
_CONDEMNED = Statement(
    select(blobs.c.sha256)
    .where(blobs.c.condemned_at <= bindparam("b_before"))
    .order_by(blobs.c.condemned_at)
    .limit(MOST)
    .with_for_update(skip_locked=True)
)
_DELETE = ListStatement(
    lambda listed: (
        delete(blobs)
        .where(
            blobs.c.sha256.in_(listed),
            blobs.c.condemned_at <= bindparam("b_before"),
            UNNAMED,
        )
        .returning(blobs.c.key)
    )
)
_PARDON = ListStatement(
    lambda listed: (
        update(blobs)
        .where(blobs.c.sha256.in_(listed), blobs.c.condemned_at <= bindparam("b_before"))
        .values(condemned_at=null())
    )
)
_KNOWN = ListStatement(lambda listed: select(blobs.c.key).where(blobs.c.key.in_(listed)))


async def forget_versions(database: Database, at: datetime) -> int:
    """Let go of the parts of versions that are gone, and of the versions after them."""
    version_ids = sorted(row.version_id for row in await database.read(_GONE_VERSIONS))
    if not version_ids:
        return 0
    return await database.write(lambda: _forget_versions(version_ids, at))


def _forget_versions(version_ids: Sequence[str], at: datetime) -> Verb[int]:
    parts: list[Row] = []
    for step in _PARTS.steps(version_ids):
        parts.extend((yield step).rows)
    whole = list(version_ids)
    if len(parts) >= MOST:
        whole = [one for one in version_ids if one < parts[-1].version_id]
    if whole:
        parts = [part for part in parts if part.version_id in frozenset(whole)]
        for statement in (_FORGET_PARTS, _FORGET_VERSIONS):
            yield from statement.steps(whole)
    else:
        last = {"b_version_id": parts[-1].version_id, "b_number": parts[-1].number}
        yield _FORGET_FIRST, last
    yield from release_blobs([part.sha256 for part in parts], at)
    return len(whole) + len(parts)


async def expire_uploads(database: Database, now: datetime) -> int:
    """Give up uploads whose time is over."""
    rows = await database.read(_EXPIRED, {"b_now": micros(now)})
    for row in rows:
        await database.write(partial(give_up, row.upload_id))
    return len(rows)


async def forget_uploads(database: Database, at: datetime) -> int:
    """Let go of the parts of uploads that were given up, and of the uploads after them."""
    done = 0
    for row in await database.read(_GIVEN_UP):
        done += await database.write(partial(_forget_upload, row.upload_id, at))
    return done


def _forget_upload(upload_id: str, at: datetime) -> Verb[int]:
    where = {"b_upload_id": upload_id}
    parts = (yield _OF_UPLOAD, where).rows
    if parts:
        yield _FORGET_ARRIVED, where | {"b_number": parts[-1].number}
        yield from release_blobs([part.sha256 for part in parts], at)
    if len(parts) < MOST:
        yield _FORGET_UPLOAD, where
    return 1 + len(parts)


async def delete_blobs(database: Database, store: BlobStore, before: datetime) -> int:
    """Delete bytes that were condemned before a moment, and that nothing names still.

    The store's copy goes after the transaction: if that fails, it is an orphan.
    """
    params = {"b_before": micros(before)}
    if not await database.read(_ANY_CONDEMNED, params):
        return 0

    def verb() -> Verb[tuple[int, list[str | None]]]:
        condemned = [row.sha256 for row in (yield _CONDEMNED, params).rows]
        keys: list[str | None] = []
        for step in _DELETE.steps(condemned, params):
            keys.extend(row.key for row in (yield step).rows)
        yield from _PARDON.steps(condemned, params)
        return len(condemned), keys

    done, keys = await database.write(verb)
    await store.remove([key for key in keys if key is not None])
    return done


class Orphans:
    """Looks through the byte store, a page at a time and once a day, for what no row names."""

    def __init__(self, database: Database, store: BlobStore) -> None:
        self._database = database
        self._store = store
        self._pages: AsyncIterator[list[str]] | None = None
        self._next_at: datetime | None = None

    async def remove(self, now: datetime) -> int:
        """Remove the orphans of a page."""
        pages, self._pages = self._pages, None
        if pages is None:
            if self._next_at is not None and now < self._next_at:
                return 0
            pages = self._store.orphans(now - _ORPHANED)
        keys = await anext(pages, None)
        if keys is None:
            self._next_at = now + _LOOK_EVERY
            return 0
        known: set[str] = set()
        for step in _KNOWN.steps(keys):
            known.update(row.key for row in await self._database.read(*step))
        orphans = [key for key in keys if key not in known]
        await self._store.remove(orphans)
        # Not before: a store that is away is looked through from the beginning.
        self._pages = pages
        return len(orphans)


class Expiring:
    """A table whose rows go after a moment, and nothing else with them."""

    def __init__(self, table: Table, key: "Column[str]", moment: "Column[int]") -> None:
        over = select(key).where(moment <= bindparam("b_before")).limit(MOST)
        self._find = Statement(over.limit(1))
        self._delete = Statement(
            delete(table).where(key.in_(over), moment <= bindparam("b_before"))
        )

    async def forget(self, database: Database, before: datetime) -> int:
        """Forget those whose moment was before another."""
        params = {"b_before": micros(before)}
        if not await database.read(self._find, params):
            return 0

        def verb() -> Verb[int]:
            return (yield self._delete, params).touched

        return await database.write(verb)


LOCKS = Expiring(locks, locks.c.token, locks.c.expires_at)
JOBS = Expiring(jobs, jobs.c.job_id, jobs.c.ended_at)
