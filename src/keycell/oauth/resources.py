"""Resource indicators: for which resource server an access token is meant."""

from urllib.parse import urlsplit

from keycell.oauth.errors import InvalidTarget, quote

MOST_RESOURCES = 8
WIRES = ("a", "io", "dav")
"""Where our own resource server answers: REST, S3, WebDAV. Each is a resource of its own too."""


def own_resources(base: str) -> tuple[str, ...]:
    """Give every identifier of our own resource server, the whole of it first. RFC9728-1.2."""
    return (base, *(f"{base}/{wire}" for wire in WIRES))


def read_resource(uri: str) -> str:
    """Check one ``resource``: an absolute URI without a fragment. RFC8707-2."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        raise InvalidTarget(f"resource {quote(uri)} is no URI") from None
    if any(c.isspace() for c in uri):
        raise InvalidTarget(f"resource {quote(uri)} holds a space")
    if not parts.scheme or not (parts.netloc or parts.path):
        raise InvalidTarget(f"resource {quote(uri)} is no absolute URI")
    if "#" in uri:
        raise InvalidTarget(f"resource {quote(uri)} has a fragment; leave it out")
    return uri


def resolve_audience(
    requested: tuple[str, ...], allowed: tuple[str, ...], default: str
) -> tuple[str, ...]:
    """Decide for whom a token is: what was asked of what is allowed, or our own resource server.

    RFC8707-2, RFC9068-3.
    """
    for resource in requested:
        if resource not in own_resources(default) and resource not in allowed:
            raise InvalidTarget(f"resource {quote(resource)} is not one this client may ask for")
    return requested or (default,)


def narrow_audience(granted: tuple[str, ...], requested: tuple[str, ...]) -> tuple[str, ...]:
    """Give the resources asked of those granted; nothing asked means all. RFC8707-2.2."""
    for resource in requested:
        if resource not in granted:
            raise InvalidTarget(f"resource {quote(resource)} was not granted")
    return requested or granted
