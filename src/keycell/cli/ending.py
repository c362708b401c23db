"""How a command of the client ends: what went wrong as a sentence and an exit code."""

import asyncio
import signal
import traceback
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn, TypeVar

from keycell.cli.output import Exit, fail
from keycell.cli.talk import note, wire

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
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        unread(error)
    except (KeyboardInterrupt, asyncio.CancelledError):
        note(stopped)
        by = signal.SIGTERM if is_terminated else signal.SIGINT
        raise SystemExit(128 + by) from None


def unread(error: Exception) -> NoReturn:
    """Say where an answer was not made as ours are; what else would fail so is ours to mend."""
    for line in "".join(traceback.format_exception(error)).splitlines():
        wire(line)
    last = traceback.extract_tb(error.__traceback__)[-1]
    at = f"{Path(last.filename).name}, line {last.lineno}"
    fail(
        f"the server answered something that this program cannot read: {error!r} in {at}",
        hint="it may be of another version, or something in between answered; -vv says more",
    )
