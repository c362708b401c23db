"""Runs the migrations on the connection that is handed over."""

from alembic import context

from keycell.stores.schema_files import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
