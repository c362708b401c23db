"""Public links, in SQL."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, case, delete, func, or_, select, update

from keycell.accounts.audit import AuditEvent
from keycell.files.errors import Conflict
from keycell.files.links import Link, read_permissions
from keycell.stores.audit import audit_insert
from keycell.stores.columns import micros, moment, unwords, words
from keycell.stores.database import Database, Row, Statement, Verb, first, insert_new
from keycell.stores.holders import hold_person
from keycell.stores.lists import ListStatement
from keycell.stores.node_writes import lock_of
from keycell.stores.schema_files import links

_OF_HASH = Statement(select(links).where(links.c.hash == bindparam("b_hash")))
_OF_ID = Statement(select(links).where(links.c.link_id == bindparam("b_link_id")))
_OF_NODE = Statement(
    select(links)
    .where(links.c.node_id == bindparam("b_node_id"))
    .order_by(links.c.created_at)
    .limit(bindparam("b_most"))
)
_TO_NODES = ListStatement(
    lambda listed: select(links).where(links.c.node_id.in_(listed)).order_by(links.c.created_at)
)
_OF_PERSON = Statement(
    select(links)
    .where(links.c.sub == bindparam("b_sub"))
    .order_by(links.c.created_at)
    .limit(bindparam("b_most"))
)
_ADD = insert_new(links, "hash")
_CHANGED = (
    "hash", "label", "description", "permissions", "password_hash", "starts_at", "expires_at",
    "most_downloads", "view", "changed_at",
)  # fmt: skip
_UPDATE = Statement(
    update(links)
    .where(links.c.link_id == bindparam("b_link_id"), links.c.changed_at == bindparam("b_read_at"))
    .values(
        {name: bindparam(f"b_{name}") for name in _CHANGED}
        # Who goes on being told has been told when they were.
        | {"told_at": case((bindparam("b_tells") == 1, func.coalesce(links.c.told_at, 0)))}
    )
)
_COUNT = Statement(
    update(links)
    .where(
        links.c.link_id == bindparam("b_link_id"),
        or_(links.c.most_downloads.is_(None), links.c.downloads < links.c.most_downloads),
    )
    .values(downloads=links.c.downloads + 1, used_at=bindparam("b_at"))
)
_CLAIM = Statement(
    update(links)
    .where(links.c.link_id == bindparam("b_link_id"), links.c.told_at <= bindparam("b_before"))
    .values(told_at=bindparam("b_at"))
)
_REMOVE = Statement(delete(links).where(links.c.link_id == bindparam("b_link_id")))


class SqlLinkStore:
    """The public links."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, hash_: str) -> Link | None:
        """Find a link by what its address ends with."""
        row = await first(self._database, _OF_HASH, {"b_hash": hash_})
        return None if row is None else _link_of(row)

    async def by_id(self, link_id: str) -> Link | None:
        """Find a link by its identifier."""
        row = await first(self._database, _OF_ID, {"b_link_id": link_id})
        return None if row is None else _link_of(row)

    async def of_person(self, sub: str, most: int) -> Sequence[Link]:
        """List somebody's links, the oldest first."""
        params = {"b_sub": sub, "b_most": most}
        return [_link_of(row) for row in await self._database.read_many(_OF_PERSON, params)]

    async def to_nodes(self, node_ids: Sequence[str]) -> Sequence[Link]:
        """List everybody's links to some nodes, the oldest first."""
        steps = _TO_NODES.steps(node_ids)
        return [_link_of(row) for step in steps for row in await self._database.read(*step)]

    async def add(self, link: Link, most: int, event: AuditEvent) -> bool:
        """Keep a new link; False if its address is taken.

        Raises NotFound if its person or its node is gone, Conflict if the node has so many.
        """

        def verb() -> Verb[bool]:
            yield from hold_person(link.sub)
            # Of many made at once, none is one too many.
            yield from lock_of(link.node_id)
            of_node = {"b_node_id": link.node_id, "b_most": most}
            if len((yield _OF_NODE, of_node).rows) >= most:
                raise Conflict(f"there are {most} links to this already")
            if (yield _ADD, _link_row(link)).touched != 1:
                return False
            yield audit_insert(event)
            return True

        return await self._database.write(verb)

    async def update(self, link: Link, read_at: datetime, event: AuditEvent) -> bool:
        """Change a link that was last changed when it was read.

        False if it is gone, was changed meanwhile, or its new address is taken.
        """
        row = _link_row(link)
        params = {f"b_{name}": row[name] for name in _CHANGED}
        params |= {
            "b_link_id": link.link_id, "b_read_at": micros(read_at), "b_tells": int(link.tells),
        }  # fmt: skip

        def verb() -> Verb[bool]:
            taken = (yield _OF_HASH, {"b_hash": link.hash}).rows
            if taken and taken[0].link_id != link.link_id:
                return False
            if (yield _UPDATE, params).touched != 1:
                return False
            yield audit_insert(event)
            return True

        return await self._database.write(verb)

    async def count(self, link_id: str, at: datetime) -> bool:
        """Count a download; False if there is none left, however many ask at once."""

        def verb() -> Verb[bool]:
            params = {"b_link_id": link_id, "b_at": micros(at)}
            return (yield _COUNT, params).touched == 1

        return await self._database.write(verb)

    async def claim_telling(self, link_id: str, at: datetime, before: datetime) -> bool:
        """Say that its person is told now; True for one of however many ask at once."""

        def verb() -> Verb[bool]:
            params = {
                "b_link_id": link_id, "b_at": micros(at), "b_before": micros(before),
            }  # fmt: skip
            return (yield _CLAIM, params).touched == 1

        return await self._database.write(verb)

    async def remove(self, link_id: str, event: AuditEvent) -> bool:
        """Remove a link; True for the call that did."""

        def verb() -> Verb[bool]:
            if (yield _REMOVE, {"b_link_id": link_id}).touched != 1:
                return False
            yield audit_insert(event)
            return True

        return await self._database.write(verb)


def _link_row(link: Link) -> dict[str, object]:
    return {
        "link_id": link.link_id,
        "hash": link.hash,
        "node_id": link.node_id,
        "label": link.label,
        "description": link.description,
        "sub": link.sub,
        "permissions": words(link.permissions),
        "password_hash": link.password_hash,
        "starts_at": micros(link.starts_at),
        "expires_at": micros(link.expires_at),
        "most_downloads": link.most_downloads,
        "downloads": link.downloads,
        "used_at": micros(link.used_at),
        "told_at": 0 if link.tells else None,
        "view": link.view,
        "created_at": micros(link.created_at),
        "changed_at": micros(link.changed_at),
    }


def _link_of(row: Row) -> Link:
    return Link(
        link_id=row.link_id,
        hash=row.hash,
        node_id=row.node_id,
        label=row.label,
        description=row.description,
        sub=row.sub,
        permissions=read_permissions(unwords(row.permissions)),
        password_hash=row.password_hash,
        starts_at=moment(row.starts_at),
        expires_at=moment(row.expires_at),
        most_downloads=row.most_downloads,
        downloads=row.downloads,
        used_at=moment(row.used_at),
        tells=row.told_at is not None,
        view=row.view,
        created_at=moment(row.created_at),
        changed_at=moment(row.changed_at),
    )
