"""An application that signs people in by Authlib, as its documentation shows."""

import os
from urllib.parse import urlencode

import uvicorn
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.starlette_client import OAuth
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

ISSUER, PORT = os.environ["ISSUER"], int(os.environ["PORT"])
ORIGIN = f"http://127.0.0.1:{PORT}"

oauth = OAuth()
oauth.register(
    "keycell",
    server_metadata_url=f"{ISSUER}/.well-known/openid-configuration",
    client_id=os.environ["CLIENT_ID"],
    client_secret=os.environ["CLIENT_SECRET"],
    client_kwargs={"scope": "openid profile email", "code_challenge_method": "S256"},
)


async def home(request: Request) -> Response:
    login = request.session.get("login")
    return HTMLResponse(f"<h1>{'Hello ' + login if login else 'Nobody'}</h1>")


async def login(request: Request) -> Response:
    extra = dict(request.query_params)
    response: Response = await oauth.keycell.authorize_redirect(
        request, f"{ORIGIN}/callback", **extra
    )
    return response


async def callback(request: Request) -> Response:
    try:
        token = await oauth.keycell.authorize_access_token(request)
    except OAuthError as error:
        return HTMLResponse(f"<h1>Failed: {error.error}</h1>", 400)
    told = await oauth.keycell.userinfo(token=token)
    request.session["login"] = told["preferred_username"]
    request.session["id_token"] = token["id_token"]
    return RedirectResponse("/", 303)


async def logout(request: Request) -> Response:
    metadata = await oauth.keycell.load_server_metadata()
    query = {
        "id_token_hint": request.session.pop("id_token"),
        "post_logout_redirect_uri": f"{ORIGIN}/",
    }
    request.session.clear()
    return RedirectResponse(f"{metadata['end_session_endpoint']}?{urlencode(query)}", 303)


app = Starlette(
    routes=[
        Route("/", home),
        Route("/login", login),
        Route("/callback", callback),
        Route("/logout", logout),
    ],
    middleware=[Middleware(SessionMiddleware, secret_key="a secret of this test")],
)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=PORT, log_level="warning")
