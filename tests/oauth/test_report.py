"""Each rule of the report, kept and not. RFC9700-2, RFC9700-4, FAPI2SP-5."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from keycell.oauth.clients import Client, ClientMetadata
from keycell.oauth.metadata import Endpoints, provider_metadata
from keycell.oauth.mutual_tls import NO_MUTUAL_TLS, MutualTls
from keycell.oauth.report import (
    Finding,
    Registered,
    Server,
    Verdict,
    fails,
    is_ready_for_fapi,
    judge,
    registered,
)
from keycell.oauth.report_clients import CLIENT_RULES
from keycell.oauth.report_server import SERVER_RULES
from keycell.oauth.sentences import in_english

FIELD = re.compile(r"%\((\w+)\)s")
NOW = datetime(2026, 11, 26, tzinfo=UTC)
METADATA = provider_metadata(
    Endpoints("https://id.example/oidc", "https://id.example"),
    takes_registrations=True, ui_locales=(),
)  # fmt: skip
BOUND = {**METADATA, "dpop_signing_alg_values_supported": ["ES256"]}
UNBOUND = {
    name: value
    for name, value in METADATA.items()
    if name not in (
        "dpop_signing_alg_values_supported", "tls_client_certificate_bound_access_tokens",
    )
}  # fmt: skip
SERVER = Server(
    issuer="https://id.example/oidc", metadata=BOUND, code_lifetime=timedelta(seconds=60),
    access_token_lifetime=timedelta(minutes=10), allows_http=False, registration="token",
    fetch_networks=(), trusted_proxies=("10.0.0.7", "127.0.0.0/8"),
)  # fmt: skip
CLIENT = Client(
    client_id="app", came_by="cli", created_at=NOW,
    metadata=ClientMetadata(
        redirect_uris=("https://app.example/cb", "org.example.app:/cb"),
        scope=frozenset({"openid"}), token_endpoint_auth_method="private_key_jwt",
        id_token_signed_response_alg="ES256", require_pushed_authorization_requests=True,
        backchannel_logout_uri="https://app.example/out",
    ),
)  # fmt: skip
SECRET = replace(
    CLIENT,
    metadata=replace(CLIENT.metadata, token_endpoint_auth_method="client_secret_basic"),
)


def checked(findings: Sequence[Finding]) -> dict[str, Verdict]:
    """Give the verdicts, of which each is told by sentences whose fields are all filled."""
    for one in findings:
        for said in (one.asks, one.judged.found, one.judged.mend):
            if said is not None:
                assert set(FIELD.findall(said.template)) == set(said.values)
                assert "%" not in said.told(in_english)
    return {one.name: one.judged.verdict for one in findings}


def verdict_on_server(name: str, changed: Mapping[str, Any]) -> Verdict | None:
    return checked(judge(SERVER_RULES, replace(SERVER, **changed))).get(name)


def seen(client: Client, **members: object) -> Registered:
    found = registered(client, NOW)
    return replace(found, members={**found.members, **members})


def verdict_on(name: str, client: Client, **members: object) -> Verdict | None:
    return checked(judge(CLIENT_RULES, seen(client, **members))).get(name)


def test_a_server_and_a_client_that_keep_every_rule() -> None:
    client = seen(CLIENT, dpop_bound_access_tokens=True)
    for findings in (judge(SERVER_RULES, SERVER), judge(CLIENT_RULES, client)):
        assert {one.judged.verdict for one in findings} == {"met"}
        assert not fails(findings)
        assert is_ready_for_fapi(findings)
        assert all(one.judged.found and not one.judged.mend for one in findings)


@pytest.mark.parametrize(
    ("name", "changed", "verdict"),
    [
        ("https", {"issuer": "http://id.example/oidc"}, "broken"),
        ("https", {"issuer": "http://localhost:8080/oidc"}, "advised"),
        ("https", {"issuer": "http://[::1]:8080/oidc"}, "advised"),
        ("fapi-https", {"issuer": "http://localhost:8080/oidc"}, "broken"),
        ("http-redirects", {"allows_http": True}, "broken"),
        ("pkce", {"metadata": {**BOUND, "code_challenge_methods_supported": ["plain", "S256"]}},
         "broken"),
        ("mix-up", {"metadata": {}}, "broken"),
        ("front-channel", {"metadata": {**BOUND, "response_types_supported": ["code", "token"]}},
         "met"),
        ("password-grant", {"metadata": {**BOUND, "grant_types_supported": ["password"]}},
         "broken"),
        ("codes", {"code_lifetime": timedelta(minutes=10)}, "broken"),
        ("lifetimes", {"access_token_lifetime": timedelta(days=1)}, "advised"),
        ("sender-constraint", {"metadata": UNBOUND}, "advised"),
        ("fapi-sender-constraint", {"metadata": UNBOUND}, "broken"),
        ("sender-constraint",
         {"metadata": {**UNBOUND, "tls_client_certificate_bound_access_tokens": True}}, "met"),
        ("keys-not-secrets",
         {"metadata": {**BOUND, "token_endpoint_auth_methods_supported": ["client_secret_post"]}},
         "advised"),
        ("registration", {"registration": "open"}, "advised"),
        ("registration", {"registration": "closed"}, "met"),
        ("fetching", {"fetch_networks": ("10.0.0.0/8",)}, "advised"),
        ("proxies", {"trusted_proxies": ("0.0.0.0/0",)}, "broken"),
        ("proxies", {"trusted_proxies": ("unix",)}, "met"),
        ("proxies", {"trusted_proxies": ()}, None),
        ("fapi-par", {"metadata": {}}, "broken"),
        ("fapi-algorithms", {"metadata": {}}, "broken"),
    ],
)  # fmt: skip
def test_what_a_server_is_told(name: str, changed: dict[str, Any], verdict: str | None) -> None:
    assert verdict_on_server(name, changed) == verdict


APP = "https://app.example/cb"


def with_uris(*uris: str, **metadata: Any) -> Client:  # noqa: ANN401  (any field's value)
    return replace(CLIENT, metadata=replace(CLIENT.metadata, redirect_uris=uris, **metadata))


@pytest.mark.parametrize(
    ("name", "client", "verdict"),
    [
        ("https-redirects", with_uris("http://app.example/cb"), "broken"),
        ("https-redirects", with_uris("http://127.0.0.1/cb", "http://[::1]/cb"), "met"),
        ("https-redirects", with_uris(), None),
        ("loopback", with_uris("http://localhost:7070/cb", application_type="native"), "advised"),
        ("loopback", with_uris("http://localhost:7070/cb"), None),
        ("loopback",
         replace(with_uris("http://localhost/cb", application_type="native"), is_first_party=True),
         None),
        ("schemes", with_uris("myapp:/cb"), "advised"),
        ("schemes", with_uris("urn:ietf:wg:oauth:2.0:oob"), None),
        ("client-pkce", replace(CLIENT, require_pkce=False), "advised"),
        ("client-pkce",
         replace(with_uris("https://a.example/", token_endpoint_auth_method="none"),
                 require_pkce=False), "broken"),
        ("client-pkce", replace(CLIENT, require_pkce=False, is_first_party=True), "advised"),
        ("client-pkce", with_uris(grant_types=("client_credentials",)), None),
        ("response-types", with_uris("https://a.example/", response_types=("id_token token",)),
         "broken"),
        ("response-types", with_uris("https://a.example/", response_types=("code id_token",)),
         "met"),
        ("authentication", with_uris(token_endpoint_auth_method="none"), "met"),
        ("authentication", SECRET, "advised"),
        ("authentication", replace(SECRET, secret_hmac="kept"), "advised"),
        ("secret", SECRET, "met"),
        ("secret", replace(SECRET, secret_expires_at=NOW), "broken"),
        ("secret", replace(SECRET, secret_made_at=NOW - timedelta(days=731)), "advised"),
        ("secret", CLIENT, None),
        ("privileges", with_uris(scope=None), "advised"),
        ("privileges", replace(CLIENT, is_first_party=True), None),
        ("authentication", replace(SECRET, is_first_party=True), "met"),
        ("client-sender-constraint", CLIENT, "advised"),
        ("client-sender-constraint", replace(CLIENT, is_first_party=True), "met"),
        ("client-sender-constraint", replace(CLIENT, is_first_party=True, require_pkce=False),
         "advised"),
        ("logout", with_uris(backchannel_logout_uri="http://a.example/out"), "advised"),
        ("logout", with_uris(APP, frontchannel_logout_uri="https://app.example/out"), "met"),
        ("logout", with_uris(APP, frontchannel_logout_uri="https://app.example:4/out"), "broken"),
        ("logout", with_uris(APP, frontchannel_logout_uri="http://app.example/out"), "broken"),
        ("logout", with_uris(APP, frontchannel_logout_uri="https://evil.example/out"), "broken"),
        ("logout", with_uris(APP, frontchannel_logout_uri="https://a:b:c/out"), "broken"),
        ("logout", with_uris(backchannel_logout_uri=None), None),
        ("unused", replace(CLIENT, unused_until=NOW + timedelta(days=1)), "advised"),
        ("fapi-authentication", SECRET, "broken"),
        ("fapi-authentication", replace(SECRET, is_first_party=True), "broken"),
        ("fapi-client-constraint", replace(CLIENT, is_first_party=True), "broken"),
        ("fapi-client-par", with_uris(require_pushed_authorization_requests=False), "broken"),
        ("fapi-client-constraint", CLIENT, "broken"),
        ("fapi-client-algorithms", with_uris(id_token_signed_response_alg="RS256"), "broken"),
        ("fapi-code", with_uris(response_types=("code", "id_token")), "broken"),
        ("fapi-code", replace(CLIENT, require_pkce=False), "broken"),
    ],
)  # fmt: skip
def test_what_a_client_is_told(name: str, client: Client, verdict: str | None) -> None:
    assert verdict_on(name, client) == verdict


def test_a_bound_certificate_is_as_good_as_a_key() -> None:
    members = {"tls_client_certificate_bound_access_tokens": True}
    assert verdict_on("client-sender-constraint", CLIENT, **members) == "met"
    assert verdict_on("fapi-client-constraint", CLIENT, **members) == "met"


@pytest.mark.parametrize(
    ("offered", "by_name", "by_itself"),
    [
        (NO_MUTUAL_TLS, "broken", "broken"),
        (MutualTls(is_offered=True), "broken", "met"),
        (MutualTls(is_offered=True, has_authorities=True), "met", "met"),
    ],
)
def test_a_client_with_a_certificate_needs_a_server_that_sees_it(
    offered: MutualTls, by_name: Verdict, by_itself: Verdict
) -> None:
    """RFC8705-2: whoever cannot prove themselves here is told so."""

    def judged(**members: object) -> Verdict | None:
        one = replace(seen(CLIENT, **members), mutual_tls=offered)
        found = {one.name: one.judged.verdict for one in judge(CLIENT_RULES, one)}
        return found.get("certificates")

    assert judged(token_endpoint_auth_method="tls_client_auth") == by_name
    for members in ({"token_endpoint_auth_method": "self_signed_tls_client_auth"},
                    {"tls_client_certificate_bound_access_tokens": True}):  # fmt: skip
        assert judged(**members) == by_itself
    assert judged() is None


def test_whatever_is_not_kept_says_what_to_change() -> None:
    bad = replace(SERVER, issuer="http://id.example/oidc", metadata={}, allows_http=True,
                  registration="open", fetch_networks=("10.0.0.0/8",),
                  trusted_proxies=("::/0",), code_lifetime=timedelta(days=1))  # fmt: skip
    findings = judge(SERVER_RULES, bad)
    assert fails(findings)
    assert not is_ready_for_fapi(findings)
    assert all(one.judged.mend for one in findings if one.judged.verdict != "met")


def test_only_fapi_is_for_those_who_want_it() -> None:
    findings = judge(CLIENT_RULES, seen(SECRET))
    assert not is_ready_for_fapi(findings)
    assert not fails(findings)
