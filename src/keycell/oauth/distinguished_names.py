"""Distinguished names, as ``tls_client_auth_subject_dn`` writes them. RFC4514-2, RFC4514-3."""

from collections.abc import Iterator
from dataclasses import dataclass

from keycell.oauth.errors import InvalidClientMetadata

DistinguishedName = tuple[frozenset[tuple[str, str]], ...]
"""Its parts, the most specific one first; each is pairs of an object identifier and a value."""

LONGEST = 1000
_TYPES = {
    "CN": "2.5.4.3", "SN": "2.5.4.4", "SERIALNUMBER": "2.5.4.5", "C": "2.5.4.6", "L": "2.5.4.7",
    "ST": "2.5.4.8", "S": "2.5.4.8", "STREET": "2.5.4.9", "O": "2.5.4.10", "OU": "2.5.4.11",
    "T": "2.5.4.12", "TITLE": "2.5.4.12", "GN": "2.5.4.42", "GIVENNAME": "2.5.4.42",
    "ORGANIZATIONIDENTIFIER": "2.5.4.97", "UID": "0.9.2342.19200300.100.1.1",
    "DC": "0.9.2342.19200300.100.1.25", "EMAILADDRESS": "1.2.840.113549.1.9.1",
    "E": "1.2.840.113549.1.9.1",
}  # fmt: skip
"""RFC4514-3, and what OpenSSL writes beyond it."""
_SPECIAL = frozenset('"+,;<>\\ #=')
_HEX = frozenset("0123456789abcdefABCDEF")


@dataclass(frozen=True, slots=True)
class _Character:
    """A character of a value; what was escaped means nothing but itself."""

    text: str
    is_escaped: bool = False


def read_dn(text: str) -> DistinguishedName:
    """Read a distinguished name; raise InvalidClientMetadata. RFC4514-3."""
    if not text.strip() or len(text) > LONGEST:
        raise InvalidClientMetadata(
            f"tls_client_auth_subject_dn must be a name of at most {LONGEST} characters, like "
            "CN=app,O=Example"
        )
    parts = _split(list(_unescaped(text)), ",;")
    return tuple(frozenset(_pair(one) for one in _split(part, "+")) for part in parts)


def same_value(value: str) -> str:
    """Give a value in the form in which it is compared: case and runs of spaces say nothing.

    RFC4517-4.2.11, RFC5280-7.1.
    """
    return " ".join(value.split()).casefold()


def _unescaped(text: str) -> Iterator[_Character]:
    at = 0
    while at < len(text):
        if text[at] != "\\":
            yield _Character(text[at])
            at += 1
            continue
        following = text[at + 1 : at + 2]
        if following and following in _SPECIAL:
            yield _Character(following, is_escaped=True)
            at += 2
            continue
        octets = bytearray()
        while text[at : at + 1] == "\\" and set(pair := text[at + 1 : at + 3]) <= _HEX and (
            len(pair) == 2  # noqa: PLR2004
        ):  # fmt: skip
            octets.append(int(pair, 16))
            at += 3
        yield _Character(_decoded(bytes(octets)), is_escaped=True)


def _decoded(octets: bytes) -> str:
    try:
        decoded = octets.decode()
    except UnicodeDecodeError:
        decoded = ""
    if not decoded:
        raise InvalidClientMetadata(
            "tls_client_auth_subject_dn: after a backslash comes the character itself, or its "
            "UTF-8 in pairs of hexadecimal digits"
        )
    return decoded


def _split(characters: list[_Character], at: str) -> list[list[_Character]]:
    parts: list[list[_Character]] = [[]]
    for one in characters:
        if one.text in at and not one.is_escaped:
            parts.append([])
        else:
            parts[-1].append(one)
    return parts


def _pair(characters: list[_Character]) -> tuple[str, str]:
    end = next((i for i, c in enumerate(characters) if c.text == "=" and not c.is_escaped), None)
    named = "".join(one.text for one in characters[:end]).strip()
    oid = _TYPES.get(named.upper(), named.upper().removeprefix("OID."))
    if end is None or not all(one.isdigit() and one.isascii() for one in oid.split(".")):
        known = ", ".join(sorted(_TYPES))
        raise InvalidClientMetadata(
            f"tls_client_auth_subject_dn: expected parts like CN=app, each of a number like "
            f"2.5.4.3 or one of {known}"
        )
    value = characters[end + 1 :]
    if value and value[0] == _Character("#"):
        raise InvalidClientMetadata(
            "tls_client_auth_subject_dn: write values as text; those that begin with # are not "
            "taken"
        )
    return oid, same_value("".join(one.text for one in value))
