"""Whatever a stranger puts where a client says who it is, it is read or refused."""

import base64
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keycell.oauth.client_authentication import (
    ASSERTION_TYPE,
    AssertingClient,
    NamedClient,
    SecretClient,
    read_unverified_client,
)
from keycell.oauth.errors import InvalidClient, OAuthError

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.just("sub"), inner),
)
ENCODED = st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode().rstrip("="))
SAID = JSON.map(lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).decode())
JWTS = st.text() | st.lists(ENCODED | SAID | st.text(), max_size=5).map(".".join)
BASIC = st.binary().map(base64.b64encode).map(bytes.decode) | st.text()
PARAMS = st.dictionaries(
    st.sampled_from(["client_id", "client_secret", "client_assertion", "client_assertion_type"]),
    st.text(),
)


@patient
@given(st.tuples(st.sampled_from(["Basic ", "basic ", "Bearer ", ""]), BASIC), PARAMS)
def test_any_authorization_header_is_read_or_refused(
    header: tuple[str, str], params: dict[str, str]
) -> None:
    """RFC6749-2.3.1."""
    try:
        read = read_unverified_client("".join(header), params)
    except OAuthError:
        return
    assert isinstance(read, NamedClient | SecretClient)
    assert header[0].lower() == "basic "


@patient
@given(JWTS, st.none() | st.text())
def test_any_assertion_is_read_or_refused(assertion: str, client_id: str | None) -> None:
    """RFC7523-2.2: the client that is named is the one that the assertion names."""
    params = {"client_assertion": assertion, "client_assertion_type": ASSERTION_TYPE}
    params |= {} if client_id is None else {"client_id": client_id}
    try:
        read = read_unverified_client(None, params)
    except OAuthError:
        return
    assert isinstance(read, AssertingClient)
    assert client_id in (None, read.client_id)


@patient
@given(
    st.text(alphabet=st.characters(codec="utf-8", exclude_characters=":"), min_size=1),
    st.text(alphabet=st.characters(codec="utf-8"), min_size=1),
)
def test_what_a_client_sends_as_it_is_is_among_what_is_tried(client_id: str, secret: str) -> None:
    """RFC6749-2.3.1: many forget to encode the halves."""
    header = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    if len(header) > 1000:
        return
    read = read_unverified_client(f"Basic {header}", {})
    assert isinstance(read, SecretClient)
    assert secret in read.secrets


def test_a_header_of_any_length_is_not_decoded() -> None:
    with pytest.raises(InvalidClient, match="longer"):
        read_unverified_client("Basic " + "A" * 1_000_000, {})
