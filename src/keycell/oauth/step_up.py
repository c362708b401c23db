"""Acts that want a sign-in of just now, and as strong as the person can give. RFC9470."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from keycell.oauth.claims import ACR_MFA, Authentication, reaches
from keycell.oauth.errors import InsufficientUserAuthentication

AHEAD = timedelta(minutes=1)
"""So far the clock of another node may be ahead of ours."""
FRESH_FOR = timedelta(minutes=10)
"""How long whoever signed in may do what would lock others out, or last beyond the sign-in."""


def can_reach(acr: str, wished: Sequence[str], *, has_second_factor: bool) -> bool:
    """Tell whether a sign-in is weaker than what is wished for, and another one could be enough.

    Who cannot give more is not asked for it: values asked for so are a wish. CIBA-7.1.
    """
    is_met = not wished or reaches(acr, wished)
    return not is_met and has_second_factor and reaches(ACR_MFA, wished)


def check_recent(how: Authentication, now: datetime, *, has_second_factor: bool) -> None:
    """Refuse a sign-in that is too old, or less than the person can prove. RFC9470-3."""
    if is_recent(how.auth_time, how.acr, now, has_second_factor=has_second_factor):
        return
    minutes = int(FRESH_FOR.total_seconds()) // 60
    how_strong = "with the second factor " if has_second_factor else ""
    raise InsufficientUserAuthentication(
        f"this needs a sign-in {how_strong}of the last {minutes} minutes; sign in again",
        max_age=int(FRESH_FOR.total_seconds()),
        acr_values=(ACR_MFA,) if has_second_factor else (),
    )


def check_office(*, is_personal: bool, concerns_office: bool) -> None:
    """Refuse to a personal token what makes, opens or ends an administrator. RFC9470-3.

    It comes of no sign-in, and lies in files: what leaked must not make itself a second way in,
    nor put out whoever could revoke it. See decisions/0074.
    """
    if is_personal and concerns_office:
        raise InsufficientUserAuthentication(
            "administrators are made and changed by who signed in, not by a personal token; "
            "sign in",
            max_age=int(FRESH_FOR.total_seconds()),
            acr_values=(),
        )


def is_recent(auth_time: datetime, acr: str, now: datetime, *, has_second_factor: bool) -> bool:
    """Tell whether somebody has just proved as much as they can."""
    is_enough = acr == ACR_MFA or not has_second_factor
    return is_enough and is_within(auth_time, now, FRESH_FOR)


def is_within(auth_time: datetime, now: datetime, longest: timedelta) -> bool:
    """Tell whether a sign-in is no older than so long; one that is yet to come never is.

    A clock that was set back would make every sign-in of before a fresh one. OIDCC-3.1.2.1.
    """
    return -AHEAD <= now - auth_time <= longest
