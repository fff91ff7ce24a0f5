"""The steps of the dialogue of a request, as its buttons carry them."""

from __future__ import annotations

from enum import StrEnum

from bot.core.replies import Button, Press

TOPIC = "start_registration"
"""The intent under which every one of these buttons is pressed."""
FORM = "handoff_form"
REGISTERING = "registering"
"""The entity that only these buttons carry; its values are the steps below."""
REGISTRAR = "registrar"
"""The entity with a registrar's key, which only buttons carry as well."""
ANY_REGISTRAR = "any"
ANSWER = "answer"
"""The entity with the answer to a question of the survey, or with what a yes was asked for (`draft.Draft.deal`)."""


class Step(StrEnum):
    """What a button does."""

    OF_AGE = "of_age"
    MINOR = "minor"
    AGREE = "agree"
    REFUSE = "refuse"
    SEND = "send"
    KEEP = "keep"
    OTHER_NAME = "other_name"
    OTHER_REGISTRAR = "other_registrar"
    OTHER_PERSON = "other_person"
    OTHER_CONTACT = "other_contact"
    SELF = "self"
    """To be told how to register by oneself."""
    WITHDRAW = "withdraw"
    NEXT = "next"
    """Give a request that nobody took up to the next registrar."""
    DONE = "done"
    """The name was registered: what is next."""
    SURVEY = "survey"
    REMIND = "remind"
    NO_REMINDER = "no_reminder"
    FORGET_REMINDER = "forget_reminder"


def step(title: str, done: Step, **entities: str) -> Button:
    """Give the button of a step."""
    return Button(title, Press.of(TOPIC, **{REGISTERING: done.value, **entities}))
