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
from keycell.cli.showing import Output, shows_here
from keycell.cli.talk import note
from keycell.settings import BadSetting, Settings, Source, check, parse_settings, write_settings

Data = Annotated[Path | None, typer.Option(help="Folder for the database and the keys.")]
Host = Annotated[str | None, typer.Option(help="Address to listen on.")]
Port = Annotated[int | None, typer.Option(help="Port to listen on.")]
PublicUrl = Annotated[str | None, typer.Option(help="Where people reach it.")]
AlsoAt = Annotated[list[str] | None, typer.Option(help="A further origin.")]
TlsCert = Annotated[Path | None, typer.Option(help="Certificate chain (PEM).")]
TlsKey = Annotated[Path | None, typer.Option(help="Private key (PEM).")]
MtlsPort = Annotated[int | None, typer.Option(help="Port for clients with certificates.")]
MtlsUrl = Annotated[str | None, typer.Option(help="Where those reach it, if elsewhere.")]
ClientCertHeader = Annotated[
    str | None, typer.Option(help="Header in which a trusted proxy sends the certificate.")
]
ClientCa = Annotated[Path | None, typer.Option(help="Who issues clients' certificates (PEM).")]
Database = Annotated[str | None, typer.Option(help="postgresql://... for PostgreSQL.")]
Objects = Annotated[str | None, typer.Option(help="s3://bucket/prefix for files' bytes.")]
Quota = Annotated[str | None, typer.Option(help="Room of a personal space: 20G.")]
LargestFile = Annotated[str | None, typer.Option(help="Of one file: 5T.")]
MostNodes = Annotated[int | None, typer.Option(help="Files and folders of one space.")]
KeepVersions = Annotated[int | None, typer.Option(help="Days that versions stay.")]
KeepTrash = Annotated[int | None, typer.Option(help="Days in the recycle bin.")]
RemovalGrace = Annotated[
    int | None, typer.Option(help="Days in which a person may still keep their account.")
]
TrustBrowsers = Annotated[
    int | None,
    typer.Option(help="Days in which a browser may be trusted without a second factor."),
]
AnotherDevice = Annotated[
    str | None, typer.Option(help="on or off: browsers may be signed in from another device.")
]
KeysAhead = Annotated[
    int | None,
    typer.Option(help="Hours for which a key is published before it signs, at least 1."),
]
MailCodes = Annotated[
    str | None,
    typer.Option(help="on or off: people may sign in by a code in a mail, which is weaker."),
]
Workers = Annotated[int | None, typer.Option(help="Number of processes.")]
TrustedProxy = Annotated[list[str] | None, typer.Option(help="Address of a proxy.")]
Registration = Annotated[str | None, typer.Option(help="closed, token or open.")]
ShowRegisteredRedirects = Annotated[
    str | None, typer.Option(help="always, administrators or never.")
]
FetchNetwork = Annotated[
    list[str] | None, typer.Option(help="A private network of clients' documents.")
]
Smtp = Annotated[str | None, typer.Option(help="smtps://user@host:465 to send mail by.")]
SmtpPasswordFile = Annotated[Path | None, typer.Option(help="File with its password.")]
MailFrom = Annotated[str | None, typer.Option(help="Address that mail comes from.")]
LogLevel = Annotated[str | None, typer.Option(help="debug, info, warning, error.")]
ClientDocuments = Annotated[
    bool, typer.Option(help="Let clients be addresses of documents that describe them.")
]
InsecureHttp = Annotated[bool, typer.Option(help="Accept plain http beyond here.")]
IssuerSlash = Annotated[bool, typer.Option(help="End the issuer with a slash.")]
AccessLog = Annotated[bool, typer.Option(help="Log every request.")]


@shows_here
def serve(
    out: Output,
    data: Data = None,
    host: Host = None,
    port: Port = None,
    public_url: PublicUrl = None,
    also_at: AlsoAt = None,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    mtls_port: MtlsPort = None,
    mtls_url: MtlsUrl = None,
    client_cert_header: ClientCertHeader = None,
    client_ca: ClientCa = None,
    database: Database = None,
    objects: Objects = None,
    quota: Quota = None,
    largest_file: LargestFile = None,
    most_nodes: MostNodes = None,
    keep_versions: KeepVersions = None,
    keep_trash: KeepTrash = None,
    removal_grace: RemovalGrace = None,
    trust_browsers: TrustBrowsers = None,
    another_device: AnotherDevice = None,
    keys_ahead: KeysAhead = None,
    mail_codes: MailCodes = None,
    workers: Workers = None,
    trusted_proxy: TrustedProxy = None,
    registration: Registration = None,
    show_registered_redirects: ShowRegisteredRedirects = None,
    fetch_network: FetchNetwork = None,
    smtp: Smtp = None,
    smtp_password_file: SmtpPasswordFile = None,
    mail_from: MailFrom = None,
    log_level: LogLevel = None,
    client_documents: ClientDocuments = False,
    insecure_http: InsecureHttp = False,
    issuer_slash: IssuerSlash = False, access_log: AccessLog = False,
) -> None:  # fmt: skip
    """Start the server. Every option is also an environment variable KEYCELL_..."""
    _start(_settings(locals()), as_json=out.as_json)


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
        if name != "out" and not _is_unsaid(value)
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
