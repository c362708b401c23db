"""What the tokens of a client of the profile fapi2 tell and open. PROTOCOL 3.8."""

import json

import httpx2
import pytest

from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.provider.register import Made

from ..conftest import Browser
from ..holder import Holder
from .fapi2 import USERINFO, add, code, exchange, tokens


@pytest.fixture
async def made(world: World) -> Made:
    return await add(world)


async def test_p22_every_claim_that_is_listed_can_be_asked_for(
    browser: Browser, world: World, ann: Account, made: Made
) -> None:
    """OIDCC-5.5, PROTOCOL-P22: and what is unknown is ignored."""
    listed = (await browser.http.get("/oidc/.well-known/openid-configuration")).json()
    names = [*listed["claims_supported"], "unknown_claim"]
    wish = json.dumps({where: dict.fromkeys(names) for where in ("userinfo", "id_token")})
    holder = Holder()
    given = await exchange(browser, made, await code(browser, made, claims=wish), holder)
    claims = world.keyring.verify(given.json()["id_token"], "JWT")
    token = given.json()["access_token"]
    told = (await ask_userinfo(browser, token, holder.proof(USERINFO, "GET", token))).json()
    assert claims is not None
    missing = set(names) - set(claims) - set(told)
    assert missing == {"unknown_claim"}


async def ask_userinfo(
    browser: Browser, token: str, *proofs: str, scheme: str = "DPoP", query: str = ""
) -> httpx2.Response:
    headers = [("DPoP", proof) for proof in proofs]
    if token:
        headers.append(("Authorization", f"{scheme} {token}"))
    return await browser.http.get(f"{USERINFO}{query}", headers=headers)


async def test_p23_a_token_opens_by_its_header_and_its_key_alone(
    browser: Browser, ann: Account, made: Made
) -> None:
    """RFC6750-2.1, RFC9449-7.1, PROTOCOL-P23: whatever letters the scheme is written in."""
    holder, other = Holder(), Holder()
    token = (await tokens(browser, made, holder))["access_token"]
    for scheme in ("DPoP", "dpOp", "DPOP"):
        proof = holder.proof(USERINFO, "GET", token)
        assert (await ask_userinfo(browser, token, proof, scheme=scheme)).status_code == 200
    proof = holder.proof(USERINFO, "GET", token)
    assert (
        await ask_userinfo(browser, "", proof, query=f"?access_token={token}")
    ).status_code == 401
    stolen = other.proof(USERINFO, "GET", token)
    assert (await ask_userinfo(browser, token, stolen)).status_code == 401
    assert (await ask_userinfo(browser, token, scheme="bEaReR")).status_code == 401
