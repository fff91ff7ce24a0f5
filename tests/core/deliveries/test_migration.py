"""What the migration to bulletins makes of deliveries that senders of the release before it have in hand."""

from alembic import command
from sqlalchemy import Connection, text

from bot.core.db import Database
from bot.migrations import _config


def upgrade_to(revision: str):
    def run(connection: Connection) -> None:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

    return run


async def test_what_was_in_hand_counts_as_begun_and_what_waits_does_not(tmp_path):
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'hiendien.sqlite3'}")
    insert = (
        "INSERT INTO deliveries (id, conversation_id, position, dedupe_key, state, payload, created_at)"
        " VALUES (:id, 1, :id, :id, :state, X'00', '2026-11-20 01:00:00')"
    )
    try:
        async with database.unit_of_work() as connection:
            await connection.execute(text("PRAGMA defer_foreign_keys = ON"))
            await connection.run_sync(upgrade_to("0007"))
            await connection.execute(text("INSERT INTO citizens (id, created_at) VALUES ('a', '2026-11-20 01:00:00')"))
            columns = "id, citizen_id, channel, external_id, created_at, last_seen_at"
            print((await connection.execute(text("PRAGMA table_info(conversations)"))).all())
            for number, state in enumerate((0, 1, 2), start=1):
                await connection.execute(text(insert), {"id": number, "state": state})
            await connection.run_sync(upgrade_to("0008"))
            rows = (await connection.execute(text("SELECT begun_at FROM deliveries ORDER BY id"))).scalars().all()
    finally:
        await database.close()
    assert rows == [None, 0.0, None]
