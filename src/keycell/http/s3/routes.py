"""Every operation of S3 that there is here, and where it is done."""

from collections.abc import Awaitable, Callable, Mapping

import structlog
from starlette.requests import Request
from starlette.responses import Response

from keycell.accounts.ports import NotStorable, StoreUnavailable
from keycell.files.errors import FilesError
from keycell.http import start
from keycell.http.edge import Edge, words_of
from keycell.http.errors import headers_of, wider_scope
from keycell.http.s3 import buckets, listing, objects, upload_lists, uploads
from keycell.http.s3.calls import Call, open_call
from keycell.http.s3.errors import S3Error, error_response, s3_error_of
from keycell.http.s3.failed import BAD_REQUEST, Failure, slot_of
from keycell.http.s3.signatures import ALGORITHM
from keycell.oauth.errors import InvalidToken, OAuthError, TokenRefused

log = structlog.get_logger(__name__)

Operation = Callable[[Call], Awaitable[Response]]

# By the parameter that names what is asked; the empty name is for none of them.
BUCKET: Mapping[tuple[str, str], Operation] = {
    ("GET", "location"): buckets.location,
    ("GET", "versioning"): buckets.versioning,
    ("GET", "uploads"): upload_lists.uploads,
    ("GET", ""): listing.list_objects,
    ("HEAD", ""): buckets.head,
    ("PUT", ""): buckets.create,
    ("POST", "delete"): buckets.delete_objects,
    ("DELETE", ""): buckets.remove,
}
OBJECT: Mapping[tuple[str, str], Operation] = {
    ("GET", ""): objects.get,
    ("HEAD", ""): objects.get,
    ("PUT", ""): objects.put,
    ("PUT", "copy"): objects.copy,
    ("DELETE", ""): objects.delete,
    ("POST", "uploads"): uploads.create,
    ("PUT", "uploadId"): uploads.put_part,
    ("PUT", "uploadId copy"): uploads.copy_part,
    ("GET", "uploadId"): upload_lists.parts,
    ("POST", "uploadId"): uploads.complete,
    ("DELETE", "uploadId"): uploads.abort,
}
_NAMES = frozenset({"location", "versioning", "uploads", "uploadId", "delete"})
_ELSEWHERE = frozenset(
    {
        "accelerate", "acl", "analytics", "attributes", "cors", "encryption", "inventory",
        "intelligent-tiering", "legal-hold", "lifecycle", "logging", "metrics", "notification",
        "object-lock", "ownershipControls", "policy", "policyStatus", "publicAccessBlock",
        "renameObject", "replication", "requestPayment", "restore", "retention", "select",
        "session", "tagging", "torrent", "versions", "website",
    }
)  # fmt: skip
"""What S3 has beside, and this is not."""


async def s3(edge: Edge, request: Request) -> Response:
    """Answer a request under ``/io``."""
    slot = slot_of(request)
    if slot is None:
        return await _answer(edge, request, _operation)
    now = edge.files.clock()
    length = request.headers.get("content-length", "0")
    kept = edge.failed_puts.find(slot, now) if length == "0" else None
    if kept is not None:
        return Response(kept.body, kept.status, media_type="application/xml")
    response = await _answer(edge, request, _operation)
    if response.status_code >= BAD_REQUEST and length != "0":
        edge.failed_puts.keep(slot, Failure(response.status_code, bytes(response.body), now))
    return response


async def root(edge: Edge, request: Request) -> Response:
    """List the buckets to who asks as S3's clients do; show the front page to everybody else."""
    query: bytes = request.scope["query_string"]
    is_signed = request.headers.get("authorization", "").startswith(ALGORITHM)
    if not is_signed and b"X-Amz-Algorithm=" not in query:
        return await start.home(edge, request)
    return await _answer(edge, request, lambda _: buckets.buckets)


async def _answer(edge: Edge, request: Request, choose: Callable[[Call], Operation]) -> Response:
    try:
        call = await open_call(edge, request)
        return await choose(call)(call)
    except (S3Error, FilesError, OAuthError, StoreUnavailable, NotStorable) as caught:
        error = s3_error_of(caught, words_of(edge, request))
        log.info("refused", path=request.url.path, error=error.code, detail=str(caught))
        key = request.url.path.removeprefix("/io/")
        request_id: str = request.scope["request_id"]
        wider = wider_scope(caught, edge.settings.base_url, "io")
        response = error_response(error, key, request_id, wider)
        if isinstance(caught, TokenRefused):
            # Who comes with a bearer token is told as RFC6750-3 has it.
            response.headers.update(headers_of(caught, edge.settings.base_url, "io"))
            response.status_code = 401 if isinstance(caught, InvalidToken) else 403
        return response


def _operation(call: Call) -> Operation:
    method = call.request.method
    for name in call.query:
        if name in _ELSEWHERE:
            raise S3Error("NotImplemented", f"{name} is nothing that this server has")
    table = OBJECT if call.key else BUCKET
    name = next((name for name in call.query if name in _NAMES), "")
    if method == "PUT" and "x-amz-copy-source" in call.headers and call.key:
        name = f"{name} copy".strip()
    operation = table.get((method, name))
    if operation is None:
        raise S3Error("MethodNotAllowed", f"{method} {name} is nothing that can be done here")
    return operation


def failed(request: Request) -> Response:
    """Say that something went wrong on our side."""
    error = S3Error("InternalError", "something went wrong on our side; try again")
    return error_response(error, "", request.scope["request_id"])
