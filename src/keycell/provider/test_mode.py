"""Test mode: an application that is built or tried out, for a while. See decisions/0097.

Accounts for tests go with it: they sign in to applications in test mode alone.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from keycell.accounts import administration
from keycell.accounts.audit import NOWHERE, SYSTEM, AuditEvent, Origin
from keycell.accounts.ports import People
from keycell.oauth.clients import Client
from keycell.provider.ports import Provider

LASTS = timedelta(days=30)
_MOST_AT_ONCE = 20


async def end_tests(provider: Provider, people: People, now: datetime) -> int:
    """Disable the applications whose test mode is over, and remove their accounts for tests."""
    found = await provider.clients.over(now, _MOST_AT_ONCE)
    for client in found:
        # First, so that what fails in between is done the next time.
        await remove_testers(people, client.client_id, SYSTEM)
        event = AuditEvent(
            at=now, actor=SYSTEM, action="client.test-over", target=client.client_id,
            client_id=client.client_id,
        )  # fmt: skip
        await provider.clients.update(client.client_id, lambda one: _ended(one, now), event)
    return len(found)


def _ended(client: Client, now: datetime) -> Client:
    return replace(client, disabled=True) if client.is_over(now) else client


async def remove_testers(
    people: People, client_id: str, actor: str, origin: Origin = NOWHERE
) -> None:
    """Remove the accounts that were made for an application in test mode, with their files."""
    for account in await people.accounts.of_test(client_id):
        await administration.remove(people, account, actor, timedelta(0), origin)
