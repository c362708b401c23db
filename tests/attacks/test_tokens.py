"""Tokens: rows 30 to 45 of the attacks to survive."""

import asyncio
import base64
import json
import shutil
from dataclasses import replace
from pathlib import Path

import httpx2
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from keycell.accounts.administration import NewAccount, add_account, disable
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.provider.register import Made
from keycell.server import make_app
from keycell.settings import Settings

from ..conftest import BASE, PASSWORD, Browser, add_client, keep_client
from ..opening import opening


async def introspected(browser: Browser, made: Made, token: str) -> dict[str, object]:
    response = await browser.http.post(
        "/oidc/oauth2/introspect", data={"token": token},
        auth=(made.client.client_id, str(made.secret)),
    )  # fmt: skip
    body: dict[str, object] = response.json()
    return body


async def revoke(browser: Browser, made: Made, token: str) -> int:
    response = await browser.http.post(
        "/oidc/oauth2/revoke", data={"token": token},
        auth=(made.client.client_id, str(made.secret)),
    )  # fmt: skip
    return response.status_code


async def test_attack_30_31_refresh_reuse_through_a_race_and_a_restart(
    either_settings: Settings,
) -> None:
    """RFC9700-4.14.2, attacks 30 and 31: twenty at once, one successor; a restart forgets nothing.

    decisions/0005.
    """
    async with opening(either_settings) as world:
        browser, app = await _signed_in(world)
        first = (await browser.tokens(app))["refresh_token"]
        answers = await asyncio.gather(*(browser.refresh(app, first) for _ in range(20)))
        assert {one.status_code for one in answers} == {200}
        (second,) = {one.json()["refresh_token"] for one in answers}
        again = await asyncio.gather(*(browser.refresh(app, second) for _ in range(20)))
        (third,) = {one.json()["refresh_token"] for one in again}
        await browser.http.aclose()
    async with opening(either_settings) as world:
        browser = _browser(world)
        assert (await browser.refresh(app, second)).json()["refresh_token"] == third
        replayed = await browser.refresh(app, first)
        assert replayed.json()["error"] == "invalid_grant"
        assert (await browser.refresh(app, third)).json()["error"] == "invalid_grant"
        await browser.http.aclose()


def _browser(world: World) -> Browser:
    transport = httpx2.ASGITransport(app=make_app(world))
    return Browser(world, httpx2.AsyncClient(transport=transport, base_url=BASE))


async def _signed_in(world: World) -> tuple[Browser, Made]:
    await add_account(world.people, NewAccount(login="ann", password=PASSWORD), "test")
    return _browser(world), await add_client(world)


async def test_attack_32_what_was_revoked_is_not_had_again(
    browser: Browser, app: Made, world: World, ann: Account
) -> None:
    """RFC7009-2.1, attack 32: not within the minute either; and by nobody else."""
    other = await add_client(world)
    first = await browser.tokens(app)
    second = (await browser.refresh(app, first["refresh_token"])).json()
    for token in (first["refresh_token"], second["refresh_token"], second["access_token"]):
        assert await revoke(browser, other, token) == 200
    assert (await browser.refresh(app, first["refresh_token"])).status_code == 200
    assert await revoke(browser, app, second["refresh_token"]) == 200
    for token in (first["refresh_token"], second["refresh_token"]):
        assert (await browser.refresh(app, token)).json()["error"] == "invalid_grant"
    assert (await browser.userinfo(second["access_token"])).status_code == 401


async def test_attack_33_a_disabled_person_or_client_gets_nothing(
    browser: Browser, app: Made, world: World, ann: Account
) -> None:
    """RFC6749-6, attack 33."""
    other = await add_client(world)
    kept, tokens = await browser.tokens(app), await browser.tokens(other)
    code = await browser.code(app)
    await keep_client(world, replace(other.client, disabled=True))
    assert (await browser.refresh(other, tokens["refresh_token"])).status_code == 401
    assert (await browser.userinfo(tokens["access_token"])).status_code == 401
    await disable(world.people, ann, "test")
    assert (await browser.refresh(app, kept["refresh_token"])).status_code == 400
    assert (await browser.exchange(app, code)).status_code == 400
    assert (await browser.userinfo(kept["access_token"])).status_code == 401
    assert await introspected(browser, app, kept["access_token"]) == {"active": False}
    assert await introspected(browser, app, kept["refresh_token"]) == {"active": False}
    page = await browser.authorize(app, prompt="none")
    assert "login_required" in page.headers["location"]


async def test_attack_34_35_36_nothing_widens(
    browser: Browser, world: World, ann: Account
) -> None:
    """RFC6749-6, RFC8707-2.2, attacks 34, 35 and 36."""
    files, mail = "https://files.example/", "https://mail.example/"
    made = await add_client(
        world, audience=[files, mail], scope="openid email offline_access files.read",
        grant_types=["authorization_code", "refresh_token", "client_credentials"],
    )  # fmt: skip
    code = await browser.code(
        made, scope="openid phone admin offline_access email", resource=files
    )
    tokens = (await browser.exchange(made, code)).json()
    assert set(tokens["scope"].split()) == {"openid", "email", "offline_access"}
    refresh = tokens["refresh_token"]
    for wider in (
        {"resource": mail}, {"resource": BASE}, {"scope": "openid files.read"},
        {"scope": "openid admin"}, {"scope": "openid phone"},
    ):  # fmt: skip
        refused = await browser.refresh(made, refresh, **wider)
        assert refused.json()["error"] in ("invalid_scope", "invalid_target"), wider
    for scope in ("openid", "admin", "email", "files.read admin", "files.write"):
        own = await browser.token(made, grant_type="client_credentials", scope=scope)
        assert own.json()["error"] == "invalid_scope", scope
    own = await browser.token(made, grant_type="client_credentials")
    assert own.json()["scope"] == "files.read"


async def test_attack_40_a_token_of_another_provider(
    browser: Browser, app: Made, ann: Account, tmp_path: Path
) -> None:
    """RFC9068-4, attack 40: signed as ours are, by another Keycell of the same issuer."""
    other = Settings(data=tmp_path / "other", public_url=BASE)
    async with opening(other) as elsewhere:
        stranger, their_app = await _signed_in(elsewhere)
        tokens = await stranger.tokens(their_app)
        await stranger.http.aclose()
    shutil.rmtree(tmp_path / "other")
    await browser.code(app)
    assert (await browser.userinfo(tokens["access_token"])).status_code == 401
    assert await introspected(browser, app, tokens["access_token"]) == {"active": False}
    hinted = await browser.authorize(app, prompt="none", id_token_hint=tokens["id_token"])
    assert "error=invalid_request" in hinted.headers["location"]
    left = await browser.http.get(
        "/oidc/oauth2/sessions/logout", params={"id_token_hint": tokens["id_token"]}
    )
    assert left.status_code == 400


async def test_attack_42_43_introspection_by_audience_and_scope(
    browser: Browser, world: World, ann: Account
) -> None:
    """RFC7662-2.2, attacks 42 and 43."""
    resource = "https://files.example/"
    files, nosy = await add_client(world, audience=[resource]), await add_client(world)
    asking = await add_client(world, audience=[resource])
    scope = "openid email offline_access"
    code = await browser.code(asking, scope=scope, resource=resource)
    tokens = (await browser.exchange(asking, code)).json()
    told = await introspected(browser, files, tokens["access_token"])
    assert told["active"] is True
    assert told["aud"] == resource
    assert await introspected(browser, nosy, tokens["access_token"]) == {"active": False}
    # The next token of the same grant has its own scope.
    narrow = (await browser.refresh(asking, tokens["refresh_token"], scope="openid")).json()
    assert (await introspected(browser, files, narrow["access_token"]))["scope"] == "openid"
    wide = str((await introspected(browser, files, tokens["access_token"]))["scope"])
    assert "email" in wide


async def test_attack_44_45_cut_short_or_of_another_kind(
    browser: Browser, app: Made, world: World, ann: Account
) -> None:
    """RFC8725-3.11, attacks 44 and 45."""
    opaque = await add_client(world)
    await keep_client(world, replace(opaque.client, access_token_format="opaque"))
    tokens, theirs = await browser.tokens(app), await browser.tokens(opaque)
    assert theirs["access_token"].startswith("kca_")
    assert (await browser.userinfo(theirs["access_token"])).status_code == 200
    for token in (tokens["access_token"], theirs["access_token"], tokens["refresh_token"]):
        for cut in (token[:-1], token[1:], token[: len(token) // 2], token + "A", token.upper()):
            assert (await browser.userinfo(cut)).status_code == 401
            assert await introspected(browser, app, cut) == {"active": False}
    signed = await add_client(world, userinfo_signed_response_alg="ES256")
    userinfo = await browser.userinfo((await browser.tokens(signed))["access_token"])
    wrong = (tokens["id_token"], tokens["refresh_token"], userinfo.text)
    for token in wrong:
        assert (await browser.userinfo(token)).status_code == 401
        header = {"Authorization": f"Bearer {token}"}
        rest = await browser.http.get("/a/config/oauth2clients", headers=header)
        assert rest.status_code == 401
    for hint in (tokens["access_token"], userinfo.text):
        page = await browser.authorize(app, prompt="none", id_token_hint=hint)
        assert "error=invalid_request" in page.headers["location"]


def _part(document: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


async def test_attack_48_49_50_51_a_header_of_ones_own(
    browser: Browser, app: Made, ann: Account
) -> None:
    """RFC8725-3.1, RFC7515-4.1.11, attacks 48 to 51."""
    token = (await browser.tokens(app))["access_token"]
    head, payload, signature = token.split(".")
    header = json.loads(base64.urlsafe_b64decode(head + "=="))
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    jwks = (await browser.http.get("/oidc/.well-known/jwks.json")).json()
    (ours,) = [key for key in jwks["keys"] if key["kid"] == header["kid"]]
    own = ECKey.generate_key("P-256")
    forged = []
    for alg in ("none", "NONE", "nOnE", "HS256", "", None):
        forged += [f"{_part({**header, 'alg': alg})}.{payload}.{end}" for end in ("", signature)]
    for secret in (json.dumps(ours), ours["x"], json.dumps(jwks)):
        octets = OctKey.import_key(secret)
        forged.append(jwt.encode({**header, "alg": "HS256"}, claims, octets))
    extras: list[dict[str, object]] = [
        {"jwk": own.as_dict(private=False)}, {"jku": "https://evil.example/jwks"},
        {"x5u": "https://evil.example/x"}, {"kid": "../../etc/passwd"}, {"kid": None},
        {"crit": ["exp"]}, {"crit": []}, {"b64": False}, {"zip": "DEF"},
    ]  # fmt: skip
    for extra in extras:
        forged.append(f"{_part({**header, **extra})}.{payload}.{signature}")
        with_own = jwt.encode({"alg": "ES256", "typ": "at+jwt"}, claims, own)
        forged.append(f"{_part({**header, **extra})}.{with_own.partition('.')[2]}")
    for one in forged:
        assert (await browser.userinfo(one)).status_code == 401, one[:80]
    assert (await browser.userinfo(token)).status_code == 200
