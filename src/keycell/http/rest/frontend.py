"""Who somebody is, in the words of the old web frontend; and the pictures of people."""

from xml.sax.saxutils import quoteattr

from starlette.requests import Request
from starlette.responses import Response

from keycell.files.errors import BadRequest, Forbidden, NotFound, TooLarge
from keycell.files.finding import spaces
from keycell.http.bearer import bearer_access, opened
from keycell.http.downloads import SHIELD
from keycell.http.edge import Edge
from keycell.http.files_edge import actor_for
from keycell.http.rest.nodes import letters, scope_of
from keycell.http.wire import json_answer, read_body
from keycell.oauth.errors import InsufficientScope, InvalidToken, TokenMissing
from keycell.oauth.sentences import phrase

LARGEST_PICTURE = 512 * 2**10
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_MAGIC: tuple[tuple[bytes, int, bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", 0, b"", "image/png"),
    (b"\xff\xd8\xff", 0, b"", "image/jpeg"),
    (b"GIF8", 0, b"", "image/gif"),
    (b"RIFF", 8, b"WEBP", "image/webp"),
)
"""How files begin that are pictures and nothing else."""


async def state(edge: Edge, request: Request) -> Response:
    """Say who the token is of, as XML; whom nobody knows is nobody."""
    try:
        access = await bearer_access(edge, request)
    except (TokenMissing, InvalidToken):
        return _xml("<pydio_registry></pydio_registry>", 401)
    if access.standing is None:
        return _xml("<pydio_registry></pydio_registry>")
    account = access.standing.account
    repositories = ""
    try:
        actor = await actor_for(edge, access)
    except InsufficientScope:
        pass
    else:
        repositories = "".join(
            f'<repo id={quoteattr(space.space_id)} access_type="gateway" '
            f"repositorySlug={quoteattr(space.slug)} owner={quoteattr(scope_of(space))} "
            f"acl={quoteattr(letters(allowed))}><label>{_escaped(space.label)}</label></repo>"
            for space, allowed in await spaces(edge.files, actor)
        )
    profile = "admin" if account.is_admin else "standard"
    return _xml(
        f"<pydio_registry><user id={quoteattr(account.login)}>"
        f'<special_rights is_admin="{"1" if account.is_admin else "0"}"/>'
        f"<active_repo/><repositories>{repositories}</repositories>"
        f'<preferences><pref name="profile" value="{profile}"/>'
        f'<pref name="displayName" value={quoteattr(account.display_name)}/></preferences>'
        "</user></pydio_registry>"
    )


def _escaped(text: str) -> str:
    return quoteattr(text)[1:-1]


def _xml(body: str, status: int = 200) -> Response:
    return Response(_HEAD + body, status, media_type="application/xml; charset=utf-8")


async def get_picture(edge: Edge, request: Request) -> Response:
    """Give somebody's picture, or that of the whole: anybody may see them."""
    kind, owner = _whose(request)
    account = await edge.people.accounts.find_by_login(owner) if kind == "USER" else None
    found = await edge.files.pictures.find(kind, owner if account is None else account.sub)
    if found is None:
        raise NotFound(phrase("there is no picture"))
    headers = {**SHIELD, "Cache-Control": "private, max-age=300", "Content-Type": found[0],
               "Content-Disposition": "inline"}  # fmt: skip
    return Response(found[1], 200, headers)


async def put_picture(edge: Edge, request: Request) -> Response:
    """Keep the person's own picture; an administrator may keep any."""
    kind, owner = _whose(request)
    access = await bearer_access(edge, request)
    if access.standing is None:
        raise InsufficientScope("files.write")
    if not any(
        "write" in one.actions and one.space is None and one.node_id is None
        for one in await opened(edge, access)
    ):
        raise InsufficientScope("files.write")
    account = access.standing.account
    is_own = kind == "USER" and owner in (account.login, account.sub)
    if not is_own and not (account.is_admin and "admin" in access.scope):
        raise Forbidden(phrase("a picture is changed by the person themselves"))
    content_type, content = await read_picture(request)
    named = await edge.people.accounts.find_by_login(owner) if kind == "USER" else None
    # Kept by what never changes, whichever of the two names was sent.
    kept = account.sub if is_own else owner if named is None else named.sub
    await edge.files.pictures.put(kind, kept, content_type, content)
    return json_answer({"Success": True})


async def read_picture(request: Request) -> tuple[str, bytes]:
    """Read a picture, and of which type it is; raise BadRequest, TooLarge."""
    content = await read_body(request, LARGEST_PICTURE)
    content_type = picture_type(content)
    if content_type is None:
        raise BadRequest(phrase("a picture is a PNG, JPEG, GIF or WebP file"))
    return content_type, content


def picture_type(content: bytes) -> str | None:
    """Tell of which type a picture is by how it begins; whatever it was called."""
    if len(content) > LARGEST_PICTURE:
        raise TooLarge(phrase("a picture has at most %(most)s bytes", most=LARGEST_PICTURE))
    for begins, at, then, kind in _MAGIC:
        if content.startswith(begins) and content[at : at + len(then)] == then:
            return kind
    return None


def _whose(request: Request) -> tuple[str, str]:
    kind = request.path_params["kind"].upper()
    if kind not in ("USER", "GLOBAL"):
        raise NotFound("there are pictures of USER and GLOBAL")
    return kind, request.path_params["owner"]
