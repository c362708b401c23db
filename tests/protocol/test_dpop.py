"""Tokens that are of use only to who holds a key. RFC9449, PROTOCOL 3.8: P17, P18, P19, P24."""

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.oauth.errors import InvalidClientMetadata
from keycell.provider.register import Made

from ..conftest import BASE, Browser, add_client, answer, at_another_time, keep_client
from ..holder import Holder

TOKEN = f"{BASE}/oidc/oauth2/token"
USERINFO = f"{BASE}/oidc/userinfo"
PAR = f"{BASE}/oidc/oauth2/par"
OFFLINE = "openid offline_access"


@pytest.fixture
def holder() -> Holder:
    return Holder()


async def post(browser: Browser, made: Made, proofs: list[str], **form: str) -> httpx2.Response:
    auth = (made.client.client_id, made.secret or "")
    headers = [("DPoP", proof) for proof in proofs]
    if made.secret is None:
        return await browser.http.post(
            TOKEN, data={"client_id": made.client.client_id, **form}, headers=headers
        )
    return await browser.http.post(TOKEN, data=form, auth=auth, headers=headers)


async def exchange(
    browser: Browser, made: Made, holder: Holder | None, code: str
) -> httpx2.Response:
    form = {
        "grant_type": "authorization_code", "code": code,
        "redirect_uri": made.client.metadata.redirect_uris[0],
        "code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    }  # fmt: skip
    return await post(browser, made, [holder.proof(TOKEN)] if holder else [], **form)


async def bound(browser: Browser, made: Made, holder: Holder, **asked: str) -> dict[str, Any]:
    code = await browser.code(made, scope=OFFLINE, **asked)
    response = await exchange(browser, made, holder, code)
    assert response.status_code == 200, response.text
    tokens: dict[str, Any] = response.json()
    assert tokens["token_type"] == "DPoP"
    return tokens


async def refresh(
    browser: Browser, made: Made, holder: Holder | None, token: str
) -> httpx2.Response:
    proofs = [holder.proof(TOKEN)] if holder else []
    return await post(browser, made, proofs, grant_type="refresh_token", refresh_token=token)


async def userinfo(
    browser: Browser, token: str, *proofs: str, scheme: str = "DPoP", method: str = "GET"
) -> httpx2.Response:
    headers = [("Authorization", f"{scheme} {token}"), *(("DPoP", proof) for proof in proofs)]
    return await browser.http.request(method, USERINFO, headers=headers)


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("alg", ["ES256", "EdDSA", "PS256"])
async def test_a_bound_token_opens_with_its_proof_alone(
    browser: Browser, app: Made, ann: Account, alg: str
) -> None:
    """RFC9449-4.1, RFC9449-5, RFC9449-7.1, PROTOCOL-T1: its type is DPoP."""
    holder = Holder(alg)
    token = (await bound(browser, app, holder))["access_token"]
    told = await userinfo(browser, token, holder.proof(USERINFO, "GET", token))
    assert told.status_code == 200
    assert told.json()["sub"] == ann.sub
    as_bearer = await userinfo(browser, token, scheme="Bearer")
    assert as_bearer.status_code == 401
    assert as_bearer.headers["www-authenticate"].startswith('DPoP algs="ES256 PS256 EdDSA"')
    assert 'error="invalid_token"' in as_bearer.headers["www-authenticate"]


async def test_whoever_asks_what_a_token_means_hears_of_its_key(
    browser: Browser, app: Made, ann: Account, holder: Holder
) -> None:
    """RFC9449-6.1, RFC9449-6.2; the key goes by RFC7638-3."""
    token = (await bound(browser, app, holder))["access_token"]
    assert app.secret is not None
    told = await browser.http.post(
        "/oidc/oauth2/introspect", data={"token": token}, auth=(app.client.client_id, app.secret)
    )
    assert told.json()["cnf"] == {"jkt": holder.jkt}
    assert told.json()["token_type"] == "DPoP"


async def test_an_opaque_token_is_bound_alike(
    browser: Browser, world: World, ann: Account, holder: Holder
) -> None:
    made = await add_client(world)
    opaque = replace(made.client, access_token_format="opaque")
    await keep_client(world, opaque)
    made = Made(opaque, made.secret)
    token = (await bound(browser, made, holder))["access_token"]
    assert token.startswith("kca_")
    assert (await userinfo(browser, token, scheme="Bearer")).status_code == 401
    proof = holder.proof(USERINFO, "GET", token)
    assert (await userinfo(browser, token, proof)).status_code == 200


async def test_a_client_that_registered_so_gets_no_other_tokens(
    browser: Browser, world: World, ann: Account, holder: Holder
) -> None:
    """RFC9449-5.2, P17."""
    made = await add_client(world, dpop_bound_access_tokens=True)
    code = await browser.code(made, scope=OFFLINE)
    without = await exchange(browser, made, None, code)
    assert (without.status_code, without.json()["error"]) == (400, "invalid_dpop_proof")
    assert (await exchange(browser, made, holder, code)).status_code == 200


async def test_a_client_itself_gets_a_bound_token(
    browser: Browser, world: World, holder: Holder
) -> None:
    made = await add_client(world, grant_types=["client_credentials"], redirect_uris=[])
    proof = holder.proof(TOKEN)
    told = await post(browser, made, [proof], grant_type="client_credentials")
    assert told.json()["token_type"] == "DPoP"


async def test_a_public_clients_refresh_token_is_bound(
    browser: Browser, world: World, ann: Account, holder: Holder
) -> None:
    """RFC9449-5, P20."""
    made = await add_client(world, token_endpoint_auth_method="none")
    token = (await bound(browser, made, holder))["refresh_token"]
    for thief in (None, Holder()):
        refused = await refresh(browser, made, thief, token)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    # What a thief tried ended nothing.
    assert (await refresh(browser, made, holder, token)).status_code == 200


async def test_a_client_with_a_secret_may_change_its_key(
    browser: Browser, app: Made, ann: Account, holder: Holder
) -> None:
    """P20."""
    token = (await bound(browser, app, holder))["refresh_token"]
    assert (await refresh(browser, app, None, token)).json()["error"] == "invalid_grant"
    other = Holder()
    told = (await refresh(browser, app, other, token)).json()
    proof = other.proof(USERINFO, "GET", told["access_token"])
    assert (await userinfo(browser, told["access_token"], proof)).status_code == 200


async def test_who_holds_the_key_may_ask_again_later(
    browser: Browser, world: World, ann: Account, holder: Holder
) -> None:
    """decisions/0005: a lost answer is had again for as long as its successor is unused."""
    made = await add_client(world, token_endpoint_auth_method="none")
    first = (await bound(browser, made, holder))["refresh_token"]
    second = (await refresh(browser, made, holder, first)).json()["refresh_token"]
    async with at_another_time(world, timedelta(hours=1)) as later:
        proof = holder.proof(TOKEN, iat=int(time.time()) + 3600)
        again = await post(later, made, [proof], grant_type="refresh_token", refresh_token=first)
        assert again.json()["refresh_token"] == second
    third = (await refresh(browser, made, holder, second)).json()["refresh_token"]
    assert (await refresh(browser, made, holder, first)).json()["error"] == "invalid_grant"
    assert (await refresh(browser, made, holder, third)).json()["error"] == "invalid_grant"


async def test_a_code_is_bound_by_the_request(
    browser: Browser, app: Made, ann: Account, holder: Holder
) -> None:
    """RFC9449-10, P18."""
    code = await browser.code(app, scope=OFFLINE, dpop_jkt=holder.jkt)
    for thief in (None, Holder()):
        refused = await exchange(browser, app, thief, code)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert (await exchange(browser, app, holder, code)).status_code == 200
    refused = await browser.authorize(app, dpop_jkt="short")
    assert answer(refused)["error"] == "invalid_request"


async def push(browser: Browser, made: Made, *proofs: str, **params: str) -> httpx2.Response:
    form = {
        "response_type": "code", "scope": OFFLINE, "state": "state-1234",
        "redirect_uri": made.client.metadata.redirect_uris[0],
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256", **params,
    }  # fmt: skip
    auth = (made.client.client_id, made.secret or "")
    headers = [("DPoP", proof) for proof in proofs]
    return await browser.http.post(PAR, data=form, auth=auth, headers=headers)


async def test_a_code_is_bound_by_the_proof_of_a_pushed_request(
    browser: Browser, app: Made, ann: Account, holder: Holder
) -> None:
    """RFC9449-10.1, P18."""
    pushed = await push(browser, app, holder.proof(PAR))
    assert pushed.status_code == 201
    query = {"client_id": app.client.client_id, "request_uri": pushed.json()["request_uri"]}
    page = await browser.follow(await browser.http.get("/oidc/oauth2/auth", params=query))
    page = await browser.submit(await browser.log_in(page), action="accept")
    code = answer(page)["code"]
    assert (await exchange(browser, app, Holder(), code)).json()["error"] == "invalid_grant"
    assert (await exchange(browser, app, holder, code)).status_code == 200


async def test_a_pushed_request_names_the_key_of_its_proof(
    browser: Browser, app: Made, holder: Holder
) -> None:
    """RFC9449-10.1, P18."""
    other = await push(browser, app, holder.proof(PAR), dpop_jkt=Holder().jkt)
    assert (other.status_code, other.json()["error"]) == (400, "invalid_dpop_proof")
    same = await push(browser, app, holder.proof(PAR), dpop_jkt=holder.jkt)
    assert same.status_code == 201


@pytest.mark.parametrize("seconds", [-10, 10])
async def test_a_clock_that_is_a_little_off_does_no_harm(
    browser: Browser, app: Made, ann: Account, holder: Holder, seconds: int
) -> None:
    """P19."""
    assert (await push(browser, app, holder.proof(PAR, iat=int(time.time()) + seconds))).is_success
    code = await browser.code(app, scope=OFFLINE)
    form = {"grant_type": "authorization_code", "code": code,
            "redirect_uri": app.client.metadata.redirect_uris[0],
            "code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"}  # fmt: skip
    proof = holder.proof(TOKEN, iat=int(time.time()) + seconds, nbf=1, exp=2)
    token = (await post(browser, app, [proof], **form)).json()["access_token"]
    proof = holder.proof(USERINFO, "GET", token, iat=int(time.time()) + seconds)
    assert (await userinfo(browser, token, proof)).status_code == 200


@pytest.mark.parametrize("hours", [-1, 1])
async def test_whose_clock_is_far_off_is_given_a_nonce(
    browser: Browser, app: Made, world: World, ann: Account, holder: Holder, hours: int
) -> None:
    """RFC9449-8, RFC9449-9."""
    far = int(time.time()) + hours * 3600
    refused = await push(browser, app, holder.proof(PAR, iat=far))
    assert (refused.status_code, refused.json()["error"]) == (400, "use_dpop_nonce")
    nonce = refused.headers["dpop-nonce"]
    assert (await push(browser, app, holder.proof(PAR, iat=far, nonce=nonce))).is_success
    token = (await bound(browser, app, holder))["access_token"]
    told = await userinfo(browser, token, holder.proof(USERINFO, "GET", token, iat=far))
    assert told.status_code == 401
    assert 'error="use_dpop_nonce"' in told.headers["www-authenticate"]
    proof = holder.proof(USERINFO, "GET", token, iat=far, nonce=told.headers["dpop-nonce"])
    assert (await userinfo(browser, token, proof)).status_code == 200
    async with at_another_time(world, timedelta(minutes=11)) as later:
        late = await push(later, app, holder.proof(PAR, iat=far, nonce=nonce))
        assert late.json()["error"] == "use_dpop_nonce"
        assert late.headers["dpop-nonce"] != nonce


@pytest.mark.parametrize(
    "url",
    [f"{USERINFO}?a=b", f"{USERINFO}#there", USERINFO.replace("http", "HTTP"),
     f"{BASE}/oidc/user%69nfo"],
)  # fmt: skip
async def test_an_address_may_be_written_in_several_ways(
    browser: Browser, app: Made, ann: Account, holder: Holder, url: str
) -> None:
    """RFC9449-4.3: query and fragment do not count; RFC3986-6.2.2."""
    token = (await bound(browser, app, holder))["access_token"]
    proof = holder.proof(url, "GET", token, {"kid": "mine"}, more="said")
    assert (await userinfo(browser, token, proof, scheme="dpop")).status_code == 200


async def test_each_wire_of_our_own_wants_the_proof(
    browser: Browser, world: World, ann: Account, holder: Holder
) -> None:
    """RFC9449-7.1: REST, WebDAV and S3."""
    made = await add_client(world, scope="openid offline_access files.write")
    code = await browser.code(made, scope="openid files.write")
    token = (await exchange(browser, made, holder, code)).json()["access_token"]
    assert isinstance(browser.world, World)
    for method, path in (("GET", "/a/tree/stat/personal-files"), ("PROPFIND", "/dav/"),
                         ("GET", "/io?list-type=2")):  # fmt: skip
        proof = holder.proof(BASE + path, method, token)
        given = {"Authorization": f"DPoP {token}", "DPoP": proof, "Depth": "0"}
        told = await browser.http.request(method, path, headers=given)
        assert told.status_code in (200, 207), (path, told.text)
        again = await browser.http.request(method, path, headers=given)
        assert again.status_code == 401, path
        bare = {"Authorization": f"Bearer {token}", "Depth": "0"}
        refused = await browser.http.request(method, path, headers=bare)
        assert refused.status_code == 401, path
        without = {"Authorization": f"DPoP {token}", "Depth": "0"}
        refused = await browser.http.request(method, path, headers=without)
        assert refused.status_code == 401, path
        assert any(one.startswith("DPoP ") for one in
                   refused.headers.get_list("www-authenticate")), path  # fmt: skip


async def test_a_bound_token_is_no_password_and_no_s3_key(
    browser: Browser, world: World, ann: Account, holder: Holder
) -> None:
    """DESIGN decision 10."""
    made = await add_client(world)
    code = await browser.code(made, scope="openid files.write")
    token = (await exchange(browser, made, holder, code)).json()["access_token"]
    told = await browser.http.request("PROPFIND", "/dav/", auth=("ann", token))
    assert told.status_code == 401


async def test_the_metadata_say_how(browser: Browser) -> None:
    """RFC9449-5.1, RFC9728-2, P1."""
    told = (await browser.http.get("/oidc/.well-known/openid-configuration")).json()
    assert told["dpop_signing_alg_values_supported"] == ["ES256", "PS256", "EdDSA"]
    resource = (await browser.http.get("/.well-known/oauth-protected-resource")).json()
    assert resource["dpop_signing_alg_values_supported"] == ["ES256", "PS256", "EdDSA"]
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST",
             "Access-Control-Request-Headers": "dpop"}  # fmt: skip
    preflight = await browser.http.options("/oidc/oauth2/token", headers=asked)
    assert "DPoP" in preflight.headers["access-control-allow-headers"]


async def test_what_must_be_bound_does_not_come_by_the_browser(world: World) -> None:
    """RFC9449-5.2: a token from the authorization endpoint is bound to nothing."""
    with pytest.raises(InvalidClientMetadata):
        await add_client(
            world, dpop_bound_access_tokens=True, response_types=["code token"],
            grant_types=["authorization_code", "implicit"],
        )  # fmt: skip
