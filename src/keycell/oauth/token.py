"""The token endpoint's requests and answers."""

from collections.abc import Callable, Mapping

from keycell.oauth.confirmation import Confirmation
from keycell.oauth.details import Details, details_json
from keycell.oauth.errors import (
    InvalidAuthorizationDetails,
    InvalidRequest,
    UnsupportedGrantType,
    quote,
)
from keycell.oauth.exchange import (
    PARAMS,
    TOKEN_EXCHANGE,
    TokenExchange,
    check_no_subject,
    read_token_exchange,
)
from keycell.oauth.jwt_bearer import JWT_BEARER, JwtBearer, read_jwt_bearer
from keycell.oauth.native_sso import NativeSso
from keycell.oauth.params import Pairs, read_params, read_repeated, required
from keycell.oauth.resources import MOST_RESOURCES, read_resource
from keycell.oauth.scope import Scope, format_scope, parse_scope
from keycell.values import dataclass

KNOWN = frozenset(
    {
        "grant_type", "code", "redirect_uri", "code_verifier", "refresh_token", "scope",
        "client_id", "client_secret", "client_assertion", "client_assertion_type",
        "authorization_details", "device_code", "auth_req_id", "assertion", *PARAMS,
    }
)  # fmt: skip

AUTHORIZATION_CODE = "authorization_code"
REFRESH_TOKEN = "refresh_token"
CLIENT_CREDENTIALS = "client_credentials"
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
BACKCHANNEL = "urn:openid:params:grant-type:ciba"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeExchange:
    """Tokens for an authorization code. RFC6749-4.1.3."""

    code: str
    redirect_uri: str | None
    code_verifier: str | None
    resources: tuple[str, ...] = ()
    details: str | None = None
    """As sent: they are read where it is known what our resource is called. RFC9396-6."""
    cnf: Confirmation | None = None
    """The key that the sender has proved to hold. RFC9449-5, RFC8705-3."""
    grant_type = AUTHORIZATION_CODE


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceExchange:
    """Tokens for a device code, once a person has allowed them. RFC8628-3.4."""

    device_code: str
    code_verifier: str | None
    resources: tuple[str, ...] = ()
    details: str | None = None
    cnf: Confirmation | None = None
    grant_type = DEVICE_CODE
    redirect_uri = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BackchannelExchange:
    """Tokens for a request from the back, once its person has allowed them. CIBA-10.1."""

    auth_req_id: str
    resources: tuple[str, ...] = ()
    details: str | None = None
    cnf: Confirmation | None = None
    grant_type = BACKCHANNEL
    redirect_uri = None
    code_verifier = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresh:
    """The next tokens of a grant. RFC6749-6."""

    refresh_token: str
    scope: Scope | None
    resources: tuple[str, ...] = ()
    details: str | None = None
    cnf: Confirmation | None = None
    grant_type = REFRESH_TOKEN


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCredentials:
    """An access token for the client itself. RFC6749-4.4.2."""

    scope: Scope
    resources: tuple[str, ...] = ()
    cnf: Confirmation | None = None
    grant_type = CLIENT_CREDENTIALS


AnyCodeExchange = CodeExchange | DeviceExchange | BackchannelExchange | NativeSso
TokenRequest = AnyCodeExchange | Refresh | ClientCredentials | TokenExchange | JwtBearer


def read_token_params(pairs: Pairs) -> dict[str, str]:
    """Read the form once, for the client's authentication and the request alike. RFC6749-3.2."""
    return read_params(pairs, KNOWN)


def read_token_request(params: dict[str, str], pairs: Pairs) -> TokenRequest:
    """Read what is asked of the token endpoint. RFC6749-4.1.3, RFC6749-6, RFC6749-4.4.2."""
    grant_type = required(params, "grant_type")
    read = _READERS.get(grant_type)
    if read is None:
        offered = ", ".join(_READERS)
        raise UnsupportedGrantType(f"grant_type {quote(grant_type)} is none of {offered}")
    resources = tuple(
        read_resource(value) for value in read_repeated(pairs, "resource", most=MOST_RESOURCES)
    )
    if grant_type == TOKEN_EXCHANGE:
        # RFC8693-2.1: logical names are taken beside addresses.
        resources += read_repeated(pairs, "audience", most=MOST_RESOURCES)
    else:
        check_no_subject(params, grant_type)
    return read(params, resources)


def _read_code_exchange(params: dict[str, str], resources: tuple[str, ...]) -> TokenRequest:
    return CodeExchange(
        code=required(params, "code"),
        redirect_uri=params.get("redirect_uri"),
        code_verifier=params.get("code_verifier"),
        resources=resources,
        details=params.get("authorization_details"),
    )


def _read_device_exchange(params: dict[str, str], resources: tuple[str, ...]) -> TokenRequest:
    return DeviceExchange(
        device_code=required(params, "device_code"),
        code_verifier=params.get("code_verifier"),
        resources=resources,
        details=params.get("authorization_details"),
    )


def _read_backchannel_exchange(params: dict[str, str], resources: tuple[str, ...]) -> TokenRequest:
    return BackchannelExchange(
        auth_req_id=required(params, "auth_req_id"),
        resources=resources,
        details=params.get("authorization_details"),
    )


def _read_refresh(params: dict[str, str], resources: tuple[str, ...]) -> TokenRequest:
    scope = params.get("scope")
    return Refresh(
        refresh_token=required(params, "refresh_token"),
        scope=None if scope is None else parse_scope(scope),
        resources=resources,
        details=params.get("authorization_details"),
    )


def _read_client_credentials(params: dict[str, str], resources: tuple[str, ...]) -> TokenRequest:
    if "code" in params or "refresh_token" in params:
        raise InvalidRequest("client_credentials takes neither a code nor a refresh_token")
    if "authorization_details" in params:
        raise InvalidAuthorizationDetails("a client on its own behalf has no files")
    return ClientCredentials(scope=parse_scope(params.get("scope")), resources=resources)


_Reader = Callable[[dict[str, str], tuple[str, ...]], TokenRequest]
_READERS: Mapping[str, _Reader] = {
    AUTHORIZATION_CODE: _read_code_exchange,
    DEVICE_CODE: _read_device_exchange,
    BACKCHANNEL: _read_backchannel_exchange,
    REFRESH_TOKEN: _read_refresh,
    CLIENT_CREDENTIALS: _read_client_credentials,
    TOKEN_EXCHANGE: read_token_exchange,
    JWT_BEARER: read_jwt_bearer,
}
GRANT_TYPES = tuple(_READERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenResponse:
    """The tokens that answer a token request. RFC6749-5.1, OIDCC-3.1.3.3."""

    access_token: str
    expires_in: int
    scope: Scope
    refresh_token: str | None = None
    id_token: str | None = None
    details: Details = ()
    is_dpop: bool = False
    """It is of use only with a proof; what is bound to a certificate is sent as any other."""
    issued_token_type: str | None = None
    device_secret: str | None = None

    def to_json(self) -> dict[str, object]:
        """Give the body of the answer. RFC6749-5.1, RFC9449-5, RFC8705-3."""
        body: dict[str, object] = {
            "access_token": self.access_token,
            "token_type": "DPoP" if self.is_dpop else "Bearer",
            "expires_in": self.expires_in,
            "scope": format_scope(self.scope),
        }
        if self.refresh_token is not None:
            body["refresh_token"] = self.refresh_token
        if self.id_token is not None:
            body["id_token"] = self.id_token
        if self.issued_token_type is not None:
            # RFC8693-2.2.1
            body["issued_token_type"] = self.issued_token_type
        if self.device_secret is not None:
            # NSSO-3.4
            body["device_secret"] = self.device_secret
        if self.details:
            # RFC9396-7: the client learns what was granted.
            body["authorization_details"] = details_json(self.details)
        return body
