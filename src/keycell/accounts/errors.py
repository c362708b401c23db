"""What can go wrong with people's accounts.

AccountError
├── Invalid        a value that may not be kept: says which, and what is expected
├── LoginTaken, NoSuchGroup, ChangedMeanwhile
├── SignInRefused
│   ├── WrongCredentials
│   ├── FactorRefused
│   │   └── ClockOff  (says by how much)
│   ├── WaitOver       a browser waits no longer for another device
│   ├── NotProved      who allows something must first sign in
│   └── Throttled  (says how long to wait)
├── LastWayIn
├── LastAdministrator, NamedByRule
├── SetupRefused
├── ProofRefused   a link or code that opens nothing
├── NoMail         there is no mail server to send by
└── TooBusy
"""

from keycell.oauth.sentences import Refusal, Sentence, Words, phrase


class AccountError(Refusal):
    """Something about an account that cannot be done."""


class Invalid(AccountError):
    """A value that may not be kept; ``key`` names the sentence, for translation."""

    def __init__(self, field: str, key: str, sentence: str | Sentence) -> None:
        super().__init__(f"{field}: {sentence}")
        self.field = field
        self.key = key
        self.sentence = str(sentence)
        self._sentence = sentence

    def told(self, words: Words) -> str:
        """Say it in the language of these words; the field is for programs."""
        said = self._sentence
        in_theirs = said.told(words) if isinstance(said, Sentence) else said
        return str(self) if in_theirs == str(said) else in_theirs


class LoginTaken(AccountError):
    """Somebody has this login, perhaps in another spelling."""

    def __init__(self, login: str) -> None:
        super().__init__(phrase("there is an account %(login)s already", login=login))


class NoSuchGroup(AccountError):
    """There is no group at this path."""

    def __init__(self, path: str) -> None:
        super().__init__(phrase("there is no group %(path)s", path=path))


class ChangedMeanwhile(AccountError):
    """Somebody else changed the account between our reading and our writing."""

    def __init__(self) -> None:
        super().__init__(
            phrase("the account was changed by somebody else meanwhile; look at it again")
        )


class SignInRefused(AccountError):
    """Nobody was signed in."""


class WrongCredentials(SignInRefused):
    """Login and password do not belong together; which of them is wrong is not said."""


class Throttled(SignInRefused):
    """Too many attempts failed; the next is heard after ``wait`` seconds."""

    def __init__(self, wait: int) -> None:
        super().__init__(phrase("too many failed attempts; wait %(wait)s s", wait=wait))
        self.wait = wait


class WaitOver(SignInRefused):
    """A browser waits no longer to be signed in from another device, or is not the one."""


class NotProved(SignInRefused):
    """Whoever allows something has not proved who they are since it was asked."""


class SetupRefused(AccountError):
    """The set-up secret is wrong, expired or spent."""


class ProofRefused(AccountError):
    """A link or code from a mail is unknown, spent or late."""

    def __init__(self, reason: str, kind: str) -> None:
        super().__init__(f"the link or code is {reason}")
        self.reason = reason
        self.kind = kind


class NoMail(AccountError):
    """There is no mail server to send by."""

    def __init__(self) -> None:
        super().__init__(
            phrase(
                "no mail server is set: start keycell serve with --smtp and --mail-from, or set "
                "KEYCELL_SMTP and KEYCELL_MAIL_FROM"
            )
        )


class TooBusy(AccountError):
    """More passwords wait to be hashed than can be done in reasonable time."""


class LastWayIn(AccountError):
    """What was to be removed is the only way in that is left."""


class LastAdministrator(AccountError):
    """Nobody else administers: who leaves now would leave everybody without."""

    def __init__(self) -> None:
        super().__init__(phrase("this is the last administrator; make somebody else one first"))


class NamedByRule(AccountError):
    """Who is in a group or has a role must have a second factor: removed, nobody would have to."""

    def __init__(self, name: str) -> None:
        super().__init__(
            phrase(
                "a rule about second factors is for %(name)s: remove that rule first, or make one "
                "for others in its place",
                name=name,
            )
        )


class FactorRefused(SignInRefused):
    """The second factor does not hold, or its page stood open too long; ``why`` in a word."""

    def __init__(self, why: str = "wrong") -> None:
        super().__init__(why)
        self.why = why


class ClockOff(FactorRefused):
    """The code is right for another time: the clock of the device is off by so many seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__("clock")
        self.seconds = seconds
