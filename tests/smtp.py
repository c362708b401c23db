"""A mail server of the tests' own, which keeps what arrives."""

import contextlib
import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from .postgres import free_port
from .waiting import until


class Mailbox:
    """What arrived, and how the next letters are answered."""

    def __init__(self) -> None:
        self.port = 0
        self.messages: list[EmailMessage] = []
        self.answers: list[str] = []
        """Answers to the next letters, where they are not taken."""

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  (aiosmtpd's name)
        """Keep a letter."""
        if self.answers:
            return self.answers.pop(0)
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        assert envelope.rcpt_tos == [message["To"].addresses[0].addr_spec]
        self.messages.append(message)
        return "250 OK"

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def to(self, address: str) -> list[EmailMessage]:
        return [one for one in self.messages if one["To"] == address]

    def wait(self, address: str, count: int = 1) -> EmailMessage:
        """Give the latest letter to an address, once so many are there."""
        until(lambda: len(self.to(address)) >= count)
        return self.to(address)[-1]


def text_of(message: EmailMessage) -> str:
    """Give the plain text of a letter."""
    part = message.get_body(("plain",))
    assert isinstance(part, EmailMessage)
    return str(part.get_content()).replace("\r\n", "\n")


def html_of(message: EmailMessage) -> str:
    """Give the HTML of a letter."""
    part = message.get_body(("html",))
    assert isinstance(part, EmailMessage)
    return str(part.get_content()).replace("\r\n", "\n")


def code_in(message: EmailMessage) -> str:
    found = re.search(r"^ +(\d{4} \d{4})$", text_of(message), re.MULTILINE)
    assert found, text_of(message)
    return found[1]


def link_in(message: EmailMessage, path: str) -> str:
    """Give a link of a letter whose address holds this."""
    found = re.search(rf"^(\S+{path}\?token=\S+)$", text_of(message), re.MULTILINE)
    assert found, text_of(message)
    assert found[1] in html_of(message)
    return found[1]


@contextlib.contextmanager
def mail_server(host: str = "127.0.0.1", **options: Any) -> Iterator[Mailbox]:  # noqa: ANN401  (aiosmtpd's)
    """Run a mail server for as long as the block lasts."""
    mailbox = Mailbox()
    mailbox.port = free_port()
    controller = Controller(mailbox, hostname=host, port=mailbox.port, **options)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()
