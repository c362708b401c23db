"""`keycell version`: which program this is, and which one the server runs."""

from keycell.cli.ending import finish
from keycell.cli.showing import Output, shows
from keycell.cli.talk import warn

_DISCOVERY = "/a/config/discovery"


def own_version() -> str:
    """Give the version of this program."""
    from importlib.metadata import version as version_of

    return version_of("keycell")


@shows
def version(*, out: Output) -> None:
    """Say the version of this program, and of the server that one is signed in to.

    keycell version
    keycell version --json
    keycell version --profile work
    """

    async def work() -> dict[str, object]:
        return await _of_server(out.profile or "")

    out.one({"version": own_version(), **finish(work)})


async def _of_server(profile: str) -> dict[str, object]:
    from keycell.client.errors import ClientError, SignInRequired
    from keycell.client.session import open_session

    told: dict[str, object] = {"server": None, "server_version": None}
    try:
        async with open_session(profile) as session:
            told["server"] = session.server
            found = await session.json("GET", _DISCOVERY)
            told["server_version"] = found.get("Version")
    except SignInRequired:
        # Who named a profile wants its server; else nobody need be signed in.
        if profile:
            raise
    except ClientError as error:
        warn(f"the server does not say its version: {error}")
    return told
