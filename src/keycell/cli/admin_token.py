"""`keycell admin token`: personal access tokens, and access keys for S3."""

import sys
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from keycell.cli.output import Exit, fail, show
from keycell.cli.store import AsJson, Data, Database, with_store

if TYPE_CHECKING:
    from keycell.accounts.people import Account
    from keycell.bootstrap import World
    from keycell.provider.personal import AccessKey, PersonalToken, Wish

app = typer.Typer(help="Personal access tokens, and access keys for S3.", no_args_is_help=True)

Text = Optional[str]  # noqa: UP045  (typer reads it)


@app.command("add")
def add(
    login: str,
    label: Annotated[str, typer.Option(help="What it is for.")],
    expires: Annotated[Text, typer.Option(help="When it ends: 24h, 90d.")] = None,
    auto_refresh: Annotated[
        Text, typer.Option(help="Instead: how long after its last use it ends: 10m, 30d.")
    ] = None,
    scope: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(
            help="What it may do, all files if nothing is said: files.read, files.write, "
            "space:SLUG:r, space:SLUG:rw, node:NODE:rw, admin."
        ),
    ] = None,
    s3: Annotated[
        bool, typer.Option("--s3", help="Make a pair of access key and secret for S3.")
    ] = False,
    data: Data = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Make a token of somebody; it is shown this once."""

    async def work(world: "World") -> tuple[str, "PersonalToken | AccessKey"]:
        from keycell.accounts.audit import MACHINE
        from keycell.provider.personal_tokens import By, make_access_key, make_token

        account = await _find(world, login)
        wish = _wish(world, label, expires, auto_refresh, scope or [])
        make = make_access_key if s3 else make_token
        return await make(world.provider, account, wish, By(MACHINE))

    secret, kept = with_store(data, database, work)
    if s3:
        pair = {"access_key_id": kept.token_id, "secret_access_key": secret}
        lines = [f"access key: {kept.token_id}", f"secret: {secret}"]
        show({**pair, **view(kept)}, lines, as_json=as_json)
        return
    show({"access_token": secret, **view(kept)}, [secret], as_json=as_json)


def _wish(
    world: "World", label: str, expires: str | None, window: str | None, scopes: list[str]
) -> "Wish":
    from keycell.provider.personal import Wish, read_duration

    now = world.provider.clock()
    return Wish(
        label=label,
        scopes=scopes,
        expires_at=None if expires is None else now + read_duration(expires),
        auto_refresh=None if window is None else read_duration(window),
    )


def view(kept: "PersonalToken | AccessKey") -> dict[str, object]:
    """Give what is shown of a token or an access key."""
    from keycell.provider.personal_tokens import scopes_of

    window = getattr(kept, "auto_refresh", None)
    used = kept.last_used_at
    return {
        "token_id": kept.token_id,
        "label": kept.label,
        "scopes": scopes_of(kept),
        "expires_at": kept.expires_at.isoformat(),
        "auto_refresh": None if window is None else int(window.total_seconds()),
        "created_at": kept.created_at.isoformat(),
        "created_by": kept.created_by,
        "last_used_at": None if used is None else used.isoformat(),
    }


@app.command("list")
def list_(
    login: str, data: Data = None, database: Database = None, as_json: AsJson = False
) -> None:
    """List the tokens and access keys of somebody."""

    async def work(world: "World") -> "list[PersonalToken | AccessKey]":
        account, now = await _find(world, login), world.provider.clock()
        tokens = await world.provider.personal.of_account(account.sub, now)
        return [*tokens, *await world.provider.access_keys.of_account(account.sub, now)]

    found = [view(one) for one in with_store(data, database, work)]
    lines = [
        f"{one['token_id']}\t{one['label']}\t{one['scopes']}\t{one['expires_at']}" for one in found
    ]
    show({"items": found}, lines, as_json=as_json)


@app.command("revoke")
def revoke(login: str, token_id: str, data: Data = None, database: Database = None) -> None:
    """End a token or an access key of somebody, at once."""

    async def work(world: "World") -> bool:
        from keycell.accounts.audit import MACHINE
        from keycell.provider.personal_tokens import By, revoke_access_key, revoke_token

        account, by = await _find(world, login), By(MACHINE)
        return await revoke_token(world.provider, token_id, account.sub, by) or (
            await revoke_access_key(world.provider, token_id, account.sub, by)
        )

    if not with_store(data, database, work):
        fail(f"{login} has no token {token_id}", Exit.NOT_FOUND)
    print(f"{token_id} is ended", file=sys.stderr)


async def _find(world: "World", login: str) -> "Account":
    account = await world.people.accounts.find_by_login(login)
    if account is None:
        fail(f"there is no account {login}", Exit.NOT_FOUND)
    return account
