"""What an application publishes, and what is posted to it: a site under TLS, in a thread."""

import contextlib
import http.server
import json
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl


class _Handler(http.server.BaseHTTPRequestHandler):
    site: "Site"

    def do_GET(self) -> None:
        found = self.site.documents.get(self.path)
        self.send_response(404 if found is None else 200)
        body = found.encode() if isinstance(found, str) else json.dumps(found).encode()
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        version = str(self.request.version()) if isinstance(self.request, ssl.SSLSocket) else ""
        if self.headers["Content-Type"] == "application/json":
            said = json.loads(body) | {"authorization": self.headers["Authorization"]}
        else:
            assert self.headers["Content-Type"] == "application/x-www-form-urlencoded"
            said = dict(parse_qsl(body))
        self.site.posted.append((self.path, said | {"tls": version}))
        status, headers, content = self.site.answers.get(self.path, (200, {}, b""))
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(content))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002, RUF100
        """Say nothing."""


class Site:
    """Documents by their paths, JSON or text; and what came."""

    def __init__(self, port: int) -> None:
        self.url = f"https://localhost:{port}"
        self.documents: dict[str, object] = {}
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        """What a post to a path is answered, where not by 200 and nothing."""
        self.posted: list[tuple[str, dict[str, str]]] = []


@contextlib.contextmanager
def publishing(chain: Path, private: Path) -> Iterator[Site]:
    """Serve until the end, under the provider's own certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, private)

    class Handler(_Handler):
        """Of this site alone."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    Handler.site = site = Site(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
