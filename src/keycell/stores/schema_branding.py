"""The tables of how the installation shows itself."""

from sqlalchemy import Column, LargeBinary, Table

from keycell.stores.tables import metadata, micros, text

brandings = Table(
    "brandings",
    metadata,
    text("state", is_key=True),
    text("document"),
    micros("changed_at"),
)
"""One is worked on, one is shown, one was shown before: so many rows at most."""

logos = Table(
    "logos",
    metadata,
    text("digest", is_key=True),
    Column("content", LargeBinary, nullable=False),
)
"""Those that one of the brandings has."""
