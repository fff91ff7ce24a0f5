"""The replies around a case: offered, opened, left, spoken by staff, given back; and those to somebody in distress."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from bot.core.cases.hours import Desk
from bot.core.cases.rules import SILENCE, Why, new_reference
from bot.core.clock import LOCAL_ZONE
from bot.core.programme.consents_content import current_wording
from bot.core.programme.content import Operator, Programme
from bot.core.programme.topics import menu_buttons, topic_button
from bot.core.replies import Button, Effect, Json, Press, Reply
from bot.core.text import fold

TOPIC = "request_human"
FORM = "decision_form"
DECIDING = "deciding"
"""The entity that only buttons carry; its values are steps of a decision, these ones of talking to a person."""
SHARE, PLAIN, DROP, LEAVE = "share", "plain", "drop", "leave"
WHY = "why"
"""The entity that tells what led to the wish, where a button offered it."""

OPEN, PREVIEW, HEAR, LEAVING = "case.open", "case.preview", "case.hear", "case.leave"
"""The effects."""

_LEAVING_WORDS = re.compile(
    r"(?:cho (?:em|toi|tui|minh|chau|co|chu|bac) )?(?:(?:quay|tro) )?(?:ve|lai|ve lai) (?:voi |gap |noi voi )?tro l[iy]"
    r"(?: (?:di|nhe|nha|a))?"
)


@dataclass(frozen=True, slots=True)
class Asking:
    """A step of asking for a person: what is said, and what is done."""

    reply: Reply
    effect: Effect | None = None


_DROP = Button("person_drop", Press.of(TOPIC, **{DECIDING: DROP}))
LEAVE_BUTTON = Button("person_leave", Press.of(TOPIC, **{DECIDING: LEAVE}))


def person_button(why: str = "") -> Button:
    """Give the button that asks for a person; `why` as in `rules.Why`."""
    return Button("request_human", Press.of(TOPIC, **({WHY: why} if why else {})))


def leaves(press: Press) -> bool:
    """Tell whether a press brings the assistant back."""
    return press.intent == TOPIC and dict(press.entities).get(DECIDING) == LEAVE


def leaves_in_words(text: str) -> bool:
    """Tell whether a text is the button's own words, or nearly: groups, and Zalo on a desk, show none to press."""
    return _LEAVING_WORDS.fullmatch(" ".join(re.findall(r"[a-z]+", fold(text)))) is not None


def step(press: Press, programme: Programme) -> Asking | None:
    """Return what follows from pressing one of these buttons, for when there is nobody to hold a dialogue.

    None for any other press. What the button said was shown with it, so that its press is a clear answer.
    """
    if press.intent != TOPIC:
        return None
    entities = dict(press.entities)
    deciding, why = entities.get(DECIDING), entities.get(WHY, Why.ASKED)
    if deciding in (SHARE, PLAIN):
        # Nothing tells here which turns were shown above the button, which may be old: none of them are passed on.
        return opening(programme, share=False, why=why)
    return Asking(not_opened()) if deciding == DROP else asking(programme, why=why)


def asking(programme: Programme, *, why: str) -> Asking:
    """Ask what may be passed on, with the turns themselves before one's eyes."""
    return Asking(consent_question(programme.operator, why), Effect(PREVIEW))


def opening(programme: Programme, *, share: bool, why: str) -> Asking:
    """Open a case, and say so; with the last turns where their writer agreed to pass them on."""
    reference = new_reference()
    wording = current_wording(programme.consents, "person_consent").version if share else ""
    known = why if why in frozenset(Why) else Why.ASKED
    return Asking(opened(reference), Effect(OPEN, {"reference": reference, "why": known, "consent": wording}))


def consent_question(operator: Operator, why: str) -> Reply:
    """Ask whether the last turns may be passed on; the effect ``case.preview`` adds the fact ``turns``."""
    facts: dict[str, Json] = {"operator_name": operator.name, "operator_hours": operator.hours}
    return Reply(FORM, "person_consent", facts, _answers(why))


def asking_again(why: str, *, unclear: bool) -> Reply:
    """Ask the same once more, below what was shown; `unclear` tells whether an answer was neither a yes nor a no."""
    return Reply(FORM, "person_again", {"unclear": unclear}, _answers(why))


def _answers(why: str) -> tuple[Button, ...]:
    return (_answer("person_share", SHARE, why), _answer("person_plain", PLAIN, why), _DROP)


def _answer(title: str, deciding: str, why: str) -> Button:
    return Button(title, Press.of(TOPIC, **{DECIDING: deciding, WHY: why}))


def opened(reference: str) -> Reply:
    """Say that staff were told, and when to expect them; the effect adds ``due_on``, ``due_time``, ``shared``."""
    return Reply(TOPIC, "person_opened", {"reference": reference}, (LEAVE_BUTTON,))


def due_facts(due_at: datetime, desk: Desk, *, now: datetime) -> dict[str, Json]:
    """Give what `opened` is told of the time: by when an answer is due, and whether somebody is there now."""
    local = due_at.astimezone(LOCAL_ZONE)
    return {
        "due_on": local.date().isoformat(),
        "due_time": f"{local:%H:%M}",
        "is_open": desk.is_open(now),
        "silent_hours": int(SILENCE.total_seconds() // 3600),
    }


def not_opened() -> Reply:
    """Say that nobody was told anything."""
    return Reply(TOPIC, "person_not_opened", buttons=(person_button(), topic_button("ask_support")))


def left() -> Reply:
    """Say that the assistant is back, as the citizen wished."""
    return Reply(TOPIC, "person_left", buttons=menu_buttons())


def spoken_by_staff(words: str) -> Reply:
    """Tell what a person says."""
    return Reply(TOPIC, "person_says", {"words": words}, (LEAVE_BUTTON,))


def escalated(reference: str, *, silent: bool) -> Reply:
    """Say that the answer is late, and who sees to it now; `silent` tells whether the assistant is."""
    return Reply(TOPIC, "person_late", {"reference": reference, "silent": silent}, (LEAVE_BUTTON,) if silent else ())


def resumed(reference: str, how: str) -> Reply:
    """Say that the assistant speaks again: the case is ``closed``, is ``over``, or ``lapsed`` without an answer."""
    buttons = menu_buttons() if how != "lapsed" else (person_button(), topic_button("ask_support"))
    return Reply(TOPIC, "person_resumed", {"reference": reference, "how": how}, buttons)


def distress(operator: Operator) -> Reply:
    """Answer somebody who may want to die: no menus, people nearby first, and staff."""
    facts: dict[str, Json] = {"operator_hours": operator.hours, "waiting": False}
    return Reply(TOPIC, "distress", facts, (person_button("distress"),))


def distress_while_waiting(operator: Operator) -> Reply:
    """Say the same while staff have the floor and may not be there."""
    facts: dict[str, Json] = {"operator_hours": operator.hours, "waiting": True}
    return Reply(TOPIC, "distress", facts, (LEAVE_BUTTON,))
