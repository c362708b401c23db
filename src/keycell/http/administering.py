"""Administration at a distance: the calls of `keycell admin`, below `/a/keycell/admin/`.

An administrator's token of the scope `admin` is asked for before anything is read.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from urllib.parse import unquote

from cryptography.x509 import load_pem_x509_certificate
from starlette.requests import Request

from keycell.accounts.audit import Origin, Reasoned
from keycell.administration.calls import CALLS, PREFIX
from keycell.administration.office import Office, Right, Stored
from keycell.files.spaces import MOST_CELLS, SpaceKind
from keycell.http import calling
from keycell.http.bearer import administrator, bearer_access
from keycell.http.calling import Endpoint
from keycell.http.edge import Edge, words_of
from keycell.http.stockroom import stockroom_of
from keycell.http.wire import header_of, origin_of
from keycell.oauth.errors import InvalidRequest
from keycell.own.scopes import told
from keycell.provider.access import PERSONAL
from keycell.provider.personal_tokens import By, Limits

REASON = b"x-keycell-reason"
"""Why an administrator does something, percent-encoded: the trail keeps it."""
LONGEST_REASON = 300
_MOST_RIGHTS = 200


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
        by=By(account.sub, _origin(request)),
        files_kept=edge.files.limits.trash_kept,
        origins=edge.settings.origins,
        allows_http=edge.settings.insecure_http,
        registration=edge.settings.registration,
        fetch_networks=edge.settings.fetch_networks,
        trusted_proxies=edge.settings.trusted_proxies,
        limits=limits,
        words=words_of(edge, request),
        storage=partial(_storage, edge),
        rights=partial(_rights, edge),
        stockroom=stockroom_of(edge),
        told=partial(told, words=words_of(edge, request)),
        certificate=partial(certificate_ends, edge.settings.tls_cert),
    )


def _origin(request: Request) -> Origin:
    """Say where it came from, and why, where that is told."""
    origin, reason = origin_of(request), unquote(header_of(request, REASON)).strip()
    if not reason:
        return origin
    if len(reason) > LONGEST_REASON or not reason.isprintable():
        raise InvalidRequest(f"a reason has at most {LONGEST_REASON} characters, on one line")
    return Reasoned(origin.ip, origin.user_agent, origin.request_id, reason)


async def _storage(edge: Edge, sub: str) -> Stored:
    """Say how much a person's own space holds; nothing where there is none yet."""
    spaces = edge.files.spaces
    for one in await spaces.of_owner(sub, MOST_CELLS + 1):
        volume = await spaces.volume(one.volume_id) if one.kind is SpaceKind.PERSONAL else None
        if volume is not None:
            return Stored(volume.used, volume.quota, volume.nodes)
    return Stored(0, edge.files.limits.quota, 0)


async def _rights(edge: Edge, roles: Sequence[str]) -> Sequence[Right]:
    """Say what roles may do with files: in which space, and in which folder of it."""
    found = (await edge.files.spaces.rights(role_ids=roles))[:_MOST_RIGHTS]
    places = await edge.files.nodes.locate_each([one.node_id for one in found])
    spaces: dict[str, str] = {}
    told_of = []
    for one in found:
        if one.node_id not in places:
            continue
        chain = places[one.node_id].chain
        for node_id in {chain[0].node_id, one.node_id} - spaces.keys():
            named = await edge.files.spaces.of_root(node_id)
            spaces[node_id] = named[0].label if named else ""
        label = spaces[one.node_id] or f"{spaces[chain[0].node_id]}: {chain[-1].name}"
        told_of.append(Right(one.role_id, label, one.action.value))
    return told_of


async def certificate_ends(path: Path | None) -> datetime | None:
    """Say when our own certificate ends; nothing where a proxy has it, or where it is unread."""
    if path is None:
        return None
    try:
        content = await asyncio.to_thread(path.read_bytes)
        return load_pem_x509_certificate(content).not_valid_after_utc
    except (OSError, ValueError):
        # That the file went away since the start is told where somebody asks for https.
        return None


ADMINISTRATION: Mapping[str, Mapping[str, Endpoint]] = calling.endpoints(PREFIX, CALLS, office_of)
