"""What this wire answers when something cannot be done: a status, a condition, a sentence."""

from xml.sax.saxutils import escape

from starlette.responses import Response

from keycell.files import errors as files
from keycell.http.errors import headers_of, status_of, wider_scope
from keycell.http.wire import NO_STORE
from keycell.oauth.errors import OAuthError, TokenMissing

XML = 'application/xml; charset="utf-8"'
DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
_SENTENCES = "http://sabredav.org/ns"
"""Where the programs that show a sentence to people look for it."""

# The first that fits wins, so what is special comes before what it is a kind of.
_STATUS: tuple[tuple[type[files.FilesError], int, str], ...] = (
    (files.NotFound, 404, ""),
    (files.Forbidden, 403, ""),
    (files.IsAFolder, 405, ""),
    (files.Conflict, 409, ""),
    (files.PreconditionFailed, 412, ""),
    (files.Locked, 423, "lock-token-submitted"),
    (files.TooLarge, 413, ""),
    (files.QuotaExceeded, 507, "quota-not-exceeded"),
    (files.StoreFull, 507, "sufficient-disk-space"),
    (files.StoreAway, 503, ""),
    (files.BlobMissing, 500, ""),
    (files.FilesError, 400, ""),
)


class DavError(Exception):
    """A request that this wire refuses. ``condition`` is one of RFC4918-16."""

    def __init__(self, status: int, sentence: str, condition: str = "") -> None:
        super().__init__(sentence)
        self.status = status
        self.condition = condition


class NoCredentials(DavError):
    """Nobody has said who asks, or not in a way that proves it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(401, sentence)


def dav_error_of(error: Exception) -> DavError:
    """Give what an error of ours is on this wire."""
    if isinstance(error, DavError):
        return error
    if isinstance(error, OAuthError):
        sentence = error.description or "the access token opens nothing here"
        return DavError(status_of(error), sentence)
    status, condition = next((s, c) for kind, s, c in _STATUS if isinstance(error, kind))
    return DavError(status, str(error), condition)


def error_response(cause: Exception, href: str, base_url: str) -> Response:
    """Write an error. RFC4918-16, RFC4918-11."""
    error = dav_error_of(cause)
    condition = ""
    if error.condition == "lock-token-submitted":
        # The address that was asked for: that of the lock's own root may not be theirs to know.
        condition = (
            f"<D:lock-token-submitted><D:href>{escape(href)}</D:href></D:lock-token-submitted>"
        )
    elif error.condition:
        condition = f"<D:{error.condition}/>"
    body = (
        f'{DECLARATION}<D:error xmlns:D="DAV:">{condition}'
        f'<s:message xmlns:s="{_SENTENCES}">{escape(printable(str(error)))}</s:message></D:error>'
    )
    response = Response(body, error.status, NO_STORE, media_type=XML)
    refused = TokenMissing(str(error)) if isinstance(cause, NoCredentials) else cause
    if isinstance(refused, OAuthError):
        response.headers.update(headers_of(refused, base_url, "dav"))
    response.headers.update(wider_scope(cause, base_url, "dav"))
    if error.status == 401:  # noqa: PLR2004  (as RFC9110-15.5.2 names it)
        response.headers.append("WWW-Authenticate", 'Basic realm="keycell", charset="UTF-8"')
    if error.status == 503:  # noqa: PLR2004
        response.headers["Retry-After"] = "2"
    return response


def printable(text: str) -> str:
    """Give a text without the characters that XML cannot hold."""
    return "".join(c if c >= " " and not "\ud800" <= c <= "\udfff" else "?" for c in text)
