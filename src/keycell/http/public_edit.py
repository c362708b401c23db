"""Changes by a public link that lets things be changed: plain forms, for a stranger.

Nothing is lost by them: what a file held stays among its versions, and what is deleted goes to the
recycle bin of the space. Each form says what its page showed, and is refused where that is another
by now.
"""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keycell.accounts.letters import LetterKind
from keycell.files.errors import FilesError, IsAFolder, NotFound, PreconditionFailed
from keycell.files.finding import Located
from keycell.files.linking import Visit, note_edit
from keycell.files.links import Permission
from keycell.files.moving import Seen, move, trash
from keycell.files.names import check_name
from keycell.files.nodes import Conditions, check_seen
from keycell.files.telling import tell_owner
from keycell.files.writing import Put, make_folder_in, put
from keycell.http.edge import Edge, words_of
from keycell.http.forms import is_ours
from keycell.http.multipart import form_events
from keycell.http.public import above, address_of, common, gone, reached, view_of
from keycell.http.public_upload import Content, each_file
from keycell.http.refusals import Refusal, no_such_request, say_no
from keycell.http.render import language_of, switch_here
from keycell.http.wire import NO_STORE, form_pairs, origin_of
from keycell.kinds import kind_of

_Act = Callable[[Edge, Request, Visit, Located], Awaitable[None]]
_MOST_DIGITS = 18


async def page(edge: Edge, request: Request) -> Response:
    """Show what may be done with something in the folder."""
    found = await reached(edge, request, Permission.EDIT)
    if found is None or _is_top(*found):
        return gone(edge, request)
    visited, located = found
    language = language_of(request)
    node = located.node
    context = {
        **common(visited, language),
        "switch": switch_here,
        "file": view_of(node, address_of(visited, located.path, "file"), language),
        "name": node.name,
        "revision": node.revision,
        "back": above(visited, located),
        "replace": f"{address_of(visited, located.path, 'replace')}?seen={node.revision}",
        "rename": address_of(visited, located.path, "rename"),
        "delete": address_of(visited, located.path, "delete"),
    }
    return edge.pages.page(language, "link_change", context)


async def rename(edge: Edge, request: Request) -> Response:
    """Give something another name in its folder."""
    return await _done(edge, request, _rename, "renamed")


async def delete(edge: Edge, request: Request) -> Response:
    """Move something to the recycle bin."""
    return await _done(edge, request, _delete, "deleted")


async def replace(edge: Edge, request: Request) -> Response:
    """Take in a new version of a file."""
    return await _done(edge, request, _replace, "replaced")


async def new_folder(edge: Edge, request: Request) -> Response:
    """Make a folder in a folder."""
    return await _done(edge, request, _new_folder, "made")


async def _done(edge: Edge, request: Request, act: _Act, did: str) -> Response:
    found = await reached(edge, request, Permission.EDIT)
    # The folder itself is its owner's: only what lies in it is changed.
    if found is None or (did != "made" and _is_top(*found)):
        return gone(edge, request)
    if not is_ours(edge, request):
        return no_such_request(edge, request)
    visited, located = found
    try:
        await act(edge, request, visited, located)
    except FilesError as error:
        return _refused(edge, request, error)
    note_edit(edge.files, visited, did, str(located.path), origin_of(request))
    await tell_owner(edge.files, edge.people, visited, LetterKind.LINK_EDITED)
    folder = located.path if did == "made" else located.path.parent
    address = address_of(visited, folder, "folder")
    return RedirectResponse(f"{address}?did={did}", 303, NO_STORE)


async def _rename(edge: Edge, request: Request, visited: Visit, located: Located) -> None:
    fields = dict(await form_pairs(request))
    name = check_name(fields.get("name", ""))
    parent = located.node.parent_id
    if parent is None:
        raise NotFound(name)
    seen = Seen(_number(fields.get("revision", "")), parent)
    target = located.path.parent.child(name)
    await move(edge.files, visited.actor, located, target, seen=seen)


async def _delete(edge: Edge, request: Request, visited: Visit, located: Located) -> None:
    revision = _number(dict(await form_pairs(request)).get("revision", ""))
    check_seen(revision, located.node)
    # In the moment in which a file goes it is still what was seen.
    tag = None if located.node.is_folder else (located.node.etag,)
    await trash(edge.files, visited.actor, located, conditions=Conditions(if_match=tag))


async def _replace(edge: Edge, request: Request, visited: Visit, located: Located) -> None:
    node = located.node
    if node.is_folder:
        raise IsAFolder(node.name)
    check_seen(_number(request.query_params.get("seen", "")), node)
    events = form_events(request)
    async for begun in each_file(events):
        wanted = Put(
            content_type=begun.content_type or kind_of(node.name),
            conditions=Conditions(base_version=node.version_id),
        )
        await put(edge.files, visited.actor, located.path, Content(events).pieces(), wanted)
        return
    raise NotFound("no file was chosen")


async def _new_folder(edge: Edge, request: Request, visited: Visit, located: Located) -> None:
    name = dict(await form_pairs(request)).get("name", "")
    await make_folder_in(edge.files, visited.actor, located, name)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else -1


def _is_top(visited: Visit, located: Located) -> bool:
    return located.path == visited.top.path


def _refused(edge: Edge, request: Request, error: FilesError) -> Response:
    words = words_of(edge, request)
    is_stale = isinstance(error, PreconditionFailed)
    mend = words("Somebody else changed it meanwhile. Look at the folder again.")
    return say_no(
        edge,
        request,
        Refusal(
            title=words("This was not changed"),
            sentence=mend if is_stale else error.told(words),
            status=409 if is_stale else 400,
        ),
    )
