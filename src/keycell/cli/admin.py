"""`keycell admin`: administration, on the server's own machine or at a distance."""

from keycell.cli.commands import Command, CommandTable, group


class Administration(CommandTable):
    """What `keycell admin` can do."""

    table = (
        Command("user", "keycell.cli.admin_user:app", "People's accounts."),
        Command("group", "keycell.cli.admin_group:groups", "Groups of people."),
        Command("role", "keycell.cli.admin_group:roles", "Roles that people have."),
        Command("factors", "keycell.cli.admin_factors:app", "Who must have a second factor."),
        Command("client", "keycell.cli.admin_client:app", "Applications that sign people in."),
        Command("issuer", "keycell.cli.admin_issuer:app",
                "Issuers whose assertions are taken for people."),
        Command("token", "keycell.cli.admin_token:app",
                "Personal access tokens, and access keys for S3."),
        Command("mail", "keycell.cli.admin_mail:app", "Mail that the server sends."),
        Command("keys", "keycell.cli.admin_keys:app", "The keys that tokens are signed with."),
        Command("audit", "keycell.cli.admin_audit:app", "What was done, and by whom."),
        Command("report", "keycell.cli.admin_report:report",
                "Judge the server and every application by the rules."),
        Command("backup", "keycell.cli.admin_backup:backup", "Write a backup."),
        Command("restore", "keycell.cli.admin_backup:restore", "Bring a backup back."),
        Command("backup-key", "keycell.cli.admin_backup:backup_key",
                "Print the sealing key that a backup holds."),
        Command("migrate", "keycell.cli.admin_migrate:migrate",
                "Bring a database up to this version."),
    )  # fmt: skip


app = group(
    Administration,
    "admin",
    "Administer a server: on its own machine by --data, or the one you are signed in to.",
    "keycell admin user list",
    "keycell admin client add --preset grafana --base https://grafana.example",
    "keycell admin backup keycell.tar --data data",
)
