"""People in the order that is asked for, a part at a time, in SQL."""

from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    FromClause,
    and_,
    bindparam,
    exists,
    func,
    literal,
    or_,
    select,
)

from keycell.accounts.lists import Order, Sought, State, read_cursor
from keycell.accounts.people import login_key
from keycell.stores.columns import micros
from keycell.stores.database import Statement
from keycell.stores.schema import accounts
from keycell.stores.schema_factors import apps, passkeys

_ACTIVE = and_(accounts.c.disabled_at.is_(None), accounts.c.leaves_at.is_(None))
_STATES: dict[State, ColumnElement[bool]] = {
    "active": _ACTIVE,
    "disabled": accounts.c.disabled_at.is_not(None),
    "leaving": accounts.c.leaves_at.is_not(None),
    "administrator": and_(accounts.c.is_admin == 1, _ACTIVE),
    "unguarded": and_(
        _ACTIVE,
        ~exists().where(passkeys.c.sub == accounts.c.sub),
        ~exists().where(apps.c.sub == accounts.c.sub),
    ),
}
COUNT_ADMINISTRATORS = Statement(
    select(func.count().label("found")).select_from(accounts).where(_STATES["administrator"])
)
COUNT_WITHOUT_FACTOR = Statement(
    select(func.count().label("found")).select_from(accounts).where(_STATES["unguarded"])
)


def sought(asked: Sought) -> tuple[Statement, dict[str, object]]:
    """Give the statement of a part of the people, and what it is run with."""
    params: dict[str, object] = {"b_most": asked.most}
    if asked.after:
        params["b_after"], place = read_cursor(asked.after, asked.sort)
        if place is not None:
            params["b_place"] = micros(place) if isinstance(place, datetime) else _lower(place)
    if asked.search:
        params["b_like"] = f"%{literally(login_key(asked.search))}%"
    if asked.group:
        # "0" is the character after "/": the range holds what lies below the path.
        params |= {"b_group": asked.group, "b_from": f"{asked.group}/", "b_to": f"{asked.group}0"}
    if asked.role:
        params["b_role"] = f" {asked.role} "
    kind = replace(
        asked, most=1, after=asked.after and "x", search=asked.search and "x",
        group=asked.group and "x", role=asked.role and "x",
    )  # fmt: skip
    return _statement(kind), params


@cache
def _statement(kind: Sought) -> Statement:
    found = select(accounts).limit(bindparam("b_most"))
    columns = _columns(accounts, kind.sort)
    found = found.order_by(*(one.desc() if kind.is_backwards else one for one in columns))
    if kind.state:
        found = found.where(_STATES[kind.state])
    if kind.search:
        like: BindParameter[str] = bindparam("b_like")
        seen = (accounts.c.search_key, func.lower(accounts.c.group_path))
        found = found.where(or_(*(one.like(like, escape="\\") for one in seen)))
    if kind.group:
        path = accounts.c.group_path
        below = and_(path >= bindparam("b_from"), path < bindparam("b_to"))
        found = found.where(or_(path == bindparam("b_group"), below))
    if kind.role:
        spaced = literal(" ") + accounts.c.roles + literal(" ")
        # SQLite's LIKE takes Writer for writer, which is another role.
        found = found.where(func.replace(spaced, bindparam("b_role"), "") != spaced)
    if kind.after:
        found = found.where(_is_beyond(kind, columns))
    return Statement(found)


def _columns(of: FromClause, sort: Order) -> list[ColumnElement[Any]]:
    """Give what is ordered by; the key, of which each is the only one, last."""
    if sort == "name":
        return [func.lower(of.c.name), of.c.login_key]
    if sort == "created":
        return [of.c.created_at, of.c.login_key]
    return [of.c.login_key]


def _is_beyond(kind: Sought, columns: list[ColumnElement[Any]]) -> ColumnElement[bool]:
    """Tell what comes after the last one before, whether that is there still or not."""
    key = accounts.c.login_key
    after: BindParameter[str] = bindparam("b_after")
    if len(columns) == 1:
        return key < after if kind.is_backwards else key > after
    first = columns[0]
    place: ColumnElement[Any] = bindparam("b_place", type_=first.type)
    if kind.is_backwards:
        return or_(first < place, and_(first == place, key < after))
    return or_(first > place, and_(first == place, key > after))


def _lower(text: str) -> str:
    """Fold a text as the database does in a collation by bytes: letters of ASCII alone."""
    return "".join(c.lower() if c.isascii() else c for c in text)


def literally(text: str) -> str:
    """Give a text as LIKE takes it for itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
