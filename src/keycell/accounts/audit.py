"""The audit trail: who did what to whom, when, from where, and with what result."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

KEPT = timedelta(days=400)
"""A year and the time to look back on it."""

SYSTEM = "system"
MACHINE = "administrator on the machine"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from."""

    ip: str = ""
    user_agent: str = ""
    request_id: str = ""


NOWHERE = Origin()


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """One line of the trail. Nothing secret is ever in it."""

    at: datetime
    actor: str
    action: str
    target: str = ""
    client_id: str = ""
    origin: Origin = NOWHERE
    result: str = "done"
    detail: Mapping[str, object] = field(default_factory=dict)


def about(sub: str) -> dict[str, object]:
    """Say whose login is the target: it may be somebody else's later, or have been before."""
    return {"sub": sub}


@dataclass(frozen=True, slots=True)
class Count:
    """How often something happened on a day."""

    day: datetime
    action: str
    client_id: str
    count: int


@dataclass(frozen=True, slots=True)
class Totals:
    """How much there is of everything."""

    accounts: int
    sessions: int
    clients: int
    files: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is looked for of one person: how many, before which event, among how many."""

    sub: str
    login: str
    before: str | None
    most: int
    among: int


COUNTED = ("session.started", "session.refused", "grant.started", "client.refused")
"""What is counted by day."""

SENTENCES: Mapping[str, str] = {
    "access.refused": "{actor} may not use {client_id}, and was told so",
    "access-key.made": "{actor} made the access key {target}",
    "access-key.revoked": "{actor} ended the access key {target}",
    "account.added": "{actor} added the account {target}",
    "account.changed": "{actor} changed the account {target}",
    "account.disabled": "{actor} disabled the account {target}",
    "account.enabled": "{actor} enabled the account {target}",
    "account.frozen": "{target} said it was not them: all is ended, the account is frozen",
    "account.invited": "{actor} accepted an invitation as {target}",
    "account.kept": "{actor} kept the account {target}, which was to be removed",
    "account.leaving": "{actor} asked to remove the account {target} after a while",
    "account.password": "{actor} set the password of {target}",
    "account.removed": "{actor} removed the account {target}",
    "address.asked": "{actor} asked to confirm a mail address of {target}",
    "address.confirmed": "{actor} confirmed a mail address of {target}",
    "address.undone": "{actor} undid a change of the mail address of {target}",
    "assertion.taken": "{client_id} showed an assertion of {target}",
    "backchannel.asked": "the client {client_id} asked {target} for permission",
    "backchannel.denied": "{actor} denied {client_id} what it asked",
    "backup.made": "{actor} made a backup",
    "backup.restored": "{actor} restored a backup",
    "client.added": "{actor} registered the client {target}",
    "client.changed": "{actor} changed the client {target}",
    "client.refused": "the client {client_id} did not authenticate",
    "client.removed": "{actor} removed the client {target}",
    "client.told_of_decision": "the client {client_id} was told what {target} decided",
    "client.told_of_logout": "the client {client_id} was told that a session of {target} ended",
    "client.token": "the client {client_id} got a token of its own",
    "token.exchanged": "the client {client_id} exchanged a token of {target}",
    "consent.denied": "{actor} denied {client_id} what it asked",
    "consent.given": "{actor} allowed {client_id} what it asked",
    "consent.revoked": "{actor} took back what was allowed to {client_id}",
    "device.denied": "{actor} denied {client_id} to be signed in on another device",
    "device.guessed": "{actor} entered a device's code that is none",
    "factor.added": "{actor} added a second factor",
    "factor.codes": "{actor} made new recovery codes",
    "factor.refused": "a second factor of {actor} was refused",
    "factor.removed": "{actor} removed a second factor",
    "factor.renamed": "{actor} renamed a second factor",
    "factor.reset": "{actor} removed every second factor of {target}",
    "factor.used": "{actor} proved a second factor",
    "grant.exchanged": "{client_id} exchanged a code of {actor}",
    "grant.refreshed": "{client_id} refreshed a grant of {actor}",
    "grant.replayed": "{client_id} presented a spent credential; its grant was ended",
    "grant.revoked": "{actor} ended the grant {target}",
    "grant.started": "{actor} signed in to {client_id}",
    "group.added": "{actor} added the group {target}",
    "group.removed": "{actor} removed the group {target}",
    "invitation.made": "{actor} made an initial access token for client registration",
    "invitation.wanted": "{target} asks for a new invitation",
    "invitation.withdrawn": "{actor} withdrew the invitation of {target}",
    "issuer.removed": "{actor} trusts the issuer {target} no longer",
    "issuer.trusted": "{actor} trusts the issuer {target}",
    "key.rotated": "{actor} rotated the key of {target}",
    "link.added": "{actor} made the public link {target}",
    "link.changed": "{actor} changed the public link {target}",
    "link.removed": "{actor} removed the public link {target}",
    "link.used": "something was downloaded by the public link {target}",
    "mail.failed": "a letter ({target}) could not be sent, and is given up",
    "mail.tested": "{actor} sent a test to {target}",
    "namespace.changed": "{actor} changed the kind of metadata {target}",
    "namespace.removed": "{actor} removed the kind of metadata {target}",
    "node.deleted": "{actor} deleted {target} for good",
    "person.invited": "{actor} invited {target}",
    "personal.kept": "{actor} has the personal access token {target} stand by their own word",
    "personal.made": "{actor} made the personal access token {target}",
    "personal.revoked": "{actor} ended the personal access token {target}",
    "personal.used": "{target} of {actor} was used for the first time",
    "recovery.done": "{target} set a new password by a link or code",
    "recovery.link": "{actor} made a one-time link for {target}",
    "recovery.mailed": "a link to set a new password was mailed to {target}",
    "right.added": "{actor} gave a right on {target}",
    "right.removed": "{actor} took a right on {target} away",
    "role.changed": "{actor} changed the role {target}",
    "role.removed": "{actor} removed the role {target}",
    "session.ended": "{actor} ended a browser session of {target}",
    "session.refused": "a sign-in was refused",
    "session.started": "{actor} signed in to this browser",
    "setup.completed": "the first administrator {target} was made",
    "space.added": "{actor} made the space {target}",
    "space.changed": "{actor} changed the space {target}",
    "space.removed": "{actor} removed the space {target}",
    "token.revoked": "{client_id} ended a token",
}
"""Every action there is, as a person reads it."""


def sentence(event: AuditEvent) -> str:
    """Say what happened."""
    words = SENTENCES.get(event.action, event.action)
    return words.format(actor=event.actor, target=event.target, client_id=event.client_id)
