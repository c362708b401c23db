"""Telling people by mail that an application was let in for the first time. UX-P11."""

from keycell.accounts.audit import Origin
from keycell.accounts.letters import LetterKind
from keycell.accounts.mailing import notice, wants
from keycell.accounts.people import Account
from keycell.accounts.ports import People
from keycell.oauth.clients import Client
from keycell.oauth.terms import Term
from keycell.provider.ports import Provider


async def is_new(provider: Provider, account: Account, client: Client) -> bool:
    """Tell whether somebody has allowed an application nothing that stands."""
    now = provider.clock()
    return await provider.consents.find(account.sub, client.client_id, now) is None


async def tell(people: People, account: Account, client: Client, term: Term, by: Origin) -> None:
    """Write of an application that was let in; not of one that is forgotten in a moment."""
    if term.is_once or not await wants(people, account, LetterKind.CONNECTED):
        return
    kind = LetterKind.CONNECTED
    letter = notice(people, account, kind, by, "en", application=client.name)
    await people.mail.proofs.keep(letter)
