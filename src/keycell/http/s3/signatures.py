"""Signature version 4 of AWS: who says to have signed a request, and whether they did.

Reading a signature proves nothing: a `Claim` is as unverified as everything else in a request. A
`Signed` is the proof. The access key is a token or an access-key pair's identifier; which one, and
with which secret, is decided in ``credentials``.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote_to_bytes

from keycell.http.s3.errors import S3Error
from keycell.values import dataclass

ALGORITHM = "AWS4-HMAC-SHA256"
SKEW = timedelta(minutes=15)
LONGEST_PRESIGNED = 7 * 24 * 3600
UNSIGNED = "UNSIGNED-PAYLOAD"
_LONGEST_HEADER = 24 * 2**10
"""A token has up to 16 KiB, in base64 already."""
LONGEST_QUERY = 32 * 2**10
_MOST_PARAMETERS = 200
_MOST_SIGNED = 100
_TIME = re.compile(r"\d{8}T\d{6}Z")
_SIGNATURE = re.compile(r"[0-9a-f]{64}")
_HEADER_NAMES = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+(?:;[a-z0-9!#$%&'*+.^_`|~-]+)*")
_SPACES = re.compile(rb"[ \t]+")
_UNRESERVED = re.compile(rb"[A-Za-z0-9_.~-]*")
_PLAIN_PATH = re.compile(rb"[A-Za-z0-9_.~/-]*")
"""What is the same percent-encoded: most of what is signed."""

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came, byte for byte."""

    method: str
    raw_path: bytes
    raw_query: bytes
    headers: Sequence[tuple[bytes, bytes]]

    def header(self, name: bytes) -> str | None:
        """Give a header's value, the first of several."""
        for key, value in self.headers:
            if key == name:
                return value.decode("latin-1").strip()
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a request says of its signature, unverified."""

    access_key: str
    scope: str
    """Date, region, service and ``aws4_request``, as signed."""
    signed_headers: tuple[str, ...]
    signature: str
    timestamp: str
    expires_in: int | None
    """Seconds that a presigned URL is good for; None for a signature in a header."""
    payload_hash: str

    @property
    def is_presigned(self) -> bool:
        """Tell whether the signature is in the URL."""
        return self.expires_in is not None


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature that was verified, and what signs the body's chunks."""

    claim: Claim
    signing_key: bytes


def read_claim(received: Received, query: Pairs) -> Claim | None:
    """Read the signature of a request; None if it has none."""
    sent = [value for key, value in received.headers if key == b"authorization"]
    if len(sent) > 1:
        # Whoever stands in front may have looked at the other one. RFC9110-5.3.
        raise S3Error("InvalidArgument", "the Authorization header is sent more than once")
    header = sent[0].decode("latin-1").strip() if sent else None
    in_header = header is not None and header.startswith(ALGORITHM)
    in_query = "X-Amz-Algorithm" in [name for name, _ in query]
    if in_query and header is not None:
        raise S3Error(
            "InvalidArgument", "sign in the Authorization header or in the URL, not in both"
        )
    if in_header and header is not None:
        return _header_claim(received, header)
    if (header or "").startswith("AWS ") or any(name == "AWSAccessKeyId" for name, _ in query):
        raise S3Error(
            "InvalidRequest",
            f"signature version 2 is not taken: sign with {ALGORITHM}, which most programs call "
            "s3v4 (for `aws`: aws configure set default.s3.signature_version s3v4)",
        )
    return _query_claim(received, query) if in_query else None


# What programs add to each address is always the same, as the name of what they do.
@lru_cache(maxsize=32)
def read_query(raw_query: bytes) -> Pairs:
    """Give a query's parameters, decoded."""
    if not raw_query:
        return ()
    if len(raw_query) > LONGEST_QUERY:
        raise S3Error("InvalidURI", f"the query has more than {LONGEST_QUERY} bytes")
    try:
        return tuple(
            parse_qsl(
                raw_query.decode("ascii"),
                keep_blank_values=True,
                errors="strict",
                max_num_fields=_MOST_PARAMETERS,
            )
        )
    except ValueError:
        raise S3Error(
            "InvalidURI", f"the query is no percent-encoded UTF-8 of {_MOST_PARAMETERS} parameters"
        ) from None


def _header_claim(received: Received, header: str) -> Claim:
    if len(header) > _LONGEST_HEADER:
        raise _malformed(f"has more than {_LONGEST_HEADER} characters")
    fields = [field.strip().partition("=") for field in header[len(ALGORITHM) :].split(",")]
    found = {name: value for name, _, value in fields}
    if len(fields) != len(found) or found.keys() != {"Credential", "SignedHeaders", "Signature"}:
        raise _malformed("must have Credential, SignedHeaders and Signature, each once")
    payload_hash = received.header(b"x-amz-content-sha256")
    if payload_hash is None:
        raise S3Error("MissingSecurityHeader", "the header x-amz-content-sha256 is missing")
    access_key, scope = _read_credential(found["Credential"])
    return Claim(
        access_key=access_key,
        scope=scope,
        signed_headers=_read_names(found["SignedHeaders"]),
        signature=found["Signature"],
        timestamp=_header_time(received),
        expires_in=None,
        payload_hash=payload_hash,
    )


def _query_claim(received: Received, query: Pairs) -> Claim:
    found = {name: value for name, value in query if name.startswith("X-Amz-")}
    wanted = ("Credential", "Date", "Expires", "SignedHeaders", "Signature")
    missing = [f"X-Amz-{name}" for name in wanted if f"X-Amz-{name}" not in found]
    if missing or found["X-Amz-Algorithm"] != ALGORITHM:
        raise _bad_query(f"expected X-Amz-Algorithm={ALGORITHM} and {', '.join(missing) or 'all'}")
    expires = found["X-Amz-Expires"]
    is_number = expires.isascii() and expires.isdigit() and len(expires) < len("1000000")
    if not is_number or not 1 <= int(expires) <= LONGEST_PRESIGNED:
        raise _bad_query(f"X-Amz-Expires must be 1 to {LONGEST_PRESIGNED} seconds")
    access_key, scope = _read_credential(found["X-Amz-Credential"])
    said = found.get("X-Amz-Content-Sha256") or received.header(b"x-amz-content-sha256")
    return Claim(
        access_key=access_key,
        scope=scope,
        signed_headers=_read_names(found["X-Amz-SignedHeaders"]),
        signature=found["X-Amz-Signature"],
        timestamp=found["X-Amz-Date"],
        expires_in=int(expires),
        payload_hash=said or UNSIGNED,
    )


def _read_credential(text: str) -> tuple[str, str]:
    # From the right: the access key is a token, and may hold slashes.
    parts = text.rsplit("/", 4)
    if len(parts) != 5 or parts[3:] != ["s3", "aws4_request"] or not parts[0]:  # noqa: PLR2004
        raise _malformed("must have a Credential of KEY/yyyymmdd/REGION/s3/aws4_request")
    return parts[0], "/".join(parts[1:])


# A program signs the same few headers with each request.
@lru_cache(maxsize=32)
def _read_names(text: str) -> tuple[str, ...]:
    names = tuple(text.split(";"))
    if len(names) > _MOST_SIGNED or not _HEADER_NAMES.fullmatch(text):
        raise _malformed(f"must name up to {_MOST_SIGNED} headers in lower case, with semicolons")
    if "host" not in names:
        raise S3Error("AccessDenied", "the header Host must be signed")
    return names


def _header_time(received: Received) -> str:
    said = received.header(b"x-amz-date") or received.header(b"date") or ""
    if _TIME.fullmatch(said):
        return said
    try:
        return parsedate_to_datetime(said).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    except (ValueError, IndexError, OverflowError):
        raise S3Error(
            "AccessDenied", "the time of signing is missing: send X-Amz-Date as yyyymmddThhmmssZ"
        ) from None


def check_signature(claim: Claim, received: Received, secret: str, now: datetime) -> Signed:
    """Prove that a request was signed with a secret, and is of now; raise S3Error."""
    _check_time(claim, now)
    _check_all_signed(claim, received)
    key = signing_key(secret, claim.scope)
    headers, query = _canonical_headers(claim, received), canonical_query(received.raw_query)
    for path in _paths(received.raw_path):
        text = "\n".join(
            (
                received.method, path, query, headers, ";".join(claim.signed_headers),
                claim.payload_hash,
            )
        )  # fmt: skip
        if hmac.compare_digest(_sign(key, claim, text), claim.signature.encode()):
            return Signed(claim, key)
    raise S3Error(
        "SignatureDoesNotMatch",
        "the signature is not that of this request with this access key's secret; a proxy that "
        "changes Host, Accept-Encoding or the path breaks it",
    )


@lru_cache(maxsize=256)
def signing_key(secret: str, scope: str) -> bytes:
    """Derive the key of a day, region and service."""
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def _sign(key: bytes, claim: Claim, canonical_request: str) -> bytes:
    digest = hashlib.sha256(canonical_request.encode("utf-8", "surrogateescape")).hexdigest()
    text = f"{ALGORITHM}\n{claim.timestamp}\n{claim.scope}\n{digest}"
    mac = _keyed(key).copy()
    mac.update(text.encode("utf-8", "surrogateescape"))
    return mac.hexdigest().encode()


@lru_cache(maxsize=256)
def _keyed(key: bytes) -> hmac.HMAC:
    # `hmac.digest` lets other threads run for the microseconds it takes; coming back is dearer.
    return hmac.new(key, None, "sha256")


def _check_time(claim: Claim, now: datetime) -> None:
    if not _TIME.fullmatch(claim.timestamp) or claim.timestamp[:8] != claim.scope[:8]:
        raise _malformed("must be of the day of X-Amz-Date, which is written yyyymmddThhmmssZ")
    if not _SIGNATURE.fullmatch(claim.signature):
        raise _malformed("must have a Signature of 64 hexadecimal digits")
    try:
        at = datetime.fromisoformat(claim.timestamp)
    except ValueError:
        raise _malformed("must have a time that exists") from None
    if claim.expires_in is None:
        if abs(now - at) > SKEW:
            raise S3Error(
                "RequestTimeTooSkewed",
                f"signed at {at:%FT%TZ}, and it is {now:%FT%TZ} here: set the clock",
            )
    elif at - SKEW > now:
        raise S3Error("AccessDenied", f"this URL is not valid before {at:%FT%TZ}")
    elif at + timedelta(seconds=claim.expires_in) < now:
        raise S3Error("AccessDenied", "Request has expired")


@lru_cache(maxsize=32)
def _keys_of(names: tuple[str, ...]) -> dict[bytes, None]:
    """Give the names of headers as they are received, in their order and quickly found."""
    return dict.fromkeys(name.encode() for name in names)


def _check_all_signed(claim: Claim, received: Received) -> None:
    # Whatever means something to us must be meant by whoever signed.
    signed = _keys_of(claim.signed_headers)
    for key, _ in received.headers:
        if key.startswith(b"x-amz-") and key not in signed and key != b"x-amz-content-sha256":
            name = key.decode("latin-1")
            raise S3Error("AccessDenied", f"the header {name[:100]} was sent but not signed")


def _canonical_headers(claim: Claim, received: Received) -> str:
    values: dict[bytes, bytes] = {}
    signed = _keys_of(claim.signed_headers)
    for key, value in received.headers:
        if key in signed:
            trimmed = value.strip(b" \t")
            if b"  " in trimmed or b"\t" in trimmed:
                trimmed = _SPACES.sub(b" ", trimmed)
            values[key] = b"%b,%b" % (values[key], trimmed) if key in values else trimmed
    found = [b"%b:%b\n" % (key, values.get(key, b"")) for key in signed]
    return b"".join(found).decode("utf-8", "surrogateescape")


@lru_cache(maxsize=32)
def canonical_query(raw_query: bytes) -> str:
    """Write a query as it is signed: encoded one way, sorted, its own signature left out."""
    pairs = []
    for field in raw_query.split(b"&"):
        name, _, value = field.partition(b"=")
        if field and name != b"X-Amz-Signature":
            pairs.append((_encoded(name.replace(b"+", b" ")), _encoded(value.replace(b"+", b" "))))
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def _paths(raw_path: bytes) -> list[str]:
    # As it came; and as the rule has it, for programs that sign one spelling and send another.
    received = raw_path.decode("utf-8", "surrogateescape")
    if _PLAIN_PATH.fullmatch(raw_path):
        return [received]
    ruled = _encoded(raw_path, safe="/")
    return [received] if ruled == received else [received, ruled]


def _encoded(text: bytes, safe: str = "") -> str:
    if _UNRESERVED.fullmatch(text):
        return text.decode("ascii")
    return quote(unquote_to_bytes(text), safe=f"-_.~{safe}")


def _malformed(sentence: str) -> S3Error:
    return S3Error("AuthorizationHeaderMalformed", f"the authorization {sentence}")


def _bad_query(sentence: str) -> S3Error:
    return S3Error("AuthorizationQueryParametersError", sentence)
