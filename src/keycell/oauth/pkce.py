"""Proof Key for Code Exchange: whoever redeems a code is who asked for it.

S256 alone: ``plain`` proves nothing to somebody who saw the request (RFC9700-2.1.1).
"""

import base64
import hashlib
import hmac
import re

from keycell.oauth.errors import InvalidGrant, InvalidRequest, quote

METHODS = ("S256",)

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


def read_code_challenge(
    challenge: str | None, method: str | None, *, is_required: bool
) -> str | None:
    """Give the challenge that the code will be bound to, if any. RFC7636-4.3, RFC7636-4.4.1."""
    if challenge is None:
        if method is not None:
            raise InvalidRequest("code_challenge_method is sent without code_challenge")
        if is_required:
            raise InvalidRequest("code_challenge is missing: this client must use PKCE, with S256")
        return None
    if method not in METHODS:
        received = "plain, the default," if method is None else quote(method)
        raise InvalidRequest(f"code_challenge_method {received} is not taken; use S256")
    if not _CHALLENGE.fullmatch(challenge):
        raise InvalidRequest("code_challenge must be 43 base64url characters, as S256 makes")
    return challenge


def check_code_verifier(verifier: str | None, challenge: str | None) -> None:
    """Hold the verifier against the challenge that came with the request. RFC7636-4.6.

    A verifier without a challenge is refused too: someone dropped the challenge on the way
    (RFC9700-4.8.2).
    """
    if challenge is None:
        if verifier is not None:
            raise InvalidGrant("code_verifier is sent, but no code_challenge was")
        return
    if verifier is None:
        raise InvalidGrant("code_verifier is missing")
    if not _VERIFIER.fullmatch(verifier):
        raise InvalidGrant("code_verifier must be 43 to 128 unreserved characters")
    if not hmac.compare_digest(s256(verifier), challenge):
        raise InvalidGrant("code_verifier does not belong to the code_challenge")


def s256(verifier: str) -> str:
    """Turn a verifier into its challenge. RFC7636-4.2."""
    hashed = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(hashed).rstrip(b"=").decode("ascii")
