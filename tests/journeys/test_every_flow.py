"""openid-client and oauth4webapi (npm) complete every flow that they support."""

import json
import os
import re
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
from joserfc.jwk import ECKey

from ..application import follow, submit
from ..postgres import free_port
from ..server import Server, keycell, keycell_json, serving
from .applications import HERE, node_modules

CALLBACK = "https://app.example/callback"
PATIENCE = 120
"""Seconds until a program that waits for what never comes is ended."""
PASSWORD = "correct horse battery"
KEY = ECKey.generate_key("P-256", {"kid": "mine", "use": "sig", "alg": "ES256"})
GRANTS = [
    "authorization_code", "implicit", "refresh_token", "client_credentials",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:token-exchange",
    "urn:openid:params:grant-type:ciba",
]  # fmt: skip
EVERYTHING = {
    "response_types": ["code", "id_token", "code id_token"],
    "jwks": {"keys": [KEY.as_dict(private=False)]},
    "backchannel_token_delivery_mode": "poll",
}  # fmt: skip
SECRET_KEY = ECKey.generate_key("P-256", {"kid": "sealed", "use": "enc", "alg": "ECDH-ES+A128KW"})
ENCRYPTED = {
    "jwks": {"keys": [KEY.as_dict(private=False), SECRET_KEY.as_dict(private=False)]},
    "id_token_encrypted_response_alg": "ECDH-ES+A128KW",
    "userinfo_signed_response_alg": "ES256",
    "userinfo_encrypted_response_alg": "ECDH-ES+A128KW",
    "authorization_encrypted_response_alg": "ECDH-ES+A128KW",
}
FAPI_CIBA = {
    "profile": "fapi2", "jwks": {"keys": [KEY.as_dict(private=False)]},
    "backchannel_token_delivery_mode": "poll",
}  # fmt: skip
BY_SECRET = ("client_secret_basic", "client_secret_post", "client_secret_jwt")
USED = {"name": "Ann Example", "active": True, "after": False, "type": "bearer"}
NAMED = {"name": "Ann Example"}

OF_OPENID_CLIENT = {
    **dict.fromkeys(BY_SECRET, USED),
    **dict.fromkeys(("private_key_jwt", "form_post", "hybrid", "hybrid_form_post", "detached",
                     "jarm", "jar", "par", "par_of_jar", "par_of_encrypted_jar", "device",
                     "from_the_back", "encrypted", "encrypted_jarm", "registration"), USED),
    "pinged_from_the_back": USED | {"named": True, "ours": True},
    "dpop_with_nonce": USED | {"type": "dpop"},
    "native_sso": {"name": "Ann Example", "same": True, "own": True},
    "everything_at_once": USED | {"type": "dpop"},
    "id_token": NAMED,
    "id_token_form_post": NAMED,
    "client_credentials": {"active": True},
    "exchange": {"scope": "openid", "kind": True},
}  # fmt: skip
OF_OAUTH4WEBAPI = {
    **dict.fromkeys(
        ("code", "jar_and_jarm", "hybrid", "detached", "device"), USED | {"files": 200}
    ),
    "exchange": {"scope": "openid", "kind": True},
    **dict.fromkeys(("par_and_dpop", "fapi_ciba"), USED | {"files": 200, "type": "dpop"}),
    "resource_server": {"client": True, "named": True},
    "client_credentials": {"type": "bearer"},
    "registration": {"named": "Itself", "id": "string"},
}


@dataclass(frozen=True)
class Place:
    """A server, whoever is at its browser, and what the programs are told of it."""

    server: Server
    person: httpx2.Client
    environments: dict[str, dict[str, str]]

    def run(self, script: str, flow: str) -> dict[str, Any]:
        """Run a flow of a script; give what came of it."""
        environment = os.environ | self.environments.get(
            flow, self.environments["private_key_jwt"]
        )
        with subprocess.Popen(
            ["node", str(HERE / script), flow], env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        ) as process:  # fmt: skip
            stop = threading.Timer(PATIENCE, process.kill)
            stop.start()
            assert process.stdin is not None
            assert process.stdout is not None
            assert process.stderr is not None
            for line in process.stdout:
                if not line.startswith("http"):
                    stop.cancel()
                    found: dict[str, Any] = json.loads(line)
                    return found
                process.stdin.write(self.visit(line.strip()) + "\n")
                process.stdin.flush()
            stop.cancel()
            raise AssertionError(process.stderr.read())

    def visit(self, url: str) -> str:
        """Go where a browser is sent, say yes to all, and tell where it is sent back to."""
        page = follow(self.person, self.person.get(url))
        for button, fields in (
            ("login-submit", {"username": "ann", "password": PASSWORD}),
            ("device-find", {"action": "find", "user_code": url.rpartition("=")[2]}),
            ("device-accept", {"action": "accept"}),
            ("request-accept-1", {"action": "accept"}),
            ("consent-accept", {"action": "accept"}),
        ):
            if f'id="{button}"' in page.text:
                page = submit(self.person, page, **fields)
        if "location" in page.headers:
            return str(page.headers["location"])
        if f'action="{CALLBACK}"' not in page.text:
            return url
        hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text)
        return f"POST {urlencode(hidden)}"


def by_key(name: str, metadata: dict[str, Any], data: Path) -> dict[str, Any]:
    """Register an application that proves itself by its key, for all that goes with it."""
    asks = "backchannel_token_delivery_mode" in metadata
    grants = [*GRANTS[:1], "refresh_token", *(GRANTS[-1:] if asks else ())]
    if metadata.get("response_types"):
        grants.append("implicit")
    made: dict[str, Any] = keycell_json(
        "admin", "client", "add", name, "--redirect-uri", CALLBACK, "--auth-method",
        "private_key_jwt", *(word for grant in grants for word in ("--grant-type", grant)),
        "--metadata", json.dumps(metadata), "--data", str(data),
    )  # fmt: skip
    return made


def in_suite(name: str, data: Path) -> dict[str, Any]:
    """Register an application of a publisher that has several, none of which keeps a secret."""
    made: dict[str, Any] = keycell_json(
        "admin", "client", "add", name, "--public", "--redirect-uri", CALLBACK,
        "--data", str(data),
    )  # fmt: skip
    keycell("admin", "client", "suite", made["client_id"], "acme", "--data", str(data))
    return made


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    data = tmp_path_factory.mktemp("flows") / "data"
    here = ("--data", str(data))
    node_modules()
    keycell("admin", "user", "add", "ann", "--name", "Ann Example", "--password-stdin", *here,
            stdin=PASSWORD)  # fmt: skip
    made: dict[str, dict[str, Any]] = {}
    for method in (*BY_SECRET, "private_key_jwt"):
        is_all = method == "private_key_jwt"
        grants = GRANTS if is_all else ["authorization_code", "refresh_token"]
        made[method] = keycell_json(
            "admin", "client", "add", method, "--redirect-uri", CALLBACK, "--auth-method", method,
            *(word for grant in grants for word in ("--grant-type", grant)),
            "--metadata", json.dumps(EVERYTHING if is_all else {}), *here,
        )  # fmt: skip
    made["encrypted"] = made["encrypted_jarm"] = by_key("encrypted", ENCRYPTED, data)
    made["dpop_with_nonce"] = made["client_secret_basic"]
    ping = f"http://127.0.0.1:{free_port()}/ping"
    made["pinged_from_the_back"] = by_key(
        "pinged", EVERYTHING | {"backchannel_token_delivery_mode": "ping",
                                "backchannel_client_notification_endpoint": ping}, data,
    )  # fmt: skip
    made["fapi_ciba"] = by_key("fapi_ciba", FAPI_CIBA, data)
    made["native_sso"], other = (in_suite(name, data) for name in ("mail", "chat"))
    inside = ("--fetch-network", "127.0.0.0/8")
    with serving(data, "--registration", "open", *inside) as server:
        common = {
            "ISSUER": f"{server.url}/oidc", "CALLBACK": CALLBACK, "RESOURCE": server.url,
            "KEY": json.dumps(KEY.as_dict(private=True)),
            "SECRET_KEY": json.dumps(SECRET_KEY.as_dict(private=True)),
            "OTHER_ID": other["client_id"], "PING": ping,
        }  # fmt: skip
        environments = {
            name: common
            | {"CLIENT_ID": one["client_id"], "SECRET": one.get("client_secret") or ""}
            for name, one in made.items()
        }
        with httpx2.Client(base_url=server.url) as person:
            yield Place(server, person, environments)


@pytest.mark.parametrize("flow", list(OF_OPENID_CLIENT))
def test_openid_client(place: Place, flow: str) -> None:
    """OIDCC-3.1, OIDCC-3.2, OIDCC-3.3, RFC8628-3, RFC9101-5, RFC9126-2, RFC9449-5, RFC8693-2.

    CIBA-7, CIBA-10.2, RFC7516-5, RFC9101-6.1, RFC9449-8, NSSO-3.2.
    """
    assert place.run("openid_client_flows.mjs", flow) == OF_OPENID_CLIENT[flow]


@pytest.mark.parametrize("flow", list(OF_OAUTH4WEBAPI))
def test_oauth4webapi(place: Place, flow: str) -> None:
    """RFC6749-4.1, RFC9068-4, RFC9701-5, RFC9728-3, RFC7591-3, RFC9207-2, FAPI-CIBA-5.2.2."""
    assert place.run("oauth4webapi_flows.mjs", flow) == OF_OAUTH4WEBAPI[flow]
