"""Which letters people may turn off, and which are sent whatever they chose.

One table says it of each letter: what is sent is asked of it, and the pages are made of it.
"""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum

from keycell.accounts.letters import LetterKind
from keycell.oauth.sentences import Sentence, phrase


class Switch(StrEnum):
    """What letters are about that people turn on and off."""

    NEW_BROWSERS = "new-browsers"
    APPLICATIONS = "applications"
    TOKENS = "tokens"
    SHARES = "shares"
    COMMENTS = "comments"
    LINKS = "links"


class Always(StrEnum):
    """Why a letter is sent whatever its reader chose."""

    SECURITY = "security"
    """Whoever breaks in would turn it off first, so nobody can."""
    ASKED = "asked"
    """Somebody asked for this very letter, or waits for what its reader does."""


TELLINGS: Mapping[LetterKind, Switch | Always] = {
    LetterKind.NEW_BROWSER: Switch.NEW_BROWSERS,
    LetterKind.CONNECTED: Switch.APPLICATIONS,
    LetterKind.TOKEN_ENDS: Switch.TOKENS,
    LetterKind.TOKEN_ENDED: Switch.TOKENS,
    LetterKind.SHARED: Switch.SHARES,
    LetterKind.NAMED: Switch.COMMENTS,
    LetterKind.LINK_DOWNLOADED: Switch.LINKS,
    LetterKind.LINK_FILLED: Switch.LINKS,
    LetterKind.LINK_EDITED: Switch.LINKS,
    LetterKind.PASSWORD_CHANGED: Always.SECURITY,
    LetterKind.FACTORS_CHANGED: Always.SECURITY,
    LetterKind.ADDRESS_CHANGED: Always.SECURITY,
    LetterKind.ANOTHER_BROWSER: Always.SECURITY,
    LetterKind.ACCESS_LINK: Always.SECURITY,
    LetterKind.FROZEN: Always.SECURITY,
    LetterKind.LEAVING: Always.SECURITY,
    LetterKind.STAYS: Always.SECURITY,
    LetterKind.REMOVED: Always.SECURITY,
    LetterKind.WISH: Always.ASKED,
    LetterKind.RESET: Always.ASKED,
    LetterKind.SIGN_IN_CODE: Always.ASKED,
    LetterKind.CONFIRM_ADDRESS: Always.ASKED,
    LetterKind.BACKCHANNEL: Always.ASKED,
    LetterKind.INVITATION: Always.ASKED,
    LetterKind.INVITATION_WANTED: Always.ASKED,
    LetterKind.ALERT: Always.ASKED,
    LetterKind.TEST: Always.ASKED,
}
SWITCHES: Mapping[Switch, Sentence] = {
    Switch.NEW_BROWSERS: phrase("You sign in with a browser that was never here before"),
    Switch.APPLICATIONS: phrase("You let an application in for the first time"),
    Switch.TOKENS: phrase("An access token of yours ends soon, or has ended"),
    Switch.SHARES: phrase("Somebody shares a folder with you"),
    Switch.COMMENTS: phrase("Somebody names you in a comment"),
    Switch.LINKS: phrase("A public link of yours is used, where you asked to be told"),
}
"""What people turn on and off, in the order of the page."""
SAFETY: Sequence[Sentence] = (
    phrase("Your password is changed"),
    phrase("Your ways to sign in are changed"),
    phrase("Your mail address is changed"),
    phrase("A browser is signed in from another device of yours"),
    phrase("An administrator makes a link to set a new password"),
    phrase("Your account is frozen, or is to be removed"),
)
"""What is always sent, for people."""
WHY_ALWAYS = phrase(
    "These are always sent: whoever got into your account would turn them off first."
)


def is_wanted(kind: LetterKind, quiet: Collection[str]) -> bool:
    """Tell whether a letter is sent to whom has turned these off."""
    telling = TELLINGS[kind]
    return isinstance(telling, Always) or telling not in quiet
