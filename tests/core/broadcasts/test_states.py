"""The table of states."""

from __future__ import annotations

import pytest

from bot.core.broadcasts.errors import TransitionRefusedError
from bot.core.broadcasts.states import ALLOWED, State, check_transition


def test_every_state_has_a_line_and_nothing_is_sent_that_was_not_scheduled():
    assert set(ALLOWED) == set(State)
    assert {old for old in State if State.SCHEDULED in ALLOWED[old]} == {State.APPROVED, State.PAUSED}
    assert {old for old in State if State.APPROVED in ALLOWED[old]} == {State.SUBMITTED}
    assert {old for old in State if State.SENDING in ALLOWED[old]} <= {State.SCHEDULED, State.PAUSED, State.DONE}


@pytest.mark.parametrize("end", [State.REJECTED, State.STOPPED, State.EXPIRED])
def test_an_end_is_an_end(end):
    assert not ALLOWED[end]


def test_a_step_beside_the_table_is_refused_with_both_states():
    check_transition(State.DRAFT, State.SUBMITTED)
    with pytest.raises(TransitionRefusedError) as caught:
        check_transition(State.DRAFT, State.SENDING)
    assert caught.value.facts == {"state": "draft", "wanted": "sending"}
