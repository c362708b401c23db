"""Redirect URIs and the delivery of answers: rows 1 to 15, 23, 25 of the attacks to survive."""

from dataclasses import replace
from typing import Any

import pytest

from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.oauth.errors import InvalidRedirectUri
from keycell.oauth.redirect_uris import check_redirect_uris
from keycell.oauth.response_types import RESPONSE_TYPES
from keycell.provider.register import Made

from ..conftest import BASE, CALLBACK, Browser, add_client, answer, keep_client

AUTH = "/oidc/oauth2/auth"


async def is_sent_nowhere(browser: Browser, made: Made, **params: str) -> bool:
    """Tell whether the answer is a page that sends nobody off."""
    page = await browser.authorize(made, **params)
    assert "location" not in page.headers
    assert 'http-equiv="refresh"' not in page.text.lower()
    return page.status_code == 400 and page.headers["content-type"].startswith("text/html")


VARIANTS = {
    1: ["/callback/..;/x", "/callback/../x", "/x/..;/callback", "/callback;/x", "/callback/."],
    2: ["/callback%2e%2e", "/callback?next=https://evil.example", "//callback", "/callback//"],
    4: ["/Callback", "/callback?A=1", ":8443/callback", "/callback#x"],
    5: ["/callback%2f", "/callback%252f", "\\callback", "/callback\t", "/\t/evil.example",
        "/callback%09", "/callback%5c..", "\n/callback"],
    7: ["/callback.evil", "/callbackx", ".evil.example/callback", "/callback/sub"],
}  # fmt: skip


@pytest.mark.parametrize("row", sorted(VARIANTS))
async def test_attack_01_02_04_05_07_a_uri_almost_right(
    browser: Browser, app: Made, ann: Account, row: int
) -> None:
    """RFC9700-2.1, attacks 1, 2, 4, 5 and 7."""
    await browser.code(app)
    for variant in VARIANTS[row]:
        uri = f"https://app.example{variant}"
        assert await is_sent_nowhere(browser, app, redirect_uri=uri), uri


async def test_attack_03_user_before_host_and_loopback_prefix(
    browser: Browser, world: World
) -> None:
    """RFC8252-7.3, attack 3."""
    made = await add_client(
        world, redirect_uris=["http://127.0.0.1/cb", "http://localhost:3000/cb"],
        token_endpoint_auth_method="none", application_type="native",
    )  # fmt: skip
    for uri in (
        "http://localhost@evil.example/cb", "http://127.0.0.1@evil.example/cb",
        "http://127.0.0.1:80@evil.example/cb", "http://127.0.0.1.evil.example/cb",
        "http://127.0.0.1:5555.evil.example/cb", "http://localhost:3001/cb",
        "http://127.0.0.2:1/cb", "http://[::1]:1/cb", "http://127.0.0.1:99999/cb",
        "http://2130706433/cb", "http://127.1/cb", "https://127.0.0.1/cb",
    ):  # fmt: skip
        assert await is_sent_nowhere(browser, made, redirect_uri=uri), uri
    good = await browser.authorize(made, redirect_uri="http://127.0.0.1:49152/cb")
    assert 'id="login-submit"' in good.text


async def test_attack_06_a_registered_uri_is_no_pattern(browser: Browser, world: World) -> None:
    """RFC9700-2.1, attack 6."""
    made = await add_client(world, redirect_uris=["https://a.app.example/cb.x"])
    for uri in ("https://axapp.example/cb.x", "https://a.app.example/cbyx"):
        assert await is_sent_nowhere(browser, made, redirect_uri=uri)
    for uri in ("https://*.example/cb", "https://(a|b).example/cb", "https://a.example/.*"):
        with pytest.raises(InvalidRedirectUri):
            check_redirect_uris([uri.replace(".*", "^.*")], is_public=True)


async def test_attack_08_09_a_scheme_that_runs(browser: Browser, app: Made) -> None:
    """RFC7591-2, attacks 8 and 9."""
    for uri in (
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "DATA:text/html,x",
        "vbscript:x", "blob:https://app.example/x", "file:///etc/passwd", "java\tscript:alert(1)",
        " javascript:alert(1)", "view-source:https://a.example", "about:blank",
    ):  # fmt: skip
        assert await is_sent_nowhere(browser, app, redirect_uri=uri), uri
        metadata = {"redirect_uris": [uri], "token_endpoint_auth_method": "none",
                    "application_type": "native"}  # fmt: skip
        response = await browser.http.post("/oidc/register", json=metadata)
        assert response.status_code == 400, uri


async def test_attack_08_13_nothing_sent_runs_on_a_page(
    browser: Browser, app: Made, world: World, ann: Account
) -> None:
    """OAuth2-FPRM-2, attacks 8 and 13."""
    script = '"><script>alert(1)</script>'
    named = await add_client(world, client_name=f"A{script}")
    await browser.code(named)
    pages = [
        await browser.authorize(app, redirect_uri=f"https://evil.example/{script}"),
        await browser.authorize(app, client_id=script),
        await browser.authorize(named, response_mode="form_post", state=script),
        await browser.authorize(named, prompt="consent", state=script),
        await browser.authorize(named, prompt="login", login_hint=script),
        await browser.http.get("/oauth2/oob", params={"code": script, "error": script}),
        await browser.http.get("/oauth2/oob", params={"error": script}),
        await browser.http.get("/oidc/oauth2/sessions/logout", params={"id_token_hint": script}),
        await browser.http.get("/oauth2/login", params={"ticket": script, "lang": script}),
        await browser.http.get("/account/basic", params={"done": script}),
        await browser.http.get(f"/{script}"),
    ]
    for page in pages:
        assert page.headers["content-type"].startswith("text/html")
        assert "<script>alert" not in page.text
        assert "script-src " + BASE in page.headers["content-security-policy"]
        assert page.headers["x-content-type-options"] == "nosniff"


async def test_attack_10_an_answer_is_not_beside_another(browser: Browser, app: Made) -> None:
    """RFC6749-3.1.2, attack 10."""
    for name in ("code", "state", "iss", "error", "id_token", "access_token", "response"):
        uri = f"https://app.example/cb?a=1&{name}=x"
        response = await browser.http.post("/oidc/register", json={"redirect_uris": [uri]})
        assert response.json()["error"] == "invalid_redirect_uri", name
        assert await is_sent_nowhere(browser, app, redirect_uri=f"{CALLBACK}?{name}=x")


async def test_attack_11_12_no_error_goes_where_no_answer_may(
    browser: Browser, app: Made, world: World
) -> None:
    """RFC6749-4.1.2.1, attacks 11 and 12."""
    evil = "https://evil.example/"
    for params in (
        {"response_type": "token"}, {"response_type": "code id_token"}, {"response_type": ""},
        {"prompt": "none"}, {"scope": '"'}, {"request": "x"}, {"response_mode": "fragment"},
        {"response_mode": "form_post"}, {"code_challenge_method": "plain"}, {"max_age": "x"},
    ):  # fmt: skip
        assert await is_sent_nowhere(browser, app, redirect_uri=evil, **params), params
    nobody = Made(replace(app.client, client_id="nobody"), None)
    assert await is_sent_nowhere(browser, nobody, prompt="none")
    await keep_client(world, replace(app.client, disabled=True))
    assert await is_sent_nowhere(browser, app, prompt="none")


async def test_attack_14_no_first_uri_is_learnt(browser: Browser, world: World) -> None:
    """RFC6749-3.1.2.2, attack 14."""
    none: dict[str, Any] = {"grant_types": ["client_credentials"], "redirect_uris": []}
    made = await add_client(world, **none)
    for _ in range(2):
        assert await is_sent_nowhere(browser, made, redirect_uri="https://app.example/cb")
        assert await is_sent_nowhere(browser, made, redirect_uri="")
    documents: list[dict[str, object]] = [{}, {"redirect_uris": []}, {"redirect_uris": [""]}]
    for document in documents:
        assert (await browser.http.post("/oidc/register", json=document)).status_code == 400


async def test_attack_15_leaving_by_a_way_that_was_not_agreed(
    browser: Browser, world: World, ann: Account
) -> None:
    """OIDCRIL-3, attack 15."""
    made = await add_client(world, post_logout_redirect_uris=["https://app.example/bye"])
    hint = (await browser.tokens(made))["id_token"]
    for uri in (
        "https://app.example/bye/", "https://app.example/bye?x=1", "https://app.example/Bye",
        "https://app.example/bye/../x", "https://evil.example/", "javascript:alert(1)", CALLBACK,
    ):  # fmt: skip
        params = {"id_token_hint": hint, "post_logout_redirect_uri": uri}
        page = await browser.http.get("/oidc/oauth2/sessions/logout", params=params)
        assert page.status_code == 400, uri
        assert "location" not in page.headers
    assert "code" in answer(await browser.authorize(made, prompt="none"))


async def test_attack_15_a_client_that_is_off_signs_nobody_out(
    browser: Browser, world: World, ann: Account
) -> None:
    """OIDCRIL-3, OIDCRIL-6: by an ID token of before it sends nobody on, and ends no session."""
    bye = "https://app.example/bye"
    made = await add_client(world, post_logout_redirect_uris=[bye])
    hint = (await browser.tokens(made))["id_token"]
    await keep_client(world, replace(made.client, disabled=True))
    for way_back in ({"post_logout_redirect_uri": bye}, {}):
        params = {"id_token_hint": hint, **way_back}
        page = await browser.http.get("/oidc/oauth2/sessions/logout", params=params)
        assert "location" not in page.headers
        assert page.status_code == (400 if way_back else 200)
    assert (await browser.http.get("/account/basic")).status_code == 200


async def test_attack_23_no_token_comes_by_the_front(
    browser: Browser, world: World, ann: Account
) -> None:
    """RFC9700-2.1.2, attack 23: to no client that did not register that it does."""
    made = await add_client(world, grant_types=["authorization_code", "implicit"])
    await browser.code(made)
    for kind in ("token", "none", *RESPONSE_TYPES[1:]):
        refused = "unauthorized_client" if kind in RESPONSE_TYPES else "unsupported_response_type"
        for mode in ("", "fragment", "query"):
            told = answer(
                await browser.authorize(made, response_type=kind, response_mode=mode, nonce="n")
            )
            assert told["error"] == refused
            assert not {"access_token", "id_token", "code"} & set(told)


async def test_attack_23_no_other_kind_than_registered(
    browser: Browser, world: World, ann: Account
) -> None:
    """RFC6749-4.1.2.1, attack 23: nor what goes with the grant types alone."""
    made = await add_client(
        world, response_types=["code", "code id_token"],
        grant_types=["authorization_code", "implicit"],
    )  # fmt: skip
    await browser.code(made)
    for kind in ("id_token", "id_token token", "code token", "code id_token token"):
        told = answer(await browser.authorize(made, response_type=kind, nonce="n"))
        assert told["error"] == "unauthorized_client"
        assert not {"access_token", "id_token", "code"} & set(told)


@pytest.mark.parametrize("mode", ["query", "fragment", "form_post"])
async def test_attack_25_every_answer_says_whose_it_is(
    browser: Browser, app: Made, ann: Account, mode: str
) -> None:
    """RFC9207-2, attack 25: in every response mode, errors too."""
    await browser.code(app)
    for params, name in (({}, "code"), ({"prompt": "login none"}, "error")):
        page = await browser.authorize(app, response_mode=mode, **params)
        if mode == "form_post":
            assert f'name="iss" value="{BASE}/oidc"' in page.text
            assert f'name="{name}"' in page.text
            assert 'name="state" value="state-1234"' in page.text
            continue
        mark = "#" if mode == "fragment" else "?"
        assert page.headers["location"].startswith(f"{CALLBACK}{mark}")
        told = answer(page)
        assert told["iss"] == f"{BASE}/oidc"
        assert told["state"] == "state-1234"
        assert name in told
