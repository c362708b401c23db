"""What the REST calls answer when something about files cannot be done. CELLS-CLIENT.md 0."""

from starlette.responses import Response

from keycell.files import errors as files
from keycell.http.wire import NO_STORE, json_answer

# The first that fits wins, so what is special comes before what it is a kind of.
_STATUS: tuple[tuple[type[files.FilesError], int], ...] = (
    (files.NotFound, 404),
    (files.Forbidden, 403),
    (files.Conflict, 409),
    (files.PreconditionFailed, 412),
    (files.Locked, 423),
    (files.CursorGone, 410),
    (files.TooLarge, 413),
    (files.QuotaExceeded, 507),
    (files.StoreFull, 507),
    (files.StoreAway, 503),
    (files.BlobMissing, 500),
    (files.FilesError, 400),
)


def files_refusal(error: files.FilesError) -> Response:
    """Answer an error about files in the form that the old system's clients read."""
    status = next(status for kind, status in _STATUS if isinstance(error, kind))
    body = {"Code": type(error).__name__, "Title": str(error), "Detail": str(error)}
    return json_answer(body, status, NO_STORE)
