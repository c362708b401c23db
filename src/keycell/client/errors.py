"""What can go wrong for a client: one sentence, a hint how to mend it, the server's request id."""

from typing import ClassVar


class ClientError(Exception):
    """Something that cannot be done."""

    kind: ClassVar[str] = "other"

    def __init__(
        self, sentence: str, hint: str = "", *, request_id: str = "", status: int = 0
    ) -> None:
        super().__init__(sentence)
        self.hint = hint
        self.request_id = request_id
        self.status = status
        """The status that the server answered, 0 where it was not asked."""


class BadUse(ClientError):
    """What was asked cannot be meant, or a question has nobody to answer it."""

    kind = "usage"


class NotFound(ClientError):
    """There is nothing there, or nothing that one may see."""

    kind = "not_found"


class Gone(NotFound):
    """What was begun is no more: an upload, a cursor of the feed."""


class SignInRequired(ClientError):
    """Nobody is signed in, or the sign-in has ended."""

    kind = "sign_in"


class Denied(ClientError):
    """The person, or the token, may not."""

    kind = "denied"


class Conflict(ClientError):
    """Something else is there: a name is taken, a condition does not hold."""

    kind = "conflict"


class Locked(Conflict):
    """Somebody holds a lock on it: it passes when they let go of it, or when its time is over."""


class Unavailable(ClientError):
    """The server cannot be reached, or cannot answer now."""

    kind = "unavailable"


class Limit(ClientError):
    """A quota, a size or a rate is used up."""

    kind = "limit"


class Integrity(ClientError):
    """Bytes are not those that were meant."""

    kind = "integrity"


class NotKeycell(ClientError):
    """Whatever answers there is no server of ours."""


class Untrusted(ClientError):
    """A secret lies where others can read it."""
