"""Sentences of a rule, for whoever reads them to have them in their language. OIDCC-3.1.2.1.

A rule knows no language: it gives the English, with named fields, and what goes into them. Who
answers looks the English up in the catalog of the reader's language, and fills it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Value = str | int | Sequence[str]
"""What goes into a field: an address, a number, or several names, which are read as a list."""
Words = Callable[[str], str]
"""Gives the sentence of a language for the English one."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """An English sentence, which is the key in the catalogs too, and what goes into its fields."""

    template: str
    values: Mapping[str, Value]

    def told(self, words: Words) -> str:
        """Say it in the language of these words."""
        between = words(_BETWEEN.template)
        filled = {
            name: value if isinstance(value, str | int) else between.join(value)
            for name, value in self.values.items()
        }
        return words(self.template) % filled if filled else words(self.template)

    def __str__(self) -> str:
        """Say it in English."""
        return self.told(in_english)


class Refusal(Exception):
    """Something that cannot be done: what people meet is said by a `Sentence`.

    ``str`` of it is English, for programs and logs.
    """

    def __init__(self, said: str | Sentence = "") -> None:
        super().__init__(str(said))
        self.said = said

    def told(self, words: Words) -> str:
        """Say it in the language of these words, as far as there are any."""
        return self.said.told(words) if isinstance(self.said, Sentence) else self.said


def phrase(template: str, **values: Value) -> Sentence:
    """Say something; ``%(name)s`` is a field. The catalogs are made of what is said by this."""
    return Sentence(template, values)


def in_english(template: str) -> str:
    """Give the sentence of a language, for English: as it is."""
    return template


_BETWEEN = phrase(", ")
"""Between the names of a list."""
