"""Tokens that are bound to a key: each request that is sent proves that its sender has it."""

import hashlib
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from keycell.client import objects, proofs
from keycell.client.credentials import FileKeeper, Tokens
from keycell.client.discovery import discover
from keycell.client.errors import SignInRequired
from keycell.client.profiles import Profile
from keycell.client.retries import RetryingTransport
from keycell.client.session import Session, bind, open_http, open_session
from keycell.client.signing_in import SignIn, by_pasting, who
from keycell.client.tokens import read_tokens

from ..application import PASSWORD, follow, submit
from ..server import Server

BODY = objects.Body(b"a", hashlib.sha256(b"a").hexdigest())


async def sign_in(server: Server, key: str) -> tuple[Tokens, str]:
    """Sign Ann in as the command line does; give the tokens and where her browser went."""
    shown: list[str] = []
    with httpx2.Client(base_url=server.url) as person:

        async def pasted() -> str:
            page = follow(person, person.get(shown[0]))
            page = submit(person, page, username="ann", password=PASSWORD)
            page = submit(person, page, action="accept")
            return page.headers["location"]

        async with open_http(server.url) as (http, _):
            metadata = await discover(http, server.url, fresh=True)
            going = SignIn(http, metadata, key=key)
            tokens = await by_pasting(going, server.url, shown.append, pasted)
            assert (await who(http, metadata, tokens))["preferred_username"] == "ann"
    return tokens, shown[0]


@pytest.fixture
async def bound(home: Path, server: Server) -> AsyncIterator[Session]:
    """Ann's session by tokens that are bound to a key."""
    profile = Profile("default", server.url, storage="file")
    tokens, _ = await sign_in(server, proofs.mint_key())
    FileKeeper().write("default", tokens)
    async with open_session(profile) as session:
        yield session


async def test_a_sign_in_is_bound_from_the_code_on(home: Path, server: Server) -> None:
    """RFC9449-5, RFC9449-10."""
    key = proofs.mint_key()
    tokens, address = await sign_in(server, key)
    assert parse_qs(urlsplit(address).query)["dpop_jkt"] == [proofs.prover_of(key).jkt]
    assert tokens.key == key
    assert key not in repr(tokens)
    bare = {"Authorization": f"Bearer {tokens.access_token}"}
    assert httpx2.get(f"{server.url}/oidc/userinfo", headers=bare).status_code == 401


async def test_each_request_proves_it(bound: Session) -> None:
    """RFC9449-7.1: REST, S3 and a refresh; none of them twice by one proof."""
    await objects.put(bound, "personal-files/a.txt", BODY, objects.ALWAYS, {})
    assert (await bound.request("GET", "/a/tree/stat/personal-files/a.txt")).status_code == 200
    davs = await bound.http.request("PROPFIND", "/dav/personal-files", headers={"Depth": "1"})
    assert davs.status_code == 207
    # Two flows look at this one's token; its proof still counts once.
    assert (await bound.request("GET", "/a/keycell/account/export.zip")).content[:2] == b"PK"
    before = bound.auth.current()
    fresh = await bound.auth.fresh(bound.http, forced=True)
    assert fresh.key == before.key
    assert fresh.access_token != before.access_token
    assert (await bound.request("GET", "/a/tree/stat/personal-files/a.txt")).status_code == 200


async def test_a_refresh_without_the_key_is_refused(bound: Session, server: Server) -> None:
    """RFC9449-5: a refresh token that somebody copied is of no use to them."""
    form = {"grant_type": "refresh_token", "client_id": "keycell-cli",
            "refresh_token": bound.auth.current().refresh_token}  # fmt: skip
    refused = httpx2.post(f"{server.url}/oidc/oauth2/token", data=form)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert (await bound.auth.fresh(bound.http, forced=True)).access_token


@pytest.mark.parametrize("hours", [-3, 3])
async def test_whose_clock_is_off_goes_on_by_a_nonce(bound: Session, hours: int) -> None:
    """RFC9449-8, RFC9449-9: at the token endpoint and at the files, bodies too."""
    prover = proofs.prover_of(bound.auth.current().key)
    prover.clock = lambda: time.time() + hours * 3600
    await objects.put(bound, f"personal-files/{hours}.txt", BODY, objects.ALWAYS, {})
    prover.heed(httpx2.Response(200, headers={"DPoP-Nonce": "none-of-ours"}))
    assert (await bound.auth.fresh(bound.http, forced=True)).access_token
    assert (await bound.request("GET", "/a/tree/stat/personal-files")).status_code == 200


async def test_what_is_sent_again_is_proven_again(bound: Session, server: Server) -> None:
    """RFC9449-11.1: the first one may have arrived."""
    sent: list[str] = []

    class Losing(httpx2.AsyncBaseTransport):
        """Loses the first answers of a real server."""

        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            sent.append(request.headers["dpop"])
            response = await real.handle_async_request(request)
            if len(sent) < 3:
                await response.aclose()
                raise httpx2.ReadError("cut")
            return response

    async with httpx2.AsyncHTTPTransport() as real:
        again = httpx2.AsyncClient(base_url=server.url, transport=RetryingTransport(Losing()))
        session = bind(bound.profile, FileKeeper(), again, bound.metadata, bound.transport)
        answer = await session.request("GET", "/a/tree/stat/personal-files")
    assert answer.status_code == 200
    assert len(set(sent)) == 3


async def test_a_sign_in_of_before_goes_on_as_it_is(home: Path, server: Server) -> None:
    """What is kept of it names no key: it goes by Bearer, and its refresh without a proof."""
    tokens, _ = await sign_in(server, "")
    old = {name: getattr(tokens, name) for name in ("access_token", "refresh_token", "expires_at",
                                                    "scope")}  # fmt: skip
    FileKeeper().write("default", Tokens.read(json.dumps(old)))
    async with open_session(Profile("default", server.url, storage="file")) as session:
        fresh = await session.auth.fresh(session.http, forced=True)
        assert fresh.key == ""
        assert (await session.request("GET", "/a/tree/stat/personal-files")).status_code == 200


def test_a_server_that_binds_nothing_is_believed() -> None:
    """RFC9449-5: the token's type says so."""
    answer = {"access_token": "a", "token_type": "Bearer"}
    assert read_tokens(answer, 0, "key").key == ""
    assert not proofs.takes_proofs({})
    assert not proofs.takes_proofs({"dpop_signing_alg_values_supported": ["RS256"]})


def test_a_key_that_cannot_be_read_asks_for_a_sign_in() -> None:
    with pytest.raises(SignInRequired):
        proofs.prover_of("{}")


def test_nothing_is_sent_again_for_a_nonce_that_it_had() -> None:
    """RFC9449-8.2."""
    prover = proofs.prover_of(proofs.mint_key())
    refused = httpx2.Response(401, headers={"DPoP-Nonce": "n"})
    assert prover.heed(refused)
    assert not prover.heed(refused)
    assert not prover.heed(httpx2.Response(401))
