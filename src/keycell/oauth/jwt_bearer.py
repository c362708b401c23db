"""JWT bearer grants: a trusted issuer says for whom a client asks. RFC7523-2.1.

Whom we trust, for which people and for how much is what an administrator registered. Nothing that
an assertion says widens it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from keycell.oauth.assertions import AssertionId, Claims, Kind, check_statement, unverified_claim
from keycell.oauth.client_keys import check_jwks
from keycell.oauth.confirmation import Confirmation
from keycell.oauth.errors import (
    InvalidAuthorizationDetails,
    InvalidClientMetadata,
    InvalidGrant,
    InvalidScope,
    quote,
)
from keycell.oauth.members import Document, read_one_of, read_text, read_texts, read_url
from keycell.oauth.params import required
from keycell.oauth.redirect_uris import LONGEST_URI
from keycell.oauth.scope import (
    DEVICE_SSO,
    FIRST_PARTY_ONLY,
    KNOWN,
    OFFLINE,
    Scope,
    format_scope,
    parse_scope,
)

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
GRANTABLE = KNOWN - FIRST_PARTY_ONLY - OFFLINE - DEVICE_SSO
"""What an issuer may be trusted with: never administration, and nothing that outlives a token."""
LISTED, BY_LOGIN = "listed", "login"
MATCHES = (LISTED, BY_LOGIN)
MOST_SUBJECTS = 1000
LONGEST_SUBJECT = 255

_KIND = Kind("assertion", InvalidGrant)


@dataclass(frozen=True, slots=True, kw_only=True)
class JwtBearer:
    """An access token for an assertion. RFC7523-2.1."""

    assertion: str
    scope: Scope
    resources: tuple[str, ...] = ()
    cnf: Confirmation | None = None
    grant_type = JWT_BEARER


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedIssuer:
    """Who may speak for which people, by which keys, to which clients, and for how much."""

    issuer: str
    label: str
    clients: tuple[str, ...]
    scope: Scope
    jwks: str | None = None
    jwks_uri: str | None = None
    match: str = LISTED
    """``listed``: the subjects below alone; ``login``: a subject is the login of an account."""
    subjects: tuple[tuple[str, str], ...] = ()
    """Subjects of the issuer, and the accounts they are."""

    def account_of(self, subject: str) -> str | None:
        """Give the account that was listed for a subject."""
        return dict(self.subjects).get(subject)


def read_jwt_bearer(params: dict[str, str], resources: tuple[str, ...]) -> JwtBearer:
    """Read what is asked. RFC7523-2.1, RFC7521-4.1."""
    if "authorization_details" in params:
        raise InvalidAuthorizationDetails("an assertion opens no single places; leave it out")
    return JwtBearer(
        assertion=required(params, "assertion"),
        scope=parse_scope(params.get("scope")),
        resources=resources,
    )


def unverified_issuer(assertion: str) -> str:
    """Give who says to have made an assertion, only to find the keys. RFC7523-3 (1)."""
    issuer = unverified_claim(assertion, "iss", _KIND)
    if not issuer or len(issuer) > LONGEST_URI or not issuer.isprintable():
        raise InvalidGrant("the assertion needs iss, the issuer that made it")
    return issuer


def check_bearer(
    claims: Claims,
    trusted: TrustedIssuer,
    audiences: tuple[str, ...],
    now: datetime,
    longest: timedelta,
) -> tuple[str, AssertionId]:
    """Validate a verified assertion; give its subject. RFC7523-3."""
    if claims.get("iss") != trusted.issuer:
        raise InvalidGrant("iss of the assertion is not the issuer whose key signed it")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 1 <= len(subject) <= LONGEST_SUBJECT:
        raise InvalidGrant(f"the assertion needs a sub of 1 to {LONGEST_SUBJECT} characters")
    return subject, check_statement(claims, _KIND, audiences, now, longest)


def bearer_scope(trusted: TrustedIssuer, registered: Scope | None, requested: Scope) -> Scope:
    """Give what is asked of what the issuer is trusted with and the client may have. RFC7521-4.1.

    Who asks for nothing in particular gets all of that.
    """
    allowed = trusted.scope & GRANTABLE & (KNOWN if registered is None else registered)
    scope = allowed & requested if requested else allowed
    if not scope:
        raise InvalidScope(f"{quote(format_scope(requested))} is not what this issuer may give")
    return scope


def read_trusted_issuer(document: Document, own_issuer: str) -> TrustedIssuer:
    """Check what an administrator says of an issuer; its subjects are found elsewhere."""
    issuer = read_text(document, "issuer", LONGEST_URI)
    if issuer is None or any(c.isspace() for c in issuer):
        raise InvalidClientMetadata("issuer is missing: it is what iss of its assertions says")
    if issuer.rstrip("/") == own_issuer.rstrip("/"):
        raise InvalidClientMetadata("issuer is this server's own; its tokens are no assertions")
    jwks, jwks_uri = document.get("jwks"), read_url(document, "jwks_uri", https=True)
    if (jwks is None) == (jwks_uri is None):
        raise InvalidClientMetadata("send one of jwks and jwks_uri, the keys of the issuer")
    clients = read_texts(document, "clients")
    if not clients:
        raise InvalidClientMetadata("clients is missing: the client_id of each that may use it")
    scope = parse_scope(read_text(document, "scope", 4000))
    if not scope or not scope <= GRANTABLE:
        raise InvalidClientMetadata(
            f"scope must be some of: {format_scope(GRANTABLE)}; sent was "
            f"{quote(format_scope(scope))}"
        )
    return TrustedIssuer(
        issuer=issuer,
        label=read_text(document, "label") or (urlsplit(issuer).hostname or issuer),
        clients=tuple(dict.fromkeys(clients)),
        scope=scope,
        jwks=None if jwks is None else check_jwks(jwks),
        jwks_uri=jwks_uri,
        match=read_one_of(document, "match", MATCHES) or LISTED,
    )


def check_subjects(subjects: Mapping[str, str]) -> None:
    """Refuse more subjects than are kept, and such as no assertion could have."""
    if len(subjects) > MOST_SUBJECTS:
        raise InvalidClientMetadata(f"subjects: at most {MOST_SUBJECTS} are kept")
    for subject in subjects:
        if not 1 <= len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
            raise InvalidClientMetadata(
                f"subjects: {quote(subject)} is no text of 1 to {LONGEST_SUBJECT} characters"
            )
