"""What lies in a folder, for whoever completes a word: quickly, or not at all.

A shell waits for it in the middle of a line. So nothing is said and nothing is asked, an answer is
kept for half a minute, and a server that takes its time is given up.
"""

import asyncio
import contextlib
import hashlib
import json
import os
import threading
import time
from pathlib import Path

from keycell.client.credentials import environment_profile, environment_token
from keycell.client.files import PAGE, children
from keycell.client.folders import cache_folder, write_private
from keycell.client.profiles import Profile, find_profile
from keycell.client.session import open_session

KEPT_FOR = 30
"""Seconds."""
SOFT_END = 0.7
"""Seconds in which the server is to answer."""
HARD_END = 0.8
"""Seconds after which the process ends, whatever it waits for: a name server, a keyring."""


def names_in(profile: str, folder: str) -> list[str]:
    """Give the names in a folder, those of folders with a slash; none if anything is amiss.

    Of a large folder they are the first ones.
    """
    # What blocks cannot be cancelled. The exit code is for fish, which then completes local files.
    end = threading.Timer(HARD_END, os._exit, [1])
    end.daemon = True
    end.start()
    try:
        return _names(profile, folder)
    except Exception:  # noqa: BLE001  (there is nobody to tell: the shell shows it in the line)
        return []
    finally:
        end.cancel()


def _names(name: str, folder: str) -> list[str]:
    profile = (None if name else environment_profile()) or find_profile(name)
    kept = _kept_at(profile, folder)
    with contextlib.suppress(OSError, ValueError):
        if time.time() - kept.stat().st_mtime < KEPT_FOR:
            return [str(one) for one in json.loads(kept.read_bytes())]
    found = asyncio.run(asyncio.wait_for(_asked(profile, folder), SOFT_END))
    _forget_old(kept.parent)
    write_private(kept, json.dumps(found).encode())
    return found


def _kept_at(profile: Profile, folder: str) -> Path:
    # Two people at one machine's server see different things in one folder.
    whose = [profile.server, profile.name, profile.login, folder]
    whose += [environment_token() or ""] if profile.storage == "environment" else []
    digest = hashlib.sha256("\0".join(whose).encode()).hexdigest()
    return cache_folder() / "completion" / f"{digest[:32]}.json"


def _forget_old(kept: Path) -> None:
    with contextlib.suppress(OSError):
        for one in kept.glob("*.json"):
            if time.time() - one.stat().st_mtime >= KEPT_FOR:
                one.unlink()


async def _asked(profile: Profile, folder: str) -> list[str]:
    found: list[str] = []
    async with (
        open_session(profile) as session,
        contextlib.aclosing(children(session, folder)) as nodes,
    ):
        async for node in nodes:
            found.append(f"{node.name}/" if node.is_folder else node.name)
            if len(found) == PAGE:
                break
    return found
