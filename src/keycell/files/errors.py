"""What can go wrong with files. The wires give each its own name; status is theirs too.

``str(error)`` may be shown to whoever asked: it says what was received, what was expected, and how
to mend it.

    FilesError
    ├── BadPath, BadRequest
    ├── NotFound ── NoSuchSpace, NoSuchUpload, NoThumbnail
    ├── Forbidden ── TokenReadsOnly
    ├── Conflict ── NameTaken, NotAFolder, IsAFolder, FolderNotEmpty, TooDeep
    ├── PreconditionFailed
    ├── Locked
    ├── TooLarge, QuotaExceeded, StoreFull
    ├── LengthMismatch, DigestMismatch
    ├── CursorGone, SearchUnderWay, ThumbnailsBusy
    └── StoreAway, BlobMissing
"""

from keycell.oauth.sentences import Refusal, phrase


class FilesError(Refusal):
    """Something about files cannot be done."""


class BadPath(FilesError):
    """A path or name that nothing can have."""


class BadRequest(FilesError):
    """A parameter that cannot be."""


class NotFound(FilesError):
    """Nothing is there, or nothing that may be seen: the two are told alike."""


class NoSuchSpace(NotFound):
    """There is no such space, or none that may be seen."""


class NoSuchUpload(NotFound):
    """There is no such multipart upload: never begun, completed, or given up."""


class NoThumbnail(NotFound):
    """The file may be seen, but there is no small picture of it."""


class Forbidden(FilesError):
    """It may be seen, but this may not be done with it."""


class TokenReadsOnly(Forbidden):
    """The person may do it; the token that was shown does not let it. RFC6750-3.1."""


class Conflict(FilesError):
    """What is there does not go together with what was asked."""


class NameTaken(Conflict):
    """The name is taken, or one that differs from it by case or Unicode form alone."""

    def __init__(self, wanted: str, existing: str) -> None:
        if wanted == existing:
            said = phrase("%(name)s exists already", name=repr(existing))
        else:
            said = phrase(
                "%(wanted)s differs from %(name)s, which exists, by case or Unicode form alone; "
                "use the existing name, or another one",
                wanted=repr(wanted),
                name=repr(existing),
            )
        super().__init__(said)
        self.wanted = wanted
        self.existing = existing


class NotAFolder(Conflict):
    """A file stands where a folder would have to be."""


class IsAFolder(Conflict):
    """A folder stands where a file would have to be."""


class FolderNotEmpty(Conflict):
    """The folder holds something."""


class TooDeep(Conflict):
    """It, or something in it, would lie in more folders than a path may have."""

    def __init__(self, depth: int, most: int) -> None:
        super().__init__(
            phrase(
                "it would lie %(depth)s folders deep, or something in it would; at most %(most)s "
                "are taken: put it further up, or shorten what is in it",
                depth=depth,
                most=most,
            )
        )


class PreconditionFailed(FilesError):
    """The file is not, or no more, what the condition says. RFC9110-15.5.13."""


class Locked(FilesError):
    """Somebody holds a lock on it. RFC4918-11.3."""


class TooLarge(FilesError):
    """More than a limit of ours takes."""


class QuotaExceeded(FilesError):
    """The space's quota has no room for it. RFC4331-6."""


class StoreFull(FilesError):
    """The disk or object store has no room for it."""


class LengthMismatch(FilesError):
    """The bytes that came are fewer or more than were announced."""


class DigestMismatch(FilesError):
    """The bytes that came are not those whose digest was announced."""


class CursorGone(FilesError):
    """The feed no more reaches back to this cursor: list everything, then go on from there."""


class SearchUnderWay(FilesError):
    """A search of the same person's goes through what files hold, and this one waits for it."""

    wait = 2
    """Seconds until it is worth another try."""

    def __init__(self) -> None:
        super().__init__(
            phrase("a search of yours still looks through what files hold; try again when it ends")
        )


class ThumbnailsBusy(FilesError):
    """A small picture was not made for now: too many wait, or what makes them was ended."""

    wait = 5
    """Seconds until it is worth another try."""

    def __init__(self) -> None:
        super().__init__(phrase("small pictures are being made of many files; try again soon"))


class StoreAway(FilesError):
    """The object store does not answer for the moment."""


class BlobMissing(FilesError):
    """A row names bytes that the store does not have: it was damaged from outside."""
