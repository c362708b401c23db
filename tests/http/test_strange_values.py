"""Whatever a parameter, a claim or a JOSE header says: an answer, and never an error of ours."""

import json
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as how
from hypothesis import strategies as st
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.oauth.authorization import PARAMS
from keycell.oauth.dpop import LONGEST_PROOF
from keycell.oauth.pkce import s256
from keycell.settings import Settings

from ..conftest import BASE, CALLBACK, VERIFIER, Browser, add_client
from ..holder import Holder

# joserfc warns of a name that RFC 9864 retires and every client still sends.
pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")

AUTH, TOKEN, REGISTER = "/oidc/oauth2/auth", "/oidc/oauth2/token", "/oidc/register"
KIND = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
GRANTS = [
    "authorization_code", "refresh_token", "client_credentials",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:token-exchange",
]  # fmt: skip
KEY = ECKey.generate_key("P-256")
EACH = 50
"""Requests of each test; what they hold differs from run to run."""
# What parsers, databases and headers disagree about, and words that lead further in.
TEXTS = st.text(max_size=30) | st.sampled_from(
    [
        "", " ", "\x00", "a\x00b", "\r\nA: b", "\ud800", "a\udfff", "é", "\U0001f600", "%00", "..",
        "none", "code", "openid offline_access", "urn:ietf:params:oauth:request_uri:x", CALLBACK,
        "https://app.example/callback#x", "//evil.example", "9" * 400, "-1", "NaN", "{}", "[]",
        "x" * 20_000, "fr\u2028de", "files", "read", "essential",
    ]
)  # fmt: skip
NUMBERS = st.integers() | st.floats() | st.sampled_from([10**400, -1, 2**63, 1e308])
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
CLAIM = st.dictionaries(
    st.sampled_from(["acr", "sub", "email", "auth_time", "\ud800"]),
    st.fixed_dictionaries({}, optional={"value": JSON, "values": JSON, "essential": JSON}) | JSON,
    max_size=3,
)
CLAIMS = st.fixed_dictionaries({}, optional={"id_token": CLAIM, "userinfo": CLAIM})
DETAILS = st.lists(
    st.fixed_dictionaries(
        {"type": st.just("files") | JSON},
        optional={"actions": st.just(["read"]) | JSON, "space": TEXTS | JSON, "node": TEXTS | JSON,
                  "locations": JSON},
    ),
    max_size=2,
)  # fmt: skip
STRUCTURED = {"claims": CLAIMS | JSON, "authorization_details": DETAILS | JSON}


@pytest.fixture
def settings(either_settings: Settings) -> Settings:
    return either_settings


def strange(names: frozenset[str]) -> st.SearchStrategy[dict[str, str]]:
    """Some of the parameters, with values that make no sense or nearly do."""
    plain = st.dictionaries(st.sampled_from(sorted(names)), TEXTS, max_size=3)
    deep = st.fixed_dictionaries(
        {}, optional={name: value.map(json.dumps) for name, value in STRUCTURED.items()}
    )
    return st.builds(lambda one, other: one | other, plain, deep)


def form_of(params: dict[str, str]) -> str:
    """Write parameters as a stranger can: half characters and all."""
    return urlencode({k.encode("utf-8", "surrogatepass"): v.encode("utf-8", "surrogatepass")
                      for k, v in params.items()})  # fmt: skip


def is_answer(response: httpx2.Response) -> bool:
    assert response.status_code < 500, response.text[:500]
    if response.status_code == 303 and "location" in response.headers:
        response.headers["location"].encode("ascii")
    return True


async def test_any_parameters_of_an_authorization_request(
    browser: Browser, world: World, ann: Account
) -> None:
    """RFC6749-3.1, OIDCC-3.1.2.6: asked by somebody who is signed in and says yes."""
    made = await add_client(
        world, response_types=["code", "code id_token"],
        grant_types=["authorization_code", "implicit", "refresh_token"],
    )  # fmt: skip
    await browser.code(made)
    asked = {
        "client_id": made.client.client_id, "redirect_uri": CALLBACK, "response_type": "code",
        "scope": "openid files.read", "state": "s", "nonce": "n", "code_challenge": s256(VERIFIER),
        "code_challenge_method": "S256",
    }  # fmt: skip
    for params in drawn(strange(PARAMS)):
        page = await browser.http.get(f"{AUTH}?{form_of(asked | params)}")
        assert is_answer(page)
        page = await browser.follow(page)
        assert is_answer(page)
        if 'id="consent-accept"' in page.text:
            assert is_answer(await browser.submit(page, action="accept"))


async def test_any_parameters_of_a_token_request(
    browser: Browser, world: World, ann: Account
) -> None:
    """RFC6749-3.2, RFC6749-5.2."""
    made = await add_client(world, grant_types=GRANTS)
    names = frozenset({"grant_type", "code", "refresh_token", "scope", "resource", "device_code",
                       "subject_token", "subject_token_type", "client_assertion", "audience",
                       "code_verifier", "redirect_uri", "client_id"})  # fmt: skip
    auth = (made.client.client_id, str(made.secret))
    for grant in GRANTS:
        for params in drawn(strange(names), EACH // 3):
            content = form_of({"grant_type": grant} | params)
            assert is_answer(await browser.http.post(TOKEN, content=content, auth=auth,
                                                     headers=FORM))  # fmt: skip


async def test_any_header_and_claims_of_a_proof(browser: Browser, world: World) -> None:
    """RFC9449-4.2, RFC9449-4.3, RFC7515-4.1."""
    made = await add_client(world, grant_types=["client_credentials"])
    holder, auth = Holder(), (made.client.client_id, str(made.secret))
    form = {"grant_type": "client_credentials"}
    claims = members("jti", "htm", "htu", "iat", "ath", "nonce", "exp")
    header = members("typ", "alg", "kid", "crit", "b64", "x5c", "jku", "zip")
    sure: list[Any] = [
        ({"jti": "\ud800"}, {}), ({"jti": "a\x00b"}, {}), ({"iat": float("nan")}, {}),
        ({"iat": 10**400}, {}), ({"ath": "\ud800"}, {}),
    ]  # fmt: skip
    for said, head in sure + drawn(st.tuples(claims, header)):
        try:
            proof = holder.proof(BASE + TOKEN, header=head, **said)
        except (JoseError, TypeError):
            # What joserfc would not write: the header is judged before the signature.
            proof = holder.proof(BASE + TOKEN, header=head | {"alg": "none"}, **said)
        if len(proof) > LONGEST_PROOF:
            continue
        assert is_answer(await browser.http.post(TOKEN, data=form, auth=auth,
                                                 headers={"DPoP": proof}))  # fmt: skip


async def test_any_claims_of_a_request_object(
    browser: Browser, world: World, ann: Account
) -> None:
    """RFC9101-4, RFC9101-6, RFC7515-4.1."""
    made = await add_client(world, jwks={"keys": [KEY.as_dict(private=False)]})
    await browser.code(made)
    asked: dict[str, Any] = {
        "redirect_uri": CALLBACK, "response_type": "code", "scope": "openid", "state": "s",
        "code_challenge": s256(VERIFIER), "code_challenge_method": "S256",
    }  # fmt: skip
    of_request = members(*sorted(PARAMS), "exp", "nbf", "iat", "aud", "iss", "resource")
    structured = st.fixed_dictionaries({}, optional=STRUCTURED)
    sure: list[Any] = [
        ({name: text}, {}) for name in sorted(PARAMS) for text in ("\ud800", "a\x00b")
    ]
    for one, other in sure + drawn(st.tuples(of_request, structured)):
        payload = asked | one | other
        sent = jws.serialize_compact({"alg": "ES256"}, json.dumps(payload), KEY)
        query = {"client_id": made.client.client_id, "request": sent, "redirect_uri": CALLBACK}
        page = await browser.follow(await browser.http.get(AUTH, params=query))
        assert is_answer(page)
        if 'id="consent-accept"' in page.text:
            assert is_answer(await browser.submit(page, action="accept"))


URIS = st.lists(
    st.sampled_from([
        "https://", "http://", "app.example", "127.0.0.1", "[::1]", ":8080", "/cb", "?", "a=b",
        "&code=x", "#f", "@", "\\", "%0d%0a", "é", "*", ".", "//", "com.app:/", "javascript:", " ",
        "\x00", "\ud800", "localhost",
    ]),
    min_size=1, max_size=6,
).map("".join)  # fmt: skip


async def test_an_answer_goes_to_the_very_redirect_uri(browser: Browser, ann: Account) -> None:
    """RFC9700-2.1, RFC7591-2: whatever could be registered is answered at, byte for byte."""
    for uri in drawn(URIS | TEXTS):
        document = {"redirect_uris": [uri], "token_endpoint_auth_method": "none"}
        made = await browser.http.post(REGISTER, content=json.dumps(document), headers=KIND)
        assert is_answer(made)
        if made.status_code != 201:
            continue
        query = {"client_id": made.json()["client_id"], "redirect_uri": uri, "prompt": "none",
                 "response_type": "code", "scope": "openid", "state": "s"}  # fmt: skip
        told = await browser.http.get(AUTH, params=query)
        assert told.status_code == 303, (uri, told.text[:300])
        assert told.headers["location"].startswith(f"{uri}{'&' if '?' in uri else '?'}error=")


def members(*names: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(names), JSON, max_size=3)


def drawn(strategy: st.SearchStrategy[Any], many: int = EACH) -> list[Any]:
    """Draw what a test then sends: it waits for answers, which `given` cannot."""
    found = []

    @how(max_examples=many, database=None, phases=[Phase.generate],
         suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(strategy)
    def keep(one: object) -> None:
        found.append(one)

    keep()
    return found
