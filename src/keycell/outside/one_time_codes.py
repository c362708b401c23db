"""The codes of authenticator apps: SHA-1, six digits, thirty seconds, as every app expects."""

import base64
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from keycell.accounts.factors import STEP_SECONDS
from keycell.accounts.people import Account

if TYPE_CHECKING:
    import pyotp

ISSUER = "Keycell"


class TotpCodes:
    """The codes of authenticator apps. RFC6238-4."""

    def __init__(self, host: str) -> None:
        """Take the host that a person knows us by."""
        self._issuer = f"{ISSUER} ({host})"

    def steps_of(self, secret: bytes, code: str, now: datetime, reach: int) -> Sequence[int]:
        """Give the time steps around now, so far at most, whose code this is."""
        from pyotp.utils import strings_equal  # noqa: PLC0415  (with the first code)

        totp = self._totp(secret)
        current = int(now.timestamp()) // STEP_SECONDS
        around = sorted(range(-reach, reach + 1), key=abs)
        return [
            current + offset
            for offset in around
            if strings_equal(code, totp.at(now + timedelta(seconds=offset * STEP_SECONDS)))
        ]

    def address(self, secret: bytes, account: Account) -> str:
        """Give what an app reads from a QR code."""
        totp = self._totp(secret)
        return totp.provisioning_uri(name=account.login, issuer_name=self._issuer)

    def _totp(self, secret: bytes) -> "pyotp.TOTP":
        # Loaded with the first app: a megabyte that many a server never needs.
        import pyotp  # noqa: PLC0415

        return pyotp.TOTP(self.typed(secret), interval=STEP_SECONDS)

    def typed(self, secret: bytes) -> str:
        """Give a secret as it is typed into an app. RFC4648-6."""
        return base64.b32encode(secret).decode("ascii").rstrip("=")
