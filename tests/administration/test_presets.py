"""Presets: what is registered, and every block of configuration, letter by letter."""

from pathlib import Path

import pytest

from keycell.accounts.errors import Invalid
from keycell.administration.preset_table import PRESETS
from keycell.administration.presets import (
    Filling,
    Preset,
    block,
    check_client_id,
    preset_metadata,
    read_base,
    read_name,
)
from keycell.oauth.metadata import Endpoints
from keycell.oauth.registration import read_client_metadata

GOLDEN = Path(__file__).parent / "golden"
ENDPOINTS = Endpoints("https://id.example.org/oidc", "https://id.example.org")
SECRET = "k1_Zx-9secret"


def each() -> list[Preset]:
    return list(PRESETS.values())


@pytest.mark.parametrize("preset", each(), ids=lambda one: one.preset_id)
def test_its_block_is_the_golden_one(preset: Preset) -> None:
    """The other half of an agreement: a changed letter is one that somebody must mean."""
    base = read_base(preset.example)
    filling = Filling(
        base=base, name=read_name(preset, None), client_id="the-client", client_secret=SECRET
    )
    golden = GOLDEN / f"{preset.preset_id}.{preset.kind}"
    written = block(preset, ENDPOINTS, filling)
    assert written == golden.read_text()
    assert (SECRET in written) is not preset.is_public
    assert "the-client" in written
    assert "id.example.org" in written


@pytest.mark.parametrize("preset", each(), ids=lambda one: one.preset_id)
def test_its_registration_is_one_that_is_taken(preset: Preset) -> None:
    """RFC7591-2: byte for byte, queries and bare origins included."""
    base = read_base(preset.example)
    metadata = preset_metadata(preset, base, read_name(preset, None))
    checked = read_client_metadata(metadata)
    assert list(checked.redirect_uris) == metadata["redirect_uris"]
    assert list(checked.post_logout_redirect_uris) == metadata["post_logout_redirect_uris"]
    assert checked.token_endpoint_auth_method == preset.method


def test_no_block_is_without_its_preset() -> None:
    kept = {path.stem for path in GOLDEN.iterdir()}
    assert kept == set(PRESETS)


def test_the_traps() -> None:
    """UX A9: what people trip over when they write it themselves."""

    def uris(preset_id: str, base: str, name: str | None = None) -> list[str]:
        preset = PRESETS[preset_id]
        found: list[str] = preset_metadata(preset, read_base(base), read_name(preset, name))[
            "redirect_uris"
        ]
        return found

    assert uris("wordpress", "https://x.example/blog/") == [
        "https://x.example/blog/wp-admin/admin-ajax.php?action=openid-connect-authorize"
    ]
    assert uris("proxmox", ["https://10.0.0.5:8006/", "v1:0"][0]) == ["https://10.0.0.5:8006"]
    assert uris("gitea", "https://git.example", "sso") == [
        "https://git.example/user/oauth2/sso/callback"
    ]
    assert uris("paperless", "https://p.example")[0].endswith("/login/callback/")
    assert "https://photos.example/api/oauth/mobile-redirect" in uris(
        "immich", "https://photos.example"
    )


@pytest.mark.parametrize(
    "text",
    [
        "", "grafana.example.org", "ftp://x.example", "https://", "https://x.example?a=b",
        "https://x.example/#a", "https://u:p@x.example", "https://x.example/a b",
        "https://x.example/$HOME", "https://x.example/'; rm -rf", "https://x.example:99999",
        "https://x.example:0", "https://[::1", "https://x.example/" + "a" * 500,
        "https://x.example/\n[auth]", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    """Nothing gets into another application's configuration that its language could read."""
    with pytest.raises(Invalid, match="expected the application's own address"):
        read_base(text)


def test_an_address_is_taken_as_it_stands_in_the_address_bar() -> None:
    assert read_base(" https://Grafana.Example.org/ ").url == "https://grafana.example.org"
    assert read_base("https://x.example/a/").url == "https://x.example/a"
    assert read_base("https://[::1]:3000/a").origin == "https://[::1]:3000"


@pytest.mark.parametrize("name", ["../x", "a/b", "a b", "-x", "x" * 41, "a'b", "$x"])
def test_a_name_that_could_not_stand_in_an_address_is_refused(name: str) -> None:
    with pytest.raises(Invalid, match="name in its addresses"):
        read_name(PRESETS["gitea"], name)


@pytest.mark.parametrize("client_id", ["a'b", 'a"b', "a$b", "a b", "", "a\\b"])
def test_an_identifier_that_could_not_stand_in_a_block_is_refused(client_id: str) -> None:
    with pytest.raises(Invalid, match="letters, digits"):
        check_client_id(client_id)
