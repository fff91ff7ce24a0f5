"""Alembic's environment: migrations run on the connection they are given."""

from alembic import context

from bot.migrations.models import metadata

connection = context.config.attributes["connection"]
# SQLite cannot change most of a table in place: Alembic copies it ("batch mode") where a migration asks for it.
context.configure(connection=connection, target_metadata=metadata, render_as_batch=connection.dialect.name == "sqlite")
with context.begin_transaction():
    context.run_migrations()
