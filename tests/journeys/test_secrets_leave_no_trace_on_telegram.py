"""The same on Telegram, by webhook and by polling: as texts, under photos and files, in a file's name, in an edit."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import httpx
import pytest

from bot.core.clock import SystemClock
from bot.core.rendering import Renderer
from bot.gateway.telegram.webhook import PATH, SECRET_HEADER
from bot.settings import ROOT
from tests.fixtures.server import Server
from tests.journeys.secret_traces import Sent, is_found, messages, open_everything, read_files, traces_in
from tests.telegram.fake_bot_api import FakeBotApi
from tests.telegram.fake_people import FILE, Person

MESSAGES, SEED = 100, 20261121
ANSWER_SECONDS = 60
SECRET = "webhook-secret-that-only-tests-know"
NOBODY = "http://127.0.0.1:1"
WAYS = ("text", "photo", "document", "file name")
RENDERER = Renderer(ROOT / "templates")


@dataclass(frozen=True)
class Turn:
    """A message with a secret, the way it was sent, and what came back."""

    sent: Sent
    way: str
    person: Person

    @property
    def said(self) -> str:
        return "\n".join(
            [*self.person.chat.texts, *(title for shown in self.person.chat.shown for title in shown.buttons)]
        )


@dataclass(frozen=True)
class Aftermath:
    """What was sent and answered, and all that the product kept of it."""

    turns: Sequence[Turn]
    opened: str
    while_running: Mapping[str, bytes]
    once_stopped: Mapping[str, bytes]


@pytest.fixture(scope="module", params=["polling", "webhook"])
def aftermath(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aftermath]:
    """Have everybody write to a product of our own, then end it and look at what it leaves.

    By webhook it does without an NLU server: what happens behind the door is the same.
    """
    by_webhook = request.param == "webhook"
    settings = {"TODAY": "2026-11-20"}
    if by_webhook:
        settings |= {"NLU_URL": NOBODY, "TELEGRAM_WEBHOOK_SECRET": SECRET, "PUBLIC_URL": "https://hien-dien.test"}
    with FakeBotApi(SystemClock()).serve() as fake:
        server = Server(tmp_path_factory.mktemp(f"no-trace-{request.param}"), settings=settings, telegram=fake)
        server.start()
        try:
            server.wait_until(lambda state: state["status"] == "ready" and (by_webhook or state["nlu"] == "ok"))
            turns = _everybody_writes(server, fake, by_webhook=by_webhook)
            opened = "\n".join(asyncio.run(open_everything(server.directory)))
            while_running = read_files(server.directory)
        finally:
            code_of_exit = server.stop()
        assert code_of_exit == 0, server.log
        yield Aftermath(turns, opened, while_running, read_files(server.directory))


def _everybody_writes(server: Server, fake: FakeBotApi, *, by_webhook: bool) -> list[Turn]:
    turns = []
    for number, sent in enumerate(messages(SEED, MESSAGES)):
        turn = Turn(sent, WAYS[number % len(WAYS)], fake.person())
        updates = _send(turn)
        turns.append(turn)
        if by_webhook:
            for update in updates:
                headers = {SECRET_HEADER: SECRET}
                answer = httpx.post(f"{server.url}{PATH}", json=update, headers=headers, trust_env=False)
                assert answer.status_code == 200
    asyncio.run(fake.until(lambda: all(turn.person.chat.shown for turn in turns), seconds=ANSWER_SECONDS))
    return turns


def _send(turn: Turn) -> list[object]:
    """Send it, and where that is possible once more as a change of something harmless."""
    person, text = turn.person, turn.sent.text
    match turn.way:
        case "text":
            return [person.says(text), person.edits(f"em viết lại: {text}")]
        case "photo":
            return [person.sends_photo(text)]
        case "document":
            return [person.sends_document(text)]
        case _:
            return [person.sends(document={**FILE, "file_name": f"{turn.sent.secret}.jpg"}, caption=text)]


def test_each_secret_is_refused_kindly_and_by_its_name(aftermath):
    unrefused = [
        (turn.way, turn.sent.text, turn.said)
        for turn in aftermath.turns
        if RENDERER.render("secret_removed", channel="telegram", facts={"kinds": [turn.sent.kind]}) not in turn.said
    ]
    assert unrefused == []


def test_who_sends_a_picture_of_papers_is_told_that_it_is_not_kept(aftermath):
    pictures = [turn for turn in aftermath.turns if turn.way != "text"]
    assert len(pictures) == MESSAGES * 3 // 4
    assert [turn.said for turn in pictures if "không lưu lại. Bạn đừng gửi ảnh hay tệp giấy tờ" not in turn.said] == []


def test_no_reply_repeats_a_secret(aftermath):
    assert [turn.sent.text for turn in aftermath.turns if is_found(turn.said, turn.sent)] == []


def test_what_the_keys_open_holds_no_secret(aftermath):
    first_lines = [turn.person.chat.texts[0].splitlines()[0] for turn in aftermath.turns]
    assert all(line in aftermath.opened for line in first_lines), "not all that was said is kept"
    assert [turn.sent.text for turn in aftermath.turns if is_found(aftermath.opened, turn.sent)] == []


@pytest.mark.parametrize("moment", ["while_running", "once_stopped"])
def test_no_file_holds_a_secret_or_the_name_of_a_file(aftermath, moment):
    files = getattr(aftermath, moment)
    assert moment == "once_stopped" or {"hiendien.sqlite3", "hiendien.sqlite3-wal", "server.log"} <= set(files)
    chat = str(aftermath.turns[0].person.user_id).encode()
    assert any(chat in content for content in files.values()), "the conversations are in none of them"
    assert traces_in(files, [turn.sent for turn in aftermath.turns]) == []
