"""Which of a publisher's applications share sign-ins on a device. NSSO-4.3, decisions/0063."""

from dataclasses import dataclass, replace
from typing import TypedDict

from keycell.administration.clients import ClientView, Named, keep, view
from keycell.administration.office import Office
from keycell.oauth.native_sso import read_suite


@dataclass(frozen=True, slots=True, kw_only=True)
class Suiting:
    """The suite that an application is in; empty takes it out of any."""

    client_id: str
    suite: str


class Member(TypedDict):
    """Another application of the suite."""

    client_id: str
    label: str
    is_disabled: bool


class SuiteView(TypedDict):
    """The suite of an application, who else is in it, and which suites there are."""

    client_id: str
    suite: str
    members: list[Member]
    suites: list[str]


async def shown(office: Office, asked: Named) -> SuiteView:
    """Show the suite of an application, who else is in it, and which suites there are."""
    client = await office.client(asked.client_id)
    sharing = [one for one in await office.clients() if one.suite]
    members = [
        one for one in sharing
        if one.suite == client.suite and one.client_id != client.client_id
    ]  # fmt: skip
    return {
        "client_id": client.client_id,
        "suite": client.suite,
        "members": [
            {"client_id": one.client_id, "label": one.name, "is_disabled": one.disabled}
            for one in members
        ],
        "suites": sorted({one.suite for one in sharing}),
    }


async def suited(office: Office, asked: Suiting) -> ClientView:
    """Put an application into a suite, or take it out; it counts at once."""
    client = await office.foreign_client(asked.client_id)
    suite = read_suite(asked.suite)
    return view(await keep(office, client.client_id, lambda now: replace(now, suite=suite)))
