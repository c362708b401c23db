"""The calls about files, but for their bytes: looked at, made, moved, deleted, brought back."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from keycell.client.answers import failure
from keycell.client.errors import Conflict, NotFound
from keycell.client.nodes import Node, read_node
from keycell.client.session import Session

PAGE = 1000
_FIRST_LOOK = 0.1
_LONGEST_PAUSE = 2.0
_ENDED = frozenset({"Finished", "Interrupted", "Error"})


def _rest(prefix: str, path: str) -> str:
    return f"{prefix}/{quote(path, safe='/')}"


async def stat(session: Session, path: str) -> Node:
    """Give what is at a path; raise NotFound."""
    found = await session.json("GET", _rest("/a/tree/stat", path) if path else "/a/tree/stat")
    return read_node(found.get("Node"))


async def stat_or_none(session: Session, path: str) -> Node | None:
    """Give what is at a path; None if nothing is."""
    try:
        return await stat(session, path)
    except NotFound:
        return None


async def children(session: Session, path: str) -> AsyncGenerator[Node]:
    """Give what lies in a folder, page after page; the spaces for the top."""
    offset: int | None = 0
    while offset is not None:
        wanted = {"NodePaths": [f"{path}/*" if path else "*"], "Offset": offset, "Limit": PAGE}
        found = await session.json("POST", "/a/tree/stats", wanted, repeatable=True)
        for view in found.get("Nodes") or ():
            yield read_node(view)
        offset = (found.get("Pagination") or {}).get("NextOffset")


async def walk(session: Session, top: Node) -> AsyncGenerator[Node]:
    """Give all that lies below a folder, each folder before what lies in it."""
    folders = [top.path]
    while folders:
        here = folders.pop()
        async for node in children(session, here):
            yield node
            if node.is_folder:
                folders.append(node.path)


async def spaces(session: Session) -> list[dict[str, Any]]:
    """Give the person's spaces: slug, label, kind, root, permissions, used, quota, seq."""
    found: list[dict[str, Any]] = (await session.json("GET", "/a/keycell/spaces"))["items"]
    return found


async def make_folders(session: Session, paths: Sequence[str]) -> None:
    """Make folders, and those above them; what is there already is no error."""
    await _create(session, paths, "COLLECTION")


async def make_files(session: Session, paths: Sequence[str]) -> None:
    """Make empty files where nothing is."""
    await _create(session, paths, "LEAF")


async def _create(session: Session, paths: Sequence[str], kind: str) -> None:
    for start in range(0, len(paths), PAGE):
        nodes = [{"Path": path, "Type": kind} for path in paths[start : start + PAGE]]
        await session.json("POST", "/a/tree/create", {"Nodes": nodes}, repeatable=True)


async def delete(session: Session, paths: Sequence[str], *, for_good: bool = False) -> None:
    """Move to the recycle bin, or delete for good; what is not there is passed over.

    Not sent twice: what a first call moved to the recycle bin a second could end for good.
    """
    for start in range(0, len(paths), PAGE):
        nodes = [{"Path": path} for path in paths[start : start + PAGE]]
        body = {"Nodes": nodes, "RemovePermanently": for_good}
        await session.json("POST", "/a/tree/delete", body, repeatable=for_good)


async def delete_by_id(session: Session, node_ids: Sequence[str]) -> None:
    """Move to the recycle bin by identifier: sent twice, it deletes nothing for good."""
    for start in range(0, len(node_ids), PAGE):
        nodes = [{"Uuid": one} for one in node_ids[start : start + PAGE]]
        await session.json("POST", "/a/tree/delete", {"Nodes": nodes}, repeatable=True)


async def restore(session: Session, paths: Sequence[str]) -> None:
    """Bring back from the recycle bin to where each was."""
    for start in range(0, len(paths), PAGE):
        nodes = [{"Path": path} for path in paths[start : start + PAGE]]
        await session.json("POST", "/a/tree/restore", {"Nodes": nodes})


async def versions(session: Session, node_id: str) -> list[dict[str, Any]]:
    """Give a file's versions, the latest first: version, size, etag, sha256, created_at, ..."""
    found = await session.json("GET", _rest("/a/keycell/versions", node_id))
    items: list[dict[str, Any]] = found["items"]
    return items


async def restore_version(session: Session, node_id: str, version: str) -> Node:
    """Make an older version the current one."""
    path = f"{_rest('/a/keycell/versions', node_id)}/restore"
    return read_node((await session.json("POST", path, {"version": version})).get("Node"))


async def search(session: Session, text: str, most: int = 200) -> list[Node]:
    """Find nodes whose names hold a text."""
    body = {"Query": {"FileName": text}, "Size": most}
    found = await session.json("POST", "/a/search/nodes", body, repeatable=True)
    return [read_node(view) for view in found.get("Results") or ()]


async def set_meta(session: Session, path: str, said: Mapping[str, object]) -> Node:
    """Say something of a node, by namespace; an empty text takes it back."""
    metas = [
        {"Namespace": name, "JsonMeta": json.dumps(value, ensure_ascii=False)}
        for name, value in said.items()
    ]
    found = await session.json(
        "POST", _rest("/a/meta/set", path), {"Metadatas": metas}, repeatable=True
    )
    return read_node(found)


async def remove_meta(session: Session, path: str, namespaces: Sequence[str]) -> Node:
    """Take back what is said of a node."""
    body = {"Namespaces": list(namespaces)}
    return read_node(
        await session.json("POST", _rest("/a/meta/delete", path), body, repeatable=True)
    )


async def namespaces(session: Session) -> list[dict[str, Any]]:
    """Give what may be said of nodes."""
    found = await session.json("GET", "/a/user-meta/namespace")
    return list(found.get("Namespaces") or ())


@dataclass(frozen=True, slots=True)
class Job:
    """Something the server does on its own time."""

    job_id: str
    label: str = ""
    status: str = ""
    message: str = ""
    progress: float = 0
    code: str = ""
    """Why it failed, in the server's word; "" where it did not."""

    @property
    def has_ended(self) -> bool:
        """Tell whether it is done, or will never be."""
        return self.status in _ENDED


def _read_job(view: Mapping[str, Any]) -> Job:
    task = (view.get("Tasks") or [{}])[0]
    return Job(
        view["ID"], view.get("Label", ""), task.get("Status", ""),
        task.get("StatusMessage", ""), float(task.get("Progress") or 0), task.get("Code", ""),
    )  # fmt: skip


async def jobs(session: Session, job_ids: Sequence[str] = ()) -> list[Job]:
    """Give the person's jobs, or those named."""
    body = {"JobIDs": list(job_ids)}
    found = await session.json("POST", "/a/jobs/user", body, repeatable=True)
    return [_read_job(one) for one in found.get("Jobs") or ()]


async def start_job(session: Session, name: str, parameters: Mapping[str, object]) -> str:
    """Begin a job, and give its identifier."""
    body = {"JobName": name, "JsonParameters": json.dumps(parameters, ensure_ascii=False)}
    found = await session.json("PUT", _rest("/a/jobs/user", name), body)
    return str(found["JobUuid"])


async def control_job(session: Session, job_id: str, command: str) -> None:
    """Interrupt a job, or delete it."""
    await session.json("PUT", "/a/jobs/user", {"JobId": job_id, "Cmd": command})


async def wait(session: Session, job_id: str) -> Job:
    """Wait until a job has ended; raise what it failed by."""
    pause = _FIRST_LOOK
    while True:
        found = await jobs(session, [job_id])
        if not found:
            raise NotFound(f"there is no job {job_id}")
        if found[0].has_ended:
            break
        await asyncio.sleep(pause)
        pause = min(_LONGEST_PAUSE, pause * 1.5)
    job = found[0]
    if job.status == "Error":
        raise failure(job.code, job.message or f"the job {job_id} failed")
    if job.status == "Interrupted":
        raise Conflict(f"the job {job_id} was interrupted: {job.message}".rstrip(": "))
    return job


async def move(session: Session, paths: Sequence[str], target: str, *, into: bool = False) -> Job:
    """Move nodes to a path, or ``into`` a folder, and wait until it is done."""
    return await _carry(session, "move", paths, target, into=into)


async def copy(session: Session, paths: Sequence[str], target: str, *, into: bool = False) -> Job:
    """Copy nodes to a path, or ``into`` a folder, and wait until it is done."""
    return await _carry(session, "copy", paths, target, into=into)


async def _carry(
    session: Session, name: str, paths: Sequence[str], target: str, *, into: bool
) -> Job:
    parameters = {"nodes": list(paths), "target": target, "targetParent": into}
    return await wait(session, await start_job(session, name, parameters))


async def share(session: Session, link: Mapping[str, object], **beside: object) -> dict[str, Any]:
    """Make a public link, or change the one whose Uuid is in it; `docs/files.md` has its words."""
    found: dict[str, Any] = await session.json(
        "PUT", "/a/share/link", {"ShareLink": dict(link), **beside}
    )
    return found


async def links(session: Session) -> list[dict[str, Any]]:
    """Give the person's public links."""
    body = {"ShareType": "LINKS"}
    found = await session.json("POST", "/a/share/resources", body, repeatable=True)
    return [one["Link"] for one in found.get("Resources") or ()]


async def link(session: Session, link_id: str) -> dict[str, Any]:
    """Give one of the person's links."""
    found: dict[str, Any] = await session.json("GET", _rest("/a/share/link", link_id))
    return found


async def remove_link(session: Session, link_id: str) -> None:
    """Remove a link; from this moment it leads nowhere."""
    await session.json("DELETE", _rest("/a/share/link", link_id))
