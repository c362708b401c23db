"""What people say about nodes, in SQL."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, func, or_, select, update

from keycell.accounts.audit import AuditEvent
from keycell.files.errors import NotFound
from keycell.files.ports_stores import MOST_TAGS, Namespace
from keycell.stores.audit import audit_insert
from keycell.stores.columns import micros
from keycell.stores.database import Database, Statement, Verb, insert_new, upsert
from keycell.stores.lists import ListStatement
from keycell.stores.node_reads import SOUGHT_ORDER, sought_key
from keycell.stores.node_rows import node_of
from keycell.stores.node_writes import advance, check_standing, lock_of
from keycell.stores.schema_files import meta_namespaces, meta_tags, node_meta, nodes

_OF_NODES = ListStatement(
    lambda listed: select(node_meta.c.node_id, node_meta.c.namespace, node_meta.c.value).where(
        node_meta.c.node_id.in_(listed)
    )
)
_IS_IT = (
    node_meta.c.node_id == bindparam("b_node_id"),
    node_meta.c.namespace == bindparam("b_namespace"),
)
_TOPS = nodes.alias("tops")
_SAID_IN = ListStatement(
    lambda listed: (
        select(nodes, node_meta.c.value)
        .join_from(node_meta, nodes, nodes.c.node_id == node_meta.c.node_id)
        .where(
            node_meta.c.namespace == bindparam("b_namespace"),
            nodes.c.volume_id.in_(select(_TOPS.c.volume_id).where(_TOPS.c.node_id.in_(listed))),
        )
        .order_by(*SOUGHT_ORDER)
        .limit(bindparam("b_most"))
    )
)
SAID = Statement(select(node_meta.c.value).where(*_IS_IT))
SAY = upsert(node_meta, ("node_id", "namespace"), "value", "changed_by", "changed_at")
FORGET = Statement(delete(node_meta).where(*_IS_IT))
_CHANGED = Statement(
    update(nodes)
    .where(nodes.c.node_id == bindparam("b_node_id"))
    .values(revision=bindparam("b_revision"))
)
_NAMESPACES = Statement(
    select(meta_namespaces).order_by(meta_namespaces.c.position, meta_namespaces.c.namespace)
)
_PUT_NAMESPACE = upsert(
    meta_namespaces, "namespace", "label", "position", "is_indexable", "definition"
)
_NAMED = meta_namespaces.c.namespace == bindparam("b_namespace")
_REMOVE_NAMESPACE = Statement(delete(meta_namespaces).where(_NAMED))
_FORGET_ALL = Statement(delete(node_meta).where(node_meta.c.namespace == bindparam("b_namespace")))
_OFFERED = meta_tags.c.namespace == bindparam("b_namespace")
_TAGS = Statement(select(meta_tags.c.tag).where(_OFFERED).order_by(meta_tags.c.tag))
_TAG_COUNT = Statement(select(func.count().label("tags")).select_from(meta_tags).where(_OFFERED))
# Locked, so that of many tags offered at once none is one too many.
_LOCK_NAMESPACE = Statement(select(meta_namespaces.c.namespace).where(_NAMED).with_for_update())
_ADD_TAG = insert_new(meta_tags, ("namespace", "tag"))
_REMOVE_TAGS = Statement(
    delete(meta_tags).where(
        _OFFERED,
        or_(bindparam("b_all") == 1, meta_tags.c.tag == bindparam("b_tag")),
        or_(bindparam("b_anybodys") == 1, meta_tags.c.created_by == bindparam("b_by")),
    )
)
_FORGET_TAGS = Statement(delete(meta_tags).where(_OFFERED))


class SqlMetaStore:
    """What is said about nodes, by namespace."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_nodes(self, node_ids: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        """Give JSON texts by namespace, by node; nodes of which nothing is said are left out."""
        found: dict[str, dict[str, str]] = {}
        for step in _OF_NODES.steps(node_ids):
            for row in await self._database.read(*step):
                found.setdefault(row.node_id, {})[row.namespace] = row.value
        return found

    async def said_in(
        self, namespace: str, root_ids: Sequence[str], most: int
    ) -> Sequence[tuple[str, str]]:
        """List the first nodes of which something is said in a namespace, and what.

        Of what others have elsewhere, however much it is, nothing is looked at.
        """
        found: dict[str, tuple[tuple[bool, str, str], str]] = {}
        for step in _SAID_IN.steps(root_ids, {"b_namespace": namespace, "b_most": most}):
            rows = await self._database.read_many(*step)
            found |= {row.node_id: (sought_key(node_of(row)), row.value) for row in rows}
        return [(key[-1], value) for key, value in sorted(found.values())[:most]]

    async def put(
        self, node_id: str, namespace: str, value: str | None, by: str, at: datetime
    ) -> bool:
        """Keep a JSON text, or forget it; False if the node is not there."""
        return await self.revise(node_id, namespace, lambda _: value, by, at)

    async def revise(
        self,
        node_id: str,
        namespace: str,
        revise: Callable[[str | None], str | None],
        by: str,
        at: datetime,
    ) -> bool:
        """Change a JSON text by what a pure function makes of it."""

        def verb() -> Verb[bool]:
            try:
                locked, _ = yield from lock_of(node_id)
                yield from check_standing(node_id)
            except NotFound:
                return False
            where = {"b_node_id": node_id, "b_namespace": namespace}
            said = (yield SAID, where).rows
            before = said[0].value if said else None
            value = revise(before)
            if value == before:
                return True
            if value is None:
                yield FORGET, where
            else:
                row = {"node_id": node_id, "namespace": namespace, "value": value}
                yield SAY, row | {"changed_by": by, "changed_at": micros(at)}
            yield _CHANGED, {"b_node_id": node_id, "b_revision": locked.next_seq()}
            yield from advance(locked)
            return True

        return await self._database.write(verb)

    async def namespaces(self) -> Sequence[Namespace]:
        """List the namespaces in their order."""
        rows = await self._database.read_many(_NAMESPACES)
        return [
            Namespace(
                row.namespace, row.label, row.position, bool(row.is_indexable), row.definition
            )
            for row in rows
        ]

    async def put_namespace(self, namespace: Namespace, event: AuditEvent) -> None:
        """Keep a namespace."""
        row = {
            "namespace": namespace.name,
            "label": namespace.label,
            "position": namespace.position,
            "is_indexable": int(namespace.is_indexable),
            "definition": namespace.definition,
        }

        def verb() -> Verb[None]:
            yield _PUT_NAMESPACE, row
            yield audit_insert(event)

        await self._database.write(verb)

    async def remove_namespace(self, name: str, event: AuditEvent) -> bool:
        """Remove a namespace with all that it holds; True for the call that did."""

        def verb() -> Verb[bool]:
            params = {"b_namespace": name}
            if (yield _REMOVE_NAMESPACE, params).touched != 1:
                return False
            yield _FORGET_ALL, params
            yield _FORGET_TAGS, params
            yield audit_insert(event)
            return True

        return await self._database.write(verb)

    async def tags(self, namespace: str) -> Sequence[str]:
        """List the tags that a namespace offers, in their order."""
        rows = await self._database.read_many(_TAGS, {"b_namespace": namespace})
        return [row.tag for row in rows]

    async def add_tag(self, namespace: str, tag: str, by: str, at: datetime) -> bool:
        """Offer a tag; False if the namespace is gone, or offers as many as it may."""
        row = {"namespace": namespace, "tag": tag, "created_by": by, "created_at": micros(at)}
        where = {"b_namespace": namespace}

        def verb() -> Verb[bool]:
            if not (yield _LOCK_NAMESPACE, where).rows:
                return False
            if (yield _TAG_COUNT, where).rows[0].tags >= MOST_TAGS:
                return False
            yield _ADD_TAG, row
            return True

        return await self._database.write(verb)

    async def remove_tags(self, namespace: str, tag: str | None, by: str | None) -> int:
        """Offer a tag no more, or none at all, as far as one person added them; tell how many."""
        params = {
            "b_namespace": namespace, "b_all": int(tag is None), "b_tag": tag or "",
            "b_anybodys": int(by is None), "b_by": by or "",
        }  # fmt: skip

        def verb() -> Verb[int]:
            return (yield _REMOVE_TAGS, params).touched

        return await self._database.write(verb)
