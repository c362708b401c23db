"""Uploads by a public link: a plain form, whose files are taken in while they come."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keycell.accounts.letters import LetterKind
from keycell.files.errors import FilesError, NameTaken, PreconditionFailed
from keycell.files.linking import Visit
from keycell.files.links import Permission, may
from keycell.files.names import Path, check_name, free_name, marked_name
from keycell.files.nodes import SENT_BY, Conditions
from keycell.files.telling import tell_owner
from keycell.files.writing import Put, find_target, put
from keycell.http.edge import Edge
from keycell.http.forms import is_ours
from keycell.http.multipart import Begun, Ended, Event, Piece, form_events
from keycell.http.public import address_of, gone, reached, refused
from keycell.http.refusals import no_such_request
from keycell.http.wire import NO_STORE
from keycell.kinds import kind_of

_MOST_NAMES = 1000
_LONGEST_SENDER = 60
_LONGEST_FIELD = 1000
_UNFIT = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad/\\:*?\"<>|\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)
"""What some system does not have in a file's name, what turns the order of letters round, and
what nobody sees."""
_MAIL = re.compile(r"[!-?A-~]{1,64}@[!-?A-~]{1,200}")
_NEW = Conditions(if_none_match=("*",))


async def upload(edge: Edge, request: Request) -> Response:
    """Take files into a folder; nothing that is there is replaced, nor shown to who uploads."""
    found = await reached(edge, request, Permission.UPLOAD)
    if found is None:
        return gone(edge, request)
    if not is_ours(edge, request):
        return no_such_request(edge, request)
    visited, located = found
    folder, address = located.path, address_of(visited, located.path, "folder")
    events = form_events(request)
    # Of who sees what is there nothing is asked: it is no request for files.
    sender = Sender() if not may(visited.link, Permission.PREVIEW) else None
    count = 0
    try:
        async for begun in each_file(events, sender):
            await _take(edge, visited, folder, begun, events, sender)
            count += 1
    except FilesError as error:
        return refused(edge, request, error)
    finally:
        if count:
            await tell_owner(edge.files, edge.people, visited, LetterKind.LINK_FILLED)
    return RedirectResponse(f"{address}?done={count}", 303, NO_STORE)


@dataclass(slots=True)
class Sender:
    """Who says they send files: nobody has checked it."""

    name: str = ""
    mail: str = ""

    def say(self, field: str, text: str) -> None:
        """Take what a field of the form says, as far as it can be kept."""
        if field == "sender":
            self.name = " ".join(_UNFIT.sub(" ", text).split())[:_LONGEST_SENDER].strip(" .")
        elif field == "mail" and _MAIL.fullmatch(text.strip()):
            self.mail = text.strip()


async def each_file(
    events: AsyncIterator[Event], sender: Sender | None = None
) -> AsyncIterator[Begun]:
    """Give the files of a form, each as it begins; what is said before goes to the sender."""
    field, said = "", b""
    async for event in events:
        # A field left empty is sent as a file without a name.
        if isinstance(event, Begun) and event.filename:
            yield event
        elif isinstance(event, Begun):
            field, said = event.name, b""
        elif isinstance(event, Piece):
            said = (said + event.data)[:_LONGEST_FIELD]
        elif sender is not None:
            sender.say(field, said.decode(errors="replace"))


async def _take(
    edge: Edge,
    visited: Visit,
    folder: Path,
    begun: Begun,
    events: AsyncIterator[Event],
    sender: Sender | None,
) -> None:
    # Some browsers send the folder along with the name.
    name = check_name((begun.filename or "").replace("\\", "/").rpartition("/")[2])
    headers: dict[str, str] = {}
    if sender is not None and sender.name:
        # What is too long with it is cut: it was no fault of who sends it.
        name = check_name(marked_name(f"{sender.name} - {name}", ""))
    if sender is not None and sender.mail:
        headers[SENT_BY] = sender.mail
    path = await _free(edge, visited, folder, name)
    content = Content(events)
    wanted = Put(
        content_type=begun.content_type or kind_of(name), conditions=_NEW, headers=headers
    )
    await put(edge.files, visited.actor, path, content.pieces(), wanted)


async def _free(edge: Edge, visited: Visit, folder: Path, name: str) -> Path:
    for number in range(1, _MOST_NAMES):
        path = folder.child(name if number == 1 else free_name(name, number))
        try:
            await find_target(edge.files, visited.actor, path, _NEW)
        except (NameTaken, PreconditionFailed):
            continue
        return path
    raise NameTaken(name, name)


@dataclass(slots=True)
class Content:
    """The bytes of one part."""

    events: AsyncIterator[Event]

    async def pieces(self) -> AsyncIterator[bytes]:
        """Give them as they come."""
        async for event in self.events:
            if isinstance(event, Ended):
                return
            if isinstance(event, Piece):
                yield event.data
