"""`keycell cat` and `open`: what a file holds."""

import sys
import webbrowser
from typing import TYPE_CHECKING, Annotated, BinaryIO, Optional

import typer

from keycell.cli.completion import OneOnServer, SeveralOnServer
from keycell.cli.output import Exit, fail
from keycell.cli.serving import at_server, place, places
from keycell.cli.showing import Output, shows
from keycell.client.meaning import find

if TYPE_CHECKING:
    from keycell.client.session import Session


@shows
def cat(
    out: Output,
    paths: SeveralOnServer,
    version: Annotated[
        Optional[str],  # noqa: UP045  (typer reads it)
        typer.Option(help="An earlier version, as keycell versions ls names it."),
    ] = None,
) -> None:
    """Write what files hold to stdout.

    keycell cat :personal-files/a.txt
    keycell cat :team/data.csv | head
    keycell cat ':team/logs/*.log' > all.log
    """
    name, wanted = places(out.profile, paths)

    async def work(session: "Session") -> None:
        for one in wanted:
            node = await find(session, one)
            if node.is_folder:
                fail(f"{one} is a folder", Exit.USAGE, f"keycell ls {one}")
            await write_out(session, node.path, sys.stdout.buffer, version)

    at_server(name, work)


async def write_out(
    session: "Session", path: str, target: BinaryIO, version: str | None = None
) -> int:
    """Write a file's bytes as they come, and give their number; fewer than told is an error."""
    from keycell.client.errors import Integrity
    from keycell.client.objects import address

    params = {"versionId": version} if version else None
    # What a proxy would compress is written as it came.
    headers = {"Accept-Encoding": "identity"}
    async with session.stream("GET", address(path), params=params, headers=headers) as response:
        told, written = int(response.headers.get("content-length", "-1")), 0
        async for chunk in response.aiter_raw():
            written += len(chunk)
            target.write(chunk)
    target.flush()
    if written != told >= 0:
        raise Integrity(f"{path}: {written} bytes came of {told}")
    return written


@shows
def open_(out: Output, path: OneOnServer = ":") -> None:
    """Open the web pages of the server at a file or folder.

    keycell open :team/docs
    keycell open :personal-files/a.txt
    keycell open work:team/docs
    """
    name, wanted = place(out.profile, path)

    async def work(session: "Session") -> str:
        from urllib.parse import quote

        await find(session, wanted)
        return f"{session.server}/files/{quote(wanted.path)}".rstrip("/")

    url = at_server(name, work)
    opened = webbrowser.open(url) if not out.as_json else False
    out.said({"url": url, "opened": opened}, url)
