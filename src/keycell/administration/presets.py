"""What other applications need to sign people in here, known beforehand.

A preset makes of the one address under which an application is reached both halves of the
agreement: what is registered of it here, byte for byte as the application will say it, and the
piece of its own configuration that names us. Pure: who registers it is `clients.py`.
"""

import re
from dataclasses import dataclass, field
from importlib.resources import files
from string import Template
from typing import Any
from urllib.parse import urlsplit

from keycell.accounts.errors import Invalid
from keycell.oauth.errors import quote
from keycell.oauth.metadata import Endpoints

LONGEST_BASE = 500
PLACEHOLDER = "<client_secret>"
"""Stands for the secret wherever it is not known any more."""

# Nothing that any of the blocks' languages could take for its own.
_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)*")
_HOST = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_CLIENT_ID = re.compile(r"[A-Za-z0-9._~-]{1,200}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """What is known of an application. ``$base``, ``$origin`` and ``$name`` stand in its URIs."""

    preset_id: str
    label: str
    kind: str
    """The language of its configuration: ini, yaml, env, rb, sh, python, toml, json or fields."""
    where: str
    """Where that piece belongs, in the application's own words."""
    example: str
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...] = ()
    backchannel_logout_uri: str | None = None
    scope: str = "openid profile email"
    method: str = "client_secret_basic"
    has_pkce: bool = True
    """It sends a code challenge; where it cannot, none is required of it. RFC7636-4.3."""
    reads_id_token: bool = False
    """It takes who somebody is from the ID token alone, and never asks UserInfo. OIDCC-5.4."""
    name: str = ""
    """The name it gives us, where its addresses hold that."""
    notes: tuple[str, ...] = field(default=())
    """What people trip over."""

    @property
    def is_public(self) -> bool:
        """It runs where no secret can be kept. RFC6749-2.1."""
        return self.method == "none"


@dataclass(frozen=True, slots=True)
class Base:
    """The address under which an application is reached, without a slash at its end."""

    url: str

    @property
    def origin(self) -> str:
        """Scheme, host and port alone."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


def read_base(text: str) -> Base:
    """Read an address as it stands in the browser's address bar."""
    url = text.strip()
    try:
        parts = urlsplit(url)
        port_is_good = parts.port is None or parts.port > 0
    except ValueError:
        raise _no_base(text) from None
    if len(url) > LONGEST_BASE or parts.scheme not in ("http", "https") or not port_is_good:
        raise _no_base(text)
    path = parts.path.rstrip("/")
    if parts.query or parts.fragment or not _HOST.fullmatch(parts.netloc):
        raise _no_base(text)
    if not _PATH.fullmatch(path):
        raise _no_base(text)
    return Base(f"{parts.scheme}://{parts.netloc.lower()}{path}")


def _no_base(text: str) -> Invalid:
    return Invalid(
        "base", "base",
        f"received {quote(text)}; expected the application's own address, "
        "like https://grafana.example.org, without a query or a fragment",
    )  # fmt: skip


def read_name(preset: Preset, text: str | None) -> str:
    """Read the name that the application gives us in its addresses."""
    name = text or preset.name
    if preset.name and not _NAME.fullmatch(name):
        raise Invalid(
            "name", "preset-name",
            f"received {quote(name)}; expected letters, digits, dots and dashes, at most 40: "
            f"{preset.label} has the name in its addresses",
        )  # fmt: skip
    return name


def preset_metadata(preset: Preset, base: Base, name: str) -> dict[str, Any]:
    """Give what is registered of the application. RFC7591-2."""
    said = {"base": base.url, "origin": base.origin, "name": name}

    def filled(templates: tuple[str, ...]) -> list[str]:
        return [Template(one).substitute(said) for one in templates]

    metadata: dict[str, Any] = {
        "client_name": preset.label,
        "client_uri": base.url,
        "redirect_uris": filled(preset.redirect_uris),
        "post_logout_redirect_uris": filled(preset.post_logout_redirect_uris),
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": preset.scope,
        "token_endpoint_auth_method": preset.method,
        "application_type": "native" if preset.is_public else "web",
    }
    if preset.reads_id_token:
        metadata["id_token_scope_claims"] = True
    if preset.backchannel_logout_uri is not None:
        (metadata["backchannel_logout_uri"],) = filled((preset.backchannel_logout_uri,))
    return metadata


def check_client_id(client_id: str) -> str:
    """Refuse an identifier that could not stand in every language of configuration."""
    if not _CLIENT_ID.fullmatch(client_id):
        raise Invalid(
            "client_id", "client-id",
            f"received {quote(client_id)}; expected letters, digits and . _ ~ - alone",
        )  # fmt: skip
    return client_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """What stands in an application's configuration of one registration."""

    base: Base
    name: str
    client_id: str
    client_secret: str = PLACEHOLDER


def block(preset: Preset, endpoints: Endpoints, filling: Filling) -> str:
    """Give the piece of the application's own configuration that names us."""
    said = {
        "base": filling.base.url,
        "host": urlsplit(filling.base.url).netloc,
        "origin": filling.base.origin,
        "is_https": "true" if filling.base.url.startswith("https:") else "false",
        "name": filling.name,
        "client_id": filling.client_id,
        "client_secret": filling.client_secret,
        "scope": preset.scope,
        "issuer": endpoints.issuer,
        "discovery": f"{endpoints.issuer.rstrip('/')}/.well-known/openid-configuration",
        "authorization_endpoint": endpoints.authorization,
        "token_endpoint": endpoints.token,
        "userinfo_endpoint": endpoints.userinfo,
        "end_session_endpoint": endpoints.end_session,
        "jwks_uri": endpoints.jwks,
    }
    template = files(__package__).joinpath("blocks", f"{preset.preset_id}.{preset.kind}")
    return Template(template.read_text("utf-8")).substitute(said)
