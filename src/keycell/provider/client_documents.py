"""Finding clients: those that are registered, and those that a document describes. CIMD-4.

What a document says is kept as a client's row, so that grants, consents and administrators find
it there; who is disabled stays so, whatever the document says.
"""

from dataclasses import replace
from datetime import timedelta

from keycell.accounts.audit import AuditEvent
from keycell.oauth.client_documents import is_document_address, read_client_document
from keycell.oauth.clients import Client, ClientMetadata, is_client_id
from keycell.oauth.errors import InvalidClientMetadata, OAuthError, UntrustedRedirect
from keycell.provider.ports import Provider

_UNUSED = timedelta(days=1)
"""What strangers name can be 60 documents a minute: so long is kept what nobody used."""
TEST_OVER = "the test mode of the client is over"
BAD_DOCUMENT = "the document at client_id cannot be taken"


async def find_client(
    provider: Provider, client_id: str, *, is_known_enough: bool = False
) -> Client | None:
    """Find a client; raise InvalidClientMetadata where its document cannot be taken.

    ``is_known_enough`` says that what was read of it last will do: only who is not known yet is
    looked for. A disabled one is found too.
    """
    found = await provider.clients.find(client_id)
    if found is not None and (found.came_by != "document" or found.disabled):
        return found
    if provider.client_documents is None:
        # A document's client is none where documents are not taken any more.
        return None
    if found is not None and is_known_enough:
        return found
    if not is_client_id(client_id) or not is_document_address(client_id):
        return None
    document = await provider.client_documents.document(client_id)
    try:
        metadata = read_client_document(client_id, document)
    except OAuthError as error:
        provider.client_documents.forget(client_id)
        raise InvalidClientMetadata(error.description) from None
    return await _kept(provider, client_id, found, metadata)


async def named_client(provider: Provider, client_id: str) -> Client:
    """Find who a browser says that it comes from; raise UntrustedRedirect. RFC6749-4.1.2.1."""
    try:
        client = await find_client(provider, client_id)
    except InvalidClientMetadata as error:
        raise UntrustedRedirect(BAD_DOCUMENT, detail=error.description) from None
    if client is None:
        raise UntrustedRedirect("no such client", received=client_id)
    if client.is_over(provider.clock()):
        raise UntrustedRedirect(TEST_OVER)
    if client.disabled:
        raise UntrustedRedirect("the client is disabled")
    return client


async def _kept(
    provider: Provider, client_id: str, found: Client | None, metadata: ClientMetadata
) -> Client | None:
    if found is not None and found.metadata == metadata:
        return found
    now = provider.clock()
    made = Client(
        client_id=client_id,
        metadata=metadata,
        came_by="document",
        created_at=now,
        # Anybody can make such a client, and its document can be read once more at any time.
        unused_until=now + _UNUSED,
    )
    event = AuditEvent(
        at=now, actor=client_id, action="client.added" if found is None else "client.changed",
        target=client_id, client_id=client_id,
    )  # fmt: skip
    if found is not None:
        # What administrators said of it while its document was read stands.
        return await provider.clients.update(
            client_id, lambda kept: replace(kept, metadata=metadata), event
        )
    if await provider.clients.add(made, event):
        return made
    # Of two that read it at once, the other one's row says the same.
    return await provider.clients.find(client_id)
