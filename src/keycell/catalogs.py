"""The languages that people are spoken to in, and their words."""

import io
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

LOCALE = Path(__file__).parent / "locale"
LANGUAGES: Mapping[str, str] = {
    "en": "English",
    "fr": "Français",
    "de": "Deutsch",
    "es": "Español",
    "ar": "العربية",
}
_RIGHT_TO_LEFT = frozenset({"ar"})


def N_(message: str) -> str:  # noqa: N802  (the extractor's name for "translate this later")
    """Mark a sentence for translation."""
    return message


def direction(language: str) -> str:
    """Say in which direction a language is written, as HTML's ``dir`` has it."""
    return "rtl" if language in _RIGHT_TO_LEFT else "ltr"


@cache
def load_translations(language: str) -> NullTranslations:
    """Read a catalog, once; English is what templates and code say themselves."""
    path = LOCALE / language / "LC_MESSAGES" / "keycell.po"
    if not path.exists():
        return NullTranslations()
    with path.open("rb") as file:
        catalog = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled, domain="keycell")


@cache
def sentences(language: str) -> Mapping[str, str]:
    """Give all that pages say, by its English."""
    wanted, any_other = load_translations(language), load_translations("fr")
    known = any_other._catalog if isinstance(any_other, Translations) else {}  # noqa: SLF001
    return {one: wanted.gettext(one) for one in known if isinstance(one, str) and one}
