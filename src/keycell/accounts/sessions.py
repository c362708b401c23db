"""Browser sessions: a browser's login with us."""

import re
from datetime import datetime, timedelta

from keycell.values import dataclass

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=30)
SEEN_EVERY = timedelta(minutes=5)
"""How coarsely the last use is kept: a write for each request would buy nobody anything."""
LONGEST_AGENT = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A browser's login: kept by the digest of its cookie, named to clients by its sid."""

    sid: str
    digest: str
    sub: str
    auth_time: datetime
    amr: tuple[str, ...]
    acr: str
    created_at: datetime
    seen_at: datetime
    ip: str
    user_agent: str
    ended_at: datetime | None = None
    skipped_at: datetime | None = None
    """Its person put off what a policy wants of them. See `policies`."""


def stands(session: Session, now: datetime) -> bool:
    """Tell whether a session may still speak for its account."""
    if session.ended_at is not None:
        return False
    return now < session.seen_at + IDLE and now < session.created_at + LONGEST


def expires_at(session: Session) -> datetime:
    """Say when a session ends by itself, if it is not used."""
    return min(session.seen_at + IDLE, session.created_at + LONGEST)


def is_confined(user_agent: str) -> bool:
    """Tell whether a browser is a window of an application, or on a television.

    Passkeys fail there, or passwords are hard to type; no header says more than its name.
    """
    return any(one.search(user_agent) for one in _CONFINED)


def browser_label(user_agent: str) -> str:
    """Name a browser and its system as far as the header tells; empty if it tells neither.

    Our own programs tell the machine that they run on.
    """
    if ours := _OURS.match(user_agent):
        return f"{ours['machine']}, {ours['system']}"
    found = (_first(user_agent, _BROWSERS), _first(user_agent, _SYSTEMS))
    return ", ".join(filter(None, found))


_CONFINED = tuple(
    re.compile(one)
    for one in (
        r"; wv\)",  # Android's own window for applications
        r"\((iPhone|iPad|iPod)(?!.*Safari/).*AppleWebKit",  # and that of iOS
        r"FBA[NV]/|FB_IAB|Instagram|\bLine/|MicroMessenger|Snapchat|LinkedInApp|Pinterest/",
        r"BytedanceWebview|musical_ly|Twitter for i",
        r"(?i)smart-?tv|hbbtv|web0s|webos\.tv|tizen.*\btv\b|netcast|viera|bravia|roku",
        r"Apple ?TV|Google ?TV|Android TV|CrKey|\bAFT[A-Z]|PlayStation|Xbox|Nintendo",
    )
)

_OURS = re.compile(r"keycell/\S+ \((?P<system>[^;()]+); (?P<machine>[^;()]+)\)")

# Order counts: most browsers also claim to be the ones before them.
_BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"),
    ("Safari/", "Safari"), ("curl/", "curl"),
)  # fmt: skip
_SYSTEMS = (
    ("SMART-TV", "Smart TV"), ("Tizen", "Tizen"), ("Web0S", "webOS"),
    ("Android", "Android"), ("iPhone", "iOS"), ("iPad", "iPadOS"), ("Windows", "Windows"),
    ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def _first(text: str, names: tuple[tuple[str, str], ...]) -> str | None:
    return next((name for mark, name in names if mark in text), None)
