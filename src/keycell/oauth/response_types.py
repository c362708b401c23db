"""Response types and modes: what a request asks the authorization endpoint for, and how it comes.

All but ``code`` and ``none`` bring something of worth by way of the browser: they are for those
clients alone that registered them, and never come in a query. OAuth2-MRT-2.1, OAuth2-MRT-3,
OAuth2-MRT-5. ``none`` asks for a person's yes, and brings nothing. OAuth2-MRT-4.
"""

from collections.abc import Sequence

from keycell.oauth.errors import InvalidRequest, UnauthorizedClient, UnsupportedResponseType, quote
from keycell.oauth.token import AUTHORIZATION_CODE

IMPLICIT = "implicit"
RESPONSE_TYPES = (
    "code", "id_token", "id_token token", "code id_token", "code token", "code id_token token",
    "none",
)  # fmt: skip
RESPONSE_MODES = (
    "query", "fragment", "form_post", "jwt", "query.jwt", "fragment.jwt", "form_post.jwt",
)  # fmt: skip

SIGNED = ".jwt"
"""How the modes end in which the answer is one JWT of ours. JARM-2.3."""

_FROM_THE_FRONT = frozenset({"id_token", "token"})

ResponseType = frozenset[str]
CODE: ResponseType = frozenset({"code"})
NOTHING: ResponseType = frozenset({"none"})


def same_type(text: str) -> str:
    """Give a response type with its values in our order; theirs does not count. OAuth2-MRT-3."""
    return " ".join(sorted(text.split()))


def grants_of(response_type: str) -> tuple[str, ...]:
    """Give the grant types that a response type needs. OIDCR-2."""
    values = set(response_type.split())
    code = (AUTHORIZATION_CODE,) if "code" in values else ()
    return code + ((IMPLICIT,) if values & _FROM_THE_FRONT else ())


def delivery(response_type: str | None, response_mode: str | None) -> str:
    """Say how the answer comes, an error too; tokens never in a query.

    OAuth2-MRT-2.1, JARM-2.3.
    """
    is_from_the_front = bool(_FROM_THE_FRONT & set((response_type or "").split()))
    default = "fragment" if is_from_the_front else "query"
    if response_mode not in RESPONSE_MODES:
        return default
    way = response_mode.removesuffix("jwt").removesuffix(".")
    way = default if way in ("", "query") else way
    return f"{way}{SIGNED}" if response_mode.endswith("jwt") else way


def read_response_type(
    params: dict[str, str], registered: Sequence[str], grant_types: Sequence[str]
) -> ResponseType:
    """Read what is asked for, if this client registered it. RFC6749-3.1.1, RFC6749-4.1.2.1."""
    sent = params.get("response_type")
    if sent is None:
        raise InvalidRequest("response_type is missing; most clients send code")
    asked = same_type(sent)
    if asked not in RESPONSE_TYPES:
        offered = ", ".join(RESPONSE_TYPES)
        raise UnsupportedResponseType(f"response_type {quote(sent)} is none of {offered}")
    if asked not in registered:
        raise UnauthorizedClient(f"this client did not register response_type {asked}")
    for grant_type in grants_of(asked):
        if grant_type not in grant_types:
            raise UnauthorizedClient(f"this client did not register grant_type {grant_type}")
    _check_mode(params.get("response_mode"), asked)
    if "id_token" in asked.split() and "nonce" not in params:
        # Nothing else tells the client that the ID token answers this very request.
        raise InvalidRequest("nonce is missing; an ID token that comes by the browser needs one")
    return frozenset(asked.split())


def _check_mode(mode: str | None, response_type: str) -> None:
    if mode is not None and mode not in RESPONSE_MODES:
        offered = ", ".join(RESPONSE_MODES)
        raise InvalidRequest(f"response_mode {quote(mode)} is none of {offered}")
    if mode not in (None, "jwt") and mode != delivery(response_type, mode):
        raise InvalidRequest(f"response_mode {mode} does not go with {response_type}")
