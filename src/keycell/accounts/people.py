"""Accounts: what we keep of a person, and what may stand in it."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from keycell.accounts.errors import Invalid
from keycell.oauth.claim_languages import is_tagged
from keycell.oauth.sentences import phrase

AUTH_SOURCE = "Keycell"
LONGEST_LOGIN = 100
LONGEST_NAME = 200
LONGEST_EMAIL = 254
LONGEST_CLAIM = 1000
MOST_TAGGED = 50
"""So many claims of one person are kept with a language: ``given_name#ja``."""

_LOGIN = re.compile(r"[^\W_][\w.@+-]*")
_EMAIL = re.compile(r"[^@\s<>\"(),:;\\\[\]]{1,64}@[^@\s<>\"(),:;\\\[\]]+")
_PHONE = re.compile(r"\+?[0-9 ().-]{3,40}(;ext=\d{1,10})?")
_BIRTHDATE = re.compile(r"\d{4}(-\d\d-\d\d)?")
_LOCALE = re.compile(r"[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*")
_ZONE = re.compile(r"[A-Za-z0-9_+-]{1,20}(/[A-Za-z0-9_+-]{1,30}){0,2}")
"""As IANA names time zones: Europe/Paris."""
_ADDRESS = ("formatted", "street_address", "locality", "region", "postal_code", "country")

TEXT_CLAIMS = (
    "given_name", "family_name", "middle_name", "nickname", "profile", "picture", "website",
    "gender", "birthdate", "zoneinfo", "locale", "phone_number",
)  # fmt: skip
_PATTERNS = {"phone_number": _PHONE, "birthdate": _BIRTHDATE, "locale": _LOCALE, "zoneinfo": _ZONE}
_URLS = ("profile", "picture", "website")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Our record of a person."""

    sub: str
    login: str
    name: str = ""
    email: str | None = None
    email_verified: bool = False
    group_path: str = "/"
    roles: tuple[str, ...] = ()
    is_admin: bool = False
    password_hash: str | None = None
    disabled_at: datetime | None = None
    created_at: datetime
    updated_at: datetime
    claims: Mapping[str, object] = field(default_factory=dict)
    """The standard claims beyond these. OIDCC-5.1."""
    leaves_at: datetime | None = None
    """When it is removed for good, as its person asked; signing in until then keeps it."""

    test_of: str | None = None
    """The application in test mode that this account was made for; None: somebody's own."""

    @property
    def is_test(self) -> bool:
        """Tell whether it signs in to applications in test mode alone."""
        return self.test_of is not None

    @property
    def stands(self) -> bool:
        """Tell whether anything may act in its person's name."""
        return self.disabled_at is None and self.leaves_at is None

    @property
    def key(self) -> str:
        """What two spellings of one login have in common."""
        return login_key(self.login)

    @property
    def search_key(self) -> str:
        """What somebody is looked for by: login, name and address, folded, a line each."""
        return "\n".join(login_key(one) for one in (self.login, self.name, self.email or ""))

    @property
    def display_name(self) -> str:
        """What others are shown."""
        return self.name or self.login


def login_key(login: str) -> str:
    """Fold case and Unicode forms away, so that nobody passes for another by spelling."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", login).casefold())


def check_login(login: str) -> str:
    """Give a login that may be kept."""
    if not 1 <= len(login) <= LONGEST_LOGIN or not _LOGIN.fullmatch(login):
        raise Invalid(
            "login",
            "login-form",
            f"received {login[:50]!r}; a login has 1 to {LONGEST_LOGIN} letters, digits and "
            ". _ - + @, and starts with a letter or digit",
        )
    return login


def check_name(name: str) -> str:
    """Give a display name that may be kept."""
    stripped = " ".join(name.split())
    if len(stripped) > LONGEST_NAME or not stripped.isprintable():
        raise Invalid(
            "name",
            "name-form",
            phrase("a name has at most %(most)s characters", most=LONGEST_NAME),
        )
    return stripped


def check_email(email: str) -> str:
    """Give a mail address that may be kept."""
    if len(email) > LONGEST_EMAIL or not email.isprintable() or not _EMAIL.fullmatch(email):
        raise Invalid(
            "email",
            "email-form",
            phrase("%(address)s is no mail address", address=repr(email[:100])),
        )
    return email


def check_claims(claims: Mapping[str, object]) -> dict[str, object]:
    """Give standard claims that may be kept; OIDCC-5.1 says what each looks like."""
    if sum("#" in name for name in claims) > MOST_TAGGED:
        raise Invalid("claims", "claim-form", f"at most {MOST_TAGGED} claims with a language")
    return {
        name: _check_claim(name, value)
        for name, value in claims.items()
        if value not in (None, "")
    }


def _check_claim(name: str, value: object) -> object:
    if is_tagged(name):
        # In another language it is of the same form. OIDCC-5.2.
        plain = name.partition("#")[0]
        return check_name(str(value)) if plain == "name" else _check_claim(plain, value)
    if name == "address":
        return _check_address(value)
    if name == "phone_number_verified":
        if not isinstance(value, bool):
            raise Invalid(name, "claim-form", "must be true or false")
        return value
    if name not in TEXT_CLAIMS:
        raise Invalid(name, "claim-unknown", f"no such claim; there are {', '.join(TEXT_CLAIMS)}")
    return _check_text(name, value)


def _check_text(name: str, value: object) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_CLAIM or not value.isprintable():
        raise Invalid(name, "claim-form", f"must be a text of at most {LONGEST_CLAIM} characters")
    pattern = _PATTERNS.get(name)
    if pattern is not None and not pattern.fullmatch(value):
        raise Invalid(name, "claim-form", f"{value[:50]!r} is not of the form OIDCC-5.1 gives")
    if name in _URLS and not value.startswith(("https://", "http://")):
        raise Invalid(name, "claim-form", "must be an http or https URL")
    return value


def _check_address(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not set(value) <= set(_ADDRESS):
        raise Invalid("address", "claim-form", f"must be an object of {', '.join(_ADDRESS)}")
    for part in value.values():
        if not isinstance(part, str) or len(part) > LONGEST_CLAIM:
            raise Invalid("address", "claim-form", "each part must be a text")
    return cast("dict[str, str]", value)


def person_of(account: Account) -> dict[str, object]:
    """Give the claims that may be told of an account. OIDCC-5.1."""
    person: dict[str, object] = dict(account.claims)
    person["name"] = account.display_name
    person["preferred_username"] = account.login
    person["updated_at"] = int(account.updated_at.timestamp())
    person["groups"] = groups_of(account.group_path)
    person["roles"] = list(account.roles)
    person["group_path"] = account.group_path
    person["auth_source"] = AUTH_SOURCE
    if account.email is not None:
        person["email"] = account.email
        person["email_verified"] = account.email_verified
    if "phone_number" in person:
        person.setdefault("phone_number_verified", False)
    return person


def groups_of(group_path: str) -> list[str]:
    """Give a group and all that it lies in, outermost first."""
    names = [name for name in group_path.split("/") if name]
    return ["/" + "/".join(names[: depth + 1]) for depth in range(len(names))]
