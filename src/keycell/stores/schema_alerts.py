"""The tables of alerts: the rules, and what was told and is not told again for a while."""

from sqlalchemy import Index, Table

from keycell.stores.tables import flag, maybe_micros, metadata, micros, small, text

alerts = Table(
    "alerts",
    metadata,
    text("rule", is_key=True),
    flag("is_on"),
    small("most"),
    small("within"),
    small("quiet"),
    text("told"),
    micros("since"),
    maybe_micros("seen_at"),
    maybe_micros("raised_at"),
    text("event_id"),
)

alert_marks = Table(
    "alert_marks",
    metadata,
    text("rule", is_key=True),
    text("subject", is_key=True),
    micros("raised_at"),
    maybe_micros("due_at"),
    micros("purge_at"),
    Index("alert_marks_due", "due_at"),
    Index("alert_marks_purge", "purge_at"),
)
