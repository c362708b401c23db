"""An application and a person at a browser, over real HTTP, against real servers."""

import json
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

import httpx2

from keycell.oauth.pkce import s256

from .server import keycell, keycell_json

CALLBACK = "https://app.example/callback"
PASSWORD = "correct horse battery"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
SCOPE = "openid offline_access"


@dataclass(frozen=True)
class Application:
    """A confidential client; it speaks to whichever server it is told to."""

    client_id: str
    secret: str

    def token(self, url: str, **form: str) -> httpx2.Response:
        basic = (self.client_id, self.secret)
        return httpx2.post(f"{url}/oidc/oauth2/token", data=form, auth=basic, timeout=30)

    def exchange(self, url: str, code: str) -> httpx2.Response:
        return self.token(url, grant_type="authorization_code", code=code, redirect_uri=CALLBACK,
                          code_verifier=VERIFIER)  # fmt: skip

    def refresh(self, url: str, refresh_token: str) -> httpx2.Response:
        return self.token(url, grant_type="refresh_token", refresh_token=refresh_token)

    def tokens(self, url: str, person: httpx2.Client) -> dict[str, str]:
        """Get the first tokens of a grant."""
        response = self.exchange(url, self.code(person))
        assert response.status_code == 200, response.text
        found: dict[str, str] = response.json()
        return found

    def code(self, person: httpx2.Client, scope: str = SCOPE) -> str:
        """Get a code: the person signs in and consents where asked."""
        query = {
            "client_id": self.client_id, "redirect_uri": CALLBACK, "response_type": "code",
            "scope": scope, "state": "state-1234", "prompt": "consent",
            "code_challenge": s256(VERIFIER), "code_challenge_method": "S256",
        }  # fmt: skip
        page = follow(person, person.get("/oidc/oauth2/auth", params=query))
        if 'id="login-submit"' in page.text:
            page = submit(person, page, username="ann", password=PASSWORD)
        page = submit(person, page, action="accept")
        assert page.status_code == 303, page.text
        return dict(parse_qsl(urlsplit(page.headers["location"]).query))["code"]


def register(
    *where: str, environment: dict[str, str] | None = None, **metadata: object
) -> Application:
    """Make Ann an account, and register an application."""
    keycell("admin", "user", "add", "ann", "--password-stdin", *where, stdin=PASSWORD,
            environment=environment)  # fmt: skip
    more = ("--metadata", json.dumps(metadata)) if metadata else ()
    made = keycell_json("admin", "client", "add", "App", "--redirect-uri", CALLBACK, *more, *where,
                        environment=environment)  # fmt: skip
    return Application(made["client_id"], made.get("client_secret", ""))


def userinfo(url: str, access_token: str) -> int:
    """Give the status with which an access token is answered."""
    bearer = {"Authorization": f"Bearer {access_token}"}
    return httpx2.get(f"{url}/oidc/userinfo", headers=bearer).status_code


def follow(person: httpx2.Client, response: httpx2.Response) -> httpx2.Response:
    while response.headers.get("location", "").startswith("/"):
        response = person.get(response.headers["location"])
    return response


def submit(person: httpx2.Client, page: httpx2.Response, **fields: str) -> httpx2.Response:
    action = re.search(r'<form method="post" action="([^"]+)"', page.text)
    assert action, page.text
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    return follow(person, person.post(action[1], data=hidden | fields))
