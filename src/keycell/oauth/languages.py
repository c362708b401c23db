"""What people read of a client, in their language. RFC7591-2.2, OIDCR-2.1."""

from keycell.oauth.clients import Client


def in_language(client: Client, name: str, language: str) -> str | None:
    """Give a member of the metadata in a language, or in a kind of it; else as it has no tag.

    Who reads ``fr`` is given ``client_name#fr``, or failing that ``client_name#fr-CA``. The case
    of a tag does not count. RFC5646-2.1.1.
    """
    start, wanted = f"{name}#", language.lower()
    tagged = {
        member.removeprefix(start).lower(): value
        for member, value in client.metadata.localized
        if member.startswith(start)
    }
    for tag in sorted(tagged, key=lambda tag: (tag != wanted, tag)):
        if tag.partition("-")[0] == wanted.partition("-")[0]:
            return tagged[tag]
    plain: str | None = getattr(client.metadata, name)
    return plain
