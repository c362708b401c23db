"""Rights on nodes, in SQL."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

import msgspec
from sqlalchemy import bindparam, case, delete, exists, select, update

from keycell.accounts.audit import SYSTEM, AuditEvent
from keycell.files.access import Action, Right
from keycell.files.errors import NotFound
from keycell.stores.audit import audit_insert
from keycell.stores.columns import document, micros, moment
from keycell.stores.database import Database, Row, Statement, Step, Verb, insert_new
from keycell.stores.file_meta import FORGET, SAID, SAY
from keycell.stores.holders import hold_role
from keycell.stores.lists import ListStatement
from keycell.stores.node_reads import right_of
from keycell.stores.node_writes import Locked, advance, check_standing, lock_of
from keycell.stores.schema_files import nodes, rights

_AT_ONCE = 100
_TAKEN = "denied-above"
"""Where what is in the recycle bin was denied by: beside the node, and on no wire."""
_ORDERED = select(rights).order_by(rights.c.node_id, rights.c.role_id, rights.c.action)
_ALL = Statement(_ORDERED)
_OF_NODES = ListStatement(lambda listed: _ORDERED.where(rights.c.node_id.in_(listed)))
_OF_ROLES = ListStatement(lambda listed: _ORDERED.where(rights.c.role_id.in_(listed)))
_ADD = insert_new(rights, ("node_id", "role_id", "action"))
_REMOVE = Statement(
    delete(rights).where(
        rights.c.node_id == bindparam("b_node_id"),
        rights.c.role_id == bindparam("b_role_id"),
        rights.c.action == bindparam("b_action"),
    )
)
_OVER = Statement(
    select(rights)
    .where(rights.c.expires_at <= bindparam("b_now"))
    .order_by(rights.c.expires_at)
    .limit(bindparam("b_most"))
)
_REMOVE_OVER = Statement(
    delete(rights).where(
        rights.c.node_id == bindparam("b_node_id"),
        rights.c.role_id == bindparam("b_role_id"),
        rights.c.action == bindparam("b_action"),
        rights.c.expires_at <= bindparam("b_now"),
    )
)
_REMOVE_ALLOWING = Statement(
    delete(rights).where(
        rights.c.node_id == bindparam("b_node_id"), rights.c.action != Action.DENY.value
    )
)
_RULE = Statement(
    update(nodes)
    .where(nodes.c.node_id == bindparam("b_node_id"))
    .values(
        is_ruled=case((exists().where(rights.c.node_id == bindparam("b_node_id")), 1), else_=0),
        revision=bindparam("b_revision"),
    )
)


async def rights_of(
    database: Database, node_ids: Sequence[str], role_ids: Sequence[str]
) -> Sequence[Right]:
    """List rights by node and role; empty means any."""
    if not node_ids and not role_ids:
        return [_kept(row) for row in await database.read_many(_ALL)]
    steps = _OF_NODES.steps(node_ids) if node_ids else _OF_ROLES.steps(role_ids)
    found = [_kept(row) for step in steps for row in await database.read(*step)]
    if node_ids and role_ids:
        wanted = frozenset(role_ids)
        return [right for right in found if right.role_id in wanted]
    return found


def _kept(row: Row) -> Right:
    return replace(right_of(row), expires_at=moment(row.expires_at))


def put_right(right: Right, event: AuditEvent) -> Verb[bool]:
    """Keep a right; False if the node is not there, NotFound if whom it is for is not."""
    yield from hold_role(right.role_id)
    try:
        locked, _ = yield from lock_of(right.node_id)
        yield from check_standing(right.node_id)
    except NotFound:
        return False
    if (yield from add_right(locked, right)):
        yield audit_insert(event)
        yield from advance(locked)
    return True


async def end_rights(database: Database, now: datetime) -> int:
    """Take away some of the rights whose end has come; give how many that were."""
    rows = await database.read(_OVER, {"b_now": micros(now), "b_most": _AT_ONCE})
    ended = [await database.write(partial(_end, _kept(row), now)) for row in rows]
    return sum(ended)


def _end(right: Right, now: datetime) -> Verb[bool]:
    detail = {"role": right.role_id, "action": right.action.value}
    event = AuditEvent(
        at=now, actor=SYSTEM, action="right.removed", target=right.node_id, detail=detail
    )
    params = _which(right) | {"b_now": micros(now)}
    try:
        locked, _ = yield from lock_of(right.node_id)
    except NotFound:
        # Nobody is told of a node that is gone; left, enough of these would keep others waiting.
        return (yield _REMOVE_OVER, params).touched == 1
    # Looked at again under the lock: somebody may have given more time meanwhile.
    return (yield from _take(locked, right, (_REMOVE_OVER, params), event))


def remove_right(right: Right, event: AuditEvent) -> Verb[bool]:
    """Remove a right; True for the call that did."""
    try:
        locked, _ = yield from lock_of(right.node_id)
    except NotFound:
        return False
    return (yield from _take(locked, right, (_REMOVE, _which(right)), event))


def _which(right: Right) -> dict[str, object]:
    return {
        "b_node_id": right.node_id, "b_role_id": right.role_id, "b_action": right.action.value,
    }  # fmt: skip


def _take(locked: Locked, right: Right, removal: Step, event: AuditEvent) -> Verb[bool]:
    if (yield removal).touched != 1:
        return False
    yield from _rule(locked, right.node_id)
    yield audit_insert(event)
    yield from advance(locked)
    return True


def add_right(locked: Locked, right: Right) -> Verb[bool]:
    """Keep a right on a node of a locked volume; False if it is there already."""
    row = {
        "node_id": right.node_id, "role_id": right.role_id, "action": right.action.value,
        "expires_at": micros(right.expires_at),
    }  # fmt: skip
    if (yield _ADD, row).touched != 1:
        return False
    yield from _rule(locked, right.node_id)
    return True


def remove_allowing(locked: Locked, node_id: str) -> Verb[None]:
    """Remove the rights on a node that allow something; what is denied stays so."""
    if (yield _REMOVE_ALLOWING, {"b_node_id": node_id}).touched:
        yield from _rule(locked, node_id)


def take_denials(locked: Locked, node_id: str, above: Sequence[str]) -> Verb[None]:
    """Deny of a node itself what is denied of it by what it lies in: it leaves for the bin.

    Where each of these denials came from is kept beside the node, for when it comes back.
    """
    taken = {}
    for role_id, sources in sorted((yield from _denied(above)).items()):
        if (yield from add_right(locked, Right(node_id, role_id, Action.DENY))):
            taken[role_id] = sources  # noqa: PERF403  (no comprehension yields)
    if taken:
        row = {"node_id": node_id, "namespace": _TAKEN, "value": document(taken)}
        yield SAY, row | {"changed_by": "", "changed_at": 0}


def shed_denials(locked: Locked, node_id: str, above: Sequence[str]) -> Verb[None]:
    """Deny no more of a node itself what is denied by what it lies in from now on.

    Nor what it was denied by where it was before the bin, if nothing there denies it any more.
    """
    shed = (yield from _denied([node_id])).keys() & (yield from _denied(above)).keys()
    kept = {"b_node_id": node_id, "b_namespace": _TAKEN}
    for row in (yield SAID, kept).rows:
        for role_id, sources in msgspec.json.decode(row.value, type=dict[str, list[str]]).items():
            if not (yield from _still_denied(role_id, sources)):
                shed.add(role_id)
        yield FORGET, kept
    for role_id in sorted(shed):
        denial = {"b_node_id": node_id, "b_role_id": role_id, "b_action": Action.DENY.value}
        yield _REMOVE, denial
    if shed:
        yield from _rule(locked, node_id)


def _still_denied(role_id: str, sources: Sequence[str]) -> Verb[bool]:
    """Tell whether a denial stands where it came from; nobody has lifted it where that is gone."""
    if role_id in (yield from _denied(sources)):
        return True
    for node_id in sources:
        try:
            yield from check_standing(node_id)
        except NotFound:
            return True
    return False


def _denied(node_ids: Sequence[str]) -> Verb[dict[str, list[str]]]:
    """Give the roles that some nodes deny something to, and which nodes those are."""
    found: dict[str, list[str]] = {}
    for step in _OF_NODES.steps(node_ids):
        for row in (yield step).rows:
            if row.action == Action.DENY.value:
                found.setdefault(row.role_id, []).append(row.node_id)
    return found


def _rule(locked: Locked, node_id: str) -> Verb[None]:
    # A change of the node like any other, so that the feed tells of it.
    yield _RULE, {"b_node_id": node_id, "b_revision": locked.next_seq()}
