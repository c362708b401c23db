"""An application of FAPI 2: it pushes what it asks, signs what it says, and holds a key."""

import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import httpx2
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from keycell.oauth.pkce import s256

from ..certificates import Certificate, certificate
from ..holder import Holder
from .application import CALLBACK, Application, register
from .provider import Provider
from .robot import Answer, Robot, Shown

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
OBJECT_TYPE = "oauth-authz-req+jwt"
REFUSED = ("invalid_request", "invalid_request_uri", "invalid_request_object")
PAR = "pushed_authorization_request_endpoint"


@dataclass(frozen=True)
class Variant:
    """How a client proves itself, what its tokens are bound to, and whether it signs requests.

    Where it is not by a certificate, it is by an assertion, and by DPoP.
    """

    signs: bool = False
    proves_by_certificate: bool = False
    is_bound_by_certificate: bool = False


PLAIN = Variant()
SIGNED = Variant(signs=True)
CERTIFIED = Variant(proves_by_certificate=True, is_bound_by_certificate=True)
VARIANTS = {
    "plain": PLAIN, "signed": SIGNED, "mtls-mtls": CERTIFIED,
    "mtls-dpop": Variant(proves_by_certificate=True),
    "key-mtls": Variant(is_bound_by_certificate=True),
}  # fmt: skip
HELD = [name for name, one in VARIANTS.items() if not one.is_bound_by_certificate]
UNSIGNED = [name for name, one in VARIANTS.items() if not one.signs]


@dataclass
class Party(Application):
    """A client of the profile ``fapi2``; with ``signs``, of its Message Signing too."""

    variant: Variant = PLAIN
    holder: Holder = field(default_factory=Holder)
    certificate: Certificate | None = None

    @property
    def signs(self) -> bool:
        return self.variant.signs

    def at(self, endpoint: str) -> str:
        return self.provider.endpoint(endpoint, is_certified=self.certificate is not None)

    def proof(
        self, url: str, method: str = "POST", token: str | None = None,
        holder: Holder | None = None,
    ) -> str:  # fmt: skip
        """Prove to hold a key; nothing where a certificate does."""
        if self.variant.is_bound_by_certificate:
            return ""
        return (holder or self.holder).proof(url, method, token)

    @property
    def asked(self) -> dict[str, str]:
        return {
            "client_id": self.client_id, "redirect_uri": self.redirect_uri, "scope": "openid",
            "response_type": "code", "state": "a state", "nonce": self.nonce,
            "code_challenge": s256(VERIFIER), "code_challenge_method": "S256",
        }  # fmt: skip

    def object(
        self,
        asked: dict[str, str],
        key: Any = None,  # noqa: ANN401
        alg: str = "ES256",
        **said: Any,  # noqa: ANN401
    ) -> str:
        """Sign a request; a claim that is None is left out. FAPI2-MS-5.3.1."""
        now = int(time.time())
        claims = {
            "iss": self.client_id, "aud": self.provider.issuer, "iat": now, "nbf": now,
            "exp": now + 300, "jti": uuid.uuid4().hex,
        } | asked | said  # fmt: skip
        kept = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": alg, "typ": OBJECT_TYPE}
        signing: Any = key or self.key
        return jwt.encode(header, kept, signing, algorithms=[alg])

    def push(
        self, *, proof: str = "", outside: dict[str, str] | None = None,
        proven: dict[str, str] | None = None, **changed: str,
    ) -> httpx2.Response:  # fmt: skip
        """Push a request, as a signed object where that is registered."""
        form = {name: value for name, value in (self.asked | changed).items() if value}
        if self.signs:
            form = {"client_id": self.client_id, "request": self.object(form)}
        return self.send(PAR, form | (outside or {}), proof=proof, proven=proven)

    def send(
        self, endpoint: str, form: dict[str, str], *, proof: str = "",
        proven: dict[str, str] | None = None, shows: bool = True,
    ) -> httpx2.Response:  # fmt: skip
        """Post to an endpoint as who it is; the proof is of a key, if any."""
        if proven is None and self.variant.proves_by_certificate:
            proven = {"client_id": self.client_id}
        elif proven is None:
            proven = self.asserted(self.provider.issuer)
        headers = {"DPoP": proof} if proof else {}
        with self.provider.http(self.certificate if shows else None) as http:
            return http.post(self.at(endpoint), data=proven | form, headers=headers)

    def pushed(self, **changed: Any) -> str:  # noqa: ANN401
        response = self.push(**changed)
        assert response.status_code == 201, response.text
        told = response.json()
        assert 5 <= told["expires_in"] <= 60
        return str(told["request_uri"])

    def open(
        self, robot: Robot, request_uri: str, *, stop_at: str = "", **more: str
    ) -> Answer | Shown:
        """Send the robot with a pushed request."""
        query = {"client_id": self.client_id, "request_uri": request_uri} | more
        url = self.provider.metadata["authorization_endpoint"]
        return robot.visit(url, query, stop_at=stop_at)

    def code(self, robot: Robot, **changed: Any) -> Answer:  # noqa: ANN401
        found = self.open(robot, self.pushed(**changed))
        assert isinstance(found, Answer), found
        assert not found.error, found
        assert found.params.keys() <= {"code", "state", "iss", "session_state"}
        assert found.params["iss"] == self.provider.issuer
        return found

    def redeem(
        self, answer: Answer, *, holder: Holder | None = None, proof: str | None = None,
        proven: dict[str, str] | None = None, shows: bool = True, **changed: str,
    ) -> httpx2.Response:  # fmt: skip
        """Exchange a code; what is changed to nothing is left out."""
        form = {
            "grant_type": "authorization_code", "code": answer.params["code"],
            "redirect_uri": self.redirect_uri, "code_verifier": VERIFIER,
        } | changed  # fmt: skip
        given = {name: value for name, value in form.items() if value}
        if proof is None:
            proof = self.proof(self.at("token_endpoint"), holder=holder)
        return self.send("token_endpoint", given, proof=proof, proven=proven, shows=shows)

    def redeemed(self, answer: Answer) -> dict[str, Any]:
        response = self.redeem(answer)
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        assert found["token_type"] == self.scheme
        return found

    @property
    def scheme(self) -> str:
        return "Bearer" if self.variant.is_bound_by_certificate else "DPoP"

    def renew(
        self, refresh_token: str, *, proven: dict[str, str] | None = None, shows: bool = True
    ) -> httpx2.Response:
        proof = self.proof(self.at("token_endpoint"))
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return self.send("token_endpoint", form, proof=proof, proven=proven, shows=shows)

    def call(
        self, access_token: str, *, proof: str | None = None, scheme: str = ""
    ) -> httpx2.Response:
        """Ask the resource server: here, for the person's claims."""
        url = self.at("userinfo_endpoint")
        if proof is None:
            proof = self.proof(url, "GET", access_token)
        headers = {"Authorization": f"{scheme or self.scheme} {access_token}"}
        with self.provider.http(self.certificate) as http:
            return http.get(url, headers=headers | ({"DPoP": proof} if proof else {}))


def public(*keys: RSAKey | ECKey) -> dict[str, Any]:
    told = [dict(key.as_dict(private=False)) for key in keys]
    return {"keys": [{name: key[name] for name in key if name != "kid"} for key in told]}


def make(provider: Provider, variant: Variant = PLAIN, **metadata: object) -> Party:
    """Register an application of the profile."""
    key = ECKey.generate_key("P-256")
    wanted: dict[str, object] = {
        "profile": "fapi2", "jwks": public(key), "redirect_uris": [CALLBACK],
        "grant_types": ["authorization_code", "refresh_token"],
    }  # fmt: skip
    shown = None
    if variant.proves_by_certificate or variant.is_bound_by_certificate:
        shown = certificate("CN=party")
    if variant.signs:
        wanted |= {"require_signed_request_object": True, "request_object_signing_alg": "ES256"}
    if variant.proves_by_certificate and shown is not None:
        method = "self_signed_tls_client_auth"
        wanted |= {"token_endpoint_auth_method": method, "jwks": shown.jwks}
    if variant.is_bound_by_certificate:
        wanted["tls_client_certificate_bound_access_tokens"] = True
    made = register(provider, key, **(wanted | metadata))
    uri = made.redirect_uri
    return Party(provider, made.document, key, uri, variant=variant, certificate=shown)


def error(response: httpx2.Response) -> str:
    """Give the code of an error that is as it must be. PROTOCOL-T6."""
    assert response.status_code in (400, 401), response.text
    said = response.json()
    text = said.get("error_description", "")
    assert all(" " <= char <= "~" and char not in '"\\' for char in text)
    return str(said["error"])


def assert_no_request(found: Answer | Shown) -> None:
    """A pushed request that cannot be used: a page that says so, or an error. PROTOCOL-P8."""
    assert found.error in (*REFUSED, "a page")
    if isinstance(found, Shown):
        assert found.status == 400
        assert "invalid request_uri" in found.text
