from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.core.cases.hours import ANSWER_WITHIN, Desk, DeskClosedError

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
SPANS = ((time(7, 30), time(11, 30)), (time(13, 30), time(17)))
DESK = Desk((1, 2, 3, 4, 5), SPANS, frozenset({date(2026, 11, 24)}))


def local(text):
    return datetime.fromisoformat(text).replace(tzinfo=HERE)


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("2026-11-20 08:00", "2026-11-20 14:00"),  # a Friday: half an hour is lost at the end of the morning
        ("2026-11-20 07:30", "2026-11-20 11:30"),
        ("2026-11-20 12:00", "2026-11-23 08:00"),  # three and a half hours of the afternoon, the rest on Monday
        ("2026-11-21 10:00", "2026-11-23 11:30"),
        ("2026-11-23 16:00", "2026-11-25 10:30"),  # Tuesday is a day off
    ],
)
def test_working_time_passes_only_at_the_desk(asked, answered):
    assert DESK.after(local(asked).astimezone(UTC), ANSWER_WITHIN) == local(answered)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [("2026-11-20 11:29", True), ("2026-11-20 11:30", False), ("2026-11-21 09:00", False), ("2026-11-24 09:00", False)],
)
def test_the_desk_is_open_in_its_hours(moment, is_open):
    assert DESK.is_open(local(moment)) is is_open


def test_a_desk_that_never_opens_is_an_error_and_no_endless_search():
    with pytest.raises(DeskClosedError):
        Desk((), SPANS).after(local("2026-11-20 08:00"), timedelta(minutes=1))
