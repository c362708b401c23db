"""openid-client by mutual TLS: FAPI 2 with certificates in the place of keys and proofs."""

import json
import os
import ssl
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest

from ..application import follow, submit
from ..certificates import NAME, Certificate, authority, certificate
from ..postgres import free_port
from ..server import keycell, keycell_json, serving
from ..test_tls import pem
from .applications import HERE, node_modules

CALLBACK = "https://app.example/callback"
PASSWORD = "correct horse battery"
CA = authority()
BY_NAME = certificate(NAME, issuer=CA)
ALONE = certificate("CN=whoever")
KINDS: Mapping[str, tuple[Certificate, Mapping[str, object]]] = {
    "tls_client_auth": (BY_NAME, {"tls_client_auth_subject_dn": NAME}),
    "self_signed_tls_client_auth": (ALONE, {"jwks": ALONE.jwks}),
}


def registered(method: str, data: Path) -> tuple[str, Certificate]:
    """Make Ann an account, and register a client; give what it shows."""
    shown, said = KINDS[method]
    where = ("--data", str(data))
    keycell("admin", "user", "add", "ann", "--password-stdin", *where, stdin=PASSWORD)
    metadata = {
        "profile": "fapi2", "token_endpoint_auth_method": method,
        "tls_client_certificate_bound_access_tokens": True, **said,
    }  # fmt: skip
    made = keycell_json("admin", "client", "add", "Certified", "--redirect-uri", CALLBACK,
                        "--metadata", json.dumps(metadata), *where)  # fmt: skip
    return made["client_id"], shown


def signed_in(environment: Mapping[str, str], person: httpx2.Client) -> dict[str, Any]:
    """Let the client send somebody's browser, and give what it tells at the end."""
    command = ["node", str(HERE / "certified_client.mjs")]
    with subprocess.Popen(
        command, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        to = process.stdout.readline().strip()
        assert "request_uri=" in to
        page = follow(person, person.get(to))
        page = submit(person, page, username="ann", password=PASSWORD)
        page = submit(person, page, action="accept")
        process.stdin.write(page.headers["location"] + "\n")
        process.stdin.flush()
        told: dict[str, Any] = json.loads(process.stdout.readline())
        return told


@pytest.mark.parametrize("method", KINDS)
def test_a_client_signs_somebody_in_and_reads_their_files(tmp_path: Path, method: str) -> None:
    """RFC8705-2.1, RFC8705-2.2, RFC8705-3, RFC8705-5, RFC9126-2, FAPI2-SP-5.3.2.1, P17, P23."""
    client_id, shown = registered(method, tmp_path / "data")
    node_modules()
    chain, private = pem(tmp_path / "localhost")
    cert, key = shown.write(tmp_path / "client")
    (tmp_path / "ca.pem").write_text(CA.pem)
    port = free_port()
    flags = ("--tls-cert", str(chain), "--tls-key", str(private), "--mtls-port", str(port),
             "--client-ca", str(tmp_path / "ca.pem"))  # fmt: skip
    with serving(tmp_path / "data", *flags) as server:
        environment = os.environ | {
            "ISSUER": f"{server.url}/oidc", "CLIENT_ID": client_id, "CALLBACK": CALLBACK,
            "CA": str(chain), "CERT": cert, "KEY": key,
            "FILES": f"https://localhost:{port}/a/tree/stat/personal-files",
        }  # fmt: skip
        trusted = ssl.create_default_context(cafile=str(chain))
        with httpx2.Client(base_url=server.url, verify=trusted) as person:
            told = signed_in(environment, person)
        assert server.stop() == 0
        assert "Traceback" not in server.log.read_text()
    assert told.pop("sub")
    assert [one.lower() for one in told.pop("types")] == ["bearer", "bearer"]
    assert told == {"files": 200, "bare": 401, "cnf": {"x5t#S256": shown.x5t}}
