"""What an officer may write, and what becomes of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import ValidationError

from bot.core.approvals.errors import DigestMismatchError, ScheduleInvalidError
from bot.core.broadcasts import kinds
from bot.core.broadcasts.bodies import BroadcastDraft, check_ahead, make_subject
from bot.core.broadcasts.channels import CHANNELS, find_channel, utf16_units
from bot.core.broadcasts.errors import (
    AreaUnknownError,
    ChannelUnknownError,
    MediaUnsupportedError,
    RepeatUnsupportedError,
    TextTooLongError,
)
from bot.core.broadcasts.wording import measure_by
from bot.core.statements import TextNotNormalisedError
from tests.broadcasting import HOUR, LIMITS, OVERHEAD, TAN_AN, YEN_DUNG, broadcast_draft, series_draft
from tests.fakes import MORNING


def make(body, *, now=MORNING, limits=LIMITS):
    return make_subject(
        body, item_id="bc-1", version=2, drafter="nv-1", editors=("nv-3", "nv-2", "nv-3"), limits=limits, now=now
    )


def test_what_is_signed_is_what_was_written_with_every_set_in_order():
    item = make(
        broadcast_draft(title="  Họp dân \n", text="\nTám giờ.\n\nMời bà con. ", areas=(YEN_DUNG, TAN_AN, YEN_DUNG))
    )
    assert (item.id, item.version, item.drafter, item.editors) == ("bc-1", 2, "nv-1", ("nv-2", "nv-3"))
    assert (item.content.title, item.content.text) == ("Họp dân", "Tám giờ.\n\nMời bà con.")
    assert item.audience.areas == (TAN_AN, YEN_DUNG)
    assert (item.schedule.not_before, item.schedule.repeat) == (MORNING + HOUR, 1)
    assert kinds.read("broadcasts", item.to_bytes()) == item


def test_a_timetable_s_days_and_times_come_in_any_order():
    item = make(series_draft(times=("17:30", "07:00", "17:30"), weekdays=(5, 1), days_of_month=(15, 1)))
    table = item.timetable
    assert (table.times, table.weekdays, table.days_of_month) == (("07:00", "17:30"), (1, 5), (1, 15))
    assert kinds.read("series", item.to_bytes()) == item


@pytest.mark.parametrize(
    ("body", "error", "facts"),
    [
        (broadcast_draft(areas=("x.y", YEN_DUNG, "a.b")), AreaUnknownError, {"areas": ["a.b", "x.y"]}),
        (broadcast_draft(channels=("telegram-group", "zalo")), ChannelUnknownError, {"channel": "zalo"}),
        (broadcast_draft(repeat=2), RepeatUnsupportedError, {}),
        (broadcast_draft(not_before=MORNING + 3 * HOUR), ScheduleInvalidError, {"problem": "order"}),
        (broadcast_draft(not_before=MORNING - timedelta(seconds=1)), ScheduleInvalidError, {"problem": "past"}),
        (series_draft(not_after=MORNING), ScheduleInvalidError, {"problem": "order"}),
        (series_draft(weekdays=()), ScheduleInvalidError, {"problem": "no-days"}),
        (series_draft(not_after=MORNING + HOUR / 2), ScheduleInvalidError, {"problem": "past"}),
        (
            broadcast_draft(text="á" * (4096 - OVERHEAD), title="x"),
            TextTooLongError,
            {"channel": "telegram-group", "most": 4096, "length": 4097},
        ),
    ],
)
def test_what_cannot_be_sent_is_refused_with_its_reason(body, error, facts):
    with pytest.raises(error) as caught:
        make(body)
    assert caught.value.facts == facts


def test_files_do_not_go_along_yet():
    body = broadcast_draft().model_dump()
    body["content"]["media"] = [{"sha256": "0" * 64, "bytes": 1, "type": "image/png"}]
    with pytest.raises(MediaUnsupportedError):
        make(BroadcastDraft.model_validate(body))


def test_a_text_of_just_the_limit_is_taken():
    assert make(broadcast_draft(text="á" * (4095 - OVERHEAD), title="x"))


def test_hidden_characters_never_become_bytes():
    with pytest.raises(TextNotNormalisedError):
        make(broadcast_draft(text="Miễn\u200b phí")).to_bytes()


@pytest.mark.parametrize(
    "changes",
    [
        {"title": " "},
        {"text": "\n"},
        {"title": "hai\ndòng"},
        {"title": "x" * 201},
        {"areas": ()},
        {"channels": ()},
        {"not_before": MORNING.replace(microsecond=1)},
        {"not_before": MORNING.replace(tzinfo=None)},
        {"mode": "rehearsal"},
        {"areas": ("không mã",)},
    ],
)
def test_what_has_not_the_form_of_a_message_is_none(changes):
    with pytest.raises(ValidationError):
        broadcast_draft(**changes)


def test_it_lies_ahead_until_its_only_moment():
    item = make(broadcast_draft())
    check_ahead(item, now=MORNING + HOUR)
    with pytest.raises(ScheduleInvalidError):
        check_ahead(item, now=MORNING + HOUR + timedelta(microseconds=1))


@pytest.mark.parametrize("raw", [b"", b"[]", b"\xff", b"{}"])
def test_bytes_that_nobody_can_have_signed_are_nothing(raw):
    with pytest.raises(DigestMismatchError):
        kinds.read("broadcasts", raw)


def test_bytes_are_of_one_kind_and_written_in_one_way():
    raw = make(broadcast_draft()).to_bytes()
    for kind, tampered in (("series", raw), ("grants", raw), ("broadcasts", raw.replace(b",", b", ", 1))):
        with pytest.raises(DigestMismatchError):
            kinds.read(kind, tampered)


def test_the_window_is_the_signed_one():
    assert kinds.window_of(make(broadcast_draft())).not_after == MORNING + 3 * HOUR
    assert kinds.window_of(make(series_draft())).not_before == MORNING


def test_the_clock_takes_what_is_sent_once_while_it_is_not_too_late():
    item = make(broadcast_draft(not_after=MORNING + HOUR + timedelta(minutes=5)))
    late = timedelta(minutes=10)
    at = MORNING + HOUR
    assert kinds.moment_ahead(item, now=MORNING, late=late) == at
    assert kinds.moment_ahead(item, now=at + timedelta(minutes=5), late=late) == at
    assert kinds.moment_ahead(item, now=at + timedelta(minutes=6), late=late) is None
    longer = make(broadcast_draft())
    assert kinds.moment_ahead(longer, now=at + late, late=late) == at
    assert kinds.moment_ahead(longer, now=at + late + timedelta(seconds=1), late=late) is None
    assert kinds.next_moment(longer, MORNING) == at
    assert kinds.next_moment(longer, at) is None


def test_the_moments_of_a_series_all_lie_ahead():
    item = make(series_draft())
    nine = MORNING + HOUR
    assert kinds.moment_ahead(item, now=nine, late=timedelta(minutes=10)) == nine + timedelta(days=1)
    assert kinds.next_moment(item, MORNING) == nine


def test_length_is_counted_in_utf_16_units_of_the_message_as_it_goes_out(renderer):
    assert utf16_units("á😀") == 3
    channel = find_channel("telegram-group")
    measure = measure_by(renderer, public_url="https://hien-dien.example.vn")
    item = make(broadcast_draft(title="a", text="b"))
    longer = make(broadcast_draft(title="a", text="b" * 11))
    assert measure(channel, longer) == measure(channel, item) + 10
    assert measure(channel, make(broadcast_draft(title="a", text="b", mode="training"))) > measure(channel, item)
    assert set(CHANNELS) == {"telegram-group", "zalo-group"}
