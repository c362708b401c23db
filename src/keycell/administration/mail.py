"""What administrators mail: invitations, links for people, and a test."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TypedDict

from keycell.accounts import invitations
from keycell.accounts.audit import AuditEvent
from keycell.accounts.errors import NoMail
from keycell.accounts.invitations import Wanted
from keycell.accounts.letters import Letter, LetterKind
from keycell.accounts.mailing import Minted
from keycell.accounts.offices import is_in_office
from keycell.accounts.people import check_email
from keycell.accounts.ports_mail import NotSent
from keycell.accounts.proofs import Proof, ProofKind, shown_code
from keycell.administration.call import Items, Moment, Nothing
from keycell.administration.office import Clash, NotThere, Office
from keycell.administration.people import Named
from keycell.oauth.sentences import phrase

_TOO_MANY_HOURS = 10**6


@dataclass(frozen=True, slots=True, kw_only=True)
class Inviting:
    """Whom to invite, into which group, to which application, for how long."""

    email: str
    group: str = "/"
    client_id: str = ""
    hours: int | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedInvitation:
    """An invitation, by its name."""

    invitation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Testing:
    """Whom to send a test to."""

    to: str


class InvitationView(TypedDict):
    """An invitation that is open; never its secrets."""

    invitation_id: str
    email: str
    group: str
    client_id: str
    created_by: str
    created_at: Moment
    expires_at: Moment


class Secrets(TypedDict):
    """A link and its code, shown this once; and whether they were mailed."""

    link: str
    code: str
    expires_at: Moment
    is_mailed: bool


class Invited(InvitationView):
    """An invitation, its link and its code, shown this once."""

    link: str
    code: str
    is_mailed: bool


class LinkGiven(Secrets):
    """For whom a link was made."""

    login: str


class InvitationNamed(TypedDict):
    """The invitation that it was done to."""

    invitation_id: str


class MailTested(TypedDict):
    """Whom a test was sent to."""

    to: str
    is_sent: bool


def view(proof: Proof) -> InvitationView:
    """Give what is shown of an invitation; never its secrets."""
    return {
        "invitation_id": proof.proof_id,
        "email": proof.details["email"],
        "group": proof.details["group"],
        "client_id": proof.details["client_id"],
        "created_by": proof.created_by,
        "created_at": proof.created_at.isoformat(),
        "expires_at": proof.expires_at.isoformat(),
    }


def _with_secrets(office: Office, minted: Minted) -> Secrets:
    return {
        "link": office.provider.resource + minted.link,
        "code": shown_code(minted.code),
        "expires_at": minted.proof.expires_at.isoformat(),
        "is_mailed": office.people.mail.mailer.is_set,
    }


async def listed(office: Office, _asked: Nothing) -> Items[InvitationView]:
    """List the invitations that are open."""
    now = office.people.clock()
    found = await office.people.mail.proofs.open_of(ProofKind.INVITATION, now)
    givers = {one.created_by for one in found}
    standing = {giver for giver in givers if await is_in_office(office.people, giver)}
    return {"items": [view(one) for one in found if one.created_by in standing]}


async def invited(office: Office, asked: Inviting) -> Invited:
    """Invite somebody; link and code are shown this once, and mailed if there is a mail server."""
    if asked.client_id:
        await office.client(asked.client_id)
    wanted = Wanted(
        email=asked.email, group_path=asked.group, client_id=asked.client_id,
        lifetime=None if asked.hours is None else _hours(asked.hours),
        language=asked.language,
    )  # fmt: skip
    by = office.by
    minted = await invitations.invite(office.people, wanted, by.actor, by.origin)
    return {**view(minted.proof), **_with_secrets(office, minted)}


def _hours(number: int) -> timedelta:
    # What is no number of hours at all is refused as too many or too few are.
    return timedelta(hours=min(max(number, 0), _TOO_MANY_HOURS))


async def withdrawn(office: Office, asked: NamedInvitation) -> InvitationNamed:
    """Withdraw an invitation: it opens nothing any more."""
    proof = await office.people.mail.proofs.named(asked.invitation_id)
    if proof is None or proof.kind is not ProofKind.INVITATION:
        raise NotThere(f"there is no invitation {asked.invitation_id[:100]}")
    by = office.by
    if not await invitations.withdraw(office.people, proof, by.actor, by.origin):
        raise Clash(phrase("the invitation was used, withdrawn, or is over already"))
    return {"invitation_id": proof.proof_id}


async def given_link(office: Office, asked: Named) -> LinkGiven:
    """Make a one-time link by which somebody sets a new password; shown this once."""
    account = await office.account_to_change(asked.login)
    if account.disabled_at is not None:
        raise Clash(phrase("%(login)s is disabled; enable the account first", login=account.login))
    by = office.by
    minted = await invitations.give_link(office.people, account, by.actor, by.origin)
    return {"login": account.login, **_with_secrets(office, minted)}


async def tested(office: Office, asked: Testing) -> MailTested:
    """Send a test at once, and say what the mail server answered."""
    mailer, to = office.people.mail.mailer, check_email(asked.to)
    if not mailer.is_set:
        raise Clash(NoMail().said)
    letter = Letter(kind=LetterKind.TEST, to=to, language="en", values={})
    by = office.by
    event = AuditEvent(
        at=office.people.clock(), actor=by.actor, action="mail.tested", target=to,
        origin=by.origin,
    )  # fmt: skip
    try:
        await mailer.send(office.people.mint_id(), letter)
    except NotSent as error:
        raise Clash(
            phrase("the mail server did not take it: %(error)s", error=str(error))
        ) from None
    await office.people.audit.record(event)
    return {"to": to, "is_sent": True}
