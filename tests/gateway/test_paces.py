"""What holds up one chat, and what holds up everybody."""

from __future__ import annotations

import pytest

from bot.core.deliveries.errors import ChannelClosedError, ChatClosedError, NotSentError, SlowDownError
from bot.core.rates import Rate
from bot.gateway.paces import LONGEST_PAUSE_SECONDS, Paces

GROUP, OTHER, LAN = "group:-1", "group:-2", "7"
NOW = 1000.0


@pytest.fixture
def paces():
    return Paces(None, group_rate=Rate.parse("1/4s burst 2"))


def refuse(paces, chat, failure, *, now=NOW):
    paces.note_refused(chat, failure, channel="telegram", now=now)


def test_a_group_that_had_its_burst_is_closed_until_its_next_turn_and_no_other_chat_is(paces):
    assert [paces.wait_in(GROUP, in_group=True, now=NOW) for _ in range(3)] == [0.0, 0.0, 4.0]
    assert set(paces.closed(now=NOW)) == {GROUP}
    assert paces.next_opening(now=NOW + 1) == 3.0
    assert paces.wait_in(OTHER, in_group=True, now=NOW) == 0.0
    assert not paces.closed(now=NOW + 4)
    assert paces.next_opening(now=NOW + 4) is None
    assert paces.wait_in(GROUP, in_group=True, now=NOW + 4) == 0.0


@pytest.mark.parametrize(("asked", "waits"), [(30, 30), (86_400, 3600)])
def test_one_chat_that_is_refused_again_and_again_waits_alone(paces, asked, waits):
    for _ in range(5):
        refuse(paces, GROUP, SlowDownError(retry_after=asked))
    assert paces.paused(now=NOW) == 0
    assert paces.wait_in(GROUP, in_group=True, now=NOW) == pytest.approx(waits, abs=1)
    assert paces.wait_in(LAN, in_group=False, now=NOW) == 0


@pytest.mark.parametrize(("asked", "paused"), [(7, 7), (3600, LONGEST_PAUSE_SECONDS)])
def test_different_chats_that_are_refused_pause_everybody_and_not_for_long(paces, asked, paused):
    refuse(paces, GROUP, SlowDownError(retry_after=asked))
    refuse(paces, LAN, SlowDownError(retry_after=asked))
    assert paces.paused(now=NOW) == paused


def test_what_got_through_since_tells_that_only_single_chats_are_refused(paces):
    refuse(paces, GROUP, SlowDownError(retry_after=60))
    paces.note_arrived()
    refuse(paces, OTHER, SlowDownError(retry_after=60))
    assert paces.paused(now=NOW) == 0


def test_a_refusal_that_is_over_counts_no_more(paces):
    refuse(paces, GROUP, SlowDownError(retry_after=5))
    refuse(paces, OTHER, SlowDownError(retry_after=5), now=NOW + 6)
    assert paces.paused(now=NOW + 6) == 0


def test_a_chat_that_is_closed_for_now_waits_alone_and_several_pause_everybody(paces):
    refuse(paces, GROUP, ChatClosedError())
    assert (paces.paused(now=NOW), set(paces.closed(now=NOW))) == (0, {GROUP})
    refuse(paces, OTHER, ChatClosedError())
    assert paces.paused(now=NOW) == 60


def test_a_channel_that_is_closed_pauses_everybody_at_once(paces):
    refuse(paces, LAN, ChannelClosedError())
    assert paces.paused(now=NOW) == 60


def test_what_says_nothing_of_a_pace_pauses_nobody(paces):
    refuse(paces, LAN, NotSentError())
    assert (paces.paused(now=NOW), list(paces.closed(now=NOW))) == (0, [])
