"""The modules of the basic, implicit, hybrid and form-post plans. PROTOCOL 1.1."""

import time

import pytest

from keycell.oauth.pkce import s256

from .application import register
from .plans import BASIC, HYBRID, IMPLICIT, Plan, Sitting, sitting, tried_in
from .provider import CLAIMS, Provider
from .robot import Answer, Robot, Shown

PROFILE = {"name", "preferred_username", "updated_at"} | CLAIMS.keys() - {
    "phone_number",
    "address",
}
EMAIL, PHONE = {"email", "email_verified"}, {"phone_number", "phone_number_verified"}
WITH_CODE, ALL = (BASIC, HYBRID), (BASIC, IMPLICIT, HYBRID)


@pytest.fixture
def sit(plan: Plan, provider: Provider, robot: Robot) -> Sitting:
    return sitting(plan, provider, robot)


@tried_in(*ALL)
def test_oidcc_server(sit: Sitting) -> None:
    """PROTOCOL-I1, PROTOCOL-A12, PROTOCOL-A13."""
    claims = sit.claims(sit.answered())
    assert claims["nonce"] == sit.application.nonce


@tried_in(*ALL)
def test_oidcc_response_type_missing(sit: Sitting) -> None:
    """PROTOCOL-A3."""
    found = sit.application.ask(sit.robot, "", response_mode="")
    assert found.error in ("unsupported_response_type", "invalid_request", "a page")


@tried_in(*ALL)
def test_oidcc_idtoken_signature(sit: Sitting) -> None:
    """PROTOCOL-I1."""
    assert sit.application.document["id_token_signed_response_alg"] == "RS256"
    sit.claims(sit.answered())


@tried_in(*ALL)
@pytest.mark.parametrize(
    ("scope", "names"),
    [
        ("profile", PROFILE), ("email", EMAIL), ("address", {"address"}), ("phone", PHONE),
        ("profile email address phone", PROFILE | EMAIL | PHONE | {"address"}),
    ],
)  # fmt: skip
def test_oidcc_scope(sit: Sitting, scope: str, names: set[str]) -> None:
    """oidcc-scope-profile, -email, -address, -phone and -all. PROTOCOL-U2, U3, U4."""
    told = sit.told(sit.answered(scope=f"openid {scope}"), claims=frozenset(names))
    if sit.plan.response_type != "id_token":
        assert told.keys() == names | {"sub"}
    assert names <= told.keys()
    assert all(told[name] or told[name] is False for name in names)


@tried_in(*ALL)
@pytest.mark.parametrize(
    "changed",
    [
        {"display": "page"}, {"display": "popup"}, {"extra": "foobar"}, {"login_hint": "ann"},
        {"ui_locales": "se"}, {"claims_locales": "se"}, {"scope": "email openid"},
    ],
    ids=["display-page", "display-popup", "ensure-request-with-unknown-parameter-succeeds",
         "login-hint", "ui-locales", "claims-locales", "alternate-happy-flow"],
)  # fmt: skip
def test_oidcc_what_is_sent_besides(sit: Sitting, changed: dict[str, str]) -> None:
    """oidcc-display-page and so on: nothing of it is an error. PROTOCOL-A1, PROTOCOL-A5."""
    sit.claims(sit.answered(**changed), more=frozenset(EMAIL))


@tried_in(*ALL)
def test_oidcc_ensure_request_with_acr_values_succeeds(sit: Sitting) -> None:
    """PROTOCOL-A5."""
    asked = sit.application.provider.metadata["acr_values_supported"]
    assert sit.claims(sit.answered(acr_values=" ".join(asked)))["acr"] in asked


@tried_in(*ALL)
def test_oidcc_prompt_login(sit: Sitting) -> None:
    """PROTOCOL-A7."""
    before = sit.claims(sit.answered(max_age="15000"))
    time.sleep(1.1)
    after = sit.claims(sit.answered(prompt="login", max_age="15000"))
    assert "login" in sit.robot.steps
    assert after["auth_time"] > before["auth_time"]


@tried_in(*ALL)
def test_oidcc_prompt_none_not_logged_in(sit: Sitting) -> None:
    """PROTOCOL-A6."""
    found = sit.ask(prompt="none")
    assert isinstance(found, Answer)
    assert found.error == "login_required"


@tried_in(*ALL)
@pytest.mark.parametrize("hint", [False, True], ids=["prompt-none-logged-in", "id-token-hint"])
def test_oidcc_prompt_none_logged_in(sit: Sitting, *, hint: bool) -> None:
    """Oidcc-prompt-none-logged-in and oidcc-id-token-hint. PROTOCOL-A6."""
    first = sit.answered()
    token = first.params.get("id_token") or sit.application.tokens(first)["id_token"]
    before = sit.application.claims(token)
    hinted = {"id_token_hint": token} if hint else {}
    after = sit.claims(sit.answered(prompt="none", **hinted))
    assert not sit.robot.steps
    assert after["sub"] == before["sub"]
    assert after.get("auth_time") == before.get("auth_time")


@tried_in(*ALL)
def test_oidcc_max_age_1(sit: Sitting) -> None:
    """PROTOCOL-A8."""
    before = sit.claims(sit.answered(max_age="15000"))
    time.sleep(2)
    asked_at = int(time.time())
    after = sit.claims(sit.answered(max_age="1"))
    assert "login" in sit.robot.steps
    assert after["auth_time"] > before["auth_time"]
    assert asked_at <= after["auth_time"] <= time.time()


@tried_in(*ALL)
def test_oidcc_max_age_10000(sit: Sitting) -> None:
    """PROTOCOL-A8."""
    before = sit.claims(sit.answered(max_age="15000"))
    after = sit.claims(sit.answered(max_age="10000", prompt="none"))
    assert after["auth_time"] == before["auth_time"]


@tried_in(*WITH_CODE)
def test_oidcc_ensure_request_without_nonce_succeeds_for_code_flow(sit: Sitting) -> None:
    """PROTOCOL-A4."""
    if not sit.plan.comes_by_the_browser:
        assert "nonce" not in sit.claims(sit.answered(nonce=""))


@tried_in(IMPLICIT, HYBRID)
def test_oidcc_ensure_request_without_nonce_fails(sit: Sitting) -> None:
    """PROTOCOL-A4."""
    if sit.plan.comes_by_the_browser:
        assert sit.ask(nonce="").error == "invalid_request"


@tried_in(*WITH_CODE)
def test_oidcc_codereuse(sit: Sitting) -> None:
    """PROTOCOL-T3."""
    answer = sit.answered()
    first = sit.application.tokens(answer)
    again = sit.application.exchange(answer)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    with sit.application.provider.http() as http:
        spent = http.get(
            sit.application.provider.metadata["userinfo_endpoint"],
            headers={"Authorization": f"Bearer {first['access_token']}"},
        )
    assert spent.status_code == 401


@tried_in(*ALL)
def test_oidcc_ensure_registered_redirect_uri(sit: Sitting) -> None:
    """PROTOCOL-A9."""
    found = sit.ask(redirect_uri="https://app.example/other")
    assert isinstance(found, Shown)
    assert found.status == 400
    assert "invalid redirect_uri" in found.text
    assert "/oidc/oauth2/auth" in found.address


@tried_in(BASIC)
def test_oidcc_ensure_post_request_succeeds(sit: Sitting) -> None:
    """PROTOCOL-A1."""
    sit.claims(sit.answered(post=True))


@tried_in(*WITH_CODE)
def test_oidcc_server_client_secret_post(sit: Sitting) -> None:
    """PROTOCOL-T2."""
    application = register(
        sit.application.provider, response_types=[sit.plan.response_type],
        grant_types=["authorization_code", "implicit"],
        token_endpoint_auth_method="client_secret_post",
    )  # fmt: skip
    other = Sitting(sit.plan, sit.robot, application)
    other.claims(other.answered())


@tried_in(*ALL)
def test_oidcc_claims_essential(sit: Sitting) -> None:
    """PROTOCOL-A17."""
    wanted = "id_token" if sit.plan.response_type == "id_token" else "userinfo"
    answer = sit.answered(claims=f'{{"{wanted}":{{"name":{{"essential":true}}}}}}')
    assert sit.told(answer, claims=frozenset({"name"}))["name"] == "Ann Bell"


@tried_in(*WITH_CODE)
def test_oidcc_refresh_token(sit: Sitting, provider: Provider) -> None:
    """PROTOCOL-T4."""
    answer = sit.answered(scope="openid offline_access", prompt="consent", max_age="15000")
    given = sit.application.tokens(answer)
    before = sit.application.claims(given["id_token"])
    time.sleep(1.1)
    response = sit.application.refresh(given["refresh_token"], scope="openid offline_access")
    assert response.status_code == 200, response.text
    fresh = response.json()
    after = sit.application.claims(fresh["id_token"])
    for name in ("iss", "sub", "aud", "auth_time"):
        assert after[name] == before[name]
    assert after.get("azp") == before.get("azp")
    assert after["iat"] > before["iat"]
    other = sitting(sit.plan, provider, sit.robot, "another").application
    stolen = other.refresh(fresh["refresh_token"])
    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")


@tried_in(*WITH_CODE)
def test_oidcc_ensure_request_with_valid_pkce_succeeds(sit: Sitting) -> None:
    """PROTOCOL-A16."""
    verifier = "v" * 43
    answer = sit.answered(code_challenge=s256(verifier), code_challenge_method="S256")
    sit.application.tokens(answer, code_verifier=verifier)


@tried_in(BASIC, HYBRID, [Plan("id_token token", "fragment"), Plan("id_token token", "form_post")])
def test_oidcc_userinfo(sit: Sitting) -> None:
    """oidcc-userinfo-get, -post-header and -post-body. PROTOCOL-U1."""
    answer = sit.answered()
    token = answer.params.get("access_token") or sit.application.tokens(answer)["access_token"]
    url = sit.application.provider.metadata["userinfo_endpoint"]
    bearer = {"Authorization": f"Bearer {token}"}
    with sit.application.provider.http() as http:
        told = [
            http.get(url, headers=bearer), http.post(url, headers=bearer),
            http.post(url, data={"access_token": token}),
        ]  # fmt: skip
    assert {response.status_code for response in told} == {200}
    assert {response.headers["content-type"] for response in told} == {"application/json"}
    assert len({response.json()["sub"] for response in told}) == 1
