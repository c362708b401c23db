"""A line to a server that can be cut, as lines are."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Line:
    """Carries bytes to a server and back, and is cut after so many, as often as it is told."""

    target: int
    listening: socket.socket
    most: dict[str, int] = field(default_factory=dict)
    carried: dict[str, int] = field(default_factory=lambda: {"up": 0, "down": 0})
    cuts: int = 0
    cuts_left: int = 0
    spoils: tuple[bytes, bytes] | None = None
    """What is carried down as something else of the same length, while it is said."""
    halt: Callable[[], None] | None = None
    """What is done once, while everything waits, when the next cut would be due."""
    _turn: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listening.getsockname()[1]}"

    def cut(self, way: str, after: int, times: int = 1) -> None:
        """Cut whatever goes beyond so many bytes from now on."""
        self.carried, self.most, self.cuts_left = {"up": 0, "down": 0}, {way: after}, times

    def mend(self) -> None:
        self.cut("up", 0, 0)

    def serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.listening.accept()
                far = socket.create_connection(("127.0.0.1", self.target))
                for way, reads, writes in (("up", near, far), ("down", far, near)):
                    carry = threading.Thread(
                        target=self._carry, args=(way, reads, writes), daemon=True
                    )
                    carry.start()

    def _carry(self, way: str, reads: socket.socket, writes: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := reads.recv(65_536):
                with self._turn:
                    self.carried[way] += len(piece)
                    is_over = self.carried[way] > self.most.get(way, 2**62)
                    if is_over and self.halt is not None:
                        halt, self.halt = self.halt, None
                        halt()
                if is_over and self.cuts_left:
                    self.cuts_left -= 1
                    self.cuts += 1
                    break
                if self.spoils is not None and way == "down":
                    piece = piece.replace(*self.spoils)
                writes.sendall(piece)
        for one in (reads, writes):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        # Each socket is read by one thread, which closes it.
        reads.close()


@contextmanager
def line_to(port: int) -> Iterator[Line]:
    """Lay a line to a port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        found = Line(port, listening)
        serving = threading.Thread(target=found.serve, daemon=True)
        serving.start()
        yield found
        with contextlib.suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        serving.join(5)
