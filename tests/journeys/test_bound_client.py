"""openid-client with everything that FAPI 2 asks of a client: its key, PAR, PKCE and DPoP."""

import json
import os
import subprocess
from pathlib import Path

import httpx2
from joserfc.jwk import ECKey

from ..application import follow, submit
from ..server import keycell, keycell_json, serving
from .applications import HERE, node_modules

CALLBACK = "https://app.example/callback"
PASSWORD = "correct horse battery"


def test_a_client_signs_somebody_in_and_reads_their_files(tmp_path: Path) -> None:
    """RFC9126-2, RFC9449-5, RFC9449-7.1, RFC7523-2.2."""
    data = ("--data", str(tmp_path / "data"))
    keycell("admin", "user", "add", "ann", "--password-stdin", *data, stdin=PASSWORD)
    key = ECKey.generate_key("P-256", {"kid": "mine", "use": "sig", "alg": "ES256"})
    metadata = {"profile": "fapi2", "jwks": {"keys": [key.as_dict(private=False)]}}
    made = keycell_json("admin", "client", "add", "Bound", "--redirect-uri", CALLBACK,
                        "--metadata", json.dumps(metadata), *data)  # fmt: skip
    node_modules()
    with serving(tmp_path / "data") as server:
        environment = os.environ | {
            "ISSUER": f"{server.url}/oidc", "CLIENT_ID": made["client_id"], "CALLBACK": CALLBACK,
            "KEY": json.dumps(key.as_dict(private=True)),
            "RESOURCE": f"{server.url}/a/tree/stat/personal-files",
        }  # fmt: skip
        command = ["node", str(HERE / "bound_client.mjs")]
        with subprocess.Popen(
            command, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            to = process.stdout.readline().strip()
            assert "request_uri=" in to
            with httpx2.Client(base_url=server.url) as person:
                page = follow(person, person.get(to))
                page = submit(person, page, username="ann", password=PASSWORD)
                page = submit(person, page, action="accept")
            process.stdin.write(page.headers["location"] + "\n")
            process.stdin.flush()
            told = json.loads(process.stdout.readline())
    assert told.pop("sub")
    assert [one.lower() for one in told.pop("types")] == ["dpop", "dpop"]
    assert told == {"files": 200, "bare": 401}
