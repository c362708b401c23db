"""The authorization endpoint: what a person must still do, and the code at the end of it."""

from dataclasses import replace
from datetime import datetime

from keycell.accounts.audit import AuditEvent, Origin
from keycell.accounts.people import Account
from keycell.accounts.ports import People
from keycell.accounts.sessions import Session
from keycell.oauth.authorization import (
    AuthorizationRequest,
    AuthorizationResponse,
    error_response,
    granted_response,
    read_authorization_request,
    read_target,
)
from keycell.oauth.claims import Authentication, reaches
from keycell.oauth.clients import Client, RedirectTarget, resolve_redirect
from keycell.oauth.confirmation import dpop_key
from keycell.oauth.details import details_json
from keycell.oauth.errors import AccessDenied, InvalidRequest, LoginRequired, OAuthError
from keycell.oauth.grants import CodeState, Grant, digest, format_code
from keycell.oauth.interaction import (
    Answer,
    AskConsent,
    ChooseAccount,
    Consent,
    LogIn,
    Login,
    Progress,
    Refuse,
    Step,
    next_step,
    wished_acr,
)
from keycell.oauth.request_objects import check_way
from keycell.oauth.response_types import NOTHING
from keycell.oauth.terms import Term, limited, term_of, told_term
from keycell.provider import connected
from keycell.provider.admission import SAID, insisting, judged, why_not_in
from keycell.provider.browser_state import told_state
from keycell.provider.client_documents import named_client
from keycell.provider.front_channel import issue_front
from keycell.provider.issue import hinted_claims, subject_of
from keycell.provider.ports import Provider
from keycell.provider.register import keep_used
from keycell.provider.requests import spend
from keycell.provider.signed_answers import check_answerable, signed_if_asked
from keycell.provider.tickets import Ticket
from keycell.values import dataclass


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who sits at the browser: where from, and signed in as whom."""

    origin: Origin
    session: Session | None = None
    account: Account | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """The person is to do something on a page; the ticket brings the request back."""

    ticket: Ticket
    request: AuthorizationRequest
    step: LogIn | ChooseAccount | AskConsent | Refuse


Outcome = Ask | AuthorizationResponse


async def authorize(
    provider: Provider, ticket: Ticket, visitor: Visitor, *, term: Term | None = None
) -> Outcome:
    """Go on with a request as far as it goes without the person. OIDCC-3.1.2.

    Asked again after each page; with a term once the person said yes. Raises UntrustedRedirect
    where nobody may be answered.
    """
    client, target = await find_target(provider, ticket)
    await check_answerable(provider, client, target)
    try:
        check_way(client, is_signed=ticket.is_signed, is_pushed=ticket.pushed is not None)
        request = read_authorization_request(ticket.pairs, client, target, provider.resource)
        step = await _next_step(provider, ticket, request, visitor, has_consented=term is not None)
        if not isinstance(step, Answer):
            return Ask(ticket, request, step)
        await spend(provider, client, ticket)
        lasts = term or Term(step.ends_at)
        granted = await _start_grant(provider, request, step.login, lasts, visitor)
        response = granted_response(target, provider.issuer, granted)
    except OAuthError as error:
        response = error_response(target, provider.issuer, error, provider.catalogue)
    return await signed_if_asked(provider, client, response)


async def deny(provider: Provider, ticket: Ticket, visitor: Visitor) -> AuthorizationResponse:
    """Tell the client that the person said no. RFC6749-4.1.2.1."""
    client, target = await find_target(provider, ticket)
    why = None
    if visitor.account is not None and visitor.session is not None:
        ip = visitor.origin.ip
        why = why_not_in(client, visitor.account, visitor.session.acr, ip)
    event = AuditEvent(
        at=provider.clock(),
        actor=visitor.account.sub if visitor.account else "",
        action="consent.denied" if why is None else "access.refused",
        client_id=client.client_id,
        origin=visitor.origin,
        result="denied",
    )
    provider.audit.note(event)
    refusal = AccessDenied("the person said no" if why is None else SAID[why])
    response = error_response(target, provider.issuer, refusal, provider.catalogue)
    return await signed_if_asked(provider, client, response)


async def consent(
    provider: Provider,
    people: People,
    ticket: Ticket,
    visitor: Visitor,
    lasting: str | None = None,
) -> Outcome:
    """Remember that the person said yes, and for how long, and go on. OIDCC-3.1.2.4."""
    outcome = await authorize(provider, ticket, visitor)
    if not isinstance(outcome, Ask) or not isinstance(outcome.step, AskConsent):
        return outcome
    request, account = outcome.request, visitor.account
    assert account is not None  # noqa: S101  (consent is asked of who is signed in alone)
    now = provider.clock()
    term = term_of(request.client, lasting, now)
    event = AuditEvent(
        at=now,
        actor=account.sub,
        action="consent.given",
        client_id=request.client.client_id,
        origin=visitor.origin,
        detail={**_granted(request), **told_term(term)},
    )
    if term.is_once:
        provider.audit.note(event)
    else:
        asked = request.claims.userinfo | request.claims.id_token
        given = Consent(request.scope, asked, request.details, term.ends_at)
        is_new = await connected.is_new(provider, account, request.client)
        await provider.consents.allow(account.sub, request.client.client_id, given, event)
        if is_new:
            await connected.tell(people, account, request.client, term, visitor.origin)
    return await authorize(provider, ticket, visitor, term=term)


async def find_target(provider: Provider, ticket: Ticket) -> tuple[Client, RedirectTarget]:
    """Find who asks and where the answer goes, or raise UntrustedRedirect. RFC6749-4.1.2.1."""
    named = read_target(ticket.pairs)
    client = await named_client(provider, named.client_id)
    target = resolve_redirect(
        client, named.redirect_uri, named.response_mode, named.state, provider.clock()
    )
    return client, target


async def _next_step(
    provider: Provider,
    ticket: Ticket,
    request: AuthorizationRequest,
    visitor: Visitor,
    *,
    has_consented: bool,
) -> Step:
    login = _login(visitor)
    hinted = _hinted_subs(provider, request)
    consent_given = None
    is_somebody_else = False
    if login is not None:
        client_id = request.client.client_id
        consent_given = await provider.consents.find(login.sub, client_id, provider.clock())
        known_as = subject_of(provider, request.client, login.sub)
        is_somebody_else = bool(hinted - {known_as})
        wished = wished_acr(request)
        wants_more = bool(wished) and not reaches(login.authentication.acr, wished)
        if wants_more or request.client.access.acr:
            factors = await provider.factors.of_account(login.sub)
            login = replace(login, has_second_factor=factors.are_set)
    step = next_step(
        insisting(request, login, visitor.account, visitor.origin.ip),
        login,
        consent_given,
        Progress(ticket.started_at, ticket.chosen_sid, has_consented),
        is_somebody_else=is_somebody_else,
        now=provider.clock(),
    )
    acr = login.authentication.acr if login else ""
    return judged(request, step, visitor.account, acr, visitor.origin.ip)


def _login(visitor: Visitor) -> Login | None:
    session = visitor.session
    if session is None:
        return None
    how = Authentication(auth_time=session.auth_time, acr=session.acr, amr=session.amr)
    return Login(session.sub, session.sid, how)


def _hinted_subs(provider: Provider, request: AuthorizationRequest) -> set[str]:
    """Give whom the client expects, by hint or by claim. OIDCC-3.1.2.1, OIDCC-5.5.1."""
    subs = {request.claims.sub} if request.claims.sub else set()
    if request.id_token_hint is not None:
        claims = hinted_claims(provider, request.id_token_hint)
        if claims is None:
            raise InvalidRequest("id_token_hint is no ID token of this server")
        subs.add(str(claims.get("sub")))
    return subs


async def _start_grant(
    provider: Provider, request: AuthorizationRequest, login: Login, term: Term, visitor: Visitor
) -> list[tuple[str, str]]:
    """Keep what was granted, and give what the client is told of it. OIDCC-3.3.2.5."""
    await keep_used(provider, request.client)
    if request.response_type == NOTHING:
        # The person's yes is remembered; there is nothing to give. OAuth2-MRT-4.
        return []
    now = provider.clock()
    if request.client.wants_logout and login.sid is not None:
        await provider.logouts.join(login.sid, request.client.client_id, login.sub, now)
    grant_id = provider.mint_id()
    has_code = "code" in request.response_type
    code = format_code(grant_id, provider.mint()) if has_code else None
    expires_at = now + provider.lifetimes.code
    grant = Grant(
        grant_id=grant_id,
        client_id=request.client.client_id,
        sub=login.sub,
        sid=login.sid,
        scope=request.scope,
        audience=request.audience,
        authentication=login.authentication,
        created_at=now,
        # A spent code must be told from an unknown one for as long as its tokens live.
        expires_at=expires_at + provider.lifetimes.of_access_token(request.client),
        claims=request.claims,
        code=None if code is None else _code_state(request, code, expires_at),
        details=request.details,
        cnf=dpop_key(request.jkt),
    )
    grant = limited(grant, term)
    account = visitor.account
    assert account is not None  # noqa: S101  (whoever is signed in has one)
    front = await issue_front(provider, request, grant, account, code)
    started = _started(request, grant, term, visitor.origin)
    if not await provider.grants.start(grant, started, front.opaque):
        raise LoginRequired("the person was signed out meanwhile")
    return front.told + told_state(provider, request, login.sid)


def _started(
    request: AuthorizationRequest, grant: Grant, term: Term, origin: Origin
) -> AuditEvent:
    return AuditEvent(
        at=grant.created_at,
        actor=grant.sub,
        action="grant.started",
        target=grant.grant_id,
        client_id=grant.client_id,
        origin=origin,
        detail={**_granted(request), **told_term(term)},
    )


def _granted(request: AuthorizationRequest) -> dict[str, object]:
    granted: dict[str, object] = {"scope": sorted(request.scope)}
    if request.details:
        granted["authorization_details"] = details_json(request.details)
    return granted


def _code_state(request: AuthorizationRequest, code: str, expires_at: datetime) -> CodeState:
    return CodeState(
        digest=digest(code),
        expires_at=expires_at,
        redirect_uri=request.target.redirect_uri,
        redirect_uri_was_sent=request.redirect_uri_was_sent,
        code_challenge=request.code_challenge,
        nonce=request.nonce,
    )
