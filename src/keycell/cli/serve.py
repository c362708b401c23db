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


def serve(
    data: Annotated[
        Path | None, typer.Option(help="Folder for the database and the keys.")
    ] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    public_url: Annotated[str | None, typer.Option(help="Where people reach it.")] = None,
    also_at: Annotated[list[str] | None, typer.Option(help="A further origin.")] = None,
    tls_cert: Annotated[Path | None, typer.Option(help="Certificate chain (PEM).")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Private key (PEM).")] = None,
    database: Annotated[str | None, typer.Option(help="postgresql://... for PostgreSQL.")] = None,
    objects: Annotated[
        str | None, typer.Option(help="s3://bucket/prefix for files' bytes.")
    ] = None,
    quota: Annotated[str | None, typer.Option(help="Room of a personal space: 20G.")] = None,
    largest_file: Annotated[str | None, typer.Option(help="Of one file: 5T.")] = None,
    keep_versions: Annotated[int | None, typer.Option(help="Days that versions stay.")] = None,
    keep_trash: Annotated[int | None, typer.Option(help="Days in the recycle bin.")] = None,
    workers: Annotated[int | None, typer.Option(help="Number of processes.")] = None,
    trusted_proxy: Annotated[list[str] | None, typer.Option(help="Address of a proxy.")] = None,
    registration: Annotated[str | None, typer.Option(help="closed, token or open.")] = None,
    show_registered_redirects: Annotated[
        str | None, typer.Option(help="always, administrators or never.")
    ] = None,
    fetch_network: Annotated[
        list[str] | None, typer.Option(help="A private network clients' documents may be in.")
    ] = None,
    log_level: Annotated[str | None, typer.Option(help="debug, info, warning, error.")] = None,
    insecure_http: Annotated[bool, typer.Option(help="Accept plain http beyond here.")] = False,
    issuer_slash: Annotated[bool, typer.Option(help="End the issuer with a slash.")] = False,
    access_log: Annotated[bool, typer.Option(help="Log every request.")] = False,
) -> None:
    """Start the server. Every option is also an environment variable KEYCELL_..."""
    given = {
        "data": data, "host": host, "port": port, "public_url": public_url, "database": database,
        "also_at": tuple(also_at) if also_at else None, "tls_cert": tls_cert, "tls_key": tls_key,
        "workers": workers, "registration": registration, "log_level": log_level,
        "trusted_proxies": tuple(trusted_proxy) if trusted_proxy else None,
        "show_registered_redirects": show_registered_redirects,
        "fetch_networks": tuple(fetch_network) if fetch_network else None,
        "insecure_http": insecure_http or None, "issuer_slash": issuer_slash or None,
        "access_log": access_log or None, "objects": objects, "quota": quota,
        "largest_file": largest_file, "keep_versions": keep_versions, "keep_trash": keep_trash,
    }  # fmt: skip
    _start(_settings({name: value for name, value in given.items() if value is not None}))


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
