"""`keycell admin client`: registered applications."""

import json
import sys
from pathlib import Path
from typing import Annotated, Optional

import typer

from keycell.cli.administering import administer, part
from keycell.cli.output import Exit, fail, show
from keycell.cli.store import AsJson, Data, Database

app = typer.Typer(help="Registered applications.", no_args_is_help=True)

Texts = Optional[list[str]]  # noqa: UP045  (typer reads it)
Text = Optional[str]  # noqa: UP045


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

    made = administer(
        (data, database), "POST", "clients", metadata=document, client_id=client_id,
        is_opaque=opaque_tokens, needs_pkce=not no_pkce,
    )  # fmt: skip
    lines = [f"client_id: {made['client_id']}"]
    secret = made.get("client_secret")
    lines += [f"client_secret: {secret}  (shown this once)"] if secret else []
    show(made, lines, as_json=as_json)


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
    found = administer((data, database), "GET", "clients")
    lines = [
        f"{one['client_id']}\t{one.get('client_name') or one['client_id']}\t{one['came_by']}"
        for one in found["items"]
    ]
    show(found, lines, as_json=as_json)


@app.command("show")
def show_(
    client_id: str, data: Data = None, database: Database = None, as_json: AsJson = False
) -> None:
    """Show an application."""
    client = administer((data, database), "GET", f"clients/{part(client_id)}")
    show(client, [f"{name}: {value}" for name, value in client.items()], as_json=as_json)


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
    metadata: dict[str, object] = {}
    metadata |= {"client_name": name} if name else {}
    metadata |= {"redirect_uris": redirect_uri} if redirect_uri else {}
    metadata |= {"scope": scope} if scope else {}
    administer(
        (data, database), "PUT", f"clients/{part(client_id)}", metadata=metadata,
        is_disabled=disabled,
    )  # fmt: skip
    print(f"{client_id} is changed", file=sys.stderr)


@app.command("secret")
def secret(
    client_id: str, data: Data = None, database: Database = None, as_json: AsJson = False
) -> None:
    """Give an application a new secret; the one before ends at once."""
    made = administer((data, database), "POST", f"clients/{part(client_id)}/secret")
    show(made, [f"client_secret: {made['client_secret']}  (shown this once)"], as_json=as_json)


@app.command("remove")
def remove(client_id: str, data: Data = None, database: Database = None) -> None:
    """Remove an application; everything granted to it ends."""
    administer((data, database), "DELETE", f"clients/{part(client_id)}")
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
    done = administer((data, database), "POST", "import", document=document, is_dry_run=dry_run)
    lines = [f"{one['client_id']}\t{one['result']}" for one in done["items"]]
    show(done, lines, as_json=as_json)


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
    made = administer((data, database), "POST", "invitations", label=label, uses=uses, hours=hours)
    show(made, [made["initial_access_token"]], as_json=as_json)
