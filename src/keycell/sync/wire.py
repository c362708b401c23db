"""What the sync client asks of the server: its feed, and changes bound to what was seen."""

import base64
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2

from keycell.client.answers import refusal
from keycell.client.bounds import A_FILE
from keycell.client.errors import (
    Conflict,
    Denied,
    Integrity,
    Limit,
    Locked,
    NotFound,
    SignInRequired,
    Unavailable,
)
from keycell.client.objects import Condition, Placed
from keycell.client.retries import REPEATABLE, is_certificate, unreachable
from keycell.client.session import Session
from keycell.client.uploads import upload
from keycell.sync.errors import AccessEnded, Away, Dropped, RootGone, SignInEnded, SyncError
from keycell.sync.trees import Place, Remote

_GONE = 410
_MOST = 1000
_NOT_SPOKEN = (404, 405, 408, 413)
"""A server from before it had this; one, or a proxy, for which it is too slow or too large."""
_CHANGED = ("PreconditionFailed", "NotFound", "DigestMismatch", "LengthMismatch")
PIECE = 1024 * 1024
"""Bytes of a file that are taken in, or sent, at once."""


class CursorGone(Exception):
    """The feed reaches no more back to the cursor."""


class Refused(Exception):
    """One file or folder cannot be changed as asked; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Wire:
    """The folder on the server, over connections that show a token by themselves."""

    session: Session
    top: str
    """The path of the folder: a space, and folders in it."""

    @property
    def http(self) -> httpx2.AsyncClient:
        """Give the connections."""
        return self.session.http

    async def changes(self, cursor: int, wait: int = 0, until: int = 0) -> dict[str, Any]:
        """Give changes beyond a cursor; raise CursorGone.

        Where everything is told for the first time, ``until`` says how far that goes.
        """
        params = {"space": self.top, "cursor": cursor, "limit": _MOST, "wait": wait,
                  **({"until": until} if cursor < until else {})}  # fmt: skip
        answer = await self._ask("GET", "/a/keycell/changes", params=params, timeout=wait + 60)
        if answer.status_code == _GONE:
            raise CursorGone
        if answer.status_code in (403, 404):
            raise AccessEnded(
                f"the server does not show {self.top} any more",
                "ask whoever shares it; all files here stay as they are",
            )
        found: dict[str, Any] = self._json(_good(answer))
        return found

    async def make_top(self) -> None:
        """Make the folder itself, if it is not there; raise SyncError."""
        if "/" not in self.top:
            await self.changes(0)
            return
        body = {"Nodes": [{"Path": self.top, "Type": "COLLECTION"}]}
        answer = await self._ask("POST", "/a/tree/create", json=body)
        if answer.status_code == 401:  # noqa: PLR2004
            _good(answer)
        if answer.is_error:
            of = {403: AccessEnded, 404: RootGone, 429: Away}
            usual = Away if answer.is_server_error else SyncError
            kind = of.get(answer.status_code, usual)
            raise kind(f"{self.top} cannot be synced: {_said(answer)}")
        # What somebody in between shows made no folder.
        if not self._json(answer).get("Children"):
            raise _no_server(answer)

    async def children(self, path: str) -> set[str]:
        """Give the identifiers of what lies in a folder below the top."""
        body = {"NodePaths": [f"{self.top}/{path}/*"]}
        answer = await self._ask("POST", "/a/tree/stats", json=body)
        return {one["Uuid"] for one in self._json(_good(answer)).get("Nodes") or ()}

    async def make_folder(self, place: Place) -> Remote:
        """Make a folder where nothing is."""
        where = f"/a/keycell/nodes/{place.parent}/folders"
        told = self._json(_good(await self._ask("POST", where, json={"name": place.name})))
        return Remote(id=told["id"], place=place, is_folder=True, revision=told["seq"])

    async def move(self, remote: Remote, place: Place) -> int:
        """Move what is as it was seen, and give its revision."""
        body = {"parent": place.parent, "name": place.name, "revision": remote.revision}
        answer = await self._ask("POST", f"/a/keycell/nodes/{remote.id}/move", json=body)
        return int(self._json(_good(answer))["seq"])

    async def trash(self, remote: Remote) -> None:
        """Move what is as it was seen to the recycle bin; a folder must be empty."""
        body = {"revision": remote.revision}
        answer = await self._ask("POST", f"/a/keycell/nodes/{remote.id}/trash", json=body)
        if answer.status_code != 404:  # noqa: PLR2004  (gone already)
            _good(answer)

    async def send(self, local: Path, path: str, wanted: "Wanted") -> Placed:
        """Put a large file in parts where and over what was seen; after a cut only what lacks."""
        condition = Condition(wanted.over, if_none=not wanted.over, parent=wanted.parent)
        with _meant():
            sent = await upload(
                self.session, local, f"{self.top}/{path}", condition, sha256=wanted.digest
            )
        if sent.placed is None:
            raise Dropped("it is not large any more")
        return sent.placed

    async def put(self, path: str, content: AsyncIterator[bytes], wanted: "Wanted") -> Placed:
        """Put a file's content where and over what was seen."""
        bound = {"If-Match": f'"{wanted.over}"'} if wanted.over else {"If-None-Match": "*"}
        headers = {
            **bound,
            "Content-Length": str(wanted.size),
            "X-Keycell-Parent": wanted.parent,
            "x-amz-meta-mtime": wanted.mtime,
            "x-amz-checksum-sha256": base64.b64encode(bytes.fromhex(wanted.digest)).decode(),
        }
        told = _good(
            await self._ask("PUT", self._address(path), content=content, headers=headers)
        ).headers
        return Placed(told["etag"].strip('"'), told["x-keycell-node"], told["x-keycell-version"],
                      int(told["x-keycell-revision"]))  # fmt: skip

    async def put_each(
        self, files: Sequence["Small"]
    ) -> Sequence[Placed | Dropped | Refused] | None:
        """Put small files where and over what was seen; None where that cannot be asked."""
        body = {"files": [one.told() for one in files]}
        with _meant():
            # What arrived the first time is a conflict the second, and agreed on when seen.
            answer = await self.http.post(
                "/a/keycell/files", json=body, extensions=dict(REPEATABLE)
            )
        if answer.status_code in _NOT_SPOKEN:
            return None
        told = self._json(_good(answer))["files"]
        if len(told) != len(files):
            raise _no_server(answer)
        return [_outcome(one) for one in told]

    async def contents(self, remotes: Sequence[Remote]) -> dict[str, bytes]:
        """Give what small files hold, by identifier, of those that are as they were seen."""
        body = {"files": [{"id": one.id, "version": one.version} for one in remotes]}
        with _meant():
            answer = await self.http.post(
                "/a/keycell/contents", json=body, extensions=dict(REPEATABLE)
            )
        if answer.status_code == 404:  # noqa: PLR2004  (a server from before that was there)
            return {}
        told = self._json(_good(answer))["contents"]
        return {one["id"]: base64.b64decode(one["content"]) for one in told}

    @asynccontextmanager
    async def get(self, path: str, etag: str, start: int) -> AsyncIterator[AsyncIterator[bytes]]:
        """Give a file's bytes from a number on, if it is as it was seen."""
        headers = {"If-Match": f'"{etag}"', "Accept-Encoding": "identity"}
        if start:
            headers["Range"] = f"bytes={start}-"
        with _meant():
            async with self.http.stream(
                "GET", self._address(path), headers=headers, extensions=dict(A_FILE)
            ) as answer:
                if answer.is_error:
                    await answer.aread()
                    _good(answer)
                yield answer.aiter_bytes()

    def _address(self, path: str) -> str:
        return "/io/" + quote(f"{self.top}/{path}", safe="/")

    def _json(self, answer: httpx2.Response) -> Any:  # noqa: ANN401  (whatever JSON says)
        try:
            found = answer.json()
        except ValueError as error:
            raise _no_server(answer) from error
        if not isinstance(found, dict):
            raise _no_server(answer)
        return found

    async def _ask(self, method: str, where: str, **more: Any) -> httpx2.Response:  # noqa: ANN401
        with _meant():
            return await self.http.request(method, where, **more)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an upload is bound to, and what it brings."""

    parent: str
    over: str
    """The entity tag of what is there; nothing where nothing is to be."""
    digest: str
    size: int
    mtime_ns: int

    @property
    def mtime(self) -> str:
        """Give the moment as it is sent: in seconds."""
        return f"{self.mtime_ns / 1e9:.6f}"


@dataclass(frozen=True, slots=True)
class Small:
    """A small file with all its bytes."""

    name: str
    version: str
    """The one that is there; nothing where nothing is to be."""
    wanted: Wanted
    content: bytes

    def told(self) -> dict[str, str]:
        """Say it as it is sent."""
        return {
            "parent": self.wanted.parent,
            "name": self.name,
            "version": self.version,
            "sha256": self.wanted.digest,
            "mtime": self.wanted.mtime,
            "content": base64.b64encode(self.content).decode("ascii"),
        }


def _no_server(answer: httpx2.Response) -> SyncError:
    return SyncError(
        f"{answer.request.url.host} did not answer as a Keycell server does",
        "check the address; a proxy may be in between",
    )


def _outcome(told: Mapping[str, Any]) -> Placed | Dropped | Refused:
    error = told.get("error")
    if error is None:
        return Placed(told["etag"], told["id"], told["version"], told["seq"])
    kind = Dropped if error["Code"] in _CHANGED else Refused
    return kind(error["Title"])


@contextmanager
def _meant() -> Iterator[None]:
    """Say what goes wrong on the way as what it means for a sync."""
    try:
        yield
    except httpx2.RequestError as error:
        raise _away(error) from error
    except SignInRequired as error:
        raise SignInEnded(f"{error}; all files here stay as they are", error.hint) from error
    except Unavailable as error:
        raise Away(str(error), error.hint) from error
    except (Denied, Limit, Locked) as error:
        raise Refused(str(error)) from error
    except (Conflict, NotFound, Integrity) as error:
        raise Dropped(str(error)) from error


def _away(error: httpx2.RequestError) -> Away:
    meant = unreachable(error, "the server")
    hint = "nothing is lost: run it again when the network is back"
    return Away(str(meant), meant.hint if is_certificate(error) else hint)


def _good(answer: httpx2.Response) -> httpx2.Response:
    status = answer.status_code
    if status < 400:  # noqa: PLR2004
        return answer
    if status == 401:  # noqa: PLR2004
        raise SignInEnded(
            "the sign-in has ended; all files here stay as they are", "keycell login"
        )
    if status in (409, 412, 404, 416):
        raise Dropped(_said(answer))
    meant = refusal(answer)
    if status in (429, 502, 503) and not isinstance(meant, Locked):
        raise Away(f"the server asks to wait: {meant}", "run it again in a while")
    if isinstance(meant, Integrity):
        raise Dropped("it changed while it was read")
    raise Refused(str(meant))


def _said(answer: httpx2.Response) -> str:
    return str(refusal(answer))
