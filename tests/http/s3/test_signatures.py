"""Who signed a request, by AWS's own examples and by botocore as the signer."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode, urlsplit

import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from keycell.http.s3.errors import S3Error
from keycell.http.s3.signatures import (
    Received,
    Signed,
    canonical_query,
    check_signature,
    read_claim,
    read_query,
    signing_key,
)

KEY = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
DAY = datetime(2013, 5, 24, tzinfo=UTC)
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
SCOPE = "20130524/us-east-1/s3/aws4_request"


def received(
    headers: Mapping[str, str], path: str = "/", query: str = "", method: str = "GET"
) -> Received:
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return Received(method, path.encode(), query.encode(), pairs)


def verify(request: Received, secret: str = SECRET, now: datetime = DAY) -> Signed:
    claim = read_claim(request, read_query(request.raw_query))
    assert claim is not None
    return check_signature(claim, request, secret, now)


def refused(request: Received, secret: str = SECRET, now: datetime = DAY) -> str:
    with pytest.raises(S3Error) as caught:
        verify(request, secret, now)
    return caught.value.code


def authorization(signed: str, signature: str) -> str:
    return (
        f"AWS4-HMAC-SHA256 Credential={KEY}/{SCOPE},SignedHeaders={signed},Signature={signature}"
    )


def get_object(**changed: str) -> Received:
    """AWS's documented example of a GET with a range."""
    headers = {
        "Host": "examplebucket.s3.amazonaws.com",
        "Range": "bytes=0-9",
        "x-amz-content-sha256": EMPTY,
        "x-amz-date": "20130524T000000Z",
        "Authorization": authorization(
            "host;range;x-amz-content-sha256;x-amz-date",
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
    }
    changes = {name.replace("_", "-"): value for name, value in changed.items()}
    return received(headers | changes, "/test.txt")


def test_the_documented_get_is_taken() -> None:
    assert verify(get_object()).claim.access_key == KEY


def test_the_documented_put_is_taken() -> None:
    headers = {
        "Host": "examplebucket.s3.amazonaws.com",
        "Date": "Fri, 24 May 2013 00:00:00 GMT",
        "x-amz-date": "20130524T000000Z",
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
        "x-amz-content-sha256": "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
        "Authorization": authorization(
            "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        ),
    }
    verify(received(headers, "/test%24file.text", method="PUT"))


@pytest.mark.parametrize(
    ("query", "signature"),
    [
        ("lifecycle", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        (
            "max-keys=2&prefix=J",
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
    ],
)
def test_the_documented_queries_are_taken(query: str, signature: str) -> None:
    headers = {
        "Host": "examplebucket.s3.amazonaws.com",
        "x-amz-content-sha256": EMPTY,
        "x-amz-date": "20130524T000000Z",
        "Authorization": authorization("host;x-amz-content-sha256;x-amz-date", signature),
    }
    verify(received(headers, "/", query))


PRESIGNED = (
    "X-Amz-Algorithm=AWS4-HMAC-SHA256"
    "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
    "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
    "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
)


def presigned(query: str = PRESIGNED) -> Received:
    return received({"Host": "examplebucket.s3.amazonaws.com"}, "/test.txt", query)


def test_the_documented_presigned_url_is_good_for_a_day() -> None:
    assert verify(presigned()).claim.is_presigned
    assert verify(presigned(), now=DAY + timedelta(hours=24))
    assert refused(presigned(), now=DAY + timedelta(hours=24, seconds=1)) == "AccessDenied"
    assert refused(presigned(), now=DAY - timedelta(minutes=16)) == "AccessDenied"


@pytest.mark.parametrize("expires", ["0", "604801", "-1", "1e3", "", "99999999999999999999"])
def test_a_presigned_url_lives_a_second_to_a_week(expires: str) -> None:
    query = PRESIGNED.replace("86400", expires)
    assert refused(presigned(query)) == "AuthorizationQueryParametersError"


def test_the_documented_chunked_upload_is_taken() -> None:
    headers = {
        "Host": "s3.amazonaws.com",
        "x-amz-date": "20130524T000000Z",
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
        "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "Content-Encoding": "aws-chunked",
        "x-amz-decoded-content-length": "66560",
        "Content-Length": "66824",
        "Authorization": authorization(
            "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;"
            "x-amz-decoded-content-length;x-amz-storage-class",
            "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
        ),
    }
    verify(received(headers, "/examplebucket/chunkObject.txt", method="PUT"))


def test_another_secret_time_or_header_is_refused() -> None:
    assert refused(get_object(), secret="gatewaysecret") == "SignatureDoesNotMatch"
    assert refused(get_object(Range="bytes=0-10")) == "SignatureDoesNotMatch"
    assert refused(get_object(), now=DAY + timedelta(minutes=16)) == "RequestTimeTooSkewed"
    assert refused(get_object(), now=DAY - timedelta(minutes=16)) == "RequestTimeTooSkewed"
    verify(get_object(), now=DAY + timedelta(minutes=15))


def test_what_means_something_here_must_be_signed() -> None:
    assert refused(get_object(x_amz_copy_source="/io/other")) == "AccessDenied"
    verify(get_object(user_agent="rewritten on the way"))


def test_host_must_be_signed() -> None:
    header = authorization("range;x-amz-date", "0" * 64)
    assert refused(get_object(Authorization=header)) == "AccessDenied"


@pytest.mark.parametrize(
    "header",
    [
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=a",
        authorization("host", "x"),
        authorization("host", "0" * 64).replace(f"{KEY}/", ""),
        authorization("host", "0" * 64).replace("20130524", "20130525"),
        authorization("host", "0" * 64).replace("s3", "ec2"),
        authorization("Host", "0" * 64),
        authorization("host;" * 200 + "host", "0" * 64),
        authorization("host", "0" * 64).replace(KEY, "k" * 30_000),
        authorization("host", "0" * 64) + ",Signature=" + "1" * 64,
    ],
)
def test_a_malformed_authorization_is_told(header: str) -> None:
    assert refused(get_object(Authorization=header)) == "AuthorizationHeaderMalformed"


def test_without_the_payload_hash_or_the_time_nothing_is_signed() -> None:
    request = get_object()
    for name, code in ((b"x-amz-content-sha256", "MissingSecurityHeader"),
                       (b"x-amz-date", "AccessDenied")):  # fmt: skip
        left = [pair for pair in request.headers if pair[0] != name]
        assert refused(Received("GET", request.raw_path, b"", left)) == code


def test_signing_twice_is_refused() -> None:
    request = get_object()
    both = Received("GET", request.raw_path, PRESIGNED.encode(), request.headers)
    assert refused(both) == "InvalidArgument"


def test_a_request_that_is_not_signed_has_no_claim() -> None:
    assert read_claim(received({"Authorization": "Bearer abc"}), ()) is None


def test_the_elder_signatures_are_told_what_to_do() -> None:
    for header, query in (("AWS AKID:abc=", ""), ("", "AWSAccessKeyId=a&Signature=b&Expires=1")):
        request = received({"Authorization": header} if header else {}, "/", query)
        with pytest.raises(S3Error, match="s3v4"):
            read_claim(request, read_query(request.raw_query))


@pytest.mark.parametrize("query", ["a=%ff", "&".join("a=1" for _ in range(201)), "a" * 40_000])
def test_a_query_beyond_all_bounds_is_refused(query: str) -> None:
    with pytest.raises(S3Error):
        read_query(query.encode())


def test_a_query_is_signed_sorted_and_encoded_one_way() -> None:
    assert canonical_query(b"b=2&a=%7e+x&a&B=%2f") == "B=%2F&a=&a=~%20x&b=2"


def test_a_key_is_derived_as_documented() -> None:
    key = signing_key("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                      "20120215/us-east-1/iam/aws4_request")  # fmt: skip
    assert key.hex() == "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d"


NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/"), min_size=1, max_size=12
)
TOKEN = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.a/b//c-d_e=="


@given(names=st.lists(NAMES, min_size=1, max_size=4), query=st.dictionaries(NAMES, NAMES))
def test_whatever_botocore_signs_is_taken(names: list[str], query: dict[str, str]) -> None:
    names = [name if name not in (".", "..") else "x" for name in names]
    url = "http://localhost:8080/io/" + quote("/".join(names), safe="/-_.~")
    request = AWSRequest("PUT", f"{url}?{urlencode(query, quote_via=quote)}", data=b"abc")
    signer = S3SigV4Auth(Credentials(TOKEN, "gatewaysecret"), "s3", "eu-north-1")
    signer.add_auth(request)
    parts = urlsplit(request.url)
    headers = {"Host": "localhost:8080", **dict(request.headers.items())}
    came = received(headers, parts.path, parts.query, "PUT")
    signed = verify(came, "gatewaysecret", datetime.now(UTC))
    assert signed.claim.access_key == TOKEN


def test_what_botocore_presigns_is_taken_for_that_path_alone() -> None:
    request = AWSRequest("GET", "http://localhost:8080/io/personal-files/a%20b.txt")
    S3SigV4QueryAuth(Credentials(KEY, SECRET), "s3", "x", expires=60).add_auth(request)
    parts = urlsplit(request.url)
    now = datetime.now(UTC)
    verify(received({"Host": "localhost:8080"}, parts.path, parts.query), now=now)
    other = received({"Host": "localhost:8080"}, parts.path + "x", parts.query)
    assert refused(other, now=now) == "SignatureDoesNotMatch"
    body = received({"Host": "localhost:8080"}, parts.path, parts.query, "PUT")
    assert refused(body, now=now) == "SignatureDoesNotMatch"
