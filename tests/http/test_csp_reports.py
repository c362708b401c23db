"""What browsers report of our pages: UX row Q05."""

import json

import pytest
from structlog.testing import capture_logs

from keycell.accounts.people import Account
from keycell.http.csp_reports import LONGEST_REPORT, MOST_A_MINUTE, Report, read_report
from keycell.oauth.errors import InvalidRequest

from ..conftest import Browser

PATH = "/csp-report"
SAID = {
    "document-uri": "https://ann:pw@id.example/oauth2/login?ticket=secret#x",
    "effective-directive": "script-src-elem", "violated-directive": "script-src-elem",
    "blocked-uri": "https://evil.example/x.js?token=secret", "source-file": "inline",
}  # fmt: skip


def packed(**changed: object) -> bytes:
    return json.dumps({"csp-report": SAID | changed}).encode()


async def send(browser: Browser, body: bytes, kind: str = "application/csp-report") -> int:
    headers = {"Content-Type": kind}
    return (await browser.http.post(PATH, content=body, headers=headers)).status_code


def test_a_report_is_read_without_what_may_be_secret() -> None:
    """The addresses of pages of ours carry tickets."""
    assert read_report(packed()) == Report(
        "script-src-elem", "https://id.example/oauth2/login", "https://evil.example/x.js", "inline"
    )
    longest = read_report(packed(**{"blocked-uri": "https://a.example/" + "x" * 5000})).blocked
    assert len(longest) == 200
    assert "\x1b" not in read_report(packed(**{"source-file": "a\x1b[2Jx"})).source
    assert read_report(packed(**{"effective-directive": "made-up\n"})).directive == "other"


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"{}", b'{"csp-report": 5}', b"[" * 10_000, b"\xff"]
)
def test_what_is_no_report_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        read_report(body)


async def test_reports_are_counted_and_so_many_a_minute_written_down(
    browser: Browser, ann: Account
) -> None:
    with capture_logs() as lines:
        for _ in range(MOST_A_MINUTE + 5):
            assert await send(browser, packed()) == 204
        extension = packed(**{"source-file": "moz-extension"})
        assert await send(browser, extension) == 204
    told = [line for line in lines if line["event"] == "held back in a page"]
    assert 5 <= len(told) <= 2 * MOST_A_MINUTE
    assert "secret" not in str(told)
    assert {line["directive"] for line in told} == {"script-src-elem"}
    counted = (await browser.http.get("/metrics")).text
    assert 'keycell_csp_reports_total{directive="script-src-elem"}' in counted


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (packed(), "application/json", 415), (b"{}", "application/csp-report", 400),
        (b"x" * (LONGEST_REPORT + 1), "application/csp-report", 413),
    ],
)  # fmt: skip
async def test_other_bodies_are_refused(
    browser: Browser, body: bytes, kind: str, status: int
) -> None:
    assert await send(browser, body, kind) == status


async def test_every_page_says_where_to_report(browser: Browser) -> None:
    page = await browser.http.get("/oauth2/login")
    assert page.headers["content-security-policy"].endswith(f"report-uri {PATH}")
