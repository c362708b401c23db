"""Native SSO: one application of a suite signs in by what another was given. decisions/0063."""

import hmac
from datetime import datetime

from keycell.accounts.audit import AuditEvent, Origin
from keycell.accounts.sessions import LONGEST
from keycell.oauth.clients import Client
from keycell.oauth.errors import InvalidRequest
from keycell.oauth.exchange import refused
from keycell.oauth.grants import (
    CodeState,
    Grant,
    PresentedCode,
    digest,
    format_code,
    read_code,
)
from keycell.oauth.native_sso import (
    NativeSso,
    check_pair,
    check_recent,
    keepable,
    secret_sid,
    shared_scope,
)
from keycell.oauth.resources import narrow_audience, resolve_audience
from keycell.provider.admission import check_admitted
from keycell.provider.issue import device_secret, hinted_claims, standing_account, subject_of
from keycell.provider.ports import Held, Provider
from keycell.provider.register import keep_used


async def shared_code(
    provider: Provider, client: Client, request: NativeSso, origin: Origin
) -> PresentedCode:
    """Begin a grant for a client whose suite the person is signed in to; give its code.

    It is as if the browser had been asked with nothing left to do there. NSSO-4.3.
    """
    now = provider.clock()
    sid = await _open_session(provider, client, request, now)
    held = await _shown_by(provider, client, request, sid, now)
    account = standing_account(client, held)
    # No browser comes, and the application is on the person's own device.
    check_admitted(client, account, held.grant.authentication.acr, origin.ip)
    check_recent(held.grant.authentication, now.timestamp(), client.metadata.default_max_age)
    await keep_used(provider, client)
    if client.wants_logout:
        await provider.logouts.join(sid, client.client_id, account.sub, now)
    grant, code = _grant(provider, client, request, held.grant, now)
    event = AuditEvent(
        at=now, actor=account.sub, action="grant.started", target=grant.grant_id,
        client_id=client.client_id, origin=origin,
        detail={"scope": sorted(grant.scope), "signed_in_by": held.grant.client_id},
    )  # fmt: skip
    if not await provider.grants.start(grant, event):
        raise InvalidRequest(refused("actor_token"), detail="the session ended meanwhile")
    return read_code(code)


async def _open_session(
    provider: Provider, client: Client, request: NativeSso, now: datetime
) -> str:
    """Give the session of a device secret that is ours, this suite's, and not ended. NSSO-4.3."""
    sid = secret_sid(request.device_secret)
    if not client.suite or sid is None:
        raise InvalidRequest(refused("actor_token"), detail=f"suite {client.suite}")
    if not hmac.compare_digest(request.device_secret, device_secret(provider, client, sid)):
        raise InvalidRequest(refused("actor_token"), detail="no secret of this suite")
    session = await provider.sessions.find_by_sid(sid)
    if session is None or session.ended_at is not None or now >= session.created_at + LONGEST:
        raise InvalidRequest(refused("actor_token"), detail="the session is over")
    return sid


async def _shown_by(
    provider: Provider, client: Client, request: NativeSso, sid: str, now: datetime
) -> Held:
    """Give the grant of the application that was given the ID token, if it stands. NSSO-4.3."""
    claims = hinted_claims(provider, request.id_token)
    if claims is None:
        raise InvalidRequest("subject_token is no ID token of this server")
    check_pair(claims, request.device_secret, sid)
    shown_by = await provider.clients.find(str(claims.get("aud")))
    if shown_by is None or shown_by.disabled or shown_by.suite != client.suite:
        raise InvalidRequest(refused("subject_token"), detail=f"from {claims.get('aud')}")
    held = await provider.grants.in_session(sid, shown_by.client_id, now)
    if held is None:
        raise InvalidRequest(refused("subject_token"), detail="its grant was ended")
    if claims.get("sub") != subject_of(provider, shown_by, held.grant.sub):
        raise InvalidRequest(refused("subject_token"), detail="of somebody else")
    return held


def _grant(
    provider: Provider, client: Client, request: NativeSso, shared: Grant, now: datetime
) -> tuple[Grant, str]:
    grant_id = provider.mint_id()
    code = format_code(grant_id, provider.mint())
    until = now + provider.lifetimes.code
    asked = tuple(one for one in request.asked if one != provider.issuer)
    audience = resolve_audience(asked, client.metadata.audience, provider.resource)
    scope = shared_scope(shared.scope, client.metadata.scope, request.scope)
    grant = Grant(
        grant_id=grant_id,
        client_id=client.client_id,
        sub=shared.sub,
        sid=shared.sid,
        scope=keepable(scope, client.metadata.grant_types),
        audience=narrow_audience(shared.audience, audience),
        authentication=shared.authentication,
        created_at=now,
        expires_at=until + provider.lifetimes.of_access_token(client),
        code=CodeState(
            digest=digest(code), expires_at=until, redirect_uri="", redirect_uri_was_sent=False,
            code_challenge=None, nonce=None,
        ),
        ends_at=shared.ends_at,
    )  # fmt: skip
    return grant, code
