"""Reads every text once, as the product will, so that a broken one is found before a citizen meets it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

import jinja2
import yaml

from bot.api.admin.failure_texts import FailureTexts
from bot.api.errors import ProblemTexts
from bot.api.problem_pages import problem_pages_router
from bot.cli.handoff_texts import handoff_replies
from bot.cli.people_texts import people_replies
from bot.core.audit.bundle import read_me
from bot.core.events.subjects import subjects
from bot.core.guides import Guides
from bot.core.guides.dialogue import every_title
from bot.core.misreadings import offer as learning
from bot.core.misreadings.models import Why
from bot.core.misreadings.offer import Heard
from bot.core.programme import Programme, topics
from bot.core.programme.answers import ANSWERED, Answers
from bot.core.programme.cases import Case, FoundedAgo, Period
from bot.core.programme.content import PRODUCTS
from bot.core.programme.finding import Question
from bot.core.programme.verdicts import question_reply, verdict_reply
from bot.core.rendering import Renderer, TemplateBrokenError
from bot.core.replies import Reply
from bot.core.reports import offer
from bot.gateway.pages import ASSETS, pages_router
from bot.gateway.privacy_page import privacy_page_router

ANY_DAY = date(2026, 1, 1)


def check_texts(directory: Path, programme: Programme, guides: Guides) -> int:
    """Render everything below the templates' `directory`; return how many example sentences there are.

    Raises:
        TemplateBrokenError: names the first text that is missing or broken.
    """
    renderer = Renderer(directory)
    try:
        samples = renderer.samples()
    except (OSError, ValueError) as error:
        raise TemplateBrokenError(file="messages") from error
    for template, examples in samples.items():
        for facts in examples:
            renderer.render(template, channel="web", facts=facts)
    replies = list(_replies(programme))
    for reply in replies:
        renderer.render(reply.template, channel="web", facts=reply.facts)
    for title in _titles(replies, guides):
        renderer.title(title)
    try:
        problems = ProblemTexts.load(directory)
        FailureTexts(directory)
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise TemplateBrokenError(file="problems") from error
    if not all(isinstance(texts, dict) for texts in (problems.titles, problems.details)):
        raise TemplateBrokenError(file="problems")
    try:
        pages_router(directory / "web", operator_name=programme.operator.name)
        privacy_page_router(directory / "web", programme.operator, assets=ASSETS)
    except (OSError, jinja2.TemplateError) as error:
        raise TemplateBrokenError(file="web") from error
    try:
        problem_pages_router(directory, problems, assets=ASSETS)
    except (OSError, jinja2.TemplateError) as error:
        raise TemplateBrokenError(file="problems") from error
    try:
        read_me(directory)
    except OSError as error:
        raise TemplateBrokenError(file="evidence") from error
    return sum(len(examples) for examples in samples.values())


def titles_in_use(programme: Programme, guides: Guides) -> set[str]:
    """Return the titles of all buttons that there are, by their names in ``buttons/vi.yaml``."""
    return _titles(_replies(programme), guides)


def _titles(replies: Iterable[Reply], guides: Guides) -> set[str]:
    titles = {button.title.partition("|")[0] for reply in replies for button in reply.buttons}
    return titles | set(every_title(guides))


def _replies(programme: Programme) -> Iterator[Reply]:
    """Build what can be asked and offered: together these replies hold every button there is."""
    yield Reply("start_over", "start_over", buttons=topics.menu_buttons())
    answers = Answers(programme)
    for intent in sorted(ANSWERED):
        yield answers.answer(Question(intent), on=ANY_DAY)
    for point in programme.points:
        yield answers.answer(Question(point.about[0], point=point.key), on=ANY_DAY)
    for subject, _ in subjects(programme):
        yield answers.answer(Question("ask_dx_activities", point=subject.key), on=ANY_DAY)
    for case in _cases_lacking_something(programme):
        yield question_reply(programme, case, ANY_DAY)
    heard = Heard("", "", "ask_cost", 1.0, (), Why.DENIED)
    yield from (learning.denied(heard, programme), learning.kept_already(heard, programme), learning.not_held())
    yield from (offer.words_question(), offer.consent_question(programme, ""), offer.sent(""), offer.not_sent())
    yield from handoff_replies(programme, ANY_DAY)
    yield from people_replies(programme)
    too_old = programme.eligibility.citizen.age_unsettled + 1
    yield verdict_reply(programme, Case(product="biz.vn", subject="household_business", certificate=True), ANY_DAY)
    for product in PRODUCTS:
        yield verdict_reply(programme, Case(product=product, age=too_old, founding=FoundedAgo(months=1)), ANY_DAY)


def _cases_lacking_something(programme: Programme) -> Iterator[Case]:
    """Give cases of which each is asked something else."""
    rules = programme.eligibility
    year_of_limit = ANY_DAY.year - rules.citizen.age_from
    yield Case()
    yield Case(product="id.vn")
    yield Case(born=Period(date(year_of_limit, 1, 1), date(year_of_limit, 12, 31)))
    yield Case(product="biz.vn")
    yield Case(founding=FoundedAgo(months=12 * rules.enterprise.years_since_founding))
    yield Case(subject="household_business")
