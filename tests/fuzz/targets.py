"""A target for each parser that reads what a stranger sends.

A target takes bytes as they could come, and returns: what was understood keeps its promises, and
what was not is refused by an error of the wire. Any other exception is a bug of the parser.
"""

import contextlib
from collections.abc import Callable
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from starlette.requests import Request

from keycell.files.locking import Wanted
from keycell.files.locks import USUAL
from keycell.http.dav.errors import DavError
from keycell.http.dav.locking import read_wanted
from keycell.http.dav.propfind import read_asked
from keycell.http.dav.proppatch import read_changes
from keycell.http.dav.xml import BOUNDS, parse, unparse
from keycell.http.s3.errors import S3Error
from keycell.http.s3.signatures import Received, check_signature, read_claim, read_query
from keycell.http.wire import scheme_and_token
from keycell.oauth.authorization import AuthorizationResponse, location
from keycell.oauth.client_authentication import NamedClient, SecretClient, read_unverified_client
from keycell.oauth.clients import RedirectTarget, matches, redirect_difference
from keycell.oauth.errors import InvalidRedirectUri, OAuthError
from keycell.oauth.redirect_uris import check_redirect_uris

from .chunks import aws_chunked
from .jwts import NOW, dpop_proof, request_object

Target = Callable[[bytes], None]

REGISTERED = (
    "https://app.example/callback", "https://app.example/cb?tenant=1", "http://127.0.0.1/callback",
    "http://127.0.0.1:8080/", "http://[::1]/callback", "com.example.app:/callback",
)  # fmt: skip
_SECRET = "gatewaysecret"


def authorization_header(sent: bytes) -> None:
    """RFC6749-2.3.1, RFC6750-2.1, RFC9110-11.6.2."""
    header = sent.decode("latin-1")
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"authorization", sent)]}
    with contextlib.suppress(OAuthError):
        scheme, token = scheme_and_token(Request(scope))
        assert scheme == scheme.lower()
        assert token is not None
    with contextlib.suppress(OAuthError):
        client = read_unverified_client(header, {})
        assert isinstance(client, NamedClient | SecretClient)
        client.client_id.encode()
        if isinstance(client, SecretClient):
            assert all(secret.encode() for secret in client.secrets)


def sigv4(sent: bytes) -> None:
    """Lines: method, path and query, and a header each."""
    first, *lines = sent.split(b"\n")
    method, _, target = first.partition(b" ")
    path, _, query = target.partition(b"?")
    parted = [line.partition(b":") for line in lines]
    headers = [(name.strip().lower(), value.strip()) for name, _, value in parted]
    received = Received(method.decode("latin-1"), path, query, headers)
    with contextlib.suppress(S3Error):
        claim = read_claim(received, read_query(query))
        if claim is not None:
            claim.access_key.encode()
            check_signature(claim, received, _SECRET, NOW)


def webdav_xml(sent: bytes) -> None:
    """RFC4918-8.2, RFC4918-17."""
    with contextlib.suppress(DavError):
        element = parse(sent)
        assert sum(1 for _ in element.iter()) <= BOUNDS.most_elements
        again = parse(unparse(element).encode())
        assert unparse(again) == unparse(element)
        for read in (read_asked, read_changes, _read_wanted):
            with contextlib.suppress(DavError):
                read(element)


def _read_wanted(element: Element) -> Wanted:
    return read_wanted(element, USUAL, is_deep=False)


def redirect_uri(sent: bytes) -> None:
    """RFC6749-3.1.2, RFC9700-2.1, RFC8252-7.3."""
    uri = sent.decode("utf-8", "replace")
    for registered in REGISTERED:
        if matches(uri, registered):
            _check_same_place(uri, registered)
    redirect_difference(uri, REGISTERED)
    with contextlib.suppress(InvalidRedirectUri):
        (kept,) = check_redirect_uris([uri], is_public=True)
        assert matches(uri, kept)
        assert kept == uri
        assert uri.isascii()
        assert uri.isprintable()
        answer = AuthorizationResponse(RedirectTarget(uri, "query", None), (("code", "x"),))
        _check_same_place(location(answer), uri)


def _check_same_place(uri: str, registered: str) -> None:
    one, other = urlsplit(uri), urlsplit(registered)
    assert (one.scheme, one.hostname, one.path) == (other.scheme, other.hostname, other.path)
    assert (one.username, one.password) == (other.username, other.password)


TARGETS: dict[str, Target] = {
    target.__name__: target
    for target in (
        authorization_header, dpop_proof, request_object, sigv4, aws_chunked, webdav_xml,
        redirect_uri,
    )
}  # fmt: skip
