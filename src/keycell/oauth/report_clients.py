"""What the report asks of each client. RFC9700-2, FAPI2SP-5.3.3, OIDCFCL-2."""

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from keycell.oauth.clients import LOOPBACK
from keycell.oauth.mutual_tls import METHODS
from keycell.oauth.redirect_uris import has_host
from keycell.oauth.report import Judged, Registered, Rule, advised, broken, insisted, met
from keycell.oauth.sentences import phrase
from keycell.oauth.session_state import origin_of_uri

_FAPI_ALGORITHMS = ("PS256", "ES256", "EdDSA")
_BY_KEYS = ("private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth")
_OLD_SECRET = timedelta(days=730)
_DISABLE = phrase("disable it where nobody uses that client any more")
_OOB = "urn:ietf:wg:oauth:2.0:oob"


def _plain_http(one: Registered) -> Sequence[str]:
    found = []
    for uri in one.many("redirect_uris"):
        parts = urlsplit(uri)
        host = parts.hostname or ""
        is_here = host in ("localhost", *LOOPBACK) or f"[{host}]" in LOOPBACK
        if parts.scheme == "http" and not is_here:
            found.append(uri)
    return found


def _https_redirects(one: Registered) -> Judged | None:
    if not one.many("redirect_uris"):
        return None
    if plain := _plain_http(one):
        return broken(
            phrase("a code is sent in the clear to %(addresses)s", addresses=plain),
            phrase(
                "serve the application by https, and register that address in the place of this"
            ),
        )
    return met(phrase("codes go by https, or stay on the person's own machine"))


def _loopback(one: Registered) -> Judged | None:
    named = [uri for uri in one.many("redirect_uris") if urlsplit(uri).hostname == "localhost"]
    if not named or one.one("application_type") != "native" or one.client.is_first_party:
        return None
    return advised(
        phrase(
            "localhost may lead to another interface than the loopback: %(addresses)s",
            addresses=named,
        ),
        phrase("register http://127.0.0.1 in its place; the port is free there"),
    )


def _schemes(one: Registered) -> Judged | None:
    schemes = {urlsplit(uri).scheme for uri in one.many("redirect_uris") if uri != _OOB}
    own = schemes - {"http", "https"}
    short = sorted(scheme for scheme in own if "." not in scheme)
    if not own:
        return None
    if short:
        return advised(
            phrase("any application may claim the scheme %(schemes)s", schemes=short),
            phrase(
                "use a scheme that is a domain of one's own read backwards, such as "
                "org.example.app"
            ),
        )
    return met(phrase("the scheme %(schemes)s is a domain read backwards", schemes=sorted(own)))


def _pkce(one: Registered) -> Judged | None:
    if "authorization_code" not in one.many("grant_types"):
        return None
    if one.client.needs_pkce:
        return met(phrase("a code is good only for who asked for it (PKCE is required)"))
    if one.client.is_first_party:
        return advised(
            phrase("an old client that sends no PKCE; a person confirms each of its sign-ins"),
            _DISABLE,
        )
    found = phrase("it may leave out PKCE, so a code that leaks is protected by its secret alone")
    mend = phrase("have the application send PKCE (S256), then require it of the client")
    return broken(found, mend) if one.client.is_public else advised(found, mend)


def _response_types(one: Registered) -> Judged | None:
    types = one.many("response_types")
    with_token = [kind for kind in types if "token" in kind.split()]
    if with_token:
        return broken(
            phrase(
                "it may ask for %(types)s: an access token in an address can leak from it",
                types=with_token,
            ),
            phrase(
                "have the application use response_type=code with PKCE, and register that alone"
            ),
        )
    return met(phrase("it is answered by %(types)s", types=types)) if types else None


def _authentication(one: Registered) -> Judged:
    if one.client.is_first_party and not one.client.is_public:
        return met(phrase("its secret never leaves this server, which is both its ends"))
    return _registered_authentication(one)


def _registered_authentication(one: Registered) -> Judged:
    method = one.one("token_endpoint_auth_method")
    if method in _BY_KEYS:
        return met(phrase("it proves itself by a key of its own (%(method)s)", method=method))
    if one.client.is_public:
        return met(phrase("it keeps no secret, and none is asked of it; PKCE binds its codes"))
    if one.client.secret_hmac is not None:
        return advised(
            phrase("it proves itself by a secret that a person chose (%(method)s)", method=method),
            phrase("let the server mint a secret, or register a key and private_key_jwt"),
        )
    return advised(
        phrase("it proves itself by a secret that both sides keep (%(method)s)", method=method),
        phrase("register the application's public key, and private_key_jwt"),
    )


def _secret(one: Registered) -> Judged | None:
    client = one.client
    if one.one("token_endpoint_auth_method") in ("none", *_BY_KEYS) or client.is_first_party:
        return None
    if client.secret_expires_at is not None and client.secret_expires_at <= one.now:
        return broken(
            phrase(
                "its secret ended on %(day)s: it cannot sign anybody in",
                day=f"{client.secret_expires_at:%Y-%m-%d}",
            ),
            phrase("make a new secret"),
        )
    made_at = client.secret_made_at or client.created_at
    found = phrase("its secret is from %(day)s", day=f"{made_at:%Y-%m-%d}")
    if one.now - made_at > _OLD_SECRET:
        return advised(found, phrase("make a new one; the old stays good for as long as you say"))
    return met(found)


def _privileges(one: Registered) -> Judged | None:
    if one.client.is_first_party:
        return None
    if not one.one("scope"):
        return advised(
            phrase("it may ask a person for whatever any application may"),
            phrase("register the scopes it really uses"),
        )
    return met(phrase("it may ask for %(scope)s", scope=one.one("scope")))


def _sender_constraint(one: Registered) -> Judged:
    judged = _registered_constraint(one)
    if judged.verdict == "met" or not one.client.is_first_party:
        return judged
    if one.client.needs_pkce:
        return met(phrase("Keycell's own programs bind their tokens to a key (DPoP)"))
    return advised(judged.found, _DISABLE)


def _registered_constraint(one: Registered) -> Judged:
    if one.has("dpop_bound_access_tokens"):
        return met(phrase("its tokens are bound to a key it holds (DPoP)"))
    if one.has("tls_client_certificate_bound_access_tokens"):
        return met(phrase("its tokens are bound to its certificate"))
    return advised(
        phrase("whoever gets hold of its access tokens can use them for ten minutes"),
        phrase(
            "if the application can, register dpop_bound_access_tokens or "
            "tls_client_certificate_bound_access_tokens"
        ),
    )


def _certificates(one: Registered) -> Judged | None:
    method = one.one("token_endpoint_auth_method")
    is_known_by_one = method in METHODS
    if not is_known_by_one and not one.has("tls_client_certificate_bound_access_tokens"):
        return None
    if not one.mutual_tls.is_offered:
        return broken(
            phrase("it needs a certificate, and this server sees none: it cannot get a token"),
            phrase(
                "serve with --mtls-port, or with --client-cert-header behind a proxy that sends "
                "one"
            ),
        )
    if is_known_by_one and method not in one.mutual_tls.methods:
        return broken(
            phrase(
                "%(method)s needs to know whose certificates count: it cannot prove itself",
                method=method,
            ),
            phrase("name them with --client-ca, or register self_signed_tls_client_auth"),
        )
    return met(phrase("the server sees the certificate that it needs"))


def _logout_addresses(one: Registered) -> Judged | None:
    names = ("backchannel_logout_uri", "frontchannel_logout_uri")
    plain = [one.one(name) for name in names if one.one(name).startswith("http://")]
    if not any(one.one(name) for name in names):
        return None
    if _is_foreign(one):
        return broken(
            phrase(
                "browsers that sign out load a page of a place where it is not answered, which "
                "learns of the session: %(address)s",
                address=one.one("frontchannel_logout_uri"),
            ),
            phrase(
                "register a frontchannel_logout_uri whose scheme, host and port are those of one "
                "of its redirect_uris, or none"
            ),
        )
    if plain:
        return advised(
            phrase("it is told of logouts in the clear: %(addresses)s", addresses=plain),
            phrase("use https"),
        )
    return met(phrase("it is told when somebody signs out"))


def _is_foreign(one: Registered) -> bool:
    # None is registered so any more, but those of before are kept. OIDCFCL-2.
    uri = one.one("frontchannel_logout_uri")
    if not uri:
        return False
    own = {origin_of_uri(back) for back in one.many("redirect_uris") if has_host(back)}
    return not has_host(uri) or origin_of_uri(uri) not in own


def _unused(one: Registered) -> Judged | None:
    if one.client.unused_until is None:
        return None
    return advised(
        phrase("a stranger registered it, and nobody has used it yet"),
        phrase(
            "nothing: it is forgotten on %(day)s if nobody does",
            day=f"{one.client.unused_until:%Y-%m-%d}",
        ),
    )


def _fapi_authentication(one: Registered) -> Judged:
    judged = _registered_authentication(one)
    if one.one("token_endpoint_auth_method") in _BY_KEYS:
        return judged
    return broken(judged.found, phrase("register a key, and private_key_jwt or tls_client_auth"))


def _fapi_par(one: Registered) -> Judged:
    if one.has("require_pushed_authorization_requests"):
        return met(phrase("its requests are pushed"))
    return broken(
        phrase("it may send its request through the browser"),
        phrase("register require_pushed_authorization_requests"),
    )


def _fapi_constraint(one: Registered) -> Judged:
    return insisted(_registered_constraint(one))


def _fapi_algorithms(one: Registered) -> Judged:
    names = (
        "id_token_signed_response_alg", "token_endpoint_auth_signing_alg",
        "request_object_signing_alg", "backchannel_authentication_request_signing_alg",
    )  # fmt: skip
    other = [f"{name}={one.one(name)}" for name in names
             if one.one(name) and one.one(name) not in _FAPI_ALGORITHMS]  # fmt: skip
    if other:
        return broken(
            phrase("it registered %(algorithms)s", algorithms=other),
            phrase("register ES256, PS256 or EdDSA"),
        )
    return met(phrase("nothing is signed by another algorithm than ES256, PS256 and EdDSA"))


def _fapi_code(one: Registered) -> Judged:
    types = one.many("response_types")
    if [kind for kind in types if kind != "code"]:
        return broken(
            phrase("it is answered by %(types)s", types=types),
            phrase("register the response type code"),
        )
    if not one.client.needs_pkce:
        return broken(phrase("it may leave out PKCE"), phrase("require PKCE of the client"))
    return met(phrase("it gets a code, bound by PKCE"))


CLIENT_RULES: tuple[Rule[Registered], ...] = (
    Rule("https-redirects", "RFC 9700", "2.6",
         phrase("No code is sent in the clear."), _https_redirects),
    Rule("client-pkce", "RFC 9700", "2.1.1",
         phrase("A code is good only for who asked for it."), _pkce),
    Rule("response-types", "RFC 9700", "2.1.2",
         phrase("Tokens do not pass through browsers' addresses."), _response_types),
    Rule("authentication", "RFC 9700", "2.5",
         phrase("It proves itself, by a key if it can."), _authentication),
    Rule("secret", "RFC 9700", "2.5",
         phrase("Its secret is good, and not old."), _secret),
    Rule("privileges", "RFC 9700", "2.3",
         phrase("It may ask for what it needs."), _privileges),
    Rule("client-sender-constraint", "RFC 9700", "2.2.1",
         phrase("A stolen access token opens nothing."), _sender_constraint),
    Rule("certificates", "RFC 9700", "2.5",
         phrase("The certificate that it needs is seen."), _certificates),
    Rule("loopback", "OAuth 2.1", "8.4.2",
         phrase("Addresses of the own machine are by number."), _loopback),
    Rule("schemes", "OAuth 2.1", "8.4.1",
         phrase("A scheme of its own is its own."), _schemes),
    Rule("logout", "OAuth 2.1", "1.5",
         phrase("It is told of logouts, not in the clear."), _logout_addresses),
    Rule("unused", "OAuth 2.1", "2",
         phrase("What is registered is used."), _unused),
    Rule("fapi-authentication", "FAPI 2", "5.3.3.1",
         phrase("It proves itself by a key."), _fapi_authentication),
    Rule("fapi-client-par", "FAPI 2", "5.3.3.2",
         phrase("Its requests are pushed."), _fapi_par),
    Rule("fapi-client-constraint", "FAPI 2", "5.3.3.1",
         phrase("Its tokens are bound to a key."), _fapi_constraint),
    Rule("fapi-client-algorithms", "FAPI 2", "5.4.1",
         phrase("PS256, ES256 or EdDSA sign."), _fapi_algorithms),
    Rule("fapi-code", "FAPI 2", "5.3.2.2",
         phrase("It gets a code, bound by PKCE."), _fapi_code),
)  # fmt: skip
