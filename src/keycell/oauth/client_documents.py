"""Clients whose identifier is the address of a document that describes them. CIMD-3, CIMD-4.

draft-ietf-oauth-client-id-metadata-document: whoever controls the address is the client. It is
registered nowhere; what it says is read there when somebody signs in to it.
"""

import re
from datetime import timedelta
from typing import cast
from urllib.parse import unquote, urlsplit

from keycell.oauth.clients import ClientMetadata
from keycell.oauth.errors import InvalidClientMetadata
from keycell.oauth.registration import read_client_metadata
from keycell.oauth.sectors import check_pairwise

LONGEST_DOCUMENT = 5 * 1024
"""Bytes. CIMD-6.6."""
KEPT_AT_LEAST = timedelta(minutes=5)
KEPT_AT_MOST = timedelta(hours=24)
"""How long a document is good for, whatever its server says of it. CIMD-4.4."""
KEPT_OTHERWISE = timedelta(hours=1)
_SECRET = ("client_secret", "client_secret_expires_at")
_METHODS = ("none", "private_key_jwt")
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age=\"?(\d{1,9})")


def is_document_address(client_id: str) -> bool:
    """Tell whether an identifier may be the address of a document. CIMD-3."""
    if not client_id.startswith("https://") or {"#", "?", "\\", "@"} & set(client_id):
        return False
    try:
        parts = urlsplit(client_id)
        port = parts.port
    except ValueError:
        return False
    # Dots are no segments of a name; written otherwise they still are.
    segments = [unquote(one) for one in parts.path.split("/")]
    is_plain = not {".", ".."} & set(segments)
    return bool(parts.hostname) and port != 0 and parts.path.startswith("/") and is_plain


def read_client_document(address: str, document: object) -> ClientMetadata:
    """Read what a client says of itself at its address; raise a RegistrationError. CIMD-4.

    Nobody could have agreed on a secret with it, so it proves itself by a key or not at all.
    """
    if not isinstance(document, dict):
        raise InvalidClientMetadata("the client's document is no JSON object")
    said = cast("dict[str, object]", document)
    if said.get("client_id") != address:
        raise InvalidClientMetadata("client_id of the client's document is not its address")
    for name in _SECRET:
        if name in said:
            raise InvalidClientMetadata(f"{name} of the client's document could be read by all")
    method = said.get("token_endpoint_auth_method", "none")
    if method not in _METHODS:
        raise InvalidClientMetadata(
            f"token_endpoint_auth_method of the client's document is none of {', '.join(_METHODS)}"
        )
    metadata = read_client_metadata({**said, "token_endpoint_auth_method": method})
    if metadata.sector_identifier_uri is not None:
        # Its sector is where its answers go; no other document is read for it. OIDCC-8.1.
        raise InvalidClientMetadata("sector_identifier_uri is not taken from a client's document")
    check_pairwise(metadata)
    return metadata


def kept_for(cache_control: str) -> timedelta:
    """Say how long a document is good for, by its Cache-Control. CIMD-4.4, RFC9111-5.2.2."""
    said = cache_control.lower()
    if "no-store" in said or "no-cache" in said:
        return KEPT_AT_LEAST
    found = _MAX_AGE.search(said)
    if found is None:
        return KEPT_OTHERWISE
    return min(max(timedelta(seconds=int(found[1])), KEPT_AT_LEAST), KEPT_AT_MOST)
