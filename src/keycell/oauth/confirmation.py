"""Which key something is bound to: of DPoP, or of a certificate shown by mutual TLS.

A token is bound to one key or to none. RFC7800-3.1, RFC8705-3.1, RFC9449-6.1.
"""

from typing import Literal

from keycell.oauth.errors import InvalidGrant
from keycell.values import dataclass

Method = Literal["jkt", "x5t#S256"]
BINDING = ("dpop_bound_access_tokens", "tls_client_certificate_bound_access_tokens")
"""By what a client registers that its tokens be bound. RFC9449-5.2, RFC8705-3.4."""
_CERTIFICATE = "x5t#S256:"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A key by its thumbprint, named as in the claim ``cnf``."""

    method: Method
    thumbprint: str

    @property
    def is_dpop(self) -> bool:
        """It is proved by a DPoP proof; otherwise by mutual TLS."""
        return self.method == "jkt"

    def to_json(self) -> dict[str, str]:
        """Give the claim ``cnf``."""
        return {self.method: self.thumbprint}


def dpop_key(jkt: str | None) -> Confirmation | None:
    """Name the key of a proof. RFC9449-6.1."""
    return None if jkt is None else Confirmation("jkt", jkt)


def read_confirmation(claim: object) -> Confirmation | None:
    """Read a claim ``cnf`` of ours."""
    if not isinstance(claim, dict):
        return None
    method: Method = "jkt" if "jkt" in claim else "x5t#S256"
    return Confirmation(method, str(claim[method]))


def kept_confirmation(found: Confirmation | None) -> str | None:
    """Write it into the one column there is for it: a certificate's thumbprint is marked."""
    if found is None or found.is_dpop:
        return None if found is None else found.thumbprint
    return _CERTIFICATE + found.thumbprint


def confirmation_kept(text: str | None) -> Confirmation | None:
    """Read it from its column."""
    if text is None or not text.startswith(_CERTIFICATE):
        return dpop_key(text)
    return Confirmation("x5t#S256", text.removeprefix(_CERTIFICATE))


def check_holder(bound_to: Confirmation | None, shown: Confirmation | None) -> None:
    """Refuse a code or refresh token to whoever does not hold its key.

    RFC9449-5, RFC9449-10, RFC8705-4.
    """
    if bound_to is None or bound_to == shown:
        return
    if bound_to.is_dpop:
        raise InvalidGrant("this is bound to a key: send a DPoP proof by that key")
    raise InvalidGrant("this is bound to a certificate: send it by mutual TLS with that one")
