"""`keycell token`: one's own personal access tokens, kept on the server."""

import re
import time
from typing import Annotated, Any, Optional

import typer

from keycell.cli.ending import finish
from keycell.cli.output import Exit, fail, show
from keycell.cli.showing import Output, lists, shows
from keycell.cli.tables import Column, Table, iso, moment_text

app = typer.Typer(help="Your personal access tokens.", no_args_is_help=True)
_SECONDS = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_FIELDS = ("token_id", "label", "scopes", "expires_at", "created_at", "last_used_at")


def _when(seconds: object) -> str:
    return moment_text(iso(seconds)) if isinstance(seconds, int) else ""


_TABLE = Table(
    (
        Column("token_id", "token"),
        Column("label", gives_way=True),
        Column("scopes", gives_way=True),
        Column("expires_at", "until", text=_when),
        Column("last_used_at", "used", text=_when, is_spare=True),
    ),
    _FIELDS,
)
_MAKE = "/a/auth/token/personal"


@app.command("create")
@shows
def create(
    out: Output,
    label: str,
    expires: Annotated[str, typer.Option(help="When it ends: 24h, 90d.")] = "90d",
    scope: Annotated[
        Optional[list[str]],  # noqa: UP045  (typer reads it)
        typer.Option(help="What it may do, all files if nothing is said: space:SLUG:r, ..."),
    ] = None,
) -> None:
    """Make a token; it is shown this once.

    keycell token create backup --expires 90d
    keycell token create reader --scope space:team:r
    """
    ends = int(time.time()) + _duration(expires)
    wish = {"Label": label, "ExpiresAt": str(ends), "Scopes": scope or []}
    made = _ask(out.profile, "POST", _MAKE, wish)
    show({"access_token": made["AccessToken"], "label": label, "expires_at": ends},
         [made["AccessToken"]], as_json=out.as_json)  # fmt: skip


@app.command("ls")
@lists
def list_(out: Output) -> None:
    """List your tokens."""
    out.show(_TABLE, [_view(one) for one in _tokens(out.profile)])


@app.command("rotate")
@shows
def rotate(out: Output, token_id: str) -> None:
    """Make a token that may do the same as another for as long, and end that one."""
    before = next((one for one in _tokens(out.profile) if one["Uuid"] == token_id), None)
    if before is None:
        fail(f"you have no token {token_id}", Exit.NOT_FOUND, "keycell token ls lists them")
    window = int(before.get("AutoRefreshWindow") or 0)
    lives = max(60, int(before["ExpiresAt"]) - int(before["CreatedAt"]))
    wish: dict[str, object] = {"Label": before["Label"], "Scopes": before["Scopes"]}
    ends = int(time.time()) + (window or lives)
    wish |= {"AutoRefresh": window} if window else {"ExpiresAt": str(ends)}
    made = _ask(out.profile, "POST", _MAKE, wish)
    show({"access_token": made["AccessToken"], "label": before["Label"], "expires_at": ends},
         [made["AccessToken"]], as_json=out.as_json)  # fmt: skip
    # Last: whoever could not read the new one has the old one yet.
    _ask(out.profile, "DELETE", f"/a/auth/tokens/{token_id}")


@app.command("revoke")
@shows
def revoke(out: Output, token_id: str) -> None:
    """End a token at once."""
    _ask(out.profile, "DELETE", f"/a/auth/tokens/{token_id}")
    out.said({"token_id": token_id, "revoked": True}, f"{token_id} is ended")


def _tokens(profile: str | None) -> list[dict[str, Any]]:
    return list(_ask(profile, "POST", "/a/auth/tokens", {}).get("Tokens") or ())


def _ask(profile: str | None, method: str, path: str, body: object = None) -> dict[str, Any]:
    async def work() -> dict[str, Any]:
        from keycell.client.session import open_session

        async with open_session(profile or "") as session:
            found: dict[str, Any] = await session.json(method, path, body)
            return found

    return finish(work)


def _view(token: dict[str, Any]) -> dict[str, object]:
    return {
        "token_id": token["Uuid"],
        "label": token["Label"],
        "scopes": token["Scopes"],
        "expires_at": int(token["ExpiresAt"]),
        "created_at": int(token["CreatedAt"]),
        "last_used_at": int(token["LastUsedAt"]) or None,
    }


def _duration(text: str) -> int:
    found = re.fullmatch(r"(\d{1,5})([mhdw])", text)
    if found is None:
        fail(f"{text!r} is no length of time", Exit.USAGE, "write it as 24h, 90d or 4w")
    return int(found[1]) * _SECONDS[found[2]]
