"""What flows need of those who wait for a person: devices, and requests from the back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol, TypeVar

from keycell.accounts.audit import AuditEvent
from keycell.accounts.ports_mail import Mailing
from keycell.oauth.backchannel import BackchannelAuthentication
from keycell.oauth.device import DeviceAuthorization
from keycell.oauth.grants import Grant
from keycell.oauth.interaction import Consent
from keycell.oauth.waiting import Awaited

if TYPE_CHECKING:
    from keycell.provider.ports import CodeSpending

A_co = TypeVar("A_co", bound=Awaited, covariant=True)


class WaitingStore(Protocol[A_co]):
    """What waits for a person, and what became of it. RFC8628-3, CIBA-7."""

    async def find(self, key: str) -> A_co | None:
        """Find one, a decided one too."""
        ...

    async def poll(self, key: str, now: datetime) -> timedelta | None:
        """Count a poll; give the interval that it has grown to, None if it stayed."""
        ...

    async def allow(
        self,
        key: str,
        grant: Grant,
        consent: Consent | None,
        allowed: AuditEvent,
        started: AuditEvent,
    ) -> bool:
        """Let a client have a grant, and remember the consent: True for the call that decided."""
        ...

    async def deny(self, key: str, at: datetime, event: AuditEvent) -> bool:
        """Let a client have nothing: True for the call that decided."""
        ...


class DeviceStore(WaitingStore[DeviceAuthorization], Protocol):
    """Devices that wait for a person."""

    async def start(self, device: DeviceAuthorization) -> bool:
        """Keep a new one; False if another has its user code."""
        ...

    async def waiting(self, user_code: str, now: datetime) -> DeviceAuthorization | None:
        """Find one by its user code, as long as it waits."""
        ...


@dataclass(frozen=True, slots=True)
class Notice:
    """What a client is told of a decision, sealed; and the code that is spent by telling it."""

    sealed: str
    spending: "CodeSpending | None" = None


class BackchannelStore(WaitingStore[BackchannelAuthentication], Protocol):
    """Requests from the back, and what their clients are to be told. CIBA-7, CIBA-10."""

    async def start(
        self, request: BackchannelAuthentication, event: AuditEvent, mailing: Mailing
    ) -> None:
        """Keep a new one, with the letter that tells its person."""
        ...

    async def of_account(
        self, sub: str, now: datetime, most: int
    ) -> Sequence[BackchannelAuthentication]:
        """List those that wait for somebody, the latest first."""
        ...

    async def allow(
        self,
        key: str,
        grant: Grant,
        consent: Consent | None,
        allowed: AuditEvent,
        started: AuditEvent,
        notice: Notice | None = None,
    ) -> bool:
        """Let a client have a grant, and tell it: True for the call that decided."""
        ...

    async def deny(
        self, key: str, at: datetime, event: AuditEvent, notice: Notice | None = None
    ) -> bool:
        """Let a client have nothing, and tell it: True for the call that decided."""
        ...

    async def take(
        self, now: datetime, until: datetime, most: int
    ) -> Sequence[BackchannelAuthentication]:
        """Take some that are due to be told, for nobody else until a moment."""
        ...

    async def put_off(self, told: BackchannelAuthentication, at: datetime) -> None:
        """Tell one again at a moment."""
        ...

    async def done(self, told: BackchannelAuthentication) -> None:
        """Forget what was to be told."""
        ...
