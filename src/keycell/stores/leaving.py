"""What goes with a person: their links, jobs, locks and rights at once, their files a while later.

What others have a part in stays: a cell in which somebody else may read or write is an
administrator's from then on, and so is one over a folder that is not the person's own.
"""

from datetime import datetime

from sqlalchemy import Text, bindparam, case, delete, exists, null, or_, select, update

from keycell.files.access import Action
from keycell.files.jobs import JobStatus
from keycell.files.ports_stores import bookmark_of
from keycell.files.spaces import SpaceKind, slug_of
from keycell.stores.columns import micros
from keycell.stores.database import Database, Row, Statement, Verb
from keycell.stores.schema_files import (
    GIVEN_UP,
    avatars,
    jobs,
    links,
    locks,
    node_meta,
    rights,
    spaces,
    uploads,
    volumes,
)

_MOST = 50

_SUB = bindparam("b_sub", type_=Text)
_END = (
    Statement(delete(links).where(links.c.sub == _SUB)),
    Statement(delete(locks).where(locks.c.sub == _SUB)),
    Statement(delete(rights).where(rights.c.role_id == _SUB)),
    Statement(delete(avatars).where(avatars.c.kind == "USER", avatars.c.owner == _SUB)),
    Statement(delete(node_meta).where(node_meta.c.namespace == bindparam("b_bookmarks"))),
    Statement(
        update(jobs)
        .where(
            jobs.c.sub == _SUB,
            or_(
                jobs.c.status == JobStatus.QUEUED.value,
                jobs.c.status == JobStatus.RUNNING.value,
            ),
        )
        .values(
            status=JobStatus.INTERRUPTED.value,
            ended_at=bindparam("b_at"),
            leased_by="",
            leased_until=null(),
        )
    ),
    # Their room is given back by the sweep, under the lock of the volume they go to.
    Statement(
        update(uploads)
        .where(uploads.c.sub == _SUB, uploads.c.expires_at > GIVEN_UP)
        .values(expires_at=bindparam("b_at"))
    ),
)
_IS_WHOLE = exists().where(
    volumes.c.volume_id == spaces.c.volume_id, volumes.c.root_id == spaces.c.root_id
)
_IS_SHARED = exists().where(
    rights.c.node_id == spaces.c.root_id, rights.c.action != Action.DENY.value
)
_OWN = Statement(
    select(
        spaces,
        case((_IS_WHOLE, 1), else_=0).label("is_whole"),
        case((_IS_SHARED, 1), else_=0).label("is_shared"),
    ).where(spaces.c.owner == _SUB)
)
_LEAVE_TO_OTHERS = Statement(
    update(spaces).where(spaces.c.space_id == bindparam("b_space_id")).values(owner="")
)
_CONDEMN = Statement(
    update(spaces)
    .where(spaces.c.space_id == bindparam("b_space_id"))
    .values(
        slug=bindparam("b_slug"),
        slug_owner="",
        label=bindparam("b_label"),
        kind=SpaceKind.TEAM.value,
        owner="",
        kept_until=bindparam("b_until"),
    )
)
_OVER = Statement(
    select(spaces.c.space_id)
    .where(spaces.c.kept_until <= bindparam("b_now"))
    .order_by(spaces.c.kept_until)
    .limit(_MOST)
)


def leave(sub: str, login: str, at: datetime, kept_until: datetime) -> Verb[None]:
    """Let go of what is a person's: their own rights first, so that those left are others'."""
    params = {"b_sub": sub, "b_at": micros(at), "b_bookmarks": bookmark_of(sub)}
    for statement in _END:
        yield statement, params
    for row in (yield _OWN, params).rows:
        where = {"b_space_id": row.space_id}
        is_personal = row.kind == SpaceKind.PERSONAL.value
        if not is_personal and (row.is_shared or not row.is_whole):
            yield _LEAVE_TO_OTHERS, where
            continue
        yield _CONDEMN, where | _left_behind(row, login) | {"b_until": micros(kept_until)}


def _left_behind(row: Row, login: str) -> dict[str, object]:
    # The identifier's end tells apart what two people of one login leave, one after the other.
    slug = f"left-{slug_of(login)}"[:48] + f"-{slug_of(row.space_id)[-12:]}"
    return {"b_slug": slug, "b_label": f"{row.label[:100]} ({login[:90]})"}


async def over(database: Database, now: datetime) -> list[str]:
    """List some spaces of people who are gone, and whose time is over."""
    rows = await database.read(_OVER, {"b_now": micros(now)})
    return [row.space_id for row in rows]
