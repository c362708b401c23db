"""`keycell admin issuer`: whose assertions are taken; and the metadata that CIBA needs."""

import json
from pathlib import Path

import pytest

from ..server import keycell, keycell_json
from .test_admin import add_user

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ISSUER = "https://work.example/oidc"
KEYS = {"keys": [{"kty": "EC", "crv": "P-256", "x": "x", "y": "y"}]}


@pytest.fixture
def here(tmp_path: Path) -> tuple[str, str]:
    return ("--data", str(tmp_path / "data"))


def test_an_issuer_is_trusted_listed_and_removed(here: tuple[str, str], tmp_path: Path) -> None:
    """RFC7523-2.1, decisions/0056."""
    add_user(here, "ann")
    made = keycell_json("admin", "client", "add", "Payroll", "--grant-type", JWT_BEARER, *here)
    keys = tmp_path / "jwks.json"
    keys.write_text(json.dumps(KEYS))
    put = ("admin", "issuer", "put", ISSUER, "--client", made["client_id"], *here)
    asked = ("--scope", "openid files.read", "--jwks", str(keys), "--subject", "u=1=ann")
    told = keycell_json(*put, *asked)
    assert told == {
        "issuer": ISSUER, "label": "work.example", "clients": [made["client_id"]],
        "scope": "files.read openid", "jwks_uri": None, "has_jwks": True, "match": "listed",
        "subjects": {"u=1": "ann"},
    }  # fmt: skip
    by_uri = ("--scope", "openid", "--jwks-uri", "https://work.example/jwks", "--match", "login")
    keycell(*put, *by_uri)
    (one,) = keycell_json("admin", "issuer", "list", *here)["items"]
    assert (one["match"], one["subjects"], one["has_jwks"]) == ("login", {}, False)
    assert ISSUER in keycell("admin", "issuer", "list", *here).stdout
    for wrong, code in (
        (("--scope", "admin", "--jwks", str(keys)), 2),
        (("--scope", "openid"), 2),
        (("--scope", "openid", "--jwks", str(tmp_path / "none")), 2),
        (("--scope", "openid", "--jwks", str(keys), "--subject", "ann"), 2),
        (("--scope", "openid", "--jwks", str(keys), "--subject", "u=nobody"), 3),
    ):
        keycell(*put, *wrong, code=code)
    keycell("admin", "issuer", "remove", ISSUER, *here)
    keycell("admin", "issuer", "remove", ISSUER, *here, code=3)


def test_an_application_that_asks_from_the_back(here: tuple[str, str]) -> None:
    """CIBA-4."""
    add = ("admin", "client", "add", "Till", "--grant-type", "urn:openid:params:grant-type:ciba")
    assert "token_delivery_mode" in keycell(*add, *here, code=2).stderr
    poll = '{"backchannel_token_delivery_mode":"poll"}'
    made = keycell_json(*add, "--metadata", poll, *here)
    shown = keycell_json("admin", "client", "show", made["client_id"], *here)
    assert shown["backchannel_token_delivery_mode"] == "poll"
    keycell("admin", "client", "update", made["client_id"], "--name", "Till 2", *here)


def test_what_metadata_say_stands_unless_an_option_says_otherwise(tmp_path: Path) -> None:
    here = ("--data", str(tmp_path / "data"))
    add = ("admin", "client", "add", "Wiki", *here, "--metadata")
    said = {"redirect_uris": ["https://wiki.example/cb"], "grant_types": ["authorization_code"]}
    made = keycell_json(*add, json.dumps(said))
    assert {name: made[name] for name in said} == said
    # A client that is answered somewhere signs people in, whichever way that was said.
    made = keycell_json(*add, json.dumps({"redirect_uris": said["redirect_uris"]}))
    assert made["grant_types"] == ["authorization_code", "refresh_token"]
    made = keycell_json(*add, json.dumps(said), "--grant-type", "client_credentials")
    assert made["grant_types"] == ["client_credentials"]
