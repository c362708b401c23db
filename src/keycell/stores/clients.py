"""The client registry, in SQL: one JSON document a client, kept in memory once read."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import cast

import msgspec
from sqlalchemy import and_, bindparam, delete, select, update

from keycell.accounts.audit import AuditEvent
from keycell.accounts.changes import client_changes
from keycell.oauth.clients import Client, is_client_id
from keycell.stores.audit import audit_insert
from keycell.stores.columns import micros
from keycell.stores.database import Database, Row, Statement, Verb, first, insert_new
from keycell.stores.grant_ends import REVOKE_OF_CLIENT
from keycell.stores.node_reads import like_pattern
from keycell.stores.schema import accounts, clients, consents, initial_tokens
from keycell.stores.versions import bump

NAME = "clients"
_MOST_KEPT = 10_000

_FIND = Statement(select(clients).where(clients.c.client_id == bindparam("b_client_id")))
_LOCKED = Statement(
    select(clients).where(clients.c.client_id == bindparam("b_client_id")).with_for_update()
)
_PAGE = Statement(
    select(clients)
    .where(clients.c.client_id > bindparam("b_after"))
    .order_by(clients.c.client_id)
    .limit(bindparam("b_most"))
)
_NAMING = Statement(
    select(clients)
    .where(clients.c.document.like(bindparam("b_like"), escape="\\"))
    .order_by(clients.c.client_id)
    .with_for_update()
)
_ADD = insert_new(clients, "client_id")
_UPDATE = Statement(
    update(clients)
    .where(clients.c.client_id == bindparam("b_client_id"))
    .values(
        came_by=bindparam("b_came_by"),
        document=bindparam("b_document"),
        disabled=bindparam("b_disabled"),
        registration_digest=bindparam("b_registration_digest"),
        purge_at=bindparam("b_purge_at"),
        test_until=bindparam("b_test_until"),
    )
)
_IS_OVER = clients.c.test_until <= bindparam("b_at")
_OVER = Statement(
    select(clients).where(_IS_OVER, clients.c.disabled == 0).limit(bindparam("b_most"))
)
# Whoever was disabled before has accounts for tests still.
_OVER_WITH_ACCOUNTS = Statement(
    select(clients)
    .join(accounts, accounts.c.test_of == clients.c.client_id)
    .where(_IS_OVER)
    .limit(bindparam("b_most"))
)
_REMOVE = Statement(delete(clients).where(clients.c.client_id == bindparam("b_client_id")))
_FORGET_CONSENTS = Statement(
    delete(consents).where(consents.c.client_id == bindparam("b_client_id"))
)
_KEEP_TOKEN = insert_new(initial_tokens, "digest")
_IS_GOOD = and_(
    initial_tokens.c.digest == bindparam("b_digest"),
    initial_tokens.c.uses_left > 0,
    initial_tokens.c.purge_at > bindparam("b_now"),
)
_INVITED = Statement(select(initial_tokens.c.digest).where(_IS_GOOD))
_SPEND_TOKEN = Statement(
    update(initial_tokens).where(_IS_GOOD).values(uses_left=initial_tokens.c.uses_left - 1)
)


class SqlClientStore:
    """The registered clients."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: dict[str, Client] = {}
        self._forgotten = 0

    def forget(self) -> None:
        """Read every client anew: something changed."""
        self._kept.clear()
        self._forgotten += 1

    def _forget(self, client_id: str) -> None:
        self._kept.pop(client_id, None)
        self._forgotten += 1

    async def find(self, client_id: str) -> Client | None:
        """Find a client, a disabled one too."""
        kept = self._kept.get(client_id)
        if kept is not None:
            return kept
        # What no client can be called is not looked for: not every database can hold it.
        if not is_client_id(client_id):
            return None
        before = self._forgotten
        row = await first(self._database, _FIND, {"b_client_id": client_id})
        if row is None:
            return None
        client = _client(row)
        # What was on its way while something changed may be what it was before.
        if before == self._forgotten:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[client_id] = client
        return client

    async def page(self, after: str, most: int) -> Sequence[Client]:
        """List clients in the order of their identifiers, beyond one of them."""
        rows = await self._database.read_many(_PAGE, {"b_after": after, "b_most": most})
        return [_client(row) for row in rows]

    async def over(self, at: datetime, most: int) -> Sequence[Client]:
        """List clients whose test mode is over, with which something is still to be done."""
        params = {"b_at": micros(at), "b_most": most}
        found = {
            row.client_id: _client(row)
            for statement in (_OVER, _OVER_WITH_ACCOUNTS)
            for row in await self._database.read_many(statement, params)
        }
        return list(found.values())

    async def add(self, client: Client, event: AuditEvent) -> bool:
        """Keep a new client; False if its identifier is taken."""

        def verb() -> Verb[bool]:
            if (yield _ADD, _row(client)).touched != 1:
                return False
            yield bump(NAME)
            yield audit_insert(event)
            return True

        return await self._database.write(verb)

    async def update(
        self, client_id: str, change: Callable[[Client], Client], event: AuditEvent
    ) -> Client | None:
        """Change a client as it is at that moment, whatever was read of it before.

        Gives what is kept, None if it is gone; what ``change`` raises leaves it as it was. The
        event tells what became different.
        """

        def verb() -> Verb[Client | None]:
            rows = (yield _LOCKED, {"b_client_id": client_id}).rows
            if not rows:
                return None
            before = _client(rows[0])
            kept = change(before)
            yield _UPDATE, {f"b_{name}": value for name, value in _row(kept).items()}
            yield bump(NAME)
            changes = client_changes(before, kept)
            told = {**event.detail, "changes": changes} if changes else event.detail
            yield audit_insert(replace(event, detail=told))
            return kept

        try:
            return await self._database.write(verb)
        finally:
            self._forget(client_id)

    async def remove(self, client_id: str, at: datetime, event: AuditEvent) -> bool:
        """Remove a client, with all that was granted to it; False if there is none."""
        params = {"b_client_id": client_id, "b_at": micros(at)}

        def verb() -> Verb[bool]:
            if (yield _REMOVE, params).touched != 1:
                return False
            yield REVOKE_OF_CLIENT, params
            yield _FORGET_CONSENTS, params
            yield from _unname(client_id)
            yield bump(NAME)
            yield audit_insert(event)
            return True

        removed = await self._database.write(verb)
        # Others that named it are others now.
        self.forget()
        return removed

    async def keep(self, client: Client) -> bool:
        """Keep for good a client that is used for the first time; False if it is gone."""

        def verb() -> Verb[bool]:
            rows = (yield _LOCKED, {"b_client_id": client.client_id}).rows
            if not rows:
                return False
            kept = replace(_client(rows[0]), unused_until=None)
            yield _UPDATE, {f"b_{name}": value for name, value in _row(kept).items()}
            yield bump(NAME)
            return True

        is_there = await self._database.write(verb)
        self._forget(client.client_id)
        return is_there

    async def put(self, made: Sequence[Client]) -> None:
        """Keep the clients that every start makes, replacing those of the last."""

        def verb() -> Verb[None]:
            changed = False
            for client in made:
                row = _row(client)
                before = (yield _FIND, {"b_client_id": client.client_id}).rows
                if before and before[0].document == row["document"]:
                    continue
                changed = True
                yield _REMOVE, {"b_client_id": client.client_id}
                yield _ADD, row
            if changed:
                yield bump(NAME)

        await self._database.write(verb)
        self.forget()

    async def keep_initial_token(
        self, digest: str, label: str, uses: int, until: datetime, event: AuditEvent
    ) -> None:
        """Keep an initial access token, good for so many registrations. RFC7591-3."""
        row = {
            "digest": digest,
            "label": label,
            "uses_left": uses,
            "created_at": micros(event.at),
            "purge_at": micros(until),
        }

        def verb() -> Verb[None]:
            yield _KEEP_TOKEN, row
            yield audit_insert(event)

        await self._database.write(verb)

    async def is_invited(self, initial_digest: str, now: datetime) -> bool:
        """Tell whether an initial access token is good for another registration."""
        params = {"b_digest": initial_digest, "b_now": micros(now)}
        return await first(self._database, _INVITED, params) is not None

    async def register(
        self, client: Client, initial_digest: str | None, event: AuditEvent
    ) -> bool:
        """Keep a client that registered itself, spending one use of its initial token."""
        spend = {"b_digest": initial_digest, "b_now": micros(event.at)}

        def verb() -> Verb[bool]:
            if initial_digest is not None and (yield _SPEND_TOKEN, spend).touched != 1:
                return False
            yield _ADD, _row(client)
            yield bump(NAME)
            yield audit_insert(event)
            return True

        return await self._database.write(verb)


def _unname(client_id: str) -> Verb[None]:
    """Let nobody act by the name of a client that is gone: another may have it next.

    A rule that lets one client alone act by another's tokens stays: without, any could.
    """
    quoted = msgspec.json.encode(client_id).decode()
    for row in (yield _NAMING, {"b_like": like_pattern(quoted)}).rows:
        client = _client(row)
        left = tuple(one for one in client.acting.applications if one != client_id)
        if left != client.acting.applications:
            kept = replace(client, acting=replace(client.acting, applications=left))
            yield _UPDATE, {f"b_{name}": value for name, value in _row(kept).items()}


def _row(client: Client) -> dict[str, object]:
    return {
        "client_id": client.client_id,
        "came_by": client.came_by,
        "document": msgspec.json.encode(client, order="sorted").decode(),
        "disabled": int(client.disabled),
        "created_at": micros(client.created_at),
        "registration_digest": client.registration_digest,
        # One that was disabled stays so: forgotten, it could come again as a new one.
        "purge_at": None if client.disabled else micros(client.unused_until),
        "test_until": micros(client.test_until),
    }


def _client(row: Row) -> Client:
    return msgspec.json.decode(cast("str", row.document), type=Client)
