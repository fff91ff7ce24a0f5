"""What citizens should not have sent, in the web chat: told so each time, and found nowhere afterwards.

The running product gets identity numbers, passports, cards, one-time passwords, PINs and passwords in many spellings.
Everything at rest is sealed, so bytes alone would prove little: what the keys open is looked through as well.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.core.conversations import service as conversations
from bot.core.inbox.models import inbox
from bot.core.inbox.repository import payload_place
from bot.core.rendering import Renderer
from bot.settings import ROOT
from tests.fixtures.server import Server, Talk
from tests.journeys.secret_traces import (
    Sent,
    is_found,
    messages,
    open_database,
    open_everything,
    read_files,
    traces_in,
)

MESSAGES, SEED = 180, 20261120
TURNS_A_CONVERSATION = 20


# --- What is left of it ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Aftermath:
    """What was sent and answered, and all that the product kept of it."""

    turns: Sequence[tuple[Sent, str]]
    waiting: Sequence[str]
    opened: Sequence[str]
    while_running: dict[str, bytes]
    once_stopped: dict[str, bytes]


@pytest.fixture(scope="module")
def aftermath(tmp_path_factory: pytest.TempPathFactory) -> Aftermath:
    """Hold the conversations with a product of our own, then end it and look at what it leaves."""
    server = Server(tmp_path_factory.mktemp("no-trace"), settings={"TODAY": "2026-11-20"})
    server.start()
    try:
        server.wait_until_ready()
        turns = _converse(server, list(messages(SEED, MESSAGES)))
        waiting = _stored_while_waiting(server, messages(SEED + 1, 5))
        opened = asyncio.run(open_everything(server.directory))
        while_running = read_files(server.directory)
    finally:
        code_of_exit = server.stop()
    assert code_of_exit == 0, server.log
    return Aftermath(turns, waiting, opened, while_running, read_files(server.directory))


def _converse(server: Server, sent: Sequence[Sent]) -> list[tuple[Sent, str]]:
    turns = []
    with server.client() as client:
        for number, message in enumerate(sent):
            if number % TURNS_A_CONVERSATION == 0:
                talk = Talk(client, _name(number // TURNS_A_CONVERSATION))
            turns.append((message, _said(talk.say(message.text))))
    return turns


def _name(number: int) -> str:
    return "no-trace-" + "abcdefghijklmnopqrstuvwxyz"[number]


def _said(replies: Sequence[dict[str, Any]]) -> str:
    return "\n".join(
        [reply["text"] for reply in replies] + [button["title"] for reply in replies for button in reply["buttons"]]
    )


def _stored_while_waiting(server: Server, sent: Iterator[Sent]) -> list[str]:
    """Hold up a turn for each message by halting the NLU server; give what was stored of it, opened."""
    nlu = server.nlu_process()
    os.kill(nlu, signal.SIGSTOP)
    try:
        with server.client() as client, ThreadPoolExecutor() as pool:
            posts = [pool.submit(Talk(client, _name(20 + at)).say, each.text) for at, each in enumerate(sent)]
            stored: dict[int, str] = {}
            while not all(post.done() for post in posts):
                stored |= asyncio.run(_waiting_updates(server.directory))
                time.sleep(0.05)  # another process: there is nothing to wait on but its database
            for post in posts:
                post.result()
    finally:
        os.kill(nlu, signal.SIGCONT)
    return list(stored.values())


async def _waiting_updates(directory: Path) -> dict[int, str]:
    database, vault = open_database(directory)
    try:
        async with database.reading() as connection:
            rows = (await connection.execute(select(inbox).where(inbox.c.payload.is_not(None)))).all()
            found = {}
            for row in rows:
                conversation = await conversations.load(connection, vault, row.conversation_id)
                place = payload_place(row.channel, row.account, row.update_id)
                found[row.id] = conversation.key.open(row.payload, place=place).decode("unicode_escape")
            return found
    finally:
        await database.close()


# --- What must hold --------------------------------------------------------------------------------------------------


def test_each_secret_is_refused_kindly_and_by_its_name(aftermath):
    renderer = Renderer(ROOT / "templates")
    unrefused = [
        (sent.text, said)
        for sent, said in aftermath.turns
        if renderer.render("secret_removed", channel="web", facts={"kinds": [sent.kind]}) not in said
    ]
    assert len(aftermath.turns) == MESSAGES
    assert unrefused == []


def test_no_reply_repeats_a_secret(aftermath):
    everything = "\n".join(said for _, said in aftermath.turns)
    assert [sent.text for sent, _ in aftermath.turns if is_found(everything, sent)] == []


def test_a_message_that_waits_is_stored_without_its_secret(aftermath):
    assert len(aftermath.waiting) == 5
    everything = "\n".join(aftermath.waiting)
    assert [sent.text for sent in messages(SEED + 1, 5) if is_found(everything, sent)] == []


def test_what_the_keys_open_holds_no_secret(aftermath):
    everything = "\n".join(aftermath.opened)
    assert all(said.splitlines()[0] in everything for _, said in aftermath.turns), "not all that was said is kept"
    assert [sent.text for sent, _ in aftermath.turns if is_found(everything, sent)] == []


@pytest.mark.parametrize("moment", ["while_running", "once_stopped"])
def test_no_file_holds_a_secret(aftermath, moment):
    files = getattr(aftermath, moment)
    assert {"hiendien.sqlite3", "server.log"} <= set(files)
    assert moment == "once_stopped" or {"hiendien.sqlite3-wal", "hiendien.sqlite3-shm"} <= set(files)
    assert any(_name(0).encode() in content for content in files.values()), "the conversations are in none of them"
    assert traces_in(files, [sent for sent, _ in aftermath.turns]) == []
