"""Who holds which key: DPoP proofs, each taken once, and certificates. RFC9449, RFC8705."""

from keycell.oauth.clients import Client
from keycell.oauth.confirmation import Confirmation
from keycell.oauth.dpop import ShownProof, check_proof, nonce_turns
from keycell.oauth.errors import InvalidDpopProof, InvalidRequest
from keycell.oauth.mutual_tls import ShownCertificate
from keycell.provider.ports import Provider
from keycell.values import dataclass

_NONCE = "dpop-nonce"
_BY_TLS = "this client registered tls_client_certificate_bound_access_tokens"


@dataclass(frozen=True, slots=True)
class Shown:
    """What the sender of a request shows of the keys it holds, and where it sends from."""

    proof: ShownProof | None = None
    certificate: ShownCertificate | None = None
    ip: str = ""


NOTHING = Shown()


def nonces(provider: Provider) -> tuple[str, ...]:
    """Give the nonces that are good now, the current one first; every process has the same."""
    turns = nonce_turns(provider.clock())
    return tuple(provider.sealer.mac(_NONCE, turn.encode()) for turn in turns)


async def prove(provider: Provider, shown: ShownProof, access_token: str | None = None) -> str:
    """Give the thumbprint of the key that the sender holds; raise InvalidDpopProof. RFC9449-4.3.

    A proof counts once, wherever it is shown. RFC9449-11.1.
    """
    signed = provider.proofs.verify(shown.proof)
    proof = check_proof(signed, shown, provider.clock(), nonces(provider), access_token)
    if not await provider.seen.see("dpop", proof.jkt, proof.jti, proof.until):
        raise InvalidDpopProof("the proof was used before; make one for each request")
    return proof.jkt


async def key_of(provider: Provider, client: Client, shown: Shown) -> Confirmation | None:
    """Give the key that a client's tokens are to be bound to, if they are.

    RFC9449-5, RFC8705-3. A certificate that merely comes along binds nothing: it may be there to
    authenticate, and who renews it would lose what it binds.
    """
    if client.metadata.tls_client_certificate_bound_access_tokens:
        if shown.proof is not None:
            raise InvalidRequest(f"tokens are bound to one key, and {_BY_TLS}: send no DPoP proof")
        if shown.certificate is None:
            raise InvalidRequest(f"{_BY_TLS}: ask by mutual TLS, with a certificate")
        return shown.certificate.confirmation
    if shown.proof is not None:
        return Confirmation("jkt", await prove(provider, shown.proof))
    if client.metadata.dpop_bound_access_tokens:
        raise InvalidDpopProof("this client registered dpop_bound_access_tokens: send a proof")
    return None
