"""What bad input gets, on every endpoint: a clear 4xx, in bounded time, on either database."""

import time
from urllib.parse import quote

import httpx2
import pytest

from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.oauth.pkce import s256
from keycell.provider.register import Made
from keycell.settings import Settings

from ..conftest import BASE, CALLBACK, VERIFIER, Browser, answer

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TOKEN, AUTH = "/oidc/oauth2/token", "/oidc/oauth2/auth"
LOGOUT, REGISTER = "/oidc/oauth2/sessions/logout", "/oidc/register"
STATIC = "/a/config/services/pydio.web.oauth/staticClients"
PROGRAMS = (TOKEN, "/oidc/oauth2/revoke", "/oidc/oauth2/introspect", "/oidc/userinfo")
PAGES = (
    AUTH, LOGOUT, "/oauth2/login", "/oauth2/consent", "/oauth2/choose", "/oauth2/logout",
    "/account/basic/end-session", "/account/basic/end-others", "/account/basic/revoke",
    "/account/basic/password", "/setup",
)  # fmt: skip
DOCUMENTS = (("POST", REGISTER), ("PUT", f"{REGISTER}/x"))
REST = (("PUT", "/a/config/oauth2clients/x"), ("PUT", STATIC))
LARGE = b"a=" + b"x" * 10_000_000


@pytest.fixture
def settings(either_settings: Settings) -> Settings:
    return either_settings


def is_refusal(response: httpx2.Response, *, is_page: bool) -> bool:
    """Tell whether it is a clear no in the endpoint's own form."""
    assert 400 <= response.status_code < 500, response.text[:500]
    assert response.headers["x-request-id"]
    if is_page:
        return response.headers["content-type"].startswith("text/html")
    if not response.content:
        return response.headers["www-authenticate"].startswith("Bearer")
    body = response.json()
    return bool(body.get("error") or {"Code", "Title", "Detail"} <= set(body))


BODIES = {
    "large": (LARGE, FORM),
    "not utf-8": (b"client_id=%ff%fe&ticket=%ff", FORM),
    "raw bytes": (b"client_id=\xff\xfe\x00", FORM),
    "many": (b"&".join(b"a%d=1" % n for n in range(5000)), FORM),
    "json": (b'{"client_id": "x"}', {"Content-Type": "application/json"}),
    "multipart": (b"--x\r\n\r\n--x--", {"Content-Type": "multipart/form-data; boundary=x"}),
    "of no type": (b"client_id=x", {}),
    "of a strange type": (b"client_id=x", {"Content-Type": "?;;;===,"}),
    "twice": (b"&".join([b"client_id=a", b"ticket=a", b"access_token=a", b"id_token_hint=a"] * 2),
              FORM),
    "control": (b"client_id=a%00b&ticket=%00&access_token=%0d%0a&id_token_hint=%1b", FORM),
}  # fmt: skip


async def test_attack_89_no_body_does_harm_anywhere(browser: Browser) -> None:
    """RFC6749-3.1, RFC6749-3.2, RFC9110-15.5, attack 89."""
    for name, (content, headers) in BODIES.items():
        for path in (*PROGRAMS, *PAGES):
            begun = time.process_time()
            response = await browser.http.post(path, content=content, headers=headers)
            assert is_refusal(response, is_page=path in PAGES), (name, path)
            assert time.process_time() - begun < 3, (name, path)
            if name == "large":
                assert response.status_code == 413, path
            if name in ("json", "multipart", "of no type", "of a strange type"):
                assert response.status_code == 415, (name, path)


async def test_an_empty_body_is_told_what_is_missing(browser: Browser) -> None:
    """RFC6749-5.2."""
    for path in PROGRAMS[:3]:
        for headers in ({}, FORM):
            response = await browser.http.post(path, headers=headers)
            assert response.json()["error"] == "invalid_client"
            assert "missing" in response.json()["error_description"]
    for path in PAGES:
        response = await browser.http.post(path, headers=FORM)
        assert response.status_code < 500, path


async def test_attack_89_no_document_does_harm_anywhere(browser: Browser) -> None:
    """RFC7591-3.2.2, attack 89."""
    kind = {"Content-Type": "application/json"}
    for method, path in (*DOCUMENTS, *REST):
        for content, headers in (
            (b"", kind), (b"{", kind), (b"[]", kind), (b"null", kind), (b'"x"', kind),
            (b"\xff", kind), (b'{"a":' * 60_000, kind), (b'"' + b"x" * 10_000_000 + b'"', kind),
            (b'{"redirect_uris":["https://a.example/"],"contacts":["\\ud800"]}', kind),
            (b'{"redirect_uris":["https://a.example/"],"client_name":"\\u0000"}', kind),
            (b'{"default_max_age":' + b"9" * 5000 + b"}", kind), (b"{}", {}), (b"{}", FORM),
        ):  # fmt: skip
            response = await browser.http.request(method, path, content=content, headers=headers)
            assert is_refusal(response, is_page=False), (path, content[:40])


HEADERS = (
    b"", b" ", b"Bearer", b"Bearer ", b"Basic", b"Basic \xff\xfe", b"Basic " + b"A" * 60_000,
    b"Basic Ojo=", b"Basic AAAA", b"Basic YQBiOmM=", b"Bearer " + b"x" * 60_000, b"Bearer \xff",
    b"Bearer a b", b"Bearer kcr_x.y.z", b"Bearer kca_", b"\x80", b"Negotiate x", b"Basic  x  y",
    b"Bearer ..", b"Bearer e30.e30.e30", b"Basic 8J+YgDrwn5iA",
)  # fmt: skip


async def test_attack_63_no_authorization_header_does_harm(browser: Browser) -> None:
    """RFC6749-5.2, RFC6750-3.1, attack 63."""
    form = b"grant_type=client_credentials&token=x"
    for header in HEADERS:
        sent = [(b"Authorization", header), (b"Content-Type", FORM["Content-Type"].encode())]
        for path in PROGRAMS:
            response = await browser.http.post(path, content=form, headers=sent)
            assert response.status_code in (400, 401), (header[:30], path)
        for path in ("/a/config/oauth2clients", STATIC, f"{REGISTER}/x", "/oidc/userinfo"):
            response = await browser.http.get(path, headers=sent[:1])
            assert response.status_code == 401, (header[:30], path)


async def test_attack_63_two_authorization_headers_are_one_too_many(
    browser: Browser, app: Made
) -> None:
    """RFC9110-5.3, attack 63."""
    auth = httpx2.BasicAuth(app.client.client_id, str(app.secret))
    one = next(auth.auth_flow(httpx2.Request("POST", BASE))).headers["authorization"].encode()
    for other in (b"Basic eDp5", b"Bearer x", one):
        sent = [(b"Authorization", one), (b"Authorization", other)]
        for path in PROGRAMS:
            response = await browser.http.post(path, content=b"", headers=sent)
            assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


async def test_no_other_header_does_harm(browser: Browser, app: Made) -> None:
    """RFC9110-5.5."""
    cookie = b"keycell_session=\xff; keycell_browser=" + b"x" * 5000 + b"; ;;=; a"
    headers = [
        (b"Cookie", cookie), (b"Accept-Language", b"\xff,;q=,en;q=x" * 500), (b"Accept", b"\xff"),
        (b"User-Agent", b"\xff" * 5000), (b"If-None-Match", b"\xff"), (b"Origin", b"\xff"),
    ]  # fmt: skip
    params = {"client_id": app.client.client_id, "redirect_uri": CALLBACK}
    for path in ("/", "/oauth2/login", AUTH, "/account/basic", "/oidc/.well-known/jwks.json",
                 "/oauth2/oob", "/healthz", LOGOUT, "/setup"):  # fmt: skip
        response = await browser.http.get(path, params=params, headers=headers)
        assert response.status_code < 400, path
    for path in PAGES[2:]:
        form = (b"Content-Type", FORM["Content-Type"].encode())
        response = await browser.http.post(path, content=b"", headers=[*headers, form])
        assert response.status_code < 500, path


NAMES = ["\x00", "a\x00b", "\r\nSet-Cookie: a=b", "x" * 20_000, "é", "\U0001f600", "%", "' OR 1=1"]


@pytest.mark.parametrize("name", NAMES)
async def test_attack_91_a_client_of_no_possible_name_is_an_unknown_one(
    browser: Browser, name: str
) -> None:
    """RFC6749-4.1.2.1, RFC6749-A.1, attack 91."""
    params = {"client_id": name, "redirect_uri": CALLBACK, "response_type": "code"}
    for response in (
        await browser.http.get(AUTH, params=params),
        await browser.http.post(AUTH, data=params),
    ):
        assert response.status_code == 400
        assert "location" not in response.headers
        assert "set-cookie" not in response.headers
    form = {"client_id": name, "client_secret": "x", "grant_type": "client_credentials"}
    for path in PROGRAMS[:3]:
        # The last of them is one wrong secret too many.
        response = await browser.http.post(path, data=form)
        assert response.status_code in (400, 401, 429), path
        response = await browser.http.post(path, data={"token": "x"}, auth=(name, "x"))
        assert response.status_code in (400, 401, 429), path
    bearer = {"Authorization": "Bearer x"}
    path = f"{REGISTER}/{quote(name, safe='')}"
    assert (await browser.http.get(path, headers=bearer)).status_code in (401, 404)


async def test_nobody_signs_in_by_a_name_that_cannot_be(browser: Browser, ann: Account) -> None:
    """UX-L08."""
    page = await browser.http.get("/oauth2/login")
    for login, status in (("\x00", 400), ("x" * 5000, 401), ("\U0001f600", 401), ("", 401)):
        refused = await browser.submit(page, username=login, password="x" * 3000)
        assert refused.status_code == status
        assert refused.headers["content-type"].startswith("text/html")


WISHES = (
    {"claims": "x"}, {"claims": "[]"}, {"claims": '{"userinfo": 5}'}, {"claims": "[" * 9000},
    {"claims": '{"id_token": {"acr": {"essential": true, "values": 5}}}'}, {"max_age": "-1"},
    {"max_age": "1e9"}, {"max_age": "9" * 5000}, {"max_age": "\u0663"}, {"prompt": "none login"},
    {"prompt": "register"}, {"display": "hologram"}, {"response_mode": "pigeon"},
    {"scope": 'a"b'}, {"scope": " ".join(f"s{n}" for n in range(999))}, {"nonce": "a\x00b"},
    {"state": "x" * 5000}, {"login_hint": "x" * 20_000}, {"ui_locales": "a\tb"},
    {"code_challenge": "short"}, {"code_challenge_method": "S512"}, {"resource": "http://[x"},
    {"id_token_hint": "x"}, {"acr_values": "\x1b"}, {"registration": "{}"}, {"scope": "x" * 300},
)  # fmt: skip


async def test_what_cannot_be_asked_is_told_to_the_client(browser: Browser, app: Made) -> None:
    """OIDCC-3.1.2.6, RFC9207-2, PROTOCOL-A2, PROTOCOL-A10: iss is in every error."""
    for wish in WISHES:
        told = answer(await browser.authorize(app, **wish))
        assert told["error"] in ("invalid_request", "invalid_scope", "invalid_target",
                                 "registration_not_supported"), wish  # fmt: skip
        assert told["iss"] == f"{BASE}/oidc", wish
        assert told["state"] == wish.get("state", "state-1234"), wish
        assert set(told) == {"error", "error_description", "error_uri", "state", "iss"}
        assert told["error_uri"] == f"{BASE}/oauth2/errors#{told['error']}"


async def test_attack_89_every_known_parameter_counts_once(browser: Browser, app: Made) -> None:
    """RFC6749-3.1, attack 89: sent twice it is refused, state is not guessed."""
    query = {
        "client_id": app.client.client_id, "redirect_uri": CALLBACK, "response_type": "code",
        "scope": "openid", "state": "s", "code_challenge": s256(VERIFIER),
        "code_challenge_method": "S256", "nonce": "n", "prompt": "login", "max_age": "1",
    }  # fmt: skip
    for name, value in query.items():
        response = await browser.http.get(AUTH, params=[*query.items(), (name, value)])
        if name in ("client_id", "redirect_uri"):
            assert response.status_code == 400
            assert "location" not in response.headers
            continue
        told = answer(response)
        assert told["error"] == "invalid_request", name
        assert told.get("state") == (None if name == "state" else "s")
    for path in ("/nowhere", "/oidc/nowhere", "/.well-known/nowhere", "/a/%00", "/%ff%fe"):
        assert (await browser.http.get(path)).status_code == 404
    for path in (TOKEN, "/a/config/oauth2clients", AUTH):
        response = await browser.http.request("PATCH", path)
        assert response.status_code == 405
        assert response.headers["allow"]


async def test_attack_55_an_assertion_of_no_possible_name(browser: Browser, world: World) -> None:
    """RFC7523-3, attack 55."""
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    for payload in ("eyJzdWIiOiJcdTAwMDAifQ", "eyJzdWIiOiJcdWQ4MDAifQ", "eyJzdWIiOjV9", "W10", ""):
        form = {"client_assertion_type": kind, "client_assertion": f"e30.{payload}.x"}
        response = await browser.http.post(TOKEN, data=form)
        assert (response.status_code, response.json()["error"]) == (401, "invalid_client")
