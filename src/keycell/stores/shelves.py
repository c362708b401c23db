"""What spaces hold, in SQL, for an administrator. Nothing here goes through all nodes."""

from collections.abc import Sequence

from sqlalchemy import and_, bindparam, func, or_, select

from keycell.administration.storage_ports import Large, Shelf, Thrown
from keycell.stores.columns import moment
from keycell.stores.database import Database, Row, Statement, first
from keycell.stores.schema import accounts
from keycell.stores.schema_files import IS_LARGE, blobs, nodes, spaces, volumes

_OWN_VOLUME = and_(
    volumes.c.volume_id == spaces.c.volume_id, volumes.c.root_id == spaces.c.root_id
)
_SHELVES = (
    select(
        spaces,
        volumes.c.quota,
        volumes.c.used,
        volumes.c.nodes,
        func.coalesce(nodes.c.children, 0).label("trashed"),
        accounts.c.login,
        accounts.c.name.label("owner_name"),
    )
    .select_from(spaces)
    .join(volumes, _OWN_VOLUME)
    .outerjoin(nodes, nodes.c.node_id == volumes.c.trash_id)
    .outerjoin(accounts, accounts.c.sub == spaces.c.owner)
)
_ALL = Statement(_SHELVES)
_FIND = Statement(_SHELVES.where(spaces.c.space_id == bindparam("b_space_id")))
_LARGEST = Statement(
    select(
        nodes.c.node_id,
        nodes.c.name,
        nodes.c.size,
        nodes.c.mtime,
        spaces.c.space_id,
        spaces.c.label,
        accounts.c.login,
    )
    .select_from(nodes)
    .join(volumes, volumes.c.volume_id == nodes.c.volume_id)
    .join(spaces, _OWN_VOLUME)
    .outerjoin(accounts, accounts.c.sub == spaces.c.owner)
    .where(
        IS_LARGE,
        nodes.c.size <= bindparam("b_size"),
        or_(nodes.c.size < bindparam("b_size"), nodes.c.node_id < bindparam("b_node_id")),
    )
    .order_by(nodes.c.size.desc(), nodes.c.node_id.desc())
    .limit(bindparam("b_most"))
)
_THROWN = Statement(
    select(nodes)
    .join(volumes, volumes.c.trash_id == nodes.c.parent_id)
    .where(
        volumes.c.volume_id == bindparam("b_volume_id"),
        nodes.c.sort_key > bindparam("b_after"),
    )
    .order_by(nodes.c.sort_key)
    .limit(bindparam("b_most"))
)
_WAITING = Statement(
    select(
        func.count().label("blobs"), func.coalesce(func.sum(blobs.c.size), 0).label("size")
    ).where(blobs.c.condemned_at > 0)
)


class SqlShelves:
    """What spaces hold."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> Sequence[Shelf]:
        """Give every space with a volume of its own."""
        return [_shelf(row) for row in await self._database.read_many(_ALL, {})]

    async def find(self, space_id: str) -> Shelf | None:
        """Find one of them."""
        row = await first(self._database, _FIND, {"b_space_id": space_id})
        return None if row is None else _shelf(row)

    async def largest(self, size: int, node_id: str, most: int) -> Sequence[Large]:
        """List files of 1 MiB and more, the largest first, beyond one."""
        params = {"b_size": size, "b_node_id": node_id, "b_most": most}
        return [_large(row) for row in await self._database.read_many(_LARGEST, params)]

    async def thrown(self, volume_id: str, after: str, most: int) -> Sequence[Thrown]:
        """List what lies in a volume's recycle bin, beyond a key."""
        params = {"b_volume_id": volume_id, "b_after": after, "b_most": most}
        return [_thrown(row) for row in await self._database.read_many(_THROWN, params)]

    async def waiting(self) -> tuple[int, int]:
        """Tell how many blobs wait to be swept, and of how many bytes together."""
        (row,) = await self._database.read_many(_WAITING, {})
        return int(row.blobs), int(row.size)


def _shelf(row: Row) -> Shelf:
    return Shelf(
        space_id=row.space_id, slug=row.slug, label=row.label, kind=row.kind,
        owner=row.login or "", owner_name=row.owner_name or "", volume_id=row.volume_id,
        quota=row.quota, used=row.used, nodes=row.nodes, trashed=row.trashed,
        kept_until=moment(row.kept_until),
    )  # fmt: skip


def _large(row: Row) -> Large:
    return Large(
        node_id=row.node_id, name=row.name, size=row.size, changed_at=moment(row.mtime),
        space_id=row.space_id, space=row.label, owner=row.login or "",
    )  # fmt: skip


def _thrown(row: Row) -> Thrown:
    return Thrown(
        node_id=row.node_id, name=row.name, origin=row.origin or "",
        is_folder=bool(row.is_folder), size=row.size, trashed_at=moment(row.trashed_at),
        key=row.sort_key,
    )  # fmt: skip
