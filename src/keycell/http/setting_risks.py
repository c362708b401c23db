"""What comes of a setting that can break things or let somebody in, as it stands beside it."""

from collections.abc import Mapping

from keycell.oauth.sentences import Sentence, phrase

_MOVES_NOTHING = phrase(
    "Nothing moves by itself: at another place the server starts without what is kept here."
)

RISKS: Mapping[str, Sentence] = {
    "data": _MOVES_NOTHING,
    "public_url": phrase(
        "With another address applications refuse our tokens, and passkeys work no longer."
    ),
    "database": _MOVES_NOTHING,
    "client_cert_header": phrase(
        "If the proxy lets this header of others through, anybody can pass for any application."
    ),
    "trusted_proxies": phrase(
        "Whoever comes from these networks can say that they come from anywhere."
    ),
    "insecure_http": phrase("Whoever listens on the way can take passwords and sessions."),
    "issuer_slash": phrase("Applications that know the other issuer refuse our tokens."),
    "registration": phrase(
        "Open, strangers can register applications that ask people for consent."
    ),
    "fetch_networks": phrase(
        "Whoever registers applications can make the server fetch from these networks."
    ),
    "mail_codes": phrase(
        "Weaker than a password or a passkey: whoever reads somebody's mail signs in as them."
    ),
    "sealing_key": phrase(
        "With another key, signing keys and second factors that are kept cannot be read any more."
    ),
    "objects": _MOVES_NOTHING,
    "keep_trash": phrase("A lower number deletes for good what has been there for longer."),
    "keep_versions": phrase("A lower number deletes for good what has been there for longer."),
}
"""By the name of the setting; what is not here does no harm."""
