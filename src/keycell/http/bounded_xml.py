"""Reading XML that strangers send, and giving up at once when it grows too deep or too large."""

from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml import DefusedXmlException


class BadXml(Exception):
    """What came is no XML that is taken here; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How deep and how large a document may be."""

    deepest: int
    most_elements: int


class _Bounded(TreeBuilder):
    """Builds a tree within bounds: every element costs a hundred bytes, and time for all."""

    def __init__(self, bounds: Bounds) -> None:
        super().__init__()
        self._bounds = bounds
        self._depth = 0
        self._count = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self._depth += 1
        self._count += 1
        if self._depth > self._bounds.deepest or self._count > self._bounds.most_elements:
            raise BadXml(
                f"the XML has more than {self._bounds.deepest} levels or "
                f"{self._bounds.most_elements} elements"
            )
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)


def parse(body: bytes, bounds: Bounds) -> Element:
    """Parse XML without a document type, entities, or anything from elsewhere; raise BadXml."""
    # It brings along a second ElementTree, for which most servers have no use.
    from defusedxml.ElementTree import DefusedXMLParser  # noqa: PLC0415

    parser = DefusedXMLParser(target=_Bounded(bounds), forbid_dtd=True)
    try:
        parser.feed(body)
        element = parser.close()
    except ParseError as error:
        raise BadXml(f"the body is no XML: {error}") from None
    except (DefusedXmlException, ValueError, LookupError):
        raise BadXml(
            "the body declares a document type, entities, or an unknown encoding"
        ) from None
    if not isinstance(element, Element):
        raise BadXml("the body is no XML")
    return element
