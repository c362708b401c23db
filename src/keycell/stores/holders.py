"""Holding the row of a person, group or role while something of theirs is kept.

So nothing outlives them. Held they are before any volume is locked.
"""

from sqlalchemy import bindparam, select

from keycell.files.access import ROOT_GROUP
from keycell.files.errors import NotFound
from keycell.stores.database import Statement, Verb
from keycell.stores.schema import accounts, groups, roles

_PERSON = Statement(
    select(accounts.c.sub).where(accounts.c.sub == bindparam("b_sub")).with_for_update()
)
_GROUP = Statement(
    select(groups.c.path).where(groups.c.path == bindparam("b_path")).with_for_update(read=True)
)
_ROLE = Statement(
    select(roles.c.role_id)
    .where(roles.c.role_id == bindparam("b_role"))
    .with_for_update(read=True)
)


def hold_person(sub: str) -> Verb[None]:
    """Make whoever removes an account wait, and take along what is kept next.

    Raises NotFound if the account is gone already.
    """
    if not (yield _PERSON, {"b_sub": sub}).rows:
        raise NotFound("there is no such account any more")


def hold_role(role_id: str) -> Verb[None]:
    """Hold who has rights by this name: a person, a group or a role. Raises NotFound."""
    if role_id == ROOT_GROUP:
        return
    for step in (
        (_PERSON, {"b_sub": role_id}),
        (_GROUP, {"b_path": role_id}),
        (_ROLE, {"b_role": role_id}),
    ):
        if (yield step).rows:
            return
    raise NotFound(f"there is no person, group or role {role_id[:100]!r}")
