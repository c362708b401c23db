"""Profiles: which servers one is signed in to, by names of one's own. No secret is among them."""

import json
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from keycell.client.errors import BadUse, ClientError, SignInRequired
from keycell.client.folders import config_folder, lock_of, write_private

CLIENT_ID = "keycell-cli"
FIRST = "default"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]+")
_OWN = ("server", "login", "client_id", "storage", "method")


@dataclass(frozen=True, slots=True)
class Profile:
    """One sign-in: where, as whom, and where its tokens are kept."""

    name: str
    server: str
    login: str = ""
    client_id: str = CLIENT_ID
    storage: str = "keyring"
    """`keyring`, `file`, or `environment` where nothing is kept."""
    method: str = ""
    """How one signs in here, where it was said: browser, device or no-browser."""
    more: Mapping[str, Any] = field(default_factory=dict)
    """What else stands in the file for it; kept as it is."""

    def document(self) -> dict[str, Any]:
        """Give what is written of it."""
        found: dict[str, Any] = {name: getattr(self, name) for name in _OWN}
        return {name: value for name, value in found.items() if value} | dict(self.more)


@dataclass(frozen=True, slots=True)
class Config:
    """All that `config.toml` says."""

    default: str = ""
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)
    """Further settings at the top of the file."""

    def with_profile(self, profile: Profile) -> "Config":
        """Keep a profile; the first one is the default."""
        return replace(
            self,
            default=self.default or profile.name,
            profiles={**self.profiles, profile.name: profile},
        )

    def without(self, name: str) -> "Config":
        """Forget a profile; another becomes the default."""
        rest = {key: one for key, one in self.profiles.items() if key != name}
        default = next(iter(rest), "") if self.default == name else self.default
        return replace(self, default=default, profiles=rest)


def config_file() -> Path:
    """Give where the configuration is."""
    return config_folder() / "config.toml"


def load_config() -> Config:
    """Read the configuration; none is an empty one."""
    path = config_file()
    try:
        return read_config(path.read_text("utf-8"), path)
    except FileNotFoundError:
        return Config()
    except (OSError, ValueError) as error:
        raise BadUse(
            f"{path} cannot be read: {error}", "mend it, or move it away and sign in again"
        ) from error


def read_config(text: str, path: Path) -> Config:
    """Read what the file at a path says, or is to say; raise ValueError, or BadUse."""
    document = tomllib.loads(text)
    tables = document.pop("profiles", {})
    default = document.pop("default", "")
    if not isinstance(tables, dict) or not isinstance(default, str):
        raise BadUse(f"{path}: profiles must be tables, and default a text")
    profiles = {name: _read(path, name, table) for name, table in tables.items()}
    return Config(default, profiles, document)


def _read(path: Path, name: str, table: object) -> Profile:
    if not isinstance(table, dict) or not isinstance(table.get("server"), str):
        raise BadUse(f"{path}: profile {name} has no server", 'write server = "https://..."')
    known = {key: value for key, value in table.items() if key in _OWN}
    if not all(isinstance(value, str) for value in known.values()):
        raise BadUse(f"{path}: {', '.join(_OWN)} of profile {name} must be texts")
    rest = {key: value for key, value in table.items() if key not in _OWN}
    return Profile(name=name, more=rest, **known)


def change_config(change: Callable[[Config], Config]) -> Config:
    """Change the configuration; of processes that do at once, each sees what the last one did."""
    path = config_file()
    try:
        with lock_of(path):
            changed = change(load_config())
            write_private(path, write_toml(changed).encode())
    except OSError as error:
        raise ClientError(f"{path} cannot be written: {error.strerror or error}") from error
    return changed


def find_profile(name: str = "") -> Profile:
    """Give a profile: the one named, else KEYCELL_PROFILE's, else the default one."""
    config = load_config()
    wanted = name or os.environ.get("KEYCELL_PROFILE", "") or config.default
    found = config.profiles.get(wanted)
    if found is None and wanted:
        known = ", ".join(config.profiles) or "none"
        raise SignInRequired(
            f"there is no profile {wanted!r}; known: {known}",
            f"keycell login URL --profile {wanted}",
        )
    if found is None:
        raise SignInRequired("nobody is signed in", "keycell login https://your.server")
    return found


def is_name(name: str) -> bool:
    """Tell whether a profile can be called so."""
    return _NAME.fullmatch(name) is not None


def check_name(name: str) -> str:
    """Give a profile's name, if it can be one."""
    if not is_name(name):
        raise BadUse(
            f"{name!r} cannot be the name of a profile",
            "two or more letters, digits, and . _ @ -: one letter alone would be a drive",
        )
    return name


def write_toml(config: Config) -> str:
    """Write the configuration: settings, then a table for each profile."""
    top: dict[str, Any] = {"default": config.default} if config.default else {}
    lines = [*_lines({**top, **config.more})]
    for name, profile in config.profiles.items():
        lines += ["", f"[profiles.{_text(name)}]", *_lines(profile.document())]
    return "\n".join(lines).lstrip("\n") + "\n"


def _lines(table: Mapping[str, Any]) -> list[str]:
    plain = [(key, value) for key, value in table.items() if not isinstance(value, dict)]
    inline = [(key, value) for key, value in table.items() if isinstance(value, dict)]
    return [f"{_text(key)} = {_value(value)}" for key, value in [*plain, *inline]]


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(_value(one) for one in value)}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{_text(key)} = {_value(one)}' for key, one in value.items())} }}"
    return _text(value) if isinstance(value, str) else str(value)


def _text(text: str) -> str:
    # TOML's basic strings are JSON's, but for one control character.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
