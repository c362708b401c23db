"""`keycell token`: one's own access tokens and access keys for S3, kept on the server."""

from datetime import datetime
from typing import Annotated, Any, Optional
from urllib.parse import quote

import typer

from keycell.cli.commands import with_examples
from keycell.cli.ending import finish
from keycell.cli.output import Exit, fail, show
from keycell.cli.showing import Output, changes, lists, shows
from keycell.cli.tables import Column, Table, iso, moment_text

app = typer.Typer(
    help=with_examples(
        "Your personal access tokens, and access keys for S3.",
        "keycell token create backup --expires 90d",
        "keycell token ls --sort last_used_at",
        "keycell token revoke TOKEN",
    ),
    no_args_is_help=True,
)
Text = Optional[str]  # noqa: UP045  (typer reads it)
_TOKENS = "/a/keycell/account/tokens"
_LASTS = "90d"


def _when(seconds: object) -> str:
    return moment_text(iso(seconds)) if isinstance(seconds, int) else ""


_TABLE = Table(
    (
        Column("token_id", "token"),
        Column("label", gives_way=True),
        Column("scopes", gives_way=True),
        Column("expires_at", "until", text=_when),
        Column("last_used_at", "used", text=_when, is_spare=True),
        Column("last_used_ip", "from", is_spare=True),
    ),
    ("token_id", "label", "scopes", "expires_at", "auto_refresh", "created_at", "last_used_at",
     "last_used_ip", "is_s3", "is_over", "is_held"),
)  # fmt: skip


@app.command("create")
@shows
def create(
    out: Output,
    label: str,
    expires: Annotated[
        Text, typer.Option(help=f"When it ends: 24h, 90d; {_LASTS} if nothing is said.")
    ] = None,
    auto_refresh: Annotated[
        Text, typer.Option(help="Instead: how long after its last use it ends: 10m, 30d.")
    ] = None,
    scope: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(help="What it may do, all files if nothing is said: space:SLUG:r, ..."),
    ] = None,
    s3: Annotated[
        bool, typer.Option("--s3", help="Make a pair of access key and secret for S3.")
    ] = False,
) -> None:
    """Make a token; it is shown this once.

    keycell token create backup --expires 90d
    keycell token create reader --scope space:team:r
    keycell token create rclone --s3
    """
    ends = expires or (None if auto_refresh else _LASTS)
    wish = {"label": label, "expires": ends, "auto_refresh": auto_refresh,
            "scopes": scope or [], "is_s3": s3}  # fmt: skip
    _show_once(out, _ask(out.profile, "POST", "", wish))


@app.command("ls")
@lists
def list_(out: Output) -> None:
    """List your tokens and access keys; those that ended up to 30 days ago can be renewed.

    keycell token ls
    keycell token ls --sort last_used_at
    keycell token ls --format '{token_id} {label}'
    """
    out.show(_TABLE, [_view(one) for one in _ask(out.profile, "GET")["items"]])


@app.command("rotate")
@shows
def rotate(
    out: Output,
    token_id: str,
    expires: Annotated[
        Text, typer.Option(help="When it ends: 24h, 90d; else as long again as it was good for.")
    ] = None,
) -> None:
    """Give a token a new secret and a new end; the former opens nothing from then on.

    keycell token rotate TOKEN
    keycell token rotate TOKEN --expires 30d
    keycell token rotate TOKEN --jq .access_token > token.txt
    """
    wish: dict[str, object] = {"expires": expires} if expires else {}
    _show_once(out, _ask(out.profile, "POST", f"/{quote(token_id, safe='')}/secret", wish))


app.command("renew", hidden=True)(rotate)


@app.command("revoke")
@changes
def revoke(out: Output, token_id: str) -> None:
    """End a token at once.

    keycell token revoke TOKEN
    keycell token revoke TOKEN --dry-run
    keycell token revoke TOKEN --json
    """
    if out.dry_run:
        _find(out.profile, token_id)
    else:
        _ask(out.profile, "DELETE", f"/{quote(token_id, safe='')}")
    out.changed({"token_id": token_id, "revoked": True},
                f"{token_id} is ended", f"{token_id} would be ended")  # fmt: skip


def _find(profile: str | None, token_id: str) -> None:
    if not any(one["token_id"] == token_id for one in _ask(profile, "GET")["items"]):
        fail(f"you have no token {token_id}", Exit.NOT_FOUND, "keycell token ls lists them")


def _ask(profile: str | None, method: str, path: str = "", body: object = None) -> dict[str, Any]:
    async def work() -> dict[str, Any]:
        from keycell.client.errors import NotFound
        from keycell.client.session import open_session

        async with open_session(profile or "") as session:
            try:
                found: dict[str, Any] = await session.json(method, f"{_TOKENS}{path}", body)
            except NotFound as error:
                error.hint = error.hint or "keycell token ls lists them"
                raise
            return found

    return finish(work)


def _show_once(out: Output, made: dict[str, Any]) -> None:
    names = ("token_id", "access_token", "access_key_id", "secret_access_key", "label")
    told: dict[str, object] = {str(name): made[name] for name in names if name in made}
    told["expires_at"] = _seconds(made["expires_at"])
    lines = [str(made["access_token"])] if "access_token" in made else [
        f"access key: {made['access_key_id']}", f"secret: {made['secret_access_key']}"
    ]  # fmt: skip
    show(told, lines, as_json=out.as_json)


def _view(token: dict[str, Any]) -> dict[str, object]:
    view: dict[str, object] = {one: token.get(one) for one in _TABLE.fields}
    for one in ("expires_at", "created_at", "last_used_at"):
        view[one] = _seconds(token[one])
    return view


def _seconds(moment: str | None) -> int | None:
    return None if moment is None else int(datetime.fromisoformat(moment).timestamp())
