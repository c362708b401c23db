"""Live properties: what we know of files, by the names WebDAV has for it. RFC4918-15, RFC4331."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from datetime import UTC, datetime
from typing import Literal
from xml.sax.saxutils import escape

from keycell.files.locks import Lock
from keycell.files.nodes import Node
from keycell.files.spaces import Volume
from keycell.http.conditions import http_date
from keycell.http.dav.dead import Dead
from keycell.http.dav.errors import DavError, printable
from keycell.http.dav.xml import DAV, empty, split, text
from keycell.values import dataclass

OWNCLOUD = "{http://owncloud.org/ns}"
"""Where desktop programs look for digests."""
MOST_NAMES = 200
LONGEST_NAMES = 16 * 2**10
"""Characters of all of them: what is not there is told by its name, of each file."""
_LOCK_ENTRIES = "".join(
    f"<D:lockentry><D:lockscope><D:{scope}/></D:lockscope>"
    "<D:locktype><D:write/></D:locktype></D:lockentry>"
    for scope in ("exclusive", "shared")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A file, a folder, a space, or the place where the spaces are."""

    href: str
    label: str
    node: Node | None
    """None for the place where the spaces are."""
    created_at: datetime
    volume: Volume | None = None
    locks: Sequence[Lock] = ()
    """Those that cover it."""
    lock_root: Mapping[str, str] = field(default_factory=dict)
    """The addresses of what they stand on, by node."""
    dead: Dead = field(default_factory=dict)

    @property
    def is_folder(self) -> bool:
        """Tell whether other resources may lie in it."""
        return self.node is None or self.node.is_folder


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks, and when."""

    sub: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """Which properties were asked for."""

    kind: Literal["allprop", "propname", "prop"]
    names: tuple[str, ...] = ()
    """Those of ``prop``, or what ``allprop`` shall include."""

    @property
    def wants_dead(self) -> bool:
        """Tell whether a property may be meant that is not live."""
        return self.kind != "prop" or any(name not in LIVE for name in self.names)

    @property
    def wants_quota(self) -> bool:
        """Tell whether the volume must be looked at."""
        return any(name in _QUOTA for name in self.names)


def _of_file(find: Callable[[Node], str | None]) -> Callable[[Resource, Viewer], str | None]:
    def value(resource: Resource, viewer: Viewer) -> str | None:
        del viewer
        node = resource.node
        return None if node is None or node.is_folder else find(node)

    return value


def _created(resource: Resource, _viewer: Viewer) -> str:
    return f"{resource.created_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _modified(resource: Resource, _viewer: Viewer) -> str:
    return http_date(resource.node.mtime if resource.node else resource.created_at)


def _kind(resource: Resource, _viewer: Viewer) -> str:
    return "<D:collection/>" if resource.is_folder else ""


def _label(resource: Resource, _viewer: Viewer) -> str:
    return escape(printable(resource.label))


def _supported(resource: Resource, _viewer: Viewer) -> str:
    return "" if resource.node is None or resource.node.parent_id is None else _LOCK_ENTRIES


def _discovered(resource: Resource, viewer: Viewer) -> str:
    return "".join(
        active_lock(lock, resource.lock_root.get(lock.node_id, resource.href), viewer)
        for lock in resource.locks
    )


def _used(resource: Resource, _viewer: Viewer) -> str | None:
    return None if resource.volume is None else str(resource.volume.used)


def _available(resource: Resource, _viewer: Viewer) -> str | None:
    volume = resource.volume
    if volume is None or volume.quota is None:
        return None
    return str(max(0, volume.quota - volume.used))


def _digests(node: Node) -> str | None:
    found = [] if "-" in node.etag else [f"MD5:{node.etag}"]
    if node.sha256 is not None:
        found.append(f"SHA256:{node.sha256}")
    if not found:
        return None
    return f'<o:checksum xmlns:o="{OWNCLOUD[1:-1]}">{" ".join(found)}</o:checksum>'


_QUOTA = {f"{DAV}quota-available-bytes": _available, f"{DAV}quota-used-bytes": _used}
_RARE: Mapping[str, Callable[[Resource, Viewer], str | None]] = {
    **_QUOTA,
    f"{OWNCLOUD}checksums": _of_file(_digests),
}
"""Given to whoever asks for them by name. RFC4331-3."""
_USUAL: Mapping[str, Callable[[Resource, Viewer], str | None]] = {
    f"{DAV}resourcetype": _kind,
    f"{DAV}displayname": _label,
    f"{DAV}getcontentlength": _of_file(lambda node: str(node.size)),
    f"{DAV}getcontenttype": _of_file(lambda node: escape(printable(node.content_type))),
    f"{DAV}getetag": _of_file(lambda node: f'"{node.etag}"'),
    f"{DAV}getlastmodified": _modified,
    f"{DAV}creationdate": _created,
    f"{DAV}supportedlock": _supported,
    f"{DAV}lockdiscovery": _discovered,
}
LIVE = {**_USUAL, **_RARE}


def active_lock(lock: Lock, root: str, viewer: Viewer) -> str:
    """Write a lock; its token is shown to its holder alone. RFC4918-14.1, RFC4918-6.8."""
    scope = "exclusive" if lock.is_exclusive else "shared"
    depth = "infinity" if lock.is_deep else "0"
    left = max(0, round((lock.expires_at - viewer.now).total_seconds()))
    token = ""
    if lock.sub == viewer.sub:
        token = f"<D:locktoken><D:href>{escape(lock.token)}</D:href></D:locktoken>"
    return (
        f"<D:activelock><D:locktype><D:write/></D:locktype><D:lockscope><D:{scope}/></D:lockscope>"
        f"<D:depth>{depth}</D:depth>{lock.owner}<D:timeout>Second-{left}</D:timeout>{token}"
        f"<D:lockroot><D:href>{escape(root)}</D:href></D:lockroot></D:activelock>"
    )


def response_of(resource: Resource, asked: Asked, viewer: Viewer) -> str:
    """Write what was asked for of one resource. RFC4918-14.24."""
    found: list[str] = []
    missing: list[str] = []
    if asked.kind == "propname":
        live = [name for name in LIVE if LIVE[name](resource, viewer) is not None]
        found = [empty(name) for name in (*live, *resource.dead)]
    else:
        names = asked.names
        if asked.kind == "allprop":
            names = tuple(dict.fromkeys((*_USUAL, *resource.dead, *names)))
        for name in names:
            written = _written(name, resource, viewer)
            if written is not None:
                found.append(written)
            elif asked.kind == "prop":
                missing.append(empty(name))
    parts = [propstat(found, "200 OK")] if found or not missing else []
    if missing:
        parts.append(propstat(missing, "404 Not Found"))
    return f"<D:response>{text('href', resource.href)}{''.join(parts)}</D:response>\n"


def propstat(properties: Sequence[str], status: str, more: str = "") -> str:
    """Write properties that share a status."""
    return (
        f"<D:propstat><D:prop>{''.join(properties)}</D:prop>"
        f"<D:status>HTTP/1.1 {status}</D:status>{more}</D:propstat>"
    )


def _written(name: str, resource: Resource, viewer: Viewer) -> str | None:
    live = LIVE.get(name)
    if live is None:
        return resource.dead.get(name)
    value = live(resource, viewer)
    if value is None:
        return None
    namespace, local = split(name)
    if namespace == "DAV:":
        return f"<D:{local}>{value}</D:{local}>"
    return f'<x:{local} xmlns:x="{namespace}">{value}</x:{local}>'


def check_names(names: Sequence[str]) -> tuple[str, ...]:
    """Give names of properties, each once, or raise DavError for too many or too long ones."""
    if len(names) > MOST_NAMES or sum(map(len, names)) > LONGEST_NAMES:
        raise DavError(
            400,
            f"more than {MOST_NAMES} properties are named at once, or by more than "
            f"{LONGEST_NAMES} characters",
        )
    return tuple(dict.fromkeys(names))
