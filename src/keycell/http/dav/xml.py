"""Reading XML that strangers send, within limits, and the words in which XML is written."""

from xml.etree.ElementTree import Element, ParseError, TreeBuilder, tostring
from xml.sax.saxutils import escape, quoteattr

from defusedxml import DefusedXmlException
from starlette.requests import Request

from keycell.http.dav.errors import DavError
from keycell.http.wire import read_body

LONGEST_BODY = 256 * 2**10
DEEPEST = 32
MOST_ELEMENTS = 5_000
DAV = "{DAV:}"


class _Bounded(TreeBuilder):
    """Builds a tree, and gives up at once when it grows too deep or too large."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0
        self._count = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self._depth += 1
        self._count += 1
        if self._depth > DEEPEST or self._count > MOST_ELEMENTS:
            raise DavError(
                400, f"the XML has more than {DEEPEST} levels or {MOST_ELEMENTS} elements"
            )
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)


async def read_xml(request: Request, root: str) -> Element | None:
    """Read a body with a root of this name; None if there is no body. Raise DavError."""
    body = await read_body(request, LONGEST_BODY)
    if not body:
        return None
    element = parse(body)
    if element.tag != DAV + root:
        raise DavError(400, f"the body must be <{root} xmlns='DAV:'>, not {element.tag[:80]!r}")
    return element


def parse(body: bytes) -> Element:
    """Parse XML without a document type, entities, or anything from elsewhere."""
    # It brings along a second ElementTree, for which most servers have no use.
    from defusedxml.ElementTree import DefusedXMLParser  # noqa: PLC0415

    parser = DefusedXMLParser(target=_Bounded(), forbid_dtd=True)
    try:
        parser.feed(body)
        element = parser.close()
    except ParseError as error:
        raise DavError(400, f"the body is no XML: {error}") from None
    except (DefusedXmlException, ValueError, LookupError):
        raise DavError(
            400, "the body declares a document type, entities, or an unknown encoding"
        ) from None
    if not isinstance(element, Element):
        raise DavError(400, "the body is no XML")
    return element


def unparse(element: Element) -> str:
    """Write an element so that it can stand in any document."""
    tail, element.tail = element.tail, None
    try:
        return tostring(element, encoding="unicode")
    finally:
        element.tail = tail


def empty(qualified: str) -> str:
    """Write an element of a name, with nothing in it."""
    namespace, name = split(qualified)
    if namespace == "DAV:":
        return f"<D:{name}/>"
    if not namespace:
        return f"<{name}/>"
    return f"<x:{name} xmlns:x={quoteattr(namespace)}/>"


def split(qualified: str) -> tuple[str, str]:
    """Give an element's namespace and its name there."""
    if qualified.startswith("{"):
        namespace, _, name = qualified[1:].partition("}")
        return namespace, name
    return "", qualified


def text(name: str, content: str) -> str:
    """Write an element of ``DAV:`` that holds a text."""
    return f"<D:{name}>{escape(content)}</D:{name}>"
