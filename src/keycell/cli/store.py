"""Opening the store itself, on the server's own machine."""

import asyncio
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional, TypeVar

import typer

from keycell.cli.output import Exit, fail, sentence_of
from keycell.cli.talk import note
from keycell.settings import BadSetting, Settings, check, parse_settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from keycell.bootstrap import World

T = TypeVar("T")
_STORE_VARIABLES = ("KEYCELL_DATA", "KEYCELL_DATABASE")

Data = Annotated[Optional[Path], typer.Option("--data", help="The server's data folder.")]  # noqa: UP045
Database = Annotated[Optional[str], typer.Option("--database", help="The server's database.")]  # noqa: UP045


def with_store(
    data: Path | None, database: str | None, work: "Callable[[World], Awaitable[T]]"
) -> T:
    """Do something on the store, with or without a running server beside it."""
    from keycell.accounts.errors import AccountError
    from keycell.oauth.errors import OAuthError

    settings = store_settings(data, database)
    try:
        return asyncio.run(_run(settings, work))
    except (AccountError, OAuthError) as error:
        # As at a server, which answers 400: it is to be said otherwise, however often it is tried.
        fail(sentence_of(error), Exit.USAGE)
    except away() as error:
        fail(sentence_of(error), Exit.UNAVAILABLE)


def away() -> tuple[type[Exception], ...]:
    """Give what is raised where a store cannot be opened, or does not answer."""
    import sqlite3

    import asyncpg

    from keycell.accounts.ports import StoreUnavailable
    from keycell.files.errors import StoreAway, StoreFull

    return (OSError, RuntimeError, sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError,
            StoreUnavailable, StoreAway, StoreFull)  # fmt: skip


async def _run(settings: Settings, work: "Callable[[World], Awaitable[T]]") -> T:
    from keycell.bootstrap import open_world

    async with open_world(settings, serves=False) as world:
        return await work(world)


def is_store_meant(data: Path | None, database: str | None) -> bool:
    """Tell whether a store is named, by options or by the environment."""
    in_environment = any(map(os.environ.get, _STORE_VARIABLES))
    return data is not None or database is not None or in_environment


def store_settings(data: Path | None, database: str | None) -> Settings:
    """Give the settings of the store that is meant; end where none is, or another user's."""
    if not is_store_meant(data, database):
        fail(
            "this works on the store itself, and it is not said where that is", Exit.USAGE,
            "pass --data DIR or --database ADDRESS on the server's own machine",
        )  # fmt: skip
    try:
        before = parse_settings()
        settings = check(
            replace(before, data=data or before.data, database=database or before.database)
        )
    except BadSetting as error:
        fail(str(error), Exit.USAGE)
    _check_owner(settings)
    return settings


def note_address(data: Path | None, database: str | None) -> None:
    """Say what addresses are taken to begin with, where nothing says it: the store does not."""
    if is_store_meant(data, database) and not (settings := parse_settings()).public_url:
        note(f"The server is taken to be at {settings.base_url}; KEYCELL_PUBLIC_URL says where.")


def _check_owner(settings: Settings) -> None:
    # Files made by another user would be ones that the server cannot open.
    if not settings.data.exists() or not hasattr(os, "geteuid"):
        return
    owner = settings.data.stat().st_uid
    if owner != os.geteuid():
        fail(
            f"{settings.data} belongs to user {owner}, and this command runs as {os.geteuid()}",
            Exit.DENIED,
            f"run it as the server's user: sudo -u '#{owner}' keycell admin ...",
        )
