"""What is there for what somebody types: a few people, groups and applications at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypedDict

from keycell.accounts.errors import Invalid
from keycell.accounts.groups import Group
from keycell.accounts.people import login_key
from keycell.administration.client_lists import Seeking, listed
from keycell.administration.groups import GroupView
from keycell.administration.office import LONGEST_SEARCH, Office

MOST_OF_A_KIND = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A text, and how many of each kind at most."""

    text: str
    most: int = 6


class FoundPerson(TypedDict):
    """Somebody."""

    login: str
    name: str
    email: str | None
    is_disabled: bool


class FoundApplication(TypedDict):
    """An application; ``client_name`` is null where it has none."""

    client_id: str
    client_name: str | None
    is_disabled: bool


class Found(TypedDict):
    """What there is for a text, a few of each kind."""

    people: list[FoundPerson]
    groups: list[GroupView]
    applications: list[FoundApplication]


async def found(office: Office, asked: Finding) -> Found:
    """Find a few people, groups and applications for a text."""
    text = asked.text.strip()
    if not 1 <= asked.most <= MOST_OF_A_KIND:
        raise Invalid("most", "most", f"expected 1 to {MOST_OF_A_KIND} of each kind")
    if not 1 <= len(text) <= LONGEST_SEARCH:
        raise Invalid("text", "search", f"expected 1 to {LONGEST_SEARCH} characters")
    people = await office.people.accounts.find_some(text, asked.most)
    groups = _meant(await office.people.groups.groups(), login_key(text))
    applications = await listed(office, Seeking(search=text, most=asked.most))
    return {
        "people": [
            {
                "login": one.login,
                "name": one.name,
                "email": one.email,
                "is_disabled": one.disabled_at is not None,
            }
            for one in people
        ],
        "groups": [{"path": one.path, "label": one.label} for one in list(groups)[: asked.most]],
        "applications": [
            {
                "client_id": one["client_id"],
                "client_name": one.get("client_name"),
                "is_disabled": one["is_disabled"],
            }
            for one in applications["items"]
        ],
    }


def _meant(groups: Iterable[Group], wanted: str) -> Iterable[Group]:
    """Give those whose path or name has it; the root has no name of its own."""
    for one in groups:
        if one.path != "/" and wanted in login_key(f"{one.path}\n{one.label}"):
            yield one
