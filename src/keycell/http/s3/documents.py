"""The XML that S3's clients send: parts of an upload, keys to delete. Read within limits."""

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from keycell.files.uploads import MOST_PARTS
from keycell.http import bounded_xml
from keycell.http.bounded_xml import BadXml, Bounds
from keycell.http.s3.checksums import ALGORITHMS
from keycell.http.s3.errors import S3Error

LONGEST = 4 * 2**20
"""10,000 parts with a checksum each, or 1,000 of the longest keys, escaped."""
MOST_KEYS = 1000
_LONGEST_NUMBER = 5
BOUNDS = Bounds(deepest=8, most_elements=10 * MOST_PARTS)
"""A part with its number, its entity tag and every checksum there is, ten thousand times."""
_CHECKSUMS = {f"Checksum{name.upper()}": name for name in ALGORITHMS}


@dataclass(frozen=True, slots=True)
class NamedPart:
    """A part as a completion names it."""

    number: int
    etag: str
    checksums: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Doomed:
    """A key to be deleted."""

    key: str
    version_id: str | None


def read_completion(body: bytes) -> list[NamedPart]:
    """Read a CompleteMultipartUpload."""
    root = _parse(body, "CompleteMultipartUpload")
    if len(root) > MOST_PARTS:
        raise _malformed(f"{len(root)} parts are named; at most {MOST_PARTS} are taken")
    return [_part(element) for element in root if _name(element) == "Part"]


def _part(element: Element) -> NamedPart:
    found = {_name(child): (child.text or "").strip() for child in element}
    number, etag = found.get("PartNumber", ""), found.get("ETag", "")
    is_number = number.isascii() and number.isdigit() and len(number) <= _LONGEST_NUMBER
    if not is_number or not etag:
        raise _malformed("a Part must have a PartNumber and an ETag")
    checksums = {_CHECKSUMS[name]: found[name] for name in found.keys() & _CHECKSUMS.keys()}
    return NamedPart(int(number), etag.strip('"').lower(), checksums)


def read_deletion(body: bytes) -> tuple[list[Doomed], bool]:
    """Read a Delete: the keys, and whether only errors are to be told."""
    root = _parse(body, "Delete")
    keys = [_doomed(element) for element in root if _name(element) == "Object"]
    if not 1 <= len(keys) <= MOST_KEYS:
        raise _malformed(f"{len(keys)} keys are named; expected 1 to {MOST_KEYS}")
    quiet = next((child.text for child in root if _name(child) == "Quiet"), "")
    return keys, (quiet or "").strip().lower() == "true"


def _doomed(element: Element) -> Doomed:
    found = {_name(child): child.text or "" for child in element}
    if not found.get("Key"):
        raise _malformed("an Object must have a Key")
    return Doomed(found["Key"], found.get("VersionId") or None)


def _parse(body: bytes, name: str) -> Element:
    try:
        root = bounded_xml.parse(body, BOUNDS)
    except BadXml as error:
        raise _malformed(f"expected an XML document {name}: {error}") from None
    if _name(root) != name:
        raise _malformed(f"expected an XML document {name}, and {_name(root)[:40]} came")
    return root


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _malformed(sentence: str) -> S3Error:
    return S3Error("MalformedXML", sentence)
