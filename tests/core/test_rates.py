from contextlib import ExitStack

import pytest

from bot.core.errors import ThrottledError
from bot.core.rates import ChatLimits, Limiter, Rate


def test_the_whole_count_may_come_at_once_and_then_one_an_interval():
    limiter = Limiter(Rate(3, 60))
    assert [limiter.wait("a", now=0) for _ in range(3)] == [0, 0, 0]
    assert limiter.wait("a", now=0) == pytest.approx(20)
    assert limiter.wait("a", now=20) == 0
    assert limiter.wait("a", now=20) == pytest.approx(20)


def test_a_burst_of_five_and_one_every_four_seconds_are_twenty_in_any_minute():
    limiter = Limiter(Rate(1, 4, 5))
    sent = [second / 10 for second in range(600) if limiter.wait("a", now=second / 10) == 0]
    assert sent[:6] == [0, 0.1, 0.2, 0.3, 0.4, 4.0]
    assert len(sent) <= 20


def test_keys_are_counted_apart():
    limiter = Limiter(Rate(1, 60))
    assert limiter.wait("a", now=0) == 0
    assert limiter.wait("b", now=0) == 0
    assert limiter.wait("a", now=1) > 0


def test_the_longest_idle_key_is_forgotten_first():
    limiter = Limiter(Rate(1, 60), most_keys=2)
    for key in "abc":
        limiter.wait(key, now=0)
    assert limiter.wait("a", now=0) == 0
    assert limiter.wait("c", now=0) > 0


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("30/1m", Rate(30, 60)),
        ("1/4s", Rate(1, 4)),
        ("5/2h", Rate(5, 7200)),
        ("1/4s burst 5", Rate(1, 4, 5)),
        ("0", None),
    ],
)
def test_rates_are_read_as_settings_write_them(text, rate):
    assert Rate.parse(text) == rate


@pytest.mark.parametrize(
    "text", ["", "x", "0/1m", "30/1d", "-1/1m", "30", "1/4s burst", "1/4s burst 0", "1/4s  burst 5"]
)
def test_anything_else_is_no_rate(text):
    with pytest.raises(ValueError, match="not a rate"):
        Rate.parse(text)


def test_an_address_may_hold_ten_conversations_at_their_rate_and_no_more():
    limits = ChatLimits(Rate(1, 60))
    for _ in range(10):
        limits.count_address("192.0.2.1", now=0)
    with pytest.raises(ThrottledError) as refusal:
        limits.count_address("192.0.2.1", now=0)
    assert 0 < refusal.value.retry_after <= 60
    limits.count_address("192.0.2.2", now=0)


def test_a_home_s_ipv6_addresses_count_as_one():
    limits = ChatLimits(Rate(1, 60))
    for number in range(10):
        limits.count_address(f"2001:db8:0:1::{number:x}", now=0)
    with pytest.raises(ThrottledError):
        limits.count_address("2001:db8:0:1:ffff::1", now=0)
    limits.count_address("2001:db8:0:2::1", now=0)
    limits.count_address("no address at all", now=0)


def test_an_owner_and_a_guest_are_counted_apart():
    limits = ChatLimits(Rate(1, 60))
    limits.count_message("guest:192.0.2.1", now=0)
    with pytest.raises(ThrottledError):
        limits.count_message("guest:192.0.2.1", now=0)
    limits.count_message("conversation:1", now=0)


def test_a_conversation_has_four_places_for_waiting_pages():
    limits = ChatLimits(Rate(1, 60))
    with ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(limits.polling(1))
        with pytest.raises(ThrottledError), limits.polling(1):
            pass
        with limits.polling(2):
            pass
    with limits.polling(1):
        pass
