"""Public links over REST, in the form that the old system's clients know."""

import contextlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

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
from keycell.http.rest.bodies import Body, read_json
from keycell.http.wire import json_answer, origin_of
from keycell.oauth.errors import InvalidRequest
from keycell.oauth.sentences import phrase
from keycell.randomness import random_bytes

_DEFAULT_VIEW = "pydio_shared_folder"
_LONGEST_DESCRIPTION = 2000
_LONGEST_LABEL = 1024
_MOST_PERMISSIONS = 20
_TRIES = 5


def mint_address() -> str:
    """Give the end of a link's address that nobody guesses: read aloud, copied, kept as it is."""
    return random_bytes(12).hex()


async def put_link(edge: Edge, request: Request) -> Response:
    """Make a link, or change the one whose ``Uuid`` is sent."""
    actor = await actor_of(edge, request)
    body = await read_json(request)
    said = body.object("ShareLink")
    if said is None:
        raise InvalidRequest("the body must be an object with a ShareLink")
    origin = origin_of(request)
    if said.text("Uuid"):
        link = await _changed(edge, actor, body, said, origin)
    else:
        now = edge.files.clock()
        blank = Link(
            link_id=edge.files.mint_id(), hash=mint_address(),
            node_id=_node_id(said), label="", sub=actor.sub, permissions=frozenset(),
            created_at=now, changed_at=now,
        )  # fmt: skip
        wanted = await _with_password(edge, body, _wanted(body, said, blank))
        link = await make_link(edge.files, actor, wanted, origin)
    return json_answer(view(link, edge.settings.base_url))


async def _changed(edge: Edge, actor: Actor, body: Body, said: Body, origin: Origin) -> Link:
    """Change what the request says of a link; whatever else is changed meanwhile stays so."""
    for _ in range(_TRIES):
        before = await own_link(edge.files, actor, said.text("Uuid"))
        _check_seen(said, before)
        wanted = await _with_password(edge, body, _wanted(body, said, before))
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


def _node_id(said: Body) -> str:
    roots = said.objects("RootNodes", 1)
    if not roots:
        raise InvalidRequest("RootNodes must name one file or folder by its Uuid")
    return roots[0].text("Uuid")


def _wanted(body: Body, said: Body, before: Link) -> Link:
    """Give a link with what the request says of it; what it leaves out stays."""
    return replace(
        before,
        hash=body.text("UpdateCustomHash") or before.hash,
        label=said.text("Label", _LONGEST_LABEL) or before.label or "Link",
        description=said.text("Description", _LONGEST_DESCRIPTION) or before.description,
        permissions=(
            read_permissions(said.texts("Permissions", _MOST_PERMISSIONS))
            if said.says("Permissions")
            else before.permissions
        ),
        starts_at=_moment(said, "AccessStart", before.starts_at),
        expires_at=_moment(said, "AccessEnd", before.expires_at),
        most_downloads=_most(said, before),
        tells=said.flag("Notify") if said.says("Notify") else before.tells,
        view=said.text("ViewTemplateName", 100) or before.view or _DEFAULT_VIEW,
    )


def _check_seen(said: Body, before: Link) -> None:
    """Refuse a change of what is another by now than whoever asks has seen, if they say so."""
    seen = said.text("ChangedAt")
    if seen and seen != str(micros_of(before.changed_at)):
        raise LinkChanged(phrase("the link was changed meanwhile: look at it as it is now"))


async def _with_password(edge: Edge, body: Body, link: Link) -> Link:
    chosen = body.text("CreatePassword") or body.text("UpdatePassword")
    if chosen:
        hashed = await edge.people.passwords.hash(check_password(chosen))
        return replace(link, password_hash=hashed)
    if not body.says("PasswordEnabled"):
        return link
    if not body.flag("PasswordEnabled"):
        return replace(link, password_hash=None)
    if link.password_hash is None:
        raise BadRequest("PasswordEnabled needs a CreatePassword")
    return link


def _moment(said: Body, name: str, before: datetime | None) -> datetime | None:
    return before if said.number(name) is None else said.moment(name)


def _most(said: Body, before: Link) -> int | None:
    number = said.number("MaxDownloads")
    return before.most_downloads if number is None else number or None


def micros_of(moment: datetime) -> int:
    """Give a moment to the last digit that is kept, so that no two changes look alike."""
    return (moment - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1)


def _seconds(moment: datetime | None) -> str:
    return "0" if moment is None else str(int(moment.timestamp()))
