"""The frame by which applications watch whether the session changed, and the cookie it reads."""

from starlette.requests import Request
from starlette.responses import Response

from keycell.accounts.sessions import LONGEST, Session
from keycell.http.cookies import put_cookie
from keycell.http.edge import Edge
from keycell.provider.browser_state import browser_state

STATE_COOKIE = "keycell_state"


async def frame(edge: Edge, _request: Request) -> Response:
    """Serve check_session_iframe. OIDCSM-3.3."""
    context = {"cookie": edge.cookie(STATE_COOKIE)}
    return edge.pages.frame("session_frame", context)


def keep_browser_state(
    edge: Edge, request: Request, response: Response, session: Session | None
) -> None:
    """Let the frame know the session; unlike our other cookies, a script of ours reads it."""
    name = edge.cookie(STATE_COOKIE)
    state = "" if session is None else browser_state(edge.provider, session.sid)
    if request.cookies.get(name, "") == state:
        return
    seconds = int(LONGEST.total_seconds()) if state else 0
    is_secure = edge.settings.is_secure
    put_cookie(response, name, state, seconds, is_secure=is_secure, is_framed=True)
