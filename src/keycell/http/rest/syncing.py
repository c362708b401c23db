"""What a sync client asks of nodes, each answer and change bound to what it has seen of them.

Nodes and folders are named by identifiers: paths may lead elsewhere by the time. decisions/0040.
"""

import base64
import re

from starlette.requests import Request
from starlette.responses import Response

from keycell.files.errors import BadRequest, FilesError, PreconditionFailed
from keycell.files.finding import by_id
from keycell.files.moving import Seen, move, trash_seen
from keycell.files.names import LONGEST_NAME, check_name
from keycell.files.nodes import Conditions, Node
from keycell.files.ports import Placed
from keycell.files.ports_blobs import INLINE_MOST, WriteLimits
from keycell.files.reading import small_contents
from keycell.files.small_files import SmallFile, put_each
from keycell.files.writing import Put, make_folder_in
from keycell.http.edge import Edge
from keycell.http.files_edge import actor_of
from keycell.http.rest.bodies import Body, read_json
from keycell.http.rest.errors import told_of
from keycell.http.s3.checksums import PREFIX as CHECKSUM
from keycell.http.s3.headers import META, read_mtime
from keycell.http.wire import json_answer

MOST_CONTENTS = 64
"""Files in one request or answer: a megabyte, of as much as a row carries each."""
_LONGEST_CONTENT = -(-INLINE_MOST // 3) * 4
_HEX = re.compile(r"[0-9a-f]{64}")
_SECONDS = re.compile(r"-?\d{1,11}(\.\d{1,9})?", re.ASCII)


async def make_in(edge: Edge, request: Request) -> Response:
    """Make a folder in another; it must not be there."""
    actor = await actor_of(edge, request)
    body = await read_json(request)
    parent = await by_id(edge.files, actor, request.path_params["node_id"])
    return json_answer(_view(await make_folder_in(edge.files, actor, parent, _name(body))))


async def move_seen(edge: Edge, request: Request) -> Response:
    """Give a node another place, if nothing changed it after ``revision``; nothing is replaced."""
    actor = await actor_of(edge, request)
    body = await read_json(request)
    source = await by_id(edge.files, actor, request.path_params["node_id"])
    parent = await by_id(edge.files, actor, body.text("parent", 64))
    seen = Seen(_revision(body), parent.node.node_id)
    place = parent.path.child(_name(body))
    moved = await move(edge.files, actor, source, place, seen=seen)
    return json_answer(_view(moved))


async def trash_if_seen(edge: Edge, request: Request) -> Response:
    """Move a node to the recycle bin, if nothing changed it after ``revision``.

    A folder must be empty; what is gone already is no error.
    """
    actor = await actor_of(edge, request)
    body = await read_json(request)
    located = await by_id(edge.files, actor, request.path_params["node_id"])
    trashed = await trash_seen(edge.files, actor, located, _revision(body))
    return json_answer({"deleted": trashed is not None})


async def contents(edge: Edge, request: Request) -> Response:
    """Give what small files hold, in base64, if ``version`` is still the current one of each.

    What is left out is read by itself: it is large, or not what was seen. decisions/0065.
    """
    actor = await actor_of(edge, request)
    asked = (await read_json(request)).objects("files", MOST_CONTENTS)
    wanted = {one.text("id", 64): one.text("version", 64) for one in asked}
    found = await small_contents(edge.files, actor, wanted)
    told = [
        {"id": node_id, "version": wanted[node_id], "content": base64.b64encode(held).decode()}
        for node_id, held in found.items()
    ]
    return json_answer({"contents": told})


async def put_small(edge: Edge, request: Request) -> Response:
    """Put many small files, each where and over what was seen: ``version``, or nothing.

    Each is answered for itself, in their order. What is on the disk in the end is all that is
    told as created or replaced. decisions/0065.
    """
    actor = await actor_of(edge, request)
    asked = (await read_json(request)).objects("files", MOST_CONTENTS)
    sent = [_small_file(one) for one in asked]
    outcomes = await put_each(edge.files, actor, sent)
    told = [_outcome(*both) for both in zip(sent, outcomes, strict=True)]
    return json_answer({"files": told})


def _small_file(body: Body) -> SmallFile:
    try:
        content = base64.b64decode(body.text("content", _LONGEST_CONTENT), validate=True)
    except ValueError:
        raise BadRequest("content must be written in base64") from None
    if len(content) > INLINE_MOST:
        raise BadRequest(f"content has {len(content)} bytes; at most {INLINE_MOST} are taken here")
    sha256, mtime = body.text("sha256", 64), body.text("mtime", 32)
    if not _HEX.fullmatch(sha256):
        raise BadRequest("sha256 must be 64 digits of hex, in lower case")
    if not _SECONDS.fullmatch(mtime):
        raise BadRequest("mtime must be a text of seconds, with at most nine decimals")
    # As a file has them that came by itself: an S3 client wants them back. decisions/0065.
    kept = {META + "mtime": mtime,
            CHECKSUM + "sha256": base64.b64encode(bytes.fromhex(sha256)).decode()}  # fmt: skip
    put = Put(
        conditions=_conditions(body),
        limits=WriteLimits(declared_length=len(content), sha256=sha256),
        mtime=read_mtime(kept),
        headers=kept,
    )
    return SmallFile(parent=body.text("parent", 64), name=body.text("name", LONGEST_NAME),
                     content=content, put=put)  # fmt: skip


def _conditions(body: Body) -> Conditions:
    parent, version = body.text("parent", 64), body.text("version", 64)
    if version:
        return Conditions(base_version=version, parent=parent)
    return Conditions(if_none_match=("*",), parent=parent)


def _outcome(sent: SmallFile, outcome: Placed | FilesError) -> dict[str, object]:
    if isinstance(outcome, FilesError):
        is_conflict = isinstance(outcome, PreconditionFailed)
        return {"status": "conflict" if is_conflict else "refused", "error": told_of(outcome)}
    node, is_new = outcome.node, sent.put.conditions.base_version is None
    return _view(node) | {"status": "created" if is_new else "replaced", "etag": node.etag}


def _name(body: Body) -> str:
    return check_name(body.text("name", LONGEST_NAME))


def _revision(body: Body) -> int:
    revision = body.number("revision")
    if revision is None:
        raise BadRequest("revision is missing: the feed tells it as seq")
    return revision


def _view(node: Node) -> dict[str, object]:
    return {
        "id": node.node_id,
        "parent": node.parent_id,
        "name": node.name,
        "type": "folder" if node.is_folder else "file",
        "version": node.version_id,
        "seq": node.revision,
    }
