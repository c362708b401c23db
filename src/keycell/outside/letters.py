"""What each letter says: its words in English, and how a letter becomes a message.

Links begin with the public URL that is set, never with what a request said. Values stand in
texts alone: what a person typed is shown, and is no markup.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import jinja2

from keycell.accounts.branding import Branding, Shown, colours
from keycell.accounts.letters import Letter, LetterKind
from keycell.catalogs import LANGUAGES, N_, direction, load_translations

HERE = Path(__file__).parent
_LOGO = "logo@keycell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The words of a letter; ``%(name)s`` stands for a value."""

    subject: str
    lines: tuple[str, ...]
    button: str = ""
    code: str = ""
    """What the code is for, if one is told."""
    after: tuple[str, ...] = ()


_LIVES_HALF_AN_HOUR = N_("Link and code work once, for 30 minutes.")

_LINK_HOURLY = N_(
    "You asked to be told, and are at most once an hour. To end the link, or these letters: "
    "%(place)s/links"
)

WORDINGS: Mapping[LetterKind, Wording] = {
    LetterKind.RESET: Wording(
        subject=N_("Set a new password"),
        lines=(
            N_("Hello %(name)s,"),
            N_("somebody, probably you, asked to set a new password for your login %(login)s."),
        ),
        button=N_("Set a new password"),
        code=N_("Or type this code on the page where you asked:"),
        after=(
            _LIVES_HALF_AN_HOUR,
            N_("If you did not ask, do nothing: your password stays as it is. Tell nobody the "
               "code; we never ask for it."),
        ),
    ),
    LetterKind.SIGN_IN_CODE: Wording(
        subject=N_("Your code to sign in"),
        lines=(
            N_("Hello %(name)s,"),
            N_("somebody, probably you, wants to sign in as %(login)s: from %(ip)s."),
        ),
        code=N_("Type this code in the browser where you asked:"),
        after=(
            N_("It works once, for 10 minutes, and in that browser alone."),
            N_("If you did not ask, do nothing. Tell nobody the code: whoever asks you for it "
               "wants to be in as you."),
        ),
    ),
    LetterKind.CONFIRM_ADDRESS: Wording(
        subject=N_("Confirm your mail address"),
        lines=(
            N_("Hello %(name)s,"),
            N_("this address, %(email)s, is to belong to the login %(login)s."),
        ),
        button=N_("Confirm the address"),
        code=N_("Or type this code on your account page:"),
        after=(
            N_("Link and code work once, for 24 hours."),
            N_("If you do not know what this is about, do nothing."),
        ),
    ),
    LetterKind.ADDRESS_CHANGED: Wording(
        subject=N_("Your mail address was changed"),
        lines=(
            N_("Hello %(name)s,"),
            N_("the mail address of your login %(login)s is %(email)s from now on, and this one "
               "no longer."),
        ),
        button=N_("Undo the change"),
        after=(N_("If it was you, there is nothing to do. The change can be undone for 7 days."),),
    ),
    LetterKind.PASSWORD_CHANGED: Wording(
        subject=N_("Your password was changed"),
        lines=(
            N_("Hello %(name)s,"),
            N_("the password of your login %(login)s was changed: %(when)s, from %(ip)s."),
        ),
        after=(N_("If it was you, there is nothing to do."),),
    ),
    LetterKind.FACTORS_CHANGED: Wording(
        subject=N_("Your ways to sign in were changed"),
        lines=(
            N_("Hello %(name)s,"),
            N_("a passkey, an authenticator app or the recovery codes of your login %(login)s "
               "were added, replaced or removed: %(when)s, from %(ip)s."),
            N_("Your account page shows which there are now."),
        ),
        after=(N_("If it was you, there is nothing to do."),),
    ),
    LetterKind.ANOTHER_BROWSER: Wording(
        subject=N_("A browser was signed in from your device"),
        lines=(
            N_("Hello %(name)s,"),
            N_("a browser (%(browser)s) was signed in to your login %(login)s, as was allowed on "
               "another device: %(when)s, from %(ip)s."),
            N_("Your account page shows it, and signs it out."),
        ),
        after=(
            N_("If it was you, there is nothing to do. If somebody asked you to do it, it was "
               "theirs: end it now."),
        ),
    ),
    LetterKind.NEW_BROWSER: Wording(
        subject=N_("A new browser was signed in"),
        lines=(
            N_("Hello %(name)s,"),
            N_("a browser that was never here before (%(browser)s) was signed in to your login "
               "%(login)s: %(when)s, from %(ip)s."),
            N_("Your account page shows it, and signs it out."),
        ),
        after=(
            N_("If it was you, there is nothing to do. Which letters you get is chosen at "
               "%(place)s/account/letters"),
        ),
    ),
    LetterKind.CONNECTED: Wording(
        subject=N_("%(application)s has access to your account"),
        lines=(
            N_("Hello %(name)s,"),
            N_("the application %(application)s was let in to your login %(login)s for the first "
               "time: %(when)s, from %(ip)s."),
            N_("Your account page shows what it may do, and takes it back."),
        ),
        after=(
            N_("If it was you, there is nothing to do. Which letters you get is chosen at "
               "%(place)s/account/letters"),
        ),
    ),
    LetterKind.SHARED: Wording(
        subject=N_("%(by)s shares “%(file)s” with you"),
        lines=(
            N_("Hello %(name)s,"),
            N_("%(by)s shares “%(file)s” with your login %(login)s."),
        ),
        button=N_("Look at it"),
        after=(N_("Which letters you get is chosen at %(place)s/account/letters"),),
    ),
    LetterKind.ACCESS_LINK: Wording(
        subject=N_("An administrator made a link for you"),
        lines=(
            N_("Hello %(name)s,"),
            N_("an administrator made a link by which you can set a new password for your login "
               "%(login)s. They give it to you themselves; it works once, for 24 hours."),
        ),
        after=(N_("If you did not ask an administrator for it, ask what it is for."),),
    ),
    LetterKind.BACKCHANNEL: Wording(
        subject=N_("%(application)s asks for your permission"),
        lines=(
            N_("Hello %(name)s,"),
            N_("the application %(application)s asks to sign in your login %(login)s. Look at "
               "what it asks, and say yes or no before %(until)s."),
        ),
        button=N_("Look at the request"),
        after=(
            N_("If you did not start this yourself, just now, say no: a yes would let somebody "
               "else in as you."),
        ),
    ),
    LetterKind.INVITATION: Wording(
        subject=N_("You are invited"),
        lines=(
            N_("Hello,"),
            N_("you are invited to %(place)s: one sign-in for applications and files."),
        ),
        button=N_("Accept the invitation"),
        code=N_("Or go to %(place)s/invitation and type this code:"),
        after=(
            N_("The invitation works once, until %(until)s."),
            N_("If you do not know what this is about, do nothing."),
        ),
    ),
    LetterKind.INVITATION_WANTED: Wording(
        subject=N_("Somebody asks for a new invitation"),
        lines=(
            N_("Hello %(name)s,"),
            N_("the invitation of %(email)s is over, and they ask for a new one. You can send it "
               "from the administration, or with this command:"),
            "keycell admin user invite %(email)s",
        ),
    ),
    LetterKind.FROZEN: Wording(
        subject=N_("Your account is frozen"),
        lines=(
            N_("Hello %(name)s,"),
            N_("you said that it was not you. Everything is ended: sign-ins, applications, tokens "
               "and public links, and nobody can sign in as %(login)s."),
            N_("An administrator can open your account again and give you a link to set a new "
               "password. Make sure that nobody else reads your mail."),
        ),
    ),
    LetterKind.LEAVING: Wording(
        subject=N_("Your account will be removed"),
        lines=(
            N_("Hello %(name)s,"),
            N_("your account %(login)s will be removed for good, with all its files: %(until)s. "
               "It was asked for on %(when)s, from %(ip)s."),
            N_("You are signed out everywhere. To keep your account, sign in before then."),
        ),
        after=(N_("If it was you, there is nothing to do."),),
    ),
    LetterKind.STAYS: Wording(
        subject=N_("Your account stays"),
        lines=(
            N_("Hello %(name)s,"),
            N_("your account %(login)s was to be removed. Somebody, probably you, signed in, so "
               "it stays: %(when)s, from %(ip)s."),
        ),
        after=(N_("If it was you, there is nothing to do."),),
    ),
    LetterKind.REMOVED: Wording(
        subject=N_("Your account is removed"),
        lines=(
            N_("Hello %(name)s,"),
            N_("your account %(login)s is removed, as you asked, with all its files. Nothing of "
               "it can be brought back."),
        ),
    ),
    LetterKind.LINK_DOWNLOADED: Wording(
        subject=N_("Somebody downloaded “%(label)s”"),
        lines=(
            N_("Hello %(name)s,"),
            N_("your public link to “%(label)s” was used for a download: %(when)s."),
        ),
        after=(_LINK_HOURLY,),
    ),
    LetterKind.LINK_FILLED: Wording(
        subject=N_("Somebody put files into “%(label)s”"),
        lines=(
            N_("Hello %(name)s,"),
            N_("files were put in by your public link to “%(label)s”: %(when)s."),
        ),
        after=(_LINK_HOURLY,),
    ),
    LetterKind.LINK_EDITED: Wording(
        subject=N_("Somebody changed “%(label)s”"),
        lines=(
            N_("Hello %(name)s,"),
            N_("something was changed by your public link to “%(label)s”: %(when)s. What a file "
               "held before is among its versions, and what was deleted in the trash."),
        ),
        after=(_LINK_HOURLY,),
    ),
    LetterKind.NAMED: Wording(
        subject=N_("%(by)s named you in a comment on “%(file)s”"),
        lines=(
            N_("Hello %(name)s,"),
            N_("%(by)s wrote of “%(file)s”, %(when)s:"),
            "%(said)s",
        ),
        button=N_("Look at the comment"),
        after=(
            N_("You get this letter because you may see it, and the comment names your login "
               "%(login)s."),
        ),
    ),
    LetterKind.TOKEN_ENDS: Wording(
        subject=N_("The access token “%(label)s” ends soon"),
        lines=(
            N_("Hello %(name)s,"),
            N_("the access token “%(label)s” of your login %(login)s ends: %(until)s. The program "
               "that uses it is let in no longer then."),
            N_("Renew it before, and give the program the new text; or do nothing, if it is "
               "needed no longer."),
        ),
        button=N_("Look at your access tokens"),
    ),
    LetterKind.TOKEN_ENDED: Wording(
        subject=N_("The access token “%(label)s” has ended"),
        lines=(
            N_("Hello %(name)s,"),
            N_("the access token “%(label)s” of your login %(login)s has ended: %(until)s. The "
               "program that used it is let in no longer."),
            N_("For 30 days it can be renewed: the program then needs the new text."),
        ),
        button=N_("Look at your access tokens"),
    ),
    LetterKind.ALERT: Wording(
        subject="%(said)s",
        lines=(N_("Hello %(name)s,"), "%(said)s.",
               N_("Noticed: %(when)s. How often: %(count)s.")),
        button=N_("Look at the audit trail"),
        after=(
            N_("You get this letter because you administer %(place)s. Who is told of what is "
               "chosen at %(place)s/admin/alerts"),
        ),
    ),
    LetterKind.TEST: Wording(
        subject=N_("This is a test"),
        lines=(N_("Hello,"), N_("mail from %(place)s arrives.")),
    ),
}  # fmt: skip
WAS_NOT_YOU = N_("It was not me: end everything and freeze my account")


class Writer:
    """Makes messages of letters."""

    def __init__(self, base_url: str, sender: str, shown: Callable[[], Shown] = Shown) -> None:
        self._shown = shown
        self._base_url = base_url
        self._sender = sender
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(HERE / "templates"),
            autoescape=jinja2.select_autoescape(["html"]),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def write(self, mail_id: str, letter: Letter) -> EmailMessage:
        """Give the message that a letter is: text and HTML of the same words. RFC2046-5.1.4."""
        language = letter.language if letter.language in LANGUAGES else "en"
        shown = self._shown()
        context = self._context(letter, language, shown.branding)
        # Half a megabyte that a server without letters to write need not have in memory.
        from email.headerregistry import Address  # noqa: PLC0415
        from email.policy import SMTP  # noqa: PLC0415

        message = EmailMessage(policy=SMTP)
        # What people call things may hold what ends a line, which no header may. RFC5322-2.2.
        message["Subject"] = " ".join(str(context["subject"]).split())
        message["From"] = Address(shown.branding.name, addr_spec=self._sender)
        message["To"] = Address(addr_spec=letter.to)
        # The same at each attempt, so that one that went twice is seen to be one.
        message["Message-ID"] = f"<{mail_id}@{self._sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(self._environment.get_template("letter.txt").render(context))
        logo = shown.branding.light and shown.logos.get(shown.branding.light.digest)
        context["logo_at"] = f"cid:{_LOGO}" if logo else ""
        html = self._environment.get_template("letter.html").render(context)
        message.add_alternative(html, subtype="html")
        if logo:
            # Within the letter: what is fetched would tell when and where it is read. RFC2392.
            page = message.get_body(("html",))
            assert page is not None  # noqa: S101  (it was put in just before)
            page.add_related(logo, "image", "png", cid=f"<{_LOGO}>", disposition="inline")
        message["Content-Language"] = language
        return message

    def page(self, letter: Letter, branding: Branding, logo_at: str) -> str:
        """Give a letter as a page, in a branding that is not published yet."""
        context = {**self._context(letter, letter.language, branding), "logo_at": logo_at}
        return self._environment.get_template("letter.html").render(context)

    def _context(self, letter: Letter, language: str, branding: Branding) -> dict[str, object]:
        words = load_translations(language)
        values = {"place": self._base_url, **letter.values}
        if sentence := values.get("sentence"):
            # One of the trail, which knows no language.
            values["said"] = words.gettext(sentence) % values
        wording = WORDINGS[letter.kind]

        def say(sentences: tuple[str, ...]) -> list[str]:
            return [words.gettext(one) % values for one in sentences]

        return {
            "language": language,
            "direction": direction(language),
            "branding": branding,
            "logo": branding.light,
            "colours": colours(branding.accent),
            "subject": words.gettext(wording.subject) % values,
            "lines": say(wording.lines),
            "button": words.gettext(wording.button) if wording.button else "",
            "link": self._link(values, "link"),
            "code_for": words.gettext(wording.code) % values if wording.code else "",
            "code": values.get("code", ""),
            "after": say(wording.after),
            "was_not_you": words.gettext(WAS_NOT_YOU),
            "lockdown": self._link(values, "lockdown"),
            "footer": words.gettext(N_("Sent by %(by)s at %(place)s"))
            % {**values, "by": branding.name},
            "or_copy": words.gettext(N_("If the button does not work, copy this address:")),
        }

    def _link(self, values: Mapping[str, str], name: str) -> str:
        return f"{self._base_url}{values[name]}" if name in values else ""
