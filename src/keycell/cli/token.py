"""`keycell token`: one's own personal access tokens, kept on the server."""

import re
import time
from typing import Annotated, Any, Optional

import typer

from keycell.cli.ending import finish
from keycell.cli.login import AsJson, ProfileName
from keycell.cli.output import Exit, fail, show
from keycell.cli.talk import note

app = typer.Typer(help="Your personal access tokens.", no_args_is_help=True)
_SECONDS = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_MAKE = "/a/auth/token/personal"


@app.command("create")
def create(
    label: str,
    expires: Annotated[str, typer.Option(help="When it ends: 24h, 90d.")] = "90d",
    scope: Annotated[
        Optional[list[str]],  # noqa: UP045  (typer reads it)
        typer.Option(help="What it may do, all files if nothing is said: space:SLUG:r, ..."),
    ] = None,
    profile: ProfileName = None,
    as_json: AsJson = False,
) -> None:
    """Make a token; it is shown this once."""
    ends = int(time.time()) + _duration(expires)
    wish = {"Label": label, "ExpiresAt": str(ends), "Scopes": scope or []}
    made = _ask(profile, "POST", _MAKE, wish)
    show({"access_token": made["AccessToken"], "label": label, "expires_at": ends},
         [made["AccessToken"]], as_json=as_json)  # fmt: skip


@app.command("ls")
def list_(profile: ProfileName = None, as_json: AsJson = False) -> None:
    """List your tokens."""
    found = [_view(one) for one in _tokens(profile)]
    lines = [f"{one['token_id']}\t{one['label']}\t{one['scopes']}" for one in found]
    show({"items": found}, lines, as_json=as_json)


@app.command("rotate")
def rotate(token_id: str, profile: ProfileName = None, as_json: AsJson = False) -> None:
    """Make a token that may do the same as another for as long, and end that one."""
    before = next((one for one in _tokens(profile) if one["Uuid"] == token_id), None)
    if before is None:
        fail(f"you have no token {token_id}", Exit.NOT_FOUND, "keycell token ls lists them")
    window = int(before.get("AutoRefreshWindow") or 0)
    lives = max(60, int(before["ExpiresAt"]) - int(before["CreatedAt"]))
    wish: dict[str, object] = {"Label": before["Label"], "Scopes": before["Scopes"]}
    wish |= {"AutoRefresh": window} if window else {"ExpiresAt": str(int(time.time()) + lives)}
    made = _ask(profile, "POST", _MAKE, wish)
    show({"access_token": made["AccessToken"], "label": before["Label"]},
         [made["AccessToken"]], as_json=as_json)  # fmt: skip
    # Last: whoever could not read the new one has the old one yet.
    _ask(profile, "DELETE", f"/a/auth/tokens/{token_id}")


@app.command("revoke")
def revoke(token_id: str, profile: ProfileName = None, as_json: AsJson = False) -> None:
    """End a token at once."""
    _ask(profile, "DELETE", f"/a/auth/tokens/{token_id}")
    note(f"{token_id} is ended")
    show({"token_id": token_id, "revoked": True}, [], as_json=as_json)


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
