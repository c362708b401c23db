"""Whom somebody who shares is shown while they type a name. See decisions/0069."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from keycell.accounts.groups import Group
from keycell.accounts.lists import Sought
from keycell.accounts.people import Account, login_key
from keycell.accounts.ports import People

LEAST_TYPED = 2
"""Letters before anybody is shown: one would list half of them."""
MOST_SHOWN = 8
_LONGEST_TYPED = 100
_AT_ONCE = 100
_MOST_LOOKED_AT = 10 * _AT_ONCE
"""Accounts that are looked at for one answer, however few of them may be shown."""


async def suggested_people(people: People, own: Account, typed: str) -> Sequence[Account]:
    """List some of those who are meant by what was typed, in the order of their logins."""
    wanted = login_key(typed.strip()[:_LONGEST_TYPED])
    found: list[Account] = []
    if len(wanted) < LEAST_TYPED:
        return found
    asked = Sought(most=_AT_ONCE, search=wanted, state="active")
    for _ in range(_MOST_LOOKED_AT // _AT_ONCE):
        page = await people.accounts.seek(asked)
        found += [one for one in page if one.sub != own.sub and _is_meant(own, one, wanted)]
        if len(page) < _AT_ONCE or len(found) >= MOST_SHOWN:
            break
        asked = replace(asked, after=page[-1].key)
    return found[:MOST_SHOWN]


async def suggested_groups(people: People, own: Account, typed: str) -> Sequence[Group]:
    """List some of the groups that are meant by what was typed."""
    wanted = login_key(typed.strip()[:_LONGEST_TYPED])
    if len(wanted) < LEAST_TYPED:
        return ()
    groups = await people.groups.groups()
    found = [
        one for one in groups
        if may_see(own, one.path) and any(_begins(text, wanted) for text in (one.label, one.path))
    ]  # fmt: skip
    return found[:MOST_SHOWN]


def may_see(own: Account, group_path: str) -> bool:
    """Tell whether somebody is shown who is in a group, and the group itself.

    Whoever is in no group sees everybody; of a group's people each sees those under the same
    outermost group, so that houses that share a server stay unknown to each other.
    """
    mine = _outermost(own.group_path)
    return not mine or _outermost(group_path) == mine


def _outermost(path: str) -> str:
    return path.strip("/").split("/")[0]


def _is_meant(own: Account, one: Account, wanted: str) -> bool:
    # Not by parts of a mail address: typing on, one would learn it letter by letter.
    is_named = any(_begins(text, wanted) for text in (one.login, one.display_name))
    is_addressed = one.email is not None and login_key(one.email) == wanted
    return may_see(own, one.group_path) and (is_named or is_addressed)


def _begins(text: str, wanted: str) -> bool:
    return any(rest.startswith(wanted) for rest in _from_each_word(login_key(text)))


def _from_each_word(text: str) -> Iterator[str]:
    yield text
    for at, letter in enumerate(text):
        if not letter.isalnum():
            yield text[at + 1 :]
