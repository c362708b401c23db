"""Whole lists as a file: one line each, by the same filters as the lists on the pages."""

import csv
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from typing import Any, Literal

import msgspec

from keycell.administration import client_lists, people
from keycell.administration.call import Document
from keycell.administration.office import PAGE, Office

Format = Literal["jsonl", "csv"]
PEOPLE = (
    "login", "name", "email", "group", "roles", "is_admin", "is_disabled", "created_at",
    "leaves_at", "sub",
)  # fmt: skip
"""The first five are those that `user-import` takes."""
APPLICATIONS = (
    "client_id", "client_name", "kind", "is_disabled", "came_by", "created_at", "secret_made_at",
    "token_endpoint_auth_method", "scope", "redirect_uris", "people", "grants", "used_at",
    "misdirected",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class People(people.Seeking):
    """Which people, and in which form."""

    format: Format = "jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Applications(client_lists.Seeking):
    """Which applications, and in which form."""

    format: Format = "jsonl"


async def people_lines(office: Office, asked: People) -> AsyncIterator[bytes]:
    """Give every person that is wanted, however many, a line each."""
    if asked.format == "csv":
        yield _row(PEOPLE)
    async for part in _people(office, asked):
        yield _lines(part, PEOPLE, asked.format)


async def _people(office: Office, asked: People) -> AsyncIterator[Sequence[Document]]:
    after: str | None = ""
    while after is not None:
        found = await people.listed(office, replace(asked, after=after, most=PAGE))
        yield found["items"]
        after = found["next"]


async def application_lines(office: Office, asked: Applications) -> AsyncIterator[bytes]:
    """Give every application that is wanted, a line each."""
    if asked.format == "csv":
        yield _row(APPLICATIONS)
    after: str | None = ""
    while after is not None:
        wanted = replace(asked, after=after, most=PAGE, with_use=True)
        found = await client_lists.listed(office, wanted)
        yield _lines(found["items"], APPLICATIONS, asked.format)
        after = found["next"]


def _lines(items: Sequence[Document], columns: Sequence[str], form: Format) -> bytes:
    if form == "csv":
        return b"".join(_row([_cell(one.get(name)) for name in columns]) for one in items)
    return b"".join(msgspec.json.encode(one) + b"\n" for one in items)


def _row(cells: Sequence[str]) -> bytes:
    text = StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue().encode()


def _cell(value: Any) -> str:  # noqa: ANN401  (whatever a document holds)
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return " ".join(map(str, value))
    text = str(value)
    # A spreadsheet would take what somebody called themselves for a formula, and run it.
    return f"'{text}" if text.startswith(_FORMULA) else text


FILES: Mapping[str, tuple[type, Any, str, str]] = {
    "users.export": (People, people_lines, "people", "account.exported"),
    "clients.export": (Applications, application_lines, "applications", "client.exported"),
}
"""By address: what is asked for, what gives the lines, the file's name, and the event of it."""
