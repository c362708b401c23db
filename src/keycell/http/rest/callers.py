"""Who calls: by a token that came of a sign-in, or as an administrator."""

from dataclasses import dataclass

from starlette.requests import Request

from keycell.accounts.audit import Origin
from keycell.accounts.people import Account, login_key
from keycell.files.errors import Forbidden
from keycell.http.bearer import administrator, bearer_access
from keycell.http.edge import Edge
from keycell.http.wire import origin_of
from keycell.provider.access import Access


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls about an account, and what their token proves."""

    by: Account
    login: str
    account: Account | None
    """Whom it is about; None if there is nobody."""
    is_administrator: bool
    is_signed_in: bool
    """The token is of a client of ours and was not narrowed to some places."""
    origin: Origin

    @property
    def is_own(self) -> bool:
        """Tell whether it is the caller's own account."""
        return self.account is not None and self.account.sub == self.by.sub


async def caller_about(edge: Edge, request: Request, login: str) -> Caller:
    """Say who calls about an account: the person themselves, or an administrator.

    Whom it is about is looked up after that, so that nobody else learns who there is.
    """
    access = await bearer_access(edge, request)
    signed_in = await is_signed_in(edge, access)
    own = access.standing.account if access.standing is not None else None
    if own is not None and own.key == login_key(login):
        if signed_in:
            is_administrator = own.is_admin and "admin" in access.scope
            return Caller(own, login, own, is_administrator, signed_in, origin_of(request))
        if "admin" not in access.scope:
            raise Forbidden(
                "one's own account is read and changed with a token that came of a sign-in to a "
                "client of this server, not with a personal one or an application's"
            )
    by = await administrator(edge, request)
    found = await edge.people.accounts.find_by_login(login)
    return Caller(by, login, found, True, signed_in, origin_of(request))  # noqa: FBT003


async def is_signed_in(edge: Edge, access: Access) -> bool:
    """Tell whether a token came of a sign-in to a client of ours, for all there is."""
    if access.standing is None or not access.client_id or access.details:
        return False
    client = await edge.provider.clients.find(access.client_id)
    return client is not None and client.is_first_party and not client.disabled
