"""The replies by which people use their rights: what is held, erasure, taking a consent back."""

from __future__ import annotations

import re

from bot.core.cases.offer import DECIDING, FORM, Asking, person_button
from bot.core.programme.content import Operator, Programme
from bot.core.programme.topics import menu_buttons, topic_button
from bot.core.replies import Button, Effect, Press, Reply
from bot.core.rights.references import new_receipt
from bot.core.text import fold

HELD, DELETE, WITHDRAWAL = "ask_privacy", "delete_my_data", "withdraw_consent"
"""The topics."""
TELL_HELD, ERASE, WITHDRAW = "rights.held", "rights.erase", "rights.withdraw"
"""The effects."""
IN_CASE = "rights.in_case"
"""The effect of words by which a right is used while a person speaks, who reads them as well."""
TELL, DO, KEEP = "tell", "do", "keep"
"""Steps that buttons carry as the entity `DECIDING`."""

WITHDRAWN_THERE = Press("withdrawn_on_platform")
"""What stands for a person's telling the platform itself that we may not have their data; nobody can press it."""

HELD_BUTTON = Button("rights_held", Press.of(HELD, **{DECIDING: TELL}))
_ERASE = Button("rights_erase", Press.of(DELETE, **{DECIDING: DO}))
_KEEP = Button("rights_keep", Press.of(DELETE, **{DECIDING: KEEP}))

_ME = r"(?:toi|tui|em|minh|con|chau|co|chu|bac|anh|chi|ong|ba|tao|ban than)"
_ABOUT_ME = re.compile(
    r"(?<!\w)(?:giu|luu|biet|nam|co|thu thap|ghi)(?: \w+){0,3} (?:gi|nao|nhung gi|bao nhieu)(?: \w+){0,3} "
    rf"(?:cua|ve|tu) {_ME}(?!\w)"
    rf"|(?<!\w)(?:thong tin|du lieu|tin nhan)(?: \w+){{0,2}} (?:cua|ve) {_ME}(?: \w+){{0,3}} (?:gi|nao|nhung gi)(?!\w)"
    rf"|(?<!\w)(?:cho|de) {_ME} (?:xem|coi)(?: \w+){{0,3}} (?:du lieu|thong tin)(?: \w+){{0,3}} (?:cua|ve) {_ME}(?!\w)"
)
_HOW_LONG = re.compile(
    r"(?<!\w)(?:bao lau|bao gio|khi nao|(?:may|bao nhieu) (?:ngay|gio|tieng|tuan|hom)|thoi han|han chot"
    r"|72 ?(?:h|gio|tieng))(?!\w)"
)


def step(press: Press, programme: Programme) -> Asking | None:
    """Return what follows from pressing one of these buttons, for when there is nobody to hold a dialogue.

    None for any other press.
    """
    operator, deciding = programme.operator, dict(press.entities).get(DECIDING)
    if press.intent == DELETE:
        return (
            erasing(operator)
            if deciding == DO
            else Asking(nothing_erased() if deciding == KEEP else erasure_question())
        )
    if press.intent == WITHDRAWAL:
        return withdrawing(operator, "")
    return telling_held(operator) if press.intent == HELD and deciding == TELL else None


def asks_what_is_held(text: str) -> bool:
    """Tell whether a question about privacy is about what is kept of its writer, and not about the rules."""
    return _ABOUT_ME.search(" ".join(fold(text).split())) is not None


def asks_how_long(text: str) -> bool:
    """Tell whether words about a right ask how long it takes, so that using it unasked would be no answer."""
    return _HOW_LONG.search(" ".join(fold(text).split())) is not None


def telling_held(operator: Operator) -> Asking:
    """Tell what is held about whoever asks; the effect adds it."""
    facts = {"operator_email": operator.email, "controller": operator.controller}
    buttons = (topic_button(DELETE), topic_button(WITHDRAWAL))
    return Asking(Reply(HELD, "rights_held", facts, buttons), Effect(TELL_HELD))


def erasure_question() -> Reply:
    """Say what would be erased, and ask for a yes."""
    return Reply(FORM, "rights_confirm", buttons=(_ERASE, HELD_BUTTON, _KEEP))


def erasure_again(*, unclear: bool) -> Reply:
    """Ask the same once more; `unclear` tells whether an answer was neither a yes nor a no."""
    return Reply(FORM, "rights_again", {"unclear": unclear}, (_ERASE, HELD_BUTTON, _KEEP))


def erasing(operator: Operator) -> Asking:
    """Erase, and give the receipt."""
    receipt = new_receipt()
    facts = {"receipt": receipt, "operator_email": operator.email}
    return Asking(Reply(DELETE, "rights_erased", facts, menu_buttons()), Effect(ERASE, {"receipt": receipt}))


def erasing_unasked() -> Effect:
    """Erase whoever told the platform so; the receipt is kept, and nothing is said to them."""
    return Effect(ERASE, {"receipt": new_receipt()})


def nothing_erased() -> Reply:
    """Say that everything is as it was."""
    return Reply(DELETE, "rights_kept", buttons=(HELD_BUTTON, topic_button(DELETE)))


def nothing_withdrawn() -> Reply:
    """Say that what was agreed to stands, to whoever says that they do not want to take it back."""
    return Reply(WITHDRAWAL, "rights_not_withdrawn", buttons=(HELD_BUTTON, topic_button(WITHDRAWAL)))


def withdrawing(operator: Operator, about: str) -> Asking:
    """Take a consent back, or say which stand; `about` a reference, `references.ALL`, or empty."""
    facts = {"operator_email": operator.email, "about": about}
    reply = Reply(WITHDRAWAL, "rights_withdrawn", facts, (HELD_BUTTON, person_button()))
    return Asking(reply, Effect(WITHDRAW, {"about": about}))
