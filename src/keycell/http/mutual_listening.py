"""Mutual TLS of our own, on a port of its own: a certificate is asked for, and shown to the app.

The standard library's TLS lets in nobody whose certificate it cannot trace to an authority. Here
that is wanted: a certificate that its bearer made is as good to bind a token to, or to register
(RFC8705-2.2). TLS proves who holds its key; what it is worth is judged where it is used
(outside/certificates.py). So OpenSSL is told to take any, by the library that can say so.
"""

import asyncio
import contextlib
import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import uvicorn
from OpenSSL import SSL, crypto

from keycell.http.listening import BoundedProtocol
from keycell.oauth.mutual_tls import MOST_CERTIFICATES

HANDSHAKE_SECONDS = 10.0
_READ_AT_ONCE = 64 * 1024
_WRITTEN_AT_ONCE = 1024 * 1024
_NO_RENEGOTIATION = 1 << 30
"""OpenSSL's SSL_OP_NO_RENEGOTIATION, which the library has no name for. RFC9325-3.4."""


def make_context(cert: Path, key: Path, ciphers: str) -> SSL.Context:
    """Give a context that asks for a certificate and takes any whose key is held. RFC8705-2.2."""
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.set_options(_NO_RENEGOTIATION | SSL.OP_NO_TICKET | SSL.OP_NO_COMPRESSION)
    context.set_cipher_list(ciphers.encode())
    context.use_certificate_chain_file(str(cert))
    context.use_privatekey_file(str(key))
    # A session that is resumed brings no chain along, so none is.
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    context.set_verify(SSL.VERIFY_PEER, lambda *_: True)
    return context


class CertifiedProtocol(BoundedProtocol):
    """An HTTP connection over mutual TLS; its requests have ASGI's extension of it."""

    certificates: tuple[str, ...] = ()

    def on_message_begin(self) -> None:
        """Begin to read a head, of a connection made with a certificate or without."""
        super().on_message_begin()
        self.scope["extensions"] = {"tls": {"client_cert_chain": self.certificates}}


class MutualTlsProtocol(asyncio.Protocol):
    """TLS between a connection and the HTTP that is spoken over it."""

    def __init__(self, context: SSL.Context, **kwargs: Any) -> None:  # noqa: ANN401  (uvicorn's)
        self._tls = SSL.Connection(context, None)
        self._tls.set_accept_state()
        self._inner = CertifiedProtocol(**kwargs)
        self._is_shaken = False
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401  (TCP's, by uvloop)
        """Begin the handshake, which must not take long."""
        self._transport = transport
        self._outer = _Transport(transport, self._tls, self._flush)
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(HANDSHAKE_SECONDS, transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """End what was spoken over it."""
        if self._timer is not None:
            self._timer.cancel()
        if self._is_shaken:
            self._inner.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Decrypt what came, and pass it on."""
        self._tls.bio_write(data)
        try:
            if not self._is_shaken:
                self._tls.do_handshake()
                self._begin()
            while not self._transport.is_closing():
                self._inner.data_received(self._tls.recv(_READ_AT_ONCE))
        except SSL.WantReadError:
            self._flush()
        except SSL.ZeroReturnError:
            self._outer.close()
        except SSL.Error:
            # What OpenSSL has to say of it goes out as an alert.
            self._flush()
            self._transport.close()

    def eof_received(self) -> None:
        """Close the connection: nothing more comes, and who is gone reads no answer."""

    def pause_writing(self) -> None:
        """Let what is spoken over it wait."""
        if self._is_shaken:
            self._inner.pause_writing()

    def resume_writing(self) -> None:
        """Let it go on."""
        if self._is_shaken:
            self._inner.resume_writing()

    def _begin(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._is_shaken = True
        self._inner.certificates = _chain(self._tls)
        self._flush()
        self._inner.connection_made(self._outer)

    def _flush(self) -> None:
        """Send what TLS has to send."""
        while True:
            try:
                out = self._tls.bio_read(_READ_AT_ONCE)
            except SSL.WantReadError:
                return
            if not self._transport.is_closing():
                self._transport.write(out)


def _chain(tls: SSL.Connection) -> tuple[str, ...]:
    """Give what the other side showed as PEM, unread; its own certificate comes first."""
    own = tls.get_peer_certificate()
    if own is None:
        return ()
    # At a server, OpenSSL's chain leaves out the certificate that it belongs to.
    every = [own, *(tls.get_peer_cert_chain() or ())][:MOST_CERTIFICATES]
    return tuple(crypto.dump_certificate(crypto.FILETYPE_PEM, one).decode() for one in every)


class _Transport(asyncio.Transport):
    """What the HTTP writes to: TLS, on its way to the connection."""

    def __init__(
        self, under: asyncio.Transport, tls: SSL.Connection, flush: Callable[[], None]
    ) -> None:
        super().__init__({"sslcontext": tls})
        self._under, self._tls, self._flush = under, tls, flush

    def get_extra_info(self, name: str, default: Any = None) -> Any:  # noqa: ANN401
        """Say that it is TLS; all else is the connection's."""
        found = super().get_extra_info(name)
        return self._under.get_extra_info(name, default) if found is None else found

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Encrypt and send."""
        rest = memoryview(bytes(data))
        while rest and not self._under.is_closing():
            rest = rest[self._tls.send(rest[:_WRITTEN_AT_ONCE]) :]
            self._flush()

    def is_closing(self) -> bool:
        """Tell whether the connection is about to end."""
        return self._under.is_closing()

    def close(self) -> None:
        """Say that nothing more comes, and end. RFC8446-6.1."""
        if not self._under.is_closing():
            with contextlib.suppress(SSL.Error):
                self._tls.shutdown()
            self._flush()
        self._under.close()

    def abort(self) -> None:
        """End without a word."""
        self._under.abort()

    def pause_reading(self) -> None:
        """Take nothing more for now."""
        self._under.pause_reading()

    def resume_reading(self) -> None:
        """Take more."""
        self._under.resume_reading()


class MutualTlsServer(uvicorn.Server):
    """Serves an application over mutual TLS, beside the server that a process has already."""

    def __init__(self, app: Any, context: SSL.Context) -> None:  # noqa: ANN401  (any ASGI app)
        protocol: Any = functools.partial(MutualTlsProtocol, context)
        config = uvicorn.Config(
            app, http=protocol, lifespan="off", proxy_headers=False, server_header=False,
            access_log=False, log_config=None, log_level="warning", timeout_keep_alive=75,
            timeout_graceful_shutdown=10,
        )  # fmt: skip
        super().__init__(config)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the server beside which it runs: that one ends both."""
        yield

    async def stop(self, task: "asyncio.Task[None]") -> None:
        """Take nobody in any more, let who is there get their answers, and end."""
        self.should_exit = True
        await task
