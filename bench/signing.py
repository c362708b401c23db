"""The bare rate of signatures: the library alone, on the core that the servers have."""

import functools
import time
from collections.abc import Callable

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from bench.machine import on_server_core

RSA_BITS = 2048
_MESSAGE = b"x" * 600
"""As long as the header and claims of an ID token."""
_AT_ONCE = 20


@functools.cache
def signer(alg: str) -> Callable[[], bytes]:
    """Give what signs once by an algorithm, with a key of the size that the servers have."""
    if alg == "ES256":
        curve, scheme = ec.generate_private_key(ec.SECP256R1()), ec.ECDSA(hashes.SHA256())
        return lambda: curve.sign(_MESSAGE, scheme)
    key = rsa.generate_private_key(65537, RSA_BITS)
    return lambda: key.sign(_MESSAGE, padding.PKCS1v15(), hashes.SHA256())


def bare_rate(alg: str, seconds: float) -> float:
    """Measure how many signatures a second one core makes."""
    sign = signer(alg)
    with on_server_core():
        count, started = 0, time.perf_counter()
        while time.perf_counter() - started < seconds:
            for _ in range(_AT_ONCE):
                sign()
            count += _AT_ONCE
        return count / (time.perf_counter() - started)
