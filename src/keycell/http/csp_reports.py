"""What browsers report of our pages: that something in them was held back. CSP3-5.3.

A stranger may send whatever they like here, so it is counted by what we know alone, written down
so many times a minute, and kept nowhere else.
"""

import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response

from keycell.http.edge import Edge
from keycell.http.operations import count_report, counted
from keycell.http.wire import NO_STORE, WrongType, read_body
from keycell.oauth.errors import InvalidRequest
from keycell.oauth.sentences import Sentence, phrase

log = structlog.get_logger("keycell.pages")

LONGEST_REPORT = 16 * 1024
MOST_A_MINUTE = 60
_LONGEST_TEXT = 200
_DIRECTIVES = frozenset({
    "default-src", "script-src", "script-src-elem", "script-src-attr", "style-src",
    "style-src-elem", "style-src-attr", "img-src", "media-src", "font-src", "connect-src",
    "frame-src", "worker-src", "object-src", "manifest-src", "base-uri", "form-action",
    "frame-ancestors", "require-trusted-types-for", "trusted-types",
})  # fmt: skip
_EXTENSIONS = ("chrome-extension", "moz-extension", "safari-web-extension", "webkit-masked-url")


@dataclass(frozen=True, slots=True)
class Report:
    """What was held back, and in which page; no address tells what followed its path."""

    directive: str
    page: str
    blocked: str
    source: str

    @property
    def is_of_the_browser(self) -> bool:
        """An extension of the browser did it: nobody who runs a server can mend that."""
        schemes = (self.blocked.partition(":")[0], self.source.partition(":")[0])
        return any(scheme in _EXTENSIONS for scheme in schemes)


def read_report(body: bytes) -> Report:
    """Read a report; raise InvalidRequest. CSP3-5.3."""
    try:
        found = msgspec.json.decode(body)["csp-report"]
        said: dict[str, object] = dict(found)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError, KeyError, TypeError,
            ValueError):  # fmt: skip
        raise InvalidRequest("expected a report: {csp-report: {...}}") from None
    directive = str(said.get("effective-directive") or said.get("violated-directive")).split(" ")[
        0
    ]
    return Report(
        directive=directive if directive in _DIRECTIVES else "other",
        page=_bare(said.get("document-uri")),
        blocked=_bare(said.get("blocked-uri")),
        source=_bare(said.get("source-file")),
    )


def _bare(address: object) -> str:
    """Give an address without what may be secret in it: query, fragment and user."""
    text = str(address or "")[: 10 * _LONGEST_TEXT]
    # A log is read at a terminal too, which obeys some characters.
    text = "".join(one for one in text if one.isprintable())
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=host, query="", fragment="").geturl()[:_LONGEST_TEXT]


class _Turn:
    """So many lines a minute, whoever sends how many reports."""

    def __init__(self) -> None:
        self._minute = 0
        self._count = 0

    def is_left(self) -> bool:
        minute = int(time.monotonic() // 60)
        if minute != self._minute:
            self._minute, self._count = minute, 0
        self._count += 1
        return self._count <= MOST_A_MINUTE


_turn = _Turn()


async def take_report(_edge: Edge, request: Request) -> Response:
    """Count a report, and write it down unless there were many."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/csp-report":
        raise WrongType("the body must be application/csp-report")
    report = read_report(await read_body(request, LONGEST_REPORT))
    if not report.is_of_the_browser:
        count_report(report.directive)
        if _turn.is_left():
            log.warning("held back in a page", directive=report.directive, page=report.page,
                        blocked=report.blocked, source=report.source)  # fmt: skip
    return Response(status_code=204, headers=NO_STORE)


def pages_state() -> tuple[str, Sentence]:
    """Say what was reported since the start, in all processes: a state and a sentence."""
    found = counted()
    if not found:
        return "good", phrase("nothing was held back")
    told = [f"{directive}: {count}" for directive, count in sorted(found.items())]
    return "warning", phrase("held back, and in the log: %(reports)s", reports=told)
