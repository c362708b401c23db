"""Making links, and coming in by one."""

from dataclasses import dataclass, replace
from datetime import datetime

from keycell.accounts.audit import AuditEvent, Origin
from keycell.files.access import Actor, reached
from keycell.files.acting import acting_as, done_by
from keycell.files.errors import Conflict, Forbidden, NotFound, TokenReadsOnly
from keycell.files.finding import Located, by_id
from keycell.files.links import Link, Permission, check_link, is_open
from keycell.files.ports import Files
from keycell.oauth.details import ALL_FILES, READING, FilesDetail
from keycell.oauth.sentences import phrase

MOST_LINKS = 100
"""Of one file or folder; so many are told of one person, ten times over."""


class LinkChanged(Conflict):
    """The link was changed meanwhile: what was read of it would undo that."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody came by a link: who they act as, and the file or folder they may see."""

    link: Link
    actor: Actor
    top: Located
    owner: str
    """The name of whose the link is."""


async def visit(files: Files, hash_: str) -> Visit | None:
    """Find what a link opens now; None if that is nothing, for whatever reason."""
    link = await files.links.find(hash_)
    if link is None or not is_open(link, files.clock()):
        return None
    account = await files.accounts.find(link.sub)
    if account is None or not account.stands:
        return None
    actor = acting_as(account, link.reach, f"link:{link.link_id}")
    try:
        top = await by_id(files, actor, link.node_id)
    except NotFound:
        return None
    return None if top.in_trash else Visit(link, actor, top, account.display_name)


async def make_link(files: Files, actor: Actor, wanted: Link, origin: Origin) -> Link:
    """Keep a new link of an actor's; raise NotFound, Forbidden, Conflict."""
    await _shareable(files, actor, wanted)
    link = check_link(replace(wanted, sub=actor.sub), files.clock())
    if not await files.links.add(link, MOST_LINKS, _event(actor, link, "link.added", origin)):
        raise Conflict(
            phrase("the address %(name)s is taken; choose another", name=repr(link.hash))
        )
    return link


async def change_link(files: Files, actor: Actor, wanted: Link, origin: Origin) -> Link:
    """Change a link of an actor's, as it was read; raise NotFound, Forbidden, Conflict.

    Raises LinkChanged where it is another by now: a password that was just set stays.
    """
    before = await own_link(files, actor, wanted.link_id)
    await _shareable(files, actor, wanted)
    now = files.clock()
    link = check_link(replace(wanted, sub=before.sub, node_id=before.node_id, changed_at=now), now)
    event = _event(actor, link, "link.changed", origin)
    if not await files.links.update(link, wanted.changed_at, event):
        if (await own_link(files, actor, link.link_id)).changed_at != wanted.changed_at:
            raise LinkChanged("the link was changed meanwhile; read it again")
        raise Conflict(
            phrase("the address %(name)s is taken; choose another", name=repr(link.hash))
        )
    return link


async def remove_link(files: Files, actor: Actor, link_id: str, origin: Origin) -> None:
    """Remove a link of an actor's; raise NotFound."""
    link = await own_link(files, actor, link_id)
    if link.sub == actor.sub and not actor.covers(ALL_FILES):
        _check_lasting(actor, await by_id(files, actor, link.node_id))
    await files.links.remove(link_id, _event(actor, link, "link.removed", origin))


async def show_link(files: Files, actor: Actor, link_id: str) -> Link:
    """Find a link as `own_link` does, to what the actor's token opens. Raises NotFound."""
    link = await own_link(files, actor, link_id)
    if not actor.is_admin and not actor.covers((FilesDetail(READING),)):
        # Its address would open what the token does not.
        await by_id(files, actor, link.node_id)
    return link


async def own_link(files: Files, actor: Actor, link_id: str) -> Link:
    """Find a link that is an actor's own, or anybody's for an administrator."""
    link = await files.links.by_id(link_id)
    if link is None or (link.sub != actor.sub and not actor.is_admin):
        raise NotFound(phrase("there is no link %(link)s", link=repr(link_id[:64])))
    return link


async def count_download(files: Files, link: Link, at: datetime, origin: Origin) -> bool:
    """Count a download before its bytes go out; False if there was none left."""
    if not await files.links.count(link.link_id, at):
        return False
    files.audit.note(
        AuditEvent(
            at=at,
            actor="",
            action="link.used",
            target=link.link_id,
            origin=origin,
            detail={"label": link.label},
        )
    )
    return True


def note_edit(files: Files, visited: Visit, did: str, path: str, origin: Origin) -> None:
    """Say for the trail what somebody with a link has changed, in its owner's name."""
    files.audit.note(
        AuditEvent(
            at=files.clock(),
            actor="",
            action="link.edited",
            target=visited.link.link_id,
            client_id=visited.actor.client_id,
            origin=origin,
            detail={"did": did, "path": path, "label": visited.link.label},
        )
    )


async def _shareable(files: Files, actor: Actor, link: Link) -> Located:
    located = await by_id(files, actor, link.node_id)
    _check_lasting(actor, located)
    if located.in_trash:
        raise Forbidden(phrase("what is in the recycle bin cannot be shared"))
    if Permission.UPLOAD in link.permissions:
        if not located.allowed.write:
            raise Forbidden(
                phrase("a link for uploads needs a folder that you may change yourself")
            )
        if not located.node.is_folder:
            raise Forbidden(phrase("a link for uploads needs a folder"))
    return located


def _check_lasting(actor: Actor, located: Located) -> None:
    """Refuse to make or end a link with a token that only reads: a link outlasts the token."""
    if not reached(actor.reach, located.space.slug, located.found.ids).write:
        raise TokenReadsOnly("a link is made with an access that may also change what it is for")


def _event(actor: Actor, link: Link, action: str, origin: Origin) -> AuditEvent:
    detail = {
        "node": link.node_id, "permissions": sorted(link.permissions), "label": link.label,
    }  # fmt: skip
    return done_by(actor, link.changed_at, action, link.link_id, origin, detail)
