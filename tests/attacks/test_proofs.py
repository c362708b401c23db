"""Proofs that are none: of another request, used before, forged, or made to cost. RFC9449-11."""

import asyncio
import time
from typing import Any

from keycell.accounts.people import Account
from keycell.provider.register import Made

from ..conftest import BASE, Browser
from ..holder import Holder, ath
from ..protocol.test_dpop import PAR, USERINFO, bound, holder, push, userinfo

__all__ = ["holder"]

NOW = int(time.time())
BAD: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("typ is missing", {"typ": None}, {}),
    ("typ is another", {"typ": "JWT"}, {}),
    ("alg is missing", {"alg": None}, {}),
    ("alg is none", {"alg": "none"}, {}),
    ("alg is RS256", {"alg": "RS256"}, {}),
    ("alg is by secret", {"alg": "HS256"}, {}),
    ("alg is not of the key", {"alg": "PS256"}, {}),
    ("jwk is missing", {"jwk": None}, {}),
    ("jwk is no key", {"jwk": {"kty": "EC"}}, {}),
    ("crit is there", {"crit": ["b64"], "b64": True}, {}),
    ("jti is missing", {}, {"jti": None}),
    ("jti is endless", {}, {"jti": "x" * 257}),
    ("htm is missing", {}, {"htm": None}),
    ("htm is another", {}, {"htm": "PUT"}),
    ("htu is missing", {}, {"htu": None}),
    ("htu is another", {}, {"htu": f"{BASE}/oidc/oauth2/token"}),
    ("htu is of another host", {}, {"htu": "https://elsewhere.example/oidc/userinfo"}),
    ("htu has somebody in it", {}, {"htu": USERINFO.replace("//", "//a@")}),
    ("htu is no address", {}, {"htu": "http://[::1/oidc/userinfo"}),
    ("iat is missing", {}, {"iat": None}),
    ("iat is no time", {}, {"iat": "now"}),
    ("iat is true", {}, {"iat": True}),
    ("iat is an hour ago", {}, {"iat": NOW - 3600}),
    ("iat is in an hour", {}, {"iat": NOW + 3600}),
    ("ath is missing", {}, {"ath": None}),
    ("ath is another", {}, {"ath": ath("another token")}),
    ("ath is no text", {}, {"ath": 7}),
    ("nonce is not ours", {}, {"nonce": "made up"}),
    ("nonce is no text", {}, {"nonce": ["x"]}),
]


async def test_attack_46_a_proof_that_is_none_opens_nothing(
    browser: Browser, app: Made, ann: Account, holder: Holder
) -> None:
    """RFC9449-4.2, RFC9449-4.3, PROTOCOL-P24: each thing that can be wrong with a proof."""
    token = (await bound(browser, app, holder))["access_token"]
    for what, header, claims in BAD:
        proof = holder.proof(USERINFO, "GET", token, header, **claims)
        told = await userinfo(browser, token, proof)
        assert told.status_code == 401, what
        assert told.headers["www-authenticate"].startswith("DPoP "), what
    good = [holder.proof(USERINFO, "GET", token) for _ in range(4)]
    private = holder.proof(USERINFO, "GET", token, {"jwk": holder.key.as_dict(private=True)})
    forged = good[0][:-4] + ("AAAA" if good[0][-4:] != "AAAA" else "BBBB")
    other = Holder().proof(USERINFO, "GET", token)
    for proofs in ([], ["no proof"], ["a.b.c"], ["x" * 9000], [forged], [private], [other],
                   good[:2]):  # fmt: skip
        assert (await userinfo(browser, token, *proofs)).status_code in (400, 401), proofs
    assert (await userinfo(browser, token, good[2], scheme="Bearer")).status_code == 401
    assert (await userinfo(browser, token, good[3])).status_code == 200


async def test_attack_46_a_proof_is_good_once(
    browser: Browser, app: Made, ann: Account, holder: Holder
) -> None:
    """RFC9449-11.1, PROTOCOL-P24: of twenty at once, one."""
    token = (await bound(browser, app, holder))["access_token"]
    proof = holder.proof(USERINFO, "GET", token)
    told = await asyncio.gather(*(userinfo(browser, token, proof) for _ in range(20)))
    assert sorted(one.status_code for one in told) == [200] + [401] * 19
    pushed = holder.proof(PAR)
    assert (await push(browser, app, pushed)).status_code == 201
    assert (await push(browser, app, pushed)).json()["error"] == "invalid_dpop_proof"


async def test_attack_46_a_bearer_token_is_not_taken_by_dpop(
    browser: Browser, app: Made, ann: Account, holder: Holder
) -> None:
    token = (await browser.tokens(app))["access_token"]
    told = await userinfo(browser, token, holder.proof(USERINFO, "GET", token))
    assert told.status_code == 401


async def test_attack_46_a_large_exponent_costs_nothing(
    browser: Browser, app: Made, holder: Holder
) -> None:
    """RFC8725-3.8: what a stranger's key could cost is bounded before it is used."""
    for jwk in ({"kty": "RSA", "n": "A" * 342, "e": "A" * 300},
                {"kty": "RSA", "n": "w" * 6000, "e": "AQAB"},
                {"kty": "RSA", "n": "w" * 100, "e": "AQAB"}):  # fmt: skip
        strange = holder.sign({"typ": "dpop+jwt", "alg": "PS256", "jwk": jwk}, {"jti": "x"})
        assert (await push(browser, app, strange)).json()["error"] == "invalid_dpop_proof"
