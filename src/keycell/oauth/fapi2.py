"""The profile ``fapi2`` of a client: every rule of the FAPI 2.0 Security Profile, and never half.

A client says ``"profile": "fapi2"`` in its metadata. What the profile settles need not be said
and cannot be said otherwise; what it settles about requests is held by whoever reads them, by
`Client.is_fapi2`. With the grant of backchannel authentication it is the whole of FAPI-CIBA as
well. RFC7591-2, FAPI2-SP-5.3, FAPI2-MS-5.3, FAPI-CIBA-5.2.2. See decisions/0052, decisions/0068.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from keycell.oauth.errors import InvalidClientMetadata, InvalidRequestObject, quote
from keycell.oauth.token import BACKCHANNEL

PROFILE = "fapi2"
PROFILES = (PROFILE,)
ALGORITHMS = ("ES256", "PS256", "EdDSA")
"""What may sign anything: FAPI2-SP-5.4.1."""

_SETTLED: Mapping[str, object] = {
    "require_pushed_authorization_requests": True,
}
_METHODS = ("private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth")
_BOUND, _BOUND_BY_TLS = "dpop_bound_access_tokens", "tls_client_certificate_bound_access_tokens"
_SIGNED = (
    "id_token_signed_response_alg", "introspection_signed_response_alg",
    "authorization_signed_response_alg",
)  # fmt: skip
_ALSO_SIGNED = (
    "userinfo_signed_response_alg", "request_object_signing_alg",
    "token_endpoint_auth_signing_alg",
)  # fmt: skip
_GRANT_TYPES = ("authorization_code", "refresh_token", "client_credentials", BACKCHANNEL)
_ASKING = "backchannel_authentication_request_signing_alg"
_DELIVERY_MODES = ("poll", "ping")
"""Tokens are fetched by who proves itself, never pushed: FAPI-CIBA-5.2.2."""
_LONGEST = timedelta(minutes=60)

Document = Mapping[str, object]


def completed(document: Document) -> Document:
    """Give the metadata of a client with all that its profile settles; refuse what it forbids.

    FAPI2-SP-5.3.2.1, FAPI2-SP-5.3.3.1, FAPI2-SP-5.4.1.
    """
    if document.get("profile") != PROFILE:
        return document
    settled = {**_SETTLED, **_settled_keys(document)}
    for name, value in settled.items():
        if document.get(name) not in (None, value):
            raise InvalidClientMetadata(f"{name}: with profile {PROFILE} it is {value}".lower())
    # Whoever asks people from the back signs each request. FAPI-CIBA-5.2.2.
    asks = BACKCHANNEL in _listed(document.get("grant_types"))
    signed = (*_SIGNED, *([_ASKING] if asks else ()))
    algorithms = {name: document.get(name) or ALGORITHMS[0] for name in signed}
    for name, alg in (*algorithms.items(), *((n, document.get(n)) for n in _ALSO_SIGNED)):
        if alg is not None and alg not in ALGORITHMS:
            offered = ", ".join(ALGORITHMS)
            raise InvalidClientMetadata(f"{name}: with profile {PROFILE} one of {offered}")
    _check_each(document, "grant_types", _GRANT_TYPES)
    _check_each(document, "response_types", ("code",))
    _check_places(document)
    _check_delivery(document)
    return {**document, **settled, **algorithms}


def _settled_keys(document: Document) -> Document:
    """Settle how it proves itself, and what binds its tokens: a proof, unless a certificate.

    FAPI2-SP-5.3.2.1, FAPI2-SP-5.3.3.1.
    """
    method = document.get("token_endpoint_auth_method") or _METHODS[0]
    if method not in _METHODS:
        raise InvalidClientMetadata(
            f"token_endpoint_auth_method: with profile {PROFILE} one of {', '.join(_METHODS)}"
        )
    by_tls = document.get(_BOUND_BY_TLS) is True
    return {"token_endpoint_auth_method": method, _BOUND: not by_tls, _BOUND_BY_TLS: by_tls}


def _check_each(document: Document, name: str, allowed: Sequence[str]) -> None:
    for value in _listed(document.get(name)):
        if value not in allowed:
            raise InvalidClientMetadata(
                f"{name}: with profile {PROFILE} {quote(str(value))} is not offered"
            )


def _check_places(document: Document) -> None:
    for uri in _listed(document.get("redirect_uris")):
        if not str(uri).startswith("https://"):
            raise InvalidClientMetadata(f"redirect_uris: with profile {PROFILE} only https")


def _check_delivery(document: Document) -> None:
    mode = document.get("backchannel_token_delivery_mode")
    if mode is not None and mode not in _DELIVERY_MODES:
        offered = ", ".join(_DELIVERY_MODES)
        raise InvalidClientMetadata(
            f"backchannel_token_delivery_mode: with profile {PROFILE} one of {offered}"
        )
    name = "backchannel_client_notification_endpoint"
    if not str(document.get(name) or "https://").startswith("https://"):
        raise InvalidClientMetadata(f"{name}: with profile {PROFILE} only https")


def _listed(value: object) -> list[object]:
    # What is no list is refused by whoever reads the member.
    return value if isinstance(value, list) else []


def check_object(
    claims: Document, nbf: datetime | None, exp: datetime | None, now: datetime
) -> None:
    """Refuse a request object that says too little of for whom and when. FAPI2-MS-5.3.1."""
    if exp is None or nbf is None or claims.get("aud") is None:
        raise InvalidRequestObject("the request object needs aud, exp and nbf")
    if now - nbf > _LONGEST:
        raise InvalidRequestObject("nbf of the request object is more than 60 minutes ago")
    if exp - nbf > _LONGEST:
        raise InvalidRequestObject("exp of the request object is more than 60 minutes after nbf")
