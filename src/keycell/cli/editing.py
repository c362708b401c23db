"""`keycell config edit`: a copy in one's editor, put in its place if it can be read."""

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from keycell.client.errors import BadUse, ClientError, Conflict
from keycell.client.folders import lock_of, write_private
from keycell.client.profiles import config_file, read_config


def edited_config() -> bool:
    """Have the configuration edited; tell whether it was changed. Raises ClientError.

    The lock is not held while somebody types: who signs in meanwhile is not kept waiting, and what
    they changed is not overwritten.
    """
    path = config_file()
    before = _text(path)
    after = _edited(before)
    if after == before:
        return False
    try:
        read_config(after, path)
    except (ValueError, ClientError) as error:
        raise BadUse(
            f"what was written cannot be read, and {path} is as it was: {error}",
            "keycell config edit, once more",
        ) from error
    try:
        with lock_of(path):
            if _text(path) != before:
                raise Conflict(
                    f"{path} was changed meanwhile, and is as that left it",
                    "keycell config edit, once more",
                )
            write_private(path, after.encode())
    except OSError as error:
        raise ClientError(f"{path} cannot be written: {error.strerror or error}") from error
    return True


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        raise BadUse(f"{path} cannot be read: {error}", "mend it, or move it away") from error


def _edited(text: str) -> str:
    usual = "notepad" if sys.platform == "win32" else "vi"
    chosen = os.environ.get("VISUAL") or os.environ.get("EDITOR") or usual
    with tempfile.TemporaryDirectory(prefix="keycell-") as folder:
        copy = Path(folder) / "config.toml"
        copy.write_text(text, "utf-8")
        try:
            # On Windows a backslash is of the path, not an escape.
            words = shlex.split(chosen, posix=sys.platform != "win32")
            done = subprocess.run([*words, str(copy)], check=False)  # noqa: S603  (one's own editor)
        except (OSError, ValueError) as error:
            raise BadUse(
                f"the editor {chosen!r} cannot be started: {error}", "export EDITOR=nano"
            ) from error
        if done.returncode:
            raise BadUse(f"{chosen} ended with {done.returncode}: nothing was changed")
        return _text(copy)
