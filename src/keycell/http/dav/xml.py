"""Reading XML that strangers send, within limits, and the words in which XML is written."""

from xml.etree.ElementTree import Element, tostring
from xml.sax.saxutils import escape, quoteattr

from starlette.requests import Request

from keycell.http import bounded_xml
from keycell.http.bounded_xml import BadXml, Bounds
from keycell.http.dav.errors import DavError
from keycell.http.wire import read_body

LONGEST_BODY = 256 * 2**10
BOUNDS = Bounds(deepest=32, most_elements=5_000)
DAV = "{DAV:}"


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
    """Parse XML within limits; raise DavError."""
    try:
        return bounded_xml.parse(body, BOUNDS)
    except BadXml as error:
        raise DavError(400, str(error)) from None


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
