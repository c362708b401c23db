"""What the sender of a request shows of the keys it holds: a proof, a certificate.

RFC9449, RFC8705.
"""

import base64
from collections.abc import Sequence
from dataclasses import replace

from starlette.requests import Request
from starlette.types import Scope

from keycell.http.edge import Edge
from keycell.http.wire import headers_of, origin_of, scheme_and_token
from keycell.oauth.dpop import ShownProof
from keycell.oauth.errors import InvalidDpopProof, ProofRefused
from keycell.oauth.mutual_tls import MOST_CERTIFICATES, ShownCertificate
from keycell.provider.holding import Shown

_SEQUENCE = 0x30
"""What DER begins one with. X690-8.9."""


def shown_proof(edge: Edge, request: Request) -> ShownProof | None:
    """Give the proof that came with a request, if one did; raise InvalidDpopProof. RFC9449-4.3."""
    return proof_of(edge, headers_of(request, b"dpop"), request.method, _raw_path(request))


def proof_of(edge: Edge, sent: Sequence[str], method: str, path: str) -> ShownProof | None:
    """Give the one proof that was sent with a request for this path; raise InvalidDpopProof."""
    if not sent:
        return None
    if len(sent) > 1:
        raise InvalidDpopProof("the DPoP header is sent more than once; send it once")
    mutual = edge.provider.mutual_tls.base_url
    origins = (*edge.settings.origins, mutual) if mutual else edge.settings.origins
    urls = tuple(f"{origin}{path}" for origin in origins)
    return ShownProof(sent[0], method, urls)


def shown_keys(edge: Edge, request: Request) -> Shown:
    """Give what came with a request that asks for tokens; raise InvalidDpopProof."""
    return Shown(shown_proof(edge, request), certificate_of(request.scope))


def certificate_of(scope: Scope) -> ShownCertificate | None:
    """Give the certificate that its connection was made with, as ASGI's extension has it.

    Whoever speaks TLS says it, never the request itself: our listener (mutual_listening.py), or a
    proxy that is trusted with it (proxied.py). Of what cannot be read nothing is believed.
    """
    told = (scope.get("extensions") or {}).get("tls")
    if not told:
        return None
    chain = tuple(told.get("client_cert_chain") or ())[:MOST_CERTIFICATES]
    try:
        return ShownCertificate(tuple(der_of(pem) for pem in chain)) if chain else None
    except ValueError:
        return None


def der_of(pem: str) -> bytes:
    """Give the bytes of a certificate in PEM; raise ValueError. RFC7468-5."""
    head, _, rest = pem.partition("-----BEGIN CERTIFICATE-----")
    body, end, _ = rest.partition("-----END CERTIFICATE-----")
    if head.strip() or not end:
        raise ValueError("no certificate in PEM")
    return checked_der(base64.b64decode("".join(body.split()), validate=True))


def checked_der(der: bytes) -> bytes:
    """Give bytes that have the form of a certificate; raise ValueError. RFC5280-4.1.

    Proxies write something for none too, ``::`` or ``null``: it would be everybody's who shows
    none, and so would be what is bound to it.
    """
    held = _held(der)
    if not held or held[0] != _SEQUENCE:
        raise ValueError("no certificate in DER")
    return der


def _held(der: bytes) -> bytes:
    """Give what a sequence holds that is as long as it says, and nothing of any other."""
    if len(der) < 2 or der[0] != _SEQUENCE:  # noqa: PLR2004
        return b""
    long = der[1] - 0x80 if der[1] >= 0x80 else 0  # noqa: PLR2004
    start = 2 + long
    length = int.from_bytes(der[2:start], "big") if long else der[1]
    return der[start:] if len(der) == start + length else b""


def pem_of(der: bytes) -> str:
    """Write a certificate as PEM. RFC7468-5."""
    body = base64.encodebytes(der).decode().replace("\n", "")
    lines = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
    return f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"


def shown_token(edge: Edge, request: Request) -> tuple[str | None, Shown]:
    """Give the access token of a request, and what it came with. RFC6750-2.1, RFC9449-7.1.

    A proof beside a token that came as Bearer says nothing of it; raise ProofRefused where one
    is needed and is not there.
    """
    scheme, token = scheme_and_token(request)
    bare = Shown(None, certificate_of(request.scope), origin_of(request).ip)
    if scheme == "bearer":
        return token, bare
    if scheme != "dpop" or not token:
        return None, bare
    try:
        return token, replace(bare, proof=needed(shown_proof(edge, request)))
    except InvalidDpopProof as error:
        raise ProofRefused(error.description) from None


def needed(proof: ShownProof | None) -> ShownProof:
    """Give the proof of a token that was sent by DPoP; raise ProofRefused."""
    if proof is None:
        raise ProofRefused("the DPoP header is missing: it carries the proof")
    return proof


def _raw_path(request: Request) -> str:
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    return raw.partition(b"?")[0].decode("latin-1")
