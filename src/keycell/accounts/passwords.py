"""Which passwords may be chosen. NIST SP 800-63B-5.1.1.2: length counts, composition does not."""

import unicodedata
from collections.abc import Callable

from keycell.accounts.errors import Invalid
from keycell.accounts.people import login_key
from keycell.oauth.sentences import phrase

SHORTEST = 8
LONGEST_BYTES = 1024
"""Longer ones are refused unread: hashing must not be made expensive by whoever types."""


def normal(password: str) -> str:
    """Give the one form of a password that keyboards write in several. RFC8265-4.2.2."""
    return unicodedata.normalize("NFC", password)


def check_length(password: str) -> str:
    """Give a password that is short enough to be hashed at all."""
    if len(password.encode()) > LONGEST_BYTES:
        raise Invalid(
            "password",
            "password-long",
            phrase("a password has at most %(most)s bytes", most=LONGEST_BYTES),
        )
    return normal(password)


def check_password(
    password: str, login: str, email: str | None, is_common: Callable[[str], bool]
) -> str:
    """Give a password that may be chosen; ``is_common`` knows the ones that are tried first."""
    chosen = check_length(password)
    if len(chosen) < SHORTEST:
        raise Invalid(
            "password",
            "password-short",
            phrase("a password has at least %(least)s characters", least=SHORTEST),
        )
    folded = login_key(chosen)
    names = {login_key(login), login_key(email or "")}
    if folded in names:
        raise Invalid(
            "password", "password-login", phrase("a password is not the login or mail address")
        )
    if is_common(folded) or len(set(folded)) == 1:
        raise Invalid(
            "password", "password-common", phrase("this password is among the most common")
        )
    return chosen
