"""The whole line of one bulletin with real parts, on both databases: processes, clock, devices; Telegram is a fake."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cli import recipe
from bot.cli.broadcast_line import AREAS, TEXT, TITLE, Line, read_code, settle
from bot.cli.demonstration_token import find_module
from bot.cli.stage import Stage, free_port
from bot.core.clock import SystemClock
from bot.core.statements import digest
from bot.settings import ROOT
from tests.fixtures.database import new_postgresql_database
from tests.telegram.fake_bot_api import FakeBotApi

APART = ("nlu", "web", "worker", "scheduler", "sender")
AHEAD = timedelta(seconds=20)
"""As long as two people need here to sign."""


@pytest.fixture
def fake() -> Iterator[FakeBotApi]:
    with FakeBotApi(SystemClock()).serve() as fake:
        yield fake


@pytest.fixture(params=["one process on SQLite", "processes apart on PostgreSQL"])
def stage(request, tmp_path: Path, fake: FakeBotApi) -> Iterator[Stage]:
    given = {"TELEGRAM_TOKEN": fake.token, "TELEGRAM_API_URL": fake.url}
    if "PostgreSQL" in request.param:
        server = request.getfixturevalue("postgresql_server")
        given["DATABASE_URL"] = asyncio.run(new_postgresql_database(server)).replace("+asyncpg", "")
        nlu_port = free_port()
        given["NLU_URL"] = f"http://127.0.0.1:{nlu_port}"
        stage = Stage(tmp_path / "stage", given, APART, nlu_port=nlu_port)
    else:
        stage = Stage(tmp_path / "stage", given)
    stage.share_models(ROOT / "var" / "models")
    yield stage
    codes = dict(zip(stage.commands, stage.stop(), strict=True))
    # What Rasa's server ends with is Rasa's affair.
    assert {code for command, code in codes.items() if command != "nlu"} <= {0}, stage.log.read_text()


def test_a_bulletin_goes_from_its_author_to_its_groups_and_everybody_can_check_it(stage, fake, tmp_path, missing_tool):
    module, lacking = find_module(), recipe.missing_tools()
    if module is None or lacking:
        missing_tool(f"SoftHSM 2 and OpenSC (Debian: softhsm2, opensc); {', '.join(lacking)}")
    groups = [fake.group(f"Nhóm của {area}") for area in AREAS]
    elsewhere, rehearsing = fake.group("Nhóm của phường khác"), fake.group("Nhóm tập huấn")
    people = settle(stage)
    stage.start()
    stage.wait_until_ready()
    with Line(stage, people, patience=10) as line:
        for area, group in zip(AREAS, groups, strict=True):
            line.add_group(area, group.chat_id, group.name)
        line.add_group("bac-ninh.chu", elsewhere.chat_id, elsewhere.name)
        line.add_group(AREAS[0], rehearsing.chat_id, rehearsing.name, is_training=True)

        bulletin = line.draft(fires_at=SystemClock().now().replace(microsecond=0) + AHEAD)
        line.submit(bulletin)
        screen: list[str] = []
        assert line.sign(bulletin, "an", line.file_of("an"), show=screen.append) == 0, screen
        assert any(TITLE in shown for shown in screen), "whoever signs has read it"
        assert line.look(bulletin).state == "submitted"
        assert line.sign(bulletin, "binh", line.token_of("binh", module), show=screen.append) == 0, screen
        assert line.look(bulletin).state == "scheduled"

        line.wait_until(bulletin, "done", seconds=90)
        assert [len(group.texts) for group in groups] == [1, 1]
        assert [elsewhere.texts, rehearsing.texts] == [[], []]
        text = groups[0].texts[0]
        code = read_code(text)
        assert TITLE in text
        assert TEXT in text
        assert f"{stage.address}/kiem-tra/{code.replace('-', '')}" in text

        reply = line.ask(f"mã {code.lower()} có phải tin thật không")
        assert reply["topic"] == "check_bulletin"
        assert TITLE in reply["text"]
        assert line.ask("mã XTK-742 có phải tin thật không")["topic"] == "check_bulletin"
        page = line.page(code)
        assert page.status_code == 200
        for shown in (TITLE, "Nguyễn Văn An", "Trần Thị Bình"):
            assert shown in page.text
        assert TITLE not in line.page("XTK742").text

        evidence = line.fetch_evidence(bulletin, tmp_path / "evidence")
        assert recipe.follow(evidence) is None
        assert json.loads((evidence / "subject.json").read_bytes())["content"]["text"] == TEXT
        lines = [json.loads(line) for line in (evidence / "log.jsonl").read_bytes().splitlines()]
        (fired,) = [line for line in lines if line["event"] == "broadcast.fired"]
        assert fired["subject_sha256"] == digest((evidence / "subject.json").read_bytes())
    assert len(fake.calls_of("sendMessage")) == len(groups), "each once, however often the clock ticked"
