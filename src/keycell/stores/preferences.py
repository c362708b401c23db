"""What people chose of how they are shown and told things, in SQL."""

from collections.abc import Callable

import msgspec
from sqlalchemy import bindparam, delete, select

from keycell.accounts.preferences import Preferences
from keycell.stores.columns import document
from keycell.stores.database import Database, Statement, Verb, first, upsert
from keycell.stores.holders import hold_person
from keycell.stores.schema import preferences

_SUB = preferences.c.sub == bindparam("b_sub")
_FIND = Statement(select(preferences.c.document).where(_SUB))
_KEEP = upsert(preferences, ("sub",), "document")
FORGET_PREFERENCES = Statement(delete(preferences).where(_SUB))


class SqlPreferenceStore:
    """What people chose."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, sub: str) -> Preferences:
        """Give what somebody chose; what is usual where they chose nothing."""
        row = await first(self._database, _FIND, {"b_sub": sub})
        return Preferences() if row is None else _preferences(row.document)

    async def change(self, sub: str, change: Callable[[Preferences], Preferences]) -> None:
        """Keep what somebody chooses otherwise; the rest stays as it was chosen meanwhile.

        Raises NotFound if the account is gone.
        """

        def verb() -> Verb[None]:
            # Of two changes at once, the second begins with what the first one kept.
            yield from hold_person(sub)
            rows = (yield _FIND, {"b_sub": sub}).rows
            chosen = change(_preferences(rows[0].document) if rows else Preferences())
            yield _KEEP, {"sub": sub, "document": document(msgspec.to_builtins(chosen))}

        await self._database.write(verb)


def _preferences(text: str) -> Preferences:
    return msgspec.convert(msgspec.json.decode(text), Preferences)
