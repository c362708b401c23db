"""What the REST calls answer when something cannot be done."""

from collections.abc import Awaitable, Callable
from functools import wraps

from starlette.requests import Request
from starlette.responses import Response

from keycell.accounts import errors as accounts
from keycell.files import errors as files
from keycell.http.edge import Edge, words_of
from keycell.http.errors import wider_scope
from keycell.http.wire import NO_STORE, json_answer
from keycell.oauth.sentences import Words, in_english, phrase

Endpoint = Callable[[Edge, Request], Awaitable[Response]]

# The first that fits wins, so what is special comes before what it is a kind of.
_STATUS: tuple[tuple[type[files.FilesError], int], ...] = (
    (files.NotFound, 404),
    (files.Forbidden, 403),
    (files.Conflict, 409),
    (files.PreconditionFailed, 412),
    (files.Locked, 423),
    (files.CursorGone, 410),
    (files.SearchUnderWay, 429),
    (files.ThumbnailsBusy, 503),
    (files.TooLarge, 413),
    (files.QuotaExceeded, 507),
    (files.StoreFull, 507),
    (files.StoreAway, 503),
    (files.BlobMissing, 500),
    (files.FilesError, 400),
)
_OF_ACCOUNTS: tuple[tuple[type[accounts.AccountError], int], ...] = (
    (accounts.LoginTaken, 409),
    (accounts.ChangedMeanwhile, 409),
    (accounts.LastAdministrator, 409),
    (accounts.NamedByRule, 409),
    (accounts.WrongCredentials, 403),
    (accounts.Throttled, 429),
    (accounts.TooBusy, 503),
    (accounts.AccountError, 400),
)


_WRONG = phrase("OldPassword is not the password that stands")
_BUSY = phrase("too many passwords at once; try again in a moment")


def files_refusal(error: files.FilesError, base_url: str, words: Words) -> Response:
    """Answer an error about files in the form that the old system's clients read."""
    status = next(status for kind, status in _STATUS if isinstance(error, kind))
    headers = {**NO_STORE, **wider_scope(error, base_url, "a")}
    if isinstance(error, files.SearchUnderWay | files.ThumbnailsBusy):
        headers["Retry-After"] = str(error.wait)
    return json_answer(told_of(error, words), status, headers)


def told_of(error: files.FilesError, words: Words = in_english) -> dict[str, str]:
    """Give an error's name, and its sentence."""
    # Programs know the name; that another token would do stands in a header.
    kind = files.Forbidden if isinstance(error, files.Forbidden) else type(error)
    said = error.told(words)
    return {"Code": kind.__name__, "Title": said, "Detail": said}


def account_refusal(error: accounts.AccountError, words: Words) -> Response:
    """Answer an error about accounts in that form."""
    status = next(status for kind, status in _OF_ACCOUNTS if isinstance(error, kind))
    headers = dict(NO_STORE)
    said = error.told(words)
    if isinstance(error, accounts.WrongCredentials):
        said = words(_WRONG.template)
    elif isinstance(error, accounts.TooBusy):
        said = words(_BUSY.template)
        headers["Retry-After"] = "2"
    elif isinstance(error, accounts.Throttled):
        headers["Retry-After"] = str(error.wait)
    body = {"Code": type(error).__name__, "Title": said, "Detail": said}
    return json_answer(body, status, headers)


def tells_account_errors(endpoint: Endpoint) -> Endpoint:
    """Make an endpoint answer what cannot be done to an account."""

    @wraps(endpoint)
    async def telling(edge: Edge, request: Request) -> Response:
        try:
            return await endpoint(edge, request)
        except accounts.AccountError as error:
            return account_refusal(error, words_of(edge, request))

    return telling
