"""Every error code in full: what it means, what usually causes it, how to mend it.

Where ``error_uri`` leads, at an anchor of the code's own name, which never changes. RFC6749-5.2.
"""

from dataclasses import dataclass

_CIBA = "https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html"
_CORE = "https://openid.net/specs/openid-connect-core-1_0.html"


@dataclass(frozen=True, slots=True)
class Explained:
    """What a developer who meets an error wants to know of it."""

    meaning: str
    causes: tuple[str, ...]
    mend: str
    section: str
    """Where the code is defined: ``RFC6749-5.2``, ``OIDCC-3.1.2.6``."""

    @property
    def link(self) -> str:
        """The address of the section that defines the code."""
        document, _, section = self.section.partition("-")
        if document == "CIBA":
            return f"{_CIBA}#rfc.section.{section}"
        if document == "OIDCC":
            return f"{_CORE}#{'AuthError' if section == '3.1.2.6' else 'acrSemantics'}"
        return f"https://www.rfc-editor.org/rfc/{document.lower()}#section-{section}"


EXPLAINED = {
    "invalid_request": Explained(
        "A parameter is missing, sent more than once, or malformed.",
        (
            "A parameter's name has a typing error, or it is in the query instead of the body.",
            "The body is JSON where a form (application/x-www-form-urlencoded) is expected.",
            "A public client sends no code_challenge, or method plain instead of S256.",
            "The call came by another method than the endpoint takes.",
        ),
        "error_description names the parameter and what was received. Send each parameter once.",
        "RFC6749-5.2",
    ),
    "invalid_client": Explained(
        "The client did not prove who it is.",
        (
            "The secret is of another client, was replaced, or has a line break at its end.",
            "With HTTP Basic, client_id and secret are not form-encoded before base64.",
            "A signed assertion has the wrong aud, is too old, or was used before.",
            "The client was disabled or removed.",
            "Wrong secrets were shown too often (429): wait as long as Retry-After says.",
        ),
        "Compare client_id and secret with what the administrator of this server sees, and send "
        "the secret in one way only.",
        "RFC6749-5.2",
    ),
    "invalid_grant": Explained(
        "The code, refresh token or device code is unknown, expired, spent, revoked, or another "
        "client's.",
        (
            "A code was exchanged twice: it is good once, and for a short time.",
            "redirect_uri at the token endpoint is not the one of the authorization request.",
            "code_verifier does not belong to the code_challenge that was sent.",
            "An older refresh token was used after its successor: the whole grant has ended.",
            "The person revoked the application's access.",
        ),
        "Keep the newest refresh token of every answer. If that does not help, send the person "
        "through authorization again.",
        "RFC6749-5.2",
    ),
    "invalid_scope": Explained(
        "A scope was asked for that is unknown, malformed, not registered for this client, or "
        "wider than what was granted.",
        (
            "Scopes are separated by commas: they are separated by single spaces.",
            "The client's registration has a list of scopes, and this one is not on it.",
            "A refresh asks for more than the grant has.",
        ),
        "scopes_supported of the metadata lists all there are; have the client's registration "
        "changed where one is missing.",
        "RFC6749-5.2",
    ),
    "invalid_target": Explained(
        "The resource parameter is malformed, unknown, or not one this client may ask for.",
        (
            "It is not an absolute URI, or has a fragment.",
            "No resource is registered under this address here.",
        ),
        "Ask for a resource that the server's administrator has allowed for this client.",
        "RFC8707-2",
    ),
    "invalid_authorization_details": Explained(
        "authorization_details is malformed, of an unknown type, or more than was granted.",
        (
            "It is not a JSON array of objects, each with a type.",
            "The type is not among authorization_details_types_supported.",
            "A token request asks for more than the person allowed.",
        ),
        "Compare each object with the types in the metadata.",
        "RFC9396-5",
    ),
    "invalid_dpop_proof": Explained(
        "The DPoP proof is missing, malformed, or of another request.",
        (
            "htu or htm are not the address and method of this very request.",
            "The proof was sent before: each request wants one of its own, with a new jti.",
            "At a resource, ath is missing, or is not the hash of the access token.",
            "jwk has private parts, or alg is not one of dpop_signing_alg_values_supported.",
        ),
        "Make a new proof for each request, by the same key.",
        "RFC9449-5",
    ),
    "use_dpop_nonce": Explained(
        "The DPoP proof must carry a nonce of this server.",
        (
            "The sender's clock is off by more than a minute, so iat tells nothing.",
            "The nonce is from an earlier time.",
        ),
        "Send the request again with a new proof whose nonce is that of the header DPoP-Nonce.",
        "RFC9449-8",
    ),
    "unauthorized_client": Explained(
        "The client is known, but may not use this grant or response type.",
        (
            "grant_types or response_types of its registration do not have it.",
            "A public client uses a grant that needs a secret, such as client_credentials.",
        ),
        "Have the grant type added to the client's registration, or use one that is there.",
        "RFC6749-5.2",
    ),
    "unsupported_grant_type": Explained(
        "There is no such grant type here.",
        (
            "grant_type has a typing error.",
            "The application uses the password grant, which OAuth 2.1 no longer has.",
        ),
        "Use one of grant_types_supported of the metadata.",
        "RFC6749-5.2",
    ),
    "unsupported_response_type": Explained(
        "There is no such response type here.",
        ("The application is set to the implicit flow.", "response_type has a typing error."),
        "Use response_type=code with PKCE.",
        "RFC6749-4.1.2.1",
    ),
    "access_denied": Explained(
        "The person, or a rule of this server, said no.",
        (
            "The person pressed Deny.",
            "The person is not among those who may use this application.",
            "A client that asks from the back asked one person too often, and is to wait.",
        ),
        "Show that nothing was granted, and let the person try again.",
        "RFC6749-4.1.2.1",
    ),
    "server_error": Explained(
        "Something failed on this server.",
        ("It is a defect here, and was written to the server's log.",),
        "Give request_id to whoever runs this server: the log has the cause under it.",
        "RFC6749-4.1.2.1",
    ),
    "temporarily_unavailable": Explained(
        "The server cannot answer for the moment.",
        ("Its database is away or busy.", "It has as much to do as it takes at once."),
        "Try again after as many seconds as Retry-After says.",
        "RFC6749-4.1.2.1",
    ),
    "authorization_pending": Explained(
        "The person has not yet decided about the device, or about the request from the back.",
        ("This is the usual answer while the client waits.",),
        "Ask again after interval seconds.",
        "RFC8628-3.5",
    ),
    "slow_down": Explained(
        "The client asks too often.",
        ("It did not wait interval seconds between two requests.",),
        "Add five seconds to the interval, for this and all further requests.",
        "RFC8628-3.5",
    ),
    "expired_token": Explained(
        "Nobody decided in time about the device, or about the request from the back.",
        ("The person did not enter the code, or did not answer, or too late.",),
        "Begin anew with a new device code or a new request.",
        "RFC8628-3.5",
    ),
    "unknown_user_id": Explained(
        "The hint of a request from the back names nobody whom this client may ask.",
        (
            "login_hint is neither a login nor a verified mail address, or is two people's.",
            "The account is disabled.",
            "The client registered itself, and the person has not yet allowed it anything.",
        ),
        "Let the person sign in to the application in the usual way once, then ask again.",
        "CIBA-13",
    ),
    "invalid_binding_message": Explained(
        "The message that the person should compare cannot be shown.",
        ("It is longer than 100 characters, or holds control characters.",),
        "Send a short text, such as four digits, and show the same to the person.",
        "CIBA-13",
    ),
    "invalid_request_object": Explained(
        "The request object is malformed, not signed by this client, or out of date.",
        (
            "It is signed with a key that the client's jwks does not have, or with alg none.",
            "iss is not the client_id, or aud is not the issuer.",
            "exp is past.",
        ),
        "Decode the object and compare its header and claims with this list.",
        "RFC9101-6.2",
    ),
    "invalid_request_uri": Explained(
        "The request_uri is unknown, expired, used, or another client's.",
        (
            "A pushed request was used twice, or later than its expires_in.",
            "The address is not among the client's request_uris, or could not be fetched.",
        ),
        "Push the request again, and use each reference once and at once.",
        "RFC9126-2.2",
    ),
    "registration_not_supported": Explained(
        "The registration parameter of an authorization request is not taken here.",
        ("The client sends its metadata along with the request.",),
        "Register the client beforehand, and leave the parameter out.",
        "OIDCC-3.1.2.6",
    ),
    "unmet_authentication_requirements": Explained(
        "The authentication that was asked for as essential cannot be had.",
        (
            "acr is asked for as essential with a value that this server does not have.",
            "The person has no factor that reaches it.",
        ),
        "Ask for one of acr_values_supported, or as voluntary, and look at acr of the ID token.",
        "OIDCC-5.5.1.1",
    ),
    "interaction_required": Explained(
        "The person would have to do something, and prompt=none forbids to ask.",
        ("prompt=none is sent where the person must act first.",),
        "Send the request again without prompt=none.",
        "OIDCC-3.1.2.6",
    ),
    "login_required": Explained(
        "The person would have to sign in, and prompt=none forbids to ask.",
        (
            "Nobody is signed in in this browser, or longer ago than max_age.",
            "The browser keeps the cookies of this server back, as in a frame of another site.",
            "id_token_hint is of somebody else.",
        ),
        "Send the request again without prompt=none, in the whole window.",
        "OIDCC-3.1.2.6",
    ),
    "consent_required": Explained(
        "The person would have to consent, and prompt=none forbids to ask.",
        ("The request asks for something that the person has not allowed yet, or has revoked.",),
        "Send the request again without prompt=none.",
        "OIDCC-3.1.2.6",
    ),
    "invalid_redirect_uri": Explained(
        "A redirect URI may not be registered.",
        (
            "It has a fragment, or is not absolute.",
            "It is http and not a loopback address, or has a scheme such as javascript or data.",
        ),
        "Register https addresses. Programs on a device use http://127.0.0.1, and public clients "
        "may use a scheme of their own.",
        "RFC7591-3.2.2",
    ),
    "invalid_client_metadata": Explained(
        "A field of the client's metadata is malformed, contradicts another, or is not offered.",
        (
            "A field has another JSON type than the specification says.",
            "response_types and grant_types do not go together.",
            "Both jwks and jwks_uri are sent.",
        ),
        "error_description names the field; the metadata of this server says what it offers.",
        "RFC7591-3.2.2",
    ),
    "invalid_token": Explained(
        "The access token is malformed, expired, revoked, or for someone else.",
        (
            "It is older than its expires_in.",
            "An ID token is sent where an access token is expected.",
            "It was issued for another resource.",
            "The grant has ended: the person revoked it, or signed out.",
        ),
        "Refresh, and repeat the call once; then authorize again.",
        "RFC6750-3.1",
    ),
    "insufficient_scope": Explained(
        "The access token is good, but not for this.",
        ("The scope that WWW-Authenticate names was not asked for, or not allowed.",),
        "Authorize again with that scope added.",
        "RFC6750-3.1",
    ),
    "insufficient_user_authentication": Explained(
        "The access token is good, and this act wants a sign-in of just now.",
        (
            "The person signed in longer ago than max_age of WWW-Authenticate.",
            "The person has a second factor, and did not show it at that sign-in.",
        ),
        "Authorize again with the max_age and acr_values that WWW-Authenticate names.",
        "RFC9470-3",
    ),
}
