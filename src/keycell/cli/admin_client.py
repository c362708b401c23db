"""`keycell admin client`: registered applications."""

import json
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from keycell.cli.output import Exit, fail, show
from keycell.cli.store import AsJson, Data, Database, with_store

if TYPE_CHECKING:
    from keycell.bootstrap import World
    from keycell.oauth.clients import Client
    from keycell.oauth.legacy_clients import LegacyClient

app = typer.Typer(help="Registered applications.", no_args_is_help=True)

Texts = Optional[list[str]]  # noqa: UP045  (typer reads it)
Text = Optional[str]  # noqa: UP045
_PAGE = 500


def view(client: "Client") -> dict[str, object]:
    """Give what is shown of a client; never a secret."""
    from keycell.oauth.registration import to_document

    return {
        "client_id": client.client_id,
        **to_document(client.metadata),
        "came_by": client.came_by,
        "is_first_party": client.is_first_party,
        "is_disabled": client.disabled,
        "require_pkce": client.require_pkce,
        "access_token_format": client.access_token_format,
    }


@app.command("add")
def add(
    name: str,
    redirect_uri: Annotated[Texts, typer.Option(help="Where it is answered.")] = None,
    public: Annotated[bool, typer.Option("--public", help="It can keep no secret.")] = False,
    grant_type: Annotated[Texts, typer.Option(help="A grant type.")] = None,
    scope: Annotated[Text, typer.Option(help="What it may ask for.")] = None,
    auth_method: Annotated[Text, typer.Option(help="How it authenticates.")] = None,
    post_logout_redirect_uri: Annotated[Texts, typer.Option(help="Where it gets back.")] = None,
    metadata: Annotated[Text, typer.Option(help="More metadata, as JSON.")] = None,
    client_id: Annotated[Text, typer.Option(help="Its identifier.")] = None,
    opaque_tokens: Annotated[bool, typer.Option(help="Access tokens that say nothing.")] = False,
    no_pkce: Annotated[bool, typer.Option("--no-pkce", help="It cannot use PKCE.")] = False,
    data: Data = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Register an application; its secret is shown once."""
    document = _metadata(metadata) | {
        "client_name": name,
        "redirect_uris": list(redirect_uri or ()),
        "grant_types": list(grant_type or _default_grant_types(redirect_uri)),
        "post_logout_redirect_uris": list(post_logout_redirect_uri or ()),
    }
    method = "none" if public else auth_method
    document |= {"token_endpoint_auth_method": method} if method else {}
    document |= {"scope": scope} if scope else {}

    async def work(world: "World") -> tuple["Client", str | None]:
        return await _register(
            world, document, client_id, is_opaque=opaque_tokens, needs_pkce=not no_pkce
        )

    client, secret = with_store(data, database, work)
    document_ = view(client) | ({"client_secret": secret} if secret else {})
    lines = [f"client_id: {client.client_id}"]
    lines += [f"client_secret: {secret}  (shown this once)"] if secret else []
    show(document_, lines, as_json=as_json)


async def _register(
    world: "World",
    document: dict[str, object],
    client_id: str | None,
    *,
    is_opaque: bool,
    needs_pkce: bool,
) -> tuple["Client", str | None]:
    from keycell.accounts.audit import MACHINE, AuditEvent
    from keycell.oauth.registration import Policy, check_pairwise, read_client_metadata
    from keycell.provider.register import make_client

    checked = read_client_metadata(document, Policy(allows_http=world.settings.insecure_http))
    check_pairwise(checked)
    made = make_client(world.provider, checked, "cli", client_id=client_id)
    client = replace(
        made.client,
        access_token_format="opaque" if is_opaque else "jwt",
        require_pkce=made.client.require_pkce and needs_pkce,
    )
    event = AuditEvent(
        at=client.created_at, actor=MACHINE, action="client.added", target=client.client_id,
        client_id=client.client_id,
    )  # fmt: skip
    if not await world.clients.add(client, event):
        fail(f"there is a client {client.client_id} already", Exit.CONFLICT)
    return client, made.secret


def _metadata(text: str | None) -> dict[str, object]:
    try:
        document = json.loads(text or "{}")
    except ValueError:
        fail("--metadata is no JSON", Exit.USAGE)
    if not isinstance(document, dict):
        fail("--metadata must be a JSON object", Exit.USAGE)
    return document


def _default_grant_types(redirect_uris: list[str] | None) -> tuple[str, ...]:
    if redirect_uris:
        return ("authorization_code", "refresh_token")
    return ("client_credentials",)


@app.command("list")
def list_(data: Data = None, database: Database = None, as_json: AsJson = False) -> None:
    """List the registered applications."""

    async def work(world: "World") -> "list[Client]":
        found: list[Client] = []
        while page := await world.clients.page(found[-1].client_id if found else "", _PAGE):
            found.extend(page)
        return found

    clients = with_store(data, database, work)
    lines = [f"{one.client_id}\t{one.name}\t{one.came_by}" for one in clients]
    show({"items": [view(one) for one in clients]}, lines, as_json=as_json)


@app.command("show")
def show_(
    client_id: str, data: Data = None, database: Database = None, as_json: AsJson = False
) -> None:
    """Show an application."""
    client = with_store(data, database, lambda world: _find(world, client_id))
    lines = [f"{name}: {value}" for name, value in view(client).items()]
    show(view(client), lines, as_json=as_json)


@app.command("update")
def update(
    client_id: str,
    name: Annotated[Text, typer.Option()] = None,
    redirect_uri: Annotated[Texts, typer.Option(help="All of them, anew.")] = None,
    scope: Annotated[Text, typer.Option()] = None,
    disabled: Annotated[Optional[bool], typer.Option("--disable/--enable")] = None,  # noqa: UP045
    data: Data = None,
    database: Database = None,
) -> None:
    """Change an application."""

    async def work(world: "World") -> None:
        from keycell.oauth.registration import Policy, read_client_metadata, to_document

        client = await _find(world, client_id)
        document = to_document(client.metadata)
        document |= {"client_name": name} if name else {}
        document |= {"redirect_uris": redirect_uri} if redirect_uri else {}
        document |= {"scope": scope} if scope else {}
        checked = read_client_metadata(document, Policy(allows_http=True))
        off = client.disabled if disabled is None else disabled
        await _keep(world, replace(client, metadata=checked, disabled=off))

    with_store(data, database, work)
    print(f"{client_id} is changed", file=sys.stderr)


@app.command("secret")
def secret(
    client_id: str, data: Data = None, database: Database = None, as_json: AsJson = False
) -> None:
    """Give an application a new secret; the one before ends at once."""

    async def work(world: "World") -> str | None:
        from keycell.provider.register import give_secret

        made = give_secret(world.provider, await _find(world, client_id))
        await _keep(world, made.client)
        return made.secret

    minted = with_store(data, database, work)
    if minted is None:
        fail(f"{client_id} has no secret by its way of authenticating", Exit.USAGE)
    document = {"client_id": client_id, "client_secret": minted}
    show(document, [f"client_secret: {minted}  (shown this once)"], as_json=as_json)


@app.command("remove")
def remove(client_id: str, data: Data = None, database: Database = None) -> None:
    """Remove an application; everything granted to it ends."""

    async def work(world: "World") -> None:
        client = await _find(world, client_id)
        if client.is_first_party:
            fail(f"{client_id} is one of Keycell's own clients", Exit.DENIED)
        event = _event(world, "client.removed", client_id)
        await world.clients.remove(client_id, event.at, event)

    with_store(data, database, work)
    print(f"{client_id} is removed", file=sys.stderr)


@app.command("import")
def import_(
    file: Path,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done.")] = False,
    data: Data = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Import the static clients of an old configuration file."""
    try:
        document = json.loads(file.read_text())
    except (OSError, ValueError) as error:
        fail(f"{file}: {error}", Exit.USAGE)

    async def work(world: "World") -> list[dict[str, str]]:
        from keycell.oauth.legacy_clients import read_legacy_clients

        found = read_legacy_clients(
            document, world.settings.origins, await _methods(world, document)
        )
        return [
            {
                "client_id": one.client_id,
                "result": await _import_one(world, one, is_dry_run=dry_run),
            }
            for one in found
        ]

    done = with_store(data, database, work)
    lines = [f"{one['client_id']}\t{one['result']}" for one in done]
    show({"items": done}, lines, as_json=as_json)


async def _methods(world: "World", document: object) -> dict[str, str]:
    """Say how the clients that exist authenticate."""
    from keycell.oauth.legacy_clients import find_static_clients

    methods: dict[str, str] = {}
    for one in find_static_clients(document):
        client_id = one.get("client_id") if isinstance(one, dict) else None
        client = await world.clients.find(client_id) if isinstance(client_id, str) else None
        if client is not None:
            methods[client.client_id] = client.metadata.token_endpoint_auth_method
    return methods


async def _import_one(world: "World", legacy: "LegacyClient", *, is_dry_run: bool) -> str:
    from keycell.provider.register import make_legacy_client

    before = await world.clients.find(legacy.client_id)
    if before is not None and before.is_first_party:
        return "left alone: it is one of Keycell's own"
    client = make_legacy_client(world.provider, legacy, before, "static")
    if not is_dry_run:
        if before is None:
            await world.clients.add(client, _event(world, "client.added", legacy.client_id))
        else:
            await _keep(world, client)
    return "added" if before is None else "replaced"


@app.command("invite")
def invite(
    label: Annotated[str, typer.Option(help="For whom it is.")] = "",
    uses: Annotated[int, typer.Option(min=1, max=10_000)] = 1,
    hours: Annotated[int, typer.Option(min=1, max=8760)] = 24,
    data: Data = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Make an initial access token, by which an application registers itself."""

    async def work(world: "World") -> str:
        from keycell.oauth.grants import digest

        token = f"kcinit_{world.provider.mint()}"
        event = _event(world, "invitation.made", label)
        until = event.at + timedelta(hours=hours)
        await world.clients.keep_initial_token(digest(token), label, uses, until, event)
        return token

    token = with_store(data, database, work)
    show({"initial_access_token": token}, [token], as_json=as_json)


async def _find(world: "World", client_id: str) -> "Client":
    client = await world.clients.find(client_id)
    if client is None:
        fail(f"there is no client {client_id}", Exit.NOT_FOUND)
    return client


async def _keep(world: "World", client: "Client") -> None:
    await world.clients.update(client, _event(world, "client.changed", client.client_id))


def _event(world: "World", action: str, target: str):  # type: ignore[no-untyped-def]  # noqa: ANN202
    from keycell.accounts.audit import MACHINE, AuditEvent

    return AuditEvent(
        at=world.provider.clock(), actor=MACHINE, action=action, target=target, client_id=target
    )
