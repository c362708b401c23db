"""What whoever runs Keycell decides: read once, from flags and the environment, and checked."""

import ipaddress
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import unquote, urlsplit

from keycell.accounts.errors import Invalid
from keycell.accounts.people import check_email
from keycell.files.ports import MOST_NODES, Limits
from keycell.oauth.mutual_tls import MutualTls

Registration = Literal["closed", "token", "open"]
ShownRedirects = Literal["always", "administrators", "never"]
OnOff = Literal["on", "off"]
LogLevel = Literal["debug", "info", "warning", "error"]
Source = Literal["option", "environment"]
_SOURCES = "KEYCELL_SOURCES"
_UNITS = {"": 0, "K": 10, "M": 20, "G": 30, "T": 40}
_MOST_DIGITS = 15
_MOST_DAYS = 3650
_MOST_TRUST_DAYS = 90
LEAST_KEYS_AHEAD = 1
"""Hours: libraries keep a document of keys for about so long, and then look again."""
_MOST_KEYS_AHEAD = 30 * 24
_FEWEST_NODES, _MOST_NODES = 1000, 10**9
_HEADER = re.compile(r"[A-Za-z0-9-]{1,100}")
_PORT = re.compile(r":\d+$")
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


class BadSetting(Exception):
    """A setting that cannot be; the sentence says what to write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mail goes out, and how the way there is kept private. RFC8314-3."""

    host: str
    port: int
    security: Literal["tls", "starttls", "none"]
    user: str


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
    mtls_port: int = 0
    mtls_url: str = ""
    client_cert_header: str = ""
    client_ca: Path | None = None
    database: str = ""
    workers: int = 1
    trusted_proxies: tuple[str, ...] = ()
    insecure_http: bool = False
    issuer_slash: bool = False
    registration: Registration = "token"
    client_documents: bool = False
    show_registered_redirects: ShownRedirects = "administrators"
    fetch_networks: tuple[str, ...] = ()
    sealing_key: str = field(default="", repr=False)
    objects: str = ""
    quota: str = ""
    largest_file: str = "5T"
    most_nodes: int = MOST_NODES
    thumbnails: str = "1G"
    keep_versions: int = 30
    keep_trash: int = 30
    removal_grace: int = 14
    trust_browsers: int = 0
    another_device: OnOff = "on"
    keys_ahead: int = 24
    mail_codes: OnOff = "off"
    smtp: str = ""
    smtp_password_file: Path | None = None
    mail_from: str = ""
    log_level: LogLevel = "info"
    access_log: bool = False
    sources: Mapping[str, Source] = field(default_factory=dict, repr=False, compare=False)
    """Not a setting itself: where those come from that were given to `keycell serve`."""

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
    def mail_server(self) -> MailServer | None:
        """What mail goes out by, if anything."""
        return read_mail_server(self.smtp) if self.smtp else None

    @property
    def mutual_tls(self) -> MutualTls:
        """What is offered to clients that show a certificate. RFC8705-5."""
        base_url = self.mtls_url.rstrip("/")
        if self.mtls_port and not base_url:
            host = urlsplit(self.base_url).netloc.rpartition("@")[2]
            base_url = f"https://{_PORT.sub('', host)}:{self.mtls_port}"
        return MutualTls(
            is_offered=bool(self.mtls_port or self.client_cert_header),
            has_authorities=self.client_ca is not None,
            base_url=base_url,
        )

    @property
    def is_secure(self) -> bool:
        """People reach us by https, so cookies may be bound to it."""
        return self.base_url.startswith("https://")


SETTINGS = tuple(name for name in Settings.__dataclass_fields__ if name != "sources")


def variable(name: str) -> str:
    """Give the environment variable of a setting."""
    return f"KEYCELL_{name.upper()}"


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment and check them; raise BadSetting."""
    return check(parse_settings(environment))


def parse_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment, for flags to mend; raise BadSetting."""
    found = os.environ if environment is None else environment
    given: dict[str, Any] = {}
    for name in SETTINGS:
        text = found.get(variable(name))
        if text:
            given[name] = _parse(name, text)
    return Settings(**given, sources=_parse_sources(found, given))


def _parse_sources(found: Mapping[str, str], given: Iterable[str]) -> Mapping[str, Source]:
    # The processes of a server are told all by the environment, and this beside it.
    if _SOURCES not in found:
        return dict.fromkeys(given, "environment")
    said = (part.partition("=")[::2] for part in found[_SOURCES].split(",") if part)
    return {name: "option" if where == "option" else "environment" for name, where in said}


def write_settings(settings: Settings) -> dict[str, str]:
    """Give the environment that reads as these settings, for the processes we start."""
    said = (f"{name}={where}" for name, where in settings.sources.items())
    environment = {_SOURCES: ",".join(said)}
    for name in SETTINGS:
        value = getattr(settings, name)
        text = ",".join(value) if isinstance(value, tuple) else str(value)
        environment[variable(name)] = "" if value in (None, False) else text
    return environment


def _parse(name: str, text: str) -> object:
    if name in ("also_at", "trusted_proxies", "fetch_networks"):
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if name in ("data", "tls_cert", "tls_key", "client_ca", "smtp_password_file"):
        return Path(text)
    if name in (
        "port", "mtls_port", "workers", "keep_versions", "keep_trash", "most_nodes",
        "removal_grace", "trust_browsers", "keys_ahead",
    ):  # fmt: skip
        if not text.isdigit():
            raise BadSetting(f"{variable(name)}={text!r}: expected a number")
        return int(text)
    if name in ("insecure_http", "issuer_slash", "access_log", "client_documents"):
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
    _check_choice("another_device", settings.another_device, get_args(OnOff))
    _check_choice("mail_codes", settings.mail_codes, get_args(OnOff))
    if not 1 <= settings.port <= 65535:  # noqa: PLR2004
        raise BadSetting(f"port {settings.port}: expected 1 to 65535")
    if not 1 <= settings.workers <= 64:  # noqa: PLR2004
        raise BadSetting(f"workers {settings.workers}: expected 1 to 64")
    if (settings.tls_cert is None) != (settings.tls_key is None):
        raise BadSetting("--tls-cert and --tls-key go together; give both")
    for path in (settings.tls_cert, settings.tls_key, settings.client_ca):
        if path is not None and not path.is_file():
            raise BadSetting(f"{path}: no such file")
    _check_mutual_tls(settings)
    for origin in (*settings.origins, *((settings.mtls_url,) if settings.mtls_url else ())):
        _check_origin(origin, insecure=settings.insecure_http)
    _check_database(settings)
    _check_files(settings)
    _check_mail(settings)
    _check_trust(settings)
    _check_keys(settings)
    for network in (*settings.trusted_proxies, *settings.fetch_networks):
        _check_network(network)
    return settings


def _check_mutual_tls(settings: Settings) -> None:
    port, header = settings.mtls_port, settings.client_cert_header
    if not 0 <= port <= 65535:  # noqa: PLR2004
        raise BadSetting(f"mtls_port {port}: expected 1 to 65535")
    if port and (settings.tls_cert is None or port == settings.port):
        raise BadSetting(
            "--mtls-port needs --tls-cert and --tls-key, and another port than --port"
        )
    if header and _HEADER.fullmatch(header) is None:
        raise BadSetting(f"client_cert_header {header!r}: expected a name like Client-Cert")
    if header and not settings.trusted_proxies:
        raise BadSetting(
            "--client-cert-header needs --trusted-proxy: from anybody else a header proves nothing"
        )
    if not settings.mutual_tls.is_offered and (settings.mtls_url or settings.client_ca):
        raise BadSetting("--mtls-url and --client-ca need --mtls-port or --client-cert-header")
    if settings.mtls_url and not settings.mtls_url.startswith("https://"):
        raise BadSetting(f"mtls_url {settings.mtls_url!r}: expected https://host")


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


def _check_keys(settings: Settings) -> None:
    hours = settings.keys_ahead
    if not LEAST_KEYS_AHEAD <= hours <= _MOST_KEYS_AHEAD:
        raise BadSetting(
            f"keys_ahead {hours}: expected hours, {LEAST_KEYS_AHEAD} to {_MOST_KEYS_AHEAD}; "
            "applications that have not seen a key when it signs refuse what it signed"
        )


def _check_trust(settings: Settings) -> None:
    days = settings.trust_browsers
    if not 0 <= days <= _MOST_TRUST_DAYS:
        raise BadSetting(f"trust_browsers {days}: expected days, 0 to {_MOST_TRUST_DAYS}")


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
    read_size(settings.thumbnails)
    if settings.quota:
        read_size(settings.quota)
    for name in ("keep_versions", "keep_trash", "removal_grace"):
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


def _check_mail(settings: Settings) -> None:
    server = settings.mail_server
    if server is None:
        return
    if not settings.mail_from:
        raise BadSetting("--smtp needs --mail-from, the address that mail comes from")
    try:
        check_email(settings.mail_from)
    except Invalid:
        raise BadSetting(f"mail_from {settings.mail_from!r}: expected a mail address") from None
    path = settings.smtp_password_file
    if path is not None and not path.is_file():
        raise BadSetting(f"{path}: no such file")
    if bool(server.user) != (path is not None):
        raise BadSetting(
            "a user in --smtp and a password in --smtp-password-file go together; give both"
        )


def read_mail_server(text: str) -> MailServer:
    """Read the address of a mail server; raise BadSetting."""
    expected = "expected smtps://user@host:465, smtp://user@host:587 or smtp://localhost:25"
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise BadSetting(f"smtp: this cannot be read as a URL; {expected}") from None
    if parts.password is not None:
        # Not repeated here: whoever reads the log would have it.
        raise BadSetting("smtp: a password is in the URL; put it in --smtp-password-file")
    if parts.scheme not in ("smtp", "smtps") or not host or parts.path.strip("/"):
        raise BadSetting(f"smtp {text!r}: {expected}")
    if parts.query not in ("", "tls=no") or (parts.scheme == "smtps" and parts.query):
        raise BadSetting(f"smtp {text!r}: the only option is smtp://host?tls=no; {expected}")
    user = unquote(parts.username or "")
    if parts.scheme == "smtps":
        return MailServer(host=host, port=port or 465, security="tls", user=user)
    # On this machine nobody listens in, and few servers there have a certificate.
    is_plain = parts.query == "tls=no" or host in LOCAL_HOSTS
    return MailServer(
        host=host,
        port=port or (25 if host in LOCAL_HOSTS else 587),
        security="none" if is_plain else "starttls",
        user=user,
    )


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
