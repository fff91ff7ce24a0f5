"""The token guide: begun, walked step by step, left, and questions about certificates.

Rasa runs a form while somebody is in a guide (rules in ``nlu/data/rules/token_guide.yml``). It asks for a slot that is
never filled, so it goes on until a validation says that the guide is over. What is said in it is decided by
`bot.core.guides.dialogue`; where somebody is lives in the table of progress, from which each turn gets its slots.
"""

from __future__ import annotations

from dataclasses import replace

from actions.base import ProductAction
from actions.chat import LOST, NLU_FALLBACK, Chat, Outcome
from actions.guiding import (
    ASKING,
    WISH,
    effect_of,
    heard_wish,
    position_of,
    read_stand,
    slots_of,
    told_by_a_stranger,
)
from actions.handlers.eligibility import REQUESTED_SLOT
from actions.numbers import is_bare_number
from bot.core.cases.offer import person_button
from bot.core.cases.rules import Why as Lost
from bot.core.guides.dialogue import (
    ANEW,
    BRANCH,
    FORM,
    GO,
    GUIDING,
    RESUME,
    SECRET,
    SPEAK,
    TAKE_UP,
    Dialogue,
    Said,
    Stand,
)
from bot.core.guides.records import LANGUAGES, Place
from bot.core.guides.telling import Telling
from bot.core.guides.walk import Position, Reason, Wish
from bot.core.programme.finding import Question
from bot.core.programme.topics import menu_buttons, topic_button
from bot.core.programme.verdicts import PATIENCE
from bot.core.replies import Reply
from bot.core.reports import offer

_WALKING = frozenset({"guide_next", "guide_back", "guide_repeat", "guide_problem"})
_FRAUD = frozenset({"report_scam", "ask_scam_safety"})
_ABOUT_THE_GUIDE = _WALKING | {
    "start_token_guide",
    "inform",
    "affirm",
    "deny",
    "dont_know",
    "change_language",
    "out_of_scope",
    NLU_FALLBACK,
}
"""Messages that the form deals with itself; all others are side questions."""


class _GuideAction(ProductAction):
    """An action that knows where somebody stands in the guides."""

    @property
    def dialogue(self) -> Dialogue:
        """The conversation about this content's guides."""
        return Dialogue(self.runtime.guides, contact=self.runtime.programme.operator.contact)

    def stand(self, chat: Chat) -> Stand:
        """Read where somebody stands."""
        return read_stand(chat, self.dialogue.walk)

    def outcome(self, chat: Chat, said: Said, *, goes_on: str | None = None) -> Outcome:
        """Say what follows and have it kept; `goes_on` names what runs next unless the guide is over."""
        walk = self.dialogue.walk
        return Outcome(
            said.replies,
            slots=slots_of(said, walk),
            next_action=None if said.is_over else goes_on,
            effect=effect_of(said, chat, walk),
        )

    def warning(self) -> Reply:
        """Give the warning of fraud, with the offer to tell staff."""
        question = Question.of("report_scam", {})
        return offer.offering(self.runtime.answers.answer(question, on=self.runtime.today()))


class ActionBeginGuide(_GuideAction):
    """Begins a guide or takes up the one that was left; the form that follows says nothing of its own."""

    rasa_name = "action_begin_guide"

    def act(self, chat: Chat) -> Outcome:
        """Begin, ask what is missing, resume, warn, or say that there is no guide to go on with."""
        stand = replace(self.stand(chat), wish=None)
        if told_by_a_stranger(chat.text):
            return Outcome([self.warning()])
        if chat.intent in _WALKING and stand.position is None:
            return self._without_guide(chat, stand)
        return self.outcome(chat, self._said(chat, stand), goes_on=FORM)

    def _said(self, chat: Chat, stand: Stand) -> Said:
        guiding, heard = _guiding(chat), heard_wish(chat)
        position = position_of(chat, stand, self.dialogue.walk)
        if guiding == (ANEW, ""):
            return self.dialogue.anew(stand, heard)
        if guiding is not None or (chat.intent in _WALKING and not chat.text):
            return _pressed(self.dialogue, chat, stand, position)
        if chat.intent in _WALKING or heard == Wish():
            return self.dialogue.resume(stand)
        if stand.position is not None and not _fits(self.dialogue, stand.position, heard):
            return self.dialogue.anew(stand, heard)
        return self.dialogue.start(stand, heard)

    def _without_guide(self, chat: Chat, stand: Stand) -> Outcome:
        if chat.intent == "guide_problem" and chat.text:
            return self.outcome(chat, self.dialogue.anew(stand, heard_wish(chat)), goes_on=FORM)
        buttons = (topic_button("start_token_guide"), *menu_buttons())
        return Outcome([Reply(chat.intent, "nothing_to_confirm", buttons=buttons)])


class ActionValidateGuideForm(_GuideAction):
    """Takes what is said in a guide and says what follows.

    Setting no slot but the requested one tells Rasa that the message was a side question: the form steps aside.
    """

    rasa_name = "validate_guide_form"
    keeps_last = True

    def act(self, chat: Chat) -> Outcome:
        """Move in the guide."""
        is_running = chat.slots.get(REQUESTED_SLOT) == ASKING
        if not is_running or not (chat.intent in _ABOUT_THE_GUIDE or is_bare_number(chat.text)):
            return Outcome(slots={REQUESTED_SLOT: ASKING})
        stand = self.stand(chat)
        if told_by_a_stranger(chat.text):
            paused = self.dialogue.remind(stand, goes_on=False)
            said = replace(paused, replies=(self.warning(), *paused.replies))
        else:
            said = self._said(chat, stand)
        lost: int | None = None
        if _is_unheard(chat, stand, said):
            lost = min(int(chat.slots.get(LOST, 0)) + 1, PATIENCE)
            said = replace(said, replies=(_asked_again(said.replies[0], lost),))
        outcome = self.outcome(chat, said)
        slots = {**outcome.slots, LOST: lost, REQUESTED_SLOT: None if said.is_over else ASKING}
        return replace(outcome, slots=slots)

    def _said(self, chat: Chat, stand: Stand) -> Said:
        dialogue = self.dialogue
        position = position_of(chat, stand, dialogue.walk)
        if chat.is_unread or is_bare_number(chat.text):
            return dialogue.remind(stand, is_understood=chat.is_unread)
        if _guiding(chat) is not None or (chat.intent in _WALKING and not chat.text):
            return _pressed(dialogue, chat, stand, position)
        if chat.intent == "change_language":
            language = chat.entity("language")
            known = language in LANGUAGES
            return dialogue.again(stand) if known else dialogue.remind(stand, is_understood=False)
        if stand.wish is not None or position is None:
            return self._answer(chat, stand)
        heard = heard_wish(chat)
        if chat.intent in ("start_token_guide", "inform") and heard != Wish():
            return dialogue.start(stand, heard)
        match chat.intent:
            case "guide_next" | "affirm":
                return dialogue.next(stand, position)
            case "guide_back":
                return dialogue.back(stand, position)
            case "guide_problem" | "deny" | "dont_know":
                return dialogue.problem(stand, position)
            case "guide_repeat" | "start_token_guide":
                return dialogue.again(stand)
        return dialogue.remind(stand, is_understood=False)

    def _answer(self, chat: Chat, stand: Stand) -> Said:
        """Take the answer to an open question; what does not answer it has it asked again."""
        wish = stand.wish or Wish()
        asked = self.dialogue.asked(wish)
        heard = heard_wish(chat, is_asked_level=asked == "level")
        if chat.intent == "dont_know" and asked == "token_provider":
            heard = replace(heard, provider="unknown")
        elif chat.intent == "dont_know" and asked == "level":
            heard = replace(heard, level="unknown")
        return self.dialogue.start(replace(stand, wish=wish), heard)


class ActionAskGuide(_GuideAction):
    """Says where somebody is after a side question; in any other turn the guide has spoken already."""

    rasa_name = f"action_ask_{FORM}_{ASKING}"

    def act(self, chat: Chat) -> Outcome:
        """Remind of the step, or ask the open question again."""
        if chat.intent in _ABOUT_THE_GUIDE:
            return Outcome(slots={LOST: chat.slots.get(LOST)})  # just counted, in this turn
        stand = self.stand(chat)
        return Outcome(self.dialogue.remind(stand, goes_on=chat.intent not in _FRAUD).replies)


class ActionEndGuide(ProductAction):
    """Empties what a guide held that is over; its last words were said."""

    rasa_name = "action_end_guide"

    def act(self, chat: Chat) -> Outcome:
        """Empty it."""
        return Outcome(slots={WISH: None})


class ActionLeaveGuide(_GuideAction):
    """Leaves a guide in the middle; the place is kept."""

    rasa_name = "action_leave_guide"

    def act(self, chat: Chat) -> Outcome:
        """Say where it goes on, or, where it had not begun, that it was dropped."""
        said = self.dialogue.pause(self.stand(chat))
        if not said.replies:
            buttons = (topic_button("start_token_guide"), *menu_buttons())
            dropped = Reply("cancel", "guide_dropped", {"language": said.stand.language}, buttons)
            said = replace(said, replies=(dropped,))
        if chat.intent == "goodbye":
            said = replace(said, replies=(*said.replies, Reply("goodbye", "goodbye", self._operator())))
        return self.outcome(chat, said)

    def _operator(self) -> dict[str, str]:
        operator = self.runtime.programme.operator
        return {"operator_name": operator.name, "operator_contact": operator.contact}


class ActionAnswerAboutCertificates(_GuideAction):
    """Answers what a machine needs and what kinds of certificates there are, from the manual's tables."""

    rasa_name = "action_answer_about_certificates"

    def act(self, chat: Chat) -> Outcome:
        """Answer; the platform is the one asked about, or the one of the guide that is being walked."""
        stand = self.stand(chat)
        telling = Telling(self.runtime.guides, stand.language)
        begin = () if chat.in_form else (topic_button("start_token_guide"),)
        if chat.intent == "ask_certificate_info":
            return Outcome([replace(telling.carriers(), buttons=begin)])
        asked = heard_wish(chat).platform
        if asked is None and stand.position is not None and chat.slots.get(REQUESTED_SLOT) == ASKING:
            asked = self.dialogue.walk.guide(stand.position).platform
        replies = [telling.needs(platform) for platform in ("windows", "mac") if asked in (None, platform)]
        if asked is not None and not replies:
            replies = [telling.none(Reason(asked), contact=self.dialogue.contact)]
        return Outcome([*replies[:-1], replace(replies[-1], buttons=begin or replies[-1].buttons)])


def _guiding(chat: Chat) -> tuple[str, str] | None:
    """Read what a button of a guide does that is no intent, and to what."""
    written = chat.entity(GUIDING)
    if not isinstance(written, str):
        return None
    verb, _, thing = written.partition(":")
    return verb, thing


def _is_unheard(chat: Chat, stand: Stand, said: Said) -> bool:
    """Tell whether a typed message told nothing of what was asked before the first step, so that it is asked again."""
    if not chat.text or chat.is_unread or chat.intent == "guide_repeat":
        return False
    if chat.intent == "change_language" and chat.entity("language") in LANGUAGES:
        return False
    was_asked = stand.wish is not None or stand.position is None
    is_asked = [reply.template for reply in said.replies] == ["guide_ask"]
    return was_asked and is_asked and said.stand.wish == (stand.wish or Wish())


def _asked_again(question: Reply, lost: int) -> Reply:
    """Say before a question that its answer was not understood; who was lost too often gets a person to turn to."""
    person = (person_button(Lost.FAILURES),) if lost >= PATIENCE else ()
    facts = {**question.facts, "is_understood": False}
    return replace(question, facts=facts, buttons=(*question.buttons, *person))


def _pressed(dialogue: Dialogue, chat: Chat, stand: Stand, position: Position | None) -> Said:
    """Do what a button says, at the place where it was shown."""
    verb, thing = _guiding(chat) or (chat.intent, "")
    if verb == SPEAK and thing in LANGUAGES:
        return dialogue.speak(stand, next(language for language in LANGUAGES if language == thing))
    if verb == TAKE_UP:
        return dialogue.take_up(stand, thing)
    if verb == ANEW:
        return dialogue.anew(stand, heard_wish(chat))
    if position is None or verb == RESUME:
        return dialogue.resume(stand)
    match verb:
        case "guide_next":
            return dialogue.next(stand, position)
        case "guide_back":
            return dialogue.back(stand, position)
        case "guide_problem":
            return dialogue.problem(stand, position)
        case value if value == BRANCH:
            return dialogue.branch(stand, position, thing)
        case value if value == GO:
            guide, _, step = thing.rpartition(".")
            place = Place(guide=guide, step=int(step)) if guide and step.isdecimal() and int(step) else None
            return dialogue.resume(stand) if place is None else dialogue.go_to(stand, position, place)
        case value if value == SECRET:
            return dialogue.secret(stand, position)
    return dialogue.again(replace(stand, wish=None, position=position))


def _fits(dialogue: Dialogue, position: Position, heard: Wish) -> bool:
    """Tell whether what is heard can be about the guide that was left."""
    guide = dialogue.walk.guide(position)
    procedures = {aim.procedure for aim in guide.aims}
    return (
        heard.procedure in {None, *procedures}
        and heard.platform in (None, guide.platform)
        and heard.medium in {None, *guide.media}
        and heard.provider in (None, "mycukai")
    )
