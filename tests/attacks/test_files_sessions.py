"""What outlives a sign-in, and what is put on the server's own pages. ATTACKS.md, files and 83."""

import httpx2
import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from keycell.accounts.people import Account
from keycell.bootstrap import World

from ..conftest import BASE, Browser
from ..files.conftest import Home, actor_for
from ..http.tokens import call, sign_in

HOME = "personal-files"
SECRET = "gatewaysecret"


def presigned(token: str) -> str:
    request = AWSRequest("GET", f"{BASE}/io/{HOME}/a.txt")
    S3SigV4QueryAuth(Credentials(token, SECRET), "s3", "us-east-1", expires=3600).add_auth(request)
    return str(request.url)


async def test_attack_files_a_presigned_url_surviving_logout(
    world: World, browser: Browser, ann: Account
) -> None:
    """Everybody knows the secret that goes with a token, so such a URL proves nothing, ever."""
    await Home(world.files, actor_for(ann)).put(f"{HOME}/a.txt", b"hello")
    token = await sign_in(browser.http, "ann")
    url = presigned(token)
    assert (await browser.http.get(url)).status_code == 403
    headers = {"Authorization": f"Bearer {token}"}
    path = f"{BASE}/io/{HOME}/a.txt"
    assert (await browser.http.get(path, headers=headers)).content == b"hello"
    assert (await call(browser.http, token, "POST", "token/revoke", {})).status_code == 200
    assert (await browser.http.get(url)).status_code == 403
    assert (await browser.http.get(path, headers=headers)).status_code in (401, 403)


@pytest.mark.parametrize(
    "content",
    [
        b"<html><script>alert(1)</script></html>",
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        b"\x89PNG" + b"<script>alert(1)</script>",
        b"GIF8<html><script>alert(1)</script>",
    ],
)
async def test_attack_83_an_avatar_is_never_a_page(
    browser: Browser, ann: Account, content: bytes
) -> None:
    token = await sign_in(browser.http, "ann")
    path = "/a/frontend/binaries/USER/ann"
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "image/png"}
    answer = await browser.http.post(path, content=content, headers=headers)
    shown = await browser.http.get(path)
    if answer.status_code == 200:
        assert_no_page(shown)
    else:
        assert answer.status_code == 400
        assert shown.status_code == 404


def assert_no_page(shown: httpx2.Response) -> None:
    assert shown.headers["content-type"].startswith("image/")
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in shown.headers["content-security-policy"]
