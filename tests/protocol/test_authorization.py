"""PROTOCOL A: the authorization endpoint."""

import json
import math
from collections import Counter
from datetime import timedelta

import pytest

from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.oauth.pkce import s256
from keycell.provider.register import Made

from ..conftest import BASE, CALLBACK, VERIFIER, Browser, add_client, answer

PARAMS = {
    "redirect_uri": CALLBACK,
    "response_type": "code",
    "scope": "openid",
    "state": "state-1234",
    "code_challenge": s256(VERIFIER),
    "code_challenge_method": "S256",
}


async def test_a1_post_is_as_good_as_get(browser: Browser, app: Made, ann: Account) -> None:
    """OIDCC-3.1.2.1, PROTOCOL-A1."""
    form = PARAMS | {"client_id": app.client.client_id, "extra": "foobar"}
    page = await browser.follow(await browser.http.post("/oidc/oauth2/auth", data=form))
    page = await browser.log_in(page)
    done = await browser.submit(page, action="accept")
    assert answer(done)["code"]


async def test_a1_order_does_not_count(browser: Browser, app: Made, ann: Account) -> None:
    """RFC6749-3.1, RFC6749-3.3, PROTOCOL-A1."""
    await browser.code(app, scope="openid profile email")
    form = dict(reversed((PARAMS | {"client_id": app.client.client_id}).items()))
    form["scope"] = "email profile openid"
    response = await browser.http.get("/oidc/oauth2/auth", params=form)
    assert answer(response)["code"]


@pytest.mark.parametrize("state", ["s", "x" * 1000, "a b+c&d=é"])
async def test_a2_state_comes_back_unchanged(
    browser: Browser, app: Made, ann: Account, state: str
) -> None:
    """RFC6749-4.1.2, RFC9207-2, PROTOCOL-A2."""
    await browser.code(app)
    done = await browser.authorize(app, state=state)
    assert answer(done)["state"] == state
    assert answer(done)["iss"] == f"{BASE}/oidc"


async def test_a2_no_state_sent_none_back(browser: Browser, app: Made, ann: Account) -> None:
    """RFC6749-4.1.2, PROTOCOL-A2."""
    await browser.code(app)
    told = answer(await browser.authorize(app, state=""))
    assert set(told) == {"code", "iss", "session_state"}


async def test_a3_without_a_response_type_the_client_is_told(browser: Browser, app: Made) -> None:
    """RFC6749-3.1.1, PROTOCOL-A3."""
    told = answer(await browser.authorize(app, response_type=""))
    assert told["error"] == "invalid_request"
    assert told["state"] == "state-1234"


async def test_a3_an_unknown_response_type_is_refused(browser: Browser, app: Made) -> None:
    """RFC6749-4.1.2.1, PROTOCOL-A3, attack 23."""
    told = answer(await browser.authorize(app, response_type="token"))
    assert told["error"] == "unsupported_response_type"


async def test_a4_no_nonce_is_fine_for_code(browser: Browser, app: Made, ann: Account) -> None:
    """OIDCC-3.1.2.1, PROTOCOL-A4."""
    tokens = (await browser.exchange(app, await browser.code(app))).json()
    claims = browser.world.keyring.verify(tokens["id_token"], "JWT")
    assert claims is not None
    assert "nonce" not in claims


@pytest.mark.parametrize(
    "extra",
    [
        {"display": "page"},
        {"display": "popup"},
        {"ui_locales": "se"},
        {"claims_locales": "se"},
        {"login_hint": "bob@example.org"},
        {"acr_values": "urn:keycell:acr:password 1 2"},
    ],
)
async def test_a5_wishes_cause_no_error(
    browser: Browser, app: Made, ann: Account, extra: dict[str, str]
) -> None:
    """OIDCC-3.1.2.1, PROTOCOL-A5."""
    tokens = (await browser.exchange(app, await browser.code(app, **extra))).json()
    claims = browser.world.keyring.verify(tokens["id_token"], "JWT")
    assert claims is not None
    assert claims["acr"] == "urn:keycell:acr:password"


async def test_a5_the_login_hint_stands_in_the_form(browser: Browser, app: Made) -> None:
    """OIDCC-3.1.2.1."""
    page = await browser.authorize(app, login_hint="bob")
    assert 'value="bob"' in page.text


async def test_a6_prompt_none_without_a_session(browser: Browser, app: Made) -> None:
    """OIDCC-3.1.2.6, PROTOCOL-A6."""
    told = answer(await browser.authorize(app, prompt="none"))
    assert told["error"] == "login_required"


async def test_a6_prompt_none_without_consent(
    browser: Browser, app: Made, ann: Account, world: World
) -> None:
    """OIDCC-3.1.2.6, PROTOCOL-A6."""
    await browser.code(app)
    other = await add_client(world)
    assert answer(await browser.authorize(other, prompt="none"))["error"] == "consent_required"


async def test_a6_prompt_none_with_a_session_changes_nothing(
    browser: Browser, app: Made, ann: Account
) -> None:
    """OIDCC-3.1.2.1, PROTOCOL-A6."""
    first = (await browser.exchange(app, await browser.code(app))).json()["id_token"]
    again = answer(await browser.authorize(app, prompt="none", id_token_hint=first))["code"]
    second = (await browser.exchange(app, again)).json()["id_token"]
    one = browser.world.keyring.verify(first, "JWT")
    two = browser.world.keyring.verify(second, "JWT")
    assert one is not None
    assert two is not None
    assert (one["sub"], one["auth_time"]) == (two["sub"], two["auth_time"])


async def test_a6_a_hint_that_names_somebody_else(
    browser: Browser, app: Made, ann: Account, world: World
) -> None:
    """OIDCC-3.1.2.1, PROTOCOL-A6."""
    await browser.code(app)
    claims = {"iss": f"{BASE}/oidc", "sub": "somebody-else", "aud": app.client.client_id,
              "auth_time": 1}  # fmt: skip
    hint = await world.keyring.sign("RS256", "JWT", claims)
    told = answer(await browser.authorize(app, prompt="none", id_token_hint=hint))
    assert told["error"] == "login_required"


async def test_a6_a_hint_that_is_not_ours_is_refused(
    browser: Browser, app: Made, ann: Account
) -> None:
    """OIDCC-3.1.2.1."""
    told = answer(await browser.authorize(app, id_token_hint="x.y.z"))
    assert told["error"] == "invalid_request"


async def test_a7_prompt_login_asks_again(browser: Browser, app: Made, ann: Account) -> None:
    """OIDCC-3.1.2.1, PROTOCOL-A7, attack 24."""
    await browser.code(app)
    page = await browser.authorize(app, prompt="login")
    assert 'id="login-submit"' in page.text
    assert "code" in answer(await browser.log_in(page))


async def test_a7_a_cancelled_login_is_no_login(browser: Browser, app: Made, ann: Account) -> None:
    """RFC6749-4.1.2.1, PROTOCOL-A7, attack 24."""
    await browser.code(app)
    page = await browser.authorize(app, prompt="login")
    told = answer(await browser.submit(page, action="cancel"))
    assert told["error"] == "access_denied"
    assert told["iss"] == f"{BASE}/oidc"
    page = await browser.authorize(app, prompt="login")
    assert 'id="login-submit"' in page.text


async def test_a8_max_age_zero_asks_again(browser: Browser, app: Made, ann: Account) -> None:
    """OIDCC-3.1.2.1, PROTOCOL-A8."""
    await browser.code(app)
    page = await browser.authorize(app, max_age="0")
    assert 'id="login-submit"' in page.text
    assert "code" in answer(await browser.log_in(page))


async def test_a8_a_long_max_age_asks_nothing(browser: Browser, app: Made, ann: Account) -> None:
    """OIDCC-3.1.2.1, PROTOCOL-A8."""
    code = await browser.code(app, max_age="15000")
    again = answer(await browser.authorize(app, max_age="10000", prompt="none"))["code"]
    times = []
    for one in (code, again):
        tokens = (await browser.exchange(app, one)).json()
        claims = browser.world.keyring.verify(tokens["id_token"], "JWT")
        assert claims is not None
        times.append(claims["auth_time"])
    assert times[0] == times[1]


@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example/callback/",
        "https://app.example/callback?foo=bar",
        "https://app.example:443/callback",
        "https://APP.example/callback",
        "http://app.example/callback",
        "https://app.example/callback/..;/x",
        "https://app.example@evil.example/callback",
        "https://app.example/call%62ack",
        "javascript:alert(1)",
    ],
)
async def test_a9_what_is_not_registered_is_a_page(browser: Browser, app: Made, uri: str) -> None:
    """RFC6749-3.1.2.3, PROTOCOL-A9, attacks 1 to 9."""
    page = await browser.authorize(app, redirect_uri=uri)
    assert page.status_code == 400
    assert "location" not in page.headers
    assert "invalid redirect_uri" in page.text


async def test_a9_with_prompt_none_too(browser: Browser, app: Made) -> None:
    """RFC6749-4.1.2.1, attack 12."""
    page = await browser.authorize(app, redirect_uri="https://evil.example/", prompt="none")
    assert page.status_code == 400
    assert "location" not in page.headers


async def test_a9_missing_with_two_registered_is_a_page(browser: Browser, world: World) -> None:
    """RFC6749-3.1.2.3, PROTOCOL-A9."""
    made = await add_client(world, redirect_uris=[CALLBACK, "https://app.example/other"])
    page = await browser.authorize(made, redirect_uri="")
    assert page.status_code == 400
    assert "invalid redirect_uri" in page.text


async def test_a9_a_registered_query_is_kept(browser: Browser, world: World, ann: Account) -> None:
    """RFC6749-3.1.2, PROTOCOL-A9."""
    made = await add_client(world, redirect_uris=["https://app.example/cb?foo=bar"])
    page = await browser.log_in(await browser.authorize(made))
    done = await browser.submit(page, action="accept")
    assert done.headers["location"].startswith("https://app.example/cb?foo=bar&code=")


async def test_a10_an_error_says_no_more_than_it_may(browser: Browser, app: Made) -> None:
    """RFC6749-4.1.2.1, PROTOCOL-A10."""
    told = answer(await browser.authorize(app, response_type='co"de\\ <x>'))
    assert set(told) == {"error", "error_description", "error_uri", "state", "iss"}
    page, _, anchor = told["error_uri"].partition("#")
    assert f'id="{anchor}"' in (await browser.http.get(page)).text
    assert all(c == "!" or "#" <= c <= "[" or "]" <= c <= "~" or c == " "
               for c in told["error_description"])  # fmt: skip


async def test_a11_fragment_and_form_post(browser: Browser, app: Made, ann: Account) -> None:
    """OAuth2-FPRM-2, PROTOCOL-A11, attack 8."""
    await browser.code(app)
    fragment = await browser.authorize(app, response_mode="fragment")
    assert fragment.headers["location"].startswith(f"{CALLBACK}#code=")
    posted = await browser.authorize(app, response_mode="form_post", state='"><script>x')
    assert posted.status_code == 200
    assert f'action="{CALLBACK}"' in posted.text
    assert "<script>x" not in posted.text
    assert "form-action 'self' https://app.example;" in posted.headers["content-security-policy"]


async def test_a12_codes_and_tokens_cannot_be_guessed(
    browser: Browser, app: Made, ann: Account
) -> None:
    """RFC6749-10.10, PROTOCOL-A12: the part that is secret alone, whatever else stands there."""
    code = await browser.code(app, scope="openid offline_access")
    tokens = (await browser.exchange(app, code)).json()
    for token in (code, tokens["access_token"], tokens["refresh_token"]):
        secret = token.rpartition(".")[2]
        assert len(secret) * 6 >= 128
        counts = Counter(secret)
        entropy = -sum(n * math.log2(n / len(secret)) for n in counts.values())
        assert entropy >= 96


async def test_a16_a_challenge_binds_every_client(
    browser: Browser, app: Made, ann: Account
) -> None:
    """RFC7636-4.6, PROTOCOL-A16, attack 16."""
    code = await browser.code(app)
    wrong = await browser.exchange(app, code, code_verifier="x" * 43)
    assert wrong.json()["error"] == "invalid_grant"
    missing = await browser.exchange(app, code, code_verifier="")
    assert missing.json()["error"] == "invalid_grant"
    assert (await browser.exchange(app, code)).status_code == 200


async def test_a16_a_verifier_without_a_challenge_is_refused(
    browser: Browser, app: Made, ann: Account
) -> None:
    """RFC9700-4.8.2, attack 16."""
    code = await browser.code(app, code_challenge="", code_challenge_method="")
    assert (await browser.exchange(app, code)).json()["error"] == "invalid_grant"
    assert (await browser.exchange(app, code, code_verifier="")).status_code == 200


async def test_a16_plain_is_refused(browser: Browser, app: Made) -> None:
    """RFC7636-4.4.1, RFC9700-2.1.1."""
    told = answer(await browser.authorize(app, code_challenge_method="plain"))
    assert told["error"] == "invalid_request"
    told = answer(await browser.authorize(app, code_challenge_method=""))
    assert told["error"] == "invalid_request"


async def test_a17_one_claim_at_userinfo(browser: Browser, app: Made, ann: Account) -> None:
    """OIDCC-5.5, PROTOCOL-A17."""
    wish = json.dumps({"userinfo": {"name": {"essential": True}, "x": None}})
    tokens = (await browser.exchange(app, await browser.code(app, claims=wish))).json()
    told = await browser.http.get(
        "/oidc/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"}
    )
    assert told.json() == {"sub": ann.sub, "name": "Ann Example"}
    claims = browser.world.keyring.verify(tokens["id_token"], "JWT")
    assert claims is not None
    assert "name" not in claims


async def test_an_essential_acr_that_cannot_be_met(
    browser: Browser, app: Made, ann: Account
) -> None:
    """OIDCC-5.5.1.1."""
    await browser.code(app)
    wish = json.dumps({"id_token": {"acr": {"essential": True, "values": ["gold"]}}})
    told = answer(await browser.authorize(app, claims=wish))
    assert told["error"] == "unmet_authentication_requirements"


async def test_another_account_begins_the_same_request_anew(
    browser: Browser, app: Made, ann: Account
) -> None:
    """UX-C03."""
    page = await browser.log_in(await browser.authorize(app))
    page = await browser.submit(page, action="other")
    assert 'id="login-submit"' in page.text
    page = await browser.log_in(page)
    assert answer(await browser.submit(page, action="accept"))["state"] == "state-1234"


async def test_select_account_shows_a_choice(browser: Browser, app: Made, ann: Account) -> None:
    """OIDCC-3.1.2.1, UX-L12."""
    await browser.code(app)
    page = await browser.authorize(app, prompt="select_account")
    assert 'id="choose-this"' in page.text
    assert "code" in answer(await browser.submit(page, action="this"))


async def test_two_tabs_finish_their_own_request(
    browser: Browser, app: Made, ann: Account, world: World
) -> None:
    """UX-L09."""
    other = await add_client(world, redirect_uris=["https://other.example/cb"])
    one = await browser.authorize(app)
    two = await browser.authorize(other, state="state-5678")
    two = await browser.submit(await browser.log_in(two), action="accept")
    assert two.headers["location"].startswith("https://other.example/cb")
    one = await browser.submit(await browser.log_in(one), action="accept")
    assert one.headers["location"].startswith(CALLBACK)
    assert answer(one)["state"] == "state-1234"


async def test_deny_is_told_to_the_client(browser: Browser, app: Made, ann: Account) -> None:
    """RFC6749-4.1.2.1, UX-C05."""
    page = await browser.log_in(await browser.authorize(app))
    told = answer(await browser.submit(page, action="deny"))
    assert told["error"] == "access_denied"
    assert told["state"] == "state-1234"


async def test_the_first_lifetime_of_a_code_is_a_minute(world: World) -> None:
    """RFC6749-4.1.2, decisions/0008."""
    assert world.provider.lifetimes.code == timedelta(seconds=60)
