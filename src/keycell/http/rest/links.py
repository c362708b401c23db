"""Public links over REST, in the form that the old system's clients know."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from keycell.accounts.audit import Origin
from keycell.files.access import Actor
from keycell.files.errors import BadRequest, NotFound
from keycell.files.finding import by_id
from keycell.files.linking import (
    MOST_LINKS,
    LinkChanged,
    change_link,
    make_link,
    own_link,
    remove_link,
    show_link,
)
from keycell.files.links import Link, check_password, read_permissions
from keycell.http.edge import Edge
from keycell.http.files_edge import actor_of
from keycell.http.wire import json_answer, json_body, origin_of
from keycell.oauth.errors import InvalidRequest
from keycell.oauth.sentences import phrase
from keycell.randomness import random_bytes

_DEFAULT_VIEW = "pydio_shared_folder"
_LONGEST_DESCRIPTION = 2000
_MOST_DIGITS = 15
_TRIES = 5


def mint_address() -> str:
    """Give the end of a link's address that nobody guesses: read aloud, copied, kept as it is."""
    return random_bytes(12).hex()


async def put_link(edge: Edge, request: Request) -> Response:
    """Make a link, or change the one whose ``Uuid`` is sent."""
    actor = await actor_of(edge, request)
    body = _Body(await json_body(request))
    origin = origin_of(request)
    if body.uuid:
        link = await _changed(edge, actor, body, origin)
    else:
        now = edge.files.clock()
        blank = Link(
            link_id=edge.files.mint_id(), hash=mint_address(),
            node_id=body.node_id, label="", sub=actor.sub, permissions=frozenset(),
            created_at=now, changed_at=now,
        )  # fmt: skip
        wanted = await _with_password(edge, body, _said(body, blank))
        link = await make_link(edge.files, actor, wanted, origin)
    return json_answer(view(link, edge.settings.base_url))


async def _changed(edge: Edge, actor: Actor, body: "_Body", origin: Origin) -> Link:
    """Change what the request says of a link; whatever else is changed meanwhile stays so."""
    for _ in range(_TRIES):
        before = await own_link(edge.files, actor, body.uuid)
        _check_seen(body, before)
        wanted = await _with_password(edge, body, _said(body, before))
        with contextlib.suppress(LinkChanged):
            return await change_link(edge.files, actor, wanted, origin)
    raise LinkChanged("the link is being changed by others; try again in a moment")


async def get_link(edge: Edge, request: Request) -> Response:
    """Give one of the person's links, and whether it is to a file or to a folder."""
    actor = await actor_of(edge, request)
    link = await show_link(edge.files, actor, request.path_params["link_id"])
    told = view(link, edge.settings.base_url)
    # What it is to may be gone, or an administrator's to see by the link alone.
    with contextlib.suppress(NotFound):
        node = (await by_id(edge.files, actor, link.node_id)).node
        kind = "COLLECTION" if node.is_folder else "LEAF"
        told["RootNodes"] = [{"Uuid": link.node_id, "Type": kind}]
    return json_answer(told)


async def delete_link(edge: Edge, request: Request) -> Response:
    """Remove one of the person's links; from this moment it leads nowhere."""
    actor = await actor_of(edge, request)
    await remove_link(edge.files, actor, request.path_params["link_id"], origin_of(request))
    return json_answer({"Success": True})


async def links_of(edge: Edge, actor: Actor) -> list[Link]:
    """Give all links of a person."""
    return list(await edge.files.links.of_person(actor.sub, 10 * MOST_LINKS))


def view(link: Link, base_url: str) -> dict[str, object]:
    """Give a link as the wire has it: 64-bit numbers are texts."""
    return {
        "Uuid": link.link_id,
        "LinkHash": link.hash,
        "LinkUrl": f"{base_url}/public/{link.hash}",
        "Label": link.label,
        "Description": link.description,
        "UserUuid": link.sub,
        "PasswordRequired": link.password_hash is not None,
        "AccessStart": _seconds(link.starts_at),
        "AccessEnd": _seconds(link.expires_at),
        "MaxDownloads": str(link.most_downloads or 0),
        "CurrentDownloads": str(link.downloads),
        "LastUsed": _seconds(link.used_at),
        "Notify": link.tells,
        "ViewTemplateName": link.view,
        "RootNodes": [{"Uuid": link.node_id}],
        "Permissions": sorted(link.permissions),
        "ChangedAt": str(micros_of(link.changed_at)),
        "PoliciesContextEditable": True,
    }


@dataclass(frozen=True, slots=True)
class _Body:
    """A request as it came, with what is in it found where it belongs."""

    document: Any

    def _text(self, holder: Mapping[str, Any], name: str, longest: int = 1024) -> str:
        value = holder.get(name)
        if value is None:
            return ""
        if not isinstance(value, str) or len(value) > longest:
            raise InvalidRequest(f"{name} must be a text of at most {longest} characters")
        return value

    @property
    def link(self) -> Mapping[str, Any]:
        found = self.document.get("ShareLink") if isinstance(self.document, dict) else None
        if not isinstance(found, dict):
            raise InvalidRequest("the body must be an object with a ShareLink")
        return found

    def of_link(self, name: str, longest: int = 1024) -> str:
        return self._text(self.link, name, longest)

    def beside(self, name: str) -> str:
        _ = self.link
        return self._text(self.document, name)

    @property
    def uuid(self) -> str:
        return self.of_link("Uuid")

    @property
    def node_id(self) -> str:
        roots = self.link.get("RootNodes")
        if not isinstance(roots, list) or len(roots) != 1 or not isinstance(roots[0], dict):
            raise InvalidRequest("RootNodes must name one file or folder by its Uuid")
        return self._text(roots[0], "Uuid")

    @property
    def permissions(self) -> list[str] | None:
        words = self.link.get("Permissions")
        if words is None:
            return None
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise InvalidRequest("Permissions must be a list of texts")
        return words

    def number(self, name: str) -> int | None:
        value = self.link.get(name)
        if isinstance(value, str) and value.isascii() and value.isdigit():
            value = int(value) if len(value) <= _MOST_DIGITS else -1
        if value is None or value == "":
            return None
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise InvalidRequest(f"{name} must be a number that is not negative")
        return value

    def flag(self, name: str) -> bool | None:
        value = self.link.get(name)
        if value is not None and not isinstance(value, bool):
            raise InvalidRequest(f"{name} must be true or false")
        return value


def _said(body: _Body, before: Link) -> Link:
    """Give a link with what the request says of it; what it leaves out stays."""
    words, tells = body.permissions, body.flag("Notify")
    return replace(
        before,
        hash=body.beside("UpdateCustomHash") or before.hash,
        label=body.of_link("Label") or before.label or "Link",
        description=body.of_link("Description", _LONGEST_DESCRIPTION) or before.description,
        permissions=before.permissions if words is None else read_permissions(words),
        starts_at=_moment(body, "AccessStart", before.starts_at),
        expires_at=_moment(body, "AccessEnd", before.expires_at),
        most_downloads=_most(body, before),
        tells=before.tells if tells is None else tells,
        view=body.of_link("ViewTemplateName", 100) or before.view or _DEFAULT_VIEW,
    )


def _check_seen(body: _Body, before: Link) -> None:
    """Refuse a change of what is another by now than whoever asks has seen, if they say so."""
    seen = body.of_link("ChangedAt")
    if seen and seen != str(micros_of(before.changed_at)):
        raise LinkChanged(phrase("the link was changed meanwhile: look at it as it is now"))


async def _with_password(edge: Edge, body: _Body, link: Link) -> Link:
    chosen = body.beside("CreatePassword") or body.beside("UpdatePassword")
    wanted = body.document.get("PasswordEnabled")
    if chosen:
        hashed = await edge.people.passwords.hash(check_password(chosen))
        return replace(link, password_hash=hashed)
    if wanted is True and link.password_hash is None:
        raise BadRequest("PasswordEnabled needs a CreatePassword")
    if wanted is False:
        return replace(link, password_hash=None)
    return link


def _moment(body: _Body, name: str, before: datetime | None) -> datetime | None:
    number = body.number(name)
    if number is None:
        return before
    try:
        return datetime.fromtimestamp(number, tz=UTC) if number else None
    except (ValueError, OverflowError, OSError):
        raise InvalidRequest(f"{name} must be a time in seconds since 1970") from None


def _most(body: _Body, before: Link) -> int | None:
    number = body.number("MaxDownloads")
    return before.most_downloads if number is None else number or None


def micros_of(moment: datetime) -> int:
    """Give a moment to the last digit that is kept, so that no two changes look alike."""
    return (moment - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1)


def _seconds(moment: datetime | None) -> str:
    return "0" if moment is None else str(int(moment.timestamp()))
