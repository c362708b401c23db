"""Operations in words, for whoever asks what would be done."""

import re

from keycell.sync.operations import Operation


def sentence_of(operation: Operation) -> str:
    """Say an operation: `upload a.txt`."""
    words = re.sub(r"(?<!^)(?=[A-Z])", " ", type(operation).__name__).lower()
    place = getattr(operation, "place", None)
    node = getattr(operation, "local", None) or getattr(operation, "remote", None)
    pair = getattr(operation, "pair", None)
    name = node.place.name if node is not None else pair.local_place.name if pair else ""
    if place is not None and place.name != name:
        return f"{words} {name} to {place.name}"
    return f"{words} {name}"
