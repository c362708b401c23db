"""Commenting: who may say something of a file or folder, and whom that names."""

import re
from collections.abc import Sequence

from keycell.accounts.people import Account
from keycell.files.access import Actor, reached
from keycell.files.acting import acting_as
from keycell.files.comments import (
    IN_TIME,
    LONGEST,
    MOST,
    MOST_EXPORTED,
    MOST_IN_TIME,
    MOST_NAMED,
    Comment,
)
from keycell.files.errors import BadRequest, Forbidden, NotFound, TokenReadsOnly
from keycell.files.finding import Located, by_id, each_by_id
from keycell.files.ports import Files
from keycell.oauth.details import ALL_FILES
from keycell.oauth.sentences import phrase

_NAMED = re.compile(r"(?<![\w.@+-])@([\w.@+-]{1,200})")


def may_say(actor: Actor, located: Located) -> bool:
    """Decide whether somebody may comment: who may read may, with a token that may write."""
    is_let = reached(actor.reach, located.space.slug, located.found.ids).write
    return is_let and not located.in_trash


def may_remove(actor: Actor, located: Located, comment: Comment) -> bool:
    """Decide whether somebody may take a comment back: their own, or with the file to change."""
    is_own_or_theirs = comment.said_by == actor.sub or located.allowed.write
    return is_own_or_theirs and reached(actor.reach, located.space.slug, located.found.ids).write


async def say(files: Files, actor: Actor, located: Located, text: str) -> Comment:
    """Keep a comment; raise Forbidden, BadRequest, Conflict."""
    if located.in_trash:
        raise Forbidden(phrase("what is in the recycle bin cannot be commented on"))
    if not may_say(actor, located):
        raise TokenReadsOnly("comments are written with an access that may also change files")
    said = text.strip()
    if not 0 < len(said) <= LONGEST:
        raise BadRequest(phrase("a comment has 1 to %(most)s characters", most=LONGEST))
    comment = Comment(
        comment_id=files.mint_id(), node_id=located.node.node_id, said=said, said_by=actor.sub,
        said_at=files.clock(),
    )  # fmt: skip
    await files.comments.add(comment, MOST, within=IN_TIME, most_within=MOST_IN_TIME)
    return comment


async def take_back(files: Files, actor: Actor, located: Located, comment_id: str) -> None:
    """Remove a comment; raise NotFound, Forbidden."""
    comment = await files.comments.find(comment_id)
    if comment is None or comment.node_id != located.node.node_id:
        raise NotFound(phrase("there is no such comment"))
    if not may_remove(actor, located, comment):
        raise Forbidden(phrase("a comment is removed by who wrote it, or may change the file"))
    await files.comments.remove(comment_id)


async def said_by(files: Files, actor: Actor) -> Sequence[tuple[Comment, str]]:
    """List what somebody said, the latest first, each with where they read it.

    The place is empty where they no longer may, or it is gone.
    """
    said = await files.comments.of_person(actor.sub, MOST_EXPORTED)
    nodes = {comment.node_id for comment in said}
    places = {one.node.node_id: str(one.path) async for one in each_by_id(files, actor, nodes)}
    return [(comment, places.get(comment.node_id, "")) for comment in said]


async def named_in(files: Files, comment: Comment) -> Sequence[tuple[Account, Located]]:
    """Find whom a comment names by ``@login``, and where they see what it is about.

    Who may not read it is told nothing, nor is whoever wrote it.
    """
    logins = [name.rstrip(".-@") for name in _NAMED.findall(comment.said)]
    found: dict[str, tuple[Account, Located]] = {}
    for login in list(dict.fromkeys(logins))[:MOST_NAMED]:
        account = await files.accounts.find_by_login(login)
        if account is None or not account.stands or account.sub == comment.said_by:
            continue
        try:
            located = await by_id(files, acting_as(account, ALL_FILES, ""), comment.node_id)
        except NotFound:
            continue
        found[account.sub] = (account, located)
    return list(found.values())
