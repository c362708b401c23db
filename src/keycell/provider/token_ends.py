"""Telling people by mail that what they made for a program ends, before it does and once it has.

See decisions/0088.
"""

from datetime import datetime

from keycell.accounts.letters import Letter, LetterKind
from keycell.accounts.mailing import named, post, spoken, wants, written
from keycell.accounts.people import Account
from keycell.accounts.ports import People
from keycell.accounts.ports_mail import NO_MAIL, Mailing
from keycell.provider.personal import AccessKey, PersonalToken, next_telling
from keycell.provider.ports import Provider

PAGE = "/account/tokens"
_MOST_AT_ONCE = 100


async def tell_of_ends(provider: Provider, people: People, now: datetime) -> int:
    """Tell some people of what ends soon or has ended; give how much it was.

    Any number of processes may: of those that find the same, one tells.
    """
    done = 0
    for one in await provider.ending.due(now, _MOST_AT_ONCE):
        account = await people.accounts.find(one.sub)
        mailing = NO_MAIL if account is None else await _letter(people, account, one, now)
        again = next_telling(one.created_at, one.expires_at, now)
        done += await provider.ending.told(one, now, again, mailing)
    return done


async def _letter(
    people: People, account: Account, one: PersonalToken | AccessKey, now: datetime
) -> Mailing:
    has_ended = one.expires_at <= now
    kind = LetterKind.TOKEN_ENDED if has_ended else LetterKind.TOKEN_ENDS
    if account.email is None or not await wants(people, account, kind):
        return NO_MAIL
    letter = Letter(
        kind=kind,
        to=account.email,
        language=spoken(account, "en"),
        values={
            **named(account), "label": one.label, "until": written(one.expires_at, account),
            "link": PAGE,
        },
    )  # fmt: skip
    return Mailing((post(people, letter),))
