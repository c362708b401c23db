"""The tables of spaces, nodes and bytes.

Nothing here has a ``purge_at``: what a row names (bytes, used room) must be let go with it, which
the sweep does.
"""

from sqlalchemy import BigInteger, Column, ColumnElement, Index, Integer, Table, literal_column

from keycell.stores import (
    schema,
    schema_alerts,
    schema_branding,
    schema_factors,
    schema_hooks,
    schema_mail,
)
from keycell.stores.tables import (
    TEXT,
    flag,
    maybe,
    maybe_bytes,
    maybe_micros,
    micros,
    small,
    text,
)

metadata = schema.metadata
"""Every table, those of people and clients too."""
assert schema_factors.passkeys.metadata is metadata  # noqa: S101  (loaded, so that it is listed)
assert schema_hooks.hooks.metadata is metadata  # noqa: S101  (loaded, so that it is listed)
assert schema_alerts.alerts.metadata is metadata  # noqa: S101
assert schema_mail.outbox.metadata is metadata  # noqa: S101  (loaded, so that it is listed)
assert schema_branding.logos.metadata is metadata  # noqa: S101  (loaded, so that it is listed)


def _where_set(name: str, column: str) -> Index:
    """Make an index of those rows alone that have a value: of most of them there is none.

    What never was deleted, replaced or condemned, and what its row carries, is in none of these.
    PostgreSQL hears of it where the tables are made: named here, its dialect would take two
    megabytes of every process.
    """
    is_set: ColumnElement[bool] = literal_column(f"{column} IS NOT NULL")
    return Index(name, column, sqlite_where=is_set)


IS_LARGE: ColumnElement[bool] = literal_column("size >= 1048576")
"""So a file is listed among the largest; by far most are none, and cost the index nothing."""


volumes = Table(
    "volumes",
    metadata,
    text("volume_id", is_key=True),
    text("root_id"),
    text("trash_id"),
    maybe_micros("quota"),
    micros("used"),
    micros("seq"),
    micros("feed_floor"),
    micros("nodes"),
)
"""Each change raises ``seq`` under the row's lock, so that no entry of the feed comes late.
``nodes`` counts all that are kept, those that wait for the sweep too."""

spaces = Table(
    "spaces",
    metadata,
    text("space_id", is_key=True),
    text("slug"),
    text("slug_owner"),
    text("label"),
    text("kind"),
    text("description"),
    text("owner"),
    text("volume_id"),
    text("root_id"),
    micros("created_at"),
    maybe_micros("kept_until"),
    Index("spaces_slug", "slug", "slug_owner", unique=True),
    Index("spaces_root", "root_id"),
    Index("spaces_volume", "volume_id"),
    Index("spaces_owner", "owner"),
    Index("spaces_kept", "kept_until"),
)
"""``slug_owner`` is the person for a personal space, so that everybody's has the same slug.
``kept_until`` is set when whose it was is removed: then the sweep removes the space."""

nodes = Table(
    "nodes",
    metadata,
    text("node_id", is_key=True),
    text("volume_id"),
    maybe("parent_id"),
    text("name"),
    text("name_key"),
    text("sort_key"),
    flag("is_folder"),
    micros("size"),
    text("etag"),
    maybe("sha256"),
    maybe("block_hash"),
    text("content_type"),
    maybe("version_id"),
    micros("mtime"),
    micros("created_at"),
    text("created_by"),
    text("changed_by"),
    micros("revision"),
    Column("children", Integer, nullable=False),
    small("height"),
    flag("is_ruled"),
    maybe("origin"),
    maybe_micros("trashed_at"),
    maybe_micros("locked_until"),
    text("headers"),
    Index("nodes_key", "parent_id", "name_key", unique=True),
    Index("nodes_order", "parent_id", "sort_key"),
    Index("nodes_revision", "volume_id", "revision"),
    _where_set("nodes_trashed", "trashed_at"),
    Index("nodes_large", "size", sqlite_where=IS_LARGE),
)
"""``is_ruled`` says that rights stand on the node itself; what lies in it inherits them.
``locked_until`` spares every write a look at the locks. ``height`` says of how many levels what
lies in a folder is at most: it grows with what comes, and is found anew when it says too many."""

GONE = "gone"
"""The parent of what was deleted for good and waits for the sweep."""

tombstones = Table(
    "tombstones",
    metadata,
    text("volume_id", is_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False, nullable=False),
    text("node_id"),
    micros("at"),
    Index("tombstones_at", "at"),
)

file_versions = Table(
    "file_versions",
    metadata,
    text("version_id", is_key=True),
    text("node_id"),
    micros("size"),
    text("etag"),
    maybe("sha256"),
    maybe("block_hash"),
    text("content_type"),
    micros("created_at"),
    text("created_by"),
    maybe_micros("kept_until"),
    maybe("label"),
    Index("file_versions_node", "node_id", "created_at"),
    _where_set("file_versions_kept", "kept_until"),
)
"""``kept_until`` is set when a version is replaced; what belongs to `GONE` waits for the sweep.

It is `PINNED` for a version that somebody asked to be kept: no moment comes after it.
"""
PINNED = 2**62

version_parts = Table(
    "version_parts",
    metadata,
    text("version_id", is_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False, nullable=False),
    text("sha256"),
    micros("size"),
    Index("version_parts_blob", "sha256"),
)

blobs = Table(
    "blobs",
    metadata,
    text("sha256", is_key=True),
    micros("size"),
    maybe("key"),
    maybe_bytes("content"),
    maybe_micros("condemned_at"),
    _where_set("blobs_condemned", "condemned_at"),
    _where_set("blobs_place", "key"),
)
"""Small ones are carried in ``content``, the others are in the blob store under ``key``."""

uploads = Table(
    "uploads",
    metadata,
    text("upload_id", is_key=True),
    text("volume_id"),
    text("path"),
    text("content_type"),
    text("headers"),
    text("sub"),
    text("client_id"),
    micros("created_at"),
    micros("expires_at"),
    Index("uploads_sub", "sub", "path"),
    Index("uploads_expires", "expires_at"),
)

GIVEN_UP = 0
"""The ``expires_at`` of an upload that was given up: its parts wait for the sweep."""

upload_parts = Table(
    "upload_parts",
    metadata,
    text("upload_id", is_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False, nullable=False),
    text("sha256"),
    micros("size"),
    text("etag"),
    text("block_md5s"),
    text("checksums"),
    micros("created_at"),
    Index("upload_parts_blob", "sha256"),
)

rights = Table(
    "rights",
    metadata,
    text("node_id", is_key=True),
    text("role_id", is_key=True),
    text("action", is_key=True),
    maybe_micros("expires_at"),
    Index("rights_role", "role_id"),
    _where_set("rights_expires", "expires_at"),
)
"""A right that has an end is taken away by the sweep when that has come."""

node_meta = Table(
    "node_meta",
    metadata,
    text("node_id", is_key=True),
    text("namespace", is_key=True),
    text("value"),
    text("changed_by"),
    micros("changed_at"),
    Index("node_meta_namespace", "namespace"),
)

meta_namespaces = Table(
    "meta_namespaces",
    metadata,
    text("namespace", is_key=True),
    text("label"),
    Column("position", Integer, nullable=False),
    flag("is_indexable"),
    text("definition"),
)

meta_tags = Table(
    "meta_tags",
    metadata,
    text("namespace", is_key=True),
    text("tag", is_key=True),
    text("created_by"),
    micros("created_at"),
)
"""Tags that are offered before they are on any node; those on nodes are in ``node_meta``."""

comments = Table(
    "comments",
    metadata,
    text("comment_id", is_key=True),
    text("node_id"),
    text("said"),
    text("said_by"),
    micros("said_at"),
    Index("comments_node", "node_id", "said_at"),
    Index("comments_by", "said_by", "said_at"),
)

locks = Table(
    "locks",
    metadata,
    text("token", is_key=True),
    text("node_id"),
    text("volume_id"),
    flag("is_exclusive"),
    flag("is_deep"),
    text("owner"),
    text("sub"),
    micros("timeout"),
    micros("expires_at"),
    Index("locks_node", "node_id"),
    Index("locks_sub", "sub"),
    Index("locks_volume", "volume_id", "expires_at"),
    Index("locks_expires", "expires_at"),
)

jobs = Table(
    "jobs",
    metadata,
    text("job_id", is_key=True),
    text("kind"),
    text("label"),
    text("sub"),
    text("parameters"),
    text("status"),
    text("message"),
    micros("done"),
    micros("total"),
    text("state"),
    micros("created_at"),
    maybe_micros("started_at"),
    maybe_micros("ended_at"),
    text("leased_by"),
    maybe_micros("leased_until"),
    Index("jobs_sub", "sub", "created_at"),
    Index("jobs_status", "status", "leased_until"),
    Index("jobs_ended", "ended_at"),
)

links = Table(
    "links",
    metadata,
    text("link_id", is_key=True),
    Column("hash", TEXT, nullable=False, unique=True),
    text("node_id"),
    text("label"),
    text("description"),
    text("sub"),
    text("permissions"),
    maybe("password_hash"),
    maybe_micros("starts_at"),
    maybe_micros("expires_at"),
    maybe_micros("most_downloads"),
    micros("downloads"),
    maybe_micros("used_at"),
    maybe_micros("told_at"),
    text("view"),
    micros("created_at"),
    micros("changed_at"),
    Index("links_node", "node_id"),
    Index("links_sub", "sub"),
)
"""``told_at`` is absent where nobody is to be told of its use, and 0 before they were."""

avatars = Table(
    "avatars",
    metadata,
    text("kind", is_key=True),
    text("owner", is_key=True),
    text("content_type"),
    maybe_bytes("content"),
    micros("changed_at"),
)
