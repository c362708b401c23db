"""Discovery: what clients may know of this server before they ask anything of it."""

from dataclasses import dataclass

from keycell.oauth.authorization import DISPLAYS, PROMPTS, RESPONSE_MODES, RESPONSE_TYPES
from keycell.oauth.claims import ACR_SUPPORTED, SUPPORTED
from keycell.oauth.details import TYPES
from keycell.oauth.pkce import METHODS
from keycell.oauth.scope import KNOWN
from keycell.oauth.token import GRANT_TYPES

SIGNING_ALGORITHMS = ("RS256", "ES256", "PS256", "EdDSA")
ASSERTION_ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA", "HS256", "HS384", "HS512")
AUTHENTICATION_METHODS = (
    "client_secret_basic",
    "client_secret_post",
    "client_secret_jwt",
    "private_key_jwt",
    "none",
)


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where each endpoint stands; the paths are fixed, since clients depend on them."""

    issuer: str
    base_url: str

    @property
    def authorization(self) -> str:
        """RFC6749-3.1."""
        return f"{self.base_url}/oidc/oauth2/auth"

    @property
    def token(self) -> str:
        """RFC6749-3.2."""
        return f"{self.base_url}/oidc/oauth2/token"

    @property
    def revocation(self) -> str:
        """RFC7009-2."""
        return f"{self.base_url}/oidc/oauth2/revoke"

    @property
    def introspection(self) -> str:
        """RFC7662-2."""
        return f"{self.base_url}/oidc/oauth2/introspect"

    @property
    def device_authorization(self) -> str:
        """RFC8628-3.1."""
        return f"{self.base_url}/oidc/oauth2/device"

    @property
    def verification(self) -> str:
        """The page on which a person enters a user code. RFC8628-3.3."""
        return f"{self.base_url}/oauth2/device"

    @property
    def userinfo(self) -> str:
        """OIDCC-5.3."""
        return f"{self.base_url}/oidc/userinfo"

    @property
    def registration(self) -> str:
        """RFC7591-3."""
        return f"{self.base_url}/oidc/register"

    @property
    def end_session(self) -> str:
        """OIDCRIL-2."""
        return f"{self.base_url}/oidc/oauth2/sessions/logout"

    @property
    def jwks(self) -> str:
        """OIDCD-3."""
        return f"{self.base_url}/oidc/.well-known/jwks.json"


def provider_metadata(
    endpoints: Endpoints, *, takes_registrations: bool, ui_locales: tuple[str, ...]
) -> dict[str, object]:
    """Give the metadata document. OIDCD-3, RFC8414-2."""
    document: dict[str, object] = {
        "issuer": endpoints.issuer,
        "authorization_endpoint": endpoints.authorization,
        "token_endpoint": endpoints.token,
        "userinfo_endpoint": endpoints.userinfo,
        "jwks_uri": endpoints.jwks,
        "revocation_endpoint": endpoints.revocation,
        "introspection_endpoint": endpoints.introspection,
        "device_authorization_endpoint": endpoints.device_authorization,
        "end_session_endpoint": endpoints.end_session,
        "scopes_supported": sorted(KNOWN),
        "claims_supported": list(SUPPORTED),
        "ui_locales_supported": list(ui_locales),
        **_flow_metadata(),
        **_client_metadata(),
    }
    if takes_registrations:
        document["registration_endpoint"] = endpoints.registration
    return document


def _flow_metadata() -> dict[str, object]:
    return {
        "response_types_supported": list(RESPONSE_TYPES),
        "response_modes_supported": list(RESPONSE_MODES),
        "grant_types_supported": list(GRANT_TYPES),
        "prompt_values_supported": list(PROMPTS),
        "display_values_supported": list(DISPLAYS),
        "acr_values_supported": list(ACR_SUPPORTED),
        "claim_types_supported": ["normal"],
        "subject_types_supported": ["public", "pairwise"],
        "code_challenge_methods_supported": list(METHODS),
        "authorization_response_iss_parameter_supported": True,
        "claims_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "id_token_signing_alg_values_supported": list(SIGNING_ALGORITHMS),
        "userinfo_signing_alg_values_supported": list(SIGNING_ALGORITHMS),
        "authorization_details_types_supported": list(TYPES),
    }


def _client_metadata() -> dict[str, object]:
    methods = list(AUTHENTICATION_METHODS)
    # Whoever asks what a token means must prove who they are, so `none` is not among these.
    proving = [method for method in methods if method != "none"]
    algorithms = list(ASSERTION_ALGORITHMS)
    return {
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
        "introspection_endpoint_auth_methods_supported": proving,
        "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
        "introspection_signing_alg_values_supported": list(SIGNING_ALGORITHMS),
    }


def resource_metadata(endpoints: Endpoints, wire: str = "") -> dict[str, object]:
    """Give the metadata of our own resource server, or of one of its wires. RFC9728-2."""
    base = endpoints.base_url
    return {
        "resource": f"{base}/{wire}" if wire else base,
        "authorization_servers": [endpoints.issuer],
        "scopes_supported": sorted(KNOWN),
        "bearer_methods_supported": ["header"],
        "authorization_details_types_supported": list(TYPES),
        "resource_name": "Keycell",
        "tls_client_certificate_bound_access_tokens": False,
        "dpop_bound_access_tokens_required": False,
    }
