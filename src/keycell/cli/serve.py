"""`keycell serve`: the whole server, on the embedded defaults or on what is given."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import ssl
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from keycell.cli.output import Exit, fail, sentence_of
from keycell.cli.showing import Output, shows_here_with
from keycell.cli.talk import note
from keycell.settings import BadSetting, Settings, Source, check, parse_settings, write_settings


def _may_be(kind: Any, told: str) -> tuple[object, object]:  # noqa: ANN401  (typer reads it)
    """Give an option of a kind that need not be said."""
    return Annotated[kind, typer.Option(help=told)], False if kind is bool else None


_OPTIONS: Mapping[str, tuple[object, object]] = {
    "data": _may_be(Path | None, "Folder for the database and the keys."),
    "host": _may_be(str | None, "Address to listen on."),
    "port": _may_be(int | None, "Port to listen on."),
    "public_url": _may_be(str | None, "Where people reach it."),
    "also_at": _may_be(list[str] | None, "A further origin."),
    "tls_cert": _may_be(Path | None, "Certificate chain (PEM)."),
    "tls_key": _may_be(Path | None, "Private key (PEM)."),
    "mtls_port": _may_be(int | None, "Port for clients with certificates."),
    "mtls_url": _may_be(str | None, "Where those reach it, if elsewhere."),
    "client_cert_header": _may_be(
        str | None, "Header in which a trusted proxy sends the certificate."
    ),
    "client_ca": _may_be(Path | None, "Who issues clients' certificates (PEM)."),
    "database": _may_be(str | None, "postgresql://... for PostgreSQL."),
    "objects": _may_be(str | None, "s3://bucket/prefix for files' bytes."),
    "quota": _may_be(str | None, "Room of a personal space: 20G."),
    "largest_file": _may_be(str | None, "Of one file: 5T."),
    "most_nodes": _may_be(int | None, "Files and folders of one space."),
    "thumbnails": _may_be(str | None, "Room of small pictures, 1G; 0: none."),
    "keep_versions": _may_be(int | None, "Days that versions stay."),
    "keep_trash": _may_be(int | None, "Days in the recycle bin."),
    "removal_grace": _may_be(int | None, "Days in which a person may still keep their account."),
    "trust_browsers": _may_be(
        int | None, "Days in which a browser may be trusted without a second factor."
    ),
    "another_device": _may_be(
        str | None, "on or off: browsers may be signed in from another device."
    ),
    "keys_ahead": _may_be(
        int | None, "Hours for which a key is published before it signs, at least 1."
    ),
    "mail_codes": _may_be(
        str | None, "on or off: people may sign in by a code in a mail, which is weaker."
    ),
    "workers": _may_be(int | None, "Number of processes."),
    "trusted_proxy": _may_be(list[str] | None, "Address of a proxy."),
    "registration": _may_be(str | None, "closed, token or open."),
    "show_registered_redirects": _may_be(str | None, "always, administrators or never."),
    "fetch_network": _may_be(list[str] | None, "A private network of clients' documents."),
    "smtp": _may_be(str | None, "smtps://user@host:465 to send mail by."),
    "smtp_password_file": _may_be(Path | None, "File with its password."),
    "mail_from": _may_be(str | None, "Address that mail comes from."),
    "log_level": _may_be(str | None, "debug, info, warning, error."),
    "client_documents": _may_be(bool, "Let clients be addresses of documents that describe them."),
    "insecure_http": _may_be(bool, "Accept plain http beyond here."),
    "issuer_slash": _may_be(bool, "End the issuer with a slash."),
    "access_log": _may_be(bool, "Log every request."),
}
"""Every option, by the name of its setting."""


@shows_here_with(_OPTIONS)
def serve(out: Output, **options: object) -> None:
    """Start the server. Every option is also an environment variable KEYCELL_...

    keycell serve
    keycell serve --data /srv/keycell --public-url https://id.example
    keycell serve --port 443 --tls-cert chain.pem --tls-key key.pem
    """
    _start(_settings(options), as_json=out.as_json)


_NAMED = {"trusted_proxy": "trusted_proxies", "fetch_network": "fetch_networks"}
"""Settings of several values, whose option is named for one of them."""


def _is_unsaid(value: object) -> bool:
    # By what they are: to Python a nought is as much as False, and --keep-trash 0 is said.
    return value is None or value is False or value == []


def _plain(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _settings(options: Mapping[str, Any]) -> Settings:
    given: dict[str, Any] = {
        _NAMED.get(name, name): _plain(value)
        for name, value in options.items()
        if not _is_unsaid(value)
    }
    # Checked when all of it is known: a flag may mend what the environment says.
    try:
        read = parse_settings()
        by_option: dict[str, Source] = dict.fromkeys(given, "option")
        settings = check(replace(read, **given, sources={**read.sources, **by_option}))
        _check_tls(settings)
    except BadSetting as error:
        fail(str(error), Exit.USAGE)
    return settings


def _check_tls(settings: Settings) -> None:
    if settings.tls_cert is None or settings.tls_key is None:
        return

    def passphrase() -> str:
        raise BadSetting(f"{settings.tls_key} is locked by a passphrase; give one that is not")

    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(settings.tls_cert, settings.tls_key, passphrase)
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadSetting(
            f"{settings.tls_cert} and {settings.tls_key} are no certificate chain with its "
            f"private key (PEM): {reason}"
        ) from None


def _start(settings: Settings, *, as_json: bool) -> None:
    from keycell.logs import configure_logs

    configure_logs(settings.log_level)
    _check_port(settings)
    try:
        link = asyncio.run(_prepare(settings))
    except Exception as error:  # noqa: BLE001  (whatever is wrong is told in one sentence)
        fail(sentence_of(error))
    _tell(settings, link, as_json=as_json)
    _run(settings)


def _tell(settings: Settings, link: str | None, *, as_json: bool) -> None:
    """Say where the server is; the way to the first administrator is told by --quiet, too."""
    if as_json:
        print(json.dumps({"url": settings.base_url, "setup": link}), flush=True)
        return
    note(f"Keycell is starting at {settings.base_url}")
    if link is not None:
        print(
            f"\n  Make the first administrator here, within an hour:\n\n    {link}\n",
            file=sys.stderr,
            flush=True,
        )


def _check_port(settings: Settings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    for port in filter(None, (settings.port, settings.mtls_port)):
        try:
            socket.create_server((settings.host, port), family=family).close()
        except OSError as error:
            # Its own text names the address once more.
            reason = os.strerror(error.errno) if error.errno else str(error)
            fail(f"cannot listen on {settings.host}, port {port}: {reason}")


async def _prepare(settings: Settings) -> str | None:
    """Open everything once, so that a wrong setting is told here and not by every worker."""
    from keycell.accounts.setup import offer
    from keycell.bootstrap import open_world

    async with open_world(settings) as world:
        secret = await offer(world.people)
    return None if secret is None else f"{settings.base_url}/setup#{secret}"


def _run(settings: Settings) -> None:
    # For its reloader, uvicorn would bring along what watches files for the sync client: two
    # megabytes in each process of a server that reloads nothing.
    sys.modules.setdefault("watchfiles", None)  # type: ignore[arg-type]
    import uvicorn

    from keycell.http.listening import CIPHERS, BoundedProtocol

    # uvicorn passes on the signal that ended it: a stop that was asked for is no failure.
    for asked in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked, lambda *_: sys.exit(0))
    os.environ.update(write_settings(settings))
    with _shared_metrics(settings):
        uvicorn.run(
            "keycell.server:from_environment",
            factory=True,
            host=settings.host,
            port=settings.port,
            workers=settings.workers,
            loop="uvloop",
            http=BoundedProtocol,
            lifespan="on",
            ssl_certfile=settings.tls_cert,
            ssl_keyfile=settings.tls_key,
            ssl_ciphers=CIPHERS,
            proxy_headers=False,
            server_header=False,
            access_log=False,
            log_config=None,
            log_level="warning",
            timeout_graceful_shutdown=10,
            timeout_keep_alive=75,
        )


@contextlib.contextmanager
def _shared_metrics(settings: Settings) -> Iterator[None]:
    """Give the processes a folder in which they count together, and remove it at the end."""
    if settings.workers == 1:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="keycell-metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        yield
