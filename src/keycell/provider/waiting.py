"""What a person decides about elsewhere: shown to one person, decided once, fetched by a poll.

What is allowed is a grant whose code is what the client polls with, so it is spent, replayed and
ended as any other code is. It is bound to no browser session: whoever is let in is elsewhere, and
stays signed in when the browser that allowed it is signed out.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from keycell.accounts.audit import AuditEvent
from keycell.accounts.ports import People, SealBroken
from keycell.oauth.access_rules import WhyNot
from keycell.oauth.claims import Authentication
from keycell.oauth.clients import Client
from keycell.oauth.details import details_json
from keycell.oauth.errors import AuthorizationPending, SlowDown
from keycell.oauth.grants import CodeState, Grant, PresentedCode
from keycell.oauth.interaction import Consent
from keycell.oauth.terms import Term, limited, term_of
from keycell.oauth.waiting import Allowed, Awaited, Presented, fetched_until, redeem
from keycell.provider import connected
from keycell.provider.admission import why_not_in
from keycell.provider.authorize import Visitor
from keycell.provider.ports import Provider
from keycell.provider.ports_waiting import WaitingStore

A = TypeVar("A", bound=Awaited)


class NotWaiting(Exception):
    """Nothing waits under this: mistyped, of somebody else, expired, or decided."""


class MayNot(NotWaiting):
    """Whoever is asked may not allow it, or not by this sign-in; somebody else may take a code."""

    def __init__(self, client: Client, why: WhyNot) -> None:
        super().__init__(why)
        self.client = client
        self.why = why


@dataclass(frozen=True, slots=True)
class Waiting(Generic[A]):
    """What waits for somebody, and whose client asks."""

    awaited: A
    client: Client


class Flow(Protocol[A]):
    """What one kind of waiting does with a decision: `device` or `backchannel`."""

    async def open_shown(self, provider: Provider, sealed: str, visitor: Visitor) -> Waiting[A]:
        """Give what a page asks about; raise NotWaiting, MayNot."""

    async def allow(
        self, provider: Provider, asked: Waiting[A], visitor: Visitor, lasting: str | None
    ) -> bool:
        """Let it have what it asked for, as long as was chosen; raise MayNot.

        False if that was decided before.
        """

    async def deny(self, provider: Provider, asked: Waiting[A], visitor: Visitor) -> bool:
        """Let it have nothing: False if that was decided before."""


async def poll(
    provider: Provider, store: WaitingStore[A], client: Client, presented: Presented
) -> PresentedCode:
    """Give the code that a client may spend, or raise what it must do instead.

    RFC8628-3.5, CIBA-11.
    """
    now = provider.clock()
    awaited = await store.find(presented.key)
    match redeem(awaited, presented, client.client_id, now):
        case Allowed(grant_id):
            return PresentedCode(grant_id, presented.digest)
    grown = await store.poll(presented.key, now)
    if grown is None:
        raise AuthorizationPending("nobody has decided yet; ask again after the interval")
    raise SlowDown(f"wait {int(grown.total_seconds())} seconds between two requests from here on")


def seal_shown(provider: Provider, purpose: str, key: str, visitor: Visitor) -> str:
    """Give what a page carries: what is asked about, and who is asked."""
    sub = visitor.account.sub if visitor.account else ""
    return provider.sealer.seal(purpose, json.dumps([key, sub]).encode())


async def open_shown(
    provider: Provider, store: WaitingStore[A], purpose: str, sealed: str, visitor: Visitor
) -> Waiting[A]:
    """Give what a page asks about, if this is who is asked; else raise NotWaiting, MayNot."""
    try:
        key, sub = json.loads(provider.sealer.open(purpose, sealed))
    except SealBroken:
        raise NotWaiting from None
    awaited = await store.find(key)
    if awaited is None or visitor.account is None or visitor.account.sub != sub:
        raise NotWaiting
    client = await provider.clients.find(awaited.client_id)
    if client is None or client.disabled:
        raise NotWaiting
    if awaited.decided_at is not None or awaited.expires_at <= provider.clock():
        raise NotWaiting
    _check_admitted(provider, client, visitor)
    return Waiting(awaited, client)


async def decide(
    provider: Provider,
    people: People,
    flow: Flow[A],
    visitor: Visitor,
    fields: Mapping[str, str],
) -> tuple[Waiting[A], bool]:
    """Do what a page's form says: give what was decided about, and whether it was allowed.

    Raises NotWaiting where nothing is left to decide, MayNot. RFC8628-3.3, CIBA-8.
    """
    asked = await flow.open_shown(provider, fields.get("ticket", ""), visitor)
    account, lasting = visitor.account, fields.get("lasting")
    assert account is not None  # noqa: S101  (it was shown to who is signed in)
    match fields.get("action"):
        case "accept":
            is_new = await connected.is_new(provider, account, asked.client)
            if await flow.allow(provider, asked, visitor, lasting):
                term = term_of(asked.client, lasting, provider.clock())
                if is_new:
                    await connected.tell(people, account, asked.client, term, visitor.origin)
                return asked, True
        case "deny" if await flow.deny(provider, asked, visitor):
            return asked, False
    raise NotWaiting


def _check_admitted(provider: Provider, client: Client, visitor: Visitor) -> None:
    account, session = visitor.account, visitor.session
    assert account is not None  # noqa: S101  (who asks has seen it)
    acr = session.acr if session is not None else ""
    why = why_not_in(client, account, acr, visitor.origin.ip)
    if why is None:
        return
    event = AuditEvent(
        at=provider.clock(), actor=account.sub, action="access.refused",
        client_id=client.client_id, origin=visitor.origin, result="denied",
    )  # fmt: skip
    provider.audit.note(event)
    raise MayNot(client, why)


def allowed_grant(
    provider: Provider,
    awaited: Awaited,
    visitor: Visitor,
    term: Term,
    code_challenge: str | None = None,
) -> Grant:
    """Give the grant that a yes starts: its code is what the client polls with."""
    session = visitor.session
    assert session is not None  # noqa: S101  (the page is shown to who is signed in alone)
    until = fetched_until(awaited)
    grant = Grant(
        grant_id=provider.mint_id(),
        client_id=awaited.client_id,
        sub=session.sub,
        sid=None,
        scope=awaited.scope,
        audience=awaited.audience,
        authentication=Authentication(
            auth_time=session.auth_time, acr=session.acr, amr=session.amr
        ),
        created_at=provider.clock(),
        expires_at=until + provider.lifetimes.access_token,
        code=CodeState(
            digest=awaited.digest,
            expires_at=until,
            redirect_uri="",
            redirect_uri_was_sent=False,
            code_challenge=code_challenge,
            nonce=None,
        ),
        details=awaited.details,
    )
    return limited(grant, term)


def remembered(awaited: Awaited, term: Term) -> Consent | None:
    """Give what is kept of a yes, so that nobody asks again; nothing of one that is for once."""
    if term.is_once:
        return None
    return Consent(awaited.scope, frozenset(), awaited.details, term.ends_at)


def decided(
    provider: Provider,
    awaited: Awaited,
    visitor: Visitor,
    what: tuple[str, str],
    detail: Mapping[str, object],
) -> AuditEvent:
    """Give what the trail keeps of a decision: ``what`` was done to whom."""
    action, target = what
    told: dict[str, object] = {"scope": sorted(awaited.scope), **detail}
    if awaited.details:
        told["authorization_details"] = details_json(awaited.details)
    return AuditEvent(
        at=provider.clock(),
        actor=visitor.account.sub if visitor.account else "",
        action=action,
        target=target,
        client_id=awaited.client_id,
        origin=visitor.origin,
        result="denied" if action.endswith(".denied") else "done",
        detail=told,
    )
