"""The metadata list what works: each listed value is tried, and what is not listed is refused."""

import base64
import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
from joserfc.jwk import OctKey

from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.provider.register import Made

from ..attacks.test_native_sso import in_suite
from ..conftest import BASE, CALLBACK, Browser, add_client, answer, keep_client
from ..holder import Holder
from .test_backchannel import cashier
from .test_client_authentication import KEYS, OWN, assert_with, claims_of, signed
from .test_fapi2 import _key_of
from .test_requests import ASKED, add_signing, ask, finish
from .test_requests import signed as signed_object
from .test_userinfo import introspect

pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")

JWT = "application/token-introspection+jwt"
UNSIGNED = ("none", "HS256", "RS512", "ES384", "ES256K")
"""What is listed nowhere as an algorithm of ours, or of who signs by a key."""

Document = dict[str, Any]


@pytest.fixture
async def listed(browser: Browser) -> Document:
    found: Document = (await browser.http.get("/oidc/.well-known/openid-configuration")).json()
    return found


async def registered(browser: Browser, **metadata: object) -> httpx2.Response:
    document = {"redirect_uris": [CALLBACK]} | metadata
    return await browser.http.post("/oidc/register", json=document)


async def test_each_scope_is_granted_to_who_may_ask(
    browser: Browser, world: World, ann: Account, listed: Document
) -> None:
    """RFC6749-3.3, NSSO-3.1: one that is not listed, and one that is for others, is ignored."""
    scopes = set(listed["scopes_supported"])
    asked = " ".join([*scopes, "unlisted"])
    made = await in_suite(world, token_endpoint_auth_method="client_secret_basic")
    ours = replace(made.client, is_first_party=True)
    await keep_client(world, ours)
    tokens = await browser.tokens(Made(ours, made.secret), asked)
    assert set(tokens["scope"].split()) == scopes
    assert {"refresh_token", "device_secret", "id_token"} <= set(tokens)
    tokens = await browser.tokens(await add_client(world), asked)
    assert set(tokens["scope"].split()) == scopes - {"admin", "device_sso"}


async def test_each_prompt_and_display_is_honoured(
    browser: Browser, app: Made, ann: Account, listed: Document
) -> None:
    """OIDCC-3.1.2.1."""
    await browser.code(app)
    shown = {
        "none": "code=", "login": 'id="login-submit"', "consent": 'id="consent-accept"',
        "select_account": 'id="choose-this"',
    }  # fmt: skip
    assert set(listed["prompt_values_supported"]) == set(shown)
    for prompt, sign in shown.items():
        page = await browser.authorize(app, prompt=prompt)
        assert sign in page.text + page.headers.get("location", ""), prompt
    for display in listed["display_values_supported"]:
        assert "code" in answer(await browser.authorize(app, display=display))
    for unlisted in ({"prompt": "create"}, {"display": "hologram"}):
        assert answer(await browser.authorize(app, **unlisted))["error"] == "invalid_request"


async def test_each_language_is_spoken(browser: Browser, app: Made, listed: Document) -> None:
    """OIDCC-3.1.2.1, OIDCD-3: in the letters of BCP 47."""
    titles = set()
    for language in listed["ui_locales_supported"]:
        page = await browser.authorize(app, ui_locales=language, prompt="login")
        assert f'<html lang="{language}"' in page.text
        titles.add(page.text.partition("<h1")[2].partition("</h1>")[0])
    assert len(titles) == len(listed["ui_locales_supported"])
    assert '<html lang="en"' in (await browser.authorize(app, ui_locales="se")).text


async def test_each_kind_of_subject_names_somebody(
    browser: Browser, world: World, ann: Account, listed: Document
) -> None:
    """OIDCC-8."""
    subs = {}
    for kind in listed["subject_types_supported"]:
        made = await add_client(world, subject_type=kind)
        tokens = await browser.tokens(made)
        subs[kind] = (await browser.userinfo(tokens["access_token"])).json()["sub"]
    assert subs["public"] == ann.sub
    assert len(set(subs.values())) == len(subs)
    refused = await registered(browser, subject_type="ephemeral")
    assert refused.json()["error"] == "invalid_client_metadata"


SIGNED = ("id_token", "userinfo", "authorization", "introspection")


def alg_of(token: str) -> str:
    head = token.split(".", maxsplit=1)[0]
    return str(json.loads(base64.urlsafe_b64decode(head + "=="))["alg"])


async def test_each_algorithm_signs_each_answer(
    browser: Browser, world: World, ann: Account, listed: Document
) -> None:
    """OIDCD-3, JARM-4, RFC9701-7: and what is not listed cannot be registered."""
    offered = {name: listed[f"{name}_signing_alg_values_supported"] for name in SIGNED}
    keys = _key_of(world)
    for alg in offered["id_token"]:
        metadata = {f"{name}_signed_response_alg": alg for name in SIGNED if alg in offered[name]}
        assert len(metadata) == len(SIGNED)
        made = await add_client(world, **metadata)
        page = await browser.authorize(made, response_mode="jwt")
        if 'id="login-submit"' in page.text:
            page = await browser.log_in(page)
        page = await browser.submit(page, action="accept")
        told = dict(parse_qsl(urlsplit(page.headers["location"]).query))["response"]
        claims = world.keyring.verify(told, "JWT")
        assert claims is not None
        tokens = (await browser.exchange(made, str(claims["code"]))).json()
        userinfo = (await browser.userinfo(tokens["access_token"])).text
        asked = await introspect(browser, made, tokens["access_token"], Accept=JWT)
        answers = [told, tokens["id_token"], userinfo, asked.text]
        assert {alg_of(one) for one in answers} == {alg}
        assert alg in {key.alg for key in keys}
    for name in SIGNED:
        for alg in UNSIGNED:
            refused = await registered(browser, **{f"{name}_signed_response_alg": alg})
            assert refused.json()["error"] == "invalid_client_metadata", (name, alg)


def by(key: Any) -> dict[str, Any]:  # noqa: ANN401  (a key of any kind)
    public = key.as_dict(private=False)
    public.pop("kid", None)
    return {"jwks": {"keys": [public]}}


ENDPOINTS = {"token": "token", "revocation": "revoke", "introspection": "introspect"}


async def proven(browser: Browser, made: Made, method: str, path: str) -> httpx2.Response:
    """Ask at an endpoint, as a client of this method does."""
    url, client_id = f"/oidc/oauth2/{path}", made.client.client_id
    form = {"grant_type": "client_credentials", "token": "x"}
    auth: Any = (client_id, made.secret) if method == "client_secret_basic" else None
    if method == "client_secret_post":
        form |= {"client_id": client_id, "client_secret": str(made.secret)}
    if method == "none":
        form |= {"client_id": client_id}
    if method.endswith("_jwt"):
        by_secret = method == "client_secret_jwt"
        key: Any = OctKey.import_key(str(made.secret)) if by_secret else KEYS["ES256"]
        said = signed(key, claims_of(made), "HS256" if by_secret else "ES256")
        kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        form |= {"client_assertion": said, "client_assertion_type": kind}
    sent = {"token": ("grant_type",), "par": ()}.get(path, ("token",))
    kept = {k: v for k, v in form.items() if k.startswith("client_") or k in sent}
    if path == "par":
        kept |= ASKED
    return await browser.http.post(url, data=kept, **({"auth": auth} if auth else {}))


async def test_each_method_proves_a_client_at_each_endpoint(
    browser: Browser, world: World, listed: Document
) -> None:
    """RFC8414-2, RFC7662-2.1: none proves nothing, so that it is not for introspection."""
    methods = listed["token_endpoint_auth_methods_supported"]
    for method in methods:
        grants = ["authorization_code"] if method == "none" else ["client_credentials"]
        more = by(KEYS["ES256"]) if method == "private_key_jwt" else {}
        made = await add_client(
            world, **{**more, "token_endpoint_auth_method": method,
                      "grant_types": [*grants, "authorization_code"]}
        )  # fmt: skip
        for name, path in ENDPOINTS.items():
            told = await proven(browser, made, method, path)
            is_listed = method in listed[f"{name}_endpoint_auth_methods_supported"]
            is_refused = told.status_code == 401
            assert is_refused is not is_listed, (method, name, told.text)
        assert (await proven(browser, made, method, "par")).status_code == 201, method
    refused = await registered(browser, token_endpoint_auth_method="client_secret_magic")
    assert refused.json()["error"] == "invalid_client_metadata"


async def test_each_algorithm_proves_a_client(
    browser: Browser, world: World, listed: Document
) -> None:
    """OIDCC-9, OIDCC-10.1, RFC8414-2, RFC7518-3.2: HMAC by a secret as long as its hash."""
    algorithms = listed["token_endpoint_auth_signing_alg_values_supported"]
    for name in ENDPOINTS:
        assert listed[f"{name}_endpoint_auth_signing_alg_values_supported"] == algorithms
    for alg in algorithms:
        method = "client_secret_jwt" if alg.startswith("HS") else "private_key_jwt"
        more = {} if alg.startswith("HS") else by(KEYS[alg])
        made = await add_client(
            world, **OWN, **more, token_endpoint_auth_method=method,
            token_endpoint_auth_signing_alg=alg,
        )  # fmt: skip
        assert made.secret is None or len(made.secret) * 8 >= int(alg[2:])
        key = OctKey.import_key(str(made.secret)) if alg.startswith("HS") else KEYS[alg]
        told = await assert_with(browser, made, signed(key, claims_of(made), alg))
        assert told.status_code == 200, (alg, told.text)
    for alg in set(UNSIGNED) - set(algorithms):
        refused = await registered(
            browser, token_endpoint_auth_method="private_key_jwt", **by(KEYS["ES256"]),
            token_endpoint_auth_signing_alg=alg,
        )  # fmt: skip
        assert refused.json()["error"] == "invalid_client_metadata", alg


async def test_each_algorithm_signs_a_request(
    browser: Browser, world: World, ann: Account, listed: Document
) -> None:
    """RFC9101-6.2, CIBA-4: by the browser and from the back."""
    for alg in listed["request_object_signing_alg_values_supported"]:
        made = await add_signing(world, alg, request_object_signing_alg=alg)
        page = await ask(browser, made, request=signed_object(made, alg))
        assert (await finish(browser, page))["code"], alg
    name = "backchannel_authentication_request_signing_alg"
    for alg in listed[f"{name}_values_supported"]:
        made = await cashier(world, **by(KEYS[alg]), **{name: alg})
        now = int(world.provider.clock().timestamp())
        said = claims_of(made, aud=world.provider.issuer, nbf=now, login_hint="ann",
                         scope="openid", sub=None)  # fmt: skip
        told = await browser.http.post(
            "/oidc/oauth2/bc-authorize", data={"request": signed(KEYS[alg], said, alg)},
            auth=(made.client.client_id, str(made.secret)),
        )  # fmt: skip
        assert told.status_code == 200, (alg, told.text)
    for alg in UNSIGNED:
        refused = await registered(browser, request_object_signing_alg=alg)
        assert refused.json()["error"] == "invalid_client_metadata", alg


async def test_each_algorithm_proves_to_hold_a_key(
    browser: Browser, world: World, listed: Document
) -> None:
    """RFC9449-5.1, RFC9728-2."""
    resource = (await browser.http.get("/.well-known/oauth-protected-resource")).json()
    assert resource["dpop_signing_alg_values_supported"] == listed[
        "dpop_signing_alg_values_supported"
    ]  # fmt: skip
    made = await add_client(world, **OWN)
    for alg in listed["dpop_signing_alg_values_supported"]:
        proof = Holder(alg).proof(f"{BASE}/oidc/oauth2/token")
        told = await browser.http.post(
            "/oidc/oauth2/token", data={"grant_type": "client_credentials"},
            auth=(made.client.client_id, str(made.secret)), headers={"DPoP": proof},
        )  # fmt: skip
        assert told.json()["token_type"] == "DPoP", alg


async def test_each_grant_type_is_taken(browser: Browser, world: World, listed: Document) -> None:
    """RFC7591-2, RFC6749-5.2: at registration and at the token endpoint, and no other."""
    granted = listed["grant_types_supported"]
    made = await add_client(
        world, grant_types=granted, response_types=["code", "id_token"],
        backchannel_token_delivery_mode="poll",
    )  # fmt: skip
    for grant in set(granted) - {"implicit"}:
        told = (await browser.token(made, grant_type=grant)).json()
        assert told.get("error") not in ("unsupported_grant_type", "unauthorized_client"), grant
    for grant in ("implicit", "password", "urn:ietf:params:oauth:grant-type:saml2-bearer"):
        told = (await browser.token(made, grant_type=grant)).json()
        assert told["error"] == "unsupported_grant_type"
        if grant != "implicit":
            refused = await registered(browser, grant_types=[grant])
            assert refused.json()["error"] == "invalid_client_metadata"


async def test_each_delivery_mode_can_be_registered(browser: Browser, listed: Document) -> None:
    """CIBA-4; the flows are in test_backchannel.py."""
    for mode in (*listed["backchannel_token_delivery_modes_supported"], "pigeon"):
        told = await registered(
            browser, grant_types=["urn:openid:params:grant-type:ciba"], response_types=[],
            backchannel_token_delivery_mode=mode,
            backchannel_client_notification_endpoint="https://app.example/told",
        )  # fmt: skip
        assert told.status_code == (400 if mode == "pigeon" else 201), told.text


async def test_what_is_said_of_requests_is_so(
    browser: Browser, app: Made, ann: Account, listed: Document
) -> None:
    """RFC8414-2, RFC7636-4.2, RFC9207-3, RFC9126-5, OIDCC-5.5, OIDCC-5.6, CIBA-4."""
    assert listed["require_pushed_authorization_requests"] is False
    assert listed["authorization_response_iss_parameter_supported"] is True
    assert answer(await browser.authorize(app, prompt="none"))["iss"] == listed["issuer"]
    assert listed["code_challenge_methods_supported"] == ["S256"]
    refused = answer(await browser.authorize(app, code_challenge_method="plain"))
    assert refused["error"] == "invalid_request"
    assert listed["claims_parameter_supported"] is True
    code = await browser.code(app, claims='{"userinfo": {"nickname": null}}')
    token = (await browser.exchange(app, code)).json()["access_token"]
    told = (await browser.userinfo(token)).json()
    assert listed["claim_types_supported"] == ["normal"]
    assert told == {"sub": ann.sub, "nickname": "Annie"}
    assert listed["backchannel_user_code_parameter_supported"] is False
    made = await cashier(browser.world)
    asked = await browser.http.post(
        "/oidc/oauth2/bc-authorize", auth=(made.client.client_id, str(made.secret)),
        data={"scope": "openid", "login_hint": "ann", "user_code": "1234"},
    )  # fmt: skip
    assert asked.json()["error"] == "invalid_request"


async def test_a_resource_says_whose_tokens_open_it(
    browser: Browser, world: World, ann: Account, listed: Document
) -> None:
    """RFC9728-2, RFC9728-3.3, RFC6750-2.1: its own name is the audience, a header the way in."""
    calls = {"a": "/a/tree/stat/personal-files", "dav": "/dav/", "io": "/io?list-type=2"}
    for wire, path in calls.items():
        told = (await browser.http.get(f"/.well-known/oauth-protected-resource/{wire}")).json()
        assert told["authorization_servers"] == [listed["issuer"]]
        assert told["bearer_methods_supported"] == ["header"]
        assert told["scopes_supported"] == listed["scopes_supported"]
        assert told["dpop_bound_access_tokens_required"] is False
        assert told["resource_name"] == "Keycell"
        made = await add_client(world)
        code = await browser.code(made, scope="openid files.read", resource=told["resource"])
        token = (await browser.exchange(made, code)).json()["access_token"]
        method = "PROPFIND" if wire == "dav" else "GET"
        bearer = {"Authorization": f"Bearer {token}", "Depth": "0"}
        opened = await browser.http.request(method, path, headers=bearer)
        assert opened.status_code in (200, 207), (wire, opened.text)
        for other in set(calls) - {wire}:
            method = "PROPFIND" if other == "dav" else "GET"
            refused = await browser.http.request(method, calls[other], headers=bearer)
            assert refused.status_code in (401, 403), (wire, other)
        sent = {"access_token": token}
        refused = await browser.http.request("GET", calls["a"], params=sent)
        assert refused.status_code == 401
