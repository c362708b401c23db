"""The XML that clients send, and the XML they get."""

import time

import pytest

from keycell.files import errors as files
from keycell.files.uploads import BadPart
from keycell.http.s3.answers import document, element, url_encoded
from keycell.http.s3.documents import BOUNDS, read_completion, read_deletion
from keycell.http.s3.errors import S3Error, error_response, s3_error_of
from keycell.oauth.errors import InvalidToken

NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


def completion(*parts: str) -> bytes:
    inner = "".join(parts)
    return f"<CompleteMultipartUpload {NAMESPACE}>{inner}</CompleteMultipartUpload>".encode()


def refused(reader: object, body: bytes) -> str:
    assert callable(reader)
    with pytest.raises(S3Error) as caught:
        reader(body)
    return caught.value.code


def test_a_completion_names_parts_with_or_without_quotes_and_namespace() -> None:
    quoted = "<Part><ETag>&#34;AB&#34;</ETag><PartNumber>1</PartNumber></Part>"
    plain = (
        "<Part><PartNumber>2</PartNumber><ETag>cd</ETag>"
        "<ChecksumCRC32>AAAAAA==</ChecksumCRC32></Part>"
    )
    one, two = read_completion(completion(quoted, plain))
    assert (one.number, one.etag, two.number, two.etag) == (1, "ab", 2, "cd")
    assert two.checksums == {"crc32": "AAAAAA=="}
    bare = completion(quoted).replace(NAMESPACE.encode(), b"")
    assert read_completion(bare) == [one]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not XML",
        b"<Delete/>",
        b"<CompleteMultipartUpload>",
        completion("<Part><PartNumber>1</PartNumber></Part>"),
        completion("<Part><PartNumber>x</PartNumber><ETag>a</ETag></Part>"),
        completion("<Part><PartNumber>100000000000000</PartNumber><ETag>a</ETag></Part>"),
        completion("<Part><PartNumber>1</PartNumber><ETag>a</ETag></Part>" * 10_001),
        b'<!DOCTYPE a [<!ENTITY b "c">]>' + completion(),
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd">' + completion(),
        b"<?xml version='1.0' encoding='nope'?>" + completion(),
        completion("<a>" * 8 + "</a>" * 8),
        completion("<a/>" * BOUNDS.most_elements),
    ],
)
def test_what_is_no_completion_is_told(body: bytes) -> None:
    assert refused(read_completion, body) == "MalformedXML"


def test_attack_89_a_document_that_grows_is_given_up_at_once() -> None:
    """Attack 89: a million elements took a second and a half, for everybody, and 60 MB."""
    begun = time.process_time()
    assert refused(read_deletion, b"<Delete>" + b"<a/>" * 1_000_000) == "MalformedXML"
    assert time.process_time() - begun < 1
    part = "<Part><PartNumber>1</PartNumber><ETag>a</ETag>" + "<ChecksumSHA1/>" * 6 + "</Part>"
    assert len(read_completion(completion(part * 10_000))) == 10_000


def test_entities_that_grow_are_never_unfolded() -> None:
    """ATTACKS: a billion laughs."""
    bomb = b'<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><Delete><a>&b;</a></Delete>'
    assert refused(read_deletion, bomb) == "MalformedXML"


def test_a_deletion_names_up_to_a_thousand_keys() -> None:
    body = "<Delete>{}<Quiet>true</Quiet></Delete>"
    keys, quiet = read_deletion(
        body.format("<Object><Key>a&amp;b</Key><VersionId>v</VersionId></Object>").encode()
    )
    assert [(one.key, one.version_id) for one in keys] == [("a&b", "v")]
    assert quiet
    many = body.format("<Object><Key>a</Key></Object>" * 1001)
    assert refused(read_deletion, many.encode()) == "MalformedXML"
    assert refused(read_deletion, b"<Delete/>") == "MalformedXML"
    assert refused(read_deletion, b"<Delete><Object/></Delete>") == "MalformedXML"


def test_text_is_escaped_in_answers() -> None:
    body = bytes(document("R", element("Key", 'a<&>"\ufffe'), element("Size", 3)).body)
    assert body.endswith(b"<Key>a&lt;&amp;&gt;&quot;</Key><Size>3</Size></R>")
    assert url_encoded("a b/é+") == "a%20b/%C3%A9%2B"


def test_an_error_says_its_code_and_the_request() -> None:
    response = error_response(S3Error("NoSuchKey", "<none>"), "w/&", "r1")
    assert response.status_code == 404
    assert b"<Code>NoSuchKey</Code><Message>&lt;none&gt;</Message>" in bytes(response.body)
    assert b"<Key>w/&amp;</Key><RequestId>r1</RequestId>" in bytes(response.body)
    assert b"<Reason>" not in bytes(response.body)
    assert error_response(S3Error("SlowDown", ""), "", "").headers["retry-after"] == "2"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (files.NoSuchSpace(""), "NoSuchKey"),
        (files.NoSuchUpload(""), "NoSuchUpload"),
        (files.IsAFolder(""), "AccessDenied"),
        (files.NameTaken("a", "b"), "InvalidRequest"),
        (files.Locked(""), "SlowDown"),
        (files.StoreAway(""), "SlowDown"),
        (files.QuotaExceeded(""), "QuotaExceeded"),
        (files.BadPath(""), "InvalidArgument"),
        (BadPart(""), "InvalidPart"),
        (InvalidToken("no"), "InvalidAccessKeyId"),
        (S3Error("InvalidURI", ""), "InvalidURI"),
    ],
)
def test_each_error_of_ours_has_a_code(error: Exception, code: str) -> None:
    """CELLS-CLIENT.md 4.3: what may pass by itself is never a 4xx."""
    assert s3_error_of(error).code == code
