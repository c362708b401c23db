"""A row of the table of routes, and how the one is found that an address belongs to."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path
from starlette.types import Scope

from keycell.http.edge import Edge
from keycell.http.wire import Document

Endpoint = Callable[[Edge, Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Row:
    """An address, what may be done there, and who does it."""

    path: str
    endpoints: Mapping[str, Endpoint]
    any_origin: bool = False
    """Scripts of any site may call it (CORS), without credentials."""
    is_page: bool = False
    """A person sees it, so its errors are pages too."""
    acts: bool = False
    """A GET spends or ends something here. Nobody who asks for headers alone means that, so a
    HEAD is refused. RFC9110-9.2.1."""
    document: Callable[[Edge], Document] | None = None
    """What a GET gives is the same for everybody: it needs no request to be made."""


class Rows:
    """The rows of a table, by what they are asked for."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._exact = {row.path: row for row in rows if "{" not in row.path}
        # By their first segment, which never is a parameter.
        self._patterns: dict[str, list[tuple[Callable[[], re.Pattern[str]], Row]]] = {}
        for row in rows:
            if "{" in row.path:
                pattern = partial(_pattern, row.path)
                self._patterns.setdefault(_beginning(row.path), []).append((pattern, row))

    def find(self, scope: Scope) -> Row | None:
        """Give the row of a request's path, and put into the scope what its parameters are."""
        path = scope["path"]
        if path in self._exact:
            return self._exact[path]
        if "\0" in path and path.startswith("/a/"):
            # No name or identifier holds one, and not every database could be asked.
            return None
        for pattern, row in self._patterns.get(_beginning(path), ()):
            match = pattern().fullmatch(path)
            if match is not None:
                scope["path_params"] = match.groupdict()
                return row
        return None


@cache
def _pattern(path: str) -> re.Pattern[str]:
    # When it is asked for: all of them take a fiftieth of the time of a start.
    # A line's end in a path is no end of the path.
    return re.compile(compile_path(path)[0].pattern, re.DOTALL)


def _beginning(path: str) -> str:
    return path[1:].partition("/")[0]
