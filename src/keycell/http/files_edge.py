"""Who asks for files: an access token turned into an `Actor`."""

from starlette.requests import Request

from keycell.files.access import Actor
from keycell.files.acting import acting_as
from keycell.http.bearer import bearer_access, opened
from keycell.http.edge import Edge
from keycell.oauth.errors import InsufficientScope
from keycell.provider.access import Access


async def actor_of(edge: Edge, request: Request) -> Actor:
    """Say who asks by the request's bearer token; raise InvalidToken or InsufficientScope."""
    return await actor_for(edge, await bearer_access(edge, request))


async def actor_for(edge: Edge, access: Access) -> Actor:
    """Say who asks with a verified access token; raise InsufficientScope if it opens no files."""
    if access.standing is None:
        raise InsufficientScope("files.read", detail="a client that speaks for itself has none")
    account = access.standing.account
    is_admin = account.is_admin and "admin" in access.scope
    return acting_as(account, await opened(edge, access), access.client_id, is_admin=is_admin)
