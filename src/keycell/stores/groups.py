"""Groups and roles, in SQL."""

from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy import bindparam, delete, func, select, update

from keycell.accounts.audit import AuditEvent
from keycell.accounts.errors import NamedByRule
from keycell.accounts.groups import Group, Role, parents
from keycell.accounts.policies import Kind
from keycell.stores.audit import audit_insert
from keycell.stores.columns import micros, unwords, words
from keycell.stores.database import Database, Statement, Verb, insert_new, upsert
from keycell.stores.schema import accounts, groups, roles
from keycell.stores.schema_factors import factor_policies
from keycell.stores.schema_files import rights

_GROUPS = Statement(select(groups).order_by(groups.c.path))
_COUNT_MEMBERS = Statement(
    select(accounts.c.group_path, func.count().label("people")).group_by(accounts.c.group_path)
)
_COUNT_BEARERS = Statement(
    select(accounts.c.roles, func.count().label("people"))
    .where(accounts.c.roles != "")
    .group_by(accounts.c.roles)
)
_ADD_GROUP = insert_new(groups, "path")
_MEMBER = Statement(
    select(accounts.c.sub).where(accounts.c.group_path == bindparam("b_path")).limit(1)
)
_CHILD = Statement(
    select(groups.c.path)
    .where(groups.c.path >= bindparam("b_from"), groups.c.path < bindparam("b_to"))
    .limit(1)
)
_REMOVE_GROUP = Statement(delete(groups).where(groups.c.path == bindparam("b_path")))
_ONE_GROUP = select(groups.c.path).where(groups.c.path == bindparam("b_path"))
_LOCK_GROUP = Statement(_ONE_GROUP.with_for_update())
_SHARE_GROUP = Statement(_ONE_GROUP.with_for_update(read=True))
# Whoever has the name later was given nothing.
_END_RIGHTS = Statement(delete(rights).where(rights.c.role_id == bindparam("b_role")))
_ROLES = Statement(select(roles).order_by(roles.c.role_id))
_PUT_ROLE = upsert(roles, ("role_id",), "label")
_REMOVE_ROLE = Statement(delete(roles).where(roles.c.role_id == bindparam("b_role")))
_BEARERS = Statement(
    select(accounts.c.sub, accounts.c.roles)
    .where(accounts.c.roles.contains(bindparam("b_role"), autoescape=False))
    .with_for_update()
)
_RULE = Statement(
    select(factor_policies.c.name).where(
        factor_policies.c.kind == bindparam("b_kind"),
        factor_policies.c.name == bindparam("b_name"),
    )
)
_SET_ROLES = Statement(
    update(accounts)
    .where(accounts.c.sub == bindparam("b_sub"))
    # Whoever read the account before writes nothing back.
    .values(roles=bindparam("b_roles"), updated_at=bindparam("b_at"))
)


class SqlGroupStore:
    """The groups and roles."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def groups(self) -> Sequence[Group]:
        """List the groups in the order of their paths."""
        rows = await self._database.read_many(_GROUPS)
        return [Group(row.path, row.label) for row in rows]

    async def members(self) -> Mapping[str, int]:
        """Count who is in each group itself."""
        rows = await self._database.read_many(_COUNT_MEMBERS)
        return {row.group_path: row.people for row in rows}

    async def bearers(self) -> Mapping[str, int]:
        """Count who has each role."""
        found: Counter[str] = Counter()
        for row in await self._database.read_many(_COUNT_BEARERS):
            found.update(dict.fromkeys(unwords(row.roles), row.people))
        return found

    async def add_group(self, group: Group, event: AuditEvent) -> bool:
        """Keep a group and those it lies in; False if it is there."""

        def verb() -> Verb[bool]:
            for path in parents(group.path):
                yield _ADD_GROUP, {"path": path, "label": path.rpartition("/")[2]}
            for path in parents(group.path):
                yield _SHARE_GROUP, {"b_path": path}
            if (yield _ADD_GROUP, {"path": group.path, "label": group.label}).touched != 1:
                return False
            yield audit_insert(event)
            return True

        return await self._database.write(verb)

    async def remove_group(self, path: str, event: AuditEvent) -> bool:
        """Remove a group that nobody and no group is in, with its rights; False otherwise.

        Raises NamedByRule: whoever makes a group of that path later would be bound unasked.
        """
        # "0" is the character after "/": the range holds what lies below the path.
        below = {"b_from": f"{path}/", "b_to": f"{path}0"}

        def verb() -> Verb[bool]:
            # Locked first: whoever joins it waits, and then finds it gone.
            yield _LOCK_GROUP, {"b_path": path}
            if (yield _MEMBER, {"b_path": path}).rows or (yield _CHILD, below).rows:
                return False
            yield from _check_no_rule("group", path)
            if (yield _REMOVE_GROUP, {"b_path": path}).touched != 1:
                return False
            yield _END_RIGHTS, {"b_role": path}
            yield audit_insert(event)
            return True

        return await self._database.write(verb)

    async def roles(self) -> Sequence[Role]:
        """List the roles."""
        return [Role(row.role_id, row.label) for row in await self._database.read_many(_ROLES)]

    async def put_role(self, role: Role, event: AuditEvent) -> None:
        """Keep a role."""

        def verb() -> Verb[None]:
            yield _PUT_ROLE, {"role_id": role.role_id, "label": role.label}
            yield audit_insert(event)

        await self._database.write(verb)

    async def remove_role(self, role_id: str, event: AuditEvent) -> bool:
        """Remove a role, with its rights and from all accounts; False if there is none.

        Raises NamedByRule: whoever has it would be free of what it asks, and nobody told.
        """

        def verb() -> Verb[bool]:
            yield from _check_no_rule("role", role_id)
            if (yield _REMOVE_ROLE, {"b_role": role_id}).touched != 1:
                return False
            yield _END_RIGHTS, {"b_role": role_id}
            for row in (yield _BEARERS, {"b_role": role_id}).rows:
                left = words(unwords(row.roles) - {role_id})
                at = micros(event.at)
                yield _SET_ROLES, {"b_sub": row.sub, "b_roles": left, "b_at": at}
            yield audit_insert(event)
            return True

        return await self._database.write(verb)


def _check_no_rule(kind: Kind, name: str) -> Verb[None]:
    if (yield _RULE, {"b_kind": kind, "b_name": name}).rows:
        raise NamedByRule(name)
