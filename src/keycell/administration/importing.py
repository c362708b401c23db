"""People from a table: looked at first, then added."""

from collections import Counter
from dataclasses import dataclass
from typing import TypedDict

from keycell.accounts.importing import Judged, Outcome, add_all, judge_table, read_table
from keycell.administration.office import Office
from keycell.oauth.sentences import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Importing:
    """A table as CSV; with ``is_dry_run`` it is judged and nothing is changed."""

    table: str
    is_dry_run: bool = False


class ImportCounts(TypedDict):
    """How many rows there are of each kind."""

    new: int
    there: int
    refused: int


class ImportedRow(TypedDict):
    """A row of the table, what becomes of it, and why it is refused if it is."""

    line: int
    login: str
    name: str
    email: str
    group: str
    result: Outcome
    why: str


class ImportedTable(TypedDict):
    """What becomes of a table of people, row by row."""

    is_done: bool
    counts: ImportCounts
    items: list[ImportedRow]


async def imported(office: Office, asked: Importing) -> ImportedTable:
    """Judge a table of people row by row, and add the new ones unless a row is refused."""
    judged = await judge_table(office.people, read_table(asked.table))
    event = office.event("account.added", "")
    is_done = not asked.is_dry_run and await add_all(office.people, judged, event)
    counts = Counter(one.outcome for one in judged)
    return {
        "is_done": is_done,
        "counts": {"new": counts["new"], "there": counts["there"], "refused": counts["refused"]},
        "items": [_view(one, office.words) for one in judged],
    }


def _view(one: Judged, words: Words) -> ImportedRow:
    row = one.row
    return {
        "line": row.line, "login": row.login[:200], "name": row.name[:200],
        "email": row.email[:200], "group": row.group[:200], "result": one.outcome,
        "why": one.why.told(words) if one.why else "",
    }  # fmt: skip
