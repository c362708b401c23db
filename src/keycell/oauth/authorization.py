"""Authorization requests and their answers.

A request is read in two steps. First who asks and where the answer would go, which must be known
before anything can be answered at all; from there on every error travels to that target.
"""

from collections.abc import Sequence

from keycell.oauth.claims import ClaimsRequest, read_claims_request
from keycell.oauth.clients import Client, RedirectTarget
from keycell.oauth.details import READ_SCOPE, WRITE_SCOPE, Details, read_details
from keycell.oauth.dpop import read_jkt
from keycell.oauth.errors import (
    InvalidAuthorizationDetails,
    InvalidRequest,
    OAuthError,
    RegistrationNotSupported,
    UntrustedRedirect,
    quote,
)
from keycell.oauth.params import read_params, read_repeated
from keycell.oauth.pkce import read_code_challenge
from keycell.oauth.resources import MOST_RESOURCES, read_resource, resolve_audience
from keycell.oauth.response_types import CODE, ResponseType, delivery, read_response_type
from keycell.oauth.scope import (
    DEVICE_SSO,
    FIRST_PARTY_ONLY,
    KNOWN,
    OFFLINE,
    OPENID,
    Scope,
    parse_scope,
)
from keycell.oauth.urlencoded import write_urlencoded
from keycell.values import dataclass

PROMPTS = ("none", "login", "consent", "select_account")
DISPLAYS = ("page", "popup", "touch", "wap")

PARAMS = frozenset(
    {
        "client_id", "redirect_uri", "state", "response_mode", "response_type", "scope", "nonce",
        "prompt", "max_age", "login_hint", "ui_locales", "claims_locales", "acr_values", "claims",
        "id_token_hint", "display", "code_challenge", "code_challenge_method", "request",
        "request_uri", "registration", "authorization_details", "dpop_jkt",
    }
)  # fmt: skip

_LONGEST_MAX_AGE = 10 * 365 * 24 * 3600
_LONGEST_STATE = 4096

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class UnverifiedTarget:
    """Who says they ask, and where they say the answer should go."""

    client_id: str
    redirect_uri: str | None
    state: str | None
    response_mode: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """What a client asks of a person, checked. RFC6749-4.1.1, OIDCC-3.1.2.1."""

    client: Client
    target: RedirectTarget
    redirect_uri_was_sent: bool
    scope: Scope
    audience: tuple[str, ...]
    nonce: str | None
    prompt: frozenset[str]
    max_age: int | None
    claims: ClaimsRequest
    code_challenge: str | None
    login_hint: str | None
    ui_locales: str | None
    acr_values: tuple[str, ...]
    id_token_hint: str | None
    display: str
    details: Details = ()
    response_type: ResponseType = CODE
    jkt: str | None = None
    """The key that the code is to be bound to. RFC9449-10."""


@dataclass(frozen=True, slots=True)
class AuthorizationResponse:
    """What goes back to the client, by way of the browser. RFC6749-4.1.2."""

    target: RedirectTarget
    params: tuple[tuple[str, str], ...]


def read_target(pairs: Pairs) -> UnverifiedTarget:
    """Read who asks and where to answer; sent twice, they name nobody and no place.

    RFC6749-4.1.2.1.
    """
    seen: dict[str, str] = {}
    twice: set[str] = set()
    for name, value in pairs:
        if value and name in PARAMS:
            if name in seen:
                twice.add(name)
            else:
                seen[name] = value
    for name in ("client_id", "redirect_uri"):
        if name in twice:
            raise UntrustedRedirect(f"{name} is sent more than once")
    if "client_id" not in seen:
        raise UntrustedRedirect("client_id is missing")
    return UnverifiedTarget(
        client_id=seen["client_id"],
        redirect_uri=seen.get("redirect_uri"),
        state=None if "state" in twice else seen.get("state"),
        response_mode=delivery(seen.get("response_type"), seen.get("response_mode")),
    )


def read_authorization_request(
    pairs: Pairs, client: Client, target: RedirectTarget, own_resource: str
) -> AuthorizationRequest:
    """Read the rest; from here an error goes to the target. OIDCC-3.1.2.6, RFC9207-2."""
    params = read_params(pairs, PARAMS)
    _check_sent(params, client)
    known = client.metadata
    response_type = read_response_type(params, known.response_types, known.grant_types)
    if len(params.get("state", "")) > _LONGEST_STATE:
        raise InvalidRequest(f"state is longer than {_LONGEST_STATE} characters")
    scope = allowed_scope(parse_scope(params.get("scope")), client)
    _check_scope(scope, response_type)
    if "code" not in response_type:
        # What it could be refreshed by comes for a code alone. OIDCC-11, NSSO-3.4.
        scope -= OFFLINE | DEVICE_SSO
    return AuthorizationRequest(
        client=client,
        target=target,
        redirect_uri_was_sent="redirect_uri" in params,
        scope=scope,
        audience=read_audience(pairs, client, own_resource),
        nonce=params.get("nonce"),
        prompt=_read_prompt(params.get("prompt")),
        max_age=_read_max_age(params.get("max_age"), client),
        claims=_read_claims(params, scope),
        code_challenge=read_code_challenge(
            params.get("code_challenge"),
            params.get("code_challenge_method"),
            is_required=client.needs_pkce and "code" in response_type,
        ),
        login_hint=params.get("login_hint"),
        ui_locales=params.get("ui_locales"),
        acr_values=tuple(params.get("acr_values", "").split()) or known.default_acr_values,
        id_token_hint=params.get("id_token_hint"),
        display=_read_display(params.get("display")),
        details=read_details_asked(params.get("authorization_details"), client, own_resource),
        response_type=response_type,
        jkt=read_jkt(params.get("dpop_jkt")),
    )


def _read_claims(params: dict[str, str], scope: Scope) -> ClaimsRequest:
    text = params.get("claims") if OPENID in scope else None
    return read_claims_request(text, params.get("claims_locales"))


def _check_sent(params: dict[str, str], client: Client) -> None:
    if "registration" in params:
        raise RegistrationNotSupported("registration is not taken; register the client first")
    if client.is_fapi2 and "redirect_uri" not in params:
        # Also of a client that registered a single one. FAPI2-SP-5.3.2.2.
        raise InvalidRequest("redirect_uri is missing: profile fapi2 needs it")


def _check_scope(scope: Scope, response_type: ResponseType) -> None:
    if "id_token" in response_type and OPENID not in scope:
        raise InvalidRequest("scope lacks openid, without which there is no ID token")


def allowed_scope(requested: Scope, client: Client) -> Scope:
    """Keep what we know and this client may ask for; the rest is ignored. RFC6749-3.3."""
    scope = requested & KNOWN
    if not client.is_first_party:
        scope -= FIRST_PARTY_ONLY
    if not client.suite:
        scope -= DEVICE_SSO
    if client.metadata.scope is not None:
        scope &= client.metadata.scope
    if "refresh_token" not in client.metadata.grant_types:
        scope -= OFFLINE
    return scope


def read_audience(pairs: Pairs, client: Client, own_resource: str) -> tuple[str, ...]:
    """Read for which resources tokens are asked, of those this client may ask for. RFC8707-2."""
    values = read_repeated(pairs, "resource", most=MOST_RESOURCES)
    requested = tuple(read_resource(value) for value in values)
    return resolve_audience(requested, client.metadata.audience, own_resource)


def read_details_asked(text: str | None, client: Client, own_resource: str) -> Details:
    """Read the places asked for, if this client may ask for any. RFC9396-2, RFC9396-5."""
    details = read_details(text, own_resource)
    scope, types = client.metadata.scope, client.metadata.authorization_details_types
    if scope is None or types or client.is_first_party:
        return details
    # Where the scope was limited when the client was registered, details do not go beyond it.
    for one in details:
        needed = {WRITE_SCOPE} if "write" in one.actions else {READ_SCOPE, WRITE_SCOPE}
        if needed.isdisjoint(scope):
            raise InvalidAuthorizationDetails("this client may not ask for files")
    return details


def _read_prompt(text: str | None) -> frozenset[str]:
    prompt = frozenset((text or "").split())
    for value in prompt:
        if value not in PROMPTS:
            raise InvalidRequest(f"prompt {quote(value)} is none of {', '.join(PROMPTS)}")
    if "none" in prompt and len(prompt) > 1:
        raise InvalidRequest("prompt none goes with no other value")
    return prompt


def _read_max_age(text: str | None, client: Client) -> int | None:
    if text is None:
        return client.metadata.default_max_age
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(_LONGEST_MAX_AGE))):
        raise InvalidRequest(f"max_age {quote(text)} is no number of seconds")
    return int(text)


def _read_display(text: str | None) -> str:
    if text is not None and text not in DISPLAYS:
        raise InvalidRequest(f"display {quote(text)} is none of {', '.join(DISPLAYS)}")
    return text or "page"


def granted_response(
    target: RedirectTarget, issuer: str, granted: Sequence[tuple[str, str]]
) -> AuthorizationResponse:
    """Send a client what it asked for. RFC6749-4.1.2, OIDCC-3.3.2.5, RFC9207-2."""
    return _response(target, issuer, list(granted))


def error_response(
    target: RedirectTarget, issuer: str, error: OAuthError, catalogue: str
) -> AuthorizationResponse:
    """Send an error to the client, and where a catalogue explains it.

    RFC6749-4.1.2.1, OIDCC-3.1.2.6, RFC9207-2.
    """
    params = [("error", error.error)]
    if error.description:
        params.append(("error_description", error.description))
    params.append(("error_uri", f"{catalogue}#{error.error}"))
    return _response(target, issuer, params)


def _response(
    target: RedirectTarget, issuer: str, params: list[tuple[str, str]]
) -> AuthorizationResponse:
    if target.state is not None:
        params.append(("state", target.state))
    params.append(("iss", issuer))
    return AuthorizationResponse(target, tuple(params))


def location(response: AuthorizationResponse) -> str:
    """Write the address that carries an answer; a registered query is kept. RFC6749-3.1.2."""
    uri = response.target.redirect_uri
    params = write_urlencoded(response.params)
    if response.target.response_mode.startswith("fragment"):
        return f"{uri}#{params}"
    return f"{uri}{'&' if '?' in uri else '?'}{params}"
