"""What a connection may send before a request is known: so much, and no longer than this."""

from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    from asyncio import TimerHandle

LONGEST_HEAD = 64 * 1024
"""The request line and all headers. RFC9110-5.4, RFC6585-5."""

_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: text/plain\r\ncontent-length: 38\r\nconnection: close\r\n\r\n"
    b"the request line and headers are large"
)


class BoundedProtocol(HttpToolsProtocol):
    """An HTTP connection whose heads are bounded in size and time."""

    head_seconds = 30.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  (the library's own)
        super().__init__(*args, **kwargs)
        self._head = 0
        self._is_in_head = True
        self._deadline: TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401
        """Begin to wait for a first request."""
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._head_is_there()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what arrives, as long as the head it belongs to may still grow."""
        was_in_head = self._is_in_head
        super().data_received(data)
        if not self._is_in_head:
            self._head = 0
            return
        # What came with the end of the request before is not counted: at most one reading.
        self._head += len(data) if was_in_head else 0
        if self._head > LONGEST_HEAD and not self.transport.is_closing():
            self.transport.write(_TOO_LARGE)
            self.transport.close()

    def on_message_begin(self) -> None:
        """Begin to read a head."""
        super().on_message_begin()
        self._is_in_head = True
        self._expect_head()

    def on_headers_complete(self) -> None:
        """Go on with a whole head."""
        self._is_in_head = False
        self._head_is_there()
        super().on_headers_complete()

    def _expect_head(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.head_seconds, self._give_up)

    def _head_is_there(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        if not self.transport.is_closing():
            self.transport.close()
