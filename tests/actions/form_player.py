"""Plays Rasa's part in the dialogue of a request, over the real actions: what runs after what, and nothing else.

It follows the rules of ``nlu/data/rules/registration.yml``; that Rasa does so too is for the conversations to show.
What a text means stands in a table, as if the NLU had understood it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from actions.chat import Chat, Outcome
from actions.handlers import handoff
from actions.handlers.eligibility import REQUESTED_SLOT
from actions.runtime import ActionRuntime
from bot.core.handoffs.steps import FORM
from bot.core.ports import DialogueState, TurnRequest, TurnResult
from bot.core.replies import Effect, Reply

PHONE, EMAIL, PERSON = "0900 000 777", "zylan@example.vn", "Zylan Ngọc"

MEANINGS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "đăng ký giúp tôi": ("start_registration", {}),
    "đăng ký tên quanbaba.biz.vn": ("start_registration", {"domain_name": "quanbaba.biz.vn"}),
    "quanbaba.id.vn": ("inform", {"domain_name": "quanbaba.id.vn"}),
    "quán bà ba": ("inform", {"subject": "household_business"}),
    "cho cửa hàng": ("inform", {"subject": "household_business", "product": "biz.vn"}),
    "iNET": ("inform", {}),
    "cái nào cũng được": ("nlu_fallback", {}),
    PERSON: ("inform", {}),
    f"tôi là {PERSON}, số {PHONE}": ("inform", {"phone": "+84900000777"}),
    PHONE: ("inform", {"phone": "+84900000777"}),
    EMAIL: ("inform", {"email": EMAIL}),
    "đồng ý": ("affirm", {}),
    "ừ để xem": ("affirm", {}),
    "không": ("deny", {}),
    "không biết": ("dont_know", {}),
    "em 15 tuổi": ("inform", {"age": 15}),
    "tôi 30 tuổi": ("inform", {"age": 30}),
    "giá bao nhiêu vậy": ("ask_cost", {}),
    "ai gọi cho tôi vậy, số " + PHONE: ("report_scam", {"phone": "+84900000777"}),
    "qwrt zxcv": ("out_of_scope", {}),
    "thôi dừng": ("cancel", {}),
    "tạm biệt": ("goodbye", {}),
    "bắt đầu lại": ("start_over", {}),
    "tôi có được ưu đãi không": ("check_eligibility", {}),
    "hướng dẫn cài token": ("start_token_guide", {}),
    "hồ sơ đến đâu rồi": ("check_registration_status", {}),
}
_OTHER_FORMS = {"check_eligibility": "eligibility_form", "start_token_guide": "guide_form"}


@dataclass
class Turn:
    """One turn in hand: what was heard, the slots as they change, and what is said and done."""

    heard: Chat
    slots: dict[str, Any]
    loop: str | None
    replies: list[Reply] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)

    @property
    def chat(self) -> Chat:
        known = {name: value for name, value in self.slots.items() if value is not None}
        return Chat(
            self.heard.reference,
            self.heard.intent,
            text=self.heard.text,
            entities=self.heard.entities,
            slots=known,
            in_form=self.loop is not None,
        )

    def take(self, outcome: Outcome) -> Outcome:
        """Take over what an action decided."""
        self.replies += outcome.replies
        self.effects += [outcome.effect] if outcome.effect else []
        self.slots |= outcome.slots
        return outcome

    def end_form(self) -> None:
        self.loop, self.slots[REQUESTED_SLOT] = None, None


class FormPlayer:
    """Answers a turn as the assistant does, in the dialogue of a request and around it."""

    def __init__(self, runtime: ActionRuntime) -> None:
        self._runtime = runtime
        self._asking = {
            action.rasa_name.removeprefix(f"action_ask_{FORM}_"): action(runtime)
            for action in vars(handoff).values()
            if isinstance(action, type) and getattr(action, "rasa_name", "").startswith(f"action_ask_{FORM}_")
        }

    def __call__(self, request: TurnRequest) -> TurnResult:
        heard = _heard(request)
        turn = Turn(heard, dict(request.state.slots), request.state.active_loop)
        if turn.loop == FORM:
            self._in_form(turn)
        elif heard.intent == "start_registration":
            self._begin(turn)
        else:
            self._outside(turn)
        turn.replies = turn.replies or [Reply("greet", "greet")]
        assert len(turn.effects) <= 1
        slots = {name: value for name, value in turn.slots.items() if value is not None}
        effect = turn.effects[0] if turn.effects else None
        return TurnResult(tuple(turn.replies), DialogueState(turn.loop, slots), heard.intent, 1.0, effect)

    def _begin(self, turn: Turn) -> None:
        turn.end_form()
        outcome = turn.take(handoff.ActionBeginHandoff(self._runtime).act(turn.chat))
        if outcome.next_action == FORM:
            turn.loop = FORM
            turn.take(handoff.ActionValidateHandoffForm(self._runtime).act(turn.chat))
            self._go_on(turn)

    def _in_form(self, turn: Turn) -> None:
        outcome = handoff.ActionValidateHandoffForm(self._runtime).act(turn.chat)
        if outcome.slots.keys() - {REQUESTED_SLOT}:
            turn.take(outcome)
            self._go_on(turn)
        else:
            self._aside(turn)

    def _aside(self, turn: Turn) -> None:
        intent = turn.heard.intent
        if intent in ("cancel", "goodbye"):
            turn.end_form()
            turn.take(handoff.ActionFinishHandoff(self._runtime).act(turn.chat))
        elif intent in _OTHER_FORMS:
            turn.end_form()
            turn.take(handoff.ActionPutAwayHandoff(self._runtime).act(turn.chat))
            turn.loop = _OTHER_FORMS[intent]
        elif intent == "start_over":
            turn.slots, turn.loop = {}, None
        elif intent == "report_scam":
            turn.loop = "report_form"  # a button of the warning breaks into the form without a rule of its own
        else:
            turn.replies.append(Reply(intent, "greet"))
            turn.take(self._asking[str(turn.slots[REQUESTED_SLOT])].act(turn.chat))

    def _outside(self, turn: Turn) -> None:
        if turn.heard.intent in ("cancel", "goodbye", "start_over"):
            turn.end_form()
        elif turn.heard.intent in _OTHER_FORMS:
            turn.loop = _OTHER_FORMS[turn.heard.intent]

    def _go_on(self, turn: Turn) -> None:
        requested = turn.slots.get(REQUESTED_SLOT)
        if requested is None:
            turn.end_form()
            turn.take(handoff.ActionFinishHandoff(self._runtime).act(turn.chat))
        else:
            turn.take(self._asking[requested].act(turn.chat))


def _heard(request: TurnRequest) -> Chat:
    if request.press is not None:
        return Chat(request.turn_id, request.press.intent, entities=request.press.entities)
    intent, entities = MEANINGS[request.text or ""]
    return Chat(request.turn_id, intent, text=request.text or "", entities=tuple(entities.items()))
