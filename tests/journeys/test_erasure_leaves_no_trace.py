"""Somebody tells the running product about themselves and has it erased: nothing of theirs opens anywhere any more.

Looked through are all files of the product and of Rasa while both still run: database, write-ahead log, logs and
whatever else lies there; by the master secret that the product itself uses.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.core.conversations.models import conversations
from bot.settings import ROOT
from tests.fixtures.server import Server, Talk
from tests.journeys.secret_traces import open_database
from tests.traces import files_below, wrapped_keys

ME = "erasure-of-mine"
TOLD = ("Nguyễn Thị Sáu", "Tan My Dong", "quansaunho")
RASA = (ROOT / "nlu" / ".rasa", ROOT / "nlu" / "models")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("erasure"), settings={"TODAY": "2026-11-20"})
    running.start()
    try:
        running.wait_until_ready()
        yield running
    finally:
        running.stop()


def said(replies) -> str:
    return "\n".join(reply["text"] for reply in replies)


async def person_of(directory: Path) -> str:
    database, _ = open_database(directory)
    try:
        async with database.reading() as connection:
            query = select(conversations.c.citizen_id).where(conversations.c.external_id == ME)
            return (await connection.execute(query)).scalar_one()
    finally:
        await database.close()


def test_what_was_erased_opens_nowhere_while_everything_still_runs(server):
    with server.client() as client:
        talk = Talk(client, ME)
        talk.say("tên miền quansaunho.biz.vn giá bao nhiêu")
        talk.say("tôi là Nguyễn Thị Sáu ở Tan My Dong, có người gọi đòi tôi 300 nghìn giữ tên miền")
        talk.say("kiểm tra giúp tôi có được miễn phí id.vn không")
        person = asyncio.run(person_of(server.directory))
        _, vault = open_database(server.directory)
        assert list(wrapped_keys(files_below(server.directory), vault, person)), "the search finds what is there"
        talk.say("xóa dữ liệu của tôi")
        assert "XD-" in said(talk.say("chắc chắn"))
    assert asyncio.run(person_of(server.directory)) != person
    files = files_below(server.directory, *(directory for directory in RASA if directory.exists()))
    assert [place for place, _ in wrapped_keys(files, vault, person)] == []
    in_clear = [(name, told) for name, content in files.items() for told in TOLD if told.encode() in content]
    assert in_clear == []
