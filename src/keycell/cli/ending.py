"""How a command of the client ends: what went wrong as a sentence and an exit code."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from typing import TypeVar

from keycell.cli.output import Exit, fail
from keycell.cli.talk import note

T = TypeVar("T")


def finish(work: Callable[[], Awaitable[T]], stopped: str = "interrupted") -> T:
    """Do it, and give what came of it; end the command where it failed, or was ``stopped``."""
    from keycell.client.errors import ClientError
    from keycell.client.paths import BadPlace

    async def run() -> T:
        return await work()

    try:
        return asyncio.run(run())
    except ClientError as error:
        fail(str(error), Exit[error.kind.upper()], error.hint, error.request_id)
    except BadPlace as error:
        fail(str(error), Exit.USAGE, error.hint)
    except KeyboardInterrupt:
        note(stopped)
        raise SystemExit(128 + signal.SIGINT) from None
