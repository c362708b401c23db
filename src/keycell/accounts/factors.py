"""Second factors: what proves who somebody is beside, or instead of, a password.

Once an account has a passkey or an authenticator app, its password alone opens nothing.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from keycell.accounts.errors import Invalid
from keycell.accounts.sessions import Session
from keycell.oauth.sentences import phrase
from keycell.oauth.step_up import is_recent

MOST_PASSKEYS = 50
MOST_APPS = 10
RECOVERY_CODES = 10
FEW_CODES = 3
LONGEST_NAME = 100
"""How long after a sign-in factors may be changed."""
STEP_FOR = timedelta(minutes=15)
"""How long the page for the second factor may stand open."""
CHALLENGE_FOR = timedelta(hours=1)
"""How long a login page may stand open before its passkey button must be pressed again."""
STEP_SECONDS = 30
SECRET_BYTES = 20
"""RFC4226-4 recommends 160 bits."""
_CODE_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""No two of these look alike on paper."""
_CODE_LENGTH = 10

PASSWORD = "pwd"
ONE_TIME = "otp"
SOFTWARE_KEY, HARDWARE_KEY = "swk", "hwk"
PRESENT = "user"
SEVERAL = "mfa"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A key pair of an authenticator; of it we have the public half. WebAuthn-4."""

    credential_id: str
    sub: str
    public_key: str
    sign_count: int
    name: str
    aaguid: str
    transports: tuple[str, ...]
    is_synced: bool
    """It may be copied to the person's other devices."""
    created_at: datetime
    last_used_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """An authenticator app; its secret is sealed. RFC6238-3."""

    app_id: str
    sub: str
    sealed: str
    name: str
    last_step: int
    """The time step of the last code that was taken: it and those before are spent."""
    created_at: datetime
    last_used_at: datetime | None = None


Factor = Passkey | App


@dataclass(frozen=True, slots=True)
class Factors:
    """Everything that an account has beside its password."""

    passkeys: Sequence[Passkey] = ()
    apps: Sequence[App] = ()
    codes_left: int = 0

    @property
    def every(self) -> Sequence["Factor"]:
        """Give passkeys and apps."""
        return (*self.passkeys, *self.apps)

    @property
    def are_set(self) -> bool:
        """Tell whether the password alone opens nothing."""
        return bool(self.passkeys or self.apps)


def key_of(factor: Factor) -> str:
    """Give what a factor is kept under."""
    return factor.credential_id if isinstance(factor, Passkey) else factor.app_id


def is_fresh(session: Session, factors: Factors, now: datetime) -> bool:
    """Tell whether who sits at this session has just proved enough to change its factors."""
    return is_recent(session.auth_time, session.acr, now, has_second_factor=factors.are_set)


def amr_of_passkey(*, is_synced: bool, is_verified: bool) -> tuple[str, ...]:
    """Say how a passkey proved who somebody is. RFC8176-2.

    One that verified its user, by a PIN or a finger, is something they have and something else.
    """
    key = SOFTWARE_KEY if is_synced else HARDWARE_KEY
    return (key, PRESENT, SEVERAL) if is_verified else (key, PRESENT)


def check_factor_name(name: str) -> str:
    """Give a factor's name that may be kept."""
    stripped = " ".join(name.split())
    if not 1 <= len(stripped) <= LONGEST_NAME or not stripped.isprintable():
        raise Invalid(
            "name", "factor-name", phrase("a name has 1 to %(most)s characters", most=LONGEST_NAME)
        )
    return stripped


def free_name(wanted: str, factors: Sequence[Factor]) -> str:
    """Give a name that none of these factors has."""
    taken = {one.name for one in factors}
    names = (wanted, *(f"{wanted} {number}" for number in range(2, len(factors) + 3)))
    return next(name for name in names if name not in taken)


def read_one_time_code(text: str) -> str | None:
    """Read the six digits that an app shows; None if it is something else."""
    digits = re.sub(r"[\s-]", "", text)
    return digits if re.fullmatch(r"[0-9]{6}", digits) else None


def read_recovery_code(text: str) -> str | None:
    """Read a recovery code, however it was copied from paper; None if it is something else."""
    letters = re.sub(r"[\s-]", "", text).lower()
    is_one = len(letters) == _CODE_LENGTH and set(letters) <= set(_CODE_LETTERS)
    return letters if is_one else None


def make_recovery_code(secret: str) -> str:
    """Make a recovery code of a fresh secret, as it is written down."""
    number = int.from_bytes(hashlib.sha256(secret.encode()).digest())
    letters = ""
    for _ in range(_CODE_LENGTH):
        number, letter = divmod(number, len(_CODE_LETTERS))
        letters += _CODE_LETTERS[letter]
    half = _CODE_LENGTH // 2
    return f"{letters[:half]}-{letters[half:]}"


def make_app_secret(secret: str) -> bytes:
    """Make the secret of an authenticator app of a fresh secret of ours."""
    return hashlib.sha256(secret.encode()).digest()[:SECRET_BYTES]


def platform_name(user_agent: str) -> str:
    """Name the device that a browser runs on; empty if its header does not tell."""
    found = (name for mark, name in _PLATFORMS if mark in user_agent)
    return next(found, "")


def provider_name(aaguid: str) -> str:
    """Name who keeps a passkey, by what the authenticator says of itself; empty if unknown."""
    return _PROVIDERS.get(aaguid, "")


_PLATFORMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
    ("Mac OS X", "Mac"), ("CrOS", "Chromebook"), ("Linux", "Linux"),
)  # fmt: skip
_PROVIDERS = {
    "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4": "Google Password Manager",
    "adce0002-35bc-c60a-648b-0b25f1f05503": "Chrome on Mac",
    "b5397666-4885-aa6b-cebf-e52262a439a2": "Chromium",
    "771b48fd-d3d4-4f74-9232-fc157ab0507a": "Edge on Mac",
    "08987058-cadc-4b81-b6e1-30de50dcbe96": "Windows Hello",
    "9ddd1817-af5a-4672-a2b9-3e3dd95000a9": "Windows Hello",
    "6028b017-b1d4-4c02-b4b3-afcdafc96bb2": "Windows Hello",
    "fbfc3007-154e-4ecc-8c0b-6e020557d7bd": "Apple Passwords",
    "dd4ec289-e01d-41c9-bb89-70fa845d4bf2": "iCloud Keychain",
    "531126d6-e717-415c-9320-3d9aa6981239": "Dashlane",
    "bada5566-a7aa-401f-bd96-45619a55120d": "1Password",
    "b84e4048-15dc-4dd0-8640-f4f60813c8af": "NordPass",
    "0ea242b4-43c4-4a1b-8b17-dd6d0b6baec6": "Keeper",
    "f3809540-7f14-49c1-a8b3-8f813b225541": "Enpass",
    "d548826e-79b4-db40-a3d8-11116f7e8349": "Bitwarden",
    "50726f74-6f6e-5061-7373-50726f746f6e": "Proton Pass",
    "fdb141b2-5d84-443e-8a35-4698c205a502": "KeePassXC",
    "53414d53-554e-4700-0000-000000000000": "Samsung Pass",
    "cb69481e-8ff7-4039-93ec-0a2729a154a8": "YubiKey 5",
    "ee882879-721c-4913-9775-3dfcce97072a": "YubiKey 5",
    "2fc0579f-8113-47ea-b116-bb5a8db9202a": "YubiKey 5 NFC",
}
"""Of the community's list of authenticators. What is told here proves nothing, it only names."""
