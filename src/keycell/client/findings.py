"""What came of looking at something that should be in order."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of looking at one thing."""

    check: str
    ok: bool
    said: str
    mend: str = ""


def fine(check: str, said: str) -> Finding:
    """Say that one thing is in order."""
    return Finding(check, ok=True, said=said)


def wrong(check: str, said: str, mend: str = "") -> Finding:
    """Say that one thing is to be mended, and how."""
    return Finding(check, ok=False, said=said, mend=mend)
