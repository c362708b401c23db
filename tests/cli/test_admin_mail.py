"""What `keycell admin` mails, on the store itself, and what it says where there is no mail."""

import re
from pathlib import Path

from ..server import keycell, keycell_json
from ..smtp import mail_server
from .test_schemas import check

PASSWORD = "correct horse battery"


def test_invitations_and_links_without_a_mail_server(tmp_path: Path) -> None:
    """UX-R06, R07: link and code are printed once, to hand over by other means."""
    where = ("--data", str(tmp_path / "data"))
    keycell("admin", "user", "add", "ann", "--password-stdin", *where, stdin=PASSWORD)
    made = keycell_json("admin", "user", "invite", "bob@example.org", "--hours", "2", *where)
    assert not made["is_mailed"]
    listed = keycell("admin", "user", "invitations", *where).stdout
    assert made["invitation_id"] in listed
    assert made["link"] not in listed
    keycell("admin", "user", "uninvite", made["invitation_id"], *where)
    assert keycell_json("admin", "user", "invitations", *where) == {"items": []}
    keycell("admin", "user", "uninvite", made["invitation_id"], *where, code=6)
    told = keycell("admin", "user", "link", "ann", *where).stdout
    assert re.search(r"/recover/access\?token=\S+\ncode: \d{4} \d{4}\nuntil: ", told)
    refused = keycell("admin", "mail", "test", "ann@example.org", *where, code=6)
    assert "--smtp" in refused.stderr
    refused = keycell("admin", "user", "invite", "nobody", *where, code=2)
    assert "mail address" in refused.stderr


def test_a_test_letter(tmp_path: Path) -> None:
    """UX-X53."""
    with mail_server() as mailbox:
        environment = {"KEYCELL_SMTP": mailbox.url, "KEYCELL_MAIL_FROM": "keycell@id.example"}
        where = ("--data", str(tmp_path / "data"))
        told = keycell_json("admin", "mail", "test", "ann@example.org", *where,
                            environment=environment)  # fmt: skip
        check("admin_mail", told)
        assert str(mailbox.wait("ann@example.org")["Subject"]) == "This is a test"
        mailbox.answers.append("550 not here")
        refused = keycell("admin", "mail", "test", "ann@example.org", *where, code=6,
                          environment=environment)  # fmt: skip
        assert "550 not here" in refused.stderr
        made = keycell_json("admin", "user", "invite", "bob@example.org", *where,
                            environment=environment)  # fmt: skip
        assert made["is_mailed"]
