"""Who looks after their own account, and what that works with."""

from dataclasses import dataclass, field

from keycell.accounts.audit import AuditEvent, Origin
from keycell.accounts.people import Account
from keycell.accounts.ports import People
from keycell.files.ports import Files
from keycell.oauth.grants import Grant
from keycell.oauth.sentences import Words, in_english
from keycell.provider.personal_tokens import Limits
from keycell.provider.ports import Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A person, by a token that came of their own sign-in to a client of ours."""

    provider: Provider
    people: People
    files: Files
    account: Account
    grant: Grant
    """What this very call is made with: it is spared when all others end."""
    origin: Origin
    limits: Limits
    """What is made with it opens no more than it does."""
    words: Words = in_english
    """What is told is told by these."""

    def event(self, action: str, target: str, client_id: str = "", **detail: object) -> AuditEvent:
        """Tell of something that the person does."""
        return AuditEvent(
            at=self.people.clock(), actor=self.account.sub, action=action, target=target,
            client_id=client_id, origin=self.origin, detail=detail,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """A page of a list, the latest first: what lies before a cursor."""

    before: str | None = None
    most: int = field(default=50)
