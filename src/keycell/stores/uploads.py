"""Multipart uploads, in SQL.

What has arrived counts as used, from the first part on. An upload that was given up gives its room
back at once; its parts, and their bytes, are let go by the sweep.
"""

from collections.abc import Sequence

from sqlalchemy import and_, bindparam, func, insert, or_, select, update

from keycell.files.errors import FilesError, NoSuchUpload, NotFound, QuotaExceeded
from keycell.files.ports_blobs import Written
from keycell.files.uploads import MOST_UPLOADS, Upload, UploadPart
from keycell.stores.blob_rows import keep_blob, release_blobs
from keycell.stores.database import Database, Statement, Verb, first, upsert
from keycell.stores.node_writes import Locked, advance, lock
from keycell.stores.schema import accounts
from keycell.stores.schema_files import GIVEN_UP, upload_parts, uploads
from keycell.stores.upload_rows import part_of, part_row, upload_of, upload_row

_ID = uploads.c.upload_id == bindparam("b_upload_id")
_IS_OPEN = uploads.c.expires_at > GIVEN_UP
_BEGIN = Statement(insert(uploads))
_FIND = Statement(select(uploads).where(_ID, _IS_OPEN))
_PART = Statement(
    select(upload_parts).where(
        upload_parts.c.upload_id == bindparam("b_upload_id"),
        upload_parts.c.number == bindparam("b_number"),
    )
)
_PUT_PART = upsert(
    upload_parts, ("upload_id", "number"),
    "sha256", "size", "etag", "block_md5s", "checksums", "created_at",
)  # fmt: skip
_PARTS = Statement(
    select(upload_parts)
    .where(
        upload_parts.c.upload_id == bindparam("b_upload_id"),
        upload_parts.c.number > bindparam("b_after"),
    )
    .order_by(upload_parts.c.number)
    .limit(bindparam("b_most"))
)
_OF_PERSON = Statement(
    select(uploads)
    .where(
        uploads.c.sub == bindparam("b_sub"),
        _IS_OPEN,
        or_(
            uploads.c.path > bindparam("b_path"),
            and_(
                uploads.c.path == bindparam("b_path"),
                uploads.c.upload_id > bindparam("b_upload_id"),
            ),
        ),
    )
    .order_by(uploads.c.path, uploads.c.upload_id)
    .limit(bindparam("b_most"))
)
# Locked, so that of many begun at once none is one too many.
_PERSON = Statement(
    select(accounts.c.sub).where(accounts.c.sub == bindparam("b_sub")).with_for_update()
)
_UNDER_WAY = Statement(
    select(func.count().label("uploads"))
    .select_from(uploads)
    .where(uploads.c.sub == bindparam("b_sub"), _IS_OPEN)
)
_GIVE_UP = Statement(update(uploads).where(_ID, _IS_OPEN).values(expires_at=GIVEN_UP))
_ROOM = Statement(
    select(func.coalesce(func.sum(upload_parts.c.size), 0).label("size")).where(
        upload_parts.c.upload_id == bindparam("b_upload_id")
    )
)
_OF_VOLUME = Statement(
    select(uploads.c.upload_id).where(uploads.c.volume_id == bindparam("b_volume_id"), _IS_OPEN)
)


class SqlUploadStore:
    """The multipart uploads under way."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, upload: Upload) -> None:
        """Keep a new upload. Raises QuotaExceeded if its person has too many under way."""
        row, whose = upload_row(upload), {"b_sub": upload.sub}

        def verb() -> Verb[None]:
            yield _PERSON, whose
            if (yield _UNDER_WAY, whose).rows[0].uploads >= MOST_UPLOADS:
                raise QuotaExceeded(
                    f"{MOST_UPLOADS} uploads of yours are under way; complete some, or give them "
                    "up (list them by GET /io?uploads)"
                )
            yield _BEGIN, row

        await self._database.write(verb)

    async def find(self, upload_id: str) -> Upload | None:
        """Find an upload that was neither completed nor given up."""
        row = await first(self._database, _FIND, {"b_upload_id": upload_id})
        return None if row is None else upload_of(row)

    async def keep_part(self, part: UploadPart, written: Written) -> tuple[str, ...]:
        """Keep a part, in the place of an earlier one of its number; give unneeded keys."""
        # The refusal is returned, not raised, in the transaction: nothing was written by then.
        outcome = await self._database.write(lambda: _keep_part(part, written))
        if isinstance(outcome, FilesError):
            raise outcome
        return outcome

    async def parts(self, upload_id: str, after: int, most: int) -> Sequence[UploadPart]:
        """List the parts that arrived, in the order of their numbers, beyond one."""
        params = {"b_upload_id": upload_id, "b_after": after, "b_most": most}
        return [part_of(row) for row in await self._database.read_many(_PARTS, params)]

    async def abort(self, upload_id: str) -> bool:
        """Give an upload up, with its parts; True for the call that did."""
        return await self._database.write(lambda: give_up(upload_id))

    async def of_person(self, sub: str, after: tuple[str, str], most: int) -> Sequence[Upload]:
        """List a person's uploads in the order of paths and identifiers, beyond one."""
        params = {"b_sub": sub, "b_path": after[0], "b_upload_id": after[1], "b_most": most}
        return [upload_of(row) for row in await self._database.read_many(_OF_PERSON, params)]


def give_up(upload_id: str) -> Verb[bool]:
    """Give an upload up, and its room back; True for the call that did."""
    params = {"b_upload_id": upload_id}
    rows = (yield _FIND, params).rows
    if not rows:
        return False
    try:
        locked = yield from lock(rows[0].volume_id)
    except NotFound:
        return (yield _GIVE_UP, params).touched == 1
    if not (yield from _give_up(locked, upload_id)):
        return False
    yield from advance(locked)
    return True


def give_up_all(locked: Locked) -> Verb[None]:
    """Give up all that is being uploaded to a volume."""
    for row in (yield _OF_VOLUME, {"b_volume_id": locked.volume_id}).rows:
        yield from _give_up(locked, row.upload_id)


def _give_up(locked: Locked, upload_id: str) -> Verb[bool]:
    params = {"b_upload_id": upload_id}
    if (yield _GIVE_UP, params).touched != 1:
        return False
    locked.used -= int((yield _ROOM, params).rows[0].size)
    return True


def _keep_part(part: UploadPart, written: Written) -> Verb[tuple[str, ...] | FilesError]:
    where = {"b_upload_id": part.upload_id, "b_number": part.number}
    rows = (yield _FIND, where).rows
    if not rows:
        return _gone()
    try:
        locked = yield from lock(rows[0].volume_id)
    except NotFound:
        return _gone()
    # Read once more: it may have been completed or given up before the lock was had.
    if not (yield _FIND, where).rows:
        return _gone()
    replaced = (yield _PART, where).rows
    used = locked.used + part.size - sum(row.size for row in replaced)
    if locked.quota is not None and used > max(locked.used, locked.quota):
        room = max(0, locked.quota - locked.used)
        return QuotaExceeded(
            f"the part has {part.size} bytes, and {room} are left in the space's quota"
        )
    locked.used = used
    unneeded = yield from keep_blob(written)
    yield _PUT_PART, part_row(part)
    yield from release_blobs(
        [row.sha256 for row in replaced if row.sha256 != part.sha256], part.created_at
    )
    yield from advance(locked)
    return () if unneeded is None else (unneeded,)


def _gone() -> NoSuchUpload:
    return NoSuchUpload("there is no such upload: never begun, completed, or given up")
