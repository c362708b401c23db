"""`keycell doctor`: what stands between this machine and its server, and how to mend it."""

import email.utils
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from keycell.cli.ending import finish
from keycell.cli.findings import tell
from keycell.cli.showing import Output, shows
from keycell.client.findings import Finding

if TYPE_CHECKING:
    import httpx2

    from keycell.client.credentials import Keeper
    from keycell.client.errors import ClientError
    from keycell.client.profiles import Profile

_HERE = ("localhost", "127.0.0.1", "::1")
_SKEW = 30
"""Seconds that clocks may differ before it is called wrong."""


@shows
def doctor(*, out: Output) -> None:
    """Look at what a sign-in needs, and say what is to be mended; exit code 1 if anything is.

    keycell doctor
    keycell doctor --json
    keycell doctor --profile work
    """

    async def work() -> list[Finding]:
        return [one async for one in _look(out.profile or "")]

    tell(finish(work), as_json=out.as_json)


def _wrong(check: str, error: "ClientError") -> Finding:
    return Finding(check, False, str(error), error.hint)


async def _look(name: str) -> AsyncIterator[Finding]:
    from keycell.client.credentials import environment_profile, keeper_of
    from keycell.client.errors import ClientError
    from keycell.client.profiles import find_profile

    try:
        profile = (None if name else environment_profile()) or find_profile(name)
    except ClientError as error:
        yield _wrong("profile", error)
        return
    yield Finding("profile", True, f"{profile.name}, of {profile.server}")
    yield _proxy(profile.server)
    keeper = None
    try:
        keeper = keeper_of(profile)
        keeper.read(profile.name)
        yield Finding("credentials", True, f"kept in {keeper.label}")
    except ClientError as error:
        keeper = None
        yield _wrong("credentials", error)
    async for one in _look_at_server(profile, keeper):
        yield one


def _proxy(server: str) -> Finding:
    from keycell.client.session import proxy_for

    proxy = proxy_for(server)
    # A proxy's address may hold a password.
    shown = proxy.rpartition("@")[2].rpartition("://")[2] if proxy else ""
    return Finding("proxy", True, f"through {shown}" if shown else "none for this server")


async def _look_at_server(profile: "Profile", keeper: "Keeper | None") -> AsyncIterator[Finding]:
    from keycell.client.discovery import discover
    from keycell.client.errors import ClientError
    from keycell.client.session import bind, open_http
    from keycell.client.signing_in import who

    async with open_http(profile.server) as (http, transport):
        try:
            metadata = await discover(http, profile.server, fresh=True)
        except ClientError as error:
            yield _wrong("server", error)
            return
        yield Finding("server", True, f"{profile.server} answers")
        yield _encryption(profile.server)
        yield await _clock(http, time.time)
        if keeper is None:
            return
        session = bind(profile, keeper, http, metadata, transport)
        try:
            person = await who(session.http, metadata)
        except ClientError as error:
            yield _wrong("sign-in", error)
            return
        name = person.get("preferred_username") or person["sub"]
        yield Finding("sign-in", True, f"signed in as {name}")


def _encryption(server: str) -> Finding:
    parts = urlsplit(server)
    if parts.scheme == "https":
        return Finding("tls", True, "the certificate is trusted")
    if parts.hostname in _HERE:
        return Finding("tls", True, "none, and none is needed on this machine")
    return Finding("tls", False, "what is sent can be read on the way: the address is http",
                   f"keycell login https://{parts.netloc}")  # fmt: skip


async def _clock(http: "httpx2.AsyncClient", now: Callable[[], float]) -> Finding:
    import httpx2

    before = now()
    theirs = None
    with suppress(httpx2.TransportError, ValueError):
        response = await http.get("/healthz", auth=None)
        theirs = email.utils.parsedate_to_datetime(response.headers.get("date", "")).timestamp()
    if theirs is None:
        return Finding("clock", True, "the server does not say its time")
    # The answer was dated between asking and hearing, and names whole seconds.
    apart = round(before - theirs) if before > theirs + 1 else min(0, round(now() - theirs))
    said = f"{abs(apart)} s {'ahead of' if apart > 0 else 'behind'} the server's"
    if abs(apart) <= _SKEW:
        return Finding("clock", True, "as the server's" if not apart else said)
    return Finding("clock", False, said, "set the clock of whichever is wrong, as by NTP")
