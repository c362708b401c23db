"""What the S3 wire says when something cannot be done: a code, a status, an XML document."""

from collections.abc import Mapping

from starlette.responses import Response

from keycell.accounts.ports import NotStorable, StoreUnavailable
from keycell.files import errors as files
from keycell.files.uploads import BadPart, BadPartOrder, PartTooSmall
from keycell.http import wire
from keycell.http.s3.answers import escaped
from keycell.oauth.errors import (
    InsufficientScope,
    InvalidToken,
    OAuthError,
    TemporarilyUnavailable,
    TokenMissing,
)
from keycell.oauth.sentences import Words, in_english

STATUS: Mapping[str, int] = {
    "AccessDenied": 403,
    "AuthorizationHeaderMalformed": 400,
    "AuthorizationQueryParametersError": 400,
    "BadDigest": 400,
    "BucketAlreadyOwnedByYou": 409,
    "EntityTooLarge": 400,
    "EntityTooSmall": 400,
    "IncompleteBody": 400,
    "InsufficientStorage": 507,
    "InternalError": 500,
    "InvalidAccessKeyId": 403,
    "InvalidArgument": 400,
    "InvalidDigest": 400,
    "InvalidPart": 400,
    "InvalidPartNumber": 416,
    "InvalidPartOrder": 400,
    "InvalidRange": 416,
    "InvalidRequest": 400,
    "InvalidURI": 400,
    "KeyTooLongError": 400,
    "MalformedTrailerError": 400,
    "MalformedXML": 400,
    "MetadataTooLarge": 400,
    "MethodNotAllowed": 405,
    "MissingContentLength": 411,
    "MissingSecurityHeader": 400,
    "NoSuchBucket": 404,
    "NoSuchKey": 404,
    "NoSuchUpload": 404,
    "NoSuchVersion": 404,
    "NotImplemented": 501,
    "PreconditionFailed": 412,
    "QuotaExceeded": 507,
    "RequestTimeTooSkewed": 403,
    "RequestTimeout": 400,
    "SignatureDoesNotMatch": 403,
    "SlowDown": 503,
    "XAmzContentSHA256Mismatch": 400,
}
"""Every code there is here, by the names that S3's clients know."""

# The first that fits wins, so what is special comes before what it is a kind of. What may pass by
# itself is 503: a client must never take it for a lasting refusal.
_CODES: tuple[tuple[type[Exception], str], ...] = (
    (files.NoSuchUpload, "NoSuchUpload"),
    (files.NotFound, "NoSuchKey"),
    (files.Forbidden, "AccessDenied"),
    (files.IsAFolder, "AccessDenied"),
    (files.Conflict, "InvalidRequest"),
    (files.PreconditionFailed, "PreconditionFailed"),
    (files.Locked, "SlowDown"),
    (files.TooLarge, "EntityTooLarge"),
    (files.QuotaExceeded, "QuotaExceeded"),
    (files.StoreFull, "InsufficientStorage"),
    (files.LengthMismatch, "IncompleteBody"),
    (files.DigestMismatch, "BadDigest"),
    (files.StoreAway, "SlowDown"),
    (files.BlobMissing, "InternalError"),
    (BadPart, "InvalidPart"),
    (BadPartOrder, "InvalidPartOrder"),
    (PartTooSmall, "EntityTooSmall"),
    (files.FilesError, "InvalidArgument"),
    (StoreUnavailable, "SlowDown"),
    (NotStorable, "InvalidArgument"),
    (TemporarilyUnavailable, "SlowDown"),
    (wire.TooLarge, "EntityTooLarge"),
    (wire.TooSlow, "RequestTimeout"),
    (TokenMissing, "AccessDenied"),
    (InvalidToken, "InvalidAccessKeyId"),
    (InsufficientScope, "AccessDenied"),
    (OAuthError, "AccessDenied"),
)


class S3Error(Exception):
    """A request that this wire refuses, by one of S3's codes."""

    def __init__(self, code: str, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        """REST's code, where S3's is one for several things."""


def s3_error_of(error: Exception, words: Words = in_english) -> S3Error:
    """Give the code that an error of ours has on this wire."""
    if isinstance(error, S3Error):
        return error
    code = next(code for kind, code in _CODES if isinstance(error, kind))
    if isinstance(error, OAuthError):
        return S3Error(code, error.description or "the access token opens nothing here")
    said = error.told(words) if isinstance(error, files.FilesError) else str(error)
    return S3Error(code, said, "Locked" if isinstance(error, files.Locked) else "")


def error_response(
    error: S3Error, key: str, request_id: str, headers: Mapping[str, str] | None = None
) -> Response:
    """Write an error as S3 does."""
    reason = f"<Reason>{error.reason}</Reason>" if error.reason else ""
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{error.code}</Code><Message>{escaped(str(error))}</Message>"
        f"{reason}<Key>{escaped(key[:1024])}</Key><RequestId>{request_id}</RequestId></Error>"
    )
    said = {"x-amz-request-id": request_id, **(headers or {})}
    if error.code == "SlowDown":
        said["Retry-After"] = "2"
    return Response(body, STATUS[error.code], said, media_type="application/xml")
