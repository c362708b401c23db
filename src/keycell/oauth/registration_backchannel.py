"""What a client registers that asks people from the back. CIBA-4."""

from typing import Any

from keycell.oauth.backchannel import MODES, POLL, PUSH
from keycell.oauth.confirmation import BINDING
from keycell.oauth.errors import InvalidClientMetadata
from keycell.oauth.members import Document, read_flag, read_one_of, read_url
from keycell.oauth.request_objects import SIGNING_ALGORITHMS
from keycell.oauth.token import BACKCHANNEL


def read_backchannel(
    document: Document, grant_types: tuple[str, ...], *, is_public: bool
) -> dict[str, Any]:
    """Read how a client is told, and hold it to what goes together. CIBA-4."""
    mode = read_one_of(document, "backchannel_token_delivery_mode", MODES)
    endpoint = read_url(document, "backchannel_client_notification_endpoint")
    signed = read_one_of(
        document, "backchannel_authentication_request_signing_alg", SIGNING_ALGORITHMS
    )
    if read_flag(document, "backchannel_user_code_parameter"):
        raise InvalidClientMetadata("backchannel_user_code_parameter: user codes are not offered")
    if BACKCHANNEL not in grant_types:
        return {}
    if is_public:
        raise InvalidClientMetadata(f"grant_types: a public client cannot use {BACKCHANNEL}")
    if mode is None:
        raise InvalidClientMetadata(
            f"backchannel_token_delivery_mode is missing; it is one of {', '.join(MODES)}"
        )
    if mode != POLL and endpoint is None:
        raise InvalidClientMetadata(
            f"backchannel_client_notification_endpoint is missing: mode {mode} needs it"
        )
    bound = [name for name in BINDING if document.get(name) is True]
    if mode == PUSH and bound:
        # Nobody proves anything where tokens are pushed.
        raise InvalidClientMetadata(f"{bound[0]}: not with tokens that are pushed")
    if signed is not None and not (document.get("jwks") or document.get("jwks_uri")):
        raise InvalidClientMetadata(
            "backchannel_authentication_request_signing_alg needs jwks or jwks_uri"
        )
    return {
        "backchannel_token_delivery_mode": mode,
        "backchannel_client_notification_endpoint": endpoint if mode != POLL else None,
        "backchannel_authentication_request_signing_alg": signed,
    }
