"""A person signs in to real applications that were given nothing but their preset's block."""

import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

from ..journeys.conftest import sign_in
from ..postgres import free_port
from ..server import Server
from .running import PROGRAMS, register, running, wait_until


def enter(page: Page) -> None:
    """Sign in and consent, wherever an application has led to."""
    sign_in(page)
    page.get_by_role("button", name="Allow").click()


def test_oauth2_proxy(server: Server, page: Page, tmp_path: Path) -> None:
    """In front of an application that knows nobody."""
    site, port, behind = tmp_path / "site", free_port(), free_port()
    site.mkdir()
    (site / "index.html").write_text("<h1>Behind the proxy</h1>")
    base = f"http://localhost:{port}"
    block = register(server, "oauth2-proxy", base).block
    secret = "0123456789abcdef0123456789abcdef"
    assert "cookie_secret" in block
    config = tmp_path / "oauth2-proxy.cfg"
    config.write_text("\n".join(
        [f'cookie_secret = "{secret}"' if line.startswith("cookie_secret") else line
         for line in block.splitlines()]
        + [f'http_address = "127.0.0.1:{port}"', f'upstreams = ["http://127.0.0.1:{behind}/"]']
    ))  # fmt: skip
    served = [sys.executable, "-m", "http.server", str(behind), "--bind", "127.0.0.1"]
    proxy = [str(PROGRAMS / "bin" / "oauth2-proxy"), "--config", str(config)]
    with running(served, behind, site), running(proxy, port, tmp_path):
        page.goto(f"{base}/")
        page.get_by_role("button", name="Sign in with Keycell").click()
        enter(page)
        expect(page.get_by_role("heading", name="Behind the proxy")).to_be_visible()
        told = page.request.get(f"{base}/oauth2/userinfo").json()
        assert (told["email"], told["preferredUsername"]) == ("ann@example.org", "ann")


def test_synapse(server: Server, page: Page, tmp_path: Path) -> None:
    """Its own API says who signed in, and no more once the session here has ended. OIDCBCL-2.8."""
    port = free_port()
    base = f"http://localhost:{port}"
    block = register(server, "synapse", base).block
    program = str(PROGRAMS / "synapse" / "bin" / "synapse_homeserver")
    own, added = tmp_path / "homeserver.yaml", tmp_path / "keycell.yaml"
    subprocess.run(
        [program, "--server-name", "localhost", "--config-path", str(own), "--generate-config",
         "--report-stats", "no"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    # It wants issuers to be https, but for this.
    provider = block.replace("idp_name:", "skip_verification: true\n    idp_name:")
    listens = {"port": port, "type": "http", "bind_addresses": ["127.0.0.1"],
               "resources": [{"names": ["client"]}]}  # fmt: skip
    added.write_text(f"{provider}\nlisteners: {json.dumps([listens])}\n")
    api = f"{base}/_matrix/client/v3"
    with running([program, "-c", str(own), "-c", str(added)], port, tmp_path):
        page.goto(f"{api}/login/sso/redirect?redirectUrl={base}/_matrix/client/versions")
        enter(page)
        page.get_by_role("link", name="Continue").click()
        page.wait_for_url("**loginToken=*")
        (token,) = parse_qs(urlsplit(page.url).query)["loginToken"]
        said = {"type": "m.login.token", "token": token}
        entered = page.request.post(f"{api}/login", data=said).json()
        assert entered["user_id"] == "@ann:localhost"
        shown = {"Authorization": f"Bearer {entered['access_token']}"}
        assert page.request.get(f"{api}/account/whoami", headers=shown).status == 200
        profile = page.request.get(f"{api}/profile/@ann:localhost", headers=shown).json()
        assert profile["displayname"] == "Ann Example"


def test_jupyterhub(server: Server, page: Page, tmp_path: Path) -> None:
    """Somebody of whom its machine knows nothing is in it, by their name here."""
    port, proxied, hub = free_port(), free_port(), free_port()
    base = f"http://localhost:{port}"
    proxy = PROGRAMS / "node_modules" / ".bin" / "configurable-http-proxy"
    config = tmp_path / "jupyterhub_config.py"
    config.write_text(
        register(server, "jupyterhub", base).block
        + f"""
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_port = {hub}
c.JupyterHub.default_url = "/hub/home"
c.JupyterHub.spawner_class = "simple"
c.ConfigurableHTTPProxy.command = ["{proxy}"]
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxied}"
"""
    )
    program = [str(PROGRAMS / "jupyterhub" / "bin" / "jupyterhub"), "--config", str(config)]
    with running(program, port, tmp_path):
        # The proxy listens before the hub behind it does.
        wait_until(lambda: page.request.get(f"{base}/hub/api/").ok)
        page.goto(f"{base}/hub/login")
        page.get_by_text("Sign in with Keycell").click()
        enter(page)
        page.wait_for_url("**/hub/home")
        expect(page.get_by_text("ann", exact=True)).to_be_visible()
