"""Administration at a distance: the calls of `keycell admin`, below `/a/keycell/admin/`.

An administrator's token of the scope `admin` is asked for before anything is read.
"""

from collections.abc import Mapping

from starlette.requests import Request

from keycell.administration.calls import CALLS, PREFIX
from keycell.administration.office import Office
from keycell.http import calling
from keycell.http.bearer import administrator, bearer_access
from keycell.http.calling import Endpoint
from keycell.http.edge import Edge, words_of
from keycell.http.wire import origin_of
from keycell.provider.access import PERSONAL
from keycell.provider.personal_tokens import By, Limits


async def office_of(edge: Edge, request: Request) -> Office:
    """Give what an administrator works with; raise InvalidToken or InsufficientScope."""
    account = await administrator(edge, request)
    access = await bearer_access(edge, request)
    # One personal token makes no other. See decisions/0034.
    limits = Limits((), frozenset()) if access.client_id == PERSONAL else None
    return Office(
        provider=edge.provider,
        people=edge.people,
        keys=edge.keys,
        by=By(account.sub, origin_of(request)),
        files_kept=edge.files.limits.trash_kept,
        origins=edge.settings.origins,
        allows_http=edge.settings.insecure_http,
        registration=edge.settings.registration,
        fetch_networks=edge.settings.fetch_networks,
        trusted_proxies=edge.settings.trusted_proxies,
        limits=limits,
        words=words_of(edge, request),
    )


ADMINISTRATION: Mapping[str, Mapping[str, Endpoint]] = calling.endpoints(PREFIX, CALLS, office_of)
