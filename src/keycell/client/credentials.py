"""Where tokens are kept: the system's keyring, or a file for its owner alone where that was asked.

`KEYCELL_TOKEN` with `KEYCELL_SERVER`, or `KEYCELL_TOKEN_FILE`, come before both: for machines that
are handed a token.
"""

import json
import os
import stat
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from keycell.client.addresses import read_server
from keycell.client.errors import BadUse, ClientError, SignInRequired, Untrusted
from keycell.client.folders import lock_of, state_folder, write_private
from keycell.client.profiles import Profile

_SERVICE = "keycell"
_OTHERS = 0o077


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of one sign-in."""

    access_token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    expires_at: float = 0
    """In seconds since 1970; 0 where it is not known."""
    scope: str = ""
    key: str = field(default="", repr=False)
    """The private key that they are bound to, as a JWK; "" where they are not. RFC9449-5."""

    @classmethod
    def read(cls, text: str) -> "Tokens":
        """Read what was kept."""
        try:
            found: dict[str, Any] = json.loads(text)
            return cls(**{name: found[name] for name in cls.__slots__ if name in found})
        except (ValueError, TypeError) as error:
            raise SignInRequired(
                "what is kept of the sign-in cannot be read", "keycell login"
            ) from error

    def write(self) -> str:
        """Give what is kept."""
        return json.dumps(asdict(self))


class Keeper(Protocol):
    """Keeps tokens, by the names of profiles."""

    label: str

    def read(self, profile: str) -> Tokens | None:
        """Give a profile's tokens, if there are any."""
        ...

    def write(self, profile: str, tokens: Tokens) -> None:
        """Keep them in the place of any before."""
        ...

    def remove(self, profile: str) -> None:
        """Forget them; none is no error."""
        ...


class KeyringKeeper:
    """The system's keyring: Secret Service, KWallet, macOS, Windows."""

    def __init__(self) -> None:
        self._keyring = _keyring()
        self.label = str(getattr(self._keyring, "name", type(self._keyring).__name__))

    def read(self, profile: str) -> Tokens | None:
        """Give a profile's tokens."""
        text = self._ask(lambda: self._keyring.get_password(_SERVICE, profile))
        return None if text is None else Tokens.read(text)

    def write(self, profile: str, tokens: Tokens) -> None:
        """Keep a profile's tokens."""
        self._ask(lambda: self._keyring.set_password(_SERVICE, profile, tokens.write()))

    def remove(self, profile: str) -> None:
        """Forget a profile's tokens."""
        # Not by `read`: what cannot be read can be forgotten all the same.
        if self._ask(lambda: self._keyring.get_password(_SERVICE, profile)) is not None:
            self._ask(lambda: self._keyring.delete_password(_SERVICE, profile))

    def _ask(self, ask: Callable[[], str | None]) -> str | None:
        try:
            return ask()
        except Exception as error:  # what a backend raises is its own affair
            raise ClientError(
                f"the keyring {self.label} does not answer: {error}",
                "unlock it, or sign in with --insecure-storage to keep tokens in a file",
            ) from error


def _keyring() -> Any:  # noqa: ANN401  (a backend of whatever kind)
    import keyring  # noqa: PLC0415  (it takes a while, and files need none of it)
    from keyring.backends import fail, null  # noqa: PLC0415

    found = keyring.get_keyring()
    if isinstance(found, fail.Keyring | null.Keyring):
        raise ClientError(
            "there is no keyring on this machine that tokens could be kept in",
            "--insecure-storage keeps them in a file that only you can read; "
            "KEYCELL_TOKEN and KEYCELL_SERVER need no place at all",
        )
    return found


class FileKeeper:
    """A file that nobody else can read."""

    def __init__(self) -> None:
        self._path = state_folder() / "credentials.json"
        self.label = f"file {self._path}"

    def read(self, profile: str) -> Tokens | None:
        """Give a profile's tokens."""
        found = self._load().get(profile)
        return None if found is None else Tokens.read(json.dumps(found))

    def write(self, profile: str, tokens: Tokens) -> None:
        """Keep a profile's tokens."""
        with lock_of(self._path):
            self._keep({**self._load(), profile: asdict(tokens)})

    def remove(self, profile: str) -> None:
        """Forget a profile's tokens."""
        with lock_of(self._path):
            kept = self._load()
            if kept.pop(profile, None) is not None:
                self._keep(kept)

    def _load(self) -> dict[str, Any]:
        try:
            check_private(self._path)
            found = json.loads(self._path.read_bytes())
            if not isinstance(found, dict):
                raise TypeError("it holds no tokens by profiles")  # noqa: TRY301  (told below)
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError) as error:
            raise ClientError(
                f"{self._path} cannot be read: {error}", "move it away and sign in again"
            ) from error
        return found

    def _keep(self, document: dict[str, Any]) -> None:
        write_private(self._path, json.dumps(document, indent=1).encode())


def check_private(path: Path) -> None:
    """Refuse a file of secrets that others can read or write."""
    if sys.platform == "win32":
        return
    found = path.stat()
    mode = stat.S_IMODE(found.st_mode)
    if mode & _OTHERS or found.st_uid != os.geteuid():
        raise Untrusted(
            f"{path} has mode {mode:o}: others can reach the tokens in it",
            f"chmod 600 {path}, and sign in again if others may have read it",
        )


class EnvironmentKeeper:
    """A token that the environment gives: it is read, and never kept."""

    label = "environment"

    def __init__(self, token: str) -> None:
        self._token = token

    def read(self, profile: str) -> Tokens | None:
        """Give the token."""
        del profile
        return Tokens(self._token)

    def write(self, profile: str, tokens: Tokens) -> None:
        """Keep nothing: the environment is not ours to write."""
        del tokens
        raise BadUse(
            f"the token comes from the environment, so nothing is kept for {profile}",
            "unset KEYCELL_TOKEN and KEYCELL_TOKEN_FILE to sign in",
        )

    def remove(self, profile: str) -> None:
        """Forget nothing."""


def keeper_of(profile: Profile) -> Keeper:
    """Give what keeps the tokens of a profile."""
    if profile.storage == "environment":
        return EnvironmentKeeper(environment_token())
    return FileKeeper() if profile.storage == "file" else KeyringKeeper()


def environment_token() -> str:
    """Give the token that the environment holds or names the file of; "" if there is none."""
    token = os.environ.get("KEYCELL_TOKEN", "").strip()
    path = os.environ.get("KEYCELL_TOKEN_FILE", "")
    if token or not path:
        return token
    try:
        check_private(Path(path))
        return Path(path).read_text("utf-8").strip()
    except (OSError, ValueError) as error:
        raise BadUse(f"KEYCELL_TOKEN_FILE {path} cannot be read: {error}") from error


def environment_profile() -> Profile | None:
    """Give the profile that the environment makes, if it holds a token."""
    if not environment_token():
        return None
    server = os.environ.get("KEYCELL_SERVER", "")
    if not server:
        raise BadUse(
            "KEYCELL_TOKEN is set, and KEYCELL_SERVER is not",
            "export KEYCELL_SERVER=https://your.server",
        )
    return Profile(name="environment", server=read_server(server), storage="environment")
