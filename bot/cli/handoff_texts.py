"""Everything that is said of a request to a registrar, before and after it is sent, built once to be looked at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import partial
from typing import get_args

from bot.core.handoffs import after, offer, telling
from bot.core.handoffs.draft import Draft, Question, judge_wish, registrars_for
from bot.core.handoffs.offer import PATIENCE, Asking
from bot.core.handoffs.reminders import DAYS_BEFORE
from bot.core.handoffs.rules import REASONS, HandoffState
from bot.core.handoffs.service import Passing, Status, Submission, Withdrawal
from bot.core.handoffs.survey import QUESTIONS
from bot.core.programme import Programme
from bot.core.programme.points import Registrar
from bot.core.programme.records import PRODUCTS, Product
from bot.core.replies import Json, Reply

_REFERENCE = "HD-XXXX-XXXX"
_WISH = "quan-an-ba-ba-cho-lach"
_REFUSED = ("-quán_bà ba--", "quanbaba.com", "hanoi.vn", "shop.quanbaba.biz.vn", "x" * 64)


def handoff_replies(programme: Programme, on: date) -> Iterator[Reply]:
    """Yield every reply on a day, for both products, with the facts that effects add."""
    for product in PRODUCTS:
        registrar = registrars_for(programme.registrars, product)[0]
        yield from _questions(programme, product, registrar, on)
        yield from _endings(programme, product, registrar, on)
        yield from _news(programme, product, registrar, on)
    yield from (offer.not_sent(is_leaving=False), offer.not_sent(is_leaving=True))
    yield from (offer.minor(programme), offer.nothing_open(), after.thanks())
    yield from (after.survey_question(question, {}) for question in QUESTIONS)
    yield from (
        telling.asked_for_status(programme, reference=None, unreadable=unreadable) for unreadable in (False, True)
    )
    yield offer.by_oneself(programme, None, on)


def _questions(programme: Programme, product: Product, registrar: Registrar, on: date) -> Iterator[Reply]:
    draft = Draft(f"{_WISH}.{product}", product, True, registrar.key, True, "Lan", "+84900000001")
    asking = partial(Asking, programme, draft, on, connected={each.key for each in programme.registrars})
    for question in get_args(Question):
        yield asking().ask(question)
        yield asking(side=True).ask(question)
        yield asking(failures=1).ask(question)
        yield asking(failures=PATIENCE).ask(question)
    for name in _REFUSED:
        yield asking().ask("name", refused=judge_wish(programme.naming, name, product))


def _endings(programme: Programme, product: Product, registrar: Registrar, on: date) -> Iterator[Reply]:
    draft = Draft(f"{_WISH}.{product}", product, True, registrar.key)
    for submission in Submission:
        yield _with(offer.submitted(programme, draft, _REFERENCE), submission=submission.value)
    for withdrawal in Withdrawal:
        yield _with(offer.withdrawal(programme, _REFERENCE), withdrawal=withdrawal.value)
    for passing in Passing:
        yield _with(offer.passed_on(programme, _REFERENCE, registrar), passing=passing.value)
    for why in (None, "not_in_group", "closed", "nobody"):
        yield offer.by_oneself(programme, product, on, why=why, refused=why is None)


def _news(programme: Programme, product: Product, registrar: Registrar, on: date) -> Iterator[Reply]:
    moment, domain = datetime(on.year, on.month, on.day, tzinfo=UTC), f"{_WISH}.{product}"
    for state in HandoffState:
        for reason in REASONS.get(state, ("",)):
            status = Status(_REFERENCE, registrar.key, product, domain, state, reason, True, moment, ())
            yield telling.news(programme, status)
            asked = telling.asked_for_status(programme, reference=_REFERENCE)
            yield _with(asked, found=True, **telling.status_facts(status))
    yield telling.next_offered(programme, status, registrar)
    yield telling.none_left(programme, status)
    yield after.reminder_offer(programme, _REFERENCE, product, on)
    for planning in ("planned", "repeated", "cancelled", "not_registered"):
        yield _with(after.reminder_planned(_REFERENCE), planning=planning)
    for days in DAYS_BEFORE:
        yield telling.reminder(programme, product=product, domain=domain, free_until=on, days=days, on=on)


def _with(reply: Reply, **facts: Json) -> Reply:
    """Give a reply with the facts that its effect adds."""
    return Reply(reply.topic, reply.template, {**reply.facts, **facts}, reply.buttons, reply.sources)
