"""PROPPATCH: all of it or nothing. RFC4918-9.2."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from xml.etree.ElementTree import Element

from starlette.responses import Response

from keycell.files.finding import check_writable
from keycell.files.locking import check_unlocked
from keycell.http.dav.calls import Call
from keycell.http.dav.dead import NAMESPACE, revised
from keycell.http.dav.errors import DECLARATION, XML, DavError
from keycell.http.dav.properties import LIVE, check_names, propstat
from keycell.http.dav.xml import DAV, empty, read_xml, text, unparse
from keycell.http.wire import NO_STORE

_WINDOWS = "{urn:schemas-microsoft-com:}"
_PROTECTED = "<D:error><D:cannot-modify-protected-property/></D:error>"
_LATEST = 253_402_300_799
"""The last second of the year 9999."""


@dataclass(frozen=True, slots=True)
class Change:
    """A property that is to be set, or removed."""

    name: str
    element: Element | None


async def proppatch(call: Call) -> Response:
    """Answer PROPPATCH."""
    changes = read_changes(await read_xml(call.request, "propertyupdate"))
    located = await call.stat()
    check_writable(located)
    call.check(located.node)
    await check_unlocked(call.files, call.actor, located, call.lock_tokens)
    href = call.href(located.path, is_folder=located.node.is_folder)
    refused = [one.name for one in changes if not _is_settable(one)]
    if refused:
        return _answer(href, changes, refused)
    node, now = located.node, call.files.clock()
    dead = [(one.name, None if one.element is None else unparse(one.element))
            for one in changes if one.name not in _TIMES]  # fmt: skip
    times = [_read_time(one) for one in changes if one.name in _TIMES]
    if dead:
        await call.files.meta.revise(
            node.node_id, NAMESPACE, lambda document: revised(document, dead), call.actor.sub, now
        )
    if times:
        await call.files.nodes.touch(node.node_id, times[-1], call.actor.sub)
    return _answer(href, changes, ())


def read_changes(body: Element | None) -> Sequence[Change]:
    """Read what is to change, each once; raise DavError. RFC4918-14.19."""
    if body is None:
        raise DavError(400, "the body is missing: it says which properties to set or remove")
    changes = []
    for step in body:
        if step.tag not in (f"{DAV}set", f"{DAV}remove"):
            continue
        for prop in step.findall(f"{DAV}prop"):
            is_set = step.tag == f"{DAV}set"
            changes += [Change(one.tag, one if is_set else None) for one in prop]
    if not changes:
        raise DavError(400, "<propertyupdate> names no property in a <prop> of <set> or <remove>")
    check_names([one.name for one in changes])
    return changes


def _is_settable(change: Change) -> bool:
    if change.name in _TIMES:
        return change.element is not None
    return change.name not in LIVE


def _answer(href: str, changes: Sequence[Change], refused: Sequence[str]) -> Response:
    names = list(dict.fromkeys(one.name for one in changes))
    if refused:
        kept = [name for name in names if name not in refused]
        stats = propstat([empty(name) for name in refused], "403 Forbidden", _PROTECTED)
        if kept:
            stats += propstat([empty(name) for name in kept], "424 Failed Dependency")
    else:
        stats = propstat([empty(name) for name in names], "200 OK")
    body = (
        f'{DECLARATION}<D:multistatus xmlns:D="DAV:"><D:response>{text("href", href)}{stats}'
        "</D:response></D:multistatus>"
    )
    return Response(body, 207, NO_STORE, media_type=XML)


def _by_date(said: str) -> datetime:
    found = parsedate_to_datetime(said)
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def by_seconds(said: str) -> datetime:
    """Read seconds since 1970, as ``X-OC-Mtime`` has them; raise ValueError."""
    seconds = float(said)
    if not 0 <= seconds <= _LATEST:
        raise ValueError(said)
    return datetime.fromtimestamp(seconds, UTC)


_TIMES = {
    f"{DAV}getlastmodified": _by_date,
    f"{DAV}lastmodified": by_seconds,
    f"{_WINDOWS}Win32LastModifiedTime": _by_date,
}
"""What clients set when they mean the time at which the content changed."""


def _read_time(change: Change) -> datetime:
    said = "" if change.element is None else (change.element.text or "").strip()
    try:
        return _TIMES[change.name](said).astimezone(UTC)
    except (ValueError, IndexError, OverflowError, TypeError):
        raise DavError(400, f"{said[:80]!r} is no time that {change.name} can have") from None
