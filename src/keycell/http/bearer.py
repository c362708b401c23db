"""The Authorization header of our own resource server, turned into what it opens. RFC6750-2.1."""

from starlette.requests import Request

from keycell.accounts.people import Account
from keycell.http.edge import Edge
from keycell.http.holding import shown_token
from keycell.oauth.details import READ_SCOPE, FilesDetail
from keycell.oauth.errors import InsufficientScope, TokenMissing
from keycell.oauth.step_up import check_office, check_recent
from keycell.provider import access as accesses
from keycell.provider.access import PERSONAL, Access, check_audience, check_held, open_token
from keycell.provider.holding import NOTHING, Shown

_OPENED = "keycell.access"
"""Where a request keeps what its token opens."""


async def access_of(edge: Edge, token: str, wire: str = "", shown: Shown = NOTHING) -> Access:
    """Give what a token opens at our own resource server; raise InvalidToken.

    The token is an access token or a personal one: from a header, as S3 access key, or as the
    password of Basic authentication. One that is bound to a key opens nothing to who does not
    show that they hold it.
    ``wire`` is ``a``, ``io`` or ``dav``.
    """
    access = await open_token(edge.provider, token, ip=shown.ip)
    check_audience(edge.provider, access, wire)
    await check_held(edge.provider, access, token, shown)
    return access


async def bearer_access(edge: Edge, request: Request) -> Access:
    """Give what the token of a request opens; raise TokenMissing, InvalidToken.

    It is looked at once, however often it is asked for: its proof counts once. RFC9449-11.1.
    """
    found: Access | None = request.scope.get(_OPENED)
    if found is None:
        token, shown = shown_token(edge, request)
        if not token:
            raise TokenMissing("an access token is missing")
        found = await access_of(edge, token, request.url.path.split("/", 2)[1], shown)
        request.scope[_OPENED] = found
    return found


async def check_recent_sign_in(edge: Edge, request: Request) -> None:
    """Refuse a grave act by an old sign-in; raise InsufficientUserAuthentication. RFC9470-3.

    A personal token comes of no sign-in: whoever made it has just signed in, and said what for.
    """
    access = await bearer_access(edge, request)
    standing = access.standing
    if standing is None or access.client_id == PERSONAL:
        return
    factors = await edge.people.factors.of_account(standing.account.sub)
    check_recent(standing.authentication, edge.provider.clock(), has_second_factor=factors.are_set)


async def check_changes_office(edge: Edge, request: Request, *, concerns_office: bool) -> None:
    """Refuse what concerns administrators to a personal token. See decisions/0074."""
    access = await bearer_access(edge, request)
    is_personal = access.client_id == PERSONAL
    check_office(is_personal=is_personal, concerns_office=concerns_office)


async def opened(edge: Edge, access: Access) -> tuple[FilesDetail, ...]:
    """Give what a token opens of its person's files; raise InsufficientScope if nothing."""
    client = await edge.provider.clients.find(access.client_id) if access.client_id else None
    found = accesses.opened(access, client)
    if not found:
        raise InsufficientScope(READ_SCOPE)
    return found


async def administrator(edge: Edge, request: Request) -> Account:
    """Give the administrator whose token this is; raise InvalidToken or InsufficientScope."""
    access = await bearer_access(edge, request)
    if "admin" not in access.scope or access.standing is None:
        raise InsufficientScope("admin")
    account = access.standing.account
    if not account.is_admin:
        raise InsufficientScope("admin", detail="the account is no administrator")
    return account
