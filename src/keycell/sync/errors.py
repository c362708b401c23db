"""What ends a sync run, in one sentence; what goes wrong with single files is kept beside them.

SyncError
├── RootGone         the folder, on the disk or the server, is not the one it was
├── AccessEnded      whoever gave access took it back
│   └── SignInEnded  nobody is signed in any more
├── Busy             another process syncs it
├── NeedsDecision    more would be deleted than anybody deletes by accident
└── Away             the server cannot be reached, or cannot answer now
"""


class SyncError(Exception):
    """The folder cannot be synced as things are; nothing is lost by that."""

    def __init__(self, sentence: str, hint: str = "") -> None:
        super().__init__(sentence)
        self.hint = hint


class RootGone(SyncError):
    """The folder is not there, or is another one than was agreed on."""


class AccessEnded(SyncError):
    """The server does not let this person at the folder any more."""


class SignInEnded(AccessEnded):
    """The server does not take the sign-in any more; one signs in again."""


class Busy(SyncError):
    """Another process syncs the folder."""


class NeedsDecision(SyncError):
    """A person must say whether so much is to be deleted."""


class Away(SyncError):
    """The server cannot be reached, or cannot answer now."""


class Dropped(Exception):
    """What an operation found is no more so: it is planned anew."""
