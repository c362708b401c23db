"""Volumes as rows."""

from sqlalchemy import bindparam, select

from keycell.files.spaces import Volume
from keycell.stores.database import Row, Statement
from keycell.stores.schema_files import volumes

VOLUME = Statement(select(volumes).where(volumes.c.volume_id == bindparam("b_volume_id")))
FEED_RANGE = Statement(
    select(volumes.c.seq, volumes.c.feed_floor).where(
        volumes.c.volume_id == bindparam("b_volume_id")
    )
)


def volume_of(row: Row) -> Volume:
    """Give the volume that a row keeps."""
    return Volume(
        volume_id=row.volume_id,
        root_id=row.root_id,
        trash_id=row.trash_id,
        quota=row.quota,
        used=row.used,
        seq=row.seq,
        feed_floor=row.feed_floor,
        nodes=row.nodes,
    )
