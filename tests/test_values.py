"""Values: what the type checker refuses, and what the rest of the program relies on."""

import dataclasses

from keycell.values import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Something with two fields."""

    name: str
    floor: int = 0


def test_what_changes_a_frozen_value_is_refused_by_the_type_checker() -> None:
    """An ignored line that the checker would not have refused is told of."""
    place = Place("a")
    place.floor = 1  # type: ignore[misc]


def test_values_are_compared_and_found_by_what_they_hold() -> None:
    place = Place("a", floor=1)
    assert place == dataclasses.replace(Place("a"), floor=1)
    assert {place: "found"}[Place("a", 1)] == "found"
    match place:
        case Place(name, floor):
            assert (name, floor) == ("a", 1)
