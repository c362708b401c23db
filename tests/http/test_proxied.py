"""What a proxy says of a certificate, and what anybody else does. RFC9440."""

import base64
from urllib.parse import quote

import pytest
from starlette.types import Message, Receive, Scope, Send

from keycell.http.holding import certificate_of, der_of, pem_of
from keycell.http.proxied import Proxied, read_certificate, read_chain

from ..certificates import Certificate, authority, certificate

CA = authority()
MADE = certificate(issuer=CA)
SENT = f":{base64.b64encode(MADE.der).decode()}:"
ISSUER = f":{base64.b64encode(CA.der).decode()}:"


async def seen(
    *headers: tuple[str, str], ip: str | None = "10.0.0.1", name: str = "Client-Cert",
    trusted: tuple[str, ...] = ("10.0.0.0/8",),
) -> Scope:  # fmt: skip
    """Give the request as the application behind sees it."""
    found: list[Scope] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        found.append(scope)

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(_message: Message) -> None:
        return None

    scope = {
        "type": "http", "client": None if ip is None else (ip, 1), "scheme": "http",
        "headers": [(key.lower().encode(), value.encode("latin-1")) for key, value in headers],
    }  # fmt: skip
    await Proxied(app, trusted, name)(scope, receive, send)
    return found[0]


def forms(made: Certificate) -> list[str]:
    plain = base64.b64encode(made.der).decode()
    return [
        f":{plain}:", plain, quote(plain), quote(made.pem), made.pem.replace("\n", " "),
        quote(made.pem, safe=""),
    ]  # fmt: skip


@pytest.mark.parametrize("sent", forms(MADE))
async def test_every_form_that_proxies_write(sent: str) -> None:
    """RFC9440-2.2."""
    assert read_certificate(sent) == MADE.der
    there = await seen(("X-SSL-Cert", sent), ("X-Forwarded-For", "203.0.113.9"), name="X-SSL-Cert")
    shown = certificate_of(there)
    assert shown is not None
    assert shown.confirmation.thumbprint == MADE.x5t
    assert there["client"][0] == "203.0.113.9"
    assert "x-ssl-cert" not in dict(there["headers"])


async def test_its_issuers_come_beside() -> None:
    """RFC9440-2.3."""
    for beside in ([ISSUER, ISSUER], [f"{ISSUER}, {ISSUER}"]):
        there = await seen(("Client-Cert", SENT), *(("Client-Cert-Chain", one) for one in beside))
        shown = certificate_of(there)
        assert shown is not None
        assert shown.chain == (MADE.der, CA.der, CA.der)
    many = [("Client-Cert-Chain", ", ".join([ISSUER] * 10))]
    assert certificate_of(await seen(("Client-Cert", SENT), *many)) is None


async def test_attack_47_a_header_from_outside_is_taken_away() -> None:
    """RFC9440-4, ATTACKS: whoever is no trusted proxy shows nothing by it."""
    for ip in ("203.0.113.9", "11.0.0.1", "::1", "", "unix", None):
        for headers in (
            [("Client-Cert", SENT)],
            [("client-cert", SENT), ("X-Forwarded-For", "10.0.0.1")],
        ):
            there = await seen(*headers, ("Client-Cert-Chain", ISSUER), ip=ip)
            assert certificate_of(there) is None, ip
            assert {b"client-cert", b"client-cert-chain"}.isdisjoint(dict(there["headers"])), ip
    assert certificate_of(await seen(("Client-Cert", SENT), ip="::ffff:10.0.0.1")) is not None


async def test_attack_47_what_a_proxy_added_to_is_nobodys() -> None:
    """RFC9440-4: a proxy that adds its header to the sender's has replaced nothing."""
    other = f":{base64.b64encode(certificate().der).decode()}:"
    for sent in ((SENT, SENT), (other, SENT), (f"{other}, {SENT}",), ("",), ("-",), (":é:",),
                 ("::",), (":",), ("%FF",), ("-----BEGIN",), (":AA AA:",)):  # fmt: skip
        there = await seen(*(("Client-Cert", one) for one in sent))
        shown = certificate_of(there)
        assert shown is None or shown.chain == (b"",), sent
        assert b"client-cert" not in dict(there["headers"])
    # Where no header was named, none is read.
    assert certificate_of(await seen(("Client-Cert", SENT), name="")) is None
    assert certificate_of(await seen(("Client-Cert", SENT), name="X-Other")) is None


def test_a_chain_alone_is_none() -> None:
    with pytest.raises(ValueError, match="0 times"):
        read_chain([(b"client-cert-chain", ISSUER.encode())], b"client-cert")


def test_pem_there_and_back() -> None:
    """RFC7468-5."""
    assert pem_of(MADE.der) == MADE.pem
    assert der_of(MADE.pem) == MADE.der
    for bad in (
        "",
        MADE.pem[:-30],
        "x" + MADE.pem,
        "-----BEGIN CERTIFICATE-----é-----END CERTIFICATE-----",
    ):
        with pytest.raises(ValueError):  # noqa: PT011
            der_of(bad)
    assert certificate_of({"extensions": {"tls": {"client_cert_chain": ["no PEM"]}}}) is None
    assert certificate_of({"extensions": None}) is None
