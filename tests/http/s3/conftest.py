"""S3 as its clients speak it: signed in-process, and by real programs against a real server."""

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit
from xml.etree import ElementTree as ET

import httpx2
import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from keycell.accounts.administration import NewAccount, add_account
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.oauth.pkce import s256
from keycell.provider.register import Made

from ...conftest import BASE, CALLBACK, PASSWORD, VERIFIER, Browser
from ...server import Server, keycell, keycell_json, serving

NAMESPACE = re.compile(r' xmlns="[^"]*"')


@dataclass
class S3:
    """A client that signs as AWS's own do."""

    http: httpx2.AsyncClient
    token: str
    secret: str = "gatewaysecret"

    async def ask(
        self,
        method: str,
        key: str = "",
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        **more: str,
    ) -> httpx2.Response:
        """Send a signed request; a name of ``list_type`` stands for ``list-type``."""
        query = {**(query or {}), **more}
        url = f"{BASE}/io/{quote(key, safe='/-_.~')}"
        if query:
            pairs = {name.replace("_", "-"): value for name, value in query.items()}
            url += "?" + urlencode(pairs, quote_via=quote)
        request = AWSRequest(method, url, data=content, headers=dict(headers or {}))
        credentials = Credentials(self.token, self.secret)
        S3SigV4Auth(credentials, "s3", "us-east-1").add_auth(request)
        return await self.http.request(
            method, url, content=content, headers=dict(request.headers.items())
        )

    async def put(self, key: str, content: bytes = b"x", **headers: str) -> httpx2.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        response = await self.ask("PUT", key, content, headers=named)
        assert response.status_code == 200, response.text
        return response

    async def keys(self, **query: str) -> list[str]:
        """List keys and prefixes, all pages."""
        found: list[str] = []
        while True:
            response = await self.ask("GET", list_type="2", query=query)
            assert response.status_code == 200, response.text
            root = xml(response)
            names = [one.text or "" for one in root.iterfind("Contents/Key")]
            prefixes = [one.text or "" for one in root.iterfind("CommonPrefixes/Prefix")]
            assert int(root.findtext("KeyCount") or 0) == len(names) + len(prefixes)
            found += sorted([*names, *prefixes], key=str.encode)
            token = root.findtext("NextContinuationToken")
            if token is None:
                return found
            query["continuation_token"] = token


def xml(response: httpx2.Response) -> ET.Element:
    return ET.fromstring(NAMESPACE.sub("", response.text))  # noqa: S314  (our own answer)


def code(response: httpx2.Response) -> str:
    """Give status and code of an error."""
    return f"{response.status_code} {xml(response).findtext('Code')}"


async def token_for(browser: Browser, app: Made, scope: str = "openid files.write") -> str:
    return (await browser.tokens(app, scope))["access_token"]


@pytest.fixture
async def s3(browser: Browser, ann: Account, app: Made) -> S3:
    return S3(browser.http, await token_for(browser, app))


async def somebody_else(world: World, browser: Browser, app: Made) -> S3:
    """Bob's client of the same application."""
    wanted = NewAccount(login="bob", password=PASSWORD, email=None, name="Bob")
    await add_account(world.people, wanted, "test")
    browser.http.cookies.clear()
    page = await browser.log_in(await browser.authorize(app, scope="openid files.write"), "bob")
    if 'id="consent-accept"' in page.text:
        page = await browser.submit(page, action="accept")
    found = dict(httpx2.URL(page.headers["location"]).params)
    answer = await browser.exchange(app, found["code"])
    return S3(browser.http, answer.json()["access_token"])


@dataclass
class Home:
    """A running server, and what somebody's programs need to reach it."""

    server: Server
    token: str
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, code: int | None = 0, **environment: str) -> str:
        """Run a program as that person."""
        done = subprocess.run(
            arguments, capture_output=True, text=True, timeout=120, check=False,
            env=self.environment | environment, cwd=self.folder,
        )  # fmt: skip
        said = f"{done.stdout}{done.stderr}"
        assert code is None or done.returncode == code, f"{arguments}: {done.returncode}\n{said}"
        return done.stdout


def sign_in(
    server: Server, made: Mapping[str, Any], scope: str, login: str = "ann", **params: str
) -> str:
    """Get an access token as an application does, by pages and a code."""
    with httpx2.Client(base_url=server.url) as http:
        query = {
            "client_id": made["client_id"], "redirect_uri": CALLBACK, "response_type": "code",
            "scope": scope, "state": "state-1234", "code_challenge": s256(VERIFIER),
            "code_challenge_method": "S256",
        } | params  # fmt: skip
        page = http.get("/oidc/oauth2/auth", params=query)
        fields = {"username": login, "password": PASSWORD}
        while "callback?" not in page.headers.get("location", ""):
            if page.is_redirect:
                page = http.get(page.headers["location"])
                continue
            action = re.search(r'<form method="post" action="([^"]+)"', page.text)
            assert action, page.text
            hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text)
            page = http.post(action[1], data=dict(hidden) | fields | {"action": "accept"})
        found = dict(parse_qsl(urlsplit(page.headers["location"]).query))
        form = {
            "grant_type": "authorization_code", "code": found["code"], "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
        }  # fmt: skip
        basic = (made["client_id"], made["client_secret"])
        answer = http.post("/oidc/oauth2/token", data=form, auth=basic)
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["access_token"]
        return token


@pytest.fixture(scope="module")
def s3_server(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Server, Mapping[str, Any]]]:
    data = tmp_path_factory.mktemp("s3") / "data"
    with serving(data) as server:
        keycell(
            "admin", "user", "add", "ann", "--data", str(data), "--password-stdin",
            stdin=PASSWORD,
        )  # fmt: skip
        made = keycell_json(
            "admin", "client", "add", "Files", "--redirect-uri", CALLBACK, "--data", str(data)
        )
        yield server, made


@pytest.fixture
def real(s3_server: tuple[Server, Mapping[str, Any]], tmp_path: Path) -> Home:
    server, made = s3_server
    # For each test, since it lives ten minutes.
    token = sign_in(server, made, "openid files.write")
    environment = {
        "HOME": str(tmp_path),
        "PATH": "/usr/bin:/bin",
        "AWS_ACCESS_KEY_ID": token,
        "AWS_SECRET_ACCESS_KEY": "gatewaysecret",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": server.url,
        "AWS_EC2_METADATA_DISABLED": "true",
        "RCLONE_CONFIG_K_TYPE": "s3",
        "RCLONE_CONFIG_K_PROVIDER": "Other",
        "RCLONE_CONFIG_K_ENDPOINT": server.url,
        "RCLONE_CONFIG_K_ACCESS_KEY_ID": token,
        "RCLONE_CONFIG_K_SECRET_ACCESS_KEY": "gatewaysecret",
    }
    return Home(server, token, tmp_path, environment)
