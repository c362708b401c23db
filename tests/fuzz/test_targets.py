"""The targets of `make fuzz`, for some seconds each: the corpus, and what comes of changing it."""

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .targets import TARGETS

# joserfc warns of a name that RFC 9864 retires and every client still sends.
pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")

CORPUS = Path(__file__).parent / "corpus"
EACH = 500
"""Inputs beside the corpus; `make explore` draws others in each run."""
SLOWEST = 2.0
"""Seconds that any input may take, on a machine that is busy."""
SEEDS = {
    name: [path.read_bytes() for path in sorted((CORPUS / name).iterdir())] for name in TARGETS
}

STRANGE = [
    b"\x00", b"\xff", b"\r\n", b"\\ud800", b"\\u0000", b"NaN", b"Infinity", b"1e999", b"-1",
    b"9" * 400, b"null", b"true", b"[]", b"{}", b'""', b"%00", b"%ff", b"%", b"&", b";", b"@",
    b"\\", b"//", b":", b"\xc3\xa9", b"\xf0\x9f\x98\x80", b"[" * 900, b"=" * 80,
]  # fmt: skip


@st.composite
def changed(draw: st.DrawFn, seeds: list[bytes]) -> bytes:
    """Draw an input of the corpus with a few of its parts taken out, replaced or swapped."""
    sent = draw(st.sampled_from(seeds))
    other = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(sent)))
        stop = min(len(sent), start + draw(st.integers(0, 12)))
        at = draw(st.integers(0, len(other)))
        new = draw(st.binary(max_size=8) | st.just(other[at : at + 12]) | st.sampled_from(STRANGE))
        sent = sent[:start] + new + sent[stop:]
    return sent


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_the_corpus_does_no_harm(name: str) -> None:
    """RFC9110-15.5: what cannot be understood is refused, and never an error of ours."""
    assert SEEDS[name]
    for sent in SEEDS[name]:
        hold(name, sent)


@pytest.mark.hypothesis
@pytest.mark.parametrize("name", sorted(TARGETS))
def test_nothing_like_the_corpus_does_harm(name: str) -> None:
    """RFC9110-15.5."""

    @given(sent=changed(SEEDS[name]) | st.binary(max_size=200))
    @settings(max_examples=EACH, deadline=None, suppress_health_check=list(HealthCheck))
    def held(sent: bytes) -> None:
        hold(name, sent)

    held()


def hold(name: str, sent: bytes) -> None:
    begun = time.process_time()
    TARGETS[name](sent)
    assert time.process_time() - begun < SLOWEST
