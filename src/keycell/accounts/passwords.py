"""Which passwords may be chosen. NIST SP 800-63B-5.1.1.2: length counts, composition does not."""

import unicodedata

from keycell.accounts.errors import Invalid
from keycell.accounts.people import login_key

SHORTEST = 8
LONGEST_BYTES = 1024
"""Longer ones are refused unread: hashing must not be made expensive by whoever types."""

_COMMON = frozenset(
    {
        "12345678", "123456789", "1234567890", "password", "password1", "password123",
        "passw0rd", "p@ssw0rd", "qwertyui", "qwertyuiop", "qwerty123", "qwerty12", "1q2w3e4r",
        "1qaz2wsx", "iloveyou", "sunshine", "princess", "football", "baseball", "superman",
        "trustno1", "welcome1", "welcome123", "letmein1", "abc12345", "abcd1234", "11111111",
        "00000000", "88888888", "12341234", "87654321", "asdfghjk", "asdfasdf", "zaq12wsx",
        "changeme", "changeit", "administrator", "admin123", "adminadmin", "secret12",
        "computer", "internet", "whatever", "starwars", "michelle", "jennifer", "danielle",
        "jordan23", "charlie1", "azertyuiop", "motdepasse", "motdepasse1", "soleil123",
        "doudou123", "loulou123", "keycell1",
    }
)  # fmt: skip


def normal(password: str) -> str:
    """Give the one form of a password that keyboards write in several. RFC8265-4.2.2."""
    return unicodedata.normalize("NFC", password)


def check_length(password: str) -> str:
    """Give a password that is short enough to be hashed at all."""
    if len(password.encode()) > LONGEST_BYTES:
        raise Invalid("password", "password-long", f"a password has at most {LONGEST_BYTES} bytes")
    return normal(password)


def check_password(password: str, login: str, email: str | None) -> str:
    """Give a password that may be chosen."""
    chosen = check_length(password)
    if len(chosen) < SHORTEST:
        raise Invalid(
            "password", "password-short", f"a password has at least {SHORTEST} characters"
        )
    folded = login_key(chosen)
    names = {login_key(login), login_key(email or "")}
    if folded in names:
        raise Invalid("password", "password-login", "a password is not the login or mail address")
    if folded in _COMMON or len(set(folded)) == 1:
        raise Invalid("password", "password-common", "this password is among the most common")
    return chosen
