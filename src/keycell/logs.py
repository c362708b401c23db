"""Structured logs: one event a line, for people at a terminal and for programs elsewhere."""

import logging
import sys
from contextlib import suppress
from contextvars import ContextVar
from typing import TextIO, cast

# structlog would bring along what it can do without, rich for tracebacks in colour and greenlet
# for threads we have not: three megabytes in each process of a server. What something else has
# loaded stays as it is.
_HIDDEN = [name for name in ("rich", "greenlet") if name not in sys.modules]
sys.modules.update(dict.fromkeys(_HIDDEN))  # type: ignore[arg-type]
import structlog  # noqa: E402
from structlog.typing import EventDict, Processor, WrappedLogger  # noqa: E402

for _name in _HIDDEN:
    del sys.modules[_name]

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
"""The request that is being answered: every event of it carries this."""


class _Lossy:
    """A stream that loses what it cannot take: no request fails because a log's disk is full."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write what can be written."""
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Pass on what waits."""
        with suppress(OSError):
            self._stream.flush()


def configure_logs(level: str) -> None:
    """Write events to stderr: in colour at a terminal, as JSON elsewhere.

    What libraries log by the standard library goes the same way, from warnings on.
    """
    at_terminal = sys.stderr.isatty()
    gathering: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        _add_request_id,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    rendering = _for_people() if at_terminal else _for_programs()
    structlog.configure(
        processors=[*gathering, *rendering],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _Lossy(sys.stderr))),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=gathering,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)


def _for_people() -> list[Processor]:
    # A traceback without the values of its variables: those hold tokens and passwords.
    plain = structlog.dev.plain_traceback
    return [structlog.dev.ConsoleRenderer(exception_formatter=plain)]


def _for_programs() -> list[Processor]:
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]


def _add_request_id(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    request_id = REQUEST_ID.get()
    if request_id:
        event.setdefault("request_id", request_id)
    return event
