"""Mail addresses: the new one is verified before it counts, the old one can undo it for a week."""

from dataclasses import replace
from datetime import timedelta

from keycell.accounts.audit import AuditEvent, Origin
from keycell.accounts.errors import NoMail, ProofRefused
from keycell.accounts.letters import Letter, LetterKind
from keycell.accounts.mailing import About, can_be_told, fits, mint_proof, named, post, spoken
from keycell.accounts.people import Account, check_email
from keycell.accounts.ports import People
from keycell.accounts.ports_mail import NO_MAIL, Change, Ends, Mailing
from keycell.accounts.proofs import Proof, ProofKind, check_account
from keycell.accounts.recovery import TYPED
from keycell.accounts.throttle import Limit, Slot

ASKED = Limit(5, timedelta(minutes=1), timedelta(minutes=15), timedelta(hours=1))
"""Letters to addresses that one person names: nobody is mailed to at will."""


async def ask(people: People, account: Account, email: str, origin: Origin, language: str) -> None:
    """Write to a new address, which counts once it is confirmed.

    Raises Invalid, NoMail, Throttled.
    """
    checked = check_email(email.strip())
    if not people.mail.mailer.is_set:
        raise NoMail
    key = people.mac("throttle", f"address\0{account.sub}".encode())
    await people.throttles.take((Slot(key, ASKED),), people.clock())
    about = About(account=account, details={"email": checked})
    minted = mint_proof(people, ProofKind.ADDRESS, account.sub, about)
    letter = Letter(
        kind=LetterKind.CONFIRM_ADDRESS,
        to=checked,
        language=spoken(account, language),
        values={**named(account), **minted.values, "email": checked},
    )
    event = AuditEvent(
        at=people.clock(), actor=account.sub, action="address.asked", target=account.login,
        origin=origin,
    )  # fmt: skip
    await people.mail.proofs.keep(Mailing((post(people, letter),), (minted.proof,)), event)


async def proof_of_code(people: People, account: Account, code: str) -> Proof:
    """Give the proof of a code that somebody typed for themselves; raise ProofRefused."""
    now = people.clock()
    key = people.mac("throttle", f"address-code\0{account.sub}".encode())
    await people.throttles.take((Slot(key, TYPED),), now)
    for proof in await people.mail.proofs.of_account(ProofKind.ADDRESS, account.sub, now):
        if fits(people, proof, code):
            await people.throttles.give_back((), (key,))
            return proof
    raise ProofRefused("unknown", ProofKind.ADDRESS)


async def proof_with_code(people: People, proof: Proof, code: str) -> Proof:
    """Give a link's proof if the code beside it is right; raise ProofRefused, Throttled."""
    key = people.mac("throttle", f"link-code\0{proof.proof_id}".encode())
    await people.throttles.take((Slot(key, TYPED),), people.clock())
    if not fits(people, proof, code):
        raise ProofRefused("unknown", proof.kind)
    return proof


async def confirm(people: People, proof: Proof, origin: Origin, language: str) -> Account:
    """Let an address count; the one before is told, and can undo it.

    Raises ProofRefused, ChangedMeanwhile.
    """
    account = check_account(proof, await people.accounts.find(proof.sub or ""))
    now, email = people.clock(), proof.details["email"]
    changed = replace(account, email=email, email_verified=True, updated_at=now)
    event = AuditEvent(
        at=now, actor=account.sub, action="address.confirmed", target=account.login,
        origin=origin,
    )  # fmt: skip
    mailing = undo_letter(people, account, email, language)
    change = Change(account=changed, before=account, event=event, mailing=mailing)
    if not await people.mail.proofs.exchange(proof, change):
        raise ProofRefused("spent", proof.kind)
    return changed


def undo_letter(people: People, before: Account, email: str, language: str) -> Mailing:
    """Tell the address of before that it is replaced, with a link that undoes it."""
    if before.email is None or before.email == email or not can_be_told(people, before):
        return NO_MAIL
    about = About(account=before, details={"email": before.email})
    minted = mint_proof(people, ProofKind.UNDO, before.sub, about)
    lockdown = mint_proof(people, ProofKind.LOCKDOWN, before.sub, about)
    letter = Letter(
        kind=LetterKind.ADDRESS_CHANGED,
        to=before.email,
        language=spoken(before, language),
        values={
            **named(before), "email": email, "link": minted.link, "lockdown": lockdown.link,
        },
    )  # fmt: skip
    return Mailing((post(people, letter),), (minted.proof, lockdown.proof))


async def undo(people: People, proof: Proof, origin: Origin) -> Account:
    """Bring an address back, and end what is signed in: whoever changed it may still be there.

    Raises ProofRefused, ChangedMeanwhile.
    """
    account = check_account(proof, await people.accounts.find(proof.sub or ""))
    now = people.clock()
    changed = replace(account, email=proof.details["email"], email_verified=True, updated_at=now)
    event = AuditEvent(
        at=now, actor=account.sub, action="address.undone", target=account.login, origin=origin
    )
    change = Change(account=changed, before=account, event=event, ends=Ends.SIGN_INS)
    if not await people.mail.proofs.exchange(proof, change):
        raise ProofRefused("spent", proof.kind)
    return changed
