"""Sending by a real mail server: what is final, what is tried again, and what is never said."""

import ipaddress
import logging
import ssl
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509

from keycell.accounts.letters import KEPT, Letter, LetterKind, Taken, next_try
from keycell.accounts.mailing import post
from keycell.accounts.ports_mail import Mailing, NotSent
from keycell.accounts.posting import deliver
from keycell.bootstrap import World
from keycell.outside.letters import WORDINGS
from keycell.outside.mail import Mailer
from keycell.settings import BadSetting, Settings, check, read_mail_server

from ..opening import opening
from ..postgres import free_port
from ..smtp import Mailbox, html_of, mail_server, text_of
from ..test_tls import pem

VALUES = {
    "name": "Ann <b>Example</b>", "login": "ann", "code": "1234 5678", "link": "/x?token=secret",
    "lockdown": "/y?token=other", "email": "ann@new.example", "when": "now", "ip": "192.0.2.1",
    "until": "then", "application": "App", "label": "<b>Example.txt", "browser": "Firefox",
    "by": "Bo", "count": "7", "file": "<b>Example.txt", "said": "Look at\n<b>Example.txt",
}  # fmt: skip
LETTER = Letter(kind=LetterKind.RESET, to="ann@example.org", language="en", values=VALUES)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as running:
        yield running


@pytest.fixture
def settings(settings: Settings, mailbox: Mailbox) -> Settings:
    return replace(settings, smtp=mailbox.url, mail_from="keycell@id.example")


@pytest.fixture
async def world(settings: Settings) -> AsyncIterator[World]:
    async with opening(settings) as opened:
        yield opened


@pytest.mark.parametrize("language", ["en", "fr", "ar", "xx"])
async def test_every_letter_is_text_and_html(
    settings: Settings, mailbox: Mailbox, language: str
) -> None:
    """UX-X53: what people typed is text, and no markup."""
    mailer = Mailer(settings)
    for kind in WORDINGS:
        await mailer.send("id", replace(LETTER, kind=kind, language=language))
    assert len(mailbox.messages) == len(WORDINGS)
    for message in mailbox.messages:
        assert message["Message-ID"] == "<id@id.example>"
        assert message["Content-Language"] == ("en" if language == "xx" else language)
        assert f'dir="{"rtl" if language == "ar" else "ltr"}"' in html_of(message)
        assert "%(" not in text_of(message) + html_of(message)
        assert "<b>Example" not in html_of(message)
    reset = mailbox.messages[0]
    assert "Ann <b>Example</b>" in text_of(reset)
    assert f"{settings.base_url}/x?token=secret" in text_of(reset)


async def test_what_the_mail_server_says(settings: Settings, mailbox: Mailbox) -> None:
    """RFC5321-4.2.1: 5xx is for good, 4xx is for now."""
    mailer = Mailer(settings)
    for answer, is_final in (("550 no such mailbox", True), ("451 come again", False),
                             ("535 who are you", False)):  # fmt: skip
        mailbox.answers.append(answer)
        with pytest.raises(NotSent) as refused:
            await mailer.send("id", LETTER)
        assert refused.value.is_final is is_final, answer
        assert "secret" not in str(refused.value)


async def test_a_server_that_is_away_or_speaks_no_tls(
    settings: Settings, mailbox: Mailbox
) -> None:
    """RFC8314-3: where STARTTLS is not offered, nothing is sent."""
    away = replace(settings, smtp=f"smtp://127.0.0.1:{free_port()}")
    with pytest.raises(NotSent) as refused:
        await Mailer(away).send("id", LETTER)
    assert not refused.value.is_final
    with pytest.raises(NotSent):
        await Mailer(replace(settings, smtp=f"smtps://127.0.0.1:{mailbox.port}")).send(
            "id", LETTER
        )
    assert mailbox.messages == []
    with pytest.raises(NotSent, match="no mail server"):
        await Mailer(replace(settings, smtp="")).send("id", LETTER)


def who(
    _server: SMTP, _session: Session, _envelope: Envelope, _kind: str, said: object
) -> AuthResult:
    """Let in whoever knows the password."""
    is_right = isinstance(said, LoginPassword) and said == (b"me", b"topsecret")
    return AuthResult(success=is_right, handled=is_right)


async def test_by_starttls_with_a_password(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC3207, RFC4954: the certificate must be one that is trusted, and the server's."""
    host = "127.0.0.2"
    certificate, key = pem(tmp_path / "tls", host=x509.IPAddress(ipaddress.ip_address(host)))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    password = tmp_path / "password"
    password.write_text("topsecret\n")
    options = {"tls_context": context, "require_starttls": True, "auth_required": True,
               "authenticator": who}  # fmt: skip
    with mail_server(host, **options) as mailbox:
        secured = replace(
            settings, smtp=f"smtp://me@{host}:{mailbox.port}", smtp_password_file=password
        )
        with pytest.raises(NotSent, match="certificate") as refused:
            await Mailer(check(secured)).send("id", LETTER)
        assert not refused.value.is_final
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        await Mailer(secured).send("id", LETTER)
        assert len(mailbox.to("ann@example.org")) == 1
        password.write_text("wrong")
        with pytest.raises(NotSent, match="535") as refused:
            await Mailer(secured).send("id", LETTER)
        assert not refused.value.is_final
        assert "wrong" not in str(refused.value)


async def test_a_server_without_starttls_gets_nothing(settings: Settings) -> None:
    """RFC8314-3: neither the password nor the letter."""
    with mail_server("127.0.0.2") as plain:
        stripped = replace(settings, smtp=f"smtp://127.0.0.2:{plain.port}")
        with pytest.raises(NotSent):
            await Mailer(stripped).send("id", LETTER)
        assert plain.messages == []


async def test_an_address_cannot_carry_a_header(settings: Settings, mailbox: Mailbox) -> None:
    """Attack 91."""
    evil = replace(LETTER, to="ann@example.org\r\nBcc: evil@evil.example")
    with pytest.raises(NotSent) as refused:
        await Mailer(settings).send("id", evil)
    assert refused.value.is_final
    assert mailbox.messages == []


async def test_a_letter_is_tried_again_and_given_up(
    world: World, mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing secret is in the log; the trail tells what was given up."""
    caplog.set_level(logging.DEBUG)
    people = world.people
    await people.mail.proofs.keep(Mailing((post(people, LETTER),)))
    mailbox.answers += ["451 come again", "550 never"]
    assert await deliver(people, "w")
    assert not await deliver(people, "w")

    def later() -> datetime:
        return datetime.now(UTC) + timedelta(minutes=2)

    moved = replace(people, clock=later)
    assert await deliver(moved, "w")
    assert not await deliver(moved, "w")
    assert mailbox.messages == []
    # Ours, and not what the mail server of the tests says.
    told = " ".join(one.getMessage() for one in caplog.records if one.name != "mail.log")
    assert "come again" in told
    assert not {word for word in ("secret", "1234", "ann@example.org") if word in told}
    await people.audit.record((await people.audit.page(None, 1))[0][1])
    trail = [event.action for _, event in await people.audit.page(None, 10)]
    assert "mail.failed" in trail


async def test_a_letter_under_another_key_is_left_out(world: World, mailbox: Mailbox) -> None:
    people = world.people
    posted = replace(post(people, LETTER), sealed="AAAA")
    await people.mail.proofs.keep(Mailing((posted,)))
    assert await deliver(people, "w")
    assert not await deliver(people, "w")
    assert mailbox.messages == []


def test_how_long_a_letter_is_tried() -> None:
    taken = Taken(mail_id="m", sealed="s", tries=0, posted_at=NOW)
    waits = [next_try(replace(taken, tries=n), NOW) for n in range(9)]
    minutes = [(one - NOW).total_seconds() / 60 for one in waits if one is not None]
    assert minutes == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert next_try(taken, NOW + KEPT) is None


def test_the_mail_server_that_is_set() -> None:
    tls = read_mail_server("smtps://me%40example.org@mail.example")
    assert (tls.host, tls.port, tls.security, tls.user) == (
        "mail.example", 465, "tls", "me@example.org",
    )  # fmt: skip
    assert read_mail_server("smtp://mail.example").port == 587
    assert read_mail_server("smtp://mail.example?tls=no").security == "none"
    local = read_mail_server("smtp://localhost")
    assert (local.port, local.security) == (25, "none")
    for wrong in ("mail.example", "http://mail.example", "smtp://u:topsecret@mail.example",
                  "smtp://mail.example/inbox", "smtps://mail.example?tls=no", "smtp://[",
                  "smtp://mail.example:x"):  # fmt: skip
        with pytest.raises(BadSetting) as refused:
            read_mail_server(wrong)
        assert "topsecret" not in str(refused.value)


def test_mail_settings_that_cannot_be(settings: Settings) -> None:
    for wrong in (
        replace(settings, mail_from=""),
        replace(settings, mail_from="nobody"),
        replace(settings, smtp="smtps://me@mail.example"),
        replace(settings, smtp_password_file=settings.data / "none"),
        replace(settings, smtp_password_file=settings.data / "sealing.key"),
    ):
        with pytest.raises(BadSetting):
            check(wrong)
