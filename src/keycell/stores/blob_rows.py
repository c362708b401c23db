"""Which bytes are kept, and where, in SQL; and how their rows come and go.

Whoever names a blob holds its row first (`keep_blob`, `hold_blobs`), whoever ceases to name it
lets go of it last (`release_blobs`): then of a naming and a deletion at once, one waits for the
other and sees what it did. Where a volume is locked too, it is locked before.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ClauseElement, ColumnElement, and_, bindparam, exists, null, select, update

from keycell.files.ports import Place
from keycell.files.ports_blobs import Written
from keycell.stores.columns import micros
from keycell.stores.database import Database, Statement, Verb
from keycell.stores.lists import ListStatement
from keycell.stores.schema_files import blobs, upload_parts, version_parts

UNNAMED: ColumnElement[bool] = and_(
    ~exists().where(version_parts.c.sha256 == blobs.c.sha256),
    ~exists().where(upload_parts.c.sha256 == blobs.c.sha256),
)
"""Of a blob: that no version and no upload has it as a part."""


def _kept(make: Any) -> ClauseElement:  # noqa: ANN401  (the insert of either dialect)
    statement = make(blobs).on_conflict_do_update(
        index_elements=["sha256"], set_={"condemned_at": null()}
    )
    returning: ClauseElement = statement.returning(blobs.c.key)
    return returning


_KEEP = Statement(_kept)
_PLACES = ListStatement(
    lambda listed: select(blobs.c.sha256, blobs.c.size, blobs.c.key, blobs.c.content).where(
        blobs.c.sha256.in_(listed)
    )
)
_LOCK = ListStatement(
    lambda listed: (
        select(blobs.c.sha256)
        .where(blobs.c.sha256.in_(listed))
        .order_by(blobs.c.sha256)
        .with_for_update()
    )
)
_LIFT = ListStatement(
    lambda listed: (
        update(blobs)
        .where(blobs.c.sha256.in_(listed), blobs.c.condemned_at.is_not(None))
        .values(condemned_at=null())
    )
)
_CONDEMN = ListStatement(
    lambda listed: (
        update(blobs)
        .where(blobs.c.sha256.in_(listed), blobs.c.condemned_at.is_(None), UNNAMED)
        .values(condemned_at=bindparam("b_at"))
    )
)


class SqlBlobRows:
    """The rows that say where bytes are."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def places(self, sha256s: Sequence[str]) -> Mapping[str, Place]:
        """Say where blobs are, by digest; those that are not there are left out."""
        rows = [row for step in _PLACES.steps(sha256s) for row in await self._database.read(*step)]
        return {row.sha256: Place(row.size, row.key, row.content) for row in rows}


def keep_blob(written: Written) -> Verb[str | None]:
    """Keep bytes that were just written, and hold their row for whoever names them.

    Give the key of the bytes just written if the row keeps others of the same content: once the
    transaction is over they are to be removed.
    """
    row = {
        "sha256": written.sha256,
        "size": written.size,
        "key": written.key,
        "content": written.content,
        "condemned_at": None,
    }
    kept = (yield _KEEP, row).rows[0].key
    return None if kept == written.key else written.key


def hold_blobs(sha256s: Sequence[str]) -> Verb[bool]:
    """Hold rows for whoever names known bytes once more; False if some are gone."""
    wanted = sorted(set(sha256s))
    found = 0
    for step in _LOCK.steps(wanted):
        found += len((yield step).rows)
    yield from _LIFT.steps(wanted)
    return found == len(wanted)


def release_blobs(sha256s: Sequence[str], at: datetime) -> Verb[None]:
    """Condemn those that nothing names any more, after the rows that named them are gone."""
    freed = sorted(set(sha256s))
    # Locked by a statement of its own: the next one sees what those wrote that were waited for.
    yield from _LOCK.steps(freed)
    yield from _CONDEMN.steps(freed, {"b_at": micros(at)})
