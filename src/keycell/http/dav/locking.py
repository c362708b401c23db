"""LOCK and UNLOCK. RFC4918-9.10, RFC4918-9.11."""

import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from xml.etree.ElementTree import Element

from starlette.responses import Response

from keycell.files import finding
from keycell.files.errors import NotFound, PreconditionFailed
from keycell.files.finding import Located, check_writable
from keycell.files.locking import Wanted, locks_covering, refresh_lock, take_lock
from keycell.files.locks import LONGEST, USUAL, Lock
from keycell.files.nodes import Conditions
from keycell.files.writing import Put, put
from keycell.http.dav.calls import Call
from keycell.http.dav.errors import DECLARATION, XML, DavError
from keycell.http.dav.properties import Viewer, active_lock
from keycell.http.dav.propfind import read_depth, roots_of
from keycell.http.dav.xml import DAV, read_xml, unparse
from keycell.http.wire import NO_STORE

LONGEST_OWNER = 2_048
_NEW = Conditions(if_none_match=("*",))


async def lock(call: Call) -> Response:
    """Answer LOCK: a new lock, or more time for one that is shown."""
    depth = read_depth(call, "infinity", ("0", "infinity"))
    body = await read_xml(call.request, "lockinfo")
    lasts = _lasts(call.request.headers.get("timeout", ""))
    if body is None:
        return await _refresh(call, lasts)
    wanted = read_wanted(body, lasts, is_deep=depth == "infinity")
    located = await call.locate()
    check_writable(located)
    existed = located.exists
    call.check(located.node if existed else None)
    if not existed:
        located = await _make_empty(call)
    taken = await take_lock(call.files, call.actor, located, wanted)
    return _answer(
        call, located, taken, 200 if existed else 201, {"Lock-Token": f"<{taken.token}>"}
    )


async def _make_empty(call: Call) -> Located:
    """Make an empty file to be locked, where nothing is yet. RFC4918-7.3."""
    wanted = Put(conditions=_NEW, lock_tokens=call.lock_tokens)
    # Whoever made it meanwhile may have locked it too: that is for the lock to find.
    with contextlib.suppress(PreconditionFailed):
        await put(call.files, call.actor, call.path, _nothing(), wanted)
    return await finding.stat(call.files, call.actor, call.path)


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield


async def _refresh(call: Call, lasts: timedelta) -> Response:
    located = await call.stat()
    check_writable(located)
    for one in await locks_covering(call.files, located):
        if one.token not in call.lock_tokens:
            continue
        refreshed = await refresh_lock(call.files, call.actor, one.token, lasts)
        if refreshed is not None:
            return _answer(call, located, refreshed, 200, {})
    raise DavError(
        412,
        "to prolong a lock, show its token in the header If; for a new one, send <lockinfo>",
        "lock-token-matches-request-uri",
    )


def _answer(
    call: Call, located: Located, taken: Lock, status: int, headers: dict[str, str]
) -> Response:
    here = call.href(located.path, is_folder=located.node.is_folder)
    root = roots_of(call, located).get(taken.node_id, here)
    viewer = Viewer(call.actor.sub, call.files.clock())
    body = (
        f'{DECLARATION}<D:prop xmlns:D="DAV:"><D:lockdiscovery>'
        f"{active_lock(taken, root, viewer)}</D:lockdiscovery></D:prop>"
    )
    return Response(body, status, {**NO_STORE, **headers}, media_type=XML)


def _lasts(header: str) -> timedelta:
    """Read for how long; the first of the wishes that can be read. RFC4918-10.7."""
    for wish in header[:200].split(","):
        kind, _, seconds = wish.strip().lower().partition("-")
        if kind == "infinite":
            return LONGEST
        if kind == "second" and seconds.isdecimal():
            return min(timedelta(seconds=max(1, min(int(seconds), 2**32))), LONGEST)
    return USUAL


def read_wanted(body: Element, lasts: timedelta, *, is_deep: bool) -> Wanted:
    """Read which lock is wanted; raise DavError. RFC4918-14.11."""
    scopes = [one.tag for one in body.findall(f"{DAV}lockscope/*")]
    kinds = [one.tag for one in body.findall(f"{DAV}locktype/*")]
    if scopes not in ([f"{DAV}exclusive"], [f"{DAV}shared"]) or kinds != [f"{DAV}write"]:
        raise DavError(400, "<lockinfo> wants <exclusive/> or <shared/>, and <write/>")
    owner = body.find(f"{DAV}owner")
    written = "" if owner is None else unparse(owner)
    if len(written) > LONGEST_OWNER:
        raise DavError(400, f"<owner> has more than {LONGEST_OWNER} characters")
    return Wanted(
        is_exclusive=scopes == [f"{DAV}exclusive"], is_deep=is_deep, owner=written, timeout=lasts
    )


async def unlock(call: Call) -> Response:
    """Answer UNLOCK: the holder's alone."""
    header = call.request.headers.get("lock-token", "").strip()
    if not (header.startswith("<") and header.endswith(">")):
        raise DavError(400, "the header Lock-Token says which lock: <token>")
    token = header[1:-1]
    located = await call.stat()
    check_writable(located)
    covering = [one for one in await locks_covering(call.files, located) if one.token == token]
    if not covering:
        raise DavError(
            409, "no lock of this token covers what was asked for",
            "lock-token-matches-request-uri",
        )  # fmt: skip
    if covering[0].sub != call.actor.sub:
        raise DavError(403, "the lock is somebody else's: only they can end it")
    if not await call.files.locks.release(token, call.actor.sub):
        raise NotFound("the lock has ended in between")
    return Response(b"", 204, NO_STORE)
