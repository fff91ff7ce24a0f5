"""The replies after a registration: thanks, two questions, and the offer to be reminded before the free years end."""

from __future__ import annotations

from datetime import date

from bot.core.handoffs.reminders import DAYS_BEFORE
from bot.core.handoffs.steps import ANSWER, TOPIC, Step, step
from bot.core.handoffs.survey import QUESTIONS
from bot.core.programme import Programme
from bot.core.programme.fees import fee_facts, fee_sources
from bot.core.programme.offers import offer_standing
from bot.core.programme.records import PRODUCTS, Product
from bot.core.programme.topics import topic_button
from bot.core.replies import Json, Reply

_BETWEEN = "."
"""Between a question and its answer, as a button carries them."""


def survey_question(question: str, about: dict[str, str]) -> Reply:
    """Ask one of the survey's questions; `about` is what its buttons carry on of the registration."""
    buttons = tuple(
        step(f"survey_{question}_{answer}", Step.SURVEY, **{ANSWER: f"{question}{_BETWEEN}{answer}", **about})
        for answer in QUESTIONS[question]
    )
    return Reply(TOPIC, f"survey_{question}", {}, buttons)


def read_answer(written: str) -> tuple[str, str] | None:
    """Read which question a button answers and how; None where it is none of the survey's."""
    question, _, answer = written.partition(_BETWEEN)
    return (question, answer) if answer in QUESTIONS.get(question, ()) else None


def following(question: str) -> str | None:
    """Give the question after this one; None after the last."""
    questions = list(QUESTIONS)
    at = questions.index(question) + 1
    return questions[at] if at < len(questions) else None


def reminder_offer(programme: Programme, reference: str, product: Product | None, on: date) -> Reply:
    """Offer to remind, with what is kept for it and the cost that follows: the words that a yes agrees to."""
    products = PRODUCTS if product is None else (product,)
    facts: dict[str, Json] = {
        "days_before": list(DAYS_BEFORE),
        "years": offer_standing(programme, products[0], on).waiver.years,
        "fees": fee_facts(programme, products, on),
        "operator_name": programme.operator.name,
    }
    buttons = (
        step("reminder_agree", Step.REMIND, reference=reference),
        step("reminder_refuse", Step.NO_REMINDER),
    )
    return Reply(TOPIC, "reminder_consent", facts, buttons, fee_sources(programme, products, on))


def reminder_planned(reference: str) -> Reply:
    """Say what became of a wish about a reminder; the effect that plans or forgets it adds the fact ``planning``."""
    forget = step("reminder_forget", Step.FORGET_REMINDER, reference=reference)
    return Reply(TOPIC, "reminder_planned", buttons=(forget, topic_button("ask_use_services")))


def thanks() -> Reply:
    """Thank for the answers."""
    return Reply(TOPIC, "survey_thanks", buttons=(topic_button("ask_use_services"), topic_button("ask_renewal")))
