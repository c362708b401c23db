"""A request of this wire: who asks, for what, and which locks they show."""

import base64
import binascii
from dataclasses import replace

from starlette.requests import Request

from keycell.files import finding
from keycell.files.access import Actor
from keycell.files.errors import FilesError
from keycell.files.finding import Located
from keycell.files.locking import locks_covering
from keycell.files.locks import NO_TOKENS
from keycell.files.names import Path
from keycell.files.nodes import ANY, Conditions, Node, check_conditions
from keycell.files.ports import Files
from keycell.http.bearer import access_of
from keycell.http.conditions import write_conditions
from keycell.http.dav import paths
from keycell.http.dav.conditions import State, check_if, read_if
from keycell.http.dav.errors import DavError, NoCredentials
from keycell.http.dav.paths import Target, read_address, read_target
from keycell.http.edge import Edge
from keycell.http.files_edge import actor_for
from keycell.http.holding import shown_token
from keycell.oauth.errors import InvalidToken
from keycell.values import dataclass

LONGEST_BASIC = 24 * 2**10


@dataclass(frozen=True, slots=True)
class Call:
    """One request, with what every method needs of it."""

    edge: Edge
    request: Request
    actor: Actor
    target: Target
    lock_tokens: frozenset[str] = NO_TOKENS
    conditions: Conditions = ANY
    """What If-Match, If-None-Match and If say of the file that is written to."""

    @property
    def files(self) -> Files:
        """Give the flows' world."""
        return self.edge.files

    @property
    def path(self) -> Path:
        """Give the path that was asked for."""
        return self.target.path

    def href(self, path: Path, *, is_folder: bool) -> str:
        """Write the address of something."""
        return paths.href(self.request, path, is_folder=is_folder)

    async def stat(self) -> Located:
        """Find what was asked for; raise NotFound."""
        if self.path.is_root:
            raise DavError(405, "here are the spaces; what can be changed lies in them")
        return await finding.stat(self.files, self.actor, self.path)

    async def locate(self) -> Located:
        """Find what was asked for, or what it would lie in; raise DavError if that is missing."""
        if not self.path.names:
            raise DavError(405, "this is a space, or where they are; it is not made or written to")
        located = await finding.locate(self.files, self.actor, self.path)
        return check_parent(located)

    def check(self, node: Node | None) -> None:
        """Refuse to go on where a condition does not hold."""
        check_conditions(self.conditions, node)


def check_parent(located: Located) -> Located:
    """Refuse to make something where there is no folder for it. RFC4918-9.7.1."""
    missing = located.found.missing
    if len(missing) > 1 or (missing and not located.node.is_folder):
        raise DavError(
            409, f"there is no folder {str(located.path.parent)[:200]!r}; make it first"
        )
    return located


async def open_call(edge: Edge, request: Request) -> Call:
    """Say who asks, for what, and whether the If header holds; raise what this wire refuses."""
    actor = await _actor_of(edge, request)
    call = Call(edge, request, actor, read_target(request), NO_TOKENS,
                write_conditions(request.headers))  # fmt: skip
    header = request.headers.get("if")
    if header is None:
        return call
    held = await check_if(read_if(header), lambda resource: _state_of(call, resource))
    if held.etag is not None and call.conditions.if_match is None:
        # Between now and the write somebody else may write: then it no more holds.
        conditions = replace(call.conditions, if_match=(held.etag.strip('"'),))
        return replace(call, lock_tokens=held.tokens, conditions=conditions)
    return replace(call, lock_tokens=held.tokens)


async def _state_of(call: Call, resource: str | None) -> State:
    try:
        path = call.path
        if resource is not None:
            path = read_address(call.request, resource, call.edge.settings.origins).path
        located = await finding.locate(call.files, call.actor, path)
    except (DavError, FilesError):
        # Not here, or not for them to see: nothing is true of it.
        return State(None, frozenset())
    tokens = frozenset(lock.token for lock in await locks_covering(call.files, located))
    has_tag = located.exists and not located.node.is_folder
    return State(f'"{located.node.etag}"' if has_tag else None, tokens)


async def _actor_of(edge: Edge, request: Request) -> Actor:
    token, shown = shown_token(edge, request)
    if token:
        return await actor_for(edge, await access_of(edge, token, "dav", shown))
    password = _password(request.headers.get("authorization", ""))
    try:
        access = await access_of(edge, password, "dav", shown)
    except InvalidToken:
        raise NoCredentials(
            "the password is no personal access token that stands; make one on your account's "
            "page: the account's own password is never taken here"
        ) from None
    return await actor_for(edge, access)


def _password(header: str) -> str:
    """Give the password of Basic authentication; whose token it is counts, not the name."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic" or len(encoded) > LONGEST_BASIC:
        raise NoCredentials("send an access token, or your login with a personal access token")
    try:
        pair = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise NoCredentials("the Authorization header is no Basic authentication") from None
    password = pair.partition(":")[2]
    if not password:
        raise NoCredentials("the password is missing: it is a personal access token")
    return password
