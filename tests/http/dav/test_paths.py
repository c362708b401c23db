"""Where a request goes, and where a Destination points."""

import pytest
from starlette.requests import Request

from keycell.files.errors import BadPath
from keycell.http.dav.errors import DavError
from keycell.http.dav.paths import href, read_destination, read_target

ORIGINS = ("https://files.example", "http://localhost:8080")


def request(raw: str, root: str = "", **headers: str) -> Request:
    named = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    return Request({
        "type": "http", "method": "MOVE", "path": raw, "raw_path": raw.encode(), "root_path": root,
        "headers": [(b"host", b"files.example:8443"), *named], "query_string": b"",
    })  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "path", "has_slash"),
    [
        ("/dav", "", True),
        ("/dav/", "", True),
        ("/dav/space/a%20b/%C3%A9", "space/a b/é", False),
        ("/dav/space/a/", "space/a", True),
        ("/dav/space/100%2525", "space/100%25", False),
        ("/dav/space/a%3Fb%23c?x=1", "space/a?b#c", False),
    ],
)
def test_a_path_is_decoded_once(raw: str, path: str, has_slash: bool) -> None:  # noqa: FBT001
    target = read_target(request(raw))
    assert (str(target.path), target.has_slash) == (path, has_slash)


@pytest.mark.parametrize(
    "raw",
    [
        "/dav/space/../other", "/dav/space/%2e%2e/other", "/dav/space/%2E./x", "/dav/space/a%2Fb",
        "/dav/space//a", "/dav/space/%00", "/dav/space/%ff", "/dav/space/a%0ab",
        "/dav/space/" + "a" * 5000, "/dav/space" + "/a" * 100, "/dav/space/.",
    ],
)  # fmt: skip
def test_what_leads_astray_is_refused(raw: str) -> None:
    with pytest.raises(BadPath):
        read_target(request(raw))


@pytest.mark.parametrize(
    "destination",
    [
        "/dav/space/b%20c",
        "https://files.example/dav/space/b%20c",
        "HTTPS://FILES.EXAMPLE:443/dav/space/b%20c",
        "http://localhost:8080/dav/space/b%20c",
        "http://files.example:8443/dav/space/b%20c",
    ],
)
def test_a_destination_here_is_taken(destination: str) -> None:
    """RFC4918-10.3."""
    found = read_destination(request("/dav/space/a", destination=destination), ORIGINS)
    assert str(found.path) == "space/b c"


def test_a_destination_in_bare_bytes_ends_where_it_ends() -> None:
    """The bytes of an "à" end in one that Latin-1 has for a space."""
    bare = "/dav/space/voilà".encode().decode("latin-1")
    found = read_destination(request("/dav/space/a", destination=f" {bare} "), ORIGINS)
    assert str(found.path) == "space/voilà"


@pytest.mark.parametrize(
    ("destination", "status"),
    [
        ("", 400),
        ("https://elsewhere.example/dav/space/b", 502),
        ("https://files.example.elsewhere.example/dav/space/b", 502),
        ("https://files.example@elsewhere.example/dav/space/b", 502),
        ("https://ann@files.example/dav/space/b", 502),
        ("//elsewhere.example/dav/space/b", 502),
        ("ftp://files.example:8443/dav/space/b", 502),
        ("file:///dav/space/b", 502),
        ("http://[::1/dav/space/b", 400),
        ("/io/space/b", 403),
        ("/a/tree", 403),
        ("/davx/space/b", 403),
        ("space/b", 403),
        ("/dav/space/b?versionId=1", 400),
        ("/dav/space/b#c", 400),
    ],
)
def test_a_destination_elsewhere_is_refused(destination: str, status: int) -> None:
    """RFC4918-9.9.4."""
    with pytest.raises(DavError) as caught:
        read_destination(request("/dav/space/a", destination=destination), ORIGINS)
    assert caught.value.status == status


@pytest.mark.parametrize(
    "path",
    ["/dav/space/../other/b", "/dav/space/%2e%2e/b", "/dav/space/a%2f..%2fb", "/dav/s/%c0%ae"],
)
def test_a_destination_astray_is_refused(path: str) -> None:
    with pytest.raises(BadPath):
        read_destination(request("/dav/space/a", destination=path), ORIGINS)


def test_below_another_application_addresses_keep_its_prefix() -> None:
    asked = request("/files/dav/space/a", root="/files", destination="/files/dav/space/b%23")
    assert str(read_target(asked).path) == "space/a"
    found = read_destination(asked, ORIGINS).path
    assert str(found) == "space/b#"
    assert href(asked, found, is_folder=False) == "/files/dav/space/b%23"
    assert href(asked, found.parent, is_folder=True) == "/files/dav/space/"
