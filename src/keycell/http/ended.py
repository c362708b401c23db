"""The page at the end of a way: what came of it, and where one may go on."""

from starlette.requests import Request
from starlette.responses import Response

from keycell.http.edge import Edge
from keycell.http.render import language_of

Onward = tuple[str, str]
"""An address, and what the link to it says."""
TO_THE_START: Onward = ("", "")


def ended_page(  # noqa: PLR0913  (what the page says)
    edge: Edge,
    request: Request,
    title: str,
    sentence: str,
    onward: Onward = TO_THE_START,
    *,
    words: str = "",
    status: int = 200,
) -> Response:
    """Show it; ``words`` are what scripts look for, where the title is in another language."""
    link, label = onward
    context = {
        "title": title, "sentence": sentence, "words": words, "link": link, "label": label,
    }  # fmt: skip
    return edge.pages.page(language_of(request), "ended", context, status=status)
