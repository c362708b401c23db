"""What a connection may send before a request is known, and what is answered there and then.

The library makes for each request what any application may need: a cycle, an event, a task and
two timers. Keys and metadata are the same for everybody, and cost less to send than that: they are
answered here, whenever nothing stands in front of them, and by the application otherwise.
"""

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from httptools import HttpParserError
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

if TYPE_CHECKING:
    from asyncio import TimerHandle

CIPHERS = "ECDHE+AESGCM"
"""What TLS 1.2 may use; TLS 1.3 has none that is weak. RFC9325-4.2, FAPI2-SP-5.2.2."""
LONGEST_HEAD = 64 * 1024
"""The request line and all headers. RFC9110-5.4, RFC6585-5."""

_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: text/plain\r\ncontent-length: 38\r\nconnection: close\r\n\r\n"
    b"the request line and headers are large"
)

_UNKNOWN_CODING = (
    b"HTTP/1.1 501 Not Implemented\r\n"
    b"content-type: text/plain\r\ncontent-length: 41\r\nconnection: close\r\n\r\n"
    b"the only transfer coding here is: chunked"
)

_CONTROLS = frozenset(range(0x20)) - {0x09} | {0x7F}
_TEXT = bytes(set(range(0x100)) - _CONTROLS)
"""What may stand in a header: no line ends where we do not end it. RFC9110-5.5."""

Headers = Sequence[tuple[bytes, bytes]]
SendWhole = Callable[[int, Headers, bytes], bool]
"""Sends status, headers and body, or says that it is to be done in the usual way."""
AnswerAtOnce = Callable[[Any, bytes], bytes | None]
"""Gives the header lines and the body that answer a GET of this target with 200, or None; the
scope, so far without method and path, tells who asks."""


def header_lines(headers: Headers) -> bytes:
    """Write headers of our own making as they go out. RFC9112-5."""
    return b"".join([b"%s: %s\r\n" % header for header in headers])


def _never(_scope: object, _target: bytes) -> None:
    return None


IS_WHOLE = "keycell.whole"
"""In a request's scope, once it is here with its body: nothing is waited for."""
SENDS = "keycell.sends"
"""In a request's scope, a `SendWhole` for its answer; for who wraps ``send``, it is none."""
STOPS = "keycell.stops"
"""In a request's state: the server wants to stop, and waits for the answer."""


class BoundedProtocol(HttpToolsProtocol):
    """An HTTP connection: heads are bounded in size and time, and no body may rest.

    What frames a body is bounded as a head is, and what follows it says nothing: who wrote the
    head answers for a request, and a trailer may come from somebody else. RFC9110-6.5.1.
    """

    head_seconds = 30.0
    rest_seconds = 60.0
    """So long nothing may come of a body that is waited for. RFC9110-15.5.9."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  (the library's own)
        super().__init__(*args, **kwargs)
        # Wrapped by what reads a proxy's headers, the application alone knows who asks.
        self._answer_at_once: AnswerAtOnce = getattr(self.app, "answer_at_once", _never)
        self._answer: bytes | None = None
        self._defaults: Headers = ()
        self._default_lines = b""
        self._head = 0
        self._is_in_head = True
        self._is_coded = False
        """A body came in a form that nobody here undoes. RFC9112-6.1."""
        self._steps = 0
        """How often something whole came: a head begins, ends, or a piece of a body."""
        self._closes_at = math.inf
        self._timer: TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401
        """Begin to wait for a first request."""
        super().connection_made(transport)
        self._closes_at = self.loop.time() + self.head_seconds
        self._timer = self.loop.call_later(self.head_seconds, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """Have whoever waits for news answer with what there is: the server stops."""
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.scope.setdefault("state", {})[STOPS] = True
        super().shutdown()

    def data_received(self, data: bytes) -> None:
        """Take what arrives, as long as the head or the framing it belongs to may still grow."""
        was_in_head, steps = self._is_in_head, self._steps
        super().data_received(data)
        if steps != self._steps and not (was_in_head and self._is_in_head):
            # What came with the end of what was before is not counted: at most one reading.
            self._head = 0
            return
        self._head += len(data)
        if self._head > LONGEST_HEAD and not self.transport.is_closing():
            if self._is_in_head:
                self.transport.write(_TOO_LARGE)
            self.transport.close()

    def on_message_begin(self) -> None:
        """Begin to read a head."""
        super().on_message_begin()
        self._steps += 1
        self._is_in_head = True
        self._closes_at = self.loop.time() + self.head_seconds

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; a trailer is none, though the library would put it beside them."""
        if self._is_in_head:
            name = name.lower()
            if name == b"expect" and value.lower() == b"100-continue":
                self.expect_100_continue = True
            self.headers.append((name, value))

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request of ours, and close: how it goes on nobody could say."""
        if self._is_coded:
            self.transport.write(_UNKNOWN_CODING)
            self.transport.close()
        else:
            super().send_400_response(msg)

    def on_headers_complete(self) -> None:
        """Go on with a whole head, if its target is one, and its host too.

        A fragment never is on the wire, and what is left without it may be a whole folder. Of two
        hosts a proxy may have looked at the other. The library takes any body for chunked whose
        last coding that is, and would give the application what is still compressed.
        RFC9112-3.2, RFC9112-6.1, RFC4918-18.2.
        """
        codings = [value for name, value in self.headers if name == b"transfer-encoding"]
        if codings and b",".join(codings).strip().lower() != b"chunked":
            self._is_coded = True
            raise HttpParserError("the body is in an unknown transfer coding")
        if b"#" in self.url:
            raise HttpParserError("the request target holds a fragment")
        hosts = sum([name == b"host" for name, _ in self.headers])
        if hosts > 1 or (hosts == 0 and self.parser.get_http_version() == "1.1"):
            raise HttpParserError("a request names its host once")
        self._steps += 1
        self._is_in_head = False
        self._closes_at = self.loop.time() + self.rest_seconds
        self._answer = None
        if self._may_answer_at_once():
            self._answer = self._answer_at_once(self.scope, self.url)
        if self._answer is None:
            super().on_headers_complete()
            self.scope[SENDS] = partial(self._send_whole, self.cycle)  # type: ignore[literal-required]

    def _may_answer_at_once(self) -> bool:
        """Tell whether nothing is special: answers go out in the order of their requests."""
        return (
            self.parser.get_method() == b"GET"
            and (self.cycle is None or self.cycle.response_complete)
            and not self.flow.write_paused
            and not self.expect_100_continue
            and self.parser.should_keep_alive()
            and not self.parser.should_upgrade()
            and self.parser.get_http_version() == "1.1"
        )

    def on_body(self, body: bytes) -> None:
        """Pass on a body, but for one that nobody reads."""
        self._steps += 1
        if self._answer is not None:
            return
        cycle = self.cycle
        if not cycle.response_complete:
            self._closes_at = self.loop.time() + self.rest_seconds
            if not cycle.body:
                # Handed on as it is: the library would put it together with nothing, and take a
                # copy of that for the application.
                cycle.body, body = body, b""  # type: ignore[assignment]
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request; what is answered at once is answered now."""
        if self._answer is None:
            self._closes_at = math.inf
            super().on_message_complete()
            self.cycle.scope[IS_WHOLE] = True  # type: ignore[literal-required]
        elif not self.transport.is_closing():
            self.transport.write(self._head_of(200) + self._answer)
            self.on_response_complete()

    def _head_of(self, status: int) -> bytes:
        """Give the status line, and the headers of every answer: the library changes the date."""
        defaults = self.server_state.default_headers
        if self._defaults is not defaults:
            self._defaults, self._default_lines = defaults, header_lines(defaults)
        return STATUS_LINE[status] + self._default_lines

    def _send_whole(
        self, cycle: RequestResponseCycle, status: int, headers: Headers, body: bytes
    ) -> bool:
        """Send an answer in one piece, and tell whether nothing spoke against that.

        The library's own looks at each header four times, and sends the body by itself.
        """
        lines, told = header_lines(headers), b"content-length: %d\r\n" % len(body)
        if cycle.scope["method"] == "HEAD":
            # What a GET would bring may be told, and is not here.
            told, body = b"content-length: ", b""
        if (
            cycle.disconnected
            or cycle.response_started
            or not cycle.keep_alive
            or self.flow.write_paused
            or told not in lines
            or b"connection: " in lines
            or lines.translate(None, _TEXT) != b"\r\n" * len(headers)
        ):
            return False
        self.transport.write(b"".join((self._head_of(status), lines, b"\r\n", body)))
        cycle.response_started = cycle.response_complete = True
        cycle.message_event.set()
        cycle.on_response()
        return True

    def on_response_complete(self) -> None:
        """Go on with the next request, or wait for it.

        The library's own, but that it begins no timer: one a connection looks after all of them.
        """
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        elif not self._is_in_head:
            self._closes_at = self.loop.time() + self.timeout_keep_alive

    def _is_kept_waiting(self) -> bool:
        """Tell whether a body does not come because the application has not asked for it yet."""
        cycle = self.cycle
        return (
            not self._is_in_head
            and cycle is not None
            and not cycle.response_complete
            and (self.flow.read_paused or cycle.waiting_for_100_continue)
        )

    def _look(self) -> None:
        """Close a connection whose time is over, or look again when it may be."""
        if self.transport.is_closing():
            return
        now = self.loop.time()
        if self._is_kept_waiting():
            self._closes_at = max(self._closes_at, now + self.rest_seconds)
        if now >= self._closes_at:
            self.transport.close()
        else:
            # Never later than this, so that whatever begins meanwhile is looked at in time.
            again = min(self._closes_at, now + self.head_seconds)
            self._timer = self.loop.call_at(again, self._look)
