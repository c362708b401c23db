"""QR codes, drawn into pages."""

from markupsafe import Markup


def drawn(text: str) -> Markup:
    """Draw a text; whoever shows it says in words what it is."""
    import segno  # noqa: PLC0415  (few pages draw)

    made = segno.make_qr(text, error="m").svg_inline(omitsize=True, border=3, light="#fff")
    return Markup(made)  # noqa: S704  (segno draws squares, whatever is in them)
