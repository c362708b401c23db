"""`keycell admin client`: registered applications."""

import json
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from keycell.cli import admin_access, admin_acting, admin_suite, admin_test_mode
from keycell.cli.administering import Where, administer, change, done, listed, part
from keycell.cli.commands import with_examples
from keycell.cli.output import Exit, fail, show
from keycell.cli.showing import Output, changes, lists, shows
from keycell.cli.store import Data, Database, note_address
from keycell.cli.tables import Column, Table
from keycell.cli.talk import note

app = typer.Typer(
    help=with_examples(
        "Registered applications.",
        "keycell admin client add --preset grafana --base https://grafana.example",
        "keycell admin client list --search grafana",
        "keycell admin client secret grafana --grace-hours 24",
    ),
    no_args_is_help=True,
)

Texts = Optional[list[str]]  # noqa: UP045  (typer reads it)
Text = Optional[str]  # noqa: UP045
Opaque = Annotated[
    bool, typer.Option("--opaque-tokens", help="Access tokens that say nothing.")
]  # fmt: skip
ProviderName = Annotated[
    Text, typer.Option(help="With --preset: the name it gives us in its addresses.")
]

_CLIENTS = Table(
    (
        Column("client_id", "client"),
        Column("client_name", "name", gives_way=True),
        Column("kind"),
        Column("came_by", "by", is_spare=True),
        Column("is_disabled", "disabled", is_spare=True),
    ),
    ("client_id", "client_name", "redirect_uris", "grant_types", "response_types",
     "token_endpoint_auth_method", "scope", "came_by", "kind", "is_first_party", "is_disabled",
     "require_pkce", "access_token_format", "suite", "created_at", "secret_made_at",
     "former_secret_until", "test_until"),
)  # fmt: skip
_PRESETS = Table(
    (
        Column("preset_id", "preset"),
        Column("label", gives_way=True),
        Column("example", gives_way=True),
    ),
    ("preset_id", "label", "kind", "where", "example", "name", "scope",
     "token_endpoint_auth_method", "has_pkce", "notes"),
)  # fmt: skip


@app.command("add")
@shows
def add(
    out: Output,
    name: Annotated[Text, typer.Argument(help="What people read; a preset has its own.")] = None,
    preset: Annotated[Text, typer.Option(help="An application known beforehand.")] = None,
    base: Annotated[Text, typer.Option(help="With --preset: the application's address.")] = None,
    provider_name: ProviderName = None,
    redirect_uri: Annotated[Texts, typer.Option(help="Where it is answered.")] = None,
    public: Annotated[bool, typer.Option("--public", help="It can keep no secret.")] = False,
    grant_type: Annotated[Texts, typer.Option(help="A grant type.")] = None,
    scope: Annotated[Text, typer.Option(help="What it may ask for.")] = None,
    auth_method: Annotated[Text, typer.Option(help="How it authenticates.")] = None,
    post_logout_redirect_uri: Annotated[Texts, typer.Option(help="Where it gets back.")] = None,
    metadata: Annotated[Text, typer.Option(help="More metadata, as JSON.")] = None,
    client_id: Annotated[Text, typer.Option(help="Its identifier.")] = None,
    opaque_tokens: Opaque = False,
    no_pkce: Annotated[bool, typer.Option("--no-pkce", help="It cannot use PKCE.")] = False,
    test: Annotated[bool, typer.Option("--test", help="In test mode, for 30 days.")] = False,
    data: Data = None,
    database: Database = None,
) -> None:
    """Register an application; its secret is shown once.

    keycell admin client add --preset grafana --base https://grafana.example
    keycell admin client add Notes --redirect-uri https://notes.example/callback
    keycell admin client add Nightly --grant-type client_credentials
    """
    where = (data, database, out.profile)
    if preset is not None:
        _connect(where, preset, base, (client_id, test), (name, provider_name), out=out)
        return
    if name is None or base is not None:
        fail("pass the NAME of the application, or --preset and --base", Exit.USAGE)
    document = _metadata(metadata) | {"client_name": name}
    document |= _said(redirect_uri, grant_type, post_logout_redirect_uri, scope)
    document |= _method(auth_method, is_public=public)
    # Whatever an option says stands, then what --metadata says; this comes last of all.
    document = {"grant_types": _default_grant_types(document.get("redirect_uris"))} | document
    made = administer(where, "POST", "clients", metadata=document, client_id=client_id,
                      is_opaque=opaque_tokens, needs_pkce=not no_pkce, is_test=test)  # fmt: skip
    show(made, _once(made), as_json=out.as_json)


def _once(made: dict[str, Any]) -> list[str]:
    secret = made.get("client_secret")
    lines = [f"client_secret: {secret}  (shown this once)"] if secret else []
    return [f"client_id: {made['client_id']}", *lines]


def _connect(
    where: Where,
    preset: str,
    base: str | None,
    wanted: tuple[str | None, bool],
    names: tuple[str | None, str | None],
    *,
    out: Output,
) -> None:
    """Register from a preset; what people should know goes beside the block, not into it."""
    if base is None:
        fail("--preset needs --base, the application's own address", Exit.USAGE)
    made: dict[str, Any] = administer(
        where, "POST", f"presets/{part(preset)}", base=base, client_name=names[0], name=names[1],
        client_id=wanted[0], is_test=wanted[1],
    )  # fmt: skip
    told = made["preset"]
    note(f"For {told['where']}; the secret is shown this once.")
    note_address(where[0], where[1])
    for one in told["notes"]:
        note(f"- {one}")
    show(made, made["block"].rstrip().split("\n"), as_json=out.as_json)


def _said(
    redirect_uris: list[str] | None,
    grant_types: list[str] | None,
    left: list[str] | None,
    scope: str | None,
) -> dict[str, object]:
    """Give what options say; nothing of what none does."""
    said = {
        "redirect_uris": redirect_uris, "grant_types": grant_types,
        "post_logout_redirect_uris": left, "scope": scope,
    }  # fmt: skip
    return {name: value for name, value in said.items() if value}


def _method(auth_method: str | None, *, is_public: bool) -> dict[str, object]:
    method = "none" if is_public else auth_method
    return {"token_endpoint_auth_method": method} if method else {}


@app.command("presets")
@lists
def presets(out: Output, data: Data = None, database: Database = None) -> None:
    """List the applications that are known beforehand.

    keycell admin client presets
    keycell admin client presets --limit 5
    keycell admin client presets --jq '.items[].name'
    """
    found = administer((data, database, out.profile), "GET", "presets")
    out.show(_PRESETS, found["items"])


def _metadata(text: str | None) -> dict[str, object]:
    try:
        document = json.loads(text or "{}")
    except ValueError:
        fail("--metadata is no JSON", Exit.USAGE)
    if not isinstance(document, dict):
        fail("--metadata must be a JSON object", Exit.USAGE)
    return document


def _default_grant_types(redirect_uris: object) -> list[str]:
    return ["authorization_code", "refresh_token"] if redirect_uris else ["client_credentials"]


@app.command("list")
@lists
def list_(
    out: Output,
    search: Annotated[Text, typer.Option(help="A part of client_id, name, address.")] = None,
    data: Data = None,
    database: Database = None,
) -> None:
    """List the registered applications.

    keycell admin client list
    keycell admin client list --search grafana
    keycell admin client list --sort -created_at --limit 10
    """
    out.show(_CLIENTS, listed((data, database, out.profile), "clients", search))


@app.command("show")
@shows
def show_(out: Output, client_id: str, data: Data = None, database: Database = None) -> None:
    """Show an application.

    keycell admin client show grafana
    keycell admin client show grafana --json
    keycell admin client show grafana --data data
    """
    client = administer((data, database, out.profile), "GET", f"clients/{part(client_id)}")
    out.one(client, [name for name, value in client.items() if value not in ("", [], {})])


@app.command("update")
@shows
def update(
    out: Output,
    client_id: str,
    name: Annotated[Text, typer.Option()] = None,
    redirect_uri: Annotated[Texts, typer.Option(help="All of them, anew.")] = None,
    scope: Annotated[Text, typer.Option()] = None,
    metadata: Annotated[Text, typer.Option(help="Other metadata to change, as JSON.")] = None,
    disabled: Annotated[Optional[bool], typer.Option("--disable/--enable")] = None,  # noqa: UP045
    data: Data = None,
    database: Database = None,
) -> None:
    """Change an application.

    keycell admin client update grafana --disable
    keycell admin client update grafana --enable
    keycell admin client update notes --redirect-uri https://n.example/cb
    """
    changes = _metadata(metadata)
    changes |= {"client_name": name} if name else {}
    changes |= {"redirect_uris": redirect_uri} if redirect_uri else {}
    changes |= {"scope": scope} if scope else {}
    administer(
        (data, database, out.profile), "PUT", f"clients/{part(client_id)}", metadata=changes,
        is_disabled=disabled,
    )  # fmt: skip
    out.said(done(client_id, "changed"), f"{client_id} is changed")


@app.command("secret")
@shows
def secret(
    out: Output,
    client_id: str,
    grace_hours: Annotated[int, typer.Option(help="So long the old one stays good.")] = 0,
    data: Data = None,
    database: Database = None,
) -> None:
    """Give an application a new secret; the one before ends at once, or after a grace.

    keycell admin client secret grafana
    keycell admin client secret grafana --grace-hours 24
    keycell admin client secret grafana --jq .client_secret > secret.txt
    """
    made = administer(
        (data, database, out.profile),
        "POST",
        f"clients/{part(client_id)}/secret",
        grace_hours=grace_hours,
    )
    show(made, [f"client_secret: {made['client_secret']}  (shown this once)"], as_json=out.as_json)


@app.command("remove")
@changes
def remove(out: Output, client_id: str, data: Data = None, database: Database = None) -> None:
    """Remove an application; everything granted to it ends.

    keycell admin client remove grafana
    keycell admin client remove grafana --dry-run
    keycell admin client remove grafana --data data
    """
    where, path = (data, database, out.profile), f"clients/{part(client_id)}"
    change(out, where, "DELETE", path, look=path)
    out.changed(done(client_id, "removed"), f"{client_id} is removed",
                f"{client_id} would be removed")  # fmt: skip


@app.command("import")
@changes
def import_(
    out: Output,
    file: Path,
    data: Data = None,
    database: Database = None,
) -> None:
    """Import the static clients of an old configuration file.

    keycell admin client import pydio.json --dry-run
    keycell admin client import pydio.json
    keycell admin client import pydio.json --data data --json
    """
    try:
        document = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        fail(f"{file}: {error}", Exit.USAGE)
    imported = administer(
        (data, database, out.profile), "POST", "import", document=document, is_dry_run=out.dry_run
    )
    lines = [f"{one['client_id']}\t{one['result']}" for one in imported["items"]]
    show(imported, lines, as_json=out.as_json)


@app.command("invite")
@shows
def invite(
    out: Output,
    label: Annotated[str, typer.Option(help="For whom it is.")] = "",
    uses: Annotated[int, typer.Option(min=1, max=10_000)] = 1,
    hours: Annotated[int, typer.Option(min=1, max=8760)] = 24,
    data: Data = None,
    database: Database = None,
) -> None:
    """Make an initial access token, by which an application registers itself.

    keycell admin client invite
    keycell admin client invite --label 'the lab' --uses 3
    keycell admin client invite --hours 1 --jq .initial_access_token
    """
    made = administer(
        (data, database, out.profile), "POST", "invitations", label=label, uses=uses, hours=hours
    )
    show(made, [made["initial_access_token"]], as_json=out.as_json)


app.command("access")(admin_access.access)
app.command("acting")(admin_acting.acting)
app.command("suite")(admin_suite.suite)
app.command("test")(admin_test_mode.in_test)
app.command("real")(admin_test_mode.real)
app.command("may")(admin_access.may)
