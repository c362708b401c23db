"""How a command of the client ends: what went wrong as a sentence and an exit code."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from typing import TypeVar

from keycell.cli.output import Exit, fail

T = TypeVar("T")


def finish(work: Callable[[], Awaitable[T]]) -> T:
    """Do it, and give what came of it; end the command where it failed."""
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
        raise SystemExit(128 + signal.SIGINT) from None
