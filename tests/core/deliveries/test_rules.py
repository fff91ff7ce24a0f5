from datetime import timedelta

import pytest

from bot.core.deliveries.errors import (
    ChannelClosedError,
    ChatClosedError,
    FailedThereError,
    MessageRefusedError,
    NotSentError,
    OutcomeUnknownError,
    RecipientMovedError,
    RecipientUnreachableError,
    SlowDownError,
)
from bot.core.deliveries.models import DeliveryState
from bot.core.deliveries.rules import GiveUp, TryAgain, after

YOUNG, OLD = timedelta(minutes=1), timedelta(hours=25)


@pytest.mark.parametrize(
    ("failure", "attempt", "step"),
    [
        (NotSentError(), 1, TryAgain(1)),
        (NotSentError(), 2, TryAgain(2)),
        (NotSentError(), 4, TryAgain(8)),
        (NotSentError(), 1000, TryAgain(60)),
        (SlowDownError(retry_after=7), 1, TryAgain(7)),
        (SlowDownError(retry_after=0), 1, TryAgain(1)),
        (SlowDownError(retry_after=86_400), 1, TryAgain(3600)),
        (ChannelClosedError(), 1, TryAgain(60)),
        (ChatClosedError(), 9, TryAgain(60)),
        (FailedThereError(), 1, TryAgain(1)),
        (FailedThereError(), 2, GiveUp(DeliveryState.FAILED)),
        (OutcomeUnknownError(), 1, GiveUp(DeliveryState.UNKNOWN)),
        (MessageRefusedError(), 1, GiveUp(DeliveryState.FAILED)),
        (RecipientMovedError(address="-1"), 1, GiveUp(DeliveryState.FAILED)),
        (RecipientUnreachableError(), 1, GiveUp(DeliveryState.FAILED, unreachable=True)),
    ],
)
def test_what_follows_a_failure(failure, attempt, step):
    assert after(failure, attempt=attempt, age=YOUNG) == step


@pytest.mark.parametrize("failure", [NotSentError(), SlowDownError(retry_after=7), ChannelClosedError()])
def test_an_answer_of_yesterday_is_not_tried_again(failure):
    assert after(failure, attempt=1, age=OLD) == GiveUp(DeliveryState.FAILED)


def test_an_old_message_that_may_have_arrived_stays_unknown():
    assert after(OutcomeUnknownError(), attempt=1, age=OLD) == GiveUp(DeliveryState.UNKNOWN)
