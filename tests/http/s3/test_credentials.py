"""Whose request it is: tokens and pairs, and what each of them opens."""

from datetime import timedelta

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from keycell.accounts.audit import MACHINE
from keycell.bootstrap import World
from keycell.provider.personal import Wish
from keycell.provider.personal_tokens import By, make_document_token, make_token
from keycell.provider.register import Made

from ...conftest import BASE, Browser
from .conftest import S3, code, somebody_else, token_for


async def test_a_bearer_token_opens_the_same(s3: S3) -> None:
    """RFC6750-2.1."""
    bearer = {"Authorization": f"Bearer {s3.token}"}
    put = await s3.http.put("/io/personal-files/a", content=b"abc", headers=bearer)
    assert put.status_code == 200
    got = await s3.http.get("/io/personal-files/a", headers=bearer | {"Range": "bytes=-2"})
    assert (got.status_code, got.content) == (206, b"bc")


async def test_without_a_token_that_stands_nothing_opens(s3: S3) -> None:
    """RFC6750-3.1."""
    none = await s3.http.get("/io/personal-files/a")
    assert code(none) == "401 AccessDenied"
    assert none.headers["www-authenticate"].startswith("Bearer ")
    bad = await s3.http.get("/io/personal-files/a", headers={"Authorization": "Bearer nonsense"})
    assert code(bad) == "401 InvalidAccessKeyId"
    assert 'error="invalid_token"' in bad.headers["www-authenticate"]
    assert code(await S3(s3.http, "nonsense").ask("GET", "a")) == "403 InvalidAccessKeyId"
    assert code(await S3(s3.http, s3.token, "other").ask("GET", "a")) == (
        "403 SignatureDoesNotMatch"
    )


async def test_attack_63_of_two_who_ask_neither_does(s3: S3) -> None:
    """RFC9110-5.3, attack 63: whoever stands in front may have looked at the other one."""
    bearer = ("Authorization", f"Bearer {s3.token}")
    for second in (bearer, ("Authorization", "Bearer x"), ("Authorization", "")):
        told = await s3.http.get("/io?list-type=2", headers=[bearer, second])
        assert code(told) == "400 InvalidArgument"


async def test_a_token_without_a_file_scope_opens_nothing(
    s3: S3, browser: Browser, app: Made
) -> None:
    poor = S3(s3.http, await token_for(browser, app, "openid profile"))
    assert code(await poor.ask("GET", "personal-files/a")) == "403 AccessDenied"
    reader = S3(s3.http, await token_for(browser, app, "openid files.read"))
    await s3.put("personal-files/a")
    assert (await reader.ask("GET", "personal-files/a")).status_code == 200
    assert code(await reader.ask("PUT", "personal-files/a", b"y")) == "403 AccessDenied"
    assert code(await reader.ask("DELETE", "personal-files/a")) == "403 AccessDenied"


async def test_an_ended_token_is_refused_at_once(s3: S3, app: Made, browser: Browser) -> None:
    tokens = await browser.tokens(app, "openid files.write offline_access")
    ended = S3(s3.http, tokens["access_token"])
    assert (await ended.ask("GET", list_type="2")).status_code == 200
    await browser.http.post(
        "/oidc/oauth2/revoke",
        data={"token": tokens["refresh_token"]},
        auth=(app.client.client_id, app.secret or ""),
    )
    assert code(await ended.ask("GET", list_type="2")) == "403 InvalidAccessKeyId"


async def test_other_peoples_files_are_not_there(
    s3: S3, world: World, browser: Browser, app: Made
) -> None:
    """ATTACKS: a token for one on a path of another."""
    await s3.put("personal-files/secret", b"ann's")
    bob = await somebody_else(world, browser, app)
    assert code(await bob.ask("GET", "personal-files/secret")) == "404 NoSuchKey"
    source = {"x-amz-copy-source": "io/personal-files/secret"}
    assert code(await bob.ask("PUT", "personal-files/b", headers=source)) == "404 NoSuchKey"
    assert "personal-files/secret" not in await bob.keys()


async def test_a_token_that_reads_one_object_presigns_its_url(s3: S3, world: World) -> None:
    """DESIGN 10."""
    await s3.put("personal-files/a", b"one")
    await s3.put("personal-files/b", b"two")
    account = await world.people.accounts.find_by_login("ann")
    assert account is not None
    space = await world.files.spaces.find("personal-files", account.sub)
    assert space is not None
    node = (await world.files.nodes.resolve(space.root_id, ("a",))).node
    made = await make_document_token(world.provider, account, node.node_id, "", By(MACHINE))

    def presigned(token: str, method: str, key: str) -> str:
        request = AWSRequest(method, f"{BASE}/io/{key}")
        signer = S3SigV4QueryAuth(Credentials(token, s3.secret), "s3", "us-east-1", expires=60)
        signer.add_auth(request)
        return str(request.url)

    got = await s3.http.get(presigned(made[0], "GET", "personal-files/a"))
    assert (got.status_code, got.content) == (200, b"one")
    other = await s3.http.get(presigned(made[0], "GET", "personal-files/b"))
    assert code(other) == "404 NoSuchKey"
    written = await s3.http.put(presigned(made[0], "PUT", "personal-files/a"), content=b"x")
    assert code(written) == "403 AccessDenied"
    whole = await s3.http.get(presigned(s3.token, "GET", "personal-files/a"))
    assert code(whole) == "403 AccessDenied"
    # Whoever has the URL has the token: one that reads a whole folder is no one-object token.
    wish = Wish(label="x", scopes=(f"node:{space.root_id}:r",), auto_refresh=timedelta(hours=1))
    folders, _ = await make_token(world.provider, account, wish, By(MACHINE))
    of_folder = await s3.http.get(presigned(folders, "GET", "personal-files/a"))
    assert code(of_folder) == "403 AccessDenied"
