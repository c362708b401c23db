"""Applications in test mode: for another while, made real, and with whom they are tried.

See decisions/0097.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypedDict

from keycell.accounts.administration import NewAccount, add_account
from keycell.accounts.people import Account
from keycell.administration.call import Items
from keycell.administration.clients import ClientView, Named, keep, view
from keycell.administration.office import Clash, NotThere, Office
from keycell.oauth.clients import Client
from keycell.oauth.sentences import phrase
from keycell.provider.test_mode import LASTS, remove_testers
from keycell.randomness import random_bytes

MOST_TESTERS = 3
_DOMAIN = "test.invalid"
"""Nobody gets mail there, ever. RFC6761-6.4."""


class Tester(TypedDict):
    """An account that signs in to applications in test mode alone."""

    login: str
    name: str
    email: str | None


class TesterOnce(Tester):
    """An account for tests, with its password: shown this once."""

    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Adding:
    """How many accounts to try an application with."""

    client_id: str
    count: int = 2


async def renewed(office: Office, asked: Named) -> ClientView:
    """Let an application be in test mode for another 30 days from now, though it was over."""
    client = await _tested(office, asked.client_id)
    now = office.provider.clock()

    def change(before: Client) -> Client:
        return replace(_let_on(before, now), test_until=now + LASTS)

    return view(await keep(office, client.client_id, change))


async def made_real(office: Office, asked: Named) -> ClientView:
    """End the test mode of an application, which goes on; its accounts for tests are removed."""
    client = await _tested(office, asked.client_id)
    now = office.provider.clock()
    await remove_testers(office.people, client.client_id, office.by.actor, office.by.origin)

    def change(before: Client) -> Client:
        return replace(_let_on(before, now), test_until=None)

    return view(await keep(office, client.client_id, change))


def _let_on(client: Client, now: datetime) -> Client:
    """Let go on what was disabled as its test mode was over, or before that."""
    return replace(client, disabled=client.disabled and not client.is_over(now))


async def testers(office: Office, asked: Named) -> Items[Tester]:
    """List the accounts that were made to try an application with."""
    client = await _tested(office, asked.client_id)
    found = await office.people.accounts.of_test(client.client_id)
    return {"items": [_view(one) for one in found]}


async def added(office: Office, asked: Adding) -> Items[TesterOnce]:
    """Make accounts to try an application with; their passwords are shown this once."""
    client = await _tested(office, asked.client_id)
    if client.is_over(office.provider.clock()):
        raise Clash(phrase("its test mode is over; let it go on first"))
    there = await office.people.accounts.of_test(client.client_id)
    if not 1 <= asked.count <= MOST_TESTERS - len(there):
        raise Clash(
            phrase("an application has at most %(most)s accounts for tests", most=MOST_TESTERS)
        )
    made: list[TesterOnce] = []
    for _ in range(asked.count):
        suffix, password = random_bytes(4).hex(), office.provider.mint()
        wanted = NewAccount(
            login=f"test-{suffix}", name=f"Test user {suffix}", password=password,
            email=f"test-{suffix}@{_DOMAIN}", test_of=client.client_id,
        )  # fmt: skip
        account = await add_account(office.people, wanted, office.by.actor, office.by.origin)
        made.append({**_view(account), "password": password})
    return {"items": made}


def _view(account: Account) -> Tester:
    return {"login": account.login, "name": account.name, "email": account.email}


async def _tested(office: Office, client_id: str) -> Client:
    client = await office.foreign_client(client_id)
    if not client.is_test:
        raise NotThere(phrase("%(client_id)s is not in test mode", client_id=client.client_id))
    return client
