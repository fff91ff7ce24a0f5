from __future__ import annotations

from datetime import date

import pytest

from actions.runtime import ActionRuntime
from bot.core.programme import Programme
from tests.fakes import ShelfOfBulletins
from tests.fixtures.product import shipped_answers, shipped_guides

TODAY = date(2026, 11, 20)


@pytest.fixture
def runtime(programme: Programme) -> ActionRuntime:
    return ActionRuntime(
        programme,
        shipped_answers(),
        shipped_guides(),
        lambda: TODAY,
        bulletins=ShelfOfBulletins(),
        outside_url="https://hien-dien.example.vn",
    )
