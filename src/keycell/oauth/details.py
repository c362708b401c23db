"""Authorization details: what a token may do with files, place by place. RFC9396-2.

    {"type": "files", "actions": ["read"], "space": "team"}
    {"type": "files", "actions": ["read", "write"], "node": "1f0c..."}

``locations`` may name our resource server; nothing else may stand in one.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, cast

from keycell.oauth.errors import InvalidAuthorizationDetails, InvalidScope, quote
from keycell.oauth.resources import own_resources
from keycell.values import dataclass

FILES = "files"
"""The one ``type`` of authorization details that means something here."""
TYPES = (FILES,)
READ_SCOPE = "files.read"
WRITE_SCOPE = "files.write"
MOST_DETAILS = 32
LONGEST_DETAILS = 8192

Action = Literal["read", "write"]
"""Writing includes reading."""

_MEMBERS = frozenset({"type", "actions", "space", "node", "locations"})
_SLUG = re.compile(r"[^\s/\x00-\x1f\x7f]{1,100}")
_NODE = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class FilesDetail:
    """What may be done with the files of one place; of the whole account where none is named."""

    actions: frozenset[Action]
    space: str | None = None
    """A space's slug."""
    node_id: str | None = None
    """A folder or file, with all that lies in it."""


Details = tuple[FilesDetail, ...]

READING: frozenset[Action] = frozenset({"read"})
WRITING: frozenset[Action] = frozenset({"read", "write"})
ALL_FILES: Details = (FilesDetail(WRITING),)


def read_details(text: str | None, own_resource: str) -> Details:
    """Read the ``authorization_details`` parameter. RFC9396-2, RFC9396-5."""
    if text is None:
        return ()
    if len(text) > LONGEST_DETAILS:
        raise InvalidAuthorizationDetails(
            f"authorization_details has {len(text)} characters; "
            f"at most {LONGEST_DETAILS} are taken"
        )
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidAuthorizationDetails("authorization_details is no JSON") from None
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_DETAILS:
        raise InvalidAuthorizationDetails(
            f"authorization_details must be a JSON array of 1 to {MOST_DETAILS} objects"
        )
    return unite(_read_detail(one, own_resource) for one in value)


def _read_detail(value: object, own_resource: str) -> FilesDetail:
    if not isinstance(value, dict):
        raise InvalidAuthorizationDetails("authorization_details must hold JSON objects alone")
    kind = value.get("type")
    if kind not in TYPES:
        raise InvalidAuthorizationDetails(
            f"type {quote(str(kind))} is not offered; there is files"
        )
    for name in value:
        if name not in _MEMBERS:
            expected = ", ".join(sorted(_MEMBERS))
            raise InvalidAuthorizationDetails(
                f"{quote(name)} has no place in details of files; expected {expected}"
            )
    if "space" in value and "node" in value:
        raise InvalidAuthorizationDetails("space and node are both sent; send one of them")
    _check_locations(value.get("locations"), own_resource)
    return FilesDetail(
        _actions(value.get("actions")),
        _place(value, "space", _SLUG, "the slug of a space"),
        _place(value, "node", _NODE, "the identifier of a node"),
    )


def _actions(value: object) -> frozenset[Action]:
    if not isinstance(value, list) or not 1 <= len(value) <= len(WRITING):
        raise InvalidAuthorizationDetails("actions must be an array of read, write or both")
    for one in value:
        if one not in ("read", "write"):
            raise InvalidAuthorizationDetails(
                f"the action {quote(str(one))} is neither read nor write"
            )
    return WRITING if "write" in value else READING


def _place(
    value: Mapping[str, object], name: str, form: re.Pattern[str], meaning: str
) -> str | None:
    if name not in value:
        return None
    place = value[name]
    if not isinstance(place, str) or not form.fullmatch(place):
        raise InvalidAuthorizationDetails(f"{name} {quote(str(place))} is not {meaning}")
    return place


def _check_locations(value: object, own_resource: str) -> None:
    # RFC9396-2.2: where the details count; ours count here alone.
    if value is None:
        return
    ours = own_resources(own_resource)
    if not isinstance(value, list) or not 1 <= len(value) <= len(ours):
        raise InvalidAuthorizationDetails("locations must be an array of URIs")
    for one in value:
        if one not in ours:
            raise InvalidAuthorizationDetails(
                f"the location {quote(str(one))} is not {own_resource}"
            )


def unite(details: Iterable[FilesDetail]) -> Details:
    """Give each place once, with all that may be done there, in one fixed order."""
    places: dict[tuple[str | None, str | None], frozenset[Action]] = {}
    for one in details:
        place = (one.space, one.node_id)
        places[place] = places.get(place, frozenset()) | one.actions
    ordered = sorted(places, key=lambda place: (place[0] or "", place[1] or ""))
    return tuple(FilesDetail(places[place], *place) for place in ordered)


def narrow_details(granted: Details, requested: Details) -> Details:
    """Give what is asked of what was granted; nothing asked means all of it. RFC9396-6.1."""
    for one in requested:
        if not covers(granted, one):
            raise InvalidAuthorizationDetails("authorization_details: more than was granted")
    return requested or granted


def new_details(asked: Details, before: Details) -> Details:
    """Give what is asked beyond what was allowed before."""
    return tuple(one for one in asked if not covers(before, one))


def covers(granted: Details, one: FilesDetail) -> bool:
    """Tell whether a detail allows nothing that is not granted; writing includes reading."""
    return any(
        known.space in (None, one.space)
        and known.node_id in (None, one.node_id)
        and ("write" in known.actions or "write" not in one.actions)
        for known in granted
    )


def details_json(details: Details) -> list[dict[str, object]]:
    """Write details as they stand in answers and tokens. RFC9396-7, RFC9396-9.1."""
    return [_written(one) for one in details]


def _written(one: FilesDetail) -> dict[str, object]:
    written: dict[str, object] = {"type": FILES, "actions": sorted(one.actions)}
    if one.space is not None:
        written["space"] = one.space
    if one.node_id is not None:
        written["node"] = one.node_id
    return written


def details_of(written: object) -> Details:
    """Give the details that we wrote. RFC9396-9.1."""
    return tuple(
        FilesDetail(
            WRITING if "write" in one["actions"] else READING, one.get("space"), one.get("node")
        )
        for one in cast("Sequence[Mapping[str, str]]", written or ())
    )


def read_personal_scopes(texts: Sequence[str]) -> tuple[frozenset[str], Details]:
    """Read what a personal access token may do, as people write it; nothing means all files.

    ``files.read``, ``files.write``, ``admin``, ``space:SLUG:rw`` and ``node:ID:rw``; the last part
    is ``r``, ``w`` or ``rw``. RFC9396-2 says the same in JSON.
    """
    if len(texts) > MOST_DETAILS:
        raise InvalidScope(f"{len(texts)} scopes are given; at most {MOST_DETAILS} are taken")
    scope: set[str] = set()
    details: list[FilesDetail] = []
    for text in texts:
        if text in (READ_SCOPE, WRITE_SCOPE, "admin"):
            scope.add(text)
        elif text == "account":
            details.extend(ALL_FILES)
        else:
            details.append(_read_place(text))
    # What is asked for administration alone opens no files.
    return frozenset(scope), unite(details) if texts else ALL_FILES


def _read_place(text: str) -> FilesDetail:
    kind, _, rest = text.partition(":")
    place, _, rights = rest.rpartition(":")
    form = {"space": _SLUG, "node": _NODE}.get(kind)
    if form is None or rights not in ("r", "w", "rw") or not form.fullmatch(place):
        raise InvalidScope(
            f"the scope {quote(text)} is none of account, files.read, files.write, admin, "
            "space:SLUG:rw, node:ID:rw"
        )
    actions = READING if rights == "r" else WRITING
    return FilesDetail(actions, place) if kind == "space" else FilesDetail(actions, None, place)


def personal_scopes(scope: frozenset[str], details: Details) -> list[str]:
    """Write what a personal access token may do, as people read it. RFC9396-2."""
    written = sorted(scope)
    for one in details:
        rights = "rw" if "write" in one.actions else "r"
        if one.node_id is not None:
            written.append(f"node:{one.node_id}:{rights}")
        elif one.space is not None:
            written.append(f"space:{one.space}:{rights}")
        else:
            written.append("account" if rights == "rw" else READ_SCOPE)
    return written
