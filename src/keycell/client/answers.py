"""What a server's refusal means: REST's, S3's and OAuth's words, as errors of ours."""

import json
import re
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import unescape

import httpx2

from keycell.client.errors import (
    BadUse,
    ClientError,
    Conflict,
    Denied,
    Gone,
    Integrity,
    Limit,
    Locked,
    NotFound,
    NotKeycell,
    SignInRequired,
    Unavailable,
)

STEP_UP = "insufficient_user_authentication"
"""The sign-in is too old, or too weak, for what was asked. RFC9470-3."""
_OF_STATUS: Mapping[int, type[ClientError]] = {
    400: BadUse,
    401: SignInRequired,
    403: Denied,
    404: NotFound,
    409: Conflict,
    410: Gone,
    412: Conflict,
    413: Limit,
    423: Locked,
    429: Limit,
    507: Limit,
}
_OF_CODE: Mapping[str, type[ClientError]] = {
    "BadDigest": Integrity,
    "IncompleteBody": Integrity,
    "InvalidDigest": Integrity,
    "XAmzContentSHA256Mismatch": Integrity,
    "InvalidRequest": Conflict,
    "EntityTooLarge": Limit,
    "NoSuchUpload": Gone,
    "Locked": Locked,
}
_OF_FAILURE: Mapping[str, type[ClientError]] = {
    "BadPath": BadUse,
    "BadRequest": BadUse,
    "NotFound": NotFound,
    "NoSuchSpace": NotFound,
    "Forbidden": Denied,
    "TokenReadsOnly": Denied,
    "Conflict": Conflict,
    "NameTaken": Conflict,
    "NotAFolder": Conflict,
    "IsAFolder": Conflict,
    "FolderNotEmpty": Conflict,
    "TooDeep": Conflict,
    "OtherVolume": Conflict,
    "PreconditionFailed": Conflict,
    "Locked": Locked,
    "TooLarge": Limit,
    "QuotaExceeded": Limit,
    "StoreFull": Limit,
    "DigestMismatch": Integrity,
    "BlobMissing": Integrity,
}
_XML = re.compile(r"<(Code|Reason|Message)>(.*?)</\1>", re.DOTALL)
_SERVER_ERROR = 500


def check(response: httpx2.Response) -> httpx2.Response:
    """Give an answer that is one; raise what a refusal means. The body must have been read."""
    if response.status_code < 400:  # noqa: PLR2004
        return response
    raise refusal(response)


def refusal(response: httpx2.Response) -> ClientError:
    """Say what a refusal means."""
    code, said = _read(response)
    status = response.status_code
    kind = _OF_CODE.get(code) or _OF_STATUS.get(status)
    if kind is None:
        kind = Unavailable if status >= _SERVER_ERROR else ClientError
    hint = "try again in a moment; the server's log says why" if kind is Unavailable else ""
    if code == STEP_UP:
        hint = "keycell login --again"
    elif kind is SignInRequired:
        said, hint = "the server does not take the sign-in any more", "keycell login"
    elif kind is Denied and 'scope="admin"' in response.headers.get("www-authenticate", ""):
        hint = "keycell login --admin, as an administrator; or a token with the scope admin"
    elif kind is Denied and code == "insufficient_scope":
        hint = "this token may not do that: sign in by keycell login, or use another token"
    elif status == 429:  # noqa: PLR2004
        hint = f"try again in {response.headers.get('retry-after', 'some')} seconds"
    request_id = response.headers.get("x-request-id", "")
    return kind(said, hint, request_id=request_id, status=status)


def failure(code: str, said: str) -> ClientError:
    """Say what it means that a job failed: no status tells it, so its code does."""
    return _OF_FAILURE.get(code, ClientError)(said)


def _read(response: httpx2.Response) -> tuple[str, str]:
    """Give a refusal's code, and its sentence."""
    text = response.text
    is_xml = text.lstrip().startswith("<?xml")
    found = {name: unescape(said) for name, said in _XML.findall(text)} if is_xml else {}
    if not found:
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            document = None
        found = document if isinstance(document, dict) else {}
    code = found.get("Reason") or found.get("Code") or found.get("error") or ""
    said = (
        found.get("Message") or found.get("Title") or found.get("Detail")
        or found.get("error_description") or code
        or f"the server answered {response.status_code} {response.reason_phrase}".strip()
    )  # fmt: skip
    return str(code), str(said)


def json_of(response: httpx2.Response) -> Any:  # noqa: ANN401  (whatever JSON says)
    """Give the JSON of an answer; whatever answers otherwise is no server of ours."""
    try:
        return response.json()
    except (ValueError, RecursionError) as error:
        kind = response.headers.get("content-type", "nothing").partition(";")[0]
        what = "JSON that cannot be read" if kind.endswith("json") else f"{kind}, not JSON"
        raise NotKeycell(
            f"{response.request.url.copy_with(query=None)} answered {what}",
            "check the address; a proxy or a sign-in page of the network may be in between",
            request_id=response.headers.get("x-request-id", ""),
        ) from error
