"""The tables of webhooks, and of who is where in the trail."""

from sqlalchemy import Index, Table

from keycell.stores.tables import maybe, maybe_micros, metadata, micros, small, text

hooks = Table(
    "hooks",
    metadata,
    text("hook_id", is_key=True),
    text("label"),
    text("url"),
    text("actions"),
    text("sealed"),
    maybe("former"),
    maybe_micros("former_until"),
    micros("since"),
    maybe_micros("paused_at"),
    maybe_micros("failing_at"),
    text("failing_why"),
    micros("created_at"),
)

hook_calls = Table(
    "hook_calls",
    metadata,
    text("hook_id", is_key=True),
    text("event_id", is_key=True),
    text("action"),
    micros("queued_at"),
    small("tries"),
    maybe_micros("due_at"),
    maybe_micros("tried_at"),
    maybe_micros("ended_at"),
    small("status"),
    text("answer"),
    text("why"),
    micros("purge_at"),
    Index("hook_calls_due", "hook_id", "due_at"),
    Index("hook_calls_purge", "purge_at"),
)
"""``due_at`` is when one is tried next; in somebody's hand, when the lease ends."""

trail_positions = Table(
    "trail_positions",
    metadata,
    text("name", is_key=True),
    text("event_id"),
)
