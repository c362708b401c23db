"""Secrets at rest: what opens them, and what does not. decisions/0004."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from keycell.accounts.ports import SealBroken
from keycell.outside.sealing import (
    Sealer,
    SealingKeyUnusable,
    SuccessorSeal,
    derive,
    load_or_make_key,
    read_key,
    replace_key_file,
    write_key,
)

KEY = bytes(range(32))


def test_what_is_sealed_opens_for_its_purpose_and_place_alone() -> None:
    sealer = Sealer(KEY)
    sealed = sealer.seal("one", b"secret", b"here")
    assert "secret" not in sealed
    assert sealed != sealer.seal("one", b"secret", b"here")
    assert Sealer(KEY).open("one", sealed, b"here") == b"secret"
    changed = sealed[:-2] + ("AA" if sealed[-2:] != "AA" else "BB")
    for other, purpose, text, place in (
        (sealer, "two", sealed, b"here"),
        (sealer, "one", sealed, b"there"),
        (sealer, "one", changed, b"here"),
        (sealer, "one", "", b"here"),
        (sealer, "one", "é", b"here"),
        (sealer, "one", "A" * 300_000, b"here"),
        (Sealer(bytes(32)), "one", sealed, b"here"),
    ):
        with pytest.raises(SealBroken):
            other.open(purpose, text, place)


def test_another_key_takes_over_whole() -> None:
    sealer = Sealer(KEY)
    sealed, code = sealer.seal("one", b"secret"), sealer.mac("one", b"x")
    sealer.replace_key(bytes(32))
    assert sealer.mac("one", b"x") != code
    with pytest.raises(SealBroken):
        sealer.open("one", sealed)
    sealer.replace_key(KEY)
    assert sealer.open("one", sealed) == b"secret"
    assert sealer.mac("one", b"x") == code != sealer.mac("two", b"x")


def test_only_the_spent_token_opens_its_successor() -> None:
    """decisions/0005."""
    seal = SuccessorSeal()
    sealed = seal.seal("spent", b"successor")
    assert seal.open("spent", sealed) == b"successor"
    for secret, text in (("other", sealed), ("spent", sealed[2:]), ("spent", "")):
        with pytest.raises(SealBroken):
            seal.open(secret, text)


def test_of_twenty_first_starts_one_makes_the_key(tmp_path: Path) -> None:
    path = tmp_path / "data" / "sealing.key"
    with ThreadPoolExecutor(20) as threads:
        keys = set(threads.map(lambda _: load_or_make_key(path), range(20)))
    assert len(keys) == 1
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["sealing.key"]


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sealing.key"
    load_or_make_key(path)
    path.chmod(0o640)
    with pytest.raises(SealingKeyUnusable, match="chmod 600"):
        load_or_make_key(path)


@pytest.mark.parametrize("text", ["", "short", "A" * 42, "A" * 44, "é" * 43, "=" * 43])
def test_a_key_has_32_bytes(text: str) -> None:
    with pytest.raises(SealingKeyUnusable, match="32 bytes"):
        read_key(text)
    with pytest.raises(SealingKeyUnusable, match="32"):
        Sealer(text.encode()[:31])


def test_a_replaced_key_stays_beside_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "sealing.key"
    before = load_or_make_key(path)
    replace_key_file(path, before)
    replace_key_file(path, KEY)
    assert load_or_make_key(path) == read_key(write_key(KEY)) == KEY
    kept = path.with_name("sealing.key.before-restore")
    assert read_key(kept.read_text().strip()) == before
    assert kept.stat().st_mode & 0o777 == 0o600


def test_a_derived_key_is_the_one_of_hkdf() -> None:
    """RFC5869-2: held against the library's, which everything was sealed by that is kept."""
    for key, info in ((b"k" * 32, "mac:csrf"), (b"kcr_" + b"x" * 130, "successor"), (b"", "")):
        hkdf = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info.encode())
        assert derive(key, info) == hkdf.derive(key)
