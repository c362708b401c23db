"""Who is known by a certificate, and what is bound to one: the rules. RFC8705."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keycell.oauth.clients import ClientMetadata
from keycell.oauth.confirmation import (
    Confirmation,
    check_holder,
    confirmation_kept,
    dpop_key,
    kept_confirmation,
    read_confirmation,
)
from keycell.oauth.distinguished_names import read_dn
from keycell.oauth.errors import InvalidClient, InvalidClientMetadata, InvalidGrant
from keycell.oauth.metadata import Endpoints, provider_metadata, resource_metadata
from keycell.oauth.mutual_tls import (
    METHODS,
    NAMES,
    NO_MUTUAL_TLS,
    PKI,
    SELF_SIGNED,
    MutualTls,
    ShownCertificate,
    Subject,
    check_offered,
    check_subject,
    is_registered,
)
from keycell.oauth.registration import read_client_metadata, to_document

DER = b"a certificate"
X5C = base64.b64encode(DER).decode()
JWK = {"kty": "EC", "crv": "P-256", "x": "x", "y": "y"}
CERTIFICATE = ShownCertificate((DER, b"its issuer")).confirmation
SUBJECT = Subject(
    dn=read_dn("CN=app,O=Example"), dns=frozenset({"app.example"}),
    uris=frozenset({"spiffe://example/app"}), ips=frozenset({"2001:db8::1"}),
    emails=frozenset({"app@example.com"}),
)  # fmt: skip
SAID = {
    "tls_client_auth_subject_dn": ("cn = App , o=EXAMPLE", "CN=app"),
    "tls_client_auth_san_dns": ("APP.example", "example"),
    "tls_client_auth_san_uri": ("spiffe://example/app", "spiffe://example/APP"),
    "tls_client_auth_san_ip": ("2001:0db8:0::1", "2001:db8::2"),
    "tls_client_auth_san_email": ("app@example.com", "App@example.com"),
}


def registered(**document: object) -> ClientMetadata:
    return read_client_metadata({"redirect_uris": ["https://app.example/cb"], **document})


def refused(**document: object) -> str:
    with pytest.raises(InvalidClientMetadata) as refusal:
        registered(**document)
    return refusal.value.description


def test_what_a_token_is_bound_to() -> None:
    """RFC8705-3.1, RFC7800-3.1, RFC9449-6.1: and it is read as it was written."""
    hashed = base64.urlsafe_b64encode(hashlib.sha256(DER).digest()).rstrip(b"=").decode()
    assert Confirmation("x5t#S256", hashed) == CERTIFICATE
    for one in (CERTIFICATE, dpop_key("x" * 43), None):
        assert confirmation_kept(kept_confirmation(one)) == one
        assert read_confirmation(None if one is None else one.to_json()) == one
    assert CERTIFICATE.to_json().keys() == {"x5t#S256"}
    assert read_confirmation("jkt") is None


def test_what_is_bound_is_for_its_holder() -> None:
    """RFC8705-4, RFC9449-5: a certificate's thumbprint is no key's, though both be one text."""
    key = dpop_key(CERTIFICATE.thumbprint)
    check_holder(None, None)
    for one in (CERTIFICATE, key):
        check_holder(one, one)
    for bound, shown in ((CERTIFICATE, key), (key, CERTIFICATE), (CERTIFICATE, None), (key, None)):
        with pytest.raises(InvalidGrant):
            check_holder(bound, shown)


@pytest.mark.parametrize("name", NAMES)
def test_exactly_one_name_says_whose_certificate_it_is(name: str) -> None:
    """RFC8705-2.1.2, RFC4517-4.2.11, RFC5280-7.1."""
    good, bad = SAID[name]
    metadata = registered(token_endpoint_auth_method=PKI, **{name: good})
    assert to_document(metadata)[name] == good
    check_subject(metadata, SUBJECT)
    with pytest.raises(InvalidClient):
        check_subject(registered(token_endpoint_auth_method=PKI, **{name: bad}), SUBJECT)
    with pytest.raises(InvalidClient):
        check_subject(metadata, Subject(dn=()))


def test_what_cannot_be_registered() -> None:
    """RFC8705-2.1.2, RFC8705-2.2.2, RFC8705-3.4."""
    assert "exactly one" in refused(token_endpoint_auth_method=PKI)
    two = {name: SAID[name][0] for name in NAMES[:2]}
    assert "exactly one" in refused(token_endpoint_auth_method=PKI, **two)
    assert "goes with tls_client_auth" in refused(tls_client_auth_san_dns="app.example")
    for name, value in {
        "tls_client_auth_san_ip": "app.example", "tls_client_auth_subject_dn": "app",
        "tls_client_auth_san_dns": 7, "tls_client_auth_san_uri": "x" * 1001,
        "tls_client_auth_san_email": "a\n@example.com",
    }.items():  # fmt: skip
        assert name in refused(token_endpoint_auth_method=PKI, **{name: value})
    assert "needs jwks" in refused(token_endpoint_auth_method=SELF_SIGNED)
    for x5c in (None, [], "x", [7], ["no base64!"], ["é"]):
        keys = {"keys": [JWK if x5c is None else {**JWK, "x5c": x5c}]}
        assert "x5c" in refused(token_endpoint_auth_method=SELF_SIGNED, jwks=keys)
    registered(token_endpoint_auth_method=SELF_SIGNED, jwks={"keys": [{**JWK, "x5c": [X5C]}]})
    registered(token_endpoint_auth_method=SELF_SIGNED, jwks_uri="https://app.example/jwks")
    both = {"dpop_bound_access_tokens": True, "tls_client_certificate_bound_access_tokens": True}
    assert "one key" in refused(**both)
    assert "response type of token" in refused(
        tls_client_certificate_bound_access_tokens=True,
        grant_types=["authorization_code", "implicit"], response_types=["code id_token token"],
    )  # fmt: skip


def test_the_certificate_that_was_registered() -> None:
    """RFC8705-2.2.2, RFC7517-4.7: the first of a key's, not one of its issuers."""
    shown = ShownCertificate((DER,))
    other = base64.b64encode(b"another").decode()
    assert is_registered({"keys": [{"x5c": [other]}, {"x5c": [X5C, other]}]}, shown)
    absent: tuple[object, ...] = (None, [], [7], [{}], [{"x5c": [other, X5C]}], [{"x5c": X5C}])
    for keys in absent:
        assert not is_registered({"keys": keys}, shown)


def test_what_is_offered() -> None:
    """RFC8705-3.3, RFC8705-5, PROTOCOL-P1: nothing that is not there."""
    endpoints = Endpoints("https://id.example/oidc", "https://id.example")

    def told(mutual_tls: MutualTls) -> dict[str, object]:
        return provider_metadata(
            endpoints, takes_registrations=True, ui_locales=(), mutual_tls=mutual_tls
        )

    names = {"tls_client_certificate_bound_access_tokens", "mtls_endpoint_aliases"}
    assert names.isdisjoint(told(NO_MUTUAL_TLS))
    assert "tls" not in str(told(NO_MUTUAL_TLS)["token_endpoint_auth_methods_supported"])
    some = told(MutualTls(is_offered=True))
    assert PKI not in str(some["token_endpoint_auth_methods_supported"]).split("'")
    assert SELF_SIGNED in str(some["token_endpoint_auth_methods_supported"])
    assert "mtls_endpoint_aliases" not in some
    every = told(MutualTls(True, True, "https://mtls.example"))  # noqa: FBT003
    assert set(METHODS) <= set(str(every["token_endpoint_auth_methods_supported"]).split("'"))
    aliases = every["mtls_endpoint_aliases"]
    assert isinstance(aliases, dict)
    assert aliases["token_endpoint"] == "https://mtls.example/oidc/oauth2/token"
    for name, address in aliases.items():
        assert address == str(every[name]).replace("id.example", "mtls.example")
    assert every["issuer"] == endpoints.issuer
    for offered in (NO_MUTUAL_TLS, MutualTls(is_offered=True)):
        there = resource_metadata(endpoints, "dav", offered)
        assert there["tls_client_certificate_bound_access_tokens"] is offered.is_offered


def test_nobody_registers_what_is_not_offered() -> None:
    """RFC8705-2, RFC8705-3.4."""
    by_name = registered(token_endpoint_auth_method=PKI, tls_client_auth_san_dns="app.example")
    bound = registered(tls_client_certificate_bound_access_tokens=True)
    with pytest.raises(InvalidClientMetadata, match="not offered"):
        check_offered(by_name, MutualTls(is_offered=True))
    with pytest.raises(InvalidClientMetadata, match="sees no certificates"):
        check_offered(bound, NO_MUTUAL_TLS)
    check_offered(bound, MutualTls(is_offered=True))
    check_offered(by_name, MutualTls(is_offered=True, has_authorities=True))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CN=Steve Kille,O=Isode Limited,C=GB", "2.5.4.3=steve  kille;o=isode limited;c=gb"),
        ("OU=Sales+CN=J.  Smith,DC=example,DC=net", "CN=J. Smith+OU=Sales,DC=example,DC=net"),
        (r"CN=James \"Jim\" Smith\, III", r"CN=James \22Jim\22 Smith\2C III"),
        (r"CN=Lu\C4\8Di\C4\87", "CN=Lučić"),
        (r"CN=a\+b\=c\\", r"CN=a\2bb\3dc\5c"),
        (r"CN=\#x", r"CN=\23x"),
        ("OID.2.5.4.3=x", "cn=x"),
    ],
)
def test_names_that_say_the_same(one: str, other: str) -> None:
    """RFC4514-2, RFC4514-3, RFC4514-4."""
    assert read_dn(one) == read_dn(other)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "app", "=app", "nothing=app", "CN=app,", "CN=#0401", "CN=a\\", "CN=a\\x",
        "CN=a\\ff", "CN=a\\2", "1..2=x", "x" * 1001,
    ],
)  # fmt: skip
def test_names_that_are_none(text: str) -> None:
    """RFC4514-3."""
    with pytest.raises(InvalidClientMetadata, match="tls_client_auth_subject_dn"):
        read_dn(text)


@given(st.text(max_size=40))
def test_a_value_is_what_it_is_however_escaped(value: str) -> None:
    """RFC4514-2.4."""
    try:
        octets = value.encode()
    except UnicodeEncodeError:
        return
    escaped = "".join(f"\\{octet:02x}" for octet in octets)
    same = " ".join(value.split()).casefold()
    assert read_dn(f"CN={escaped},O=x") == (
        frozenset({("2.5.4.3", same)}), frozenset({("2.5.4.10", "x")}),
    )  # fmt: skip


@given(st.text(max_size=60))
def test_whatever_is_sent_is_read_or_refused(text: str) -> None:
    """RFC4514-3."""
    try:
        read_dn(text)
    except InvalidClientMetadata as error:
        assert "tls_client_auth_subject_dn" in error.description  # noqa: PT017
