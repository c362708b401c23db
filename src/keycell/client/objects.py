"""Bytes over S3, by a bearer token without signature: whole, in parts, and what arrived."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote
from xml.sax.saxutils import escape, unescape

from keycell.client.answers import check, refusal
from keycell.client.errors import ClientError, Conflict, NotFound
from keycell.client.session import Session

_PART = re.compile(r"<Part>(.*?)</Part>", re.DOTALL)
_MORE = re.compile(r"<IsTruncated>true</IsTruncated>")
_UPLOAD_ID = re.compile(r"<UploadId>([^<]+)</UploadId>")
_ETAG = re.compile(r"<ETag>(?:&quot;|\")?([0-9a-f-]+)(?:&quot;|\")?</ETag>")


@dataclass(frozen=True, slots=True)
class Condition:
    """What a write is bound to: the entity tag that is to be there, or that nothing is."""

    if_match: str = ""
    if_none: bool = False
    parent: str = ""
    """The identifier of the folder that the path must lead to."""

    def headers(self) -> dict[str, str]:
        """Give them as headers. RFC9110-13.1.1, RFC9110-13.1.2."""
        found = {"X-Keycell-Parent": self.parent} if self.parent else {}
        if self.if_match:
            return {"If-Match": f'"{self.if_match}"', **found}
        return {"If-None-Match": "*", **found} if self.if_none else found


ALWAYS = Condition()


@dataclass(frozen=True, slots=True)
class Placed:
    """What a file on the server has become."""

    etag: str
    node: str = ""
    version: str = ""
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Body:
    """Bytes that are sent, and what proves that they arrived."""

    content: bytes
    sha256: str
    """In hex."""

    def headers(self) -> dict[str, str]:
        """Give the digest that the server holds the bytes against, and refuses others by."""
        return {"x-amz-content-sha256": self.sha256}

    def is_of(self, etag: str) -> bool:
        """Tell whether an entity tag is of these bytes: their MD5, which else nobody needs."""
        return hashlib.md5(self.content, usedforsecurity=False).hexdigest() == etag


def address(path: str) -> str:
    """Give the address of what is at a path."""
    return f"/io/{quote(path, safe='/')}"


async def put(
    session: Session, path: str, body: Body, condition: Condition, kept: Mapping[str, str]
) -> str:
    """Put a whole file, and give its entity tag.

    Where the condition fails because these very bytes are there, they have arrived: an answer
    was lost, or somebody else was as fast.
    """
    headers = {**kept, **body.headers(), **condition.headers()}
    try:
        response = await session.request(
            "PUT", address(path), content=body.content, headers=headers, repeatable=True
        )
    except Conflict:
        if body.is_of(etag := await etag_of(session, path)):
            return etag
        raise
    return _tag(response.headers.get("etag", ""))


async def etag_of(session: Session, path: str) -> str:
    """Give the entity tag of what is at a path; "" if nothing is."""
    try:
        response = await session.request("HEAD", address(path))
    except NotFound:
        return ""
    return _tag(response.headers.get("etag", ""))


def _tag(text: str) -> str:
    return text.removeprefix("W/").strip('"')


async def begin(session: Session, path: str, kept: Mapping[str, str]) -> str:
    """Begin an upload in parts, and give its identifier."""
    response = await session.request(
        "POST", address(path), params={"uploads": ""}, headers=kept, repeatable=True
    )
    found = _UPLOAD_ID.search(response.text)
    if found is None:
        raise ClientError("the server began no upload: its answer names none")
    return found[1]


async def put_part(session: Session, path: str, upload_id: str, number: int, body: Body) -> str:
    """Put one part, in the place of an earlier one of its number, and give its entity tag."""
    response = await session.request(
        "PUT", address(path), params={"partNumber": number, "uploadId": upload_id},
        content=body.content, headers=body.headers(), repeatable=True,
    )  # fmt: skip
    return _tag(response.headers.get("etag", ""))


async def arrived(session: Session, path: str, upload_id: str) -> dict[int, str]:
    """Give the entity tags of the parts that arrived, by their numbers; raise Gone."""
    found: dict[int, str] = {}
    while True:
        response = await session.request(
            "GET", address(path),
            params={"uploadId": upload_id, "part-number-marker": max(found, default=0)},
        )  # fmt: skip
        page = _PART.findall(response.text)
        for part in page:
            number, etag = re.search(r"<PartNumber>(\d+)<", part), _ETAG.search(part)
            if number is not None and etag is not None:
                found[int(number[1])] = etag[1]
        if not page or not _MORE.search(response.text):
            return found


async def complete(
    session: Session, path: str, upload_id: str, parts: Sequence[str], condition: Condition
) -> Placed:
    """Make a file of the parts, and give what it became. Sent again, it finds what it made."""
    listed = "".join(
        f"<Part><PartNumber>{number}</PartNumber><ETag>{escape(etag)}</ETag></Part>"
        for number, etag in enumerate(parts, 1)
    )
    request = session.http.build_request(
        "POST", address(path), params={"uploadId": upload_id},
        content=f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>".encode(),
        headers={"Content-Type": "application/xml", **condition.headers()},
        extensions={"keycell.repeatable": True},
    )  # fmt: skip
    response = await session.answer(request)
    if "<Error>" in response.text:
        # S3 may say so in an answer that began well.
        raise refusal(response)
    found, told = _ETAG.search(check(response).text), response.headers
    return Placed(
        unescape(found[1]) if found else "", told.get("x-keycell-node", ""),
        told.get("x-keycell-version", ""), int(told.get("x-keycell-revision", "0")),
    )  # fmt: skip


async def abort(session: Session, path: str, upload_id: str) -> None:
    """Give an upload up; one that is no more is no error."""
    try:
        await session.request("DELETE", address(path), params={"uploadId": upload_id})
    except NotFound:
        return
