"""The provider that other projects' tests have: it is a real one."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest

from keycell.oauth.pkce import s256
from keycell.oauth.token import BACKCHANNEL
from keycell.testing.running import Person, RunningProvider, running

from .test_docs import block

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"


def test_an_application_is_answered_without_a_browser(keycell_provider: RunningProvider) -> None:
    """RFC6749-4.1: from where the application sends people, to its callback."""
    client = keycell_provider.add_client("https://app.example/callback")
    found = httpx2.get(f"{keycell_provider.issuer}/.well-known/openid-configuration").json()
    query = {
        "client_id": client.client_id, "redirect_uri": client.redirect_uri, "scope": "openid",
        "response_type": "code", "state": "a&b=c", "code_challenge": s256(VERIFIER),
        "code_challenge_method": "S256",
    }  # fmt: skip
    url = str(httpx2.URL(found["authorization_endpoint"], params=query))
    back = keycell_provider.sign_in(url, keycell_provider.add_person())
    assert back.startswith("https://app.example/callback?")
    answer = dict(parse_qsl(urlsplit(back).query))
    assert answer["state"] == "a&b=c"
    assert answer["iss"] == found["issuer"] == keycell_provider.issuer
    assert answer["code"]


def test_tokens_of_public_and_confidential_clients(keycell_provider: RunningProvider) -> None:
    """RFC6749-2.1."""
    public = keycell_provider.add_client("https://spa.example/", token_endpoint_auth_method="none")
    assert public.client_secret is None
    for client in (public, keycell_provider.add_client()):
        person = keycell_provider.add_person()
        tokens = keycell_provider.tokens(client, person, scope="openid offline_access")
        assert {"access_token", "id_token", "refresh_token"} <= set(tokens)


def test_people_decide_about_requests_from_the_back(keycell_provider: RunningProvider) -> None:
    """CIBA-8: yes to one person's two, no to another's."""
    client = keycell_provider.add_client(
        grant_types=[BACKCHANNEL], backchannel_token_delivery_mode="poll", redirect_uris=[]
    )
    basic = (client.client_id, client.client_secret or "")
    glad, wary = keycell_provider.add_person(), keycell_provider.add_person()
    statuses = []
    with httpx2.Client(auth=basic, base_url=f"{keycell_provider.issuer}/oauth2/") as http:
        ids = [
            http.post("bc-authorize", data={"scope": "openid", "login_hint": one.login}).json()
            for one in (glad, glad, wary)
        ]
        assert keycell_provider.decide(glad) == 2
        assert keycell_provider.decide(glad) == 0
        assert keycell_provider.decide(wary, allow=False) == 1
        for one in ids:
            form = {"grant_type": BACKCHANNEL, "auth_req_id": one["auth_req_id"]}
            statuses.append(http.post("token", data=form).status_code)
    assert statuses == [200, 200, 400]


def test_whoever_gives_a_wrong_password_does_not_get_in(keycell_provider: RunningProvider) -> None:
    person = keycell_provider.add_person()
    thief = Person(person.sub, person.login, "a password that is none")
    with pytest.raises(AssertionError, match="401"):
        keycell_provider.tokens(keycell_provider.add_client(), thief)


def test_what_the_page_says_works_in_a_project_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "test_application.py").write_text(block("python", "keycell_provider"))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error",
         "-o", "asyncio_default_fixture_loop_scope=function", "test_application.py"],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
        # In the folder that this run has, it would shut out whoever else runs there: PostgreSQL.
        env=os.environ | {"PYTEST_DEBUG_TEMPROOT": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


def test_a_run_that_does_not_ask_for_it_loads_nothing_of_the_server() -> None:
    """Whoever has the client alone has the plugin too, and none of what the server needs."""
    said = "import sys, keycell.testing; print({'starlette', 'sqlalchemy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_whoever_waits_is_told_why_there_is_no_provider(tmp_path: Path) -> None:
    (tmp_path / "keycell.db").mkdir()
    with pytest.raises(Exception, match="unable to open"), running(tmp_path):
        pass
