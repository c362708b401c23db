"""What a failed job means is what a refused call means."""

import pytest

from keycell.client.answers import failure
from keycell.client.errors import (
    BadUse,
    ClientError,
    Conflict,
    Denied,
    Integrity,
    Limit,
    Locked,
    NotFound,
)
from keycell.files import errors as files

OF_SERVER = {
    files.BadPath: BadUse,
    files.NotFound: NotFound,
    files.Forbidden: Denied,
    files.Conflict: Conflict,
    files.PreconditionFailed: Conflict,
    files.Locked: Locked,
    files.TooLarge: Limit,
    files.QuotaExceeded: Limit,
    files.StoreFull: Limit,
    files.DigestMismatch: Integrity,
    files.BlobMissing: Integrity,
}
NO_JOB = {files.NoSuchUpload, files.NoThumbnail}
"""What no job comes to."""


@pytest.mark.parametrize(("kind", "meaning"), OF_SERVER.items())
def test_a_failure_means_the_same_with_its_special_cases(
    kind: type[files.FilesError], meaning: type[ClientError]
) -> None:
    # What flows have for themselves is there only where another test has loaded them.
    special = {one for one in kind.__subclasses__() if one.__module__ == files.__name__}
    for one in {kind, *special} - NO_JOB:
        found = failure(one.__name__, "the job's words")
        assert (type(found), str(found)) == (meaning, "the job's words")


def test_a_failure_of_another_name_is_an_error_all_the_same() -> None:
    assert type(failure("GaveUp", "x")) is type(failure("", "x")) is ClientError
