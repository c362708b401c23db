"""Backchannel authentication: a client names a person, who decides where they are signed in.

Whoever may ask is authenticated, and nobody is asked without end: each person is left in peace by
one client, and by all together, after a few requests. A client that nobody let in, as it
registered itself or is described by a document, reaches those alone who have allowed it something
before. CIBA-7, CIBA-8, decisions/0054.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

from keycell.accounts.audit import AuditEvent, Origin
from keycell.accounts.errors import Throttled
from keycell.accounts.letters import Letter, LetterKind
from keycell.accounts.mailing import can_be_told, named, post, spoken
from keycell.accounts.people import Account
from keycell.accounts.ports import People
from keycell.accounts.ports_mail import NO_MAIL, Mailing
from keycell.accounts.recovery import whom
from keycell.accounts.sessions import LONGEST_AGENT
from keycell.accounts.throttle import NETWORK, Limit, Slot
from keycell.oauth.access_rules import WhyNot
from keycell.oauth.authorization import Pairs
from keycell.oauth.backchannel import (
    POLL,
    PUSH,
    BackchannelAuthentication,
    BackchannelRequest,
    check_may_ask,
    check_may_fetch,
    format_auth_req_id,
    pushed_claims,
    pushed_error,
    read_auth_req_id,
    read_backchannel_request,
    read_signed_request,
    sent_object,
)
from keycell.oauth.claims import told_acr
from keycell.oauth.clients import Client
from keycell.oauth.errors import (
    AccessDenied,
    AskedTooOften,
    InvalidRequest,
    InvalidRequestObject,
    UnknownUserId,
)
from keycell.oauth.grants import Grant, PresentedCode, digest
from keycell.oauth.step_up import can_reach
from keycell.oauth.terms import term_of, told_term
from keycell.oauth.waiting import INTERVAL
from keycell.provider import waiting
from keycell.provider.admission import check_welcome
from keycell.provider.authorize import Visitor
from keycell.provider.issue import (
    Beside,
    Wanted,
    first_refresh,
    hinted_claims,
    make_access_token,
    make_id_token,
    subject_of,
)
from keycell.provider.notifying import Told, open_told, seal_told
from keycell.provider.ports import CodeSpending, Provider
from keycell.provider.ports_waiting import Notice
from keycell.provider.register import keep_used
from keycell.provider.waiting import MayNot, NotWaiting

PURPOSE = "backchannel"
MOST_SHOWN = 20
ASKED = Limit(5, timedelta(minutes=1), timedelta(minutes=15), timedelta(hours=1))
"""One person by one client; a yes takes it back."""
ASKED_BY_ALL = Limit(20, timedelta(minutes=1), timedelta(minutes=15), timedelta(hours=1))
_NOBODY = "the hint names nobody whom this client may ask"

Waiting = waiting.Waiting[BackchannelAuthentication]


async def begin(
    provider: Provider, people: People, client: Client, pairs: Pairs, origin: Origin
) -> dict[str, object]:
    """Let a request wait for the person it names, and tell them. CIBA-7.1, CIBA-7.3."""
    check_may_ask(client)
    asked = await _unfold(provider, client, pairs)
    request = read_backchannel_request(asked, client, provider.resource)
    account = await _named(provider, people, request)
    check_welcome(client, account)
    await _count(provider, client, account)
    await keep_used(provider, client)
    request_id = provider.mint_id()
    auth_req_id = format_auth_req_id(request_id, provider.mint())
    told = Told(auth_req_id, request.notification_token)
    kept = _waiting(provider, request, account, (request_id, told), origin)
    event = AuditEvent(
        at=kept.created_at, actor=client.client_id, action="backchannel.asked",
        target=account.sub, client_id=client.client_id, origin=origin,
        detail={"scope": sorted(request.scope), "binding_message": request.binding_message},
    )  # fmt: skip
    await provider.backchannel.start(kept, event, _letter(people, account, client, kept))
    answer: dict[str, object] = {
        "auth_req_id": auth_req_id, "expires_in": int(request.lifetime.total_seconds()),
    }  # fmt: skip
    is_polled = kept.mode != PUSH
    return answer | ({"interval": int(INTERVAL.total_seconds())} if is_polled else {})


def _waiting(
    provider: Provider,
    request: BackchannelRequest,
    account: Account,
    handle: tuple[str, Told],
    origin: Origin,
) -> BackchannelAuthentication:
    now, client = provider.clock(), request.client
    request_id, told = handle
    mode = client.metadata.backchannel_token_delivery_mode or POLL
    return BackchannelAuthentication(
        request_id=request_id,
        digest=digest(told.auth_req_id),
        client_id=client.client_id,
        sub=account.sub,
        scope=request.scope,
        audience=request.audience,
        details=request.details,
        mode=mode,
        binding_message=request.binding_message,
        acr_values=request.acr_values,
        sealed=None if mode == POLL else seal_told(provider, request_id, told),
        ip=origin.ip,
        user_agent=origin.user_agent[:LONGEST_AGENT],
        created_at=now,
        expires_at=now + request.lifetime,
    )


async def _unfold(provider: Provider, client: Client, pairs: Pairs) -> Pairs:
    """Give the parameters, from a signed request where one is sent. CIBA-7.1.1."""
    sent = sent_object(pairs, client)
    if sent is None:
        return pairs
    wanted = client.metadata.backchannel_authentication_request_signing_alg
    try:
        claims = await provider.request_objects.verify_object(client, sent, wanted)
    except InvalidRequestObject as error:
        raise InvalidRequest(error.description, detail=error.detail) from None
    signed = read_signed_request(claims, client, provider.issuer, provider.clock())
    # A request counts once: whoever saw it asks nobody again. CIBA-7.1.1 (jti).
    if not await provider.seen.see("backchannel", client.client_id, signed.jti, signed.until):
        raise InvalidRequest("the signed request was sent before")
    return signed.pairs


async def _named(provider: Provider, people: People, request: BackchannelRequest) -> Account:
    """Find the person who is named, or raise UnknownUserId: counted before it is looked up."""
    client = request.client
    key = _key(provider, "named", client.client_id)
    try:
        await provider.throttles.take([Slot(key, NETWORK)], provider.clock())
    except Throttled as refusal:
        raise AskedTooOften(f"too many hints named nobody; wait {refusal.wait} s") from None
    if request.login_hint is not None:
        found = await whom(people, request.login_hint.strip())
    else:
        found = await _hinted(provider, request)
    account = found[0] if len(found) == 1 else None
    if account is None or not account.stands:
        raise UnknownUserId(_NOBODY)
    if client.is_strangers and not await _has_allowed(provider, client, account):
        raise UnknownUserId(_NOBODY, detail=f"{account.sub} has allowed it nothing")
    await provider.throttles.give_back((), [key])
    return account


async def _has_allowed(provider: Provider, client: Client, account: Account) -> bool:
    # Whoever registers themselves learns of nobody who has not let them in before.
    now = provider.clock()
    return await provider.consents.find(account.sub, client.client_id, now) is not None


async def _hinted(provider: Provider, request: BackchannelRequest) -> Sequence[Account]:
    client = request.client
    claims = hinted_claims(provider, request.id_token_hint or "")
    if claims is None or claims.get("aud") != client.client_id:
        raise InvalidRequest("id_token_hint is no ID token of ours for this client")
    if client.metadata.subject_type == "pairwise":
        raise InvalidRequest("a client with pairwise subjects names people by login_hint")
    account = await provider.accounts.find(str(claims.get("sub")))
    return [] if account is None else [account]


async def _count(provider: Provider, client: Client, account: Account) -> None:
    slots = [
        Slot(_asked_key(provider, client.client_id, account.sub), ASKED),
        Slot(_key(provider, "asked", account.sub), ASKED_BY_ALL),
    ]
    try:
        await provider.throttles.take(slots, provider.clock())
    except Throttled as refusal:
        raise AskedTooOften(f"the person was asked too often; wait {refusal.wait} s") from None


def _letter(
    people: People, account: Account, client: Client, kept: BackchannelAuthentication
) -> Mailing:
    # Of the client's own words none but its registered name: we mail nobody's messages.
    if not can_be_told(people, account) or account.email is None:
        return NO_MAIL
    values = {
        **named(account), "application": client.name, "link": "/oauth2/requests",
        "until": f"{kept.expires_at:%H:%M} UTC",
    }  # fmt: skip
    letter = Letter(
        kind=LetterKind.BACKCHANNEL, to=account.email, language=spoken(account, "en"),
        values=values,
    )  # fmt: skip
    return Mailing((post(people, letter),))


async def allowed_code(provider: Provider, client: Client, auth_req_id: str) -> PresentedCode:
    """Give the code that a client may spend, or raise what it must do instead. CIBA-11."""
    check_may_fetch(client)
    return await waiting.poll(
        provider, provider.backchannel, client, read_auth_req_id(auth_req_id)
    )


async def waiting_for(provider: Provider, account: Account) -> Sequence[Waiting]:
    """List what waits for somebody, the latest first."""
    found = []
    now = provider.clock()
    for one in await provider.backchannel.of_account(account.sub, now, MOST_SHOWN):
        client = await provider.clients.find(one.client_id)
        if client is not None and not client.disabled:
            found.append(waiting.Waiting(one, client))
    return found


def seal_shown(provider: Provider, request_id: str, visitor: Visitor) -> str:
    """Give what a form carries: which request is decided, and who decides."""
    return waiting.seal_shown(provider, PURPOSE, request_id, visitor)


async def open_shown(provider: Provider, sealed: str, visitor: Visitor) -> Waiting:
    """Give the request that a form decides, if it is this person's; else raise NotWaiting."""
    asked = await waiting.open_shown(provider, provider.backchannel, PURPOSE, sealed, visitor)
    if visitor.account is None or asked.awaited.sub != visitor.account.sub:
        raise NotWaiting
    return asked


async def _check_proved(provider: Provider, asked: Waiting, visitor: Visitor) -> None:
    """Raise MayNot where a second factor is to be shown before it is allowed. CIBA-7.1."""
    wished = asked.awaited.acr_values
    acr = visitor.session.acr if visitor.session is not None else ""
    if not wished:
        return
    factors = await provider.factors.of_account(asked.awaited.sub)
    if can_reach(acr, wished, has_second_factor=factors.are_set):
        raise MayNot(asked.client, WhyNot.ACR)


async def can_step_up(provider: Provider, visitor: Visitor, refusal: MayNot) -> bool:
    """Tell whether a sign-in with a second factor is all that is missing. RFC9470-3."""
    if refusal.why is not WhyNot.ACR or visitor.account is None:
        return False
    factors = await provider.factors.of_account(visitor.account.sub)
    return factors.are_set


async def allow(
    provider: Provider, asked: Waiting, visitor: Visitor, lasting: str | None = None
) -> bool:
    """Let a client have what it asked for: False if that was decided before; raise MayNot.

    CIBA-8.
    """
    await _check_proved(provider, asked, visitor)
    request = asked.awaited
    term = term_of(asked.client, lasting, provider.clock())
    grant = waiting.allowed_grant(provider, request, visitor, term)
    how = grant.authentication
    grant = replace(grant, authentication=replace(how, acr=told_acr(how.acr, request.acr_values)))
    await keep_used(provider, asked.client)
    consent, told = waiting.remembered(request, term), told_term(term)
    allowed = _event(provider, request, visitor, ("consent.given", request.client_id), told)
    started = _event(provider, request, visitor, ("grant.started", grant.grant_id), told)
    notice = await _notice(provider, asked, visitor, grant)
    is_first = await provider.backchannel.allow(
        request.request_id, grant, consent, allowed, started, notice
    )
    if is_first:
        wanted = [_key(provider, "asked", request.sub)]
        key = _asked_key(provider, request.client_id, request.sub)
        await provider.throttles.give_back([key], wanted)
    return is_first


async def deny(provider: Provider, asked: Waiting, visitor: Visitor) -> bool:
    """Let a client have nothing: False if that was decided before. CIBA-8."""
    request = asked.awaited
    event = _event(provider, request, visitor, ("backchannel.denied", request.client_id))
    notice = None
    if request.sealed is not None:
        told = open_told(provider, request.request_id, request.sealed)
        body = pushed_error(AccessDenied("the person said no")) if request.mode == PUSH else {}
        notice = Notice(seal_told(provider, request.request_id, replace(told, body=body)))
    return await provider.backchannel.deny(request.request_id, event.at, event, notice)


async def _notice(
    provider: Provider, asked: Waiting, visitor: Visitor, grant: Grant
) -> Notice | None:
    """Give what a client is told of a yes: that there is one, or its tokens. CIBA-10.2."""
    request = asked.awaited
    if request.sealed is None:
        return None
    told = open_told(provider, request.request_id, request.sealed)
    if request.mode != PUSH:
        return Notice(seal_told(provider, request.request_id, told))
    assert visitor.account is not None  # noqa: S101  (who decides is signed in)
    body, spending = await _pushed(provider, asked, visitor.account, grant, told.auth_req_id)
    return Notice(seal_told(provider, request.request_id, replace(told, body=body)), spending)


async def _pushed(
    provider: Provider, asked: Waiting, account: Account, grant: Grant, auth_req_id: str
) -> tuple[dict[str, object], CodeSpending]:
    """Make the tokens that are pushed, with the code that is spent by it. CIBA-10.3.1."""
    client, now = asked.client, grant.created_at
    wanted = Wanted(
        client=client,
        sub=subject_of(provider, client, grant.sub),
        scope=grant.scope,
        audience=grant.audience,
        now=now,
        grant_id=grant.grant_id,
        details=grant.details,
        authentication=grant.authentication,
        until=grant.ends_at,
    )
    issued = make_access_token(provider, wanted)
    token, state = first_refresh(provider, client, grant, now)
    alg = client.metadata.id_token_signed_response_alg
    beside = Beside(
        nonce=None, access_token=issued.access_token, more=pushed_claims(auth_req_id, token, alg)
    )
    id_token = await make_id_token(provider, wanted, grant, account, beside)
    event = AuditEvent(
        at=now, actor=grant.sub, action="grant.exchanged", target=grant.grant_id,
        client_id=client.client_id,
    )  # fmt: skip
    spending = CodeSpending(
        grant_id=grant.grant_id,
        digest=asked.awaited.digest,
        at=now,
        expires_at=issued.expires_at if state is None else state.expires_at,
        refresh=state,
        opaque=issued.opaque,
        cnf=None,
        event=event,
    )
    return replace(issued, id_token=id_token).response(wanted, token).to_json(), spending


def _event(
    provider: Provider,
    request: BackchannelAuthentication,
    visitor: Visitor,
    what: tuple[str, str],
    more: Mapping[str, object] = MappingProxyType({}),
) -> AuditEvent:
    detail = {**more, "binding_message": request.binding_message, "asked_from": request.ip}
    return waiting.decided(provider, request, visitor, what, detail)


def _asked_key(provider: Provider, client_id: str, sub: str) -> str:
    return _key(provider, "asked by", json.dumps([client_id, sub]))


def _key(provider: Provider, kind: str, text: str) -> str:
    return provider.sealer.mac("throttle", f"backchannel {kind}\0{text}".encode())
