"""What an administrator gives to others lasts no longer than the office. See decisions/0067."""

from keycell.accounts.audit import MACHINE
from keycell.accounts.ports import People


async def is_in_office(people: People, giver: str) -> bool:
    """Tell whether whoever gave something still administers; the server's own machine does."""
    if giver == MACHINE:
        return True
    account = await people.accounts.find(giver)
    return account is not None and account.stands and account.is_admin
