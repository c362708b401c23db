"""Invitations and access links: ways in that an administrator opens, once."""

from dataclasses import dataclass
from datetime import timedelta

from keycell.accounts import mailing as mails
from keycell.accounts.audit import AuditEvent, Origin, about
from keycell.accounts.errors import Invalid, ProofRefused
from keycell.accounts.groups import check_group_path
from keycell.accounts.letters import Letter, LetterKind
from keycell.accounts.mailing import (
    About,
    Minted,
    fits,
    joined,
    mint_proof,
    named,
    notice,
    post,
    spoken,
)
from keycell.accounts.offices import is_in_office
from keycell.accounts.passwords import check_password
from keycell.accounts.people import Account, check_email, check_login, check_name
from keycell.accounts.ports import People
from keycell.accounts.ports_mail import NO_MAIL, Change, Mailing
from keycell.accounts.proofs import Proof, ProofKind, email_key
from keycell.accounts.recovery import TYPED, TYPED_FROM
from keycell.accounts.throttle import PAIR, Slot, network_of

LONGEST = timedelta(days=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Who is invited, and where they land."""

    email: str
    group_path: str = "/"
    client_id: str = ""
    lifetime: timedelta | None = None
    language: str = "en"


async def invite(people: People, wanted: Wanted, actor: str, origin: Origin) -> Minted:
    """Make an invitation, and mail it if there is a mail server; raise Invalid.

    The link and the code are given to the administrator too, this once.
    """
    email, group = check_email(wanted.email.strip()), check_group_path(wanted.group_path)
    lifetime = wanted.lifetime
    if lifetime is not None and not timedelta(0) < lifetime <= LONGEST:
        raise Invalid("hours", "invitation", f"expected 1 to {LONGEST.days * 24} hours")
    details = {"email": email, "group": group, "client_id": wanted.client_id}
    about = About(asked_by=_whose(people, email), details=details, lifetime=lifetime)
    minted = mint_proof(people, ProofKind.INVITATION, actor, about)
    event = AuditEvent(
        at=people.clock(), actor=actor, action="person.invited", target=email,
        client_id=wanted.client_id, origin=origin,
    )  # fmt: skip
    mailing = _letter(people, minted, email, wanted.language)
    await people.mail.proofs.keep(joined(mailing, Mailing((), (minted.proof,))), event)
    return minted


def _letter(people: People, minted: Minted, email: str, language: str) -> Mailing:
    if not people.mail.mailer.is_set:
        return NO_MAIL
    until = f"{minted.proof.expires_at:%Y-%m-%d %H:%M} UTC"
    letter = Letter(
        kind=LetterKind.INVITATION, to=email, language=language,
        values={**minted.values, "until": until},
    )  # fmt: skip
    return Mailing((post(people, letter),))


async def proof_of_link(people: People, secret: str) -> Proof:
    """Give the open invitation that a link is for; raise ProofRefused."""
    return await _given(people, await mails.proof_of_link(people, ProofKind.INVITATION, secret))


async def _given(people: People, proof: Proof) -> Proof:
    # Whoever is dismissed could let themselves in again, by an invitation that they kept.
    if not await is_in_office(people, proof.created_by):
        raise ProofRefused("spent", proof.kind)
    return proof


async def proof_of_code(people: People, email: str, code: str, origin: Origin) -> Proof:
    """Give the open invitation of an address by its code; raise ProofRefused, Throttled."""
    now, key = people.clock(), email_key(email)
    address = people.mac("throttle", f"invited\0{key}".encode())
    network = people.mac("throttle", f"invited-from\0{network_of(origin.ip)}".encode())
    await people.throttles.take((Slot(address, TYPED), Slot(network, TYPED_FROM)), now)
    for proof in await people.mail.proofs.invitations_to(_whose(people, email), now):
        if email_key(proof.details["email"]) == key and fits(people, proof, code):
            await people.throttles.give_back((), (address, network))
            return await _given(people, proof)
    raise ProofRefused("unknown", ProofKind.INVITATION)


def _whose(people: People, email: str) -> str:
    return people.mac("invitation", email_key(email).encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """What somebody who was invited says of themselves."""

    login: str
    name: str
    password: str


async def accept(people: People, proof: Proof, said: Newcomer, origin: Origin) -> Account:
    """Make the account that an invitation is for.

    Raises Invalid, LoginTaken, NoSuchGroup, ProofRefused, TooBusy.
    """
    email, now = proof.details["email"], people.clock()
    login = check_login(said.login.strip())
    password = check_password(said.password, login, email, people.passwords.is_common)
    name = check_name(said.name)
    account = Account(
        sub=people.mint_id(),
        login=login,
        name=name,
        email=email,
        # Whoever invited them vouches for the address.
        email_verified=True,
        group_path=proof.details["group"],
        password_hash=await people.passwords.hash(password),
        created_at=now,
        updated_at=now,
    )
    event = AuditEvent(
        at=now, actor=account.sub, action="account.invited", target=login, origin=origin,
        detail={"by": proof.created_by},
    )  # fmt: skip
    change = Change(account=account, before=None, event=event)
    await _given(people, proof)
    if not await people.mail.proofs.exchange(proof, change):
        raise ProofRefused("spent", proof.kind)
    return account


async def ask_again(people: People, proof: Proof, origin: Origin, language: str) -> None:
    """Tell whoever sent an invitation that is over that another one is wanted; raise Throttled."""
    now = people.clock()
    key = people.mac("throttle", f"invitation\0{proof.proof_id}".encode())
    await people.throttles.take((Slot(key, PAIR),), now)
    email = proof.details["email"]
    event = AuditEvent(
        at=now, actor="", action="invitation.wanted", target=email, origin=origin,
        detail={"from": proof.created_by},
    )  # fmt: skip
    mailing, inviter = NO_MAIL, await people.accounts.find(proof.created_by)
    may_invite = await is_in_office(people, proof.created_by)
    if may_invite and inviter is not None and inviter.email and people.mail.mailer.is_set:
        letter = Letter(
            kind=LetterKind.INVITATION_WANTED, to=inviter.email,
            language=spoken(inviter, language), values={**named(inviter), "email": email},
        )  # fmt: skip
        mailing = Mailing((post(people, letter),))
    await people.mail.proofs.keep(mailing, event)


async def withdraw(people: People, proof: Proof, actor: str, origin: Origin) -> bool:
    """Let an invitation open nothing any more; True for one caller alone."""
    now = people.clock()
    event = AuditEvent(
        at=now, actor=actor, action="invitation.withdrawn", target=proof.details["email"],
        origin=origin,
    )  # fmt: skip
    return await people.mail.proofs.revoke(proof, now, event)


async def give_link(people: People, account: Account, actor: str, origin: Origin) -> Minted:
    """Make a one-time link by which a person sets a new password; they are told by mail."""
    minted = mint_proof(people, ProofKind.ACCESS, actor, About(account=account))
    event = AuditEvent(
        at=people.clock(), actor=actor, action="recovery.link", target=account.login,
        origin=origin, detail=about(account.sub),
    )  # fmt: skip
    told = notice(people, account, LetterKind.ACCESS_LINK, origin, "en")
    await people.mail.proofs.keep(joined(told, Mailing((), (minted.proof,))), event)
    return minted
