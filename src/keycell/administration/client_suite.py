"""Which of a publisher's applications share sign-ins on a device. NSSO-4.3, decisions/0063."""

from dataclasses import dataclass, replace

from keycell.administration.call import Document
from keycell.administration.clients import Named, keep, view
from keycell.administration.office import Office
from keycell.oauth.native_sso import read_suite


@dataclass(frozen=True, slots=True, kw_only=True)
class Suiting:
    """The suite that an application is in; empty takes it out of any."""

    client_id: str
    suite: str


async def shown(office: Office, asked: Named) -> Document:
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


async def suited(office: Office, asked: Suiting) -> Document:
    """Put an application into a suite, or take it out; it counts at once."""
    client = await office.foreign_client(asked.client_id)
    suite = read_suite(asked.suite)
    return view(await keep(office, client.client_id, lambda now: replace(now, suite=suite)))
