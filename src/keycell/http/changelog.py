"""What became different, from release to release; and what stands for older programs alone."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

KINDS = ("security", "added", "changed", "fixed")
"""In the order in which they are told."""
COMING = "The coming release"

DEPRECATED: Mapping[str, str] = {
    "POST /a/frontend/session": "the authorization code with PKCE, or a personal access token",
    "POST /a/auth/token/personal": "POST /a/keycell/account/tokens",
    "POST /a/auth/token/impersonate": "POST /a/keycell/admin/users/{login}/tokens",
    "POST /a/auth/token/revoke": "DELETE /a/keycell/account/tokens/{token_id}",
    "POST /a/auth/tokens": "GET /a/keycell/account/tokens",
    "DELETE /a/auth/tokens/{token_id}": "DELETE /a/keycell/account/tokens/{token_id}",
    "PUT /a/auth/reset-password-token/{login}": "the page /recover",
    "POST /a/auth/reset-password": "the page /recover",
    "POST /a/user": "GET /a/keycell/admin/users",
    "GET /a/user/{login:path}": "GET /a/keycell/admin/users/{login}",
    "DELETE /a/user/{login:path}": "DELETE /a/keycell/admin/users/{login}",
    "PUT /a/user/roles/{login}": "PUT /a/keycell/admin/users/{login}",
    "POST /a/role": "GET /a/keycell/admin/roles",
    "GET /a/role/{role_id}": "GET /a/keycell/admin/roles",
    "PUT /a/role/{role_id}": "PUT /a/keycell/admin/roles/{role}",
    "DELETE /a/role/{role_id}": "DELETE /a/keycell/admin/roles/{role}",
    "GET /a/graph/state": "GET /a/keycell/spaces",
    "GET /a/graph/state/{segment}": "GET /a/keycell/spaces",
    "GET /a/config/oauth2clients": "GET /a/keycell/admin/clients",
    "PUT /a/config/oauth2clients/{client_id}": "PUT /a/keycell/admin/clients/{client_id}",
    "DELETE /a/config/oauth2clients/{client_id}": "DELETE /a/keycell/admin/clients/{client_id}",
    "GET /a/config/services/pydio.web.oauth/staticClients": "GET /a/keycell/admin/clients",
    "PUT /a/config/services/pydio.web.oauth/staticClients": "POST /a/keycell/admin/import",
    "GET /a/config/oauth2connectors": "GET /a/keycell/admin/settings",
    "GET /a/config/directories": "GET /a/keycell/admin/settings",
    "GET /a/config/virtualnodes": "GET /a/keycell/admin/settings",
    "GET /a/config/versioning": "GET /a/keycell/admin/settings",
    "GET /a/config/sites/{filter}": "GET /a/keycell/admin/settings",
    "GET /a/frontend/bootconf": "GET /a/config/discovery",
    "GET /a/frontend/auth/state": "UserInfo, /oidc/userinfo",
    "GET /a/frontend/login/connectors": "nothing, for people sign in by their account here",
    "GET /a/frontend/messages/{lang}": "nothing, for pages bring their own words",
    "GET /a/frontend/plugins/{lang}": "nothing, for there are no plugins",
    "GET /a/frontend/settings-menu": "nothing, for the administration brings its own menu",
    "POST /a/frontend/enroll": "the page /account/basic/factors",
}
"""Calls of Cells, Pydio's, that stand for programs written for it, by what is used instead."""

NAMES: Mapping[str, str] = {
    "the scope offline": "offline_access",
    "the scope pydio": "profile, email, groups and roles; files open by files.read and "
    "files.write",
    "response types with a token in them": "code, with PKCE",
    "the clients cells-frontend, cells-sync, cells-client and cells-mobile": "an application of "
    "your own, registered here",
    "a token as access key over S3, with the documented secret": "an access key with its secret, "
    "made under Account, Access tokens",
    "an issuer that ends in a slash": "the issuer without it",
}
"""Names and ways of it, by what is used instead."""


@dataclass(frozen=True, slots=True)
class Release:
    """A release, and what became different with it, by kind."""

    title: str
    changes: Mapping[str, Sequence[str]]


_HOME = Path(__file__).parents[1]
_PLACES = (_HOME.parents[1], _HOME / "frontend" / "changelog")
"""In a checkout; and in a wheel, where `make wheel` puts it."""
_HEADING = re.compile(r"^(##|###) (.*)$", re.MULTILINE)


@cache
def releases() -> Sequence[Release]:
    """Give every release, the latest first: read when somebody first asks for it."""
    place = next((one for one in _PLACES if (one / "CHANGELOG.md").is_file()), None)
    return () if place is None else read_releases(place)


def read_releases(place: Path) -> Sequence[Release]:
    """Read the releases, and what is in the coming one, in a folder."""
    coming = _coming(place / "changelog.d")
    told = _told((place / "CHANGELOG.md").read_text(encoding="utf-8"))
    return ([Release(COMING, coming)] if any(coming.values()) else []) + told


def _coming(folder: Path) -> dict[str, list[str]]:
    """Read what towncrier will put together: a file for each change."""
    found: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for path in sorted(folder.glob("*.md")):
        _, _, kind = path.stem.rpartition(".")
        if kind in found:
            found[kind].append(path.read_text(encoding="utf-8").strip())
    return found


def _told(text: str) -> list[Release]:
    """Read what towncrier has put together: releases, kinds, and a list of each."""
    found: list[Release] = []
    parts = _HEADING.split(text)
    for level, title, body in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        if level == "##":
            found.append(Release(title, {}))
        elif found:
            items = [one.strip() for one in re.split(r"^- ", body, flags=re.MULTILINE)[1:]]
            found[-1] = Release(
                found[-1].title, {**found[-1].changes, title.strip().casefold(): items}
            )
    return found
