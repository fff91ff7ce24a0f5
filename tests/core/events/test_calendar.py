from datetime import date

import pytest

from bot.core.events.calendar import CAMPAIGN, activities_on, campaign_windows, standing
from bot.core.programme.dx_day_content import ACTIVITIES, Window

WEEK = Window.model_validate({"from": "2024-10-03", "to": "2024-10-09", "written": "-"})
DOUBTED = Window.model_validate({**WEEK.model_dump(by_alias=True), "perhaps_to": "2024-10-05"})


@pytest.mark.parametrize(
    ("window", "day", "stands"),
    [
        (WEEK, 2, "before"),
        (WEEK, 3, "during"),
        (WEEK, 9, "during"),
        (WEEK, 10, "after"),
        (DOUBTED, 5, "during"),
        (DOUBTED, 6, "unclear"),
        (DOUBTED, 9, "unclear"),
        (DOUBTED, 10, "after"),
    ],
)
def test_a_window_holds_its_first_and_last_day(window, day, stands):
    assert standing(window, date(2024, 10, day)) == stands


def windows(programme, *day):
    return [window.key for window in campaign_windows(programme, date(*day))]


def test_a_timetable_is_given_the_windows_of_a_day(programme):
    assert windows(programme, 2024, 8, 31) == []
    assert windows(programme, 2024, 9, 1) == ["infrastructure"]
    assert windows(programme, 2024, 9, 15) == [CAMPAIGN, "media", "infrastructure"]
    assert windows(programme, 2024, 10, 10) == [
        CAMPAIGN,
        *(name for name in ACTIVITIES if name != "business_forum"),
    ]
    assert windows(programme, 2024, 10, 31) == ["infrastructure", "online_shopping", "cashless"]
    assert windows(programme, 2024, 11, 1) == []


def test_a_window_tells_its_days_and_how_far_they_are_certain(programme):
    by_key = {window.key: window for window in campaign_windows(programme, date(2024, 10, 9))}
    assert (by_key[CAMPAIGN].first_day, by_key[CAMPAIGN].last_day) == (date(2024, 9, 15), date(2024, 10, 10))
    assert by_key[CAMPAIGN].name == "Tổ chức Ngày Chuyển đổi số tỉnh Bắc Giang năm 2024"
    assert by_key["infrastructure"].certain_to == date(2024, 10, 10)
    assert by_key["infrastructure"].last_day == date(2024, 10, 31)
    assert all(each.certain_to == each.last_day for key, each in by_key.items() if key != "infrastructure")


def test_what_is_on_for_one_day_comes_before_what_lasts(programme):
    assert [each.key for each in activities_on(programme, date(2024, 10, 9))][:2] == ["business_forum", "exhibition"]
    assert activities_on(programme, date(2024, 11, 1)) == ()
