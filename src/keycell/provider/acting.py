"""Delegation: who acts by what an exchange gives. RFC8693-1.1, decisions/0062."""

from dataclasses import dataclass
from datetime import datetime

from keycell.oauth.acting import (
    check_application,
    check_may_act,
    check_person,
    check_subject,
)
from keycell.oauth.actors import Act, ActingParty, lengthened
from keycell.oauth.clients import Client
from keycell.oauth.errors import InvalidRequest
from keycell.provider.access import Access
from keycell.provider.admission import member_of
from keycell.provider.issue import subject_of
from keycell.provider.ports import Provider, Standing


@dataclass(frozen=True, slots=True)
class Delegation:
    """Who acts, and until when what they showed for it stands."""

    act: Act
    until: datetime


def delegation(
    provider: Provider,
    client: Client,
    issued_to: Client | None,
    subject: Access,
    actor: Access | None,
) -> Delegation:
    """Give who acts by the new token: of the old one, who acted by it already. RFC8693-4.1."""
    assert subject.standing is not None  # noqa: S101  (no application is a subject)
    if actor is None:
        return Delegation(subject.act, subject.expires_at)
    if actor.act:
        raise InvalidRequest("actor_token is a delegated one itself: show one of the actor's own")
    who = _actor(provider, client, subject.standing, actor)
    check_subject(
        client.acting,
        member_of(subject.standing.account),
        is_admin=subject.standing.account.is_admin,
    )
    if issued_to is not None:
        # As the rule is now, not as it was when the token was made.
        check_may_act(issued_to.acting.may_act, who)
    act = lengthened(who, subject.act)
    return Delegation(act, min(subject.expires_at, actor.expires_at))


def _actor(provider: Provider, client: Client, subject: Standing, actor: Access) -> ActingParty:
    if actor.standing is None:
        check_application(client.acting, actor.client_id)
        return ActingParty(actor.client_id, actor.client_id)
    account = actor.standing.account
    if account.sub == subject.account.sub:
        raise InvalidRequest("actor_token and subject_token are of one person: leave it out")
    check_person(client.acting, member_of(account))
    return ActingParty(subject_of(provider, client, account.sub), actor.client_id)
