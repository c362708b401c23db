"""What a file is, by the ending of its name."""

import pytest

from keycell.kinds import kind_of


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.txt", "text/plain"),
        ("a.PDF", "application/pdf"),
        ("a.txt.gz", "application/gzip"),
        ("a.tar.gz", "application/gzip"),
        ("a.tgz", "application/gzip"),
        ("a.svg.br", "application/octet-stream"),
        ("a.tar.xz", "application/x-xz"),
        ("a", ""),
        ("a.nobody-knows", ""),
        ("data:text/html,x", ""),
        ("c:a.txt", "text/plain"),
    ],
)
def test_a_name_tells_a_kind(name: str, kind: str) -> None:
    assert kind_of(name) == kind
