"""The turn channel: one message and a dialogue state in, replies and the next state out, and nothing kept.

``POST /webhooks/turn/webhook``::

    {"turn_id": "…", "message": "em 20 tuổi" | null, "press": {"intent": "inform", "entities": {"age": "20"}} | null,
     "channel": "web", "metadata": {}, "state": {"active_loop": "eligibility_form" | null, "slots": {…}}}

    {"messages": [{"custom": {…}}], "state": {"active_loop": …, "slots": {…}},
     "understood": {"intent": "inform", "confidence": 1.0}}

Rasa's own channels keep a tracker a conversation: it grows, holds what people typed, and makes a repeated message mean
something else. Here the tracker is rebuilt from the state, run once by Rasa's processor, and dropped without ever
reaching a tracker store, so any server can take any turn and a replay gives the same answer. No messages in the
answer means that an action failed; the caller then keeps its old state.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME, SESSION_START_METADATA_SLOT
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SessionStarted, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json

from components.settling import meaning
from components.turn_request import BadTurnError, Turn, read_turn

TURN_SECONDS = 3.0
"""The caller does not wait longer; what is still running then is given up."""


class TurnInput(InputChannel):
    """The channel as Rasa loads it from ``credentials.yml``."""

    @classmethod
    def name(cls) -> str:
        """Give the name that the addresses carry."""
        return "turn"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Give the routes. Rasa's way in, `on_new_message`, goes through the tracker store and is not used."""
        blueprint = Blueprint("turn", "turn")

        @blueprint.get("/")
        async def health(request: Request) -> HTTPResponse:
            return json({"status": "ok"})

        @blueprint.post("/webhook")
        async def receive(request: Request) -> HTTPResponse:
            agent: Agent = request.app.ctx.agent
            try:
                turn = read_turn(request.body, agent.domain)
            except BadTurnError as error:
                return _problem(400, str(error))
            try:
                return json(await asyncio.wait_for(take_turn(agent, turn), TURN_SECONDS))
            except asyncio.TimeoutError:
                return _problem(504, "The actions took too long.")

        return blueprint


async def take_turn(agent: Agent, turn: Turn) -> dict[str, Any]:
    """Run one turn and describe its outcome."""
    processor = agent.processor
    output = CollectingOutputChannel()
    message = UserMessage(turn.text, output, turn.turn_id, input_channel=turn.channel, metadata=turn.metadata)
    message.parse_data = turn.parse_data or meaning(await processor.parse_message(message), turn.active_loop)
    tracker = DialogueStateTracker.from_events(turn.turn_id, _events_of(turn), agent.domain.slots)
    await processor._handle_message_with_tracker(message, tracker)  # noqa: SLF001 - the public way saves it
    await processor.run_action_extract_slots(output, tracker)
    await processor._run_prediction_loop(output, tracker)  # noqa: SLF001
    intent = message.parse_data["intent"]
    return {
        "messages": [{"custom": sent["custom"]} for sent in output.messages if "custom" in sent],
        "state": _state_of(tracker),
        "understood": {"intent": intent["name"], "confidence": intent["confidence"]},
    }


def _events_of(turn: Turn) -> list[Event]:
    """Give the shortest history that leads to the state: a form that is running, slots that are filled."""
    events: list[Event] = [
        ActionExecuted(ACTION_SESSION_START_NAME),
        SessionStarted(),
        ActionExecuted(ACTION_LISTEN_NAME),
    ]
    if turn.active_loop is not None:
        events += [ActionExecuted(turn.active_loop), ActiveLoop(turn.active_loop)]
    events += [SlotSet(name, value) for name, value in turn.slots.items()]
    return [*events, ActionExecuted(ACTION_LISTEN_NAME)]


def _state_of(tracker: DialogueStateTracker) -> dict[str, Any]:
    slots = {
        name: slot.value
        for name, slot in tracker.slots.items()
        if slot.value is not None and name != SESSION_START_METADATA_SLOT
    }
    return {"active_loop": tracker.active_loop_name, "slots": slots}


def _problem(status: int, detail: str) -> HTTPResponse:
    return json(
        {"type": "about:blank", "status": status, "detail": detail}, status, content_type="application/problem+json"
    )
