"""What is refused of other requests: claims, client authentication, resources, tokens."""

import pytest

from keycell.oauth.claims import read_claims_request, userinfo_claims
from keycell.oauth.client_authentication import (
    ASSERTION_TYPE,
    NamedClient,
    read_unverified_client,
)
from keycell.oauth.errors import (
    InvalidAuthorizationDetails,
    InvalidRequest,
    InvalidTarget,
)
from keycell.oauth.resources import read_resource
from keycell.oauth.token import read_token_request


def test_claims_are_asked_for_in_bounds() -> None:
    """OIDCC-5.5, OIDCC-5.5.1."""
    many = ",".join(f'"c{n}":null' for n in range(101))
    with pytest.raises(InvalidRequest, match="more than 100"):
        read_claims_request(f'{{"userinfo":{{{many}}}}}')
    with pytest.raises(InvalidRequest, match="must be null or a JSON object"):
        read_claims_request('{"userinfo":{"email":true}}')


def test_the_old_meaning_takes_the_place_of_the_new_for_pydio_alone() -> None:
    """OIDCC-5.3.2, decisions/0016."""
    person = {"name": "Ann Example", "preferred_username": "ann", "email": ""}
    scope = frozenset({"openid", "profile"})
    assert userinfo_claims("1", person, scope, frozenset())["name"] == "Ann Example"
    old = userinfo_claims("1", person, scope | {"pydio"}, frozenset())
    assert old["name"] == "ann"
    assert "email" not in old


def test_a_header_with_a_name_alone_proves_nothing() -> None:
    """RFC6749-2.3.1."""
    assert read_unverified_client("Basic YXBwOg==", {}) == NamedClient("app")


def test_an_assertion_says_what_it_is() -> None:
    """RFC7521-4.2."""
    with pytest.raises(InvalidRequest, match="client_assertion_type must be"):
        read_unverified_client(None, {"client_assertion": "x", "client_assertion_type": "saml"})
    with pytest.raises(InvalidRequest, match="client_assertion is missing"):
        read_unverified_client(None, {"client_assertion_type": ASSERTION_TYPE})


def test_a_resource_holds_no_space() -> None:
    """RFC8707-2."""
    with pytest.raises(InvalidTarget, match="holds a space"):
        read_resource("https://api.example/a b")


def test_a_client_for_itself_has_neither_codes_nor_files() -> None:
    """RFC6749-4.4.2, RFC9396-6."""
    itself = {"grant_type": "client_credentials"}
    with pytest.raises(InvalidRequest, match="neither a code nor a refresh_token"):
        read_token_request(itself | {"code": "x"}, [])
    with pytest.raises(InvalidAuthorizationDetails):
        read_token_request(itself | {"authorization_details": "[]"}, [])
