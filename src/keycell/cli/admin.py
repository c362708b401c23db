"""`keycell admin`: administration on the server's own machine."""

import typer

from keycell.cli import (
    admin_audit,
    admin_backup,
    admin_client,
    admin_group,
    admin_keys,
    admin_migrate,
    admin_token,
    admin_user,
)

app = typer.Typer(help="Administer a server on its own machine.", no_args_is_help=True)
app.add_typer(admin_user.app, name="user")
app.add_typer(admin_client.app, name="client")
app.add_typer(admin_token.app, name="token")
app.add_typer(admin_group.groups, name="group")
app.add_typer(admin_group.roles, name="role")
app.add_typer(admin_keys.app, name="keys")
app.add_typer(admin_audit.app, name="audit")
app.command("backup")(admin_backup.backup)
app.command("restore")(admin_backup.restore)
app.command("backup-key")(admin_backup.backup_key)
app.command("migrate")(admin_migrate.migrate)
