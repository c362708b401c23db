"""What the authorization endpoint itself gives: a code, and tokens beside it or in its place.

No refresh token is ever among them. OAuth2-MRT-5, OIDCC-3.2.2.5, OIDCC-3.3.2.5.
"""

from keycell.accounts.people import Account
from keycell.oauth.authorization import AuthorizationRequest
from keycell.oauth.grants import Grant
from keycell.provider.issue import (
    Beside,
    Issued,
    Wanted,
    make_access_token,
    make_id_token,
    subject_of,
)
from keycell.provider.ports import OpaqueToken, Provider
from keycell.values import dataclass


@dataclass(frozen=True, slots=True)
class Front:
    """What goes to the client, and what must be kept for it to mean anything."""

    told: list[tuple[str, str]]
    opaque: OpaqueToken | None = None


async def issue_front(
    provider: Provider,
    request: AuthorizationRequest,
    grant: Grant,
    account: Account,
    code: str | None,
) -> Front:
    """Make what a response type asks for. OIDCC-3.3.2.5, RFC6749-4.2.2."""
    wanted = Wanted(
        client=request.client,
        sub=subject_of(provider, request.client, grant.sub),
        scope=grant.scope,
        audience=grant.audience,
        now=grant.created_at,
        grant_id=grant.grant_id,
        details=grant.details,
        authentication=grant.authentication,
        until=grant.ends_at,
    )
    asked = request.response_type
    issued = make_access_token(provider, wanted) if "token" in asked else None
    told = [] if code is None else [("code", code)]
    if issued is not None:
        told += _token_params(issued, wanted)
    if "id_token" in asked:
        beside = Beside(
            nonce=request.nonce,
            access_token=None if issued is None else issued.access_token,
            code=code,
            state=request.target.state,
            is_alone=asked == {"id_token"},
        )
        told.append(("id_token", await make_id_token(provider, wanted, grant, account, beside)))
    return Front(told, None if issued is None else issued.opaque)


def _token_params(issued: Issued, wanted: Wanted) -> list[tuple[str, str]]:
    answer = issued.response(wanted).to_json()
    names = ("access_token", "token_type", "expires_in", "scope")
    return [(name, str(answer[name])) for name in names]
