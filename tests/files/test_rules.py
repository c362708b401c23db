"""What a write may replace, what parts make together, and which spaces can be."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keycell.files.errors import BadRequest, IsAFolder, NameTaken, NotAFolder, PreconditionFailed
from keycell.files.jobs import Job, JobKind, JobStatus
from keycell.files.nodes import (
    ANY,
    Conditions,
    Node,
    check_conditions,
    check_folder,
    check_replaceable,
)
from keycell.files.spaces import check_label, check_slug, slug_of
from keycell.files.uploads import (
    BLOCK,
    LEAST_PART,
    BadPart,
    BadPartOrder,
    PartTooSmall,
    UploadPart,
    assemble,
    block_hash,
    check_number,
    multipart_etag,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def node(name: str = "a.txt", *, is_folder: bool = False, etag: str = "e1") -> Node:
    return Node(
        node_id="n", volume_id="v", parent_id="p", name=name, is_folder=is_folder, etag=etag,
        version_id="v1", mtime=NOW, created_at=NOW, created_by="ann", changed_by="ann", revision=1,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("conditions", "holds_for_file", "holds_for_nothing"),
    [
        (ANY, True, True),
        (Conditions(if_match=("e1",)), True, False),
        (Conditions(if_match=("e2", "e1")), True, False),
        (Conditions(if_match=("e2",)), False, False),
        (Conditions(if_match=("*",)), True, False),
        (Conditions(if_none_match=("*",)), False, True),
        (Conditions(if_none_match=("e1",)), False, True),
        (Conditions(if_none_match=("e2",)), True, True),
        (Conditions(base_version="v1"), True, False),
        (Conditions(base_version="v0"), False, False),
    ],
)
def test_a_condition_is_about_what_is_there(
    conditions: Conditions, *, holds_for_file: bool, holds_for_nothing: bool
) -> None:
    """RFC9110-13.1.1, RFC9110-13.1.2."""
    for existing, holds in ((node(), holds_for_file), (None, holds_for_nothing)):
        if holds:
            check_conditions(conditions, existing)
        else:
            with pytest.raises(PreconditionFailed):
                check_conditions(conditions, existing)


def test_a_folder_has_no_entity_tag_but_is_there() -> None:
    folder = node(is_folder=True, etag="e1")
    with pytest.raises(PreconditionFailed):
        check_conditions(Conditions(if_match=("e1",)), folder)
    with pytest.raises(PreconditionFailed):
        check_conditions(Conditions(if_none_match=("*",)), folder)


def test_a_file_takes_the_place_of_its_like_alone() -> None:
    check_replaceable("a.txt", None)
    check_replaceable("a.txt", node())
    with pytest.raises(NameTaken, match=r"differs from 'a\.txt'"):
        check_replaceable("A.txt", node())
    with pytest.raises(IsAFolder):
        check_replaceable("a.txt", node(is_folder=True))
    with pytest.raises(NotAFolder):
        check_folder(node())


def part(number: int, content: bytes) -> UploadPart:
    blocks = [content[n : n + BLOCK] for n in range(0, len(content), BLOCK)] or [b""]
    return UploadPart(
        upload_id="u", number=number, sha256=hashlib.sha256(content).hexdigest(),
        size=len(content), etag=hashlib.md5(content).hexdigest(),  # noqa: S324
        block_md5s=tuple(hashlib.md5(block).digest() for block in blocks),  # noqa: S324
        created_at=NOW,
    )  # fmt: skip


def named(*parts: UploadPart) -> list[tuple[int, str]]:
    return [(one.number, f'"{one.etag.upper()}"') for one in parts]


def test_parts_make_a_file() -> None:
    one, two = part(1, b"a" * BLOCK), part(3, b"b" * (BLOCK + 1))
    content = assemble(named(one, two), {1: one, 3: two}, "text/plain")
    assert content.size == 2 * BLOCK + 1
    assert content.etag == multipart_etag([one.etag, two.etag])
    assert content.etag.endswith("-2")
    whole = b"a" * BLOCK + b"b" * (BLOCK + 1)
    assert content.block_hash == block_hash(part(1, whole).block_md5s)
    assert content.sha256 is None
    assert [piece.sha256 for piece in content.parts] == [one.sha256, two.sha256]


def test_parts_of_broken_blocks_leave_the_block_hash_to_a_reading() -> None:
    one, two = part(1, b"a" * LEAST_PART), part(2, b"b")
    assert assemble(named(one, two), {1: one, 2: two}, "x/y").block_hash is None


def test_an_empty_last_part_adds_no_block() -> None:
    one, two = part(1, b"a" * BLOCK), part(2, b"")
    found = assemble(named(one, two), {1: one, 2: two}, "x/y")
    assert found.block_hash == block_hash(one.block_md5s)
    alone = part(1, b"")
    assert assemble(named(alone), {1: alone}, "x/y").block_hash == block_hash(alone.block_md5s)


def test_parts_that_cannot_be_are_told_apart() -> None:
    one, two, small = part(1, b"a" * LEAST_PART), part(2, b"b"), part(3, b"c")
    arrived = {1: one, 2: two, 3: small}
    with pytest.raises(BadRequest, match="at least one"):
        assemble([], arrived, "x/y")
    with pytest.raises(BadPart):
        assemble([(4, one.etag)], arrived, "x/y")
    with pytest.raises(BadPart):
        assemble([(1, two.etag)], arrived, "x/y")
    with pytest.raises(BadPartOrder):
        assemble(named(small, one), arrived, "x/y")
    with pytest.raises(BadPartOrder):
        assemble(named(one, one), arrived, "x/y")
    with pytest.raises(PartTooSmall):
        assemble(named(two, small), arrived, "x/y")
    for number in (0, 10_001, -1):
        with pytest.raises(BadRequest):
            check_number(number)
    assert check_number(10_000) == 10_000


def test_slugs_and_labels() -> None:
    assert check_slug("team-1.x") == "team-1.x"
    for slug in ("", "A", "-a", "a-", "a/b", "a" * 65, "é"):
        with pytest.raises(BadRequest):
            check_slug(slug)
    for label in ("", " ", "a\nb", "x" * 201):
        with pytest.raises(BadRequest):
            check_label(label)
    assert check_label("Équipe") == "Équipe"


@given(st.text(max_size=80))
def test_a_slug_can_be_made_of_any_label(label: str) -> None:
    assert check_slug(slug_of(label))


def test_a_job_says_how_far_it_is() -> None:
    job = Job(
        job_id="j", kind=JobKind.COPY, label="Copy", sub="ann", parameters={}, created_at=NOW,
        done=2, total=8,
    )  # fmt: skip
    assert job.progress == 0.25
    assert replace(job, total=0).progress == 0
    assert replace(job, status=JobStatus.FINISHED).progress == 1
