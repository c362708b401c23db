"""`keycell admin backup` and `restore`: all that the server keeps, in one file."""

import asyncio
import getpass
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from keycell.cli.output import Exit, fail, sentence_of, show
from keycell.cli.showing import Output, changes_here, shows_here
from keycell.cli.store import Data, Database, away, store_settings
from keycell.cli.talk import note
from keycell.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from keycell.stores.backup import Heading

Sealed = Annotated[bool, typer.Option("--seal", help="Ask for a passphrase.")]
FromStdin = Annotated[
    bool, typer.Option("--passphrase-stdin", help="Read a passphrase from stdin.")
]
WasSealed = Annotated[bool, typer.Option("--sealed", help="Ask for the passphrase.")]
WithoutFiles = Annotated[
    bool, typer.Option("--without-files", help="Leave the bytes of files out.")
]
_SHORTEST = 8

T = TypeVar("T")


@shows_here
def backup(
    out: Output,
    file: Path,
    seal: Sealed = False,
    passphrase_stdin: FromStdin = False,
    without_files: WithoutFiles = False,
    data: Data = None,
    database: Database = None,
) -> None:
    """Write a consistent copy of everything, keys included; the server goes on meanwhile.

    keycell admin backup keycell.tar --data data
    keycell admin backup keycell.tar --seal
    keycell admin backup keycell.tar --without-files --data data
    """
    settings = store_settings(data, database)
    passphrase = _read_passphrase(is_new=True, seal=seal, from_stdin=passphrase_stdin)
    copied = _guarded(
        settings, lambda: _backup(settings, file, passphrase, has_files=not without_files)
    )
    out.said(
        {"file": str(file), "rows": copied[0], "blobs": copied[1]}, f"{file}: {_counted(*copied)}"
    )
    if without_files:
        note("The bytes of files are not in it: back their store up too.")
    if passphrase is None:
        note(
            "It holds the keys and secrets of this server in the clear: keep it as safe as the "
            "server itself, or use --seal."
        )


@changes_here
def restore(
    out: Output,
    file: Path,
    sealed: WasSealed = False,
    passphrase_stdin: FromStdin = False,
    data: Data = None,
    database: Database = None,
) -> None:
    """Put a backup in the place of what is there, which is backed up first.

    keycell admin restore keycell.tar --data data
    keycell admin restore keycell.tar --data data --dry-run
    keycell admin restore keycell.tar --sealed
    """
    settings = store_settings(data, database)
    passphrase = _read_passphrase(is_new=False, seal=sealed, from_stdin=passphrase_stdin)
    if not file.is_file():
        fail(f"{file}: no such file", Exit.NOT_FOUND)
    work = _rehearse if out.dry_run else _restore
    saved, count = _guarded(settings, lambda: work(settings, file, passphrase))
    told = {"file": str(file), "rows": count, "saved": saved and str(saved)}
    what = f"{count} rows from {file}"
    out.changed(told, f"restored {what}", f"{what} would be restored")
    if saved is not None:
        note(f"what was there before is in {saved}")


def _read_passphrase(*, is_new: bool, seal: bool, from_stdin: bool) -> str | None:
    if from_stdin:
        passphrase = sys.stdin.readline().rstrip("\r\n")
    elif not seal:
        return None
    elif not sys.stdin.isatty():
        fail("no passphrase", Exit.USAGE, "pass --passphrase-stdin, or run it at a terminal")
    else:
        passphrase = getpass.getpass("Passphrase: ")
        if is_new and getpass.getpass("Again: ") != passphrase:
            fail("the passphrases differ", Exit.USAGE)
    if is_new and len(passphrase) < _SHORTEST:
        fail(f"a passphrase has at least {_SHORTEST} characters", Exit.USAGE)
    return passphrase


def _guarded(settings: Settings, work: "Callable[[], Coroutine[object, object, T]]") -> T:
    from keycell.outside.archive import BadArchive
    from keycell.outside.sealing import SealingKeyUnusable
    from keycell.stores.backup import BadBackup
    from keycell.stores.migrate import FromLaterVersion

    try:
        return asyncio.run(work())
    except (BadArchive, BadBackup) as error:
        fail(sentence_of(error), Exit.INTEGRITY)
    except (FromLaterVersion, SealingKeyUnusable) as error:
        fail(sentence_of(error))
    except FileExistsError as error:
        fail(sentence_of(error), Exit.CONFLICT)
    except away() as error:
        fail(f"{settings.database_url.partition('@')[2] or settings.data}: {sentence_of(error)}",
             Exit.UNAVAILABLE)  # fmt: skip


async def _backup(
    settings: Settings, file: Path, passphrase: str | None, *, has_files: bool
) -> tuple[int, int | None]:
    from keycell.bootstrap import sealing_key
    from keycell.filling import now
    from keycell.outside.archive import new_archive
    from keycell.outside.sealing import write_key
    from keycell.stores.backup import Heading, copy_lines
    from keycell.stores.blobs import open_blobs
    from keycell.stores.columns import micros
    from keycell.stores.migrate import VERSIONS, is_current, is_earlier

    if await is_earlier(settings.database_url):
        fail(
            "the database has the tables of an earlier version",
            Exit.CONFLICT,
            "back it up by that version, or bring it up to date first: keycell admin migrate",
        )
    if not await is_current(settings.database_url):
        fail("there is nothing to back up", Exit.NOT_FOUND, "name it with --data or --database")
    heading = Heading(
        version=VERSIONS[-1],
        made_at=micros(now()),
        has_files=has_files,
        sealing_key=write_key(sealing_key(settings)),
    )
    await _record(settings, "backup.made", file)
    store = open_blobs(settings.objects, settings.data)
    rows = files = 0
    with new_archive(file, passphrase) as archive:
        lines = copy_lines(settings.database_url, heading, store if has_files else None)
        async for line in lines:
            archive.write(line)
            rows += line.startswith(b"[")
            files += line.startswith(b'{"blob":')
    await store.close()
    return rows, files if has_files else None


def _counted(rows: int, blobs: int | None) -> str:
    return f"{rows} rows" + (f", {blobs} blobs of files" if blobs is not None else "")


async def _record(settings: Settings, action: str, file: Path) -> None:
    from keycell.accounts.audit import MACHINE, AuditEvent
    from keycell.filling import now
    from keycell.stores.audit import SqlAuditTrail
    from keycell.stores.opening import open_database

    database = await open_database(settings.database_url)
    event = AuditEvent(at=now(), actor=MACHINE, action=action, target=file.name)
    await SqlAuditTrail(database).record(event)
    await database.close()


async def _restore(
    settings: Settings, file: Path, passphrase: str | None
) -> tuple[Path | None, int]:
    from keycell.accounts.audit import MACHINE, AuditEvent
    from keycell.filling import now
    from keycell.outside.archive import open_archive
    from keycell.stores import backup as copies
    from keycell.stores import clients, keys
    from keycell.stores.audit import audit_insert
    from keycell.stores.blobs import open_blobs
    from keycell.stores.migrate import migrate
    from keycell.stores.versions import bump

    with open_archive(file, passphrase) as archive:
        lines = copies.bounded_lines(archive.readline)
        heading = copies.read_heading(lines)
        put_key = _key_placer(settings, heading)
        await migrate(settings.database_url)
        saved = await _save_before(settings)
        event = AuditEvent(at=now(), actor=MACHINE, action="backup.restored", target=file.name)
        steps = [bump(clients.NAME), bump(keys.NAME), audit_insert(event)]
        store = open_blobs(settings.objects, settings.data)
        ending = copies.Ending(store, steps, put_key)
        count = await copies.restore_lines(settings.database_url, heading, lines, ending)
        await store.close()
    return saved, count


async def _rehearse(
    settings: Settings, file: Path, passphrase: str | None
) -> tuple[Path | None, int]:
    """Read a backup to its end, and see that its sealing key could be put."""
    from keycell.outside.archive import open_archive
    from keycell.stores import backup as copies

    with open_archive(file, passphrase) as archive:
        lines = copies.bounded_lines(archive.readline)
        _key_placer(settings, copies.read_heading(lines))
        return None, sum(line.startswith(b"[") for line in lines)


async def _save_before(settings: Settings) -> Path | None:
    from keycell.stores.accounts import SqlAccountStore
    from keycell.stores.opening import open_database

    database = await open_database(settings.database_url)
    is_empty = await SqlAccountStore(database).is_empty()
    await database.close()
    if is_empty:
        return None
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    saved = settings.data / f"before-restore-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}.backup"
    await _backup(settings, saved, None, has_files=True)
    return saved


def _key_placer(settings: Settings, heading: "Heading") -> "Callable[[], None]":
    """Give what puts the backup's sealing key in its place; end where it cannot be put."""
    from keycell.outside.sealing import read_key, replace_key_file

    key = read_key(heading.sealing_key)
    if not settings.sealing_key:
        return lambda: replace_key_file(settings.data / "sealing.key", key)
    if read_key(settings.sealing_key) != key:
        fail(
            "the backup belongs to another sealing key than KEYCELL_SEALING_KEY",
            Exit.CONFLICT,
            "set it to the one of the server the backup was made on; "
            "keycell admin backup-key FILE prints it",
        )
    return lambda: None


@shows_here
def backup_key(
    out: Output, file: Path, sealed: WasSealed = False, passphrase_stdin: FromStdin = False
) -> None:
    """Print the sealing key that a backup holds, for KEYCELL_SEALING_KEY.

    keycell admin backup-key keycell.tar
    keycell admin backup-key keycell.tar --sealed
    export KEYCELL_SEALING_KEY="$(keycell admin backup-key keycell.tar)"
    """
    passphrase = _read_passphrase(is_new=False, seal=sealed, from_stdin=passphrase_stdin)

    async def work() -> str:
        from keycell.outside.archive import open_archive
        from keycell.stores.backup import bounded_lines, read_heading

        with open_archive(file, passphrase) as archive:
            return read_heading(bounded_lines(archive.readline)).sealing_key

    key = _guarded(Settings(), work)
    show({"sealing_key": key}, [key], as_json=out.as_json)
