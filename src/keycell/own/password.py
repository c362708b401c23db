"""One's own password. UX-P06."""

from dataclasses import dataclass
from typing import TypedDict

from keycell.accounts.administration import EVERY_SESSION, keep_password
from keycell.accounts.people import Account
from keycell.accounts.signin import Attempt, check_credentials
from keycell.oauth.step_up import check_recent
from keycell.own.holder import Holder


@dataclass(frozen=True, slots=True, kw_only=True)
class Choosing:
    """A new password, and the one that stands, of who has one."""

    new_password: str
    password: str = ""
    signs_out_others: bool = True
    """Every browser but this one must sign in anew."""


class Chosen(TypedDict):
    """Whether every other browser must sign in anew."""

    signs_out_others: bool


async def chosen(holder: Holder, asked: Choosing) -> Chosen:
    """Change one's password; the one that stands must be typed, however lately one signed in.

    Who has none proves by a sign-in of just now that it is they. RFC9470-3.
    """
    account = await _proven(holder, asked)
    event = holder.event("account.password", account.login)
    kept = holder.grant.sid if asked.signs_out_others else EVERY_SESSION
    await keep_password(holder.people, account, asked.new_password, kept, event)
    return {"signs_out_others": asked.signs_out_others}


async def _proven(holder: Holder, asked: Choosing) -> Account:
    people, account = holder.people, holder.account
    if account.password_hash is None:
        factors = await people.factors.of_account(account.sub)
        check_recent(
            holder.grant.authentication, people.clock(), has_second_factor=factors.are_set
        )
        return account
    attempt = Attempt(
        login=account.login, password=asked.password, device=None, session=None,
        origin=holder.origin,
    )  # fmt: skip
    return await check_credentials(people, attempt)
