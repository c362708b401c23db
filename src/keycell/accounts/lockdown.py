"""From a letter, a person says "this wasn't me", ends everything and freezes their account."""

from dataclasses import replace

from keycell.accounts.audit import AuditEvent, Origin
from keycell.accounts.errors import ProofRefused
from keycell.accounts.letters import Letter, LetterKind
from keycell.accounts.mailing import named, post, spoken
from keycell.accounts.people import Account
from keycell.accounts.ports import People
from keycell.accounts.ports_mail import NO_MAIL, Change, Ends, Mailing
from keycell.accounts.proofs import Proof, check_account


async def freeze(people: People, proof: Proof, origin: Origin, language: str) -> Account:
    """End sessions, grants, tokens and access keys, and let nobody in until an administrator does.

    The password goes too: whoever knows it must not be in again when the account is opened.
    Raises ProofRefused, ChangedMeanwhile.
    """
    account = check_account(proof, await people.accounts.find(proof.sub or ""))
    now = people.clock()
    # It stays, too: who asked for its removal may not have been the person.
    frozen = replace(account, disabled_at=now, password_hash=None, updated_at=now, leaves_at=None)
    event = AuditEvent(
        at=now, actor=account.sub, action="account.frozen", target=account.login, origin=origin
    )
    change = Change(
        account=frozen,
        before=account,
        event=event,
        ends=Ends.EVERYTHING,
        mailing=_letter(people, account, proof.details.get("email", ""), language),
    )
    if not await people.mail.proofs.exchange(proof, change):
        raise ProofRefused("spent", proof.kind)
    return frozen


def _letter(people: People, account: Account, to: str, language: str) -> Mailing:
    if not to or not people.mail.mailer.is_set:
        return NO_MAIL
    letter = Letter(
        kind=LetterKind.FROZEN, to=to, language=spoken(account, language), values=named(account)
    )
    return Mailing((post(people, letter),))
