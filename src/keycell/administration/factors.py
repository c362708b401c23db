"""Somebody's second factors, as an administrator sees and resets them."""

from typing import Literal, TypedDict

from keycell.accounts import factor_changes
from keycell.accounts.factors import Passkey, key_of, provider_name
from keycell.accounts.trusted import trusted_browsers
from keycell.administration.call import Moment
from keycell.administration.office import Office
from keycell.administration.people import Named


class FactorView(TypedDict):
    """A passkey or an authenticator app."""

    id: str
    kind: Literal["passkey", "app"]
    name: str
    provider: str
    is_synced: bool
    created_at: Moment
    last_used_at: Moment | None


class Factors(TypedDict):
    """Somebody's second factors, and what lets them do without."""

    items: list[FactorView]
    recovery_codes_left: int
    trusted_browsers: int


class FactorsReset(TypedDict):
    """Whose second factors were removed, and how many."""

    login: str
    removed: int


async def listed(office: Office, asked: Named) -> Factors:
    """List somebody's passkeys and apps, and count recovery codes and trusted browsers."""
    account = await office.account(asked.login)
    factors = await office.people.factors.of_account(account.sub)
    return {
        "items": [
            {
                "id": key_of(one),
                "kind": "passkey" if isinstance(one, Passkey) else "app",
                "name": one.name,
                "provider": provider_name(one.aaguid) if isinstance(one, Passkey) else "",
                "is_synced": isinstance(one, Passkey) and one.is_synced,
                "created_at": one.created_at.isoformat(),
                "last_used_at": one.last_used_at.isoformat() if one.last_used_at else None,
            }
            for one in factors.every
        ],
        "recovery_codes_left": factors.codes_left,
        "trusted_browsers": len(await trusted_browsers(office.people, account)),
    }


async def reset(office: Office, asked: Named) -> FactorsReset:
    """Remove every second factor of somebody; their password alone opens the account then."""
    account, by = await office.account_to_change(asked.login), office.by
    office.check_other(account, "let in without a second factor")
    removed = await factor_changes.reset(office.people, account, by.actor, by.origin)
    return {"login": account.login, "removed": removed}
