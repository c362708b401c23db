"""What a trusted issuer may say for whom, and for how much."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from keycell.oauth.errors import (
    InvalidAuthorizationDetails,
    InvalidClientMetadata,
    InvalidGrant,
    InvalidRequest,
    InvalidScope,
)
from keycell.oauth.jwt_bearer import (
    GRANTABLE,
    MOST_SUBJECTS,
    TrustedIssuer,
    bearer_scope,
    check_bearer,
    check_subjects,
    read_jwt_bearer,
    read_trusted_issuer,
    unverified_issuer,
)
from keycell.oauth.registration import read_client_metadata
from keycell.oauth.scope import KNOWN

NOW = datetime(2026, 1, 2, tzinfo=UTC)
OURS = "https://id.example/oidc"
THEIRS = "https://work.example"
KEY = {"kty": "EC", "crv": "P-256", "x": "x", "y": "y"}
DOCUMENT: dict[str, object] = {
    "issuer": THEIRS, "jwks": {"keys": [KEY]}, "clients": ["app"], "scope": "files.read profile",
}  # fmt: skip
TRUSTED = TrustedIssuer(
    issuer=THEIRS, label="Work", clients=("app",), scope=frozenset({"files.read", "profile"}),
    jwks="{}", subjects=(("u1", "ann"),),
)  # fmt: skip
CLAIMS: dict[str, object] = {
    "iss": THEIRS, "sub": "u1", "aud": OURS, "exp": NOW.timestamp() + 60, "jti": "one",
}  # fmt: skip


def check(**said: object) -> Any:  # noqa: ANN401
    return check_bearer(CLAIMS | said, TRUSTED, (OURS,), NOW, timedelta(hours=1))


def test_an_assertion_that_says_all_is_taken() -> None:
    """RFC7523-3."""
    subject, found = check(iat=NOW.timestamp(), nbf=NOW.timestamp(), aud=["x", OURS])
    assert (subject, found.jti) == ("u1", "one")
    assert found.until > NOW + timedelta(seconds=60)


@pytest.mark.parametrize(
    "said",
    [
        {"iss": None}, {"iss": "https://other.example"},
        {"sub": None}, {"sub": ""}, {"sub": 7}, {"sub": "x" * 256},
        {"aud": None}, {"aud": "https://other.example"}, {"aud": [OURS + "/"]}, {"aud": 7},
        {"exp": None}, {"exp": NOW.timestamp() - 61}, {"exp": NOW.timestamp() + 3700},
        {"exp": "soon"}, {"exp": True}, {"exp": 1e30},
        {"nbf": NOW.timestamp() + 61}, {"iat": NOW.timestamp() + 61},
        {"jti": None}, {"jti": ""}, {"jti": "x" * 257}, {"jti": "a\nb"}, {"jti": 7},
    ],
)  # fmt: skip
def test_an_assertion_of_another_or_for_another_is_none(said: dict[str, object]) -> None:
    """RFC7523-3: each of its sentences."""
    with pytest.raises(InvalidGrant):
        check(**said)


@pytest.mark.parametrize("sent", ["", "x", "a.b.c", "e30.e30.e30", "e30.eyJpc3MiOjd9.e30"])
def test_who_made_it_must_be_said(sent: str) -> None:
    """RFC7523-3."""
    with pytest.raises(InvalidGrant):
        unverified_issuer(sent)
    assert unverified_issuer("e30.eyJpc3MiOiJ4In0.x") == "x"


def test_no_more_is_given_than_issuer_and_client_may_have() -> None:
    """RFC7521-4.1, RFC7523-2.1."""
    everything = frozenset(KNOWN)
    assert bearer_scope(TRUSTED, None, frozenset()) == TRUSTED.scope
    assert bearer_scope(TRUSTED, None, everything) == TRUSTED.scope
    assert bearer_scope(TRUSTED, frozenset({"profile", "email"}), everything) == {"profile"}
    wider = TrustedIssuer(issuer=THEIRS, label="", clients=(), scope=everything)
    assert bearer_scope(wider, None, everything) == GRANTABLE
    assert not {"admin", "offline_access", "offline"} & GRANTABLE
    for registered, requested in ((None, {"email"}), ({"email"}, set()), (None, {"admin"})):
        with pytest.raises(InvalidScope):
            bearer_scope(
                TRUSTED, None if registered is None else frozenset(registered),
                frozenset(requested),
            )  # fmt: skip


def test_what_is_asked_is_read() -> None:
    """RFC7523-2.1."""
    asked = read_jwt_bearer({"assertion": "x", "scope": "a b"}, ("https://r.example",))
    assert (asked.assertion, asked.scope, asked.resources) == (
        "x", frozenset({"a", "b"}), ("https://r.example",),
    )  # fmt: skip
    with pytest.raises(InvalidRequest):
        read_jwt_bearer({}, ())
    with pytest.raises(InvalidAuthorizationDetails):
        read_jwt_bearer({"assertion": "x", "authorization_details": "[]"}, ())


def test_an_issuer_is_read() -> None:
    """RFC7523-5: what an administrator says of it."""
    read = read_trusted_issuer(DOCUMENT, OURS)
    assert (read.label, read.match, read.subjects) == ("work.example", "listed", ())
    assert (
        read_trusted_issuer(DOCUMENT | {"label": "Work", "match": "login"}, OURS).label == "Work"
    )
    assert TRUSTED.account_of("u1") == "ann"
    assert TRUSTED.account_of("u2") is None


@pytest.mark.parametrize(
    "said",
    [
        {"issuer": ""}, {"issuer": "a b"}, {"issuer": OURS}, {"issuer": OURS + "/"},
        {"jwks": None}, {"jwks_uri": "https://work.example/jwks"},
        {"jwks": None, "jwks_uri": "http://work.example/jwks"}, {"jwks": {"keys": []}},
        {"jwks": {"keys": [KEY | {"d": "x"}]}}, {"clients": []}, {"clients": None},
        {"scope": ""}, {"scope": "admin"}, {"scope": "files.read offline_access"},
        {"scope": "unknown"}, {"match": "email"},
    ],
)  # fmt: skip
def test_an_issuer_that_could_do_anything_is_refused(said: dict[str, object]) -> None:
    """RFC7523-5, RFC7523-6."""
    with pytest.raises(InvalidClientMetadata):
        read_trusted_issuer(DOCUMENT | said, OURS)


def test_subjects_are_bounded() -> None:
    """RFC7523-5."""
    check_subjects({"u1": "ann"})
    for subjects in (
        {"": "ann"}, {"x" * 256: "ann"}, {"a\nb": "ann"},
        {str(n): "ann" for n in range(MOST_SUBJECTS + 1)},
    ):  # fmt: skip
        with pytest.raises(InvalidClientMetadata):
            check_subjects(subjects)


def test_a_public_client_cannot_register_for_it() -> None:
    """RFC7523-2.1, decisions/0056."""
    document: dict[str, object] = {
        "grant_types": ["urn:ietf:params:oauth:grant-type:jwt-bearer"],
        "token_endpoint_auth_method": "none",
    }
    with pytest.raises(InvalidClientMetadata):
        read_client_metadata(document)
