"""Values that no database holds: refused in words, whichever database it is."""

import pytest

from keycell.accounts.people import Account
from keycell.settings import Settings

from ...conftest import Browser
from ...files.conftest import Home, home
from ..tokens import sign_in

__all__ = ["home"]

NUL = "a\0b"
HUGE = 10**30


@pytest.fixture
def settings(either_settings: Settings) -> Settings:
    return either_settings


CASES = [
    ("POST", "/a/tree/stats", {"NodePaths": ["personal-files/*"], "Limit": HUGE}),
    ("POST", "/a/tree/stats", {"NodePaths": ["personal-files/*"], "Limit": 1, "Offset": HUGE}),
    ("POST", "/a/tree/delete", {"Nodes": [{"Uuid": NUL}]}),
    ("POST", "/a/search/nodes", {"Query": {"FileName": NUL}}),
    ("POST", "/a/search/nodes", {"Query": {"FileName": "a"}, "Size": HUGE}),
    ("PUT", "/a/user-meta/update",
     {"MetaDatas": [{"NodeUuid": NUL, "Namespace": "bookmark", "JsonValue": "true"}]}),
    ("PUT", "/a/share/link", {"ShareLink": {"Uuid": NUL}}),
    ("PUT", "/a/share/link",
     {"ShareLink": {"Permissions": ["Preview"], "RootNodes": [{"Uuid": NUL}]}}),
    ("PUT", "/a/share/link", {"ShareLink": {"Permissions": ["Preview"], "AccessEnd": 10**17,
                                            "RootNodes": [{"Uuid": "x"}]}}),
    ("POST", "/a/jobs/user", {"JobIDs": [NUL]}),
    ("PUT", "/a/jobs/user", {"JobId": NUL, "Cmd": "Delete"}),
    ("GET", "/a/keycell/versions/%00", None),
    ("GET", "/a/share/link/%00", None),
    ("DELETE", "/a/scheduler/jobs/%00", None),
    ("GET", "/a/keycell/changes?space=personal-files&cursor=9223372036854775807", None),
    ("GET", "/a/tree/stat/personal-files/%00", None),
    ("GET", "/a/frontend/binaries/USER/%00", None),
    ("DELETE", "/a/auth/tokens/%00", None),
    ("DELETE", "/a/auth/access-keys/%00", None),
    ("POST", "/a/auth/token/impersonate", {"UserLogin": NUL}),
    ("POST", "/a/frontend/session",
     {"AuthInfo": {"type": "credentials", "login": NUL, "password": "x"}}),
    ("POST", "/a/frontend/session", {"AuthInfo": {"type": [], "login": "x", "password": "x"}}),
    ("GET", "/public/a%00b", None),
    ("GET", "/io?list-type=2&prefix=%00", None),
    ("GET", "/io?list-type=2&start-after=personal-files/%00", None),
    ("GET", "/io/personal-files/a?versionId=%00", None),
    ("GET", "/io/personal-files/a?uploadId=%00", None),
    ("GET", "/io?uploads&key-marker=%00&upload-id-marker=%00", None),
    ("GET", "/dav/personal-files/?after=%00", None),
    ("GET", "/io/personal-files/a?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20260101T000000Z"
     "&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=" + "0" * 64 +
     "&X-Amz-Credential=KC0000000000000000%00%00/20260101/x/s3/aws4_request", None),
]  # fmt: skip


async def test_what_no_database_holds_is_refused(
    browser: Browser, ann: Account, home: Home
) -> None:
    token = await sign_in(browser.http, ann.login)
    await home.put("personal-files/a", b"x")
    failed = []
    for method, path, body in CASES:
        shown = {} if "X-Amz" in path else {"Authorization": f"Bearer {token}"}
        answer = await browser.http.request(method, path, json=body, headers=shown)
        if answer.status_code >= 500:
            failed.append((method, path, body, answer.status_code, answer.text[:100]))
    assert not failed, "\n" + "\n".join(map(str, failed))
