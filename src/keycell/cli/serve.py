"""`keycell serve`: the whole server, on the embedded defaults or on what is given."""

import asyncio
import contextlib
import os
import signal
import socket
import ssl
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from keycell.cli.output import Exit, fail, sentence_of
from keycell.settings import BadSetting, Settings, check, parse_settings, write_settings

_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""What TLS 1.2 may use; TLS 1.3 has none that is weak. RFC9325-4.2."""


Data = Annotated[Path | None, typer.Option(help="Folder for the database and the keys.")]
Host = Annotated[str | None, typer.Option(help="Address to listen on.")]
Port = Annotated[int | None, typer.Option(help="Port to listen on.")]
PublicUrl = Annotated[str | None, typer.Option(help="Where people reach it.")]
AlsoAt = Annotated[list[str] | None, typer.Option(help="A further origin.")]
TlsCert = Annotated[Path | None, typer.Option(help="Certificate chain (PEM).")]
TlsKey = Annotated[Path | None, typer.Option(help="Private key (PEM).")]
Database = Annotated[str | None, typer.Option(help="postgresql://... for PostgreSQL.")]
Objects = Annotated[str | None, typer.Option(help="s3://bucket/prefix for files' bytes.")]
Quota = Annotated[str | None, typer.Option(help="Room of a personal space: 20G.")]
LargestFile = Annotated[str | None, typer.Option(help="Of one file: 5T.")]
MostNodes = Annotated[int | None, typer.Option(help="Files and folders of one space.")]
KeepVersions = Annotated[int | None, typer.Option(help="Days that versions stay.")]
KeepTrash = Annotated[int | None, typer.Option(help="Days in the recycle bin.")]
Workers = Annotated[int | None, typer.Option(help="Number of processes.")]
TrustedProxy = Annotated[list[str] | None, typer.Option(help="Address of a proxy.")]
Registration = Annotated[str | None, typer.Option(help="closed, token or open.")]
ShowRegisteredRedirects = Annotated[
    str | None, typer.Option(help="always, administrators or never.")
]
FetchNetwork = Annotated[
    list[str] | None, typer.Option(help="A private network of clients' documents.")
]
LogLevel = Annotated[str | None, typer.Option(help="debug, info, warning, error.")]
InsecureHttp = Annotated[bool, typer.Option(help="Accept plain http beyond here.")]
IssuerSlash = Annotated[bool, typer.Option(help="End the issuer with a slash.")]
AccessLog = Annotated[bool, typer.Option(help="Log every request.")]


def serve(
    data: Data = None,
    host: Host = None,
    port: Port = None,
    public_url: PublicUrl = None,
    also_at: AlsoAt = None,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    database: Database = None,
    objects: Objects = None,
    quota: Quota = None,
    largest_file: LargestFile = None,
    most_nodes: MostNodes = None,
    keep_versions: KeepVersions = None,
    keep_trash: KeepTrash = None,
    workers: Workers = None,
    trusted_proxy: TrustedProxy = None,
    registration: Registration = None,
    show_registered_redirects: ShowRegisteredRedirects = None,
    fetch_network: FetchNetwork = None,
    log_level: LogLevel = None,
    insecure_http: InsecureHttp = False,
    issuer_slash: IssuerSlash = False,
    access_log: AccessLog = False,
) -> None:
    """Start the server. Every option is also an environment variable KEYCELL_..."""
    given = {name: value for name, value in locals().items() if value not in (None, False, [])}
    _start(_settings({_NAMED.get(name, name): _plain(value) for name, value in given.items()}))


_NAMED = {"trusted_proxy": "trusted_proxies", "fetch_network": "fetch_networks"}
"""Settings of several values, whose option is named for one of them."""


def _plain(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _settings(given: dict[str, Any]) -> Settings:
    # Checked when all of it is known: a flag may mend what the environment says.
    try:
        settings = check(replace(parse_settings(), **given))
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


def _start(settings: Settings) -> None:
    from keycell.logs import configure_logs

    configure_logs(settings.log_level)
    _check_port(settings)
    try:
        link = asyncio.run(_prepare(settings))
    except Exception as error:  # noqa: BLE001  (whatever is wrong is told in one sentence)
        fail(sentence_of(error))
    print(f"Keycell is starting at {settings.base_url}", file=sys.stderr)
    if link is not None:
        print(
            f"\n  Make the first administrator here, within an hour:\n\n    {link}\n",
            file=sys.stderr,
            flush=True,
        )
    _run(settings)


def _check_port(settings: Settings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        socket.create_server((settings.host, settings.port), family=family).close()
    except OSError as error:
        reason = error.strerror or str(error)
        fail(f"cannot listen on {settings.host}, port {settings.port}: {reason}")


async def _prepare(settings: Settings) -> str | None:
    """Open everything once, so that a wrong setting is told here and not by every worker."""
    from keycell.accounts.setup import offer
    from keycell.bootstrap import open_world

    async with open_world(settings) as world:
        secret = await offer(world.people)
    return None if secret is None else f"{settings.base_url}/setup#{secret}"


def _run(settings: Settings) -> None:
    import uvicorn

    from keycell.http.listening import BoundedProtocol

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
            ssl_ciphers=_CIPHERS,
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=list(settings.trusted_proxies),
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
