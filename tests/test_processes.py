"""Two servers on one database, as two machines are: they agree on everything. decisions/0013."""

import base64
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from joserfc import jws

from keycell.oauth.encryption import KEY_FAMILIES

from .application import CALLBACK, VERIFIER, Application, register, userinfo
from .holder import Holder
from .server import Server, keycell, keycell_json, serving
from .waiting import until

KEY = {"KEYCELL_SEALING_KEY": base64.urlsafe_b64encode(bytes(range(32))).rstrip(b"=").decode()}


@dataclass(frozen=True)
class Pair:
    """Two servers, and what reaches the database that they share."""

    one: Server
    two: Server
    where: tuple[str, ...]
    app: Application

    @property
    def urls(self) -> list[str]:
        """Twenty addresses, those of one and of the other in turn."""
        return [self.one.url, self.two.url] * 10

    def person(self) -> httpx2.Client:
        return httpx2.Client(base_url=self.one.url)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def pair(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("pair")
    if request.param == "sqlite":
        yield from _paired(folder, f"sqlite:///{folder / 'keycell.db'}")
        return
    with request.getfixturevalue("postgres").database() as url:
        yield from _paired(folder, url)


def _paired(folder: Path, url: str) -> Iterator[Pair]:
    where = ("--database", url, "--data", str(folder))
    one = Server(folder / "one", ("--database", url), KEY)
    two = Server(folder / "two", ("--database", url, "--public-url", one.url), KEY)
    with ThreadPoolExecutor() as threads:
        list(threads.map(Server.start, (one, two)))  # on an empty database, both at once
    try:
        yield Pair(one, two, where, register(*where, environment=KEY))
    finally:
        assert [one.stop(), two.stop()] == [0, 0]


def at_once(ask: Callable[[str], httpx2.Response], urls: list[str]) -> list[httpx2.Response]:
    with ThreadPoolExecutor(len(urls)) as threads:
        return list(threads.map(ask, urls))


def kids(url: str, use: str = "sig") -> set[str]:
    found = httpx2.get(f"{url}/oidc/.well-known/jwks.json").json()["keys"]
    return {key["kid"] for key in found if key["use"] == use}


def test_two_that_start_at_once_make_one_set_of_keys(pair: Pair) -> None:
    listed = keycell_json("admin", "keys", "list", *pair.where, environment=KEY)["items"]
    states = Counter((key["alg"], key["state"]) for key in listed)
    assert set(states.values()) == {1}
    assert {state for _, state in states} == {"current", "next"}
    signing = {key["kid"] for key in listed if key["alg"] not in KEY_FAMILIES}
    assert kids(pair.one.url) == kids(pair.two.url) == signing
    assert len(kids(pair.one.url, "enc")) == len(KEY_FAMILIES)
    assert kids(pair.one.url, "enc") == kids(pair.two.url, "enc")


def test_of_twenty_exchanges_in_two_processes_one_is_answered(pair: Pair) -> None:
    """RFC6749-4.1.2."""
    with pair.person() as person:
        code = pair.app.code(person)
    responses = at_once(lambda url: pair.app.exchange(url, code), pair.urls)
    assert sorted(response.status_code for response in responses) == [200] + [400] * 19
    assert {r.json()["error"] for r in responses if r.status_code == 400} == {"invalid_grant"}


def test_twenty_refreshes_in_two_processes_have_one_successor(pair: Pair) -> None:
    """decisions/0005."""
    with pair.person() as person:
        token = pair.app.tokens(pair.one.url, person)["refresh_token"]
    responses = at_once(lambda url: pair.app.refresh(url, token), pair.urls)
    assert [response.status_code for response in responses] == [200] * 20
    successors = {response.json()["refresh_token"] for response in responses}
    assert len(successors) == 1
    assert pair.app.refresh(pair.two.url, successors.pop()).status_code == 200


def test_what_ends_in_one_process_is_ended_in_the_other(pair: Pair) -> None:
    """RFC7009-2.1."""
    with pair.person() as person:
        tokens = pair.app.tokens(pair.one.url, person)
    assert userinfo(pair.two.url, tokens["access_token"]) == 200
    httpx2.post(
        f"{pair.one.url}/oidc/oauth2/revoke",
        data={"token": tokens["refresh_token"]},
        auth=(pair.app.client_id, pair.app.secret),
    ).raise_for_status()
    assert userinfo(pair.two.url, tokens["access_token"]) == 401
    assert pair.app.refresh(pair.two.url, tokens["refresh_token"]).status_code == 400


def test_attack_46_a_proof_counts_once_in_all_processes(pair: Pair) -> None:
    """RFC9449-11.1: at the token endpoint, and with the token that was bound by it."""
    holder, basic = Holder(), (pair.app.client_id, pair.app.secret)
    proof = holder.proof(f"{pair.one.url}/oidc/oauth2/token")
    with pair.person() as person:
        codes = iter([pair.app.code(person) for _ in range(6)])

    def exchange(url: str) -> httpx2.Response:
        form = {"grant_type": "authorization_code", "code": next(codes),
                "redirect_uri": CALLBACK, "code_verifier": VERIFIER}  # fmt: skip
        return httpx2.post(f"{url}/oidc/oauth2/token", data=form, auth=basic,
                           headers={"DPoP": proof}, timeout=30)  # fmt: skip

    told = at_once(exchange, pair.urls[:6])
    assert sorted(one.status_code for one in told) == [200] + [400] * 5
    (token,) = [one.json()["access_token"] for one in told if one.is_success]
    where = f"{pair.one.url}/oidc/userinfo"
    headers = {"Authorization": f"DPoP {token}", "DPoP": holder.proof(where, "GET", token)}
    told = at_once(
        lambda url: httpx2.get(f"{url}/oidc/userinfo", headers=headers, timeout=30), pair.urls
    )
    assert sorted(one.status_code for one in told) == [200] + [401] * 19


def go_on(pair: Pair, token: str, number: int, is_over: threading.Event) -> set[str]:
    """Refresh until it is over; give the names of the keys that signed what came."""
    signed_by: set[str] = set()
    while not is_over.is_set():
        number += 1
        response = pair.app.refresh(pair.urls[number % 20], token)
        assert response.status_code == 200, response.text
        answer, token = response.json(), response.json()["refresh_token"]
        # Whoever looks the keys up after an answer finds the one that signed it, everywhere.
        named = {kid_of(answer["access_token"]), kid_of(answer["id_token"])}
        assert named <= kids(pair.urls[(number + 1) % 20])
        assert userinfo(pair.urls[number % 20], answer["access_token"]) == 200
        signed_by |= named
    return signed_by


def test_keys_rotate_under_load_and_every_token_stands(pair: Pair) -> None:
    """OIDCC-10.1.1: whoever refreshes meanwhile notices nothing, in either process."""
    with pair.person() as person:
        chains = [pair.app.tokens(pair.one.url, person)["refresh_token"] for _ in range(8)]
    is_over = threading.Event()
    with ThreadPoolExecutor(len(chains)) as threads:
        going = [
            threads.submit(go_on, pair, token, number, is_over)
            for number, token in enumerate(chains)
        ]
        try:
            for _ in range(3):
                keycell("admin", "keys", "rotate", "--urgent", *pair.where, environment=KEY)
                time.sleep(1)
        finally:
            is_over.set()
        signed_by = set[str]().union(*(done.result() for done in going))
    assert len(signed_by) > 2  # an access token's key and an ID token's, and others after


def test_keys_that_a_command_rotates_change_in_every_process(pair: Pair) -> None:
    """OIDCC-10.1.1: what was signed before is good still."""
    with pair.person() as person:
        tokens = pair.app.tokens(pair.one.url, person)
    before = kids(pair.one.url)
    keycell("admin", "keys", "rotate", "--urgent", *pair.where, environment=KEY)
    for url in (pair.one.url, pair.two.url):
        until(lambda url=url: before < kids(url))  # type: ignore[misc]
        assert userinfo(url, tokens["access_token"]) == 200
    listed = keycell_json("admin", "keys", "list", *pair.where, environment=KEY)["items"]
    current = {key["kid"] for key in listed if key["state"] == "current"}
    opening = {key["kid"] for key in listed if key["alg"] in KEY_FAMILIES}
    for url in (pair.one.url, pair.two.url):
        # Algorithms rotate one by one: a process may have looked between two of them.
        until(lambda url=url: kids(url, "enc") == current & opening)  # type: ignore[misc]
    assert current - opening <= before  # published before they signed
    fresh = [pair.app.refresh(pair.two.url, tokens["refresh_token"]).json()]
    fresh.append(pair.app.refresh(pair.one.url, fresh[0]["refresh_token"]).json())
    for answer in fresh:
        assert kid_of(answer["access_token"]) in current
        assert kid_of(answer["id_token"]) in current
        assert userinfo(pair.one.url, answer["access_token"]) == 200


def kid_of(token: str) -> str:
    return str(jws.extract_compact(token.encode()).headers()["kid"])


def test_a_client_that_a_command_removes_is_gone_in_every_process(pair: Pair) -> None:
    made = keycell_json("admin", "client", "add", "Short", "--grant-type", "client_credentials",
                        *pair.where, environment=KEY)  # fmt: skip
    short = Application(made["client_id"], made["client_secret"])

    def statuses() -> list[int]:
        asked = at_once(lambda url: short.token(url, grant_type="client_credentials"), pair.urls)
        return sorted({response.status_code for response in asked})

    assert statuses() == [200]
    keycell("admin", "client", "remove", short.client_id, *pair.where, environment=KEY)
    # 429 once it has been refused often enough: nobody hears it any more.
    until(lambda: {*statuses()} <= {401, 429})


def test_workers_of_one_server_agree(tmp_path: Path) -> None:
    """RFC6749-4.1.2: `--workers 2`."""
    data = tmp_path / "data"
    app = register("--data", str(data))
    with (
        serving(data, "--workers", "2") as server,
        httpx2.Client(base_url=server.url) as person,
    ):
        urls = [server.url] * 20
        code = app.code(person)
        responses = at_once(lambda url: app.exchange(url, code), urls)
        assert sorted(response.status_code for response in responses) == [200] + [400] * 19
        token = app.tokens(server.url, person)["refresh_token"]
        responses = at_once(lambda url: app.refresh(url, token), urls)
        assert len({response.json()["refresh_token"] for response in responses}) == 1
