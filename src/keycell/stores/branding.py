"""How the installation shows itself, in SQL.

What is published is in every page, so every process keeps it in memory, its logos too.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace

import msgspec
from sqlalchemy import bindparam, delete, select

from keycell.accounts.audit import AuditEvent
from keycell.accounts.branding import Branding, Brandings, Shown
from keycell.stores.audit import audit_insert
from keycell.stores.columns import document
from keycell.stores.database import Database, Row, Statement, Verb, first, insert_new, upsert
from keycell.stores.lists import ListStatement
from keycell.stores.opening import now_micros
from keycell.stores.schema_branding import brandings, logos
from keycell.stores.versions import bump

NAME = "branding"

_ALL = Statement(select(brandings).with_for_update())
_READ = Statement(select(brandings))
_BEGIN = insert_new(brandings, "state")
_PUT = upsert(brandings, "state", "document", "changed_at")
_LOGO = Statement(select(logos.c.content).where(logos.c.digest == bindparam("b_digest")))
_ADD_LOGO = insert_new(logos, "digest")
_LOGOS = Statement(select(logos.c.digest))
_FORGET = ListStatement(lambda listed: delete(logos).where(logos.c.digest.in_(listed)))


class SqlBrandingStore:
    """The draft, what is shown, and what was shown before."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._shown = Shown()

    @property
    def shown(self) -> Shown:
        """What is published, as far as this process was told."""
        return self._shown

    async def load(self) -> None:
        """Read anew what is published: another process changed it."""
        branding = (await self.all()).published
        digests = {one.digest for one in (branding.light, branding.dark) if one is not None}
        found = {digest: await self.logo(digest) for digest in digests}
        self._shown = Shown(branding, {name: one for name, one in found.items() if one})

    async def all(self) -> Brandings:
        """Give all three."""
        return _brandings(await self._database.read(_READ))

    async def logo(self, digest: str) -> bytes | None:
        """Find the bytes of a logo."""
        row = await first(self._database, _LOGO, {"b_digest": digest})
        return None if row is None else bytes(row.content)

    async def change(
        self,
        decide: Callable[[Brandings], Brandings],
        added: Mapping[str, bytes],
        event: AuditEvent | None,
    ) -> Brandings:
        """Keep what is decided of what is there, and forget the logos that nothing has then.

        The event is kept if that is shown from now on, and says what.
        """

        def verb() -> Verb[Brandings]:
            # There is a row to lock, so that two who begin at once each find what the other did.
            yield _BEGIN, {"state": "draft", "document": _row(Branding()), "changed_at": 0}
            before = _brandings((yield _ALL, {}).rows)
            after = decide(before)
            for digest, content in added.items():
                yield _ADD_LOGO, {"digest": digest, "content": content}
            for state, row in _rows(before, after).items():
                yield _PUT, {"state": state, "document": row, "changed_at": now_micros()}
            named = {digest for one in _each(after).values() for digest in _digests(one)}
            there = {row.digest for row in (yield _LOGOS, {}).rows}
            yield from _FORGET.steps(sorted(there - named))
            if before.published != after.published:
                yield bump(NAME)
                if event is not None:
                    said = msgspec.to_builtins(after.published)
                    yield audit_insert(replace(event, detail=said))
            return after

        kept = await self._database.write(verb)
        await self.load()
        return kept


def _each(kept: Brandings) -> dict[str, Branding]:
    found = {one.name: getattr(kept, one.name) for one in fields(kept)}
    return {state: one for state, one in found.items() if one is not None}


def _rows(before: Brandings, after: Brandings) -> dict[str, str]:
    was = _each(before)
    return {state: _row(one) for state, one in _each(after).items() if was.get(state) != one}


def _row(branding: Branding) -> str:
    return document(msgspec.to_builtins(branding))


def _digests(branding: Branding) -> set[str]:
    return {one.digest for one in (branding.light, branding.dark) if one is not None}


def _brandings(rows: Sequence[Row]) -> Brandings:
    found = {row.state: msgspec.json.decode(row.document, type=Branding) for row in rows}
    return Brandings(**found)
