"""Backup files: compressed, of mode 600, whole or not there, sealed by a passphrase when asked.

The passphrase (age, scrypt) seals a fresh key, and that key (age, X25519) the content, so that a
backup of any size passes through in pieces.
"""

import contextlib
import gzip
import os
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

import pyrage

_MAGIC = b"keycell-backup sealed 1\n"
_LONGEST_KEY = 4096
_LEVEL = 1
"""Most of a large backup is what people had compressed before."""


class BadArchive(Exception):
    """The file is damaged, or its passphrase is another."""


@contextlib.contextmanager
def new_archive(path: Path, passphrase: str | None) -> Iterator[IO[bytes]]:
    """Give a file to write to; ``path`` has all of it after the block, or nothing.

    Raises FileExistsError: a backup is never overwritten.
    """
    if path.exists():
        raise FileExistsError(f"{path} is there already; name a file that is not")
    draft = path.with_name(f".{path.name}.{os.getpid()}.partial")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if passphrase is None:
                with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=_LEVEL) as packed:
                    yield cast("IO[bytes]", packed)
            else:
                # Nothing readable touches a named file: this one has no name.
                with tempfile.TemporaryFile(dir=path.parent) as plain:
                    with gzip.GzipFile(fileobj=plain, mode="wb", compresslevel=_LEVEL) as packed:
                        yield cast("IO[bytes]", packed)
                    plain.seek(0)
                    _seal(plain, file, passphrase)
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(draft)
    finally:
        draft.unlink(missing_ok=True)


def _seal(plain: IO[bytes], file: IO[bytes], passphrase: str) -> None:
    identity = pyrage.x25519.Identity.generate()
    sealed_key = pyrage.passphrase.encrypt(str(identity).encode(), passphrase)
    file.write(_MAGIC + len(sealed_key).to_bytes(4, "big") + sealed_key)
    pyrage.encrypt_io(plain, file, [identity.to_public()])


@contextlib.contextmanager
def open_archive(path: Path, passphrase: str | None) -> Iterator[IO[bytes]]:
    """Give the content of a backup; raise BadArchive, OSError.

    Whoever has a passphrase expects what was sealed by it, and nothing put in its place.
    """
    try:
        with path.open("rb") as file:
            if file.read(len(_MAGIC)) != _MAGIC:
                if passphrase is not None:
                    raise BadArchive(
                        f"{path} is not sealed: anybody may have made it. If you trust it, give "
                        "no passphrase"
                    )
                file.seek(0)
                with gzip.GzipFile(fileobj=file, mode="rb") as packed:
                    yield cast("IO[bytes]", packed)
                return
            if passphrase is None:
                raise BadArchive("the backup is sealed; give its passphrase")
            with tempfile.TemporaryFile() as plain:
                _unseal(file, plain, passphrase)
                plain.seek(0)
                with gzip.GzipFile(fileobj=plain, mode="rb") as packed:
                    yield cast("IO[bytes]", packed)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise BadArchive(f"{path} is no backup of Keycell, or it is damaged") from None


def _unseal(file: IO[bytes], plain: IO[bytes], passphrase: str) -> None:
    length = int.from_bytes(file.read(4), "big")
    if not 0 < length <= _LONGEST_KEY:
        raise BadArchive("the backup is damaged")
    try:
        identity = pyrage.passphrase.decrypt(file.read(length), passphrase).decode()
    except pyrage.DecryptError:
        raise BadArchive("the passphrase is not the one the backup was sealed with") from None
    try:
        pyrage.decrypt_io(file, plain, [pyrage.x25519.Identity.from_str(identity)])
    except (pyrage.DecryptError, OSError):
        raise BadArchive("the backup is damaged") from None
