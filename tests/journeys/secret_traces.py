"""Messages with one secret in each, and where a running product could have kept some of it."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from bot.core.conversations import service as conversations
from bot.core.db import Database
from bot.core.deliveries import service as deliveries
from bot.core.deliveries.models import deliveries as delivery_table
from bot.core.redaction import Secret
from bot.core.text import clean, fold
from bot.core.vault import Vault

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


# --- What is kept --------------------------------------------------------------------------------------------------


async def open_everything(directory: Path) -> list[str]:
    """Give every reply and every dialogue state, unsealed."""
    database, vault = open_database(directory)
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


def open_database(directory: Path) -> tuple[Database, Vault]:
    vault = Vault([(directory / "secret_key").read_text("utf-8").strip()])
    return Database(f"sqlite+aiosqlite:///{directory / 'hiendien.sqlite3'}"), vault


def read_files(directory: Path) -> dict[str, bytes]:
    """Read every file of the product but the trained models, which were there before."""
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file() and "models" not in path.relative_to(directory).parts
    }


def is_found(text: str, sent: Sent) -> bool:
    """Tell whether the secret stands in the text, as a number of its own where it is one."""
    return any(re.search(rf"(?<![\w.]){re.escape(spelling)}(?!\w)", text) for spelling in sent.spellings)


def traces_in(files: Mapping[str, bytes], sent: Sequence[Sent]) -> list[str]:
    """Give what stands somewhere in the files though it should not: long secrets anywhere, short ones in logs."""
    told = {name: WRITTEN_BY_THE_PRODUCT.sub(b"", content) for name, content in files.items()}
    secrets = {spelling for each in sent for spelling in each.spellings if len(spelling) >= SHORTEST_IN_BYTES}
    anywhere = [
        f"{name}: {secret}" for name, content in told.items() for secret in secrets if secret.encode() in content
    ]
    logs = "\n".join(content.decode(errors="replace") for name, content in told.items() if name.endswith(".log"))
    assert logs, "the product wrote no log"
    return anywhere + [f"log: {each.text}" for each in sent if is_found(logs, each)]
