"""Claims in several languages: ``given_name#ja``, and ``claims_locales``. OIDCC-5.2.

Whoever asks for a claim in a language is told it as it stands without a tag too: nobody need ask
twice where there is none in that language.
"""

import re
from collections.abc import Iterable, Mapping

LOCALIZABLE = frozenset(
    {
        "name", "given_name", "family_name", "middle_name", "nickname", "profile", "picture",
        "website", "address",
    }
)  # fmt: skip
"""What may differ by language or script."""
MOST_LOCALES = 20
"""So many languages one request names at most; further ones are not heard."""
_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}")


def is_tagged(name: str) -> bool:
    """Tell whether this names a claim in a language. OIDCC-5.2."""
    plain, _, tag = name.partition("#")
    return plain in LOCALIZABLE and _TAG.fullmatch(tag) is not None


def read_locales(text: str | None, names: Iterable[str]) -> tuple[str, ...]:
    """Give the languages asked for, by ``claims_locales`` and by tags. OIDCC-5.2, OIDCC-3.1.2.1.

    What is no tag is not heard: no error comes of a language. OIDCC-3.1.2.1.
    """
    said = [*(text or "").split(), *(name.partition("#")[2] for name in sorted(names))]
    tags = dict.fromkeys(tag.lower() for tag in said if _TAG.fullmatch(tag))
    return tuple(tags)[:MOST_LOCALES]


def in_languages(
    person: Mapping[str, object], names: Iterable[str], locales: tuple[str, ...]
) -> dict[str, object]:
    """Give those claims as they are in languages asked for; a tag stands for those below it.

    Who reads ``fr`` is told ``name#fr-CA``. The case of a tag does not count. RFC4647-3.3.1.
    """
    if not locales:
        return {}
    wanted = set(names)
    return {
        name: value
        for name, value in sorted(person.items())
        if name.partition("#")[0] in wanted and _is_asked(name.partition("#")[2].lower(), locales)
    }


def _is_asked(tag: str, locales: tuple[str, ...]) -> bool:
    return bool(tag) and any(tag == one or tag.startswith(f"{one}-") for one in locales)
