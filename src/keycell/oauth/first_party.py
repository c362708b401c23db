"""Our own clients, there from the first start, and those of the system whose addresses we keep.

Their redirect URIs are made for every origin people reach us at. RFC8252-7.3.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from keycell.oauth.clients import Client, ClientMetadata
from keycell.oauth.scope import OPENID, Scope
from keycell.oauth.token import DEVICE_CODE

_SINCE = datetime(2026, 1, 1, tzinfo=UTC)
_OF_OLD: Scope = frozenset({OPENID, "email", "profile", "pydio", "offline", "offline_access"})
_OWN: Scope = _OF_OLD | {
    "address",
    "phone",
    "groups",
    "roles",
    "files.read",
    "files.write",
    "admin",
}
_GRANT_TYPES = ("authorization_code", "refresh_token")
_WITHOUT_BROWSER = (*_GRANT_TYPES, DEVICE_CODE)
"""For programs that run where no browser does. RFC8628-3.1."""
_SYNC_PORTS = range(3636, 3667)


def first_party_clients(origins: Sequence[str], web_secret_digest: str) -> tuple[Client, ...]:
    """Make every first-party client, for the origins people reach us at."""
    oob = tuple(f"{origin}/oauth2/oob" for origin in origins)
    old_oob = tuple(f"{origin}/oauth/oob" for origin in origins)
    loopback = ("http://127.0.0.1/callback", "http://[::1]/callback")
    servers = "http://localhost:3000/servers/callback"
    ports = tuple(f"http://localhost:{port}/servers/callback" for port in _SYNC_PORTS)
    web = tuple(f"{origin}/auth/callback" for origin in origins)
    left = tuple(f"{origin}/auth/logout" for origin in origins)
    own_web = tuple(f"{origin}/web/callback" for origin in origins)
    return (
        _public("cells-frontend", "CellsFrontend Application", web, left=left,
                revoke_refresh_after=timedelta(hours=2)),
        _public("cells-sync", "CellsSync Application", (servers, *ports)),
        _public("cells-client", "Cells Client CLI Tool", (servers, *oob, *old_oob)),
        _public("cells-mobile", "Mobile Applications", ("cellsauth://callback",)),
        _public("keycell-cli", "Keycell command line", (*loopback, *oob), is_ours=True),
        _public("keycell-sync", "Keycell sync", (*loopback, *oob), is_ours=True),
        _web(own_web, origins, web_secret_digest),
    )  # fmt: skip


def _public(
    client_id: str,
    name: str,
    redirect_uris: tuple[str, ...],
    *,
    left: tuple[str, ...] = (),
    is_ours: bool = False,
    revoke_refresh_after: timedelta | None = None,
) -> Client:
    metadata = ClientMetadata(
        redirect_uris=redirect_uris,
        client_name=name,
        grant_types=_WITHOUT_BROWSER if is_ours else _GRANT_TYPES,
        application_type="native",
        scope=_OWN if is_ours else _OF_OLD | {"admin"},
        token_endpoint_auth_method="none",  # noqa: S106  (the name of a method)
        post_logout_redirect_uris=left,
    )
    return Client(
        client_id=client_id,
        metadata=metadata,
        came_by="first-party",
        is_first_party=True,
        # The clients of old send none (their unmodified releases must work).
        require_pkce=is_ours,
        revoke_refresh_after=revoke_refresh_after,
        created_at=_SINCE,
    )


def _web(redirect_uris: tuple[str, ...], origins: Sequence[str], secret_digest: str) -> Client:
    metadata = ClientMetadata(
        redirect_uris=redirect_uris,
        client_name="Keycell",
        grant_types=_GRANT_TYPES,
        scope=_OWN,
        post_logout_redirect_uris=tuple(f"{origin}/" for origin in origins),
    )
    return Client(
        client_id="keycell-web",
        metadata=metadata,
        came_by="first-party",
        is_first_party=True,
        secret_digest=secret_digest,
        created_at=_SINCE,
    )
