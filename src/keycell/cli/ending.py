"""How a command of the client ends: what went wrong as a sentence and an exit code."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from keycell.cli.output import Exit, fail
from keycell.cli.talk import note

T = TypeVar("T")


def finish(work: Callable[[], Awaitable[T]], stopped: str = "interrupted") -> T:
    """Do it, and give what came of it; end the command where it failed, or was ``stopped``."""
    from keycell.client.errors import ClientError
    from keycell.client.paths import BadPlace

    is_terminated = False

    async def run() -> T:
        task = asyncio.current_task()

        def terminate() -> None:
            nonlocal is_terminated
            is_terminated = True
            if task is not None:
                task.cancel()

        # Where a loop takes no signals, the system ends the program as it always did.
        with suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, terminate)
        return await work()

    try:
        return asyncio.run(run())
    except ClientError as error:
        fail(str(error), Exit[error.kind.upper()], error.hint, error.request_id)
    except BadPlace as error:
        fail(str(error), Exit.USAGE, error.hint)
    except (KeyboardInterrupt, asyncio.CancelledError):
        note(stopped)
        by = signal.SIGTERM if is_terminated else signal.SIGINT
        raise SystemExit(128 + by) from None
