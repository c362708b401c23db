"""What is set: by a variable, or by a flag that mends it."""

from pathlib import Path

import pytest

from keycell.settings import BadSetting, Settings, read_settings, variable, write_settings

SET = Settings(
    data=Path("/srv/keycell"),
    host="0.0.0.0",
    port=9000,
    public_url="http://id.example.org",
    also_at=("https://a.example", "https://b.example"),
    database="postgresql://keycell@db/keycell",
    workers=4,
    trusted_proxies=("10.0.0.0/8", "::1"),
    insecure_http=True,
    issuer_slash=True,
    registration="open",
    show_registered_redirects="never",
    fetch_networks=("192.168.0.0/16",),
    sealing_key="x" * 43,
    log_level="debug",
    access_log=True,
)


def test_processes_read_what_was_written_for_them() -> None:
    assert read_settings(write_settings(SET)) == SET
    assert read_settings(write_settings(Settings())) == Settings()


def test_the_sealing_key_is_never_shown() -> None:
    assert SET.sealing_key not in repr(SET)


@pytest.mark.parametrize("said", ["1", "true", "YES"])
def test_yes_is_said_in_several_ways(said: str) -> None:
    url = {"KEYCELL_PUBLIC_URL": "http://id.example.org"}
    assert read_settings(url | {"KEYCELL_INSECURE_HTTP": said}).insecure_http
    with pytest.raises(BadSetting, match="https"):
        read_settings(url | {"KEYCELL_INSECURE_HTTP": "no"})


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("public_url", "http://id.example.org", "--insecure-http"),
        ("public_url", "id.example.org", "expected one like https"),
        ("public_url", "https://user@id.example.org", "expected one like https"),
        ("public_url", "https://id.example.org/keycell", "write https://id.example.org"),
        ("public_url", "https://[::1", "cannot be read"),
        ("also_at", "https://a.example,ftp://b.example", "ftp://b.example"),
        ("port", "0", "1 to 65535"),
        ("port", "http", "expected a number"),
        ("workers", "65", "1 to 64"),
        ("tls_cert", "/etc/hostname", "go together"),
        ("database", "mysql://x", "expected postgresql"),
        ("database", "postgresql://x", "KEYCELL_SEALING_KEY"),
        ("trusted_proxies", "*", "10.0.0.0/8"),
        ("fetch_networks", "intranet", "10.0.0.0/8"),
        ("registration", "maybe", "closed, token, open"),
        ("show_registered_redirects", "x", "always, administrators, never"),
        ("log_level", "loud", "debug, info, warning, error"),
        ("access_log", "perhaps", "expected true or false"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(name: str, value: str, sentence: str) -> None:
    with pytest.raises(BadSetting) as refused:
        read_settings({variable(name): value})
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)
