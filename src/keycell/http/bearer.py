"""The Authorization header of our own resource server, turned into what it opens. RFC6750-2.1."""

from starlette.requests import Request

from keycell.accounts.people import Account
from keycell.http.edge import Edge
from keycell.http.wire import bearer_token
from keycell.oauth.errors import InsufficientScope, InvalidToken
from keycell.provider.access import open_token


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
