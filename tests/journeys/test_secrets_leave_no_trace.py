"""What citizens should not have sent: told so each time, and found nowhere afterwards.

The running product gets identity numbers, passports, cards, one-time passwords, PINs and passwords in many spellings.
Everything at rest is sealed, so bytes alone would prove little: what the keys open is looked through as well.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.core.conversations import service as conversations
from bot.core.db import Database
from bot.core.deliveries import service as deliveries
from bot.core.deliveries.models import deliveries as delivery_table
from bot.core.inbox.models import inbox
from bot.core.inbox.repository import payload_place
from bot.core.redaction import Secret
from bot.core.rendering import Renderer
from bot.core.text import clean, fold
from bot.core.vault import Vault
from bot.settings import ROOT
from tests.fixtures.server import Server, Talk

MESSAGES, SEED = 180, 20261120
TURNS_A_CONVERSATION = 20

SHORTEST_IN_BYTES = 6
"""Shorter runs of digits stand in sealed bytes by chance; logs are looked through for them too."""
WRITTEN_BY_THE_PRODUCT = re.compile(
    rb"\d{4}-\d\d-\d\d[ T][\d:.]+|[0-9a-f]{32,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|pid=\d+|127\.0\.0\.1:\d+"
)
"""Times, random ids, processes and ports: a short secret could stand in them by chance."""


# --- What is sent ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sent:
    """A message with one secret in it."""

    text: str
    secret: str
    kind: Secret

    @property
    def spellings(self) -> set[str]:
        """The secret as it was typed, and in one piece."""
        one_piece = "".join(character for character in fold(self.secret) if character.isalnum())
        return {clean(self.secret), self.secret if self.kind is Secret.PASSWORD else one_piece}


STATEMENTS = {
    "card": (
        "cccd của em là {}",
        "số căn cước {} nè",
        "chứng minh nhân dân: {}",
        "tôi gửi số định danh cá nhân {}",
        "số giấy tờ của bà tôi {} cấp 25/12/2021",
        "em 20 tuổi, sđt 0912345678, căn cước {}",
        "{} là số của ba con",
        "thẻ ngân hàng của tôi {}",
        "{}",
    ),
    "passport": ("hộ chiếu {}", "số hộ chiếu của tôi là {}", "passport em {} còn hạn"),
    "otp": (
        "mã otp là {}",
        "otp của em {}",
        "{} là mã xác nhận",
        "mã xác thực ngân hàng gửi tôi là {}",
        "bên kia kêu đọc otp, con lỡ đọc {} rồi",
        "em nhận được tin nhắn otp {}",
        "mã đăng nhập zalo {}",
        "otp: {}",
    ),
    "pin": (
        "mã pin {}",
        "pin token là {}",
        "mã PIN chữ ký số của tôi là {}",
        "mật khẩu vneid của tôi là {}",
        "mk em là {}",
        "nhập pin {} mà nó báo lỗi",
    ),
    "password": (
        "mật khẩu là {}",
        "mật khẩu email của tôi là {}",
        "mk: {}",
        "tài khoản hoa, mật khẩu {}",
        "password {}",
        "pass wifi {}",
    ),
}
SENTENCES = (
    "{}",
    "{}, xem giúp tôi có được miễn phí không",
    "chú ơi cho hỏi, {}, vậy đăng ký id.vn được hông",
    "Kính gửi quý cơ quan. {}. Đề nghị hướng dẫn thủ tục.",
    "ad ơi {} đc k ạ",
    "{}\nem 20 tuổi ở Trà Vinh",
)
VOICES: Sequence[Callable[[str], str]] = (str, fold, str.upper)

SEPARATORS = ("", " ", ".", "-", " - ", "\u00a0", "/", "_", "\n", ", ", "  ", "\u200b")
CARDS = ((12, "0"), (9, "123"), (16, "459"))
GROUPS = {
    12: ((12,), (3, 3, 3, 3), (4, 4, 4), (6, 6), (3, 9), (9, 3), (3, 3, 6), (1,) * 12),
    9: ((9,), (3, 3, 3), (4, 5), (1,) * 9),
    16: ((16,), (4, 4, 4, 4)),
}
DIGITS = ("0123456789", "０１２３４５６７８９", "⓪①②③④⑤⑥⑦⑧⑨")


def messages(seed: int, count: int) -> Iterator[Sent]:
    """Make messages, the same ones for the same seed."""
    draw = random.Random(seed)  # noqa: S311 - nothing is kept secret with it
    kinds = {
        "card": (card, Secret.IDENTITY_NUMBER),
        "passport": (passport, Secret.IDENTITY_NUMBER),
        "otp": (code, Secret.OTP),
        "pin": (code, Secret.PASSWORD),
        "password": (password, Secret.PASSWORD),
    }
    for number in range(count):
        name = list(kinds)[number % len(kinds)]
        write, kind = kinds[name]
        secret = write(draw)
        frame = draw.choice(VOICES)(draw.choice(SENTENCES).format(draw.choice(STATEMENTS[name])))
        yield Sent(frame.replace("{}", secret), secret, kind)


def digits(draw: random.Random, count: int, first: str) -> str:
    """Return random digits; an amount ends in 000, and that is no secret's way."""
    return draw.choice(first) + "".join(draw.choices("0123456789", k=count - 2)) + draw.choice("123456789")


def card(draw: random.Random) -> str:
    count, first = draw.choice(CARDS)
    plain, groups, pieces, reached = digits(draw, count, first), draw.choice(GROUPS[count]), [], 0
    for size in groups:
        pieces.append(plain[reached : reached + size])
        reached += size
    written = draw.choice(SEPARATORS).join(pieces)
    return written.translate(str.maketrans(DIGITS[0], draw.choice(DIGITS)))


def passport(draw: random.Random) -> str:
    return draw.choice("BCKNPbcknp") + draw.choice(("", " ")) + digits(draw, draw.choice((7, 8)), "0123456789")


def code(draw: random.Random) -> str:
    """Return four to eight digits that are no year; six of them may be written in two halves."""
    plain = digits(draw, draw.choice((4, 5, 6, 6, 6, 8)), "3456789")
    return (
        draw.choice((plain, f"{plain[:3]}{draw.choice(' -')}{plain[3:]}")) if len(plain) == SHORTEST_IN_BYTES else plain
    )


def password(draw: random.Random) -> str:
    return draw.choice(("Abc@{}", "hoa{}", "Ngoc{}!", "ba_{}", "qN{}x#")).format(digits(draw, 4, "3456789"))


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
        opened = asyncio.run(_opened(server.directory))
        while_running = _files(server.directory)
    finally:
        code_of_exit = server.stop()
    assert code_of_exit == 0, server.log
    return Aftermath(turns, waiting, opened, while_running, _files(server.directory))


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
    (nlu,) = [
        process for process in server.descendants() if b"serve.py" in Path(f"/proc/{process}/cmdline").read_bytes()
    ]
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
    database, vault = _database(directory)
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


async def _opened(directory: Path) -> list[str]:
    """Give every reply and every dialogue state, unsealed."""
    database, vault = _database(directory)
    try:
        async with database.reading() as connection:
            kept = []
            for row in (await connection.execute(select(delivery_table))).all():
                conversation = await conversations.load(connection, vault, row.conversation_id)
                kept.append(str(conversation.state))
                kept.append(str(deliveries.open_message(conversation, payload=row.payload, dedupe_key=row.dedupe_key)))
            return kept
    finally:
        await database.close()


def _database(directory: Path) -> tuple[Database, Vault]:
    vault = Vault([(directory / "secret_key").read_text("utf-8").strip()])
    return Database(f"sqlite+aiosqlite:///{directory / 'hiendien.sqlite3'}"), vault


def _files(directory: Path) -> dict[str, bytes]:
    """Read every file of the product but the trained models, which were there before."""
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file() and "models" not in path.relative_to(directory).parts
    }


def _found(text: str, sent: Sent) -> bool:
    """Tell whether the secret stands in the text, as a number of its own where it is one."""
    return any(re.search(rf"(?<![\w.]){re.escape(spelling)}(?!\w)", text) for spelling in sent.spellings)


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
    assert [sent.text for sent, _ in aftermath.turns if _found(everything, sent)] == []


def test_a_message_that_waits_is_stored_without_its_secret(aftermath):
    assert len(aftermath.waiting) == 5
    everything = "\n".join(aftermath.waiting)
    assert [sent.text for sent in messages(SEED + 1, 5) if _found(everything, sent)] == []


def test_what_the_keys_open_holds_no_secret(aftermath):
    everything = "\n".join(aftermath.opened)
    assert all(said.splitlines()[0] in everything for _, said in aftermath.turns), "not all that was said is kept"
    assert [sent.text for sent, _ in aftermath.turns if _found(everything, sent)] == []


@pytest.mark.parametrize("moment", ["while_running", "once_stopped"])
def test_no_file_holds_a_secret(aftermath, moment):
    files = getattr(aftermath, moment)
    assert {"hiendien.sqlite3", "server.log"} <= set(files)
    assert moment == "once_stopped" or {"hiendien.sqlite3-wal", "hiendien.sqlite3-shm"} <= set(files)
    assert any(_name(0).encode() in content for content in files.values()), "the conversations are in none of them"
    told = {name: WRITTEN_BY_THE_PRODUCT.sub(b"", content) for name, content in files.items()}
    secrets = {
        spelling for sent, _ in aftermath.turns for spelling in sent.spellings if len(spelling) >= SHORTEST_IN_BYTES
    }
    assert [(name, secret) for name, content in told.items() for secret in secrets if secret.encode() in content] == []
    logs = "\n".join(content.decode(errors="replace") for name, content in told.items() if name.endswith(".log"))
    assert logs
    assert [sent.text for sent, _ in aftermath.turns if _found(logs, sent)] == []
