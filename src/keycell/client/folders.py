"""Where a client keeps its files: configuration, state, what can be had again."""

import contextlib
import os
import tempfile
from pathlib import Path

import filelock
import platformdirs

from keycell.client.errors import ClientError

OVERRIDE = "KEYCELL_CONFIG_DIR"
_NAME = "keycell"


def config_folder() -> Path:
    """Give the folder of `config.toml`; the override has all the others in it."""
    return _override() or platformdirs.user_config_path(_NAME, appauthor=False)


def state_folder() -> Path:
    """Give the folder of credentials, of interrupted transfers, and of sync."""
    above = _override()
    return above / "state" if above else platformdirs.user_state_path(_NAME, appauthor=False)


def cache_folder() -> Path:
    """Give the folder of what can be had again."""
    above = _override()
    return above / "cache" if above else platformdirs.user_cache_path(_NAME, appauthor=False)


def _override() -> Path | None:
    said = os.environ.get(OVERRIDE, "")
    return Path(said).expanduser().absolute() if said else None


def write_private(path: Path, content: bytes) -> None:
    """Put a file in its place at once, whole, and for its owner alone."""
    temporary: str | None = None
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # mkstemp gives mode 600.
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except OSError as error:
        if temporary is not None:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
        raise ClientError(f"{path} cannot be written: {error.strerror or error}") from error


def lock_of(path: Path) -> filelock.FileLock:
    """Give the lock that processes hold while they change a file."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ClientError(
            f"{path.parent} cannot be made: {error.strerror or error}",
            f"{OVERRIDE} names another place",
        ) from error
    return filelock.FileLock(f"{path}.lock", mode=0o600, thread_local=False)
