"""The one bucket, and what is asked of it as a whole."""

from starlette.responses import Response

from keycell.files.errors import FilesError
from keycell.http.s3.answers import BUCKET, document, element, every, group, moment, owner
from keycell.http.s3.calls import Call
from keycell.http.s3.documents import LONGEST, Doomed, read_deletion
from keycell.http.s3.errors import S3Error, s3_error_of
from keycell.http.s3.objects import delete_key, read_version
from keycell.http.s3.payload import read_document

_REGION = "us-east-1"


async def buckets(call: Call) -> Response:
    """List the buckets there are: one."""
    account = await call.files.accounts.find(call.actor.sub)
    made_at = call.files.clock() if account is None else account.created_at
    bucket = group("Bucket", element("Name", BUCKET), element("CreationDate", moment(made_at)))
    return document(
        "ListAllMyBucketsResult",
        owner("Owner", call.actor.sub, call.actor.login),
        group("Buckets", bucket),
    )


async def head(_call: Call) -> Response:
    """Say that the bucket is there."""
    return Response(b"", 200, {"x-amz-bucket-region": _REGION})


async def location(_call: Call) -> Response:
    """Say where the bucket is: S3 has no name for its first region."""
    return document("LocationConstraint")


async def versioning(_call: Call) -> Response:
    """Say that versions are nothing one manages over this wire."""
    return document("VersioningConfiguration")


async def create(_call: Call) -> Response:
    """Say that the bucket is there already."""
    raise S3Error("BucketAlreadyOwnedByYou", f"the bucket {BUCKET} is there, and yours")


async def remove(_call: Call) -> Response:
    """Refuse to delete the bucket."""
    raise S3Error("AccessDenied", "the bucket is the server's; delete keys instead")


async def delete_objects(call: Call) -> Response:
    """Delete up to a thousand keys, and say of each what became of it."""
    doomed, is_quiet = read_deletion(await read_document(call, LONGEST))
    told = [await _delete(call, one, is_quiet=is_quiet) for one in doomed]
    return document("DeleteResult", every(told))


async def _delete(call: Call, doomed: Doomed, *, is_quiet: bool) -> str:
    try:
        if read_version(doomed.version_id) is not None:
            raise S3Error("NotImplemented", "single versions are not deleted over S3")  # noqa: TRY301
        await delete_key(call, doomed.key)
    except (S3Error, FilesError) as caught:
        error = s3_error_of(caught)
        return group(
            "Error",
            element("Key", doomed.key),
            element("Code", error.code),
            element("Message", str(error)),
        )
    return "" if is_quiet else group("Deleted", element("Key", doomed.key))
