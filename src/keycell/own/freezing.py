"""Saying "this wasn't me" from one's own activity. UX-P08, UX-R08."""

from datetime import timedelta
from typing import TypedDict

from keycell.accounts.mailing import About, mint_proof
from keycell.accounts.ports_mail import Mailing
from keycell.accounts.proofs import ProofKind
from keycell.administration.call import Nothing
from keycell.own.holder import Holder

_GOOD_FOR = timedelta(minutes=15)


class Freezing(TypedDict):
    """Where the page is that ends everything."""

    address: str


async def asked(holder: Holder, _asked: Nothing) -> Freezing:
    """Give the way to the page that ends everything and freezes the account, as letters do.

    Nothing is done before its button is pressed there: whoever is shown it reads first what ends.
    """
    account, people = holder.account, holder.people
    details = {"email": account.email} if account.email else {}
    about = About(account=account, details=details, lifetime=_GOOD_FOR)
    minted = mint_proof(people, ProofKind.LOCKDOWN, account.sub, about)
    await people.mail.proofs.keep(Mailing(proofs=(minted.proof,)))
    return {"address": minted.link}
