"""What the migration to bulletins makes of deliveries that senders of the release before it have in hand."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from bot import migrations
from bot.core.db import Database

ROWS = (
    "INSERT INTO citizens (id, created_at) VALUES ('a', '2026-11-20 01:00:00')",
    (
        "INSERT INTO conversations (id, channel, external_id, citizen_id, created_at, last_active_at)"
        " VALUES (1, 'telegram', '9000000000001', 'a', '2026-11-20 01:00:00', '2026-11-20 01:00:00')"
    ),
    (
        "INSERT INTO deliveries (conversation_id, position, dedupe_key, state, payload, created_at)"
        " VALUES (1, 1, 'waits', 0, X'00', '2026-11-20 01:00:00'),"
        " (1, 2, 'in hand', 1, X'00', '2026-11-20 01:00:00'), (1, 3, 'sent', 2, X'00', '2026-11-20 01:00:00')"
    ),
)


def upgrade(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


async def test_what_was_in_hand_counts_as_begun_and_what_waits_does_not(tmp_path):
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'hiendien.sqlite3'}")
    try:
        async with database.unit_of_work() as connection:
            await connection.run_sync(upgrade, "0007")
            for row in ROWS:
                await connection.execute(text(row))
            await connection.run_sync(upgrade, "0008")
            rows = (await connection.execute(text("SELECT begun_at FROM deliveries ORDER BY id"))).scalars().all()
    finally:
        await database.close()
    assert rows == [None, 0.0, None]
