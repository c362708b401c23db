"""Sending mail, by SMTP. RFC5321, RFC8314."""

import ssl
from collections.abc import Callable
from email.message import EmailMessage

from keycell.accounts.branding import Branding, Shown
from keycell.accounts.letters import Letter
from keycell.accounts.ports_mail import NotSent
from keycell.outside.letters import Writer
from keycell.settings import MailServer, Settings

SECONDS = 30.0
"""For each step of the conversation; all of them together stay below a letter's lease."""
_NEVER = 500
_AUTHENTICATION = range(530, 540)


class Mailer:
    """Sends mail by the server that is set, if any."""

    def __init__(self, settings: Settings, shown: Callable[[], Shown] = Shown) -> None:
        self._server = settings.mail_server
        self._password_file = settings.smtp_password_file
        self._writer = Writer(settings.base_url, settings.mail_from, shown)

    @property
    def is_set(self) -> bool:
        """There is a mail server to send by."""
        return self._server is not None

    def page(self, letter: Letter, branding: Branding, logo_at: str) -> str:
        """Give a letter as a page, in a branding that is not published yet."""
        return self._writer.page(letter, branding, logo_at)

    async def send(self, mail_id: str, letter: Letter) -> None:
        """Send a letter; raise NotSent."""
        # Loaded with the first letter: many a server sends none.
        import aiosmtplib  # noqa: PLC0415

        if self._server is None:
            raise NotSent("no mail server is set")
        try:
            message = self._writer.write(mail_id, letter)
            await self._hand_over(self._server, message)
        except aiosmtplib.SMTPRecipientsRefused as error:
            code = error.recipients[0].code if error.recipients else 0
            raise NotSent(f"the address was refused ({code})", is_final=code >= _NEVER) from None
        except aiosmtplib.SMTPResponseException as error:
            is_final = error.code >= _NEVER and error.code not in _AUTHENTICATION
            raise NotSent(f"{error.code} {error.message}"[:500], is_final=is_final) from None
        except (aiosmtplib.SMTPException, OSError) as error:
            raise NotSent(f"{type(error).__name__}: {error}"[:500]) from None
        except ValueError as error:
            # Of an address that no header can hold.
            raise NotSent(str(error)[:500], is_final=True) from None

    async def _hand_over(self, server: MailServer, message: EmailMessage) -> None:
        password = None
        if self._password_file is not None:
            password = self._password_file.read_text().strip()
        import aiosmtplib  # noqa: PLC0415  (as above)

        async with aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.security == "tls",
            # Never by chance: who takes STARTTLS out of the greeting would read the codes.
            start_tls=server.security == "starttls",
            tls_context=None if server.security == "none" else ssl.create_default_context(),
            username=server.user or None,
            password=password,
            timeout=SECONDS,
        ) as connection:
            await connection.send_message(message)
