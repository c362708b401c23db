"""What the report asks of the server itself. RFC9700-2, RFC9700-4, FAPI2SP-5.2."""

from datetime import timedelta
from ipaddress import ip_network
from urllib.parse import urlsplit

from keycell.oauth.clients import LOOPBACK
from keycell.oauth.report import Judged, Rule, Server, advised, broken, insisted, met
from keycell.oauth.sentences import phrase

_FAPI_ALGORITHMS = ("PS256", "ES256", "EdDSA")
_LONGEST_CODE = timedelta(seconds=60)
_LONGEST_TOKEN = timedelta(hours=1)
_WIDE = 1 << 16
"""Addresses in a network that is trusted; more are hardly all proxies of one's own."""


def _https(server: Server) -> Judged:
    parts = urlsplit(server.issuer)
    if parts.scheme == "https":
        return met(phrase("the issuer is %(issuer)s", issuer=server.issuer))
    if parts.hostname in ("localhost", *LOOPBACK) or f"[{parts.hostname}]" in LOOPBACK:
        return advised(
            phrase(
                "the issuer is %(issuer)s: good for trying things on this machine alone",
                issuer=server.issuer,
            ),
            phrase(
                "serve by https before anybody else signs in: --tls-cert and --tls-key, or a "
                "proxy that speaks TLS and --public-url https://…"
            ),
        )
    return broken(
        phrase(
            "the issuer is %(issuer)s: passwords, codes and tokens can be read on the way",
            issuer=server.issuer,
        ),
        phrase(
            "serve by https: --tls-cert and --tls-key, or a proxy that speaks TLS and "
            "--public-url https://…"
        ),
    )


def _http_redirects(server: Server) -> Judged:
    if server.allows_http:
        return broken(
            phrase("--insecure-http is set: a code may be sent to an address of plain http"),
            phrase("register https redirect URIs, then serve without --insecure-http"),
        )
    return met(phrase("plain http is registered for addresses of this very machine alone"))


def _pkce(server: Server) -> Judged:
    if server.metadata.get("code_challenge_methods_supported") == ["S256"]:
        return met(phrase("S256 is offered, and nothing else"))
    return broken(phrase("another method than S256 is offered"), phrase("offer S256 alone"))


def _mix_up(server: Server) -> Judged:
    if server.metadata.get("authorization_response_iss_parameter_supported") is True:
        return met(phrase("each answer names its issuer (RFC 9207)"))
    return broken(
        phrase("answers do not name their issuer"), phrase("send iss with each answer (RFC 9207)")
    )


def _front_channel(server: Server) -> Judged:
    values = server.metadata.get("response_types_supported", ())
    types = {str(one) for one in values} if isinstance(values, list | tuple) else set()
    with_tokens = sorted(one for one in types if "token" in one.split())
    if not with_tokens:
        return met(phrase("no access token leaves the authorization endpoint"))
    return met(
        phrase(
            "%(types)s: for clients alone that were registered with them; each is judged below",
            types=with_tokens,
        )
    )


def _password_grant(server: Server) -> Judged:
    if server.offers("grant_types_supported", "password"):
        return broken(phrase("the password grant is offered"), phrase("take it away"))
    return met(phrase("no application gets to see a password"))


def _codes(server: Server) -> Judged:
    seconds = int(server.code_lifetime.total_seconds())
    if server.code_lifetime > _LONGEST_CODE:
        return broken(
            phrase("a code lives %(seconds)s s", seconds=seconds),
            phrase("let codes live 60 s at most"),
        )
    return met(
        phrase(
            "a code lives %(seconds)s s, is spent once, and ends its grant if it comes back",
            seconds=seconds,
        )
    )


def _token_lifetime(server: Server) -> Judged:
    minutes = int(server.access_token_lifetime.total_seconds() // 60)
    if server.access_token_lifetime > _LONGEST_TOKEN:
        return advised(
            phrase("an access token lives %(minutes)s min", minutes=minutes),
            phrase("let access tokens live an hour at most"),
        )
    return met(phrase("an access token lives %(minutes)s min, for one audience", minutes=minutes))


def _rotation(_server: Server) -> Judged:
    return met(phrase("refresh tokens rotate; a spent one that comes back ends its grant"))


def _sender_constraint(server: Server) -> Judged:
    members = {
        "DPoP (RFC 9449)": "dpop_signing_alg_values_supported",
        "mTLS (RFC 8705)": "tls_client_certificate_bound_access_tokens",
    }
    offered = [name for name, member in members.items() if server.metadata.get(member)]
    if offered:
        return met(phrase("tokens can be bound to their holder's key: %(ways)s", ways=offered))
    return advised(
        phrase("tokens cannot be bound to their holder's key"),
        phrase("offer DPoP (RFC 9449) or mTLS (RFC 8705)"),
    )


def _asymmetric(server: Server) -> Judged:
    methods = ("private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth")
    if server.offers("token_endpoint_auth_methods_supported", *methods):
        return met(phrase("clients can prove themselves by a key that never leaves them"))
    return advised(
        phrase("clients can prove themselves by secrets alone"), phrase("offer private_key_jwt")
    )


def _registration(server: Server) -> Judged:
    if server.registration == "open":
        return advised(
            phrase(
                "anybody may register an application (--registration open); people see its name "
                "on the consent page"
            ),
            phrase("--registration token asks for an initial access token, closed takes none"),
        )
    if server.registration == "token":
        return met(phrase("who registers an application must have an initial access token"))
    return met(phrase("no application can register itself"))


def _fetching(server: Server) -> Judged:
    if server.fetch_networks:
        return advised(
            phrase(
                "addresses that clients name are fetched from %(networks)s too",
                networks=server.fetch_networks,
            ),
            phrase("leave --fetch-networks to the networks that really hold clients' keys"),
        )
    return met(phrase("addresses that clients name are fetched from public networks alone"))


def _proxies(server: Server) -> Judged | None:
    if not server.trusted_proxies:
        return None
    wide = [one for one in server.trusted_proxies if _is_wide(one)]
    if wide:
        return broken(
            phrase("%(networks)s may say who is asking, and from where", networks=wide),
            phrase("name the proxy's own addresses in --trusted-proxies"),
        )
    return met(
        phrase(
            "headers about who is asking are believed of %(networks)s",
            networks=server.trusted_proxies,
        )
    )


def _is_wide(network: str) -> bool:
    try:
        named = ip_network(network, strict=False)
    except ValueError:  # a socket
        return False
    return named.num_addresses > _WIDE and not named.is_loopback


def _par(server: Server) -> Judged:
    if "pushed_authorization_request_endpoint" in server.metadata:
        return met(phrase("requests can be pushed (RFC 9126)"))
    return broken(phrase("requests cannot be pushed"), phrase("offer RFC 9126"))


def _fapi_algorithms(server: Server) -> Judged:
    if server.offers("id_token_signing_alg_values_supported", *_FAPI_ALGORITHMS):
        return met(
            phrase("ID tokens can be signed by %(algorithms)s", algorithms=_FAPI_ALGORITHMS)
        )
    return broken(
        phrase("ID tokens cannot be signed as FAPI 2 wants"),
        phrase("add a key for ES256 or PS256"),
    )


def _fapi_constraint(server: Server) -> Judged:
    return insisted(_sender_constraint(server))


def _fapi_https(server: Server) -> Judged:
    return insisted(_https(server))


SERVER_RULES: tuple[Rule[Server], ...] = (
    Rule("https", "RFC 9700", "2.6",
         phrase("Everything goes by TLS."), _https),
    Rule("http-redirects", "RFC 9700", "2.6",
         phrase("No code is sent in the clear."), _http_redirects),
    Rule("pkce", "RFC 9700", "2.1.1",
         phrase("PKCE by S256 is there for all."), _pkce),
    Rule("mix-up", "RFC 9700", "4.4.2",
         phrase("Answers say who gave them."), _mix_up),
    Rule("front-channel", "RFC 9700", "2.1.2",
         phrase("Tokens do not pass through browsers' addresses."), _front_channel),
    Rule("password-grant", "RFC 9700", "2.4",
         phrase("There is no password grant."), _password_grant),
    Rule("codes", "RFC 9700", "4.5",
         phrase("A code is good once, and for a short time."), _codes),
    Rule("rotation", "RFC 9700", "4.14.2",
         phrase("A stolen refresh token is noticed."), _rotation),
    Rule("lifetimes", "RFC 9700", "2.3",
         phrase("An access token opens little, and not for long."), _token_lifetime),
    Rule("sender-constraint", "RFC 9700", "2.2.1",
         phrase("A stolen access token opens nothing."), _sender_constraint),
    Rule("keys-not-secrets", "RFC 9700", "2.5",
         phrase("Clients prove themselves by keys."), _asymmetric),
    Rule("proxies", "RFC 9700", "4.13",
         phrase("Only one's own proxies are believed."), _proxies),
    Rule("registration", "OAuth 2.1", "2",
         phrase("One knows who registers."), _registration),
    Rule("fetching", "OAuth 2.1", "7",
         phrase("The server fetches nothing from within."), _fetching),
    Rule("fapi-https", "FAPI 2", "5.2.1",
         phrase("Everything goes by TLS."), _fapi_https),
    Rule("fapi-par", "FAPI 2", "5.3.2.2",
         phrase("Requests are pushed."), _par),
    Rule("fapi-algorithms", "FAPI 2", "5.4.1",
         phrase("PS256, ES256 or EdDSA sign."), _fapi_algorithms),
    Rule("fapi-sender-constraint", "FAPI 2", "5.3.2.1",
         phrase("Tokens are bound to a key."), _fapi_constraint),
)  # fmt: skip
