"""The quickstart of Go, built and run as it stands on the page. UX-V02."""

import subprocess
from pathlib import Path

from playwright.sync_api import Page, expect

from ..journeys.applications import register
from ..journeys.conftest import sign_in
from ..journeys.test_quickstarts import running, shown
from ..postgres import free_port
from ..server import Server

MODULES = ("github.com/coreos/go-oidc/v3/oidc@v3.21.0", "golang.org/x/oauth2@v0.38.0")


def test_a_person_signs_in(page: Page, server: Server, tmp_path: Path) -> None:
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    client_id, secret = register(server, "go", origin, "/callback")
    text = shown(server, "go", client_id)
    (tmp_path / "main.go").write_text(f"{text}\n")
    for command in (("mod", "init", "app"), ("get", *MODULES), ("vet",), ("build", "-o", "app")):
        subprocess.run(["go", *command], cwd=tmp_path, check=True, timeout=300)
    assert subprocess.check_output(["gofmt", "-l", "main.go"], cwd=tmp_path) == b""
    with running([str(tmp_path / "app")], tmp_path, port, CLIENT_SECRET=secret):
        page.goto(f"{origin}/login")
        sign_in(page)
        page.click("#consent-accept")
        page.wait_for_url(f"{origin}/callback**")
        expect(page.locator("body")).to_have_text("Hello ann")
        page.goto(f"{origin}/callback?state=other&code=x")
        expect(page.locator("body")).to_contain_text("begin at /login")
