"""``aws-chunked`` bodies from bytes: framed in each way, and cut anywhere."""

from keycell.http.s3.chunked import Decoder, Framing
from keycell.http.s3.errors import S3Error
from keycell.http.s3.signatures import Claim, Signed, signing_key

_SECRET = "gatewaysecret"
_SCOPE = "20130524/us-east-1/s3/aws4_request"
_TRAILER = "x-amz-checksum-crc32"
_CLAIM = Claim(
    access_key="x", scope=_SCOPE, signed_headers=("host",), signature="0" * 64,
    timestamp="20130524T000000Z", expires_in=None, payload_hash="",
)  # fmt: skip
_SIGNED = Signed(_CLAIM, signing_key(_SECRET, _SCOPE))


def aws_chunked(sent: bytes) -> None:
    """A byte for the framing, one for the length, one for the cuts; then the body.

    However a body is cut, it is the same content or the same error, and never more than was said.
    """
    if len(sent) < 3:
        return
    kind, length, step, body = sent[0], sent[1], max(sent[2], 1), sent[3:]
    framing = Framing(
        decoded_length=length,
        signed=_SIGNED if kind & 1 else None,
        trailer=_TRAILER if kind & 2 else None,
    )
    cuts = [body[at : at + step] for at in range(0, len(body), step)]
    whole, cut = _decode(framing, [body]), _decode(framing, cuts)
    assert whole == cut
    assert not isinstance(whole, bytes) or len(whole) == length


def _decode(framing: Framing, pieces: list[bytes]) -> bytes | str:
    decoder = Decoder(framing)
    content = b""
    try:
        for piece in pieces:
            for found in decoder.feed(piece):
                content += found
                assert len(content) <= framing.decoded_length
        decoder.finish()
    except S3Error as error:
        return error.code
    return content
