"""GET and HEAD: a file's bytes, or a page that lists a folder for whoever looks by a browser."""

from urllib.parse import quote

from babel.dates import format_datetime
from starlette.responses import Response

from keycell.files import finding
from keycell.files.finding import Located
from keycell.files.names import Path
from keycell.files.reading import open_file
from keycell.http.dav.calls import Call
from keycell.http.downloads import download_headers, file_response
from keycell.http.public import size_in_words
from keycell.http.render import language_of

_PAGE = 500
_FRESH = {"Cache-Control": "private, no-cache"}


async def get(call: Call) -> Response:
    """Answer GET and HEAD."""
    if call.path.is_root:
        return await _spaces(call)
    located = await call.stat()
    if located.node.is_folder:
        return await _folder(call, located)
    node = located.node
    headers = {**download_headers(node.name, node.content_type), **_FRESH}
    opened = await open_file(call.files, located, reads=call.request.method != "HEAD")
    return file_response(call.request, opened, node.mtime, headers)


async def _spaces(call: Call) -> Response:
    found = await finding.spaces(call.files, call.actor)
    entries: list[dict[str, object]] = [
        {
            "name": space.label,
            "is_folder": True,
            "address": call.href(Path(space.slug, ()), is_folder=True),
            "size": "",
            "changed": "",
        }
        for space, _ in found
    ]
    return _page(call, {"name": "", "entries": entries, "above": None, "more": None})


async def _folder(call: Call, located: Located) -> Response:
    after = call.request.query_params.get("after", "")
    found, more = await finding.children(call.files, call.actor, located, after, _PAGE)
    language = language_of(call.request)
    entries: list[dict[str, object]] = [
        {
            "name": entry.node.name,
            "is_folder": entry.node.is_folder,
            "address": call.href(entry.path, is_folder=entry.node.is_folder),
            "size": "" if entry.node.is_folder else size_in_words(entry.node.size, language),
            "changed": format_datetime(entry.node.mtime, "medium", locale=language),
        }
        for entry in found
    ]
    here = call.href(located.path, is_folder=True)
    context: dict[str, object] = {
        "name": located.space.label if located.is_space else located.node.name,
        "entries": entries,
        "above": call.href(located.path.parent, is_folder=True),
        "more": None if more is None else f"{here}?after={quote(more)}",
    }
    return _page(call, context)


def _page(call: Call, context: dict[str, object]) -> Response:
    return call.edge.pages.page(language_of(call.request), "dav_folder", context)
