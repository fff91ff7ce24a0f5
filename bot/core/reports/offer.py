"""The replies of the dialogue in which a citizen passes a report on: offered, told, agreed to, sent, taken back."""

from __future__ import annotations

from dataclasses import replace

from bot.core.cases.offer import person_button
from bot.core.cases.rules import Why
from bot.core.programme import Programme
from bot.core.programme.topics import topic_button
from bot.core.replies import Button, Json, Press, Reply
from bot.core.reports.retention import KEEP_REPORT

TOPIC = "report_scam"
FORM = "report_form"
REPORTING = "reporting"
"""The entity that only these buttons carry; its values are the steps below."""
TELL, SEND, KEEP, WITHDRAW = "tell", "send", "keep", "withdraw"

_OFFER = Button("report_tell", Press.of(TOPIC, **{REPORTING: TELL}))
_TELL_AGAIN = Button("report_tell_again", Press.of(TOPIC, **{REPORTING: TELL}))
_SEND = Button("report_send", Press.of(TOPIC, **{REPORTING: SEND}))
_KEEP = Button("report_keep", Press.of(TOPIC, **{REPORTING: KEEP}))


def offering(reply: Reply) -> Reply:
    """Put the offers to tell staff, and to talk to them, before the other buttons of a warning."""
    return replace(reply, buttons=(_OFFER, person_button(Why.SCAM), *reply.buttons))


def words_question() -> Reply:
    """Ask what happened."""
    return Reply(FORM, "report_words", buttons=(_KEEP,))


def consent_question(programme: Programme, words: str) -> Reply:
    """Show exactly what would be passed on, to whom and for how long, and ask for a yes."""
    facts: dict[str, Json] = {"operator_name": programme.operator.name, "words": words, "kept_days": KEEP_REPORT.days}
    return Reply(FORM, "report_consent", facts, (_SEND, _KEEP, _TELL_AGAIN))


def sent(reference: str) -> Reply:
    """Give the reference and say what happens next, and what does not."""
    withdraw = Button("report_withdraw", Press.of(TOPIC, **{REPORTING: WITHDRAW}, reference=reference))
    buttons = (withdraw, person_button(Why.SCAM), topic_button("ask_scam_safety"))
    return Reply(TOPIC, "report_sent", {"reference": reference}, buttons)


def not_sent() -> Reply:
    """Say that nothing was passed on; the offer stands."""
    return Reply(TOPIC, "report_not_sent", buttons=(_OFFER, topic_button("ask_scam_safety")))


def withdrawal(programme: Programme, reference: str) -> Reply:
    """Say what became of the wish to take a report back; the effect that does it adds the fact ``withdrawal``."""
    facts = {"reference": reference, "operator_contact": programme.operator.contact}
    return Reply(TOPIC, "report_withdrawal", facts, (topic_button("ask_scam_safety"), topic_button("ask_privacy")))
