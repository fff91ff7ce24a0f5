"""What one message tells while the hand-off form asks for something."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from actions.chat import Chat
from actions.handing import (
    ANSWERING,
    CONTACT_SLOTS,
    FAILURES,
    NOT_UNDERSTOOD,
    REFUSED,
    REFUSED_CONSENT,
    SLOT_OF,
    in_turn,
    known_draft,
    leaves_the_choice,
    pressed_step,
    says_no,
    says_yes,
    to_choose_from,
    told_adult,
)
from actions.numbers import is_bare_number
from bot.core.deciding import PASSING_ON, Meant, meant_by
from bot.core.handoffs.draft import (
    Question,
    announces_person,
    contact_in,
    is_acceptable,
    judge_wish,
    known_product,
    person_in,
    registrar_in,
    wished_in,
)
from bot.core.handoffs.steps import ANSWER, ANY_REGISTRAR, REGISTRAR, Step
from bot.core.handoffs.turns import AGREED_ON
from bot.core.programme import Programme
from bot.core.programme.answers import product_asked
from bot.core.programme.consents_content import current_wording
from bot.core.programme.naming import Problem
from bot.core.programme.records import Product
from bot.core.text import fold, nfc

Slots = dict[str, Any]

_LEAVING = frozenset({"cancel", "goodbye", "start_over"})
_ABOUT_DATA = frozenset({"report_scam", "ask_scam_safety", "ask_privacy", "delete_my_data", "withdraw_consent"})
"""Messages in which a number is not how their writer is reached."""
_CONTACT_ENTITIES = ("phone", "email")
_ASKS_AGAIN: Mapping[Step, tuple[Question, ...]] = {
    Step.OTHER_NAME: ("name", "product"),
    Step.OTHER_REGISTRAR: ("registrar", "consent"),
    Step.OTHER_PERSON: ("person",),
    Step.OTHER_CONTACT: ("contact",),
}
"""What a wish to correct empties; another registrar needs another consent."""
_MAY_BE_NAMES = NOT_UNDERSTOOD | {"inform", "check_domain", "guide_repeat"}
_SURE_OF_ANOTHER = 0.9
"""How likely a message must mean something else for it not to be taken as the name that was asked for.

Of 24 names typed on 2026-11-21 the likeliest to be misread was Tiến, at 0.85; short questions are above 0.9, or hold a
word that asks.
"""

_WHO = "toi|tui|em|minh|con|chau|anh|chi|co|chu|bac|ong|ba"
_HESITATING = re.compile(
    rf"(?:(?:da|vang|u|uh|um|thi|thoi|cu) )*de (?:(?:{_WHO}) )?(?:(?:ve|con|phai|can) )?"
    r"(?:hoi|suy nghi|nghi|coi|xem|tinh)(?!\w)"
)
_HESITATING_AS_TYPED = frozenset(
    ["d\u1ea1", "v\u00e2ng", "\u1eeb", "\u1eebm", "th\u00ec", "th\u00f4i", "c\u1ee9", "\u0111\u1ec3",
     "t\u00f4i", "m\u00ecnh", "ch\u00e1u", "ch\u1ecb", "c\u00f4", "ch\u00fa", "b\u00e1c", "\u00f4ng", "b\u00e0",
     "v\u1ec1", "c\u00f2n", "ph\u1ea3i", "c\u1ea7n", "h\u1ecfi", "ngh\u0129", "t\u00ednh"]
)  # fmt: skip
"""The words of `_HESITATING` with their accents: with others it is another word, and may begin a name."""
_WORD = re.compile(r"[^\W_]+")


def hesitates(text: str) -> bool:
    """Tell whether a message only puts the answer off: "de hoi con trai da", "de suy nghi them"."""
    typed = _WORD.findall(nfc(text).lower())
    folded = [fold(word) for word in typed]
    match = _HESITATING.match(" ".join(folded))
    if match is None:
        return False
    opening = zip(typed, folded[: match[0].count(" ") + 1], strict=False)
    return all(word == plain or word in _HESITATING_AS_TYPED for word, plain in opening)


class Answer:
    """Reads what one message tells while the form asks for something."""

    def __init__(self, programme: Programme, chat: Chat, asked: Question, on: date) -> None:
        self._programme, self._chat, self._asked, self._on = programme, chat, asked, on

    def read(self) -> Slots | None:
        """Give the slots to fill; None where the message is none of the form's business."""
        chat = self._chat
        if chat.entity(REGISTRAR) is not None:
            return self._chosen(str(chat.entity(REGISTRAR)))
        step = pressed_step(chat)
        if step is not None:
            return self._pressed(step)
        if chat.is_unread:
            return self._failed(by=0)
        if self._asked != "adult" and is_bare_number(chat.text):
            return self._failed()
        is_name = self._asked == "person" and announces_person(chat.text)  # who is called Dung is not saying stop
        if chat.intent in _LEAVING and not is_name:
            return None
        if chat.intent in ANSWERING and told_adult(chat, self._on) is False:
            return {**CONTACT_SLOTS, SLOT_OF["adult"]: False}
        return self._correction() or self._answer()

    def _pressed(self, step: Step) -> Slots | None:
        match step, self._asked:
            case ((Step.OF_AGE | Step.MINOR), "adult"):
                return {SLOT_OF["adult"]: step is Step.OF_AGE}
            case Step.AGREE, "consent" if self._is_about_this():
                return self._agreed()
            case (Step.REFUSE, "consent") | (Step.SELF, _):
                return self._refused()
            case Step.SEND, "sending" if self._is_about_this():
                return {SLOT_OF["sending"]: True}
            case Step.KEEP, _:
                return {SLOT_OF["sending"]: False}
            case ((Step.OTHER_NAME | Step.OTHER_REGISTRAR | Step.OTHER_PERSON | Step.OTHER_CONTACT), _):
                return dict.fromkeys((SLOT_OF[question] for question in _ASKS_AGAIN[step]), None)
        return self._failed(by=0)  # a button of another place in the dialogue

    def _is_about_this(self) -> bool:
        """Tell whether a button's yes was asked for what is on the table now, not for another name or registrar."""
        shown = str(self._chat.entity(ANSWER))
        return shown == known_draft(self._chat.slots, self._on).deal

    def _correction(self) -> Slots | None:
        """Read what was not asked for and corrects what was told: another name, or in the end another number."""
        chat = self._chat
        wished = chat.entity("domain_name")
        if wished is not None and chat.intent in ANSWERING and self._asked != "contact":
            return self._named(str(wished))
        if self._asked == "sending" and chat.intent in ANSWERING and self._contact() is not None:
            return {SLOT_OF["contact"]: self._contact()}
        return None

    def _answer(self) -> Slots | None:
        match self._asked:
            case "consent" | "sending" if (decided := meant_by(self._chat.text, PASSING_ON)) is not Meant.UNCLEAR:
                return self._decided(decided)
            case _ if hesitates(self._chat.text):
                is_another = self._chat.intent not in ANSWERING and self._is_sure()
                return None if is_another else self._failed()
            case "adult" if says_yes(self._chat):
                return {SLOT_OF["adult"]: True}
            case "contact" | "person" if self._tells_contact():
                return self._reached()
            case "person" if person_in(self._chat.text) is not None and self._may_be_a_name():
                return {SLOT_OF["person"]: person_in(self._chat.text)}
            case "name" if self._tells_contact():
                return self._failed()  # nothing of how somebody is reached is kept before they agreed
            case "name" if wished_in(self._chat.text) is not None and self._may_be_a_name():
                return self._named(wished_in(self._chat.text), known_product(self._chat.entity("product")))
            case "registrar" if leaves_the_choice(self._chat):
                return self._chosen(ANY_REGISTRAR)
            case "registrar" if self._named_registrar() is not None:
                return self._chosen(str(self._named_registrar()))
        return self._plain_answer() if self._chat.intent in ANSWERING else None

    def _plain_answer(self) -> Slots:
        chat = self._chat
        match self._asked:
            case "name":
                return self._failed()
            case "product":
                product = known_product(chat.entity("product")) or product_asked(None, chat.entity("subject"))
                return self._failed() if product is None else self._named(None, product)
            case "adult":
                of_age = told_adult(chat, self._on)
                return {SLOT_OF["adult"]: of_age} if of_age is not None else self._no() or self._failed()
            case "registrar":
                if chat.intent == "affirm":
                    return self._chosen(ANY_REGISTRAR)
        return self._no() or self._failed()

    def _decided(self, meant: Meant) -> Slots:
        """Take a clear yes or no to passing something on; what is neither is asked again."""
        if self._asked == "sending":
            return {SLOT_OF["sending"]: meant is Meant.YES}
        return self._agreed() if meant is Meant.YES else self._refused()

    def _no(self) -> Slots | None:
        if not says_no(self._chat):
            return None
        match self._asked:
            case "adult":
                return {SLOT_OF["adult"]: False}
            case "person" | "contact":
                return {SLOT_OF["sending"]: False}
        return None

    def _agreed(self) -> Slots:
        wording = current_wording(self._programme.consents, "handoff_consent").version
        return {SLOT_OF["consent"]: wording, AGREED_ON: self._on.isoformat()}

    def _refused(self) -> Slots:
        return {**CONTACT_SLOTS, SLOT_OF["consent"]: REFUSED_CONSENT, AGREED_ON: self._on.isoformat()}

    def _reached(self) -> Slots:
        contact = self._contact()
        person = person_in(self._chat.text) if self._asked == "person" else None
        told = {SLOT_OF["contact"]: contact, SLOT_OF["person"]: person}
        return {slot: value for slot, value in told.items() if value is not None} or self._failed()

    def _tells_contact(self) -> bool:
        is_theirs = self._chat.intent not in _ABOUT_DATA
        return is_theirs and any(self._chat.entity(name) is not None for name in _CONTACT_ENTITIES)

    def _contact(self) -> str | None:
        phone, email = (self._chat.entity(name) for name in _CONTACT_ENTITIES)
        return contact_in(phone and str(phone), email and str(email))

    def _may_be_a_name(self) -> bool:
        """Tell whether a message may be the name that was asked for: no yes or no, and nothing else for sure.

        Names are read as many things: Lan as "lần", Tiến as "tiền", Dũng as "đúng".
        """
        chat = self._chat
        if says_no(chat) or says_yes(chat):
            return False
        is_another = chat.intent not in _MAY_BE_NAMES and self._is_sure()
        return not is_another or announces_person(chat.text)

    def _is_sure(self) -> bool:
        return self._chat.confidence >= _SURE_OF_ANOTHER

    def _named_registrar(self) -> str | None:
        draft = known_draft(self._chat.slots, self._on)
        if draft.meant is None:
            return None
        reached = to_choose_from(self._chat.slots, self._programme.registrars, draft.meant)
        named = registrar_in(self._chat.text, reached)
        return None if named is None else named.key

    def _named(self, wished: str | None, product: Product | None = None) -> Slots:
        return with_name(self._programme, self._chat.slots, wished, product)

    def _chosen(self, key: str) -> Slots:
        return with_registrar(self._programme, self._chat.slots, key, self._on)

    def _failed(self, *, by: int = 1) -> Slots:
        return {FAILURES: self._chat.slots.get(FAILURES, 0) + by, REFUSED: None}


def with_name(
    programme: Programme, slots: Mapping[str, Any], wished: str | None, product: Product | None = None
) -> Slots:
    """Take a wished name that keeps the rules, or keep the one that is known for another product.

    A name that may not be had is kept apart, so that the next question says why and suggests others.
    """
    meant = product or known_product(slots.get(SLOT_OF["product"]))
    kept = slots.get(SLOT_OF["name"])
    wish = wished if wished is not None else kept if isinstance(kept, str) else None
    told: Slots = {SLOT_OF["product"]: meant}
    if wish is None:
        return told
    verdict = judge_wish(programme.naming, wish, meant)
    if Problem.EMPTY in verdict.problems:
        return {**told, FAILURES: slots.get(FAILURES, 0) + 1, REFUSED: None}
    if not is_acceptable(verdict):
        return {**told, SLOT_OF["name"]: None, REFUSED: str(verdict.name) or wish, FAILURES: None}
    name = verdict.name
    return {SLOT_OF["name"]: name.registrable, SLOT_OF["product"]: name.product or meant, REFUSED: None}


def with_registrar(programme: Programme, slots: Mapping[str, Any], key: str, on: date) -> Slots:
    """Take the registrar that was chosen, or the one whose turn it is; a new one needs a new consent."""
    draft = known_draft(slots, on)
    keys = in_turn(slots, draft.meant)
    chosen = next(iter(keys), None) if key == ANY_REGISTRAR else key
    if draft.meant is None or chosen not in keys:
        return {FAILURES: slots.get(FAILURES, 0)}
    return {SLOT_OF["registrar"]: chosen, **({} if chosen == draft.registrar else CONTACT_SLOTS)}
