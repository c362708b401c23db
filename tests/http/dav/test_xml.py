"""XML from strangers."""

import time

import pytest

from keycell.http.dav.errors import DavError, printable
from keycell.http.dav.xml import BOUNDS, parse, unparse

BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]><b>&j;</b>"
)


@pytest.mark.parametrize(
    "body",
    [
        BOMB,
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><a/>',
        b"<!DOCTYPE a><a/>",
        b"<a>&unknown;</a>",
        b"<a>" * (BOUNDS.deepest + 1) + b"</a>" * (BOUNDS.deepest + 1),
        b"<a>" * 30_000 + b"</a>" * 30_000,
        b"<a>" + b"<b/>" * BOUNDS.most_elements + b"</a>",
        b"<a", b"", b"a", b"\x00\xff", b"<a/><a/>",
        b'<a xmlns:b=""><b:c/></a>', b"<b:c/>",
        b'<?xml version="1.0" encoding="nonsense"?><a/>',
        b'<?xml version="1.0" encoding="utf-7"?><a>+AGE-</a>',
    ],
)  # fmt: skip
def test_what_is_no_good_xml_is_refused_at_once(body: bytes) -> None:
    """RFC4918-20.6, RFC4918-8.2."""
    began = time.process_time()
    with pytest.raises(DavError) as caught:
        parse(body)
    assert caught.value.status == 400
    assert time.process_time() - began < 0.5


def test_an_element_is_written_as_it_was_meant() -> None:
    """RFC4918-4.3."""
    body = '<a xmlns="urn:x">é<b c="&quot;&lt;"> &amp; <d xmlns=""/></b></a>'.encode()
    parsed = parse(body)
    again = parse(unparse(parsed).encode())
    assert [(one.tag, one.text, dict(one.attrib)) for one in again.iter()] == [
        (one.tag, one.text, dict(one.attrib)) for one in parsed.iter()
    ]


def test_what_xml_cannot_hold_is_left_out() -> None:
    assert printable("a\x00b\x1bc\ud800d") == "a?b?c?d"
