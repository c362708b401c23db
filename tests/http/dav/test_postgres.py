"""What WebDAV's clients rely on, once more with the rows in PostgreSQL."""

import pytest

from keycell.settings import Settings

from .test_locks import (
    other,
    test_a_deep_lock_holds_all_below_and_all_that_comes,
    test_a_lock_ends_by_itself,
    test_a_lock_is_shown_and_lets_its_holder_write,
    test_of_twenty_who_lock_at_once_one_does,
    test_the_flows_of_every_wire_meet_the_lock,
)
from .test_methods import (
    test_a_quota_is_told_and_held,
    test_copies_and_moves_go_where_they_may,
    test_dead_properties_are_kept_moved_and_copied,
    test_files_are_put_and_read_with_conditions_and_ranges,
    test_folders_are_made_one_at_a_time,
    test_live_properties_say_what_there_is,
    test_names_that_collide_are_refused,
    test_the_top_lists_the_spaces,
    test_twenty_properties_set_at_once_are_all_kept,
)

__all__ = [
    "other",
    "test_a_deep_lock_holds_all_below_and_all_that_comes",
    "test_a_lock_ends_by_itself",
    "test_a_lock_is_shown_and_lets_its_holder_write",
    "test_a_quota_is_told_and_held",
    "test_copies_and_moves_go_where_they_may",
    "test_dead_properties_are_kept_moved_and_copied",
    "test_files_are_put_and_read_with_conditions_and_ranges",
    "test_folders_are_made_one_at_a_time",
    "test_live_properties_say_what_there_is",
    "test_names_that_collide_are_refused",
    "test_of_twenty_who_lock_at_once_one_does",
    "test_the_flows_of_every_wire_meet_the_lock",
    "test_the_top_lists_the_spaces",
    "test_twenty_properties_set_at_once_are_all_kept",
]


@pytest.fixture
def settings(settings_on_postgresql: Settings) -> Settings:
    return settings_on_postgresql
