"""The Authorization header of our own resource server, turned into what it opens. RFC6750-2.1."""

from starlette.requests import Request

from keycell.accounts.people import Account
from keycell.http.edge import Edge
from keycell.http.wire import bearer_token
from keycell.oauth.details import READ_SCOPE, FilesDetail
from keycell.oauth.errors import InsufficientScope, TokenMissing
from keycell.provider import access as accesses
from keycell.provider.access import Access, check_audience, open_token


async def access_of(edge: Edge, token: str, wire: str = "") -> Access:
    """Give what a bare token opens at our own resource server; raise InvalidToken.

    The token is an access token or a personal one: from a header, as S3 access key, or as the
    password of Basic authentication. ``wire`` is ``a``, ``io`` or ``dav``.
    """
    access = await open_token(edge.provider, token)
    check_audience(edge.provider, access, wire)
    return access


async def bearer_access(edge: Edge, request: Request) -> Access:
    """Give what the bearer token of a request opens; raise TokenMissing, InvalidToken."""
    shown = bearer_token(request)
    if not shown:
        raise TokenMissing("an access token is missing")
    return await access_of(edge, shown, request.url.path.split("/", 2)[1])


async def files_access(edge: Edge, request: Request) -> Access:
    """Give what the bearer token opens at our own resource server; raise InvalidToken."""
    return await bearer_access(edge, request)


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
