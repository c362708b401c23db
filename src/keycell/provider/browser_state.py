"""What a browser's session looks like from outside: a value that names nobody. OIDCSM-3.2."""

from keycell.oauth.authorization import AuthorizationRequest
from keycell.oauth.scope import OPENID
from keycell.oauth.session_state import origin_of_uri, session_state
from keycell.provider.ports import Provider


def browser_state(provider: Provider, sid: str) -> str:
    """Give what changes with the session, and opens nothing."""
    return provider.sealer.mac("browser-state", sid.encode())


def told_state(
    provider: Provider, request: AuthorizationRequest, sid: str | None
) -> list[tuple[str, str]]:
    """Give the ``session_state`` of an answer to a page of the client's. OIDCSM-2."""
    origin = origin_of_uri(request.target.redirect_uri)
    if sid is None or origin is None or OPENID not in request.scope:
        return []
    state = browser_state(provider, sid)
    hashed = session_state(request.client.client_id, origin, state, provider.mint_id())
    return [("session_state", hashed)]
