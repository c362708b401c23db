"""Signing in who has just made their account, where they made it."""

import contextlib

from starlette.requests import Request
from starlette.responses import Response

from keycell.accounts.errors import SignInRefused, TooBusy
from keycell.accounts.signin import Attempt, SignedIn, sign_in
from keycell.http.edge import Edge
from keycell.http.forms import set_cookie
from keycell.http.session_frame import keep_browser_state
from keycell.http.ticket_pages import SESSION_COOKIE
from keycell.http.wire import origin_of


async def sign_in_newcomer(
    edge: Edge, request: Request, response: Response, login: str, password: str
) -> None:
    """Begin a session in this browser if that can be; otherwise they sign in by themselves."""
    attempt = Attempt(
        login=login, password=password, device=None, session=None, origin=origin_of(request)
    )
    # The account is there: whatever holds up a sign-in must not look as if it were not.
    with contextlib.suppress(SignInRefused, TooBusy):
        signed_in = await sign_in(edge.people, attempt)
        # Made a moment ago, so it has no second factor yet.
        if isinstance(signed_in, SignedIn):
            set_cookie(edge, response, SESSION_COOKIE, signed_in.secret, None)
            keep_browser_state(edge, request, response, signed_in.session)
