"""Public links: pages for whoever has the address, without JavaScript and without an account."""

import hmac
from datetime import datetime
from urllib.parse import quote

from babel.dates import format_date
from babel.units import format_unit
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from keycell.accounts.errors import Throttled, TooBusy
from keycell.accounts.letters import LetterKind
from keycell.accounts.throttle import LOGIN, Slot, network_of, pair_limit
from keycell.files.errors import FilesError, NotFound, QuotaExceeded, StoreFull
from keycell.files.finding import Entry, Located, children, is_bin, stat
from keycell.files.linking import Visit, count_download, visit
from keycell.files.links import Link, Permission, may
from keycell.files.names import Path, check_name
from keycell.files.nodes import Node
from keycell.files.reading import open_file
from keycell.files.telling import tell_owner
from keycell.files.zips import zip_stream
from keycell.http.downloads import (
    SHIELD,
    disposition,
    download_headers,
    file_response,
    is_harmless,
)
from keycell.http.edge import Edge, words_of
from keycell.http.forms import is_ours, set_cookie
from keycell.http.refusals import Refusal, no_such_request, say_no
from keycell.http.render import language_of, switch_here
from keycell.http.wire import NO_STORE, form_pairs, origin_of

_UNLOCKED_SECONDS = 12 * 3600
_PAGE = 500
_MOST_DIGITS = 12
_UNITS = ("byte", "kilobyte", "megabyte", "gigabyte", "terabyte")


async def page(edge: Edge, request: Request) -> Response:
    """Show what a link is for, ask for its password, or say that it leads nowhere."""
    visited = await _visit(edge, request)
    if visited is None:
        return gone(edge, request)
    if not _is_unlocked(edge, request, visited.link):
        return _ask(edge, request, visited.link)
    try:
        located = await _located(edge, request, visited)
    except FilesError:
        return gone(edge, request)
    if located.node.is_folder:
        return await _folder(edge, request, visited, located)
    return _file(edge, request, visited, located)


async def unlock(edge: Edge, request: Request) -> Response:
    """Take a link's password; whoever guesses waits, and nobody else does."""
    visited = await _visit(edge, request)
    if visited is None or visited.link.password_hash is None:
        return gone(edge, request)
    if not is_ours(edge, request):
        return no_such_request(edge, request)
    password = dict(await form_pairs(request)).get("password", "")
    own, everywhere = await _counted(edge, request, visited.link)
    try:
        await edge.people.throttles.take([own, everywhere], edge.people.clock())
        is_right = await edge.people.passwords.verify(visited.link.password_hash, password)
    except Throttled as error:
        return _ask(edge, request, visited.link, wait=error.wait)
    except TooBusy:
        # Nobody looked at the password, so nobody has guessed.
        await edge.people.throttles.give_back([], [own.key, everywhere.key])
        return _ask(edge, request, visited.link, error="busy")
    if not is_right:
        return _ask(edge, request, visited.link, error="wrong")
    await edge.people.throttles.give_back([own.key], [everywhere.key])
    response = RedirectResponse(_base(visited.link), 303, NO_STORE)
    until = int(edge.people.clock().timestamp()) + _UNLOCKED_SECONDS
    value = f"{until}.{_proof(edge, visited.link, until)}"
    set_cookie(edge, response, _cookie(visited.link), value, _UNLOCKED_SECONDS)
    return response


async def _counted(edge: Edge, request: Request, link: Link) -> tuple[Slot, Slot]:
    """Give what an attempt counts under: the link from one network, and from everywhere.

    Nobody waits for the latter; once it is high, a network has fewer attempts, as for a login.
    """
    people = edge.people
    network = network_of(origin_of(request).ip)
    own = people.mac("throttle", f"link\0{link.link_id}\0{network}".encode())
    everywhere = people.mac("throttle", f"link\0{link.link_id}".encode())
    failures = await people.throttles.count(everywhere, people.clock())
    return Slot(own, pair_limit(failures)), Slot(everywhere, LOGIN)


async def download(edge: Edge, request: Request) -> Response:
    """Give a file's bytes. The link is looked at each time: once revoked it serves nothing."""
    visited = await _visit(edge, request)
    if visited is None or not _is_unlocked(edge, request, visited.link):
        return gone(edge, request)
    link = visited.link
    is_saved = request.query_params.get("download") == "1"
    try:
        located = await _located(edge, request, visited)
        opened = await open_file(edge.files, located)
    except FilesError:
        return gone(edge, request)
    node = located.node
    is_shown = not is_saved and is_harmless(node.content_type)
    if not may(link, Permission.PREVIEW if is_shown else Permission.DOWNLOAD):
        return gone(edge, request)
    if request.method != "HEAD" and not await _count(edge, request, visited):
        return gone(edge, request)
    headers = download_headers(node.name, node.content_type, wants_inline=is_shown)
    # Where downloads are counted, each of them is one: parts would be a way around the count.
    ranges = link.most_downloads is None
    return file_response(request, opened, node.mtime, {**headers, **NO_STORE}, takes_ranges=ranges)


async def archive(edge: Edge, request: Request) -> Response:
    """Give all of a folder as a zip, made while it is sent."""
    visited = await _visit(edge, request)
    if visited is None or not _is_unlocked(edge, request, visited.link):
        return gone(edge, request)
    if not may(visited.link, Permission.DOWNLOAD):
        return gone(edge, request)
    try:
        located = await _located(edge, request, visited)
    except FilesError:
        return gone(edge, request)
    if request.method != "HEAD" and not await _count(edge, request, visited):
        return gone(edge, request)
    name = f"{located.node.name or visited.link.label}.zip"
    headers = {
        **SHIELD, **NO_STORE, "Content-Disposition": disposition(name, inline=False),
    }  # fmt: skip
    if request.method == "HEAD":
        return Response(b"", 200, headers, "application/zip")
    stream = zip_stream(edge.files, visited.actor, [located])
    return StreamingResponse(stream, 200, headers, "application/zip")


async def reached(
    edge: Edge, request: Request, permission: Permission
) -> tuple[Visit, Located] | None:
    """Find what an address below a link means, to whom the link lets something be done."""
    visited = await _visit(edge, request)
    if visited is None or not _is_unlocked(edge, request, visited.link):
        return None
    if not may(visited.link, permission):
        return None
    try:
        return visited, await _located(edge, request, visited)
    except FilesError:
        return None


async def _visit(edge: Edge, request: Request) -> Visit | None:
    return await visit(edge.files, request.path_params["hash"])


async def _located(edge: Edge, request: Request, visited: Visit) -> Located:
    below = request.path_params.get("path", "").strip("/")
    if not below:
        return visited.top
    if not may(visited.link, Permission.PREVIEW):
        # Who only drops files is not told which names are there, however they ask.
        raise NotFound(below)
    names = tuple(check_name(name) for name in below.split("/"))
    top = visited.top.path
    located = await stat(edge.files, visited.actor, Path(top.slug, (*top.names, *names)))
    # A link to a whole space shows nobody what was thrown away there.
    if visited.top.node.node_id not in located.found.ids or located.in_trash:
        raise NotFound(below)
    return located


async def _count(edge: Edge, request: Request, visited: Visit) -> bool:
    at = edge.files.clock()
    if not await count_download(edge.files, visited.link, at, origin_of(request)):
        return False
    await tell_owner(edge.files, edge.people, visited, LetterKind.LINK_DOWNLOADED)
    return True


def _base(link: Link) -> str:
    return f"/public/{link.hash}"


def _cookie(link: Link) -> str:
    return f"keycell_link_{link.link_id}"


def _proof(edge: Edge, link: Link, until: int) -> str:
    # Bound to the password: who knew an earlier one must learn the new one.
    message = f"{link.link_id}\0{link.password_hash}\0{until}"
    return edge.people.mac("link", message.encode())


def _is_unlocked(edge: Edge, request: Request, link: Link) -> bool:
    if link.password_hash is None:
        return True
    told, _, proof = request.cookies.get(edge.cookie(_cookie(link)), "").partition(".")
    is_number = told.isascii() and told.isdigit() and len(told) <= _MOST_DIGITS
    if not is_number or int(told) < edge.people.clock().timestamp():
        return False
    expected = _proof(edge, link, int(told))
    return hmac.compare_digest(expected.encode(), proof.encode("utf-8", "replace"))


def gone(edge: Edge, request: Request) -> Response:
    """Say that a link leads nowhere: the same for one that never was, expired or was revoked."""
    words = words_of(edge, request)
    return say_no(
        edge,
        request,
        Refusal(
            title=words("This link leads nowhere"),
            sentence=words(
                "It was mistyped, has expired, or was withdrawn. Ask whoever gave it to you."
            ),
            status=404,
            has_reference=False,
        ),
        switch_here if request.method == "GET" else None,
    )


def refused(edge: Edge, request: Request, error: FilesError) -> Response:
    """Say why a file could not be taken in."""
    words = words_of(edge, request)
    return say_no(
        edge,
        request,
        Refusal(
            title=words("This file was not taken"),
            sentence=words("Those before it in your selection are there."),
            detail=str(error),
            status=507 if isinstance(error, QuotaExceeded | StoreFull) else 400,
        ),
    )


def _ask(edge: Edge, request: Request, link: Link, *, error: str = "", wait: int = 0) -> Response:
    context = {
        "action": _base(link), "error": "throttled" if wait else error, "wait": wait,
        "switch": switch_here,
    }  # fmt: skip
    status = 429 if wait else 503 if error == "busy" else 403 if error else 200
    response = edge.pages.page(language_of(request), "link_password", context, status=status)
    if wait:
        response.headers["Retry-After"] = str(wait)
    return response


def _file(edge: Edge, request: Request, visited: Visit, located: Located) -> Response:
    language = language_of(request)
    address = address_of(visited, located.path, "file")
    node, most = located.node, visited.link.most_downloads
    context = {
        **common(visited, language),
        "switch": switch_here,
        "name": node.name,
        "file": view_of(node, address, language),
        "is_picture": _is_shown(node, visited.link),
        "left": None if most is None else most - visited.link.downloads,
        "can_look": is_harmless(node.content_type) and may(visited.link, Permission.PREVIEW),
        "can_download": may(visited.link, Permission.DOWNLOAD),
        "back": None if located.path == visited.top.path else above(visited, located),
    }
    return edge.pages.page(language, "link_file", context)


def _is_shown(node: Node, link: Link) -> bool:
    """Tell whether a page shows a picture; where downloads are counted, that would be one."""
    is_picture = node.content_type.startswith("image/") and is_harmless(node.content_type)
    return is_picture and link.most_downloads is None


async def _folder(edge: Edge, request: Request, visited: Visit, located: Located) -> Response:
    language = language_of(request)
    link = visited.link
    sees = may(link, Permission.PREVIEW)
    entries: list[dict[str, object]] = []
    more = None
    if sees:
        after = request.query_params.get("after", "")
        found, more = await children(edge.files, visited.actor, located, after, _PAGE)
        entries = [
            _row(visited, entry, language)
            for entry in found
            if not is_bin(located.node, entry.node)
        ]
    here = address_of(visited, located.path, "folder")
    context = {
        **common(visited, language),
        "switch": switch_here,
        "name": located.node.name or link.label,
        "entries": entries,
        "more": None if more is None else f"{here}?after={quote(more)}",
        "zip": address_of(visited, located.path, "zip"),
        "here": here,
        "upload": address_of(visited, located.path, "upload"),
        "new_folder": address_of(visited, located.path, "new-folder"),
        "can_see": sees,
        "can_download": may(link, Permission.DOWNLOAD),
        "can_upload": may(link, Permission.UPLOAD),
        "can_edit": may(link, Permission.EDIT),
        "done": request.query_params.get("done", "")[:6],
        "did": request.query_params.get("did", ""),
        "back": None if located.path == visited.top.path else above(visited, located),
    }
    return edge.pages.page(language, "link_folder", context)


def common(visited: Visit, language: str) -> dict[str, object]:
    """Give what every page of a link says."""
    link = visited.link
    return {
        "label": link.label,
        "description": link.description,
        "owner": visited.owner,
        "expires": _when(link.expires_at, language),
    }


def _row(visited: Visit, entry: Entry, language: str) -> dict[str, object]:
    kind = "folder" if entry.node.is_folder else "file"
    row = view_of(entry.node, address_of(visited, entry.path, kind), language)
    return {**row, "change": address_of(visited, entry.path, "change")}


def view_of(node: Node, address: str, language: str) -> dict[str, object]:
    """Give a file or folder as pages show it."""
    return {
        "name": node.name,
        "is_folder": node.is_folder,
        "size": size_in_words(node.size, language),
        "changed": _when(node.mtime, language),
        "address": address,
        "kind": node.content_type,
    }


def address_of(visited: Visit, path: Path, kind: str) -> str:
    """Give the address of something below a link: its page, its bytes, a form's."""
    below = path.names[len(visited.top.path.names) :]
    tail = "/".join(quote(name, safe="") for name in below)
    return f"{_base(visited.link)}/{kind}/{tail}"


def above(visited: Visit, located: Located) -> str:
    """Give the address of the folder that something lies in."""
    return address_of(visited, located.path.parent, "folder")


def size_in_words(size: int, language: str) -> str:
    """Say how large a file is, as people do."""
    unit = 0
    told = float(size)
    while told >= 1000 and unit < len(_UNITS) - 1:  # noqa: PLR2004
        told, unit = told / 1000, unit + 1
    rounded = round(told, 0 if unit == 0 or told >= 10 else 1)  # noqa: PLR2004
    name = f"digital-{_UNITS[unit]}"
    short = format_unit(rounded, name, "short", locale=language)
    whole = format_unit(rounded, name, "long", locale=language)
    # Where a language has no long word for it, its bare name stands there instead.
    return whole if unit == 0 and name not in whole else short


def _when(moment: datetime | None, language: str) -> str:
    return "" if moment is None else format_date(moment, "medium", locale=language)
