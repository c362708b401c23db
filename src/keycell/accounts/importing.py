"""People from a table: read, judged row by row, and added all at once or not at all.

The table is RFC 4180's, its first line names the columns. Passwords are not among them: they would
lie about in a file, and whoever made it would know them.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Literal

from keycell.accounts.administration import given_roles
from keycell.accounts.audit import AuditEvent, about
from keycell.accounts.errors import Invalid
from keycell.accounts.groups import check_group_path
from keycell.accounts.people import Account, check_email, check_login, check_name, login_key
from keycell.accounts.ports import People
from keycell.oauth.sentences import phrase

MOST_ROWS = 1_000
"""So many people in one table at most."""
LONGEST_TABLE = 200_000
"""Characters of a table at most."""
COLUMNS = ("login", "name", "email", "group", "roles")

Outcome = Literal["new", "there", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the table, by its number in it."""

    line: int
    login: str
    name: str = ""
    email: str = ""
    group: str = "/"
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What becomes of a row: a new account, nothing as it is there already, or a refusal."""

    row: Row
    outcome: Outcome
    why: Invalid | None = None
    account: Account | None = None


def read_table(text: str) -> list[Row]:
    """Read a table; raise Invalid for one that can be none at all."""
    if len(text) > LONGEST_TABLE:
        raise _unreadable(f"received {len(text)} characters, expected at most {LONGEST_TABLE}")
    # Spreadsheets put a mark before all, and where a comma is decimal they part by semicolons.
    text = text.removeprefix("\ufeff")
    first = text.partition("\n")[0]
    lines = csv.reader(
        StringIO(text, newline=""), delimiter=";" if ";" in first else ",", strict=True
    )
    try:
        return list(_rows(lines))
    except csv.Error as error:
        raise _unreadable(f"line {lines.line_num} is no CSV: {error}") from None


def _rows(lines: "csv._reader") -> Iterator[Row]:  # type: ignore[name-defined, unused-ignore]
    columns = [one.strip().casefold() for one in next(lines, [])]
    _check_columns(columns)
    count = 0
    for cells in lines:
        if not any(one.strip() for one in cells):
            continue
        count += 1
        if count > MOST_ROWS:
            raise _unreadable(f"expected at most {MOST_ROWS} people; split the table")
        if len(cells) > len(columns):
            raise _unreadable(
                f"line {lines.line_num} has {len(cells)} cells, expected {len(columns)}"
            )
        said = dict(zip(columns, (one.strip() for one in cells), strict=False))
        yield Row(
            line=lines.line_num, login=said.get("login", ""), name=said.get("name", ""),
            email=said.get("email", ""), group=said.get("group") or "/",
            roles=tuple(said.get("roles", "").split()),
        )  # fmt: skip


def _check_columns(columns: Sequence[str]) -> None:
    if "login" not in columns:
        raise _unreadable(f"the first line must name the columns: {', '.join(COLUMNS)}")
    for one in columns:
        if one == "password":
            raise _unreadable(
                "there is no column password: each person sets their own, by a link or by "
                "Forgot password"
            )
        if one not in COLUMNS:
            raise _unreadable(f"unknown column {one[:50]!r}; expected {', '.join(COLUMNS)}")
    if len(set(columns)) != len(columns):
        raise _unreadable("a column is there twice")


def _unreadable(sentence: str) -> Invalid:
    return Invalid("table", "table", sentence)


async def judge_table(people: People, rows: Sequence[Row]) -> list[Judged]:
    """Say what becomes of each row."""
    groups = {"/", *(one.path for one in await people.groups.groups())}
    seen: dict[str, int] = {}
    found: list[Judged] = []
    for row in rows:
        key = login_key(row.login)
        if key in seen:
            twice = phrase("the same login as in line %(line)s", line=seen[key])
            why = Invalid("login", "login-twice", twice)
            found.append(Judged(row=row, outcome="refused", why=why))
            continue
        seen[key] = row.line
        found.append(await _judge(people, row, groups))
    return found


async def _judge(people: People, row: Row, groups: set[str]) -> Judged:
    try:
        login = check_login(row.login)
        if await people.accounts.find_by_login(login) is not None:
            return Judged(row=row, outcome="there")
        group = _known_group(row.group, groups)
        email = check_email(row.email) if row.email else None
        now = people.clock()
        account = Account(
            sub=people.mint_id(), login=login, name=check_name(row.name), email=email,
            # Whoever administers the server vouches for the address.
            email_verified=email is not None, group_path=group,
            roles=await given_roles(people, row.roles),
            created_at=now, updated_at=now,
        )  # fmt: skip
    except Invalid as error:
        return Judged(row=row, outcome="refused", why=error)
    return Judged(row=row, outcome="new", account=account)


def _known_group(path: str, groups: set[str]) -> str:
    group = check_group_path(path)
    if group not in groups:
        raise Invalid("group", "group", phrase("there is no group %(group)s", group=group[:100]))
    return group


async def add_all(people: People, judged: Sequence[Judged], event: AuditEvent) -> bool:
    """Add the new ones, unless a row is refused: then nobody. Raises LoginTaken, NoSuchGroup.

    Who is taken meanwhile by somebody else undoes all of it.
    """
    if any(one.outcome == "refused" for one in judged):
        return False
    new = [one.account for one in judged if one.account is not None]
    await people.accounts.add_all([(one, _told(event, one)) for one in new])
    return True


def _told(event: AuditEvent, account: Account) -> AuditEvent:
    return AuditEvent(
        at=event.at, actor=event.actor, action=event.action, target=account.login,
        origin=event.origin, detail=about(account.sub),
    )  # fmt: skip
