"""One's own account by REST, below `/a/keycell/account/`.

What leaked must not look around or lock its owner out: a token that came of a sign-in to a client
of ours is asked for, never a personal one, and none that was narrowed.
"""

import hashlib
from collections.abc import Mapping
from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from keycell.administration.call import Nothing
from keycell.files.finding import stat
from keycell.files.names import read_path
from keycell.files.spaces import PERSONAL_SLUG
from keycell.files.zipping import ZIP
from keycell.files.zips import zip_stream
from keycell.http import calling
from keycell.http.bearer import bearer_access, check_recent_sign_in
from keycell.http.calling import Endpoint
from keycell.http.downloads import SHIELD, disposition
from keycell.http.edge import Edge, words_of
from keycell.http.files_edge import actor_of
from keycell.http.rest.callers import is_signed_in
from keycell.http.rest.frontend import read_picture
from keycell.http.wire import NO_STORE, json_answer, origin_of
from keycell.oauth.errors import InsufficientScope
from keycell.own import exporting
from keycell.own.calls import CALLS, PREFIX
from keycell.own.holder import Holder
from keycell.provider.access import opened
from keycell.provider.personal_tokens import Limits


async def holder_of(edge: Edge, request: Request) -> Holder:
    """Give who looks after their own account; raise InvalidToken or InsufficientScope."""
    access = await bearer_access(edge, request)
    grant = await edge.provider.grants.find(access.grant_id) if access.grant_id else None
    standing = access.standing
    client = await edge.provider.clients.find(access.client_id) if access.client_id else None
    if standing is None or grant is None or not await is_signed_in(edge, access):
        raise InsufficientScope(
            "openid", detail="an account is looked after by who signed in to a client of ours"
        )
    return Holder(
        provider=edge.provider, people=edge.people, files=edge.files, account=standing.account,
        grant=grant, origin=origin_of(request), words=words_of(edge, request),
        limits=Limits(opened(access, client), access.scope),
    )  # fmt: skip


async def take_along(edge: Edge, request: Request) -> Response:
    """Give everything that is kept of one as a zip: the export's document, and all own files."""
    holder = await holder_of(edge, request)
    await check_recent_sign_in(edge, request)
    actor = await actor_of(edge, request)
    document = msgspec.json.encode(await exporting.exported(holder, Nothing()))
    tops = [await stat(edge.files, actor, read_path(PERSONAL_SLUG))]
    headers = {
        **SHIELD, **NO_STORE, "Content-Disposition": disposition("keycell.zip", inline=False),
    }  # fmt: skip
    stream = zip_stream(edge.files, actor, tops, {"account.json": document})
    return StreamingResponse(stream, 200, headers, ZIP)


async def show_picture(edge: Edge, request: Request) -> Response:
    """Say where one's own picture is, if there is one."""
    return await _picture_of(edge, await holder_of(edge, request))


async def put_picture(edge: Edge, request: Request) -> Response:
    """Keep one's own picture, in the place of an earlier one."""
    holder = await holder_of(edge, request)
    content_type, content = await read_picture(request)
    await edge.files.pictures.put("USER", holder.account.sub, content_type, content)
    return await _picture_of(edge, holder)


async def remove_picture(edge: Edge, request: Request) -> Response:
    """Show oneself without a picture again."""
    holder = await holder_of(edge, request)
    await edge.files.pictures.remove("USER", holder.account.sub)
    return await _picture_of(edge, holder)


async def _picture_of(edge: Edge, holder: Holder) -> Response:
    sub = holder.account.sub
    found = await edge.files.pictures.find("USER", sub)
    address = None
    if found is not None:
        # Another picture is at another address: browsers keep what they have seen for a while.
        seen = hashlib.sha256(found[1]).hexdigest()[:16]
        address = f"/a/frontend/binaries/USER/{quote(sub, safe='')}?v={seen}"
    return json_answer({"address": address}, headers=NO_STORE)


ARCHIVE = f"{PREFIX}export.zip"
PICTURE = f"{PREFIX}picture"
OWN_ACCOUNT: Mapping[str, Mapping[str, Endpoint]] = {
    **calling.endpoints(PREFIX, CALLS, holder_of),
    ARCHIVE: {"GET": take_along},
    PICTURE: {"GET": show_picture, "PUT": put_picture, "DELETE": remove_picture},
}
