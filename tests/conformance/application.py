"""An application that registers itself, asks, and looks hard at whatever comes back."""

import math
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx2
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from ..halves import left_half
from .provider import Provider
from .robot import Answer, Robot, Shown

CALLBACK = "https://app.example/callback"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
USUAL = {"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp", "at_hash",
         "c_hash", "s_hash", "nbf", "jti", "sid", "txn"}  # fmt: skip
_SKEW = 300


@dataclass
class Application:
    """A registered client, by what registration answered."""

    provider: Provider
    document: dict[str, Any]
    key: RSAKey | ECKey | None = None
    """What it signs its assertions with, without a name for it."""
    redirect_uri: str = CALLBACK
    nonce: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def client_id(self) -> str:
        return str(self.document["client_id"])

    def ask(
        self, robot: Robot, response_type: str = "code", *, post: bool = False, stop_at: str = "",
        **changed: str,
    ) -> Answer | Shown:  # fmt: skip
        """Send the robot with a request; what is changed to nothing is left out."""
        params = {
            "client_id": self.client_id, "redirect_uri": self.redirect_uri, "scope": "openid",
            "response_type": response_type, "state": "a state of its own", "nonce": self.nonce,
        } | changed  # fmt: skip
        given = {name: value for name, value in params.items() if value}
        url = self.provider.metadata["authorization_endpoint"]
        found = robot.visit(url, given, post=post, stop_at=stop_at)
        if isinstance(found, Answer):
            assert found.params.get("state") == given.get("state")
            assert found.params["iss"] == self.provider.issuer
        return found

    def answered(self, robot: Robot, response_type: str = "code", **changed: Any) -> Answer:  # noqa: ANN401
        """Ask, and be answered without an error."""
        found = self.ask(robot, response_type, **changed)
        assert isinstance(found, Answer), found
        assert not found.error, found
        assert found.to == changed.get("redirect_uri", self.redirect_uri)
        for name in {"code", "access_token"} & found.params.keys():
            assert_hard_to_guess(found.params[name])
        return found

    def token(self, **form: str) -> httpx2.Response:
        """Ask the token endpoint, authenticated as was registered."""
        url = self.provider.metadata["token_endpoint"]
        method = self.document["token_endpoint_auth_method"]
        basic: Any = None
        if method == "client_secret_basic":
            basic = (self.client_id, self.document["client_secret"])
        elif method == "client_secret_post":
            form |= {"client_id": self.client_id, "client_secret": self.document["client_secret"]}
        else:
            form = self.asserted(url) | form
        with self.provider.http() as http:
            response = http.post(url, data=form, auth=basic)
        assert response.headers["cache-control"] == "no-store"
        return response

    def asserted(self, audience: object, alg: str = "", **said: object) -> dict[str, str]:
        """Prove who is asking. RFC7523-2.2."""
        assert self.key is not None
        alg = alg or ("RS256" if isinstance(self.key, RSAKey) else "ES256")
        now = int(time.time())
        claims = {
            "iss": self.client_id, "sub": self.client_id, "aud": audience,
            "jti": uuid.uuid4().hex, "iat": now, "exp": now + 60,
        } | said  # fmt: skip
        kept = {name: value for name, value in claims.items() if value is not None}
        signed = jwt.encode({"alg": alg}, kept, self.key, algorithms=[alg])
        return {"client_assertion_type": ASSERTION, "client_assertion": signed}

    def exchange(self, answer: Answer, **form: str) -> httpx2.Response:
        """Ask for tokens by the code of an answer."""
        return self.token(
            grant_type="authorization_code", code=answer.params["code"], redirect_uri=answer.to,
            **form,
        )  # fmt: skip

    def tokens(self, answer: Answer, **form: str) -> dict[str, Any]:
        """Get the tokens for a code, each as it must be."""
        response = self.exchange(answer, **form)
        assert response.status_code == 200, response.text
        given: dict[str, Any] = response.json()
        assert response.headers["content-type"] == "application/json"
        assert given["token_type"] in ("Bearer", "DPoP")
        assert 0 < given["expires_in"] <= 366 * 86_400
        for name in {"access_token", "refresh_token"} & given.keys():
            assert_hard_to_guess(given[name])
        return given

    def refresh(self, refresh_token: str, **form: str) -> httpx2.Response:
        return self.token(grant_type="refresh_token", refresh_token=refresh_token, **form)

    def claims(self, token: str, *, more: frozenset[str] = frozenset(), **besides: str) \
            -> dict[str, Any]:  # fmt: skip
        """Give the claims of an ID token that is as it must be, beside what came with it."""
        alg = self.document["id_token_signed_response_alg"]
        keys = KeySet.import_key_set(self.provider.jwks())  # type: ignore[arg-type]
        read = jwt.decode(token, keys, algorithms=[alg])
        claims: dict[str, Any] = read.claims
        assert read.header["alg"] == alg
        assert read.header["kid"] in {key.kid for key in keys}
        assert claims["iss"] == self.provider.issuer
        assert claims["aud"] in (self.client_id, [self.client_id])
        assert abs(claims["iat"] - time.time()) < _SKEW
        assert claims["exp"] > time.time()
        assert claims["sub"]
        assert claims.get("acr", "some")
        assert claims.keys() <= USUAL | more, claims
        for name, value in (("at_hash", "access_token"), ("c_hash", "code")):
            if value in besides:
                assert claims[name] == left_half(besides[value], alg)
        return claims

    def id_token(self, answer: Answer, response_type: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
        """Give the claims of whatever ID tokens a flow brings, which must agree."""
        found = []
        if "id_token" in answer.params:
            besides: dict[str, Any] = {name: value for name, value in answer.params.items()
                       if name in ("code", "access_token")}  # fmt: skip
            found.append(self.claims(answer.params["id_token"], **more, **besides))
        if "code" in answer.params:
            given = self.tokens(answer)
            found.append(self.claims(given["id_token"], **more))
        assert found or response_type == "token"
        assert len({claims["sub"] for claims in found}) <= 1
        return found[-1] if found else {}

    def userinfo(self, access_token: str) -> dict[str, Any]:
        with self.provider.http() as http:
            response = http.get(
                self.provider.metadata["userinfo_endpoint"],
                headers={"Authorization": f"Bearer {access_token}"},
            )
        assert response.status_code == 200, response.text
        assert response.headers["content-type"] == "application/json"
        found: dict[str, Any] = response.json()
        return found


def assert_hard_to_guess(token: str) -> None:
    """PROTOCOL-A12: at least 128 bits long, and 96 bits of entropy as Shannon counts them."""
    assert len(token) * 8 >= 128
    shares = [number / len(token) for number in Counter(token).values()]
    assert -sum(share * math.log2(share) for share in shares) * len(token) >= 96


def ask_to_register(provider: Provider, **metadata: object) -> httpx2.Response:
    document = {"redirect_uris": [CALLBACK], "client_name": "Exam"} | metadata
    with provider.http() as http:
        return http.post(provider.metadata["registration_endpoint"], json=document)


def register(
    provider: Provider, key: RSAKey | ECKey | None = None, **metadata: object
) -> Application:
    """Register an application, which may then ask for every scope. OIDCDCR-3.2."""
    response = ask_to_register(provider, **metadata)
    assert response.status_code == 201, response.text
    document = response.json()
    if "client_secret" in document:
        assert "client_secret_expires_at" in document
    assert document["registration_client_uri"].startswith("https://")
    assert document["registration_access_token"]
    assert {name: document[name] for name in metadata} == metadata
    uris: Any = metadata.get("redirect_uris", [CALLBACK])
    return Application(provider, document, key, uris[0])
