"""An application of FAPI-CIBA: it names a person, who decides elsewhere. CIBA-7, FAPI-CIBA-5.2."""

import html
import json
import re
import time
import uuid
from dataclasses import dataclass
from typing import Any

import httpx2
from joserfc.jwk import ECKey

from keycell.oauth.token import BACKCHANNEL

from ..certificates import certificate
from ..server import keycell_json
from .fapi import CERTIFIED, PLAIN, Party, Variant, error, public
from .provider import Provider
from .robot import Robot, Shown

BC = "backchannel_authentication_endpoint"
FAPI2: dict[str, object] = {"profile": "fapi2"}
VARIANTS = {"key": Variant(is_bound_by_certificate=True), "mtls": CERTIFIED, "proof": PLAIN}
"""How a client proves itself, and what binds its tokens: its certificate, or a proof."""
PROFILES: dict[str, dict[str, object]] = {"key": {}, "mtls": FAPI2, "proof": FAPI2}
"""All that FAPI-CIBA asks said member by member, or by the profile alone."""
_FORM = re.compile(r'<form method="post" action="/oauth2/requests">.*?</form>', re.DOTALL)
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


@dataclass
class Cashier(Party):
    """A client that an administrator let ask people from the back, by signed requests alone."""

    notification_token: str = ""

    def wanted(self, **changed: object) -> dict[str, Any]:
        """Give the claims of a request; one that is None is left out when it is signed."""
        told = {"client_notification_token": self.notification_token}
        return {"scope": "openid", "login_hint": "ann", "jti": uuid.uuid4().hex} | (
            told if self.notification_token else {}
        ) | changed  # fmt: skip

    def begin(
        self, *, key: Any = None, alg: str = "ES256", proven: dict[str, str] | None = None,  # noqa: ANN401
        **changed: Any,  # noqa: ANN401
    ) -> httpx2.Response:  # fmt: skip
        """Send a signed request. CIBA-7.1.1."""
        signed = self.object({}, key, alg, **self.wanted(**changed))
        return self.send(BC, {"request": signed}, proven=proven)

    def started(self, **changed: Any) -> str:  # noqa: ANN401
        """Ask, and be told by which handle to fetch."""
        response = self.begin(**changed)
        assert response.status_code == 200, response.text
        told = response.json()
        assert told["expires_in"] > 0
        assert told["interval"] >= 0
        return str(told["auth_req_id"])

    def fetch(
        self, auth_req_id: str, *, proven: dict[str, str] | None = None, shows: bool = True,
        **more: str,
    ) -> httpx2.Response:  # fmt: skip
        """Ask for the tokens; who does not show, proves to hold nothing. CIBA-10.1."""
        proof = self.proof(self.at("token_endpoint")) if shows else ""
        form = {"grant_type": BACKCHANNEL, "auth_req_id": auth_req_id} | more
        return self.send("token_endpoint", form, proof=proof, proven=proven, shows=shows)

    def fetched(self, auth_req_id: str) -> dict[str, Any]:
        response = self.fetch(auth_req_id)
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        assert found["token_type"] == self.scheme
        assert self.call(found["access_token"]).status_code == 200
        return found

    def waited(self, auth_req_id: str) -> str:
        """Poll until it is no longer pending, and give the error."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            said = error(self.fetch(auth_req_id))
            if said not in ("authorization_pending", "slow_down"):
                return said
            time.sleep(0.5)
        raise AssertionError("pending for ever")


def employ(provider: Provider, variant: Variant, **metadata: object) -> Cashier:
    """Have an administrator register a client; who registers itself asks nobody unknown to it."""
    key, shown = ECKey.generate_key("P-256"), certificate("CN=cashier")
    keys = public(key)["keys"]
    method = "private_key_jwt"
    if variant.proves_by_certificate:
        method, keys = "self_signed_tls_client_auth", [*keys, *shown.jwks["keys"]]  # type: ignore[misc]
    document: dict[str, object] = {
        "jwks": {"keys": keys}, "backchannel_token_delivery_mode": "poll",
        "tls_client_certificate_bound_access_tokens": variant.is_bound_by_certificate,
    } | metadata  # fmt: skip
    if "profile" not in document:
        document = {
            "id_token_signed_response_alg": "ES256",
            "backchannel_authentication_request_signing_alg": "ES256",
        } | document  # fmt: skip
    if method == "private_key_jwt":
        document.setdefault("token_endpoint_auth_signing_alg", "ES256")
    made = keycell_json(
        "admin", "client", "add", "Cashier", "--auth-method", method, "--grant-type", BACKCHANNEL,
        "--grant-type", "refresh_token", "--metadata", json.dumps(document),
        "--data", str(provider.server.data),
    )  # fmt: skip
    token = uuid.uuid4().hex if document["backchannel_token_delivery_mode"] == "ping" else ""
    named = {"client_id": made["client_id"], "id_token_signed_response_alg": "ES256"}
    return Cashier(
        provider, named, key, variant=variant, certificate=shown, notification_token=token
    )


def decide(robot: Robot, action: str = "accept") -> str:
    """Have the person decide what waits for them; give the page that they decided on. CIBA-8."""
    url = f"{robot.provider.url}/oauth2/requests"
    page = robot.visit(url, {}, stop_at="request-accept-1")
    assert isinstance(page, Shown)
    forms = _FORM.findall(page.text)
    assert len(forms) == 1, page.text
    fields = {name: html.unescape(value) for name, value in _HIDDEN.findall(forms[0])}
    done = robot.http.post(url, data=fields | {"action": action}, follow_redirects=True)
    assert 'id="requests-done"' in done.text
    return page.text
