"""The database's migrations (Alembic), and running them from inside the product."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from bot.core.db import Database

_DIRECTORY = Path(__file__).parent
_MIGRATION_LOCK = int.from_bytes(b"hiendien")


async def migrate(database: Database) -> None:
    """Bring the database to the newest version; everything or nothing, and nothing where it is there already.

    Processes that start together take turns: the first one migrates, the others find nothing left to do.
    """
    async with database.unit_of_work() as connection:
        await connection.run_sync(_upgrade)


async def is_current(database: Database) -> bool:
    """Tell whether the database is at the newest version."""
    async with database.reading() as connection:
        version = await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())
    return version == ScriptDirectory.from_config(_config()).get_current_head()


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        # Held until the transaction ends. SQLite needs none: its transactions here begin with the write lock.
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_DIRECTORY).replace("%", "%%"))
    return config
