"""Zalo carries the whole product alone: where Telegram is off, nothing is missing and nobody asks it anything."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from bot.cli.broadcast_line import AREAS, TEXT, TITLE, Line, settle
from bot.cli.stage import Stage
from bot.core.clock import SystemClock
from bot.core.statements.values import write_moment
from bot.settings import ROOT
from tests.channels_torture.serving import settings_for
from tests.conversations.channels import hold_on_the_web
from tests.journeys.test_three_channels import DAY, JOURNEYS, facts, hold_on_zalo, told_on_zalo
from tests.zalo.fake_zalo import FakeZalo

AHEAD, LASTS = timedelta(seconds=20), timedelta(hours=1)


@pytest.fixture
def telegram() -> Iterator[socket.socket]:
    """Give a port where Telegram would be asked, and its proxy; it tells whether anybody came."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener


@pytest.fixture
def zalo() -> Iterator[FakeZalo]:
    with FakeZalo(SystemClock()).serve() as zalo:
        yield zalo


@pytest.fixture
def stage(tmp_path: Path, zalo: FakeZalo, telegram: socket.socket) -> Iterator[Stage]:
    address = f"127.0.0.1:{telegram.getsockname()[1]}"
    given = {
        **settings_for(zalo),
        "TODAY": DAY,
        "CHAT_RATE_LIMIT": "0",
        "TELEGRAM_API_URL": f"http://{address}",
        "TELEGRAM_PROXY": f"http://{address}",
    }
    stage = Stage(tmp_path / "stage", given)
    stage.share_models(ROOT / "var" / "models")
    yield stage
    assert stage.stop() == [0], stage.log.read_text()


def test_zalo_alone_answers_judges_guides_and_brings_out_a_bulletin(stage, zalo, telegram):
    group = zalo.group()
    people = settle(stage)
    stage.start()
    stage.wait_until_ready()
    with ExitStack() as stack:
        line = stack.enter_context(Line(stage, people, patience=10))
        client = stack.enter_context(httpx.Client(base_url=stage.address, timeout=30, trust_env=False))
        bulletin = have_signed(line, group.group_id)

        for number, turns in enumerate(JOURNEYS.values(), start=41):
            counts = [len(replies) for replies in hold_on_the_web(turns, client)]
            answers = hold_on_zalo(turns, client, zalo.person(number), counts, stage.directory)
            for turn, answer in zip(turns, answers, strict=True):
                missing = set(turn["tells"]) - facts([told_on_zalo(sent) for sent in answer]).keys()
                assert not missing, f"{turn}: {missing} not in {answer}"

        line.wait_until(bulletin, "done", seconds=90)
    (text,) = group.texts
    assert TITLE in text
    assert TEXT in text
    with pytest.raises(BlockingIOError):  # nobody came
        telegram.accept()


def have_signed(line: Line, group_id: str) -> str:
    """Have a bulletin for a group on Zalo drafted and signed by both admins; return its id."""
    place = {"area": AREAS[0], "channel": "zalo-group", "address": group_id, "title": "Tổ dân phố"}
    line.staffer("an").write("POST", "/destinations", place)
    fires_at = SystemClock().now().replace(microsecond=0) + AHEAD
    draft = line.body(areas=AREAS[:1]) | {
        "audience": {"areas": AREAS[:1], "channels": ["zalo-group"]},
        "schedule": {"not_before": write_moment(fires_at), "not_after": write_moment(fires_at + LASTS)},
    }
    bulletin = str(line.staffer("chi").write("POST", "/broadcasts", draft).json()["id"])
    line.submit(bulletin)
    for admin in ("an", "binh"):
        assert line.sign(bulletin, admin, line.file_of(admin)) == 0
    return bulletin
