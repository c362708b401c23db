"""Reading a form with files while it arrives: no file is kept anywhere on the way. RFC7578-4."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from keycell.http.wire import WrongType
from keycell.oauth.errors import InvalidRequest

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

MOST_FILES = 1000
_LONGEST_NAME = 1024


@dataclass(frozen=True, slots=True)
class Begun:
    """A part begins: a file, or a field without a file name."""

    name: str
    filename: str | None
    content_type: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of the part that was begun last."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Ended:
    """The part has come whole."""


Event = Begun | Piece | Ended


async def form_events(request: Request) -> AsyncIterator[Event]:
    """Give a form's parts as they come; raise WrongType, InvalidRequest for what is no form.

    Whoever reads must see ``Ended`` before a part counts: a form that is cut off has none.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise WrongType("the body must be multipart/form-data")
    reader = _Reader()
    parser = MultipartParser(boundary, reader.callbacks())
    try:
        async for chunk in request.stream():
            parser.write(chunk)
            for event in reader.take():
                yield event
        parser.finalize()
    except FormParserError as error:
        raise InvalidRequest(f"the form cannot be read: {error}") from None
    for event in reader.take():
        yield event
    if not reader.is_whole:
        raise InvalidRequest("the form is cut off")


class _Reader:
    """Turns what the parser calls back with into events."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._header, self._value = b"", b""
        self._headers: dict[str, bytes] = {}
        self._parts = 0
        self.is_whole = False

    def callbacks(self) -> "MultipartCallbacks":
        return {
            "on_header_field": self._on_header_field,
            "on_header_value": self._on_header_value,
            "on_header_end": self._on_header_end,
            "on_headers_finished": self._on_headers_finished,
            "on_part_data": self._on_part_data,
            "on_part_end": lambda: self._events.append(Ended()),
            "on_end": self._on_end,
        }

    def take(self) -> list[Event]:
        taken, self._events = self._events, []
        return taken

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        self._headers[self._header.decode("latin-1").lower()] = self._value
        self._header, self._value = b"", b""

    def _on_headers_finished(self) -> None:
        self._parts += 1
        if self._parts > MOST_FILES:
            raise FormParserError(f"more than {MOST_FILES} parts")
        _, options = parse_options_header(self._headers.get("content-disposition", b""))
        filename = options.get(b"filename")
        self._events.append(
            Begun(
                _text(options.get(b"name", b"")),
                None if filename is None else _text(filename),
                self._headers.get("content-type", b"").decode("latin-1")[:_LONGEST_NAME],
            )
        )
        self._headers = {}

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        self._events.append(Piece(data[start:end]))

    def _on_end(self) -> None:
        self.is_whole = True


def _text(raw: bytes) -> str:
    # Browsers escape a quotation mark in a file's name so. RFC7578-4.2.
    return raw[:_LONGEST_NAME].decode("utf-8", "replace").replace("%22", '"')
