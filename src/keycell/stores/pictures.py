"""Pictures of people, in SQL: small, and looked at often."""

from sqlalchemy import bindparam, delete, select

from keycell.stores.database import Database, Statement, Verb, first, upsert
from keycell.stores.holders import hold_person
from keycell.stores.opening import now_micros
from keycell.stores.schema_files import avatars

_FIND = Statement(
    select(avatars.c.content_type, avatars.c.content).where(
        avatars.c.kind == bindparam("b_kind"), avatars.c.owner == bindparam("b_owner")
    )
)
_REMOVE = Statement(
    delete(avatars).where(
        avatars.c.kind == bindparam("b_kind"), avatars.c.owner == bindparam("b_owner")
    )
)
_PUT = upsert(avatars, ("kind", "owner"), "content_type", "content", "changed_at")


class SqlPictureStore:
    """The pictures."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, kind: str, owner: str) -> tuple[str, bytes] | None:
        """Find a picture's type and bytes."""
        row = await first(self._database, _FIND, {"b_kind": kind, "b_owner": owner})
        return None if row is None else (row.content_type, bytes(row.content))

    async def put(self, kind: str, owner: str, content_type: str, content: bytes) -> None:
        """Keep a picture in the place of an earlier one; NotFound where its person is gone."""
        row = {"kind": kind, "owner": owner, "content_type": content_type, "content": content,
               "changed_at": now_micros()}  # fmt: skip

        def verb() -> Verb[None]:
            if kind == "USER":
                yield from hold_person(owner)
            yield _PUT, row

        await self._database.write(verb)

    async def remove(self, kind: str, owner: str) -> None:
        """Forget a picture, if there is one."""

        def verb() -> Verb[None]:
            yield _REMOVE, {"b_kind": kind, "b_owner": owner}

        await self._database.write(verb)
