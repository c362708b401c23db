"""Clients that know a person by one identifier: those of one host. OIDCC-8.1, OIDCR-5."""

from urllib.parse import urlsplit

from keycell.oauth.clients import ClientMetadata
from keycell.oauth.errors import InvalidClientMetadata, quote


def check_sector(metadata: ClientMetadata, listed: object) -> None:
    """Hold its addresses against the document at ``sector_identifier_uri``. OIDCR-5, CIBA-4."""
    names = {one for one in listed if isinstance(one, str)} if isinstance(listed, list) else set()
    if not set(metadata.redirect_uris) <= names:
        raise InvalidClientMetadata(
            "sector_identifier_uri does not list every one of the redirect_uris"
        )
    if metadata.backchannel_token_delivery_mode is None:
        return
    told = metadata.backchannel_client_notification_endpoint or metadata.jwks_uri
    if told is not None and told not in names:
        raise InvalidClientMetadata(f"sector_identifier_uri does not list {quote(told)}")


def check_pairwise(metadata: ClientMetadata) -> None:
    """Check that a pairwise client has one host, or a document that lists its hosts. OIDCC-8.1."""
    hosts = {urlsplit(uri).hostname for uri in metadata.redirect_uris}
    is_pairwise = metadata.subject_type == "pairwise"
    if is_pairwise and metadata.sector_identifier_uri is None and len(hosts) > 1:
        raise InvalidClientMetadata(
            "redirect_uris of several hosts with subject_type pairwise need sector_identifier_uri"
        )
