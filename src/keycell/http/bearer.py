"""The Authorization header of our own resource server, turned into what it opens. RFC6750-2.1."""

from starlette.requests import Request

from keycell.accounts.people import Account
from keycell.http.edge import Edge
from keycell.http.wire import bearer_token
from keycell.oauth.details import FilesDetail
from keycell.oauth.errors import InsufficientScope, InvalidToken
from keycell.provider.access import Access, open_token


async def administrator(edge: Edge, request: Request) -> Account:
    """Give the administrator whose token this is; raise InvalidToken or InsufficientScope."""
    shown = bearer_token(request)
    if shown is None:
        raise InvalidToken("an access token is missing")
    access = await open_token(edge.provider, shown)
    if edge.provider.resource not in access.audience:
        raise InvalidToken("the access token is for another resource")
    if "admin" not in access.scope or access.standing is None:
        raise InsufficientScope("admin")
    account = access.standing.account
    if not account.is_admin:
        raise InsufficientScope("admin", detail="the account is no administrator")
    return account


async def files_access(edge: Edge, request: Request) -> Access:
    """Give what the bearer token opens at our own resource server; raise InvalidToken."""
    shown = bearer_token(request)
    if shown is None:
        raise InvalidToken("an access token is missing")
    access = await open_token(edge.provider, shown)
    if edge.provider.resource not in access.audience:
        raise InvalidToken("the access token is for another resource")
    return access


async def opened(edge: Edge, access: Access) -> tuple[FilesDetail, ...]:
    """Give what a token opens of its person's files; raise InsufficientScope if nothing."""
    client = await edge.provider.clients.find(access.client_id)
    if "files.write" in access.scope or (client is not None and client.is_first_party):
        return (FilesDetail(frozenset({"read", "write"})),)
    if "files.read" in access.scope:
        return (FilesDetail(frozenset({"read"})),)
    raise InsufficientScope("files.read")
