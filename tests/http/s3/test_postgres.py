"""What S3's clients rely on, once more with the rows in PostgreSQL."""

import pytest

from keycell.settings import Settings

from .test_listing import (
    home,
    test_keys_are_listed_as_s3_does,
    test_many_keys_are_deleted_at_once,
    test_pages_are_bounded_and_their_tokens_ours,
    test_the_elder_form_pages_by_markers,
)
from .test_locked import (
    dav,
    test_a_locked_file_is_told_and_stays_as_it_was,
)
from .test_objects import (
    test_a_copy_keeps_or_replaces_what_is_said_of_it,
    test_a_digest_that_does_not_fit_leaves_the_old_object,
    test_conditions_of_a_write_hold,
    test_metadata_come_back_as_they_were_sent,
    test_names_that_differ_by_case_or_form_hide_nothing,
    test_what_is_deleted_lies_in_the_recycle_bin_and_then_nowhere,
    test_what_was_put_is_got,
)
from .test_uploads import (
    test_a_quota_refuses_what_has_no_room_and_keeps_the_old,
    test_an_upload_that_was_given_up_takes_no_parts,
    test_of_many_completions_at_once_all_give_the_one_file,
    test_parts_and_uploads_are_listed_in_pages,
    test_parts_that_came_out_of_order_make_one_file,
    test_the_parts_checksums_make_one_of_their_own,
)
from .test_writers import (
    test_of_twenty_that_make_a_file_one_does,
    test_of_twenty_that_replace_one_version_one_does,
    test_twenty_without_conditions_are_all_kept,
)

__all__ = [
    "dav",
    "home",
    "test_a_copy_keeps_or_replaces_what_is_said_of_it",
    "test_a_digest_that_does_not_fit_leaves_the_old_object",
    "test_a_locked_file_is_told_and_stays_as_it_was",
    "test_a_quota_refuses_what_has_no_room_and_keeps_the_old",
    "test_an_upload_that_was_given_up_takes_no_parts",
    "test_conditions_of_a_write_hold",
    "test_keys_are_listed_as_s3_does",
    "test_many_keys_are_deleted_at_once",
    "test_metadata_come_back_as_they_were_sent",
    "test_names_that_differ_by_case_or_form_hide_nothing",
    "test_of_many_completions_at_once_all_give_the_one_file",
    "test_of_twenty_that_make_a_file_one_does",
    "test_of_twenty_that_replace_one_version_one_does",
    "test_pages_are_bounded_and_their_tokens_ours",
    "test_parts_and_uploads_are_listed_in_pages",
    "test_parts_that_came_out_of_order_make_one_file",
    "test_the_elder_form_pages_by_markers",
    "test_the_parts_checksums_make_one_of_their_own",
    "test_twenty_without_conditions_are_all_kept",
    "test_what_is_deleted_lies_in_the_recycle_bin_and_then_nowhere",
    "test_what_was_put_is_got",
]


@pytest.fixture
def settings(settings_on_postgresql: Settings) -> Settings:
    return settings_on_postgresql
