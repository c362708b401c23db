"""How folders are synced from the command line: once, or for as long as somebody watches."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar

from keycell.cli.ending import finish
from keycell.cli.output import Exit, fail, sentence_of
from keycell.cli.talk import can_ask, is_yes, note

if TYPE_CHECKING:
    from keycell.sync.errors import Away
    from keycell.sync.folders import Folder
    from keycell.sync.run import Job, Outcome
    from keycell.sync.wire import Wire

T = TypeVar("T")

_GOES_ON = "interrupted: the next run goes on from here"
_FIRST_PAUSE = 2.0
_LONGEST_PAUSE = 60.0
_ASKED_EVERY = 2.0
"""Seconds between looks at whether somebody paused a folder that is watched."""


def run_folder(folder: "Folder", *, dry: bool, many: bool) -> "Outcome | Exception":
    """Sync a folder once; give what came of it, or why nothing could."""
    from keycell.sync.errors import NeedsDecision

    with ExitStack() as locks:
        if (busy := taken(folder, locks)) is not None:
            return busy
        came = _once(folder, dry=dry, many=many)
        if isinstance(came, NeedsDecision) and _says_yes(came):
            came = _once(folder, dry=dry, many=True)
        return came


def watch_folders(folders: "list[Folder]", *, many: bool) -> NoReturn:
    """Follow folders; one that cannot go on is told of, and the others go on."""
    from keycell.sync.errors import NeedsDecision

    with ExitStack() as locks:
        for one in folders:
            if (busy := taken(one, locks)) is not None:
                end_by(busy)
        ended = finish(lambda: _watched(folders, many=many), _GOES_ON)
        while len(folders) == 1 and isinstance(ended, NeedsDecision) and _says_yes(ended):
            # The yes is to these deletions alone.
            came = _once(folders[0], dry=False, many=True)
            if isinstance(came, Exception):
                end_by(came)
            _note(folders[0], came)
            ended = finish(lambda: _watched(folders, many=many), _GOES_ON)
    end_by(ended)


def within(folder: "Folder", work: "Callable[[Wire], Awaitable[T]]") -> T:
    """Do something with a folder's server; end the command where that cannot be reached."""
    return finish(lambda: _opened(folder, work), _GOES_ON)


def end_by(error: Exception) -> NoReturn:
    """Say what ended it, in a sentence and by an exit code."""
    request_id = getattr(error, "request_id", "")
    fail(sentence_of(error), code_of(error), _hint(error), request_id)


def code_of(error: Exception) -> Exit:
    """Give the exit code that stands for an error."""
    from keycell.client.errors import ClientError
    from keycell.sync.errors import (
        AccessEnded,
        Away,
        Busy,
        NeedsDecision,
        RootGone,
        SignInEnded,
    )

    if isinstance(error, ClientError):
        return Exit[error.kind.upper()]
    codes: dict[type[Exception], Exit] = {
        Away: Exit.UNAVAILABLE, RootGone: Exit.NOT_FOUND, AccessEnded: Exit.DENIED,
        SignInEnded: Exit.SIGN_IN, Busy: Exit.CONFLICT, NeedsDecision: Exit.USAGE,
    }  # fmt: skip
    return codes.get(type(error), Exit.OTHER)


def said_of(folder: "Folder", error: Exception) -> str:
    """Say of which folder it was that something could not be done, and what helps."""
    hint = _hint(error)
    return f"{folder.name}: {sentence_of(error)}" + (f"; {hint}" if hint else "")


def lines_of(folder: "Folder", outcome: "Outcome", *, dry: bool) -> list[str]:
    """Say what came of a run, or what would come of it."""
    if dry:
        lines = [f"  {one}" for one in outcome.said]
        said = f"{folder.name}: {len(lines) or 'nothing'} to do"
    else:
        lines = [
            f"  {path}: both sides changed {original}" for path, original in outcome.conflicts
        ]
        said = f"{folder.name}: {outcome.done} done" if outcome.done else f"{folder.name}: alike"
    return [said, *lines, *(f"  {path}: {reason}" for path, reason in outcome.problems)]


def _hint(error: Exception) -> str:
    return str(getattr(error, "hint", ""))


def _says_yes(error: Exception) -> bool:
    return can_ask() and is_yes(f"{error}. Delete them?")


def taken(folder: "Folder", locks: ExitStack) -> Exception | None:
    """Have a folder for oneself; give why one cannot."""
    import filelock

    from keycell.sync.errors import Busy

    lock = filelock.FileLock(f"{folder.database}.lock", mode=0o600)
    try:
        # Whoever asks how it stands holds it for a moment.
        locks.enter_context(lock.acquire(timeout=1))
    except filelock.Timeout:
        return Busy(f"{folder.name} is being synced by another process", "end that first")
    except OSError as error:
        return error
    return None


def _once(folder: "Folder", *, dry: bool, many: bool) -> "Outcome | Exception":
    async def run(wire: "Wire") -> "Outcome":
        from keycell.sync.run import run as run_once

        with folder.known() as state:
            return await run_once(wire, state, _job(folder, many=many), dry=dry)

    return finish(lambda: _tried(_opened(folder, run)), _GOES_ON)


async def _watched(folders: "list[Folder]", *, many: bool) -> Exception:
    """Follow folders until all have ended; give what ended the first of them."""

    async def follow(folder: "Folder") -> Exception:
        ended = await _followed(folder, many=many)
        if len(folders) > 1:
            note(said_of(folder, ended))
        return ended

    return (await asyncio.gather(*map(follow, folders)))[0]


async def _followed(folder: "Folder", *, many: bool) -> Exception:
    """Follow a folder; give what ended that. A server that is away at first is waited for, too."""
    from keycell.client.errors import Unavailable

    wait = _FIRST_PAUSE
    while True:
        following = _opened(folder, lambda wire: _watch(folder, wire, many=many))
        ended = await _tried(_until_paused(folder, following))
        if ended is None:
            note(f"{folder.name}: synced again")
        elif isinstance(ended, Unavailable):
            note(f"{folder.name}: {ended}")
            await asyncio.sleep(wait)
            wait = min(wait * 2, _LONGEST_PAUSE)
        else:
            return ended


async def _until_paused(folder: "Folder", following: Coroutine[None, None, T]) -> T | None:
    """Follow a folder until somebody pauses it; then give None once it is resumed."""
    tasks = asyncio.create_task(following), asyncio.create_task(_becomes(folder, is_paused=True))
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if tasks[0] in done:
        return tasks[0].result()
    tasks[1].result()
    note(f"{folder.name}: paused")
    await _becomes(folder, is_paused=False)
    return None


async def _becomes(folder: "Folder", *, is_paused: bool) -> None:
    from keycell.sync.folders import named

    while named([folder.name])[0].is_paused != is_paused:  # noqa: ASYNC110  (another process says so)
        await asyncio.sleep(_ASKED_EVERY)


async def _watch(folder: "Folder", wire: "Wire", *, many: bool) -> Exception:
    from keycell.sync.watch import watch

    with folder.known() as state:
        return await watch(wire, state, _job(folder, many=many), lambda told: _note(folder, told))


def _note(folder: "Folder", told: "Outcome | Away") -> None:
    from keycell.sync.errors import Away

    if isinstance(told, Away):
        note(f"{folder.name}: {told}")
    else:
        for line in lines_of(folder, told, dry=False):
            note(line)


async def _tried(work: Awaitable[T]) -> T | Exception:
    """Do something with a folder; give what of it cannot be done as things are."""
    from keycell.client.errors import ClientError
    from keycell.sync.errors import SyncError

    try:
        return await work
    except (SyncError, ClientError, OSError) as error:
        return error


def _job(folder: "Folder", *, many: bool) -> "Job":
    import platform

    from keycell.sync.plan import Direction, Policy
    from keycell.sync.run import Job

    policy = Policy(direction=Direction(folder.direction), device=platform.node() or "computer",
                    day=f"{datetime.now(UTC):%Y-%m-%d}")  # fmt: skip
    return Job(root=Path(folder.local), mark=folder.mark, policy=policy, ignored=folder.ignored,
               only=folder.only, may_delete_many=many)  # fmt: skip


async def _opened(folder: "Folder", work: "Callable[[Wire], Awaitable[T]]") -> T:
    from keycell.client.session import open_session
    from keycell.sync.wire import Wire

    async with open_session(folder.profile) as session:
        return await work(Wire(session, folder.remote))
