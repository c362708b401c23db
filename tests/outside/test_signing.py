"""Where signatures are made: on a core of their own, if there is one. decisions/0076."""

import os
import threading
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from keycell.outside.jose import JwtKeyring, _raw_signature, generate_key


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="cores cannot be chosen here")
async def test_what_has_one_core_signs_without_another_thread() -> None:
    """RFC7515-5.1: and what it signs is verified like any other."""
    key = replace(generate_key("RS256"), signs=True)
    may_use = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(may_use)})
    try:
        alone = JwtKeyring()
    finally:
        os.sched_setaffinity(0, may_use)
    alone.load([key])
    before = set(threading.enumerate())
    token = await alone.sign("RS256", "JWT", {"sub": "a"})
    assert set(threading.enumerate()) == before
    assert alone.verify(token, "JWT") == {"sub": "a"}


@pytest.mark.parametrize("r", [1, 0x7F, 0x80, 2**248 - 1, 2**255 - 1, 2**255, 2**256 - 1])
@pytest.mark.parametrize("s", [1, 0x80, 2**247, 2**255, 2**256 - 1])
def test_both_numbers_of_a_signature_have_32_bytes(r: int, s: int) -> None:
    """RFC7518-3.4: whatever DER leaves out or puts before them."""
    assert _raw_signature(encode_dss_signature(r, s)) == r.to_bytes(32, "big") + s.to_bytes(
        32, "big"
    )
