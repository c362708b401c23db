"""The part of the account page about the letters that one gets."""

from collections.abc import Mapping
from dataclasses import replace

from starlette.requests import Request

from keycell.accounts.people import Account
from keycell.accounts.tellings import SAFETY, SWITCHES, WHY_ALWAYS
from keycell.http.edge import Edge
from keycell.provider.authorize import Visitor


async def view(edge: Edge, account: Account, language: str) -> dict[str, object]:
    """Give what the page shows: what can be turned off, and what cannot."""
    words = edge.pages.words(language)
    quiet = (await edge.people.preferences.find(account.sub)).quiet
    return {
        "switches": [
            {"name": one.value, "label": said.told(words), "is_on": one not in quiet}
            for one, said in SWITCHES.items()
        ],
        "always": [said.told(words) for said in SAFETY],
        "why": WHY_ALWAYS.told(words),
    }


async def choose(
    edge: Edge, _request: Request, visitor: Visitor, fields: Mapping[str, str]
) -> str:
    """Keep which letters somebody wants: what is not ticked is off."""
    assert visitor.account is not None  # noqa: S101  (who acts is signed in)
    quiet = tuple(one.value for one in SWITCHES if fields.get(f"letter-{one.value}") != "on")
    await edge.people.preferences.change(
        visitor.account.sub, lambda before: replace(before, quiet=quiet)
    )
    return "letters"
