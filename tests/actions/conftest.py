from __future__ import annotations

from datetime import date

import pytest

from actions.runtime import ActionRuntime
from bot.core.programme import Programme
from bot.core.programme.answers import Answers

TODAY = date(2026, 11, 20)


@pytest.fixture
def runtime(programme: Programme) -> ActionRuntime:
    return ActionRuntime(programme, Answers(programme), lambda: TODAY)
