"""What whoever runs Keycell decides: read once, from flags and the environment, and checked."""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, cast, get_args
from urllib.parse import urlsplit

from keycell.files.ports import MOST_NODES, Limits

Registration = Literal["closed", "token", "open"]
ShownRedirects = Literal["always", "administrators", "never"]
LogLevel = Literal["debug", "info", "warning", "error"]
_UNITS = {"": 0, "K": 10, "M": 20, "G": 30, "T": 40}
_MOST_DIGITS = 15
_MOST_DAYS = 3650
_FEWEST_NODES, _MOST_NODES = 1000, 10**9
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


class BadSetting(Exception):
    """A setting that cannot be; the sentence says what to write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting there is; `ENVIRONMENT` names the variable of each."""

    data: Path = Path("data")
    host: str = "127.0.0.1"
    port: int = 8080
    public_url: str = ""
    also_at: tuple[str, ...] = ()
    tls_cert: Path | None = None
    tls_key: Path | None = None
    database: str = ""
    workers: int = 1
    trusted_proxies: tuple[str, ...] = ()
    insecure_http: bool = False
    issuer_slash: bool = False
    registration: Registration = "token"
    show_registered_redirects: ShownRedirects = "administrators"
    fetch_networks: tuple[str, ...] = ()
    sealing_key: str = field(default="", repr=False)
    objects: str = ""
    quota: str = ""
    largest_file: str = "5T"
    most_nodes: int = MOST_NODES
    keep_versions: int = 30
    keep_trash: int = 30
    log_level: LogLevel = "info"
    access_log: bool = False

    @property
    def base_url(self) -> str:
        """Where people reach us, without a slash at the end."""
        if self.public_url:
            return self.public_url.rstrip("/")
        scheme = "https" if self.tls_cert else "http"
        return f"{scheme}://localhost:{self.port}"

    @property
    def origins(self) -> tuple[str, ...]:
        """Every origin people reach us at, the public URL first."""
        return (self.base_url, *(origin.rstrip("/") for origin in self.also_at))

    @property
    def issuer(self) -> str:
        """The issuer identifier. OIDCD-3."""
        return f"{self.base_url}/oidc{'/' if self.issuer_slash else ''}"

    @property
    def database_url(self) -> str:
        """Where the rows are."""
        return self.database or f"sqlite:///{self.data / 'keycell.db'}"

    @property
    def limits(self) -> Limits:
        """What is decided about files."""
        return Limits(
            quota=read_size(self.quota) if self.quota else None,
            largest_file=read_size(self.largest_file),
            most_nodes=self.most_nodes,
            versions_kept=timedelta(days=self.keep_versions),
            trash_kept=timedelta(days=self.keep_trash),
        )

    @property
    def is_secure(self) -> bool:
        """People reach us by https, so cookies may be bound to it."""
        return self.base_url.startswith("https://")


def variable(name: str) -> str:
    """Give the environment variable of a setting."""
    return f"KEYCELL_{name.upper()}"


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment and check them; raise BadSetting."""
    return check(parse_settings(environment))


def parse_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment, for flags to mend; raise BadSetting."""
    found = os.environ if environment is None else environment
    given: dict[str, object] = {}
    for name in Settings.__dataclass_fields__:
        text = found.get(variable(name))
        if text:
            given[name] = _parse(name, text)
    return Settings(**cast("dict[str, Any]", given))


def write_settings(settings: Settings) -> dict[str, str]:
    """Give the environment that reads as these settings, for the processes we start."""
    environment = {}
    for name in Settings.__dataclass_fields__:
        value = getattr(settings, name)
        text = ",".join(value) if isinstance(value, tuple) else str(value)
        environment[variable(name)] = "" if value in (None, False) else text
    return environment


def _parse(name: str, text: str) -> object:
    if name in ("also_at", "trusted_proxies", "fetch_networks"):
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if name in ("data", "tls_cert", "tls_key"):
        return Path(text)
    if name in ("port", "workers", "keep_versions", "keep_trash", "most_nodes"):
        if not text.isdigit():
            raise BadSetting(f"{variable(name)}={text!r}: expected a number")
        return int(text)
    if name in ("insecure_http", "issuer_slash", "access_log"):
        if text.lower() not in ("1", "0", "true", "false", "yes", "no"):
            raise BadSetting(f"{variable(name)}={text!r}: expected true or false")
        return text.lower() in ("1", "true", "yes")
    return text


def check(settings: Settings) -> Settings:
    """Give settings with which a server can start, or raise BadSetting."""
    _check_choice("registration", settings.registration, get_args(Registration))
    _check_choice(
        "show_registered_redirects", settings.show_registered_redirects, get_args(ShownRedirects)
    )
    _check_choice("log_level", settings.log_level, get_args(LogLevel))
    if not 1 <= settings.port <= 65535:  # noqa: PLR2004
        raise BadSetting(f"port {settings.port}: expected 1 to 65535")
    if not 1 <= settings.workers <= 64:  # noqa: PLR2004
        raise BadSetting(f"workers {settings.workers}: expected 1 to 64")
    if (settings.tls_cert is None) != (settings.tls_key is None):
        raise BadSetting("--tls-cert and --tls-key go together; give both")
    for path in (settings.tls_cert, settings.tls_key):
        if path is not None and not path.is_file():
            raise BadSetting(f"{path}: no such file")
    for origin in settings.origins:
        _check_origin(origin, insecure=settings.insecure_http)
    _check_database(settings)
    _check_files(settings)
    for network in (*settings.trusted_proxies, *settings.fetch_networks):
        _check_network(network)
    return settings


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise BadSetting(f"{name} {value!r}: expected one of {', '.join(choices)}")


def _check_origin(origin: str, *, insecure: bool) -> None:
    try:
        parts = urlsplit(origin)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise BadSetting(f"public URL {origin!r} cannot be read as a URL") from None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        raise BadSetting(f"public URL {origin!r}: expected one like https://id.example.org")
    if parts.path or parts.query or parts.fragment:
        raise BadSetting(
            f"public URL {origin!r}: Keycell stands at the root of its origin; "
            f"write {parts.scheme}://{parts.netloc}"
        )
    if parts.scheme == "http" and host not in LOCAL_HOSTS and not insecure:
        raise BadSetting(
            f"public URL {origin!r}: over plain http no redirect URI but this machine's fits, and "
            "passwords travel in the clear; use https (--tls-cert and --tls-key, or a proxy), or "
            "accept it with --insecure-http"
        )


def _check_database(settings: Settings) -> None:
    if not settings.database_url.startswith(("sqlite:///", "postgresql://")):
        raise BadSetting(
            f"database {settings.database!r}: expected postgresql://... or sqlite:///path"
        )
    if settings.database_url.startswith("postgresql://") and not settings.sealing_key:
        raise BadSetting(
            "with PostgreSQL the sealing key must be given, the same for every machine: set "
            "KEYCELL_SEALING_KEY to 32 random bytes in base64url (keycell admin keys sealing-key)"
        )


def _check_files(settings: Settings) -> None:
    read_size(settings.largest_file)
    if settings.quota:
        read_size(settings.quota)
    for name in ("keep_versions", "keep_trash"):
        days = getattr(settings, name)
        if not 0 <= days <= _MOST_DAYS:
            raise BadSetting(f"{name} {days}: expected days, 0 to {_MOST_DAYS}")
    if not _FEWEST_NODES <= settings.most_nodes <= _MOST_NODES:
        raise BadSetting(
            f"most_nodes {settings.most_nodes}: expected {_FEWEST_NODES} to {_MOST_NODES} files "
            "and folders of one space"
        )
    if settings.objects and not settings.objects.startswith("s3://"):
        raise BadSetting(f"objects {settings.objects!r}: expected s3://bucket/prefix")


def read_size(text: str) -> int:
    """Read a number of bytes like 500M or 2T; raise BadSetting."""
    number, unit = (text[:-1], text[-1].upper()) if text[-1:].isalpha() else (text, "")
    if unit not in _UNITS or not number.isdigit() or len(number) > _MOST_DIGITS:
        raise BadSetting(f"{text!r}: expected a number of bytes like 500M, 20G or 2T")
    return int(number) << _UNITS[unit]


def _check_network(text: str) -> None:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise BadSetting(f"{text!r}: expected an address or network like 10.0.0.0/8") from None
