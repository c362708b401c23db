"""The digests of a file, against what others say they are."""

import base64
import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keycell.files.hashes import CHECKSUMS, Digests
from keycell.files.uploads import BLOCK, block_hash

CHECK = b"123456789"
KNOWN = {
    "crc32": "cbf43926",
    "crc32c": "e3069283",
    "crc64nvme": "ae8b14860a799888",
    "sha512": (
        "d9e6762dd1c8eaf6d61b3c6192fc408d4d6d5f1176d0c29169bc24e71c3f274a"
        "d27fcd5811b313d681f7e55ec02d73d499c95455b6b5bb503acf574fba8ffe85"
    ),
    "sha1": "f7c3bc1d808e04732adf679965ccc34ca7ae3441",
}
"""Each algorithm's check value, as the catalogue of CRCs and NIST give it."""


def md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


@pytest.mark.parametrize("name", sorted(CHECKSUMS))
def test_a_checksum_is_the_one_that_others_compute(name: str) -> None:
    digests = Digests([name])
    digests.update(CHECK[:4])
    digests.update(memoryview(CHECK)[4:])
    assert base64.b64decode(digests.checksums[name]).hex() == KNOWN[name]


def test_nothing_is_one_empty_block() -> None:
    digests = Digests()
    assert digests.sha256 == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert digests.md5 == "d41d8cd98f00b204e9800998ecf8427e"
    assert digests.block_md5s == (bytes.fromhex(digests.md5),)
    assert block_hash(digests.block_md5s) == "59adb24ef3cdbe0297f05b395827453f"


@pytest.mark.parametrize("size", [1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 2 * BLOCK + 1])
def test_a_block_ends_where_the_next_begins(size: int) -> None:
    data = (b"\1" * BLOCK + b"\2" * BLOCK + b"\3")[:size]
    digests = Digests()
    digests.update(data)
    blocks = [data[start : start + BLOCK] for start in range(0, size, BLOCK)]
    assert digests.block_md5s == tuple(md5(block) for block in blocks)
    assert (digests.size, digests.md5) == (size, md5(data).hex())


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 2 * BLOCK + 100), max_size=8))
def test_however_it_is_cut_the_digests_are_the_same(cuts: list[int]) -> None:
    data = memoryview(bytes(2 * BLOCK + 100))
    digests = Digests(CHECKSUMS)
    for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(data)], strict=True):
        digests.update(data[start:end])
    assert _all(digests) == _WHOLE


@pytest.mark.parametrize("size", [0, 1, BLOCK, BLOCK + 1, 2 * BLOCK, 2 * BLOCK + 1])
def test_either_half_may_be_ahead_of_the_other(size: int) -> None:
    data = (b"\1" * BLOCK + b"\2" * BLOCK + b"\3")[:size]
    pieces = [data[start : start + 700_000] for start in range(0, size, 700_000)]
    whole, ahead, behind = Digests(), Digests(), Digests()
    whole.update(data)
    for halves in ([ahead.update_md5, ahead.update_others],
                   [behind.update_others, behind.update_md5]):  # fmt: skip
        for update in halves:
            for piece in pieces:
                update(piece)
    assert _all(ahead) == _all(behind) == _all(whole)


def _all(digests: Digests) -> tuple[object, ...]:
    return digests.size, digests.sha256, digests.md5, digests.block_md5s, digests.checksums


def _whole() -> tuple[object, ...]:
    digests = Digests(CHECKSUMS)
    digests.update(bytes(2 * BLOCK + 100))
    return _all(digests)


_WHOLE = _whole()
