"""A comment: something said of a file or folder, told to whoever may read it."""

from datetime import datetime, timedelta

from keycell.values import dataclass

LONGEST = 4000
MOST = 1000
"""Of one file or folder."""
MOST_IN_TIME = 60
"""Of one person within `IN_TIME`, wherever: each may have letters written."""
IN_TIME = timedelta(hours=1)
MOST_EXPORTED = 10_000
"""Of one person, the latest."""
MOST_NAMED = 10
"""People whom one comment may have letters written to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """Something said of a node."""

    comment_id: str
    node_id: str
    said: str
    said_by: str
    said_at: datetime
