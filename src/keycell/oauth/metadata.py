"""Discovery: what clients may know of this server before they ask anything of it."""

from dataclasses import dataclass, replace

from keycell.oauth.authorization import DISPLAYS, PROMPTS
from keycell.oauth.backchannel import MODES
from keycell.oauth.claims import ACR_SUPPORTED, SUPPORTED
from keycell.oauth.details import TYPES
from keycell.oauth.dpop import ALGORITHMS as PROOF_ALGORITHMS
from keycell.oauth.encryption import ANSWERS, CONTENT_ALGORITHMS, KEY_ALGORITHMS, KEY_FAMILIES
from keycell.oauth.mutual_tls import NO_MUTUAL_TLS, MutualTls
from keycell.oauth.pkce import METHODS
from keycell.oauth.request_objects import SIGNING_ALGORITHMS as OBJECT_ALGORITHMS
from keycell.oauth.response_types import IMPLICIT, RESPONSE_MODES, RESPONSE_TYPES
from keycell.oauth.scope import KNOWN
from keycell.oauth.token import GRANT_TYPES

SIGNING_ALGORITHMS = ("RS256", "ES256", "PS256", "EdDSA")
OWN_KEYS = (*SIGNING_ALGORITHMS, *KEY_FAMILIES)
"""The keys that this server has, by what they are for: to sign, and to open what is sent to us."""
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
    def backchannel_authentication(self) -> str:
        """CIBA-7."""
        return f"{self.base_url}/oidc/oauth2/bc-authorize"

    @property
    def pushed_requests(self) -> str:
        """RFC9126-2."""
        return f"{self.base_url}/oidc/oauth2/par"

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
    def check_session(self) -> str:
        """OIDCSM-3.3."""
        return f"{self.base_url}/oidc/session"

    @property
    def jwks(self) -> str:
        """OIDCD-3."""
        return f"{self.base_url}/oidc/.well-known/jwks.json"


def provider_metadata(
    endpoints: Endpoints,
    *,
    takes_registrations: bool,
    ui_locales: tuple[str, ...],
    mutual_tls: MutualTls = NO_MUTUAL_TLS,
    takes_documents: bool = False,
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
        "backchannel_authentication_endpoint": endpoints.backchannel_authentication,
        "pushed_authorization_request_endpoint": endpoints.pushed_requests,
        "require_pushed_authorization_requests": False,
        "end_session_endpoint": endpoints.end_session,
        "check_session_iframe": endpoints.check_session,
        "scopes_supported": sorted(KNOWN),
        "claims_supported": list(SUPPORTED),
        "ui_locales_supported": list(ui_locales),
        **_flow_metadata(),
        **_encryption_metadata(),
        **_client_metadata(mutual_tls),
        **_mutual_metadata(endpoints, mutual_tls),
    }
    if takes_registrations:
        document["registration_endpoint"] = endpoints.registration
    if takes_documents:
        # CIMD-5
        document["client_id_metadata_document_supported"] = True
    return document


def _flow_metadata() -> dict[str, object]:
    return {
        "response_types_supported": list(RESPONSE_TYPES),
        "response_modes_supported": list(RESPONSE_MODES),
        "grant_types_supported": [*GRANT_TYPES, IMPLICIT],
        "prompt_values_supported": list(PROMPTS),
        "display_values_supported": list(DISPLAYS),
        "acr_values_supported": list(ACR_SUPPORTED),
        "claim_types_supported": ["normal"],
        "subject_types_supported": ["public", "pairwise"],
        "code_challenge_methods_supported": list(METHODS),
        "authorization_response_iss_parameter_supported": True,
        "claims_parameter_supported": True,
        "backchannel_token_delivery_modes_supported": list(MODES),
        "backchannel_authentication_request_signing_alg_values_supported": list(OBJECT_ALGORITHMS),
        "backchannel_user_code_parameter_supported": False,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "frontchannel_logout_supported": True,
        "frontchannel_logout_session_supported": True,
        "native_sso_supported": True,
        "request_parameter_supported": True,
        "request_uri_parameter_supported": True,
        "require_request_uri_registration": True,
        "request_object_signing_alg_values_supported": list(OBJECT_ALGORITHMS),
        "id_token_signing_alg_values_supported": list(SIGNING_ALGORITHMS),
        "authorization_signing_alg_values_supported": list(SIGNING_ALGORITHMS),
        "userinfo_signing_alg_values_supported": list(SIGNING_ALGORITHMS),
        "authorization_details_types_supported": list(TYPES),
        "dpop_signing_alg_values_supported": list(PROOF_ALGORITHMS),
    }


def _encryption_metadata() -> dict[str, object]:
    """Say what is encrypted, and how. OIDCD-3, JARM-4, RFC9701-7."""
    document: dict[str, object] = {}
    for name in ("request_object", *ANSWERS):
        document[f"{name}_encryption_alg_values_supported"] = list(KEY_ALGORITHMS)
        document[f"{name}_encryption_enc_values_supported"] = list(CONTENT_ALGORITHMS)
    return document


def _mutual_metadata(endpoints: Endpoints, mutual_tls: MutualTls) -> dict[str, object]:
    """Say what is bound to certificates, and where they are shown. RFC8705-3.3, RFC8705-5."""
    found: dict[str, object] = {}
    if mutual_tls.is_offered:
        found["tls_client_certificate_bound_access_tokens"] = True
    if mutual_tls.base_url:
        there = replace(endpoints, base_url=mutual_tls.base_url)
        found["mtls_endpoint_aliases"] = {
            "token_endpoint": there.token,
            "userinfo_endpoint": there.userinfo,
            "revocation_endpoint": there.revocation,
            "introspection_endpoint": there.introspection,
            "device_authorization_endpoint": there.device_authorization,
            "pushed_authorization_request_endpoint": there.pushed_requests,
            "backchannel_authentication_endpoint": there.backchannel_authentication,
        }
    return found


def _client_metadata(mutual_tls: MutualTls) -> dict[str, object]:
    methods = [*AUTHENTICATION_METHODS, *mutual_tls.methods]
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


def resource_metadata(
    endpoints: Endpoints, wire: str = "", mutual_tls: MutualTls = NO_MUTUAL_TLS
) -> dict[str, object]:
    """Give the metadata of our own resource server, or of one of its wires. RFC9728-2."""
    base = endpoints.base_url
    return {
        "resource": f"{base}/{wire}" if wire else base,
        "authorization_servers": [endpoints.issuer],
        "scopes_supported": sorted(KNOWN),
        "bearer_methods_supported": ["header"],
        "authorization_details_types_supported": list(TYPES),
        "resource_name": "Keycell",
        "tls_client_certificate_bound_access_tokens": mutual_tls.is_offered,
        "dpop_signing_alg_values_supported": list(PROOF_ALGORITHMS),
        "dpop_bound_access_tokens_required": False,
    }
