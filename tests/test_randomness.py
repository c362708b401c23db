"""Randomness that is drawn ahead: no byte of it is given out twice."""

import os
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from keycell.randomness import random_bytes, random_text


@pytest.mark.parametrize("count", [1, 6, 16, 32, 33, 5000])
def test_as_many_bytes_are_given_as_are_asked_for(count: int) -> None:
    assert len(random_bytes(count)) == count


def test_text_is_base64url_without_padding() -> None:
    texts = [random_text(32) for _ in range(300)]
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", text) for text in texts)
    assert {"-", "_"} <= set("".join(texts))


def test_nothing_is_given_twice_to_threads_that_ask_at_once() -> None:
    with ThreadPoolExecutor(8) as pool:
        drawn = list(pool.map(lambda _: random_bytes(16), range(20_000)))
    assert len(set(drawn)) == len(drawn)


def test_a_process_that_was_forked_is_given_other_bytes() -> None:
    random_bytes(16)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, b"".join(random_bytes(32) for _ in range(100)))
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        theirs = pipe.read()
    os.waitpid(child, 0)
    ours = {random_bytes(32) for _ in range(100)}
    assert not ours & {theirs[at : at + 32] for at in range(0, len(theirs), 32)}
