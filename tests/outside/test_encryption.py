"""What is encrypted to us: opened if it is as we take it, and one answer for all else."""

import base64
import json
from typing import Any

import pytest
from joserfc import jwe
from joserfc.jwk import ECKey, OctKey, RSAKey

from keycell.oauth.encryption import CONTENT_ALGORITHMS, KEY_ALGORITHMS
from keycell.outside.encryption import DecryptionKey, JweKeyring
from keycell.outside.jose import generate_key

EVERYTHING = [
    *KEY_ALGORITHMS, *CONTENT_ALGORITHMS, "RSA1_5", "DEF", "dir", "A128KW", "PBES2-HS256+A128KW",
    "A192GCM",
]  # fmt: skip


class Nobody:
    """A place that no client's keys are at."""

    async def of(
        self, jwks_uri: str, *, is_strangers: bool, fresh: bool = False
    ) -> dict[str, object]:
        raise AssertionError(jwks_uri, is_strangers, fresh)


def made(alg: str, *, is_published: bool = True) -> DecryptionKey:
    key = generate_key(alg)
    return DecryptionKey(key.kid, alg, key.private_jwk, is_published)


RSA, EC, OLD = made("RSA-OAEP-256"), made("ECDH-ES"), made("ECDH-ES", is_published=False)
KINDS: dict[str, Any] = {"RSA": RSAKey, "EC": ECKey}


@pytest.fixture
def keyring() -> JweKeyring:
    found = JweKeyring(Nobody())
    found.load([RSA, EC, OLD])
    return found


def sealed(key: DecryptionKey, enc: str = "A256GCM", text: str = "a.b.c", **header: object) -> str:
    public = key.public_jwk
    said = {"alg": key.alg, "enc": enc, "kid": key.kid} | header
    said = {name: value for name, value in said.items() if value is not None}
    recipient = KINDS[str(public["kty"])].import_key(public)
    return jwe.encrypt_compact(said, text, recipient, algorithms=EVERYTHING)


@pytest.mark.parametrize("enc", CONTENT_ALGORITHMS)
@pytest.mark.parametrize("alg", KEY_ALGORITHMS)
def test_every_algorithm_that_is_offered_opens(keyring: JweKeyring, alg: str, enc: str) -> None:
    """RFC7518-4, RFC7518-5, RFC7516-5.2."""
    key = RSA if alg.startswith("RSA") else EC
    assert keyring.decrypt(sealed(key, enc, alg=alg, cty="JWT", typ="JWT")) == "a.b.c"


def test_the_current_keys_are_published_and_others_open_still(keyring: JweKeyring) -> None:
    """OIDCC-10.2.1, RFC7517-4: without an alg, for each key is for several."""
    published = keyring.load([RSA, EC, OLD])
    assert [key["kid"] for key in published] == [RSA.kid, EC.kid]
    for key in published:
        assert key["use"] == "enc"
        assert not {"d", "p", "q", "alg"} & set(key)
    assert keyring.decrypt(sealed(OLD)) == "a.b.c"
    assert keyring.decrypt(sealed(OLD, kid=None)) == "a.b.c", "a kid need not be said"
    keyring.load([RSA, EC])
    assert keyring.decrypt(sealed(OLD)) is None


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize(
    "header",
    [
        {"zip": "DEF"}, {"alg": "RSA1_5"}, {"enc": "A192GCM"}, {"kid": "another"},
        {"kid": EC.kid}, {"jku": "https://evil.example/"}, {"x5u": "https://evil.example/"},
        {"typ": "x" * 900},
    ],
)  # fmt: skip
def test_attack_52_53_what_is_not_offered_opens_nothing(
    keyring: JweKeyring, header: dict[str, Any]
) -> None:
    """RFC8725-3.2, RFC8725-3.6: no bomb, no padding to ask about, no key from elsewhere."""
    assert keyring.decrypt(sealed(RSA)) == "a.b.c"
    assert keyring.decrypt(sealed(RSA, **header)) is None


def test_attack_52_no_work_is_made_by_a_password_or_a_secret(keyring: JweKeyring) -> None:
    """RFC8725-3.6: p2c is nobody's to choose here, and a shared secret is no key of ours."""
    for alg in ("PBES2-HS256+A128KW", "dir", "A128KW"):
        secret = OctKey.generate_key(256 if alg == "dir" else 128)
        header = {"alg": alg, "enc": "A256GCM"}
        token = jwe.encrypt_compact(header, "a.b.c", secret, algorithms=EVERYTHING)
        assert keyring.decrypt(token) is None
    head = {"alg": "PBES2-HS256+A128KW", "enc": "A256GCM", "p2c": 10**9, "p2s": "AAAA"}
    packed = base64.urlsafe_b64encode(json.dumps(head).encode()).rstrip(b"=").decode()
    assert keyring.decrypt(f"{packed}.AAAA.AAAA.AAAA.AAAA") is None


def test_attack_52_what_is_too_long_is_not_looked_at(keyring: JweKeyring) -> None:
    """RFC8725-3.6."""
    assert keyring.decrypt(sealed(EC, text="x" * 18_000)) is not None
    assert keyring.decrypt(sealed(EC, text="x" * 20_000)) is None


@pytest.mark.parametrize(
    "token",
    ["", "....", "a.b.c.d.e", "e30.AAAA.AAAA.AAAA.AAAA", "W10.a.b.c.d", "\u00e9....",
     "[" * 20_000 + "....", "eyJhbGciOiJFQ0RILUVTIn0.AAAA.AAAA.AAAA.AAAA"],
)  # fmt: skip
def test_what_is_no_jwe_opens_nothing(keyring: JweKeyring, token: str) -> None:
    assert keyring.decrypt(token) is None


@pytest.mark.parametrize("key", [RSA, EC], ids=["RSA", "EC"])
@pytest.mark.parametrize("enc", ["A128GCM", "A128CBC-HS256"])
def test_attack_53_whatever_is_changed_one_answer_says_no(
    keyring: JweKeyring, key: DecryptionKey, enc: str
) -> None:
    """RFC7516-11.5: no part tells by its answer how near it came."""
    alg = "RSA-OAEP" if key is RSA else "ECDH-ES+A128KW"
    parts = sealed(key, enc, alg=alg).split(".")
    for number, part in enumerate(parts):
        for changed in (part[:-2] + ("AA" if part[-2:] != "AA" else "BB"), part[: len(part) // 2],
                        "", part + "AAAA"):  # fmt: skip
            token = ".".join([*parts[:number], changed, *parts[number + 1 :]])
            assert keyring.decrypt(token) is None, (number, changed)


@pytest.mark.parametrize(
    "epk",
    [
        {"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"},
        {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43},
        {"kty": "EC", "crv": "P-384", "x": "A" * 64, "y": "A" * 64},
        ECKey.generate_key("P-384").as_dict(private=False), {"kty": "oct", "k": "AAAA"},
        {}, "x", None, {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
    ],
)  # fmt: skip
def test_a_point_that_is_not_on_the_curve_gets_nothing(keyring: JweKeyring, epk: object) -> None:
    """RFC8725-3.4: an invalid point would tell of the private key bit by bit."""
    head = {"alg": "ECDH-ES", "enc": "A128GCM", "epk": epk}
    packed = base64.urlsafe_b64encode(json.dumps(head).encode()).rstrip(b"=").decode()
    iv, tag = "A" * 16, "A" * 22
    assert keyring.decrypt(f"{packed}..{iv}.AAAA.{tag}") is None
