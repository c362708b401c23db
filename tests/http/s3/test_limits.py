"""The largest file is the largest, in however many parts it comes."""

from dataclasses import replace

import pytest

from keycell.files.uploads import LEAST_PART
from keycell.settings import Settings

from .conftest import S3
from .test_uploads import begin, complete, part


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, largest_file="6M")


async def test_parts_together_are_no_larger_than_a_file_may_be(s3: S3) -> None:
    upload = await begin(s3)
    parts = [(number, await part(s3, upload, number, b"1" * LEAST_PART)) for number in (1, 2)]
    answer = await complete(s3, upload, *parts)
    assert (answer.status_code, "EntityTooLarge" in answer.text) == (400, True), answer.text
    assert (await complete(s3, upload, parts[0])).status_code == 200
