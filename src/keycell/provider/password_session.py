"""A token for a program that has a person's password: as clients of the old system sign in.

A grant stands behind it, so that it is seen, and ended, like every other; no cookie and no refresh
token come of it. It is good for as long as any access token, then the program signs in again.
"""

from keycell.accounts.audit import AuditEvent, Origin
from keycell.accounts.enrolment import is_overdue
from keycell.accounts.errors import WrongCredentials
from keycell.accounts.leaving import stay
from keycell.accounts.people import Account
from keycell.accounts.ports import People
from keycell.accounts.signin import Attempt, check_credentials
from keycell.oauth.claims import ACR_PASSWORD, Authentication
from keycell.oauth.errors import UnauthorizedClient
from keycell.oauth.grants import Grant
from keycell.oauth.scope import FIRST_PARTY_ONLY, OFFLINE
from keycell.provider.access import Access
from keycell.provider.issue import Issued, Wanted, make_access_token, subject_of
from keycell.provider.ports import Provider

CLIENT_ID = "cells-frontend"


class SecondFactorNeeded(Exception):
    """The password is right, but the account wants more, which only our pages can ask for."""


async def begin(
    provider: Provider, people: People, login: str, password: str, origin: Origin
) -> Issued:
    """Give an access token to whoever knows the password; raise WrongCredentials, Throttled.

    Counted with the sign-ins of the login page, failures alone.
    """
    attempt = Attempt(login=login, password=password, device=None, session=None, origin=origin)
    account = await check_credentials(people, attempt)
    if account.is_test:
        raise WrongCredentials
    if (await people.factors.of_account(account.sub)).are_set:
        raise SecondFactorNeeded
    if await is_overdue(people, account):
        raise SecondFactorNeeded
    account = await stay(people, account, account.sub, origin)
    return await _grant(provider, account, origin)


async def _grant(provider: Provider, account: Account, origin: Origin) -> Issued:
    client = await provider.clients.find(CLIENT_ID)
    if client is None or client.disabled:
        raise UnauthorizedClient(f"the client {CLIENT_ID} is disabled")
    now, grant_id = provider.clock(), provider.mint_id()
    scope = (client.metadata.scope or frozenset()) - OFFLINE
    if not account.is_admin:
        scope -= FIRST_PARTY_ONLY
    wanted = Wanted(
        client=client,
        sub=subject_of(provider, client, account.sub),
        scope=scope,
        audience=(provider.resource,),
        now=now,
        grant_id=grant_id,
    )
    issued = make_access_token(provider, wanted)
    grant = Grant(
        grant_id=grant_id,
        client_id=CLIENT_ID,
        sub=account.sub,
        sid=None,
        scope=scope,
        audience=wanted.audience,
        authentication=Authentication(auth_time=now, acr=ACR_PASSWORD, amr=("pwd",)),
        created_at=now,
        expires_at=issued.expires_at,
    )
    event = AuditEvent(
        at=now, actor=account.sub, action="grant.started", target=grant_id, client_id=CLIENT_ID,
        origin=origin, detail={"scope": sorted(scope), "by": "password"},
    )  # fmt: skip
    if not await provider.grants.start(grant, event):
        raise WrongCredentials
    return issued


async def end(provider: Provider, access: Access, origin: Origin) -> None:
    """End the access that a token gives: its grant, or the token where it has none."""
    now, standing = provider.clock(), access.standing
    event = AuditEvent(
        at=now,
        actor=standing.account.sub if standing is not None else access.sub,
        action="grant.revoked" if access.grant_id else "token.revoked",
        target=access.grant_id or access.jti,
        client_id=access.client_id,
        origin=origin,
    )
    if access.grant_id is not None:
        await provider.grants.revoke(access.grant_id, now, event)
    else:
        await provider.grants.revoke_token(access.jti, access.expires_at, event)
