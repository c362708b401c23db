"""What can go wrong, by the names the specifications give it.

``description`` travels to the client: it says what was received and what was expected, and gives
nothing away. ``detail`` goes to our log and may say everything. RFC6749-5.2, RFC6749-4.1.2.1.

    OAuthError
    ├── InvalidRequest, InvalidScope, InvalidTarget, UnauthorizedClient, ...
    ├── InvalidClient
    ├── InvalidGrant ── Replayed (the grant must be ended)
    ├── InvalidDpopProof ── UseDpopNonce
    ├── InteractionNeeded ── LoginRequired, ConsentRequired, ...
    ├── RegistrationError ── InvalidRedirectUri, InvalidClientMetadata
    └── TokenRefused ── InvalidToken (TokenMissing, HolderUnproven ...), InsufficientScope,
                     InsufficientUserAuthentication
    UntrustedRedirect (no OAuthError: it may never be answered by redirect)
"""

from typing import ClassVar

from keycell.oauth.sentences import Sentence, Words

_LONGEST_DESCRIPTION = 400
_LONGEST_QUOTE = 120


def quote(received: str) -> str:
    """Give what was received in a form that may stand in an error description.

    RFC6749-5.2 allows %x20-21, %x23-5B and %x5D-7E alone: no quotation mark, no backslash, no
    control character, nothing beyond ASCII.
    """
    cut = received if len(received) <= _LONGEST_QUOTE else received[:_LONGEST_QUOTE] + "..."
    return f"'{_plain(cut)}'"


def _plain(text: str) -> str:
    return "".join(c if " " <= c <= "~" and c not in '"\\' else "?" for c in text)


class OAuthError(Exception):
    """An error with a registered ``error`` code."""

    error: ClassVar[str]

    def __init__(self, description: str = "", *, detail: str = "") -> None:
        super().__init__(detail or description or self.error)
        self.description = _plain(description)[:_LONGEST_DESCRIPTION]
        self.detail = detail

    def tell_all(self) -> None:
        """Tell the client what otherwise our log alone is told: it is in test mode."""
        if self.detail:
            told = f"{self.description}: {self.detail}" if self.description else self.detail
            self.description = _plain(told)[:_LONGEST_DESCRIPTION]


class InvalidRequest(OAuthError):
    """A parameter is missing, repeated or malformed. RFC6749-5.2."""

    error = "invalid_request"


class InvalidClient(OAuthError):
    """The client did not authenticate. RFC6749-5.2."""

    error = "invalid_client"


class TooManyGuesses(InvalidClient):
    """Wrong secrets were shown so often that the next is heard after a while. RFC6585-4."""

    def __init__(self, wait: int, *, detail: str = "") -> None:
        super().__init__(
            f"too many wrong secrets from this network; wait {wait} s, then show the right one",
            detail=detail,
        )
        self.wait = wait


class InvalidGrant(OAuthError):
    """The code or refresh token is unknown, expired, revoked, or someone else's. RFC6749-5.2."""

    error = "invalid_grant"


class InvalidScope(OAuthError):
    """More was asked than was granted. RFC6749-5.2."""

    error = "invalid_scope"


class InvalidTarget(OAuthError):
    """The resource is malformed, unknown or not one this client may ask for. RFC8707-2."""

    error = "invalid_target"


class InvalidAuthorizationDetails(OAuthError):
    """The authorization details are malformed, unknown, or more than was granted. RFC9396-5."""

    error = "invalid_authorization_details"


class UnauthorizedClient(OAuthError):
    """The client may not use this grant or response type. RFC6749-5.2."""

    error = "unauthorized_client"


class UnsupportedGrantType(OAuthError):
    """No such grant type here. RFC6749-5.2."""

    error = "unsupported_grant_type"


class UnsupportedResponseType(OAuthError):
    """No such response type here. RFC6749-4.1.2.1."""

    error = "unsupported_response_type"


class AccessDenied(OAuthError):
    """The person, or a policy, said no. RFC6749-4.1.2.1."""

    error = "access_denied"


class AskedTooOften(AccessDenied):
    """The person was asked so often that they are left in peace for a while. CIBA-13."""


class UnknownUserId(OAuthError):
    """The hint names nobody whom this client may ask. CIBA-13."""

    error = "unknown_user_id"


class InvalidBindingMessage(OAuthError):
    """The message is longer than can be shown, or cannot be shown. CIBA-13."""

    error = "invalid_binding_message"


class AuthorizationPending(OAuthError):
    """The person has not yet decided: ask again after the interval. RFC8628-3.5, CIBA-11."""

    error = "authorization_pending"


class SlowDown(OAuthError):
    """As `AuthorizationPending`, but the interval is longer from here on. RFC8628-3.5."""

    error = "slow_down"


class ExpiredToken(OAuthError):
    """Nobody decided in time: the client must begin anew. RFC8628-3.5, CIBA-11."""

    error = "expired_token"


class TemporarilyUnavailable(OAuthError):
    """The server cannot answer for the moment. RFC6749-4.1.2.1."""

    error = "temporarily_unavailable"


class RegisteredTooOften(OAuthError):
    """So many registered from one network that the next waits. RFC7591-3, RFC6585-4."""

    error = "temporarily_unavailable"

    def __init__(self, wait: int) -> None:
        super().__init__(f"too many registrations from this network; wait {wait} s")
        self.wait = wait


class PushedTooOften(OAuthError):
    """So many requests were pushed from one network that the next waits. RFC9126-2.3."""

    error = "temporarily_unavailable"

    def __init__(self, wait: int) -> None:
        super().__init__(f"too many requests were pushed from this network; wait {wait} s")
        self.wait = wait


class InvalidRequestObject(OAuthError):
    """The request object is malformed, not signed by the client, or out of date. RFC9101-6.2."""

    error = "invalid_request_object"


class InvalidRequestUri(OAuthError):
    """The request URI is unknown, expired, used, or another client's. RFC9101-6.2, RFC9126-2.2."""

    error = "invalid_request_uri"


class RegistrationNotSupported(OAuthError):
    """The ``registration`` parameter is not taken here. OIDCC-3.1.2.6."""

    error = "registration_not_supported"


class UnmetAuthenticationRequirements(OAuthError):
    """The authentication asked for as essential cannot be had. OIDCC-5.5.1.1."""

    error = "unmet_authentication_requirements"


class InteractionNeeded(OAuthError):
    """The person would have to do something, and ``prompt=none`` forbids asking. OIDCC-3.1.2.6."""

    error = "interaction_required"


class LoginRequired(InteractionNeeded):
    """The person would have to log in. OIDCC-3.1.2.6."""

    error = "login_required"


class ConsentRequired(InteractionNeeded):
    """The person would have to consent. OIDCC-3.1.2.6."""

    error = "consent_required"


class RegistrationError(OAuthError):
    """Client metadata that cannot be registered. RFC7591-3.2.2."""


class InvalidRedirectUri(RegistrationError):
    """A redirect URI that may not be registered. RFC7591-3.2.2."""

    error = "invalid_redirect_uri"

    def __init__(self, said: str | Sentence) -> None:
        super().__init__(str(said))
        self.said = said

    def told(self, words: Words) -> str:
        """Say it in the language of these words, as far as there are any."""
        return self.said.told(words) if isinstance(self.said, Sentence) else self.said


class InvalidClientMetadata(RegistrationError):
    """A field of client metadata that is malformed or not offered. RFC7591-3.2.2."""

    error = "invalid_client_metadata"


class TokenRefused(OAuthError):
    """A resource was asked for without a token that opens it. RFC6750-3.1."""


class InvalidToken(TokenRefused):
    """The access token is malformed, expired, revoked, or for someone else. RFC6750-3.1."""

    error = "invalid_token"


class TokenMissing(InvalidToken):
    """No access token was sent: nothing is said of what is wrong with it. RFC6750-3.1."""


class InsufficientScope(TokenRefused):
    """The access token is good, but not for this. RFC6750-3.1."""

    error = "insufficient_scope"

    def __init__(self, scope: str, *, instead: str = "", detail: str = "") -> None:
        needs = f"this needs the scope {scope}"
        super().__init__(f"{needs}, or {instead}" if instead else needs, detail=detail)
        self.scope = scope


class InsufficientUserAuthentication(TokenRefused):
    """The access token is good, and its person signed in too long ago or too weakly. RFC9470-3."""

    error = "insufficient_user_authentication"

    def __init__(self, description: str, *, max_age: int, acr_values: tuple[str, ...]) -> None:
        super().__init__(description)
        self.max_age = max_age
        self.acr_values = acr_values


class InvalidDpopProof(OAuthError):
    """The proof that the sender holds a key is missing, malformed, or of another request.

    RFC9449-5.
    """

    error = "invalid_dpop_proof"


class UseDpopNonce(InvalidDpopProof):
    """The proof must carry this nonce of ours. RFC9449-8."""

    error = "use_dpop_nonce"

    def __init__(self, description: str, nonce: str) -> None:
        super().__init__(description)
        self.nonce = nonce


class HolderUnproven(InvalidToken):
    """A token that is bound to a key came without proof of that key. RFC9449-7.1."""


class ProofRefused(HolderUnproven):
    """The proof that came with a token is none for it. RFC9449-7.1."""

    error = "invalid_dpop_proof"


class ProofNonceWanted(ProofRefused):
    """The proof that came with a token must carry this nonce of ours. RFC9449-9."""

    error = "use_dpop_nonce"

    def __init__(self, description: str, nonce: str) -> None:
        super().__init__(description)
        self.nonce = nonce


class Replayed(InvalidGrant):
    """A single-use credential came back, so its grant must be ended.

    RFC6749-4.1.2 asks it for codes, RFC9700-4.14.2 for refresh tokens. To the client it is
    a plain ``invalid_grant``: a thief learns nothing from it.
    """

    def __init__(self, grant_id: str, *, why: str = "single-use credential replayed") -> None:
        super().__init__(detail=f"grant {grant_id}: {why}")
        self.grant_id = grant_id
        self.why = why


class UntrustedRedirect(Exception):
    """The client or its redirect URI is not known: say so on a page, never by redirect.

    Not an `OAuthError`, so no code that answers those can send a browser off by mistake.
    RFC6749-4.1.2.1.
    """

    def __init__(
        self,
        reason: str,
        *,
        received: str | None = None,
        registered: tuple[str, ...] = (),
        detail: str = "",
        client_id: str = "",
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail
        self.received = received
        self.registered = registered
        self.client_id = client_id
