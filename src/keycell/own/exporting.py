"""Everything that is kept of a person, as one document; their files go beside it. UX-P10."""

import base64
from typing import TypedDict

from keycell.administration.call import Moment, Nothing
from keycell.administration.tokens import TokenView
from keycell.files.acting import acting_as
from keycell.files.commenting import said_by
from keycell.files.finding import each_by_id
from keycell.files.ports_stores import bookmark_of
from keycell.oauth.details import ALL_FILES
from keycell.own import access, person, trusted
from keycell.own.holder import Holder

MOST = 10_000
"""Links, and bookmarks: more than anybody has."""


class Picture(TypedDict):
    """One's picture."""

    content_type: str
    base64: str


class ExportedLink(TypedDict):
    """A public link of one's; of a password, that there is one."""

    id: str
    path: str
    about: str
    label: str
    description: str
    permissions: list[str]
    has_password: bool
    starts_at: Moment | None
    expires_at: Moment | None
    most_downloads: int | None
    downloads: int
    used_at: Moment | None
    created_at: Moment
    tells: bool


class Comment(TypedDict):
    """What one said about a file or folder."""

    id: str
    about: str
    said: str
    at: Moment


class Exported(TypedDict):
    """Everything that is kept of one, but for the files' bytes."""

    exported_at: Moment
    profile: person.Profile
    picture: Picture | None
    letters_off: list[str]
    sessions: list[access.SignedIn]
    trusted_browsers: list[trusted.TrustedBrowser]
    applications: list[access.AllowedApplication]
    tokens: list[TokenView]
    links: list[ExportedLink]
    bookmarks: list[str]
    comments: list[Comment]
    activity: list[person.OwnEvent]


async def exported(holder: Holder, _asked: Nothing) -> Exported:
    """Give everything that is kept of one, but for the files' bytes, as one document.

    Of what was done and said, the latest.
    """
    nothing = Nothing()
    chosen = await holder.people.preferences.find(holder.account.sub)
    return {
        "exported_at": holder.people.clock().isoformat(),
        "profile": await person.profile(holder, nothing),
        "picture": await _picture(holder),
        "letters_off": list(chosen.quiet),
        "sessions": (await access.sessions(holder, nothing))["items"],
        "trusted_browsers": (await trusted.listed(holder, nothing))["items"],
        "applications": (await access.applications(holder, nothing))["items"],
        "tokens": await person.tokens_of(holder),
        "links": await _links(holder),
        "bookmarks": await _bookmarks(holder),
        "comments": await _comments(holder),
        "activity": await person.every_event(holder),
    }


async def _picture(holder: Holder) -> Picture | None:
    found = await holder.files.pictures.find("USER", holder.account.sub)
    if found is None:
        return None
    content_type, content = found
    return {"content_type": content_type, "base64": base64.b64encode(content).decode()}


async def _links(holder: Holder) -> list[ExportedLink]:
    """Give one's public links; of a password, that there is one."""
    kept = await holder.files.links.of_person(holder.account.sub, MOST)
    places = await _places(holder, [one.node_id for one in kept])
    return [
        {
            "id": one.link_id, "path": f"/public/{one.hash}",
            "about": places.get(one.node_id, ""), "label": one.label,
            "description": one.description, "permissions": sorted(one.permissions),
            "has_password": one.password_hash is not None,
            "starts_at": one.starts_at.isoformat() if one.starts_at else None,
            "expires_at": one.expires_at.isoformat() if one.expires_at else None,
            "most_downloads": one.most_downloads, "downloads": one.downloads,
            "used_at": one.used_at.isoformat() if one.used_at else None,
            "created_at": one.created_at.isoformat(), "tells": one.tells,
        }
        for one in kept
    ]  # fmt: skip


async def _bookmarks(holder: Holder) -> list[str]:
    """Give where the files and folders with one's star are."""
    sub, roles = holder.account.sub, acting_as(holder.account, ALL_FILES, "").roles
    roots = sorted({one.root_id for one in await holder.files.spaces.seen_by(sub, roles)})
    said = await holder.files.meta.said_in(bookmark_of(sub), roots, MOST)
    return sorted((await _places(holder, [node_id for node_id, _ in said])).values())


async def _places(holder: Holder, node_ids: list[str]) -> dict[str, str]:
    """Say where one finds nodes; what one may read no longer is left out."""
    actor = acting_as(holder.account, ALL_FILES, "")
    found = each_by_id(holder.files, actor, dict.fromkeys(node_ids))
    return {one.node.node_id: str(one.path) async for one in found}


async def _comments(holder: Holder) -> list[Comment]:
    said = await said_by(holder.files, acting_as(holder.account, ALL_FILES, ""))
    return [
        {
            "id": one.comment_id, "about": place, "said": one.said,
            "at": one.said_at.isoformat(),
        }
        for one, place in said
    ]  # fmt: skip
