"""Scopes and claims in words, for whoever is asked to allow them."""

from collections.abc import Collection

from keycell.catalogs import N_
from keycell.oauth.scope import Scope
from keycell.oauth.sentences import Words
from keycell.own.scopes import SCOPES, as_told
from keycell.provider.client_documents import BAD_DOCUMENT, TEST_OVER
from keycell.provider.requests import BAD_OBJECT, BAD_REFERENCE
from keycell.provider.signed_answers import NO_KEY

CLAIMS = {
    "name": N_("your name"), "given_name": N_("your given name"),
    "family_name": N_("your family name"), "middle_name": N_("your middle name"),
    "nickname": N_("your nickname"), "preferred_username": N_("your login"),
    "profile": N_("your profile page"), "picture": N_("your picture"),
    "website": N_("your website"), "gender": N_("your gender"),
    "birthdate": N_("your date of birth"), "zoneinfo": N_("your time zone"),
    "locale": N_("your language"), "updated_at": N_("when your profile was changed"),
    "email": N_("your mail address"),
    "email_verified": N_("whether your mail address is verified"),
    "address": N_("your postal address"), "phone_number": N_("your phone number"),
    "phone_number_verified": N_("whether your phone number is verified"),
    "groups": N_("your groups"), "roles": N_("your roles"),
}  # fmt: skip

FIELDS = {
    "login-form": N_(
        "A login has 1 to 100 letters, digits and . _ - + @, and starts with a letter or digit."
    ),
    "name-form": N_("The name is too long: at most 200 characters."),
    "email-form": N_("This is not a mail address."),
    "password-short": N_("The new password is too short: at least 8 characters."),
    "password-long": N_("The new password is too long: at most 1024 bytes."),
    "password-login": N_("The new password must not be your login or mail address."),
    "password-common": N_("The new password is among the most common ones. Choose another."),
}
"""Why a person's value may not be kept, by the key of the rule."""

REASONS = {
    "no such client": N_("no application is registered under this client_id"),
    "the client is disabled": N_("an administrator has disabled this application"),
    TEST_OVER: N_(
        "this application was in test mode, and that is over: an administrator can let it go on "
        "for another while, or make it real"
    ),
    "client_id is missing": N_("the application did not say who it is (client_id is missing)"),
    "client_id is sent more than once": N_("the application sent client_id more than once"),
    "redirect_uri is missing": N_(
        "the application did not say where to (redirect_uri is missing)"
    ),
    "redirect_uri is sent more than once": N_("the application sent redirect_uri more than once"),
    "redirect_uri is not one this client registered": N_(
        "the redirect_uri is not one that this application registered"
    ),
    BAD_REFERENCE: N_("the request_uri is unknown, expired, used, or of another application"),
    BAD_DOCUMENT: N_("the document in which the application describes itself cannot be taken"),
    BAD_OBJECT: N_("the request object is not one that this application signed"),
    NO_KEY: N_(
        "the answer must be encrypted, and the application's key to encrypt it to is not there"
    ),
}
"""Why nobody is sent anywhere, by the reason of an `UntrustedRedirect`."""

PARTS = {
    "trailing slash": N_("the slash at the end"), "form": N_("the form as a whole"),
    "scheme": N_("the scheme"), "host": N_("the host"), "port": N_("the port"),
    "path": N_("the path"), "query": N_("the query"), "fragment": N_("the fragment"),
}  # fmt: skip
"""The parts of a redirect URI, as a `Difference` names them."""


def sentences(
    scope: Scope, claims: Collection[str], new: Collection[str], words: Words
) -> list[tuple[str, bool]]:
    """Say what is asked, each with whether it was not allowed before."""
    asked, fresh = as_told(scope), as_told(new)
    told = [(words(SCOPES[value]), value in fresh) for value in SCOPES if value in asked]
    told += [(value, value in fresh) for value in sorted(asked - SCOPES.keys())]
    told += [
        (words("see %s") % words(CLAIMS.get(claim, claim)), claim in fresh)
        for claim in sorted(claims)
    ]
    return told
