"""Spaces, nodes and bytes."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables of files."""
    op.create_table(
        "avatars",
        sa.Column("kind", TEXT, nullable=False, primary_key=True),
        sa.Column("owner", TEXT, nullable=False, primary_key=True),
        sa.Column("content_type", TEXT, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "blobs",
        sa.Column("sha256", TEXT, nullable=False, primary_key=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("key", TEXT, nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("condemned_at", sa.BigInteger(), nullable=True),
    )
    op.create_index("blobs_condemned", "blobs", ["condemned_at"])
    op.create_index("blobs_place", "blobs", ["key"])
    op.create_table(
        "file_versions",
        sa.Column("version_id", TEXT, nullable=False, primary_key=True),
        sa.Column("node_id", TEXT, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("etag", TEXT, nullable=False),
        sa.Column("sha256", TEXT, nullable=True),
        sa.Column("block_hash", TEXT, nullable=True),
        sa.Column("content_type", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", TEXT, nullable=False),
        sa.Column("kept_until", sa.BigInteger(), nullable=True),
    )
    op.create_index("file_versions_kept", "file_versions", ["kept_until"])
    op.create_index("file_versions_node", "file_versions", ["node_id", "created_at"])
    op.create_table(
        "jobs",
        sa.Column("job_id", TEXT, nullable=False, primary_key=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("sub", TEXT, nullable=False),
        sa.Column("parameters", TEXT, nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("message", TEXT, nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("leased_by", TEXT, nullable=False),
        sa.Column("leased_until", sa.BigInteger(), nullable=True),
    )
    op.create_index("jobs_ended", "jobs", ["ended_at"])
    op.create_index("jobs_status", "jobs", ["status", "leased_until"])
    op.create_index("jobs_sub", "jobs", ["sub", "created_at"])
    op.create_table(
        "links",
        sa.Column("link_id", TEXT, nullable=False, primary_key=True),
        sa.Column("hash", TEXT, nullable=False, unique=True),
        sa.Column("node_id", TEXT, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("description", TEXT, nullable=False),
        sa.Column("sub", TEXT, nullable=False),
        sa.Column("permissions", TEXT, nullable=False),
        sa.Column("password_hash", TEXT, nullable=True),
        sa.Column("starts_at", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("most_downloads", sa.BigInteger(), nullable=True),
        sa.Column("downloads", sa.BigInteger(), nullable=False),
        sa.Column("view", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("links_node", "links", ["node_id"])
    op.create_index("links_sub", "links", ["sub"])
    op.create_table(
        "locks",
        sa.Column("token", TEXT, nullable=False, primary_key=True),
        sa.Column("node_id", TEXT, nullable=False),
        sa.Column("volume_id", TEXT, nullable=False),
        sa.Column("is_exclusive", sa.SmallInteger(), nullable=False),
        sa.Column("is_deep", sa.SmallInteger(), nullable=False),
        sa.Column("owner", TEXT, nullable=False),
        sa.Column("sub", TEXT, nullable=False),
        sa.Column("timeout", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("locks_expires", "locks", ["expires_at"])
    op.create_index("locks_node", "locks", ["node_id"])
    op.create_index("locks_volume", "locks", ["volume_id", "expires_at"])
    op.create_table(
        "meta_namespaces",
        sa.Column("namespace", TEXT, nullable=False, primary_key=True),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_indexable", sa.SmallInteger(), nullable=False),
        sa.Column("definition", TEXT, nullable=False),
    )
    op.create_table(
        "node_meta",
        sa.Column("node_id", TEXT, nullable=False, primary_key=True),
        sa.Column("namespace", TEXT, nullable=False, primary_key=True),
        sa.Column("value", TEXT, nullable=False),
        sa.Column("changed_by", TEXT, nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("node_meta_namespace", "node_meta", ["namespace"])
    op.create_table(
        "nodes",
        sa.Column("node_id", TEXT, nullable=False, primary_key=True),
        sa.Column("volume_id", TEXT, nullable=False),
        sa.Column("parent_id", TEXT, nullable=True),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("name_key", TEXT, nullable=False),
        sa.Column("sort_key", TEXT, nullable=False),
        sa.Column("is_folder", sa.SmallInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("etag", TEXT, nullable=False),
        sa.Column("sha256", TEXT, nullable=True),
        sa.Column("block_hash", TEXT, nullable=True),
        sa.Column("content_type", TEXT, nullable=False),
        sa.Column("version_id", TEXT, nullable=True),
        sa.Column("mtime", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", TEXT, nullable=False),
        sa.Column("changed_by", TEXT, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("children", sa.Integer(), nullable=False),
        sa.Column("is_ruled", sa.SmallInteger(), nullable=False),
        sa.Column("origin", TEXT, nullable=True),
        sa.Column("trashed_at", sa.BigInteger(), nullable=True),
        sa.Column("locked_until", sa.BigInteger(), nullable=True),
        sa.Column("headers", TEXT, nullable=False),
    )
    op.create_index("nodes_key", "nodes", ["parent_id", "name_key"], unique=True)
    op.create_index("nodes_order", "nodes", ["parent_id", "sort_key"])
    op.create_index("nodes_revision", "nodes", ["volume_id", "revision"])
    op.create_index("nodes_trashed", "nodes", ["trashed_at"])
    op.create_table(
        "rights",
        sa.Column("node_id", TEXT, nullable=False, primary_key=True),
        sa.Column("role_id", TEXT, nullable=False, primary_key=True),
        sa.Column("action", TEXT, nullable=False, primary_key=True),
    )
    op.create_index("rights_role", "rights", ["role_id"])
    op.create_table(
        "spaces",
        sa.Column("space_id", TEXT, nullable=False, primary_key=True),
        sa.Column("slug", TEXT, nullable=False),
        sa.Column("slug_owner", TEXT, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("description", TEXT, nullable=False),
        sa.Column("owner", TEXT, nullable=False),
        sa.Column("volume_id", TEXT, nullable=False),
        sa.Column("root_id", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("spaces_owner", "spaces", ["owner"])
    op.create_index("spaces_root", "spaces", ["root_id"])
    op.create_index("spaces_slug", "spaces", ["slug", "slug_owner"], unique=True)
    op.create_table(
        "tombstones",
        sa.Column("volume_id", TEXT, nullable=False, primary_key=True),
        sa.Column("seq", sa.BigInteger(), nullable=False, primary_key=True, autoincrement=False),
        sa.Column("node_id", TEXT, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    op.create_index("tombstones_at", "tombstones", ["at"])
    op.create_table(
        "upload_parts",
        sa.Column("upload_id", TEXT, nullable=False, primary_key=True),
        sa.Column("number", sa.Integer(), nullable=False, primary_key=True, autoincrement=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("etag", TEXT, nullable=False),
        sa.Column("block_md5s", TEXT, nullable=False),
        sa.Column("checksums", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("upload_parts_blob", "upload_parts", ["sha256"])
    op.create_table(
        "uploads",
        sa.Column("upload_id", TEXT, nullable=False, primary_key=True),
        sa.Column("volume_id", TEXT, nullable=False),
        sa.Column("path", TEXT, nullable=False),
        sa.Column("content_type", TEXT, nullable=False),
        sa.Column("headers", TEXT, nullable=False),
        sa.Column("sub", TEXT, nullable=False),
        sa.Column("client_id", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("uploads_expires", "uploads", ["expires_at"])
    op.create_index("uploads_sub", "uploads", ["sub", "path"])
    op.create_table(
        "version_parts",
        sa.Column("version_id", TEXT, nullable=False, primary_key=True),
        sa.Column("number", sa.Integer(), nullable=False, primary_key=True, autoincrement=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
    )
    op.create_index("version_parts_blob", "version_parts", ["sha256"])
    op.create_table(
        "volumes",
        sa.Column("volume_id", TEXT, nullable=False, primary_key=True),
        sa.Column("root_id", TEXT, nullable=False),
        sa.Column("trash_id", TEXT, nullable=False),
        sa.Column("quota", sa.BigInteger(), nullable=True),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("feed_floor", sa.BigInteger(), nullable=False),
    )
