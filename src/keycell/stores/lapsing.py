"""What was shared on by who may not change it any more, in SQL. See decisions/0083.

Why they may not is all the same: a right that was taken or is over, a role, a group, a denial. So
nothing of that says what it ends; the sweep looks at the cells over folders of other people.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import bindparam, exists, or_, select

from keycell.accounts.audit import SYSTEM, AuditEvent
from keycell.files.access import Right, may_hand_on, roles_of
from keycell.files.errors import NotFound
from keycell.files.spaces import SpaceKind
from keycell.stores.columns import unwords
from keycell.stores.database import Database, Row, Statement, Verb
from keycell.stores.node_reads import UP, UP_EACH, right_of
from keycell.stores.node_writes import lock_of
from keycell.stores.schema import accounts
from keycell.stores.schema_files import spaces, volumes
from keycell.stores.spaces import remove_space

_AT_ONCE = 200

_above = spaces.alias("above")
_HANDED_ON = (
    select(
        spaces.c.space_id, spaces.c.slug, spaces.c.root_id, spaces.c.owner,
        accounts.c.group_path, accounts.c.roles,
    )
    .join_from(spaces, volumes, volumes.c.volume_id == spaces.c.volume_id)
    .join(accounts, accounts.c.sub == spaces.c.owner)
    .where(
        spaces.c.kind == SpaceKind.CELL.value,
        spaces.c.root_id != volumes.c.root_id,
        ~exists().where(
            _above.c.root_id == volumes.c.root_id,
            _above.c.owner == spaces.c.owner,
            or_(
                _above.c.kind == SpaceKind.PERSONAL.value, _above.c.kind == SpaceKind.CELL.value
            ),
        ),
    )
)  # fmt: skip
"""Cells over folders of others, each with the roles of whose it is."""
_PAGE = Statement(
    _HANDED_ON.where(spaces.c.space_id > bindparam("b_after"))
    .order_by(spaces.c.space_id)
    .limit(bindparam("b_most"))
)
_ONE = Statement(_HANDED_ON.where(spaces.c.space_id == bindparam("b_space_id")))


class Lapsing:
    """Looks through the cells over folders of others, some at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._after = ""

    async def end(self, now: datetime) -> int:
        """End some of those whose person may not change the folder any more; tell how many."""
        cells = await self._database.read(_PAGE, {"b_after": self._after, "b_most": _AT_ONCE})
        self._after = cells[-1].space_id if len(cells) == _AT_ONCE else ""
        rights: dict[str, list[Right]] = {cell.root_id: [] for cell in cells}
        for step in UP_EACH.steps(sorted(rights)):
            for row in await self._database.read(*step):
                if row.action is not None:
                    rights[row.wanted].append(right_of(row))
        return sum([
            await self._database.write(partial(_end, cell.space_id, cell.root_id, now))
            for cell in cells
            if not _stays(cell, rights[cell.root_id])
        ])  # fmt: skip


def _end(space_id: str, root_id: str, now: datetime) -> Verb[bool]:
    """End a cell, looking once more under the lock of the volume in which rights change."""
    try:
        yield from lock_of(root_id)
    except NotFound:
        return False
    cells = (yield _ONE, {"b_space_id": space_id}).rows
    rows = (yield UP, {"b_node_id": root_id}).rows
    if not cells or _stays(cells[0], [right_of(row) for row in rows if row.action is not None]):
        return False
    detail = {"kind": SpaceKind.CELL.value, "lapsed": cells[0].owner}
    event = AuditEvent(
        at=now, actor=SYSTEM, action="space.removed", target=cells[0].slug, detail=detail
    )
    return (yield from remove_space(space_id, now, event))


def _stays(cell: Row, rights: Sequence[Right]) -> bool:
    roles = roles_of(cell.owner, cell.group_path, unwords(cell.roles))
    return may_hand_on(cell.owner, roles, cell.root_id, rights)
