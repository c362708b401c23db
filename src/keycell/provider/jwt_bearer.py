"""JWT bearer grants: an access token for what a trusted issuer says. RFC7523-2.1, decisions/0056.

The person did nothing at this moment, so nothing is said of a sign-in: no ID token, no refresh
token, and a grant that lives as long as its one access token.
"""

from datetime import datetime

from keycell.accounts.audit import AuditEvent, Origin
from keycell.accounts.people import Account
from keycell.oauth.claims import Authentication
from keycell.oauth.clients import Client
from keycell.oauth.errors import InvalidGrant, UnauthorizedClient
from keycell.oauth.grants import Grant
from keycell.oauth.jwt_bearer import (
    BY_LOGIN,
    JwtBearer,
    TrustedIssuer,
    bearer_scope,
    check_bearer,
    unverified_issuer,
)
from keycell.oauth.resources import resolve_audience
from keycell.oauth.token import TokenResponse
from keycell.provider.admission import check_admitted
from keycell.provider.issue import Wanted, make_access_token, subject_of
from keycell.provider.ports import Provider
from keycell.provider.register import keep_used

ACR = "urn:keycell:acr:assertion"
"""Nobody signed in here: another issuer vouches for the person."""
_NOBODY = "the assertion's sub is nobody whom this issuer may speak for"


async def exchange_assertion(
    provider: Provider, client: Client, request: JwtBearer, origin: Origin, now: datetime
) -> TokenResponse:
    """Give an access token for an assertion, and for each of them once. RFC7523-3."""
    if client.is_public:
        raise UnauthorizedClient("a public client cannot prove who shows the assertion")
    if client.is_first_party:
        # Its tokens open all of a person's files, whatever their scope says.
        raise UnauthorizedClient("a first-party client signs people in; it takes no assertions")
    trusted = await _trusted(provider, client, request.assertion)
    claims = await provider.foreign.verify_statement(trusted, request.assertion)
    audiences = (provider.issuer, provider.endpoints.token)
    subject, found = check_bearer(
        claims, trusted, audiences, now, provider.lifetimes.assertion
    )  # fmt: skip
    account = await _account(provider, trusted, subject)
    check_admitted(client, account, ACR)
    wanted = Wanted(
        client=client,
        sub=subject_of(provider, client, account.sub),
        scope=bearer_scope(trusted, client.metadata.scope, request.scope),
        audience=resolve_audience(request.resources, client.metadata.audience, provider.resource),
        now=now,
        grant_id=provider.mint_id(),
        cnf=request.cnf,
    )
    issued = make_access_token(provider, wanted)
    await keep_used(provider, client)
    # The last check, for it cannot be undone: an assertion counts once. RFC7523-3 (7).
    if not await provider.seen.see("bearer", trusted.issuer, found.jti, found.until):
        raise InvalidGrant("the assertion was used before")
    event = AuditEvent(
        at=now, actor=account.sub, action="assertion.taken", target=account.sub,
        client_id=client.client_id, origin=origin,
        detail={"issuer": trusted.issuer, "subject": subject, "scope": sorted(wanted.scope)},
    )  # fmt: skip
    grant = _grant(wanted, account, issued.expires_at)
    if not await provider.grants.start(grant, event, issued.opaque):
        raise InvalidGrant(_NOBODY, detail=f"{account.sub} was disabled meanwhile")
    return issued.response(wanted)


def _grant(wanted: Wanted, account: Account, until: datetime) -> Grant:
    assert wanted.grant_id is not None  # noqa: S101  (it was just minted)
    return Grant(
        grant_id=wanted.grant_id,
        client_id=wanted.client.client_id,
        sub=account.sub,
        sid=None,
        scope=wanted.scope,
        audience=wanted.audience,
        authentication=Authentication(auth_time=wanted.now, acr=ACR, amr=()),
        created_at=wanted.now,
        expires_at=until,
        cnf=wanted.cnf,
    )


async def _trusted(provider: Provider, client: Client, assertion: str) -> TrustedIssuer:
    issuer = unverified_issuer(assertion)
    trusted = await provider.issuers.find(issuer)
    if trusted is None or client.client_id not in trusted.clients:
        raise InvalidGrant("the assertion's issuer is not trusted for this client", detail=issuer)
    return trusted


async def _account(provider: Provider, trusted: TrustedIssuer, subject: str) -> Account:
    """Find for whom an issuer speaks; administrators must be listed one by one. RFC7523-3 (2)."""
    listed = trusted.account_of(subject)
    if listed is not None:
        account = await provider.accounts.find(listed)
    elif trusted.match == BY_LOGIN:
        account = await provider.accounts.find_by_login(subject)
        if account is not None and account.is_admin:
            raise InvalidGrant(_NOBODY, detail=f"{account.login} is an administrator")
    else:
        account = None
    if account is None or not account.stands:
        raise InvalidGrant(_NOBODY, detail=subject)
    return account
